#include "sim/machine_channel_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- life --- */

static bool in_order_new(struct machine_channel *channel)
{
    channel->in_order.dram = dram_new(&channel->arch->dram, channel->arch->clock_khz);
    return channel->in_order.dram;
}

struct machine_channel *machine_channel_new(const struct arch *arch, unsigned clients,
                                            struct layer_stats *layers)
{
    assert(clients && clients <= CHANNEL_MAX_CLIENTS);
    struct machine_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->arch = arch;
    channel->layers = layers;
    channel->count = clients;
    channel->is_queued = dram_config_is_queued(&arch->dram);
    if (channel->is_queued ? channel_queued_new(channel) : in_order_new(channel))
        return channel;
    machine_channel_free(channel);
    return NULL;
}

void machine_channel_free(struct machine_channel *channel)
{
    if (!channel)
        return;
    dram_free(channel->in_order.dram);
    dram_controller_free(channel->queued.controller);
    free(channel);
}

static void in_order_reset(struct channel_in_order *in_order)
{
    dram_reset(in_order->dram);
    in_order->ready = 0;
    in_order->payer = NULL;
    in_order->charged = dram_counts(in_order->dram);
}

void machine_channel_reset(struct machine_channel *channel, bool every_clock)
{
    channel->last_served = channel->count - 1;
    memset(channel->clients, 0, sizeof channel->clients);
    if (channel->is_queued)
        channel_queued_reset(channel, every_clock);
    else
        in_order_reset(&channel->in_order);
}

void machine_channel_observe(struct machine_channel *channel, dram_event_observer observer,
                             void *context)
{
    if (!channel->is_queued)
        dram_observe(channel->in_order.dram, observer, context);
    channel->queued.observer = observer;
    channel->queued.observer_context = context;
}

/* --- transfers --- */

void machine_channel_start(struct machine_channel *channel, unsigned client, uint64_t now,
                           const struct channel_transfer *transfer)
{
    assert(client < channel->count);
    struct channel_client *c = &channel->clients[client];
    *c = (struct channel_client){.is_write = transfer->is_write,
                                 .layer = transfer->layer,
                                 .from = now + channel->arch->dma_setup,
                                 .end = CHANNEL_NEVER,
                                 .runs = dma_runs_of(transfer->transfer, transfer->tensor)};
    c->has_request = dma_next(&c->runs, &c->request);
    if (!c->has_request)
        c->end = c->from > now ? c->from : now + 1;
}

uint64_t machine_channel_end(const struct machine_channel *channel, unsigned client)
{
    assert(client < channel->count);
    return channel->clients[client].end;
}

uint64_t channel_first_request(const struct machine_channel *channel)
{
    uint64_t first = CHANNEL_NEVER;
    for (unsigned c = 0; c < channel->count; c++) {
        const struct channel_client *client = &channel->clients[c];
        if (client->has_request && client->from < first)
            first = client->from;
    }
    return first;
}

struct channel_client *channel_next_client(struct machine_channel *channel, uint64_t now)
{
    for (unsigned i = 1; i <= channel->count; i++) {
        unsigned c = (channel->last_served + i) % channel->count;
        struct channel_client *client = &channel->clients[c];
        if (!client->has_request || client->from > now)
            continue;
        channel->last_served = c;
        return client;
    }
    assert(!"a client waits");
    return NULL;
}

/* --- requests, in order --- */

/* What the DRAM does from now on counts for `payer`. Only a change of payer costs time. */
static void charge(struct machine_channel *channel, struct counters *payer)
{
    struct channel_in_order *in_order = &channel->in_order;
    if (payer == in_order->payer)
        return;
    struct dram_counts now = dram_counts(in_order->dram), before = in_order->charged;
    uint64_t burst_bytes = dram_config_burst_bytes(&channel->arch->dram);
    struct counters *counters = in_order->payer;
    if (counters) {
        counters->dram_read_bytes += (now.read_bursts - before.read_bursts) * burst_bytes;
        counters->dram_write_bytes += (now.write_bursts - before.write_bursts) * burst_bytes;
        counters->dram_activates += now.activates - before.activates;
        counters->dram_precharges += now.precharges - before.precharges;
        counters->dram_refreshes += now.refreshes - before.refreshes;
        counters->dram_active_clocks += now.active_clocks - before.active_clocks;
        counters->dram_idle_clocks += now.idle_clocks - before.idle_clocks;
    }
    in_order->charged = now;
    in_order->payer = payer;
}

static uint64_t in_order_run(struct machine_channel *channel, uint64_t now, uint64_t until)
{
    struct channel_in_order *in_order = &channel->in_order;
    for (;;) {
        uint64_t first = channel_first_request(channel);
        first = first < in_order->ready ? in_order->ready : first;
        now = first < now ? now : first;
        if (now >= until)
            return until;
        struct channel_client *client = channel_next_client(channel, now);
        charge(channel, &channel->layers[client->layer].counters);
        struct dram_grant grant = dram_access(in_order->dram, now, client->request.address,
                                              client->request.bytes, client->is_write);
        in_order->ready = grant.next;
        client->has_request = dma_next(&client->runs, &client->request);
        if (client->has_request)
            continue;
        client->end = grant.done;
        until = grant.done < until ? grant.done : until;
    }
}

uint64_t machine_channel_run(struct machine_channel *channel, uint64_t now, uint64_t until)
{
    return channel->is_queued ? channel_queued_run(channel, until)
                              : in_order_run(channel, now, until);
}

/* --- the end --- */

/* Refreshes after the last request. */
static void in_order_finish(struct machine_channel *channel, uint64_t now, uint32_t last_layer)
{
    charge(channel, &channel->layers[last_layer].counters);
    dram_idle(channel->in_order.dram, now);
    charge(channel, NULL);
}

void machine_channel_finish(struct machine_channel *channel, uint64_t now, uint32_t last_layer)
{
    if (channel->is_queued)
        channel_queued_finish(channel, now);
    else
        in_order_finish(channel, now, last_layer);
}
