/* The DRAM channel of a machine: clients, the DMA units, share it request by request. docs/machine.md,
 * sections DMA and DRAM. */
#ifndef MANTIS_SIM_MACHINE_CHANNEL_H
#define MANTIS_SIM_MACHINE_CHANNEL_H

#include <stdint.h>

#include "isa/arch.h"
#include "isa/program.h"
#include "isa/stats.h"
#include "memory/dram.h"

enum { CHANNEL_MAX_CLIENTS = 2 };

static const uint64_t CHANNEL_NEVER = UINT64_MAX;

struct machine_channel;

/* NULL when out of memory. The arch must outlive the channel. */
struct machine_channel *machine_channel_new(const struct arch *arch, unsigned clients);
void machine_channel_free(struct machine_channel *channel);

/* Cold DRAM, cycle 0. */
void machine_channel_reset(struct machine_channel *channel);

/* Tell `observer` (NULL: nobody) of everything the DRAM does from now on. */
void machine_channel_observe(struct machine_channel *channel, dram_event_observer observer,
                             void *context);

/* A transfer starts in cycle `now`, that of the next machine_channel_run; the client's last one has
 * ended. `client` is less than the number given, and 0 has its turn first; reads of one client and
 * writes of another, as `is_write` says. What the DRAM does for it counts for `payer`. */
struct channel_transfer {
    const struct transfer *transfer;
    const struct dram_tensor *tensor;
    bool is_write;
    struct counters *payer;
};
void machine_channel_start(struct machine_channel *channel, unsigned client, uint64_t now,
                           const struct channel_transfer *transfer);

/* The cycle in which the client's transfer ends; CHANNEL_NEVER while that is not known. */
uint64_t machine_channel_end(const struct machine_channel *channel, unsigned client);

/* Everything that the channel does from cycle `now` on, up to the first cycle in which a client may
 * have something new for it: `until`, or an earlier one, returned, in which a transfer ends. */
uint64_t machine_channel_run(struct machine_channel *channel, uint64_t now, uint64_t until);

/* The run has ended in cycle `now`: what the DRAM still does counts for `payer`. */
void machine_channel_finish(struct machine_channel *channel, uint64_t now, struct counters *payer);

#endif
