/* The DRAM channel of a machine: clients, the DMA units, share it request by request.
 * docs/machine.md, sections DMA, DRAM and "The queued controller". */
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

/* What the DRAM does is counted in `layers`. NULL when out of memory. Arch and layers must outlive
 * the channel. */
struct machine_channel *machine_channel_new(const struct arch *arch, unsigned clients,
                                            struct layer_stats *layers);
void machine_channel_free(struct machine_channel *channel);

/* Cold DRAM, cycle 0. `every_clock`: the queued controller runs each of its clocks, for proof. */
void machine_channel_reset(struct machine_channel *channel, bool every_clock);

/* Tell `observer` (NULL: nobody) of everything the DRAM does from now on. */
void machine_channel_observe(struct machine_channel *channel, dram_event_observer observer,
                             void *context);

/* A transfer starts in cycle `now`, that of the next machine_channel_run; the client's last one has
 * ended. `client` is less than the number given, and 0 has its turn first. */
struct channel_transfer {
    const struct transfer *transfer;
    const struct dram_tensor *tensor;
    bool is_write;
    uint32_t layer; /* what the DRAM does for it counts for that one */
};
void machine_channel_start(struct machine_channel *channel, unsigned client, uint64_t now,
                           const struct channel_transfer *transfer);

/* The cycle in which the client's transfer ends; CHANNEL_NEVER while that is not known. */
uint64_t machine_channel_end(const struct machine_channel *channel, unsigned client);

/* Everything that the channel does from cycle `now` on, up to the first cycle in which a client may
 * have something new for it: `until`, or an earlier one, returned, in which a transfer ends. */
uint64_t machine_channel_run(struct machine_channel *channel, uint64_t now, uint64_t until);

/* The run has ended in cycle `now`: refreshes up to it count too, and what the DRAM has yet to do
 * for requests accepted. */
void machine_channel_finish(struct machine_channel *channel, uint64_t now, uint32_t last_layer);

#endif
