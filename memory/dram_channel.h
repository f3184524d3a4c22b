/* One channel: the queues before its banks, and which command comes at each clock. The rules are
 * DRAMsim3's (src/controller.cc, src/command_queue.cc); docs/dram.md tells them. */
#ifndef MANTIS_MEMORY_DRAM_CHANNEL_H
#define MANTIS_MEMORY_DRAM_CHANNEL_H

#include "memory/dram_state.h"

enum { DRAM_OUTSTANDING = 1024 }; /* most requests accepted and not yet popped, per channel */

struct dram_request {
    uint64_t id, burst; /* burst: address / bytes of a burst */
    uint32_t row;
    uint8_t bank; /* within the channel */
    bool is_write;
};

/* A request that is done from `clock` on: read data have arrived, written data are in the buffer.
 * */
struct dram_completion {
    uint64_t id, clock;
};

struct dram_command_counts {
    uint64_t commands[DRAM_COMMAND_COUNT];
    uint64_t read_row_hits, write_row_hits; /* column commands behind the first of an open row */
    uint64_t forwarded_reads;               /* answered from a write that still waits */
    uint64_t merged_reads, merged_writes;   /* one command serves requests to one address */
    uint64_t active_clocks, idle_clocks;    /* of ranks: with an open bank, with none */
};

/* A command as it came. */
struct dram_issued {
    uint64_t clock, burst; /* burst: of column commands */
    uint64_t id; /* of the request that a column command serves, or an activate opens the row for */
    uint32_t channel, bank; /* of a rank's command its first bank */
    uint32_t row;           /* opened, used or closed; 0 for refreshes */
    enum dram_command command;
};
typedef void dram_observer(void *context, const struct dram_issued *issued);

struct dram_channel;

/* NULL when out of memory. The device is copied; dram_device_check accepts it. */
struct dram_channel *dram_channel_new(const struct dram_device *device, uint32_t number);
void dram_channel_free(struct dram_channel *channel);
void dram_channel_reset(struct dram_channel *channel);

/* Accept a request before clock `now` runs; false where its queue or DRAM_OUTSTANDING is full. */
bool dram_channel_enqueue(struct dram_channel *channel, uint64_t now,
                          const struct dram_request *request);

/* Run clock `now`: at most one command (two with dual_command), and one request from the read queue
 * or the write buffer to its bank's queue. */
void dram_channel_tick(struct dram_channel *channel, uint64_t now);

/* Forget what is known of the clocks to come: the next tick looks at everything anew. For proof. */
void dram_channel_forget(struct dram_channel *channel);

/* Drain the write buffer from clock `now` on until it is empty. */
void dram_channel_flush(struct dram_channel *channel, uint64_t now);

/* Whether a request has not had its command yet. */
bool dram_channel_is_busy(const struct dram_channel *channel);

struct dram_command_counts dram_channel_counts(const struct dram_channel *channel, uint64_t now);
void dram_channel_observe(struct dram_channel *channel, dram_observer *observer, void *context);

#endif
