/* A trace of requests run through a DRAM. */
#ifndef MANTIS_SIM_DRAM_REPLAY_H
#define MANTIS_SIM_DRAM_REPLAY_H

#include "isa/arch.h"
#include "memory/dram_controller.h"
#include "memory/dram_energy.h"
#include "sim/dram_trace.h"

struct dram_replay_options {
    enum dram_controller_kind controller;
    bool every_clock;        /* step clock by clock; results are the same */
    dram_observer *observer; /* told of every command; may be NULL */
    void *observer_context;
};

struct dram_replay {
    uint64_t clocks;                         /* until the last request was done */
    uint64_t reads, writes;                  /* requests */
    uint64_t read_latency, read_latency_max; /* sum and most, from acceptance to last data */
    struct dram_command_counts counts;
    struct dram_energy energy;
};

/* Through the queued controller: the requester offers one request per clock, in order, from clock 1
 * on; one that finds its queue full waits, and those behind it with it. The run ends when the last
 * is done, so that writes may be left in the buffer.
 * Through the in-order one: the requests at hand that lie side by side in one KiB are asked for at
 * once, as a DMA does, as soon as it takes them; the latency of a read is that of all asked for
 * with it. Errors: an address beyond the device (`path` names the trace), no memory. */
bool dram_replay(struct dram_replay *replay, const struct dram_device *device,
                 const struct dram_trace *trace, const char *path,
                 const struct dram_replay_options *options, struct err *err);

/* The same for dram_replay.c. `replay` is empty; false when out of memory. */
bool dram_replay_in_order(struct dram_replay *replay, const struct dram_device *device,
                          const struct dram_trace *trace);

#endif
