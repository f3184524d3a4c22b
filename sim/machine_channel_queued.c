/* The channel before the queued controller: one burst is offered per DRAM clock. docs/machine.md,
 * section "The queued controller". */
#include <assert.h>

#include "sim/machine_channel_parts.h"

/* A burst's id says whose it is. */
static uint64_t id_of(const struct machine_channel *channel, const struct channel_client *client)
{
    return (uint64_t)client->layer * CHANNEL_MAX_CLIENTS + (uint64_t)(client - channel->clients);
}

static struct channel_client *client_of(struct machine_channel *channel, uint64_t id)
{
    return &channel->clients[id % CHANNEL_MAX_CLIENTS];
}

static struct counters *payer_of(struct machine_channel *channel, uint64_t id)
{
    return &channel->layers[id / CHANNEL_MAX_CLIENTS].counters;
}

/* --- counting --- */

/* Accesses and the activates for them count for the layer whose they are; precharges and refreshes
 * for the layer of the request taken last. */
static void count_command(struct machine_channel *channel, const struct dram_issued *issued)
{
    struct counters *last = &channel->layers[channel->queued.layer].counters;
    last->dram_precharges += dram_closes_row(issued->command);
    switch (issued->command) {
    case DRAM_ACTIVATE:
        payer_of(channel, issued->id)->dram_activates++;
        return;
    case DRAM_READ:
    case DRAM_READ_PRECHARGE:
        payer_of(channel, issued->id)->dram_read_bytes += channel->queued.burst_bytes;
        return;
    case DRAM_WRITE:
    case DRAM_WRITE_PRECHARGE:
        payer_of(channel, issued->id)->dram_write_bytes += channel->queued.burst_bytes;
        return;
    case DRAM_REFRESH:
    case DRAM_REFRESH_BANK:
        last->dram_refreshes++;
        return;
    case DRAM_PRECHARGE:
        return;
    case DRAM_COMMAND_COUNT:
        break;
    }
    assert(!"a command");
}

/* The clocks up to now count for the layer of the request taken last, from now on for `layer`. */
static void charge_clocks(struct machine_channel *channel, uint32_t layer)
{
    struct channel_queued *queued = &channel->queued;
    struct dram_command_counts now = dram_controller_counts(queued->controller);
    struct counters *last = &channel->layers[queued->layer].counters;
    last->dram_active_clocks += now.active_clocks - queued->active_charged;
    last->dram_idle_clocks += now.idle_clocks - queued->idle_charged;
    queued->active_charged = now.active_clocks;
    queued->idle_charged = now.idle_clocks;
    queued->layer = layer;
}

/* --- telling --- */

/* A command as an event of the in-order DRAM's kind: how long it lasts, and on which bank. */
static struct dram_event event_of(const struct machine_channel *channel,
                                  const struct dram_issued *issued)
{
    const struct dram_device *device = &channel->arch->dram.device;
    const struct dram_timing *timing = &device->timing;
    const uint64_t burst = dram_burst_clocks(&device->geometry);
    const uint64_t cl = (uint64_t)timing->CL, cwl = (uint64_t)timing->CWL;
    struct dram_event event = {
        .begin = issued->clock,
        .bank = issued->channel * dram_channel_banks(&device->geometry) + issued->bank,
        .row = issued->row,
        .address = issued->burst * channel->queued.burst_bytes,
        .bursts = dram_is_column(issued->command),
    };
    uint64_t clocks = 0;
    switch (issued->command) {
    case DRAM_ACTIVATE:
        event.kind = DRAM_EVENT_ACTIVATE, clocks = (uint64_t)timing->tRCDRD;
        break;
    case DRAM_PRECHARGE:
        event.kind = DRAM_EVENT_PRECHARGE, clocks = (uint64_t)timing->tRP;
        break;
    case DRAM_READ:
    case DRAM_READ_PRECHARGE:
        event.kind = DRAM_EVENT_READ, event.begin += cl, clocks = burst;
        break;
    case DRAM_WRITE:
    case DRAM_WRITE_PRECHARGE:
        event.kind = DRAM_EVENT_WRITE, event.begin += cwl, clocks = burst;
        break;
    case DRAM_REFRESH:
        event.kind = DRAM_EVENT_REFRESH, clocks = (uint64_t)timing->tRFC;
        break;
    case DRAM_REFRESH_BANK:
        event.kind = DRAM_EVENT_REFRESH, clocks = (uint64_t)timing->tRFCpb;
        break;
    case DRAM_COMMAND_COUNT:
        assert(!"a command");
    }
    event.end = event.begin + clocks;
    return event;
}

static void note_command(void *context, const struct dram_issued *issued)
{
    struct machine_channel *channel = context;
    count_command(channel, issued);
    if (!channel->queued.observer)
        return;
    const struct dram_event event = event_of(channel, issued);
    channel->queued.observer(channel->queued.observer_context, &event);
}

/* --- life --- */

bool channel_queued_new(struct machine_channel *channel)
{
    struct channel_queued *queued = &channel->queued;
    const struct arch *arch = channel->arch;
    queued->to_dram = clock_ratio_from(arch->clock_khz, dram_config_clock_ps(&arch->dram));
    queued->to_core = clock_ratio_inverse(queued->to_dram);
    queued->burst_bytes = dram_config_burst_bytes(&arch->dram);
    queued->capacity = dram_capacity(&arch->dram.device.geometry);
    queued->controller = dram_controller_new(&arch->dram.device);
    if (queued->controller)
        dram_controller_observe(queued->controller, note_command, channel);
    return queued->controller;
}

void channel_queued_reset(struct machine_channel *channel, bool every_clock)
{
    struct channel_queued *queued = &channel->queued;
    dram_controller_reset(queued->controller);
    dram_controller_step(queued->controller, every_clock);
    queued->has_burst = queued->refused = false;
    queued->next_offer = queued->under_way = 0;
    queued->active_charged = queued->idle_charged = 0;
    queued->layer = 0;
}

/* --- bursts in --- */

/* Its bursts, one after the other. */
static void take_request(struct machine_channel *channel, uint64_t clock)
{
    struct channel_queued *queued = &channel->queued;
    const uint64_t cycle = clock_convert_down(queued->to_core, clock);
    const struct channel_client *client = channel_next_client(channel, cycle);
    const uint64_t first = client->request.address / queued->burst_bytes;
    const uint64_t end = client->request.address + client->request.bytes;
    queued->has_burst = true;
    queued->burst = first;
    queued->bursts_left = (end - 1) / queued->burst_bytes - first + 1;
    if (client->layer != queued->layer)
        charge_clocks(channel, client->layer);
}

/* The next burst of the request at hand or, without one, of the client whose turn it is. */
static void offer(struct machine_channel *channel, uint64_t clock)
{
    struct channel_queued *queued = &channel->queued;
    if (!queued->has_burst)
        take_request(channel, clock);
    struct channel_client *client = &channel->clients[channel->last_served];
    queued->refused = !dram_controller_enqueue(
        queued->controller, clock, id_of(channel, client),
        queued->burst * queued->burst_bytes % queued->capacity, client->is_write);
    if (queued->refused)
        return;
    queued->next_offer = clock + 1;
    queued->under_way++;
    client->under_way++;
    queued->burst++;
    queued->has_burst = --queued->bursts_left;
    if (!queued->has_burst)
        client->has_request = dma_next(&client->runs, &client->request);
}

/* --- completions out --- */

/* Those up to now. Returns the first cycle in which one of them ends a transfer. */
static uint64_t take_completions(struct machine_channel *channel)
{
    uint64_t end = CHANNEL_NEVER;
    struct dram_completion completion;
    while (dram_controller_pop(channel->queued.controller, &completion)) {
        struct channel_client *client = client_of(channel, completion.id);
        channel->queued.under_way--;
        if (--client->under_way || client->has_request)
            continue;
        client->end = clock_convert_up(channel->queued.to_core, completion.clock);
        end = client->end < end ? client->end : end;
    }
    return end;
}

/* --- time --- */

/* The first clock of a cycle, and the last one that is not after its beginning. */
static uint64_t first_clock_of(const struct machine_channel *channel, uint64_t cycle)
{
    return cycle == CHANNEL_NEVER ? cycle : clock_convert_up(channel->queued.to_dram, cycle);
}

static uint64_t last_clock_before(const struct machine_channel *channel, uint64_t cycle)
{
    return cycle == CHANNEL_NEVER ? cycle : clock_convert_down(channel->queued.to_dram, cycle);
}

/* When the next burst is offered, as far as that is known: one that was refused waits for an event
 * of the controller. */
static uint64_t next_offer(const struct machine_channel *channel)
{
    const struct channel_queued *queued = &channel->queued;
    if (queued->refused)
        return CHANNEL_NEVER;
    if (queued->has_burst)
        return queued->next_offer;
    uint64_t first = first_clock_of(channel, channel_first_request(channel));
    return first < queued->next_offer ? queued->next_offer : first;
}

/* An event of the controller has come at `clock`: there may be a place for the burst refused. It is
 * remembered, as the clock may begin with the cycle that a run ends at; then the next run offers. */
static void offer_again(struct channel_queued *queued, uint64_t clock)
{
    if (!queued->refused)
        return;
    queued->refused = false;
    queued->next_offer = clock;
}

/* The clocks that begin before cycle `until` run; what is done by its beginning is seen before
 * anything is asked for in it. */
uint64_t channel_queued_run(struct machine_channel *channel, uint64_t until)
{
    struct channel_queued *queued = &channel->queued;
    uint64_t first = first_clock_of(channel, until), last = last_clock_before(channel, until);
    for (;;) {
        bool expects = queued->under_way || queued->refused;
        uint64_t event = expects ? dram_controller_next_event(queued->controller) : CHANNEL_NEVER;
        uint64_t asked = next_offer(channel);
        uint64_t clock = asked < event ? asked : event;
        if (clock == CHANNEL_NEVER || clock > last)
            return until;
        dram_controller_advance(queued->controller, clock);
        offer_again(queued, clock);
        uint64_t end = take_completions(channel);
        if (end < until) {
            until = end;
            first = first_clock_of(channel, until);
            last = last_clock_before(channel, until);
        }
        if (clock >= first)
            return until;
        if (next_offer(channel) <= clock)
            offer(channel, clock);
    }
}

/* Refreshes go on to the end of the run; then the writes that still wait are drained. */
void channel_queued_finish(struct machine_channel *channel, uint64_t now)
{
    dram_controller_advance(channel->queued.controller, first_clock_of(channel, now));
    charge_clocks(channel, channel->queued.layer);
    dram_controller_finish(channel->queued.controller);
}
