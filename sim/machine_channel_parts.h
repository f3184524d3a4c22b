/* What a machine's channel is made of: for machine_channel.c and machine_channel_queued.c alone. */
#ifndef MANTIS_SIM_MACHINE_CHANNEL_PARTS_H
#define MANTIS_SIM_MACHINE_CHANNEL_PARTS_H

#include <stdbool.h>

#include "memory/clock.h"
#include "memory/dma.h"
#include "memory/dram_controller.h"
#include "sim/machine_channel.h"

/* A DMA unit as the channel sees it. */
struct channel_client {
    bool has_request; /* from cycle `from` on */
    bool is_write;
    uint32_t layer; /* what the DRAM does for the transfer counts for it */
    uint64_t from;
    uint64_t end;       /* of the transfer; CHANNEL_NEVER while it is not known */
    uint64_t under_way; /* queued: bursts accepted and not yet done */
    struct dma_request request;
    struct dma_runs runs;
};

/* Before the in-order controller. */
struct channel_in_order {
    struct dram *dram;
    uint64_t ready;             /* the next request is taken in this cycle or later */
    struct counters *payer;     /* whom the DRAM's work counts for; NULL: nobody */
    struct dram_counts charged; /* up to here it has been counted */
};

/* Before the queued one. Times are DRAM clocks. */
struct channel_queued {
    struct dram_controller *controller;
    struct clock_ratio to_dram, to_core;
    uint32_t burst_bytes;
    uint64_t capacity;                     /* bytes; addresses are taken modulo it */
    bool has_burst;                        /* at hand: of the client served last */
    bool refused;                          /* the one at hand: no event since */
    uint64_t next_offer;                   /* one burst per clock */
    uint64_t burst, bursts_left;           /* of the request at hand */
    uint64_t under_way;                    /* bursts of all clients */
    uint32_t layer;                        /* of the request taken last */
    uint64_t active_charged, idle_charged; /* up to here the clocks have been counted */
    dram_event_observer observer;
    void *observer_context;
};

struct machine_channel {
    const struct arch *arch;
    struct layer_stats *layers;
    unsigned count, last_served; /* clients */
    struct channel_client clients[CHANNEL_MAX_CLIENTS];
    bool is_queued; /* which of these it is */
    struct channel_in_order in_order;
    struct channel_queued queued;
};

/* The first cycle in which a client has a request; CHANNEL_NEVER where none has. */
uint64_t channel_first_request(const struct machine_channel *channel);

/* The clients that have a request in cycle `now` take turns, behind the one served last: that one
 * becomes it. There is one. */
struct channel_client *channel_next_client(struct machine_channel *channel, uint64_t now);

/* --- machine_channel_queued.c: as in machine_channel.h --- */

bool channel_queued_new(struct machine_channel *channel);
void channel_queued_reset(struct machine_channel *channel, bool every_clock);
uint64_t channel_queued_run(struct machine_channel *channel, uint64_t until);
void channel_queued_finish(struct machine_channel *channel, uint64_t now);

#endif
