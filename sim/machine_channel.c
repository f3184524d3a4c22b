#include "sim/machine_channel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory/dma.h"

/* A DMA unit as the channel sees it. */
struct client {
    bool has_request; /* from cycle `from` on */
    bool is_write;
    uint64_t from;
    uint64_t end; /* of the transfer; CHANNEL_NEVER while requests remain */
    struct dma_request request;
    struct dma_runs runs;
    struct counters *payer;
};

struct machine_channel {
    const struct arch *arch;
    unsigned count, last_served;
    uint64_t ready; /* the next request is taken in this cycle or later */
    struct dram *dram;
    struct counters *payer;     /* whom DRAM commands count for; NULL: nobody */
    struct dram_counts charged; /* up to here they have been counted */
    struct client clients[CHANNEL_MAX_CLIENTS];
};

/* --- life --- */

struct machine_channel *machine_channel_new(const struct arch *arch, unsigned clients)
{
    assert(clients && clients <= CHANNEL_MAX_CLIENTS);
    struct machine_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->arch = arch;
    channel->count = clients;
    channel->dram = dram_new(&arch->dram, arch->clock_khz);
    if (channel->dram)
        return channel;
    machine_channel_free(channel);
    return NULL;
}

void machine_channel_free(struct machine_channel *channel)
{
    if (!channel)
        return;
    dram_free(channel->dram);
    free(channel);
}

void machine_channel_reset(struct machine_channel *channel)
{
    channel->ready = 0;
    channel->last_served = channel->count - 1;
    memset(channel->clients, 0, sizeof channel->clients);
    dram_reset(channel->dram);
    channel->payer = NULL;
    channel->charged = dram_counts(channel->dram);
}

void machine_channel_observe(struct machine_channel *channel, dram_event_observer observer,
                             void *context)
{
    dram_observe(channel->dram, observer, context);
}

/* --- counting --- */

/* What the DRAM does from now on counts for `payer`. Only a change of payer costs time. */
static void charge(struct machine_channel *channel, struct counters *payer)
{
    if (payer == channel->payer)
        return;
    struct dram_counts now = dram_counts(channel->dram), before = channel->charged;
    uint64_t burst_bytes = dram_config_burst_bytes(&channel->arch->dram);
    struct counters *counters = channel->payer;
    if (counters) {
        counters->dram_read_bytes += (now.read_bursts - before.read_bursts) * burst_bytes;
        counters->dram_write_bytes += (now.write_bursts - before.write_bursts) * burst_bytes;
        counters->dram_activates += now.activates - before.activates;
        counters->dram_refreshes += now.refreshes - before.refreshes;
    }
    channel->charged = now;
    channel->payer = payer;
}

/* --- transfers --- */

void machine_channel_start(struct machine_channel *channel, unsigned client, uint64_t now,
                           const struct channel_transfer *transfer)
{
    assert(client < channel->count);
    struct client *c = &channel->clients[client];
    *c = (struct client){.is_write = transfer->is_write,
                         .from = now + channel->arch->dma_setup,
                         .end = CHANNEL_NEVER,
                         .runs = dma_runs_of(transfer->transfer, transfer->tensor),
                         .payer = transfer->payer};
    c->has_request = dma_next(&c->runs, &c->request);
    if (!c->has_request)
        c->end = c->from > now ? c->from : now + 1;
}

uint64_t machine_channel_end(const struct machine_channel *channel, unsigned client)
{
    assert(client < channel->count);
    return channel->clients[client].end;
}

/* --- requests, in order --- */

/* The first cycle, `now` or later, in which the channel takes a request. */
static uint64_t next_service(const struct machine_channel *channel, uint64_t now)
{
    uint64_t first = CHANNEL_NEVER;
    for (unsigned c = 0; c < channel->count; c++) {
        const struct client *client = &channel->clients[c];
        if (client->has_request && client->from < first)
            first = client->from;
    }
    if (first < now)
        first = now;
    return first < channel->ready ? channel->ready : first;
}

/* The clients that have a request take turns, behind the one served last. */
static struct client *choose(struct machine_channel *channel, uint64_t now)
{
    for (unsigned i = 1; i <= channel->count; i++) {
        unsigned c = (channel->last_served + i) % channel->count;
        struct client *client = &channel->clients[c];
        if (!client->has_request || client->from > now)
            continue;
        channel->last_served = c;
        return client;
    }
    assert(!"a client waits");
    return NULL;
}

uint64_t machine_channel_run(struct machine_channel *channel, uint64_t now, uint64_t until)
{
    while ((now = next_service(channel, now)) < until) {
        struct client *client = choose(channel, now);
        charge(channel, client->payer);
        struct dram_grant grant = dram_access(channel->dram, now, client->request.address,
                                              client->request.bytes, client->is_write);
        channel->ready = grant.next;
        client->has_request = dma_next(&client->runs, &client->request);
        if (client->has_request)
            continue;
        client->end = grant.done;
        until = grant.done < until ? grant.done : until;
    }
    return until;
}

/* Refreshes after the last request. */
void machine_channel_finish(struct machine_channel *channel, uint64_t now, struct counters *payer)
{
    charge(channel, payer);
    dram_idle(channel->dram, now);
    charge(channel, NULL);
}
