#include "memory/dram_controller.h"

#include <assert.h>
#include <stdlib.h>

#include "isa/dram_address.h"
#include "memory/clock.h"
#include "memory/dram_channel_parts.h"

struct dram_controller {
    struct dram_geometry geometry;
    struct dram_mapping mapping;
    uint64_t now, capacity;
    bool every_clock;
    struct dram_channel *channels[];
};

struct dram_controller *dram_controller_new(const struct dram_device *device)
{
    const struct dram_geometry *geometry = &device->geometry;
    struct dram_controller *controller =
        calloc(1, sizeof *controller + geometry->channels * sizeof *controller->channels);
    if (!controller)
        return NULL;
    bool ok = dram_mapping_read(&controller->mapping, device->policy.mapping, geometry, NULL);
    assert(ok);
    controller->geometry = *geometry;
    controller->capacity = dram_capacity(geometry);
    for (uint32_t c = 0; c < geometry->channels; c++)
        ok = (controller->channels[c] = dram_channel_new(device, c)) && ok;
    if (ok)
        return controller;
    dram_controller_free(controller);
    return NULL;
}

void dram_controller_free(struct dram_controller *controller)
{
    for (uint32_t c = 0; controller && c < controller->geometry.channels; c++)
        dram_channel_free(controller->channels[c]);
    free(controller);
}

void dram_controller_reset(struct dram_controller *controller)
{
    controller->now = 0;
    for (uint32_t c = 0; c < controller->geometry.channels; c++)
        dram_channel_reset(controller->channels[c]);
}

static void advance_channel(struct dram_controller *controller, struct dram_channel *channel,
                            uint64_t clock)
{
    uint64_t now = controller->now;
    for (;;) {
        uint64_t next = dram_channel_next(channel);
        if (!controller->every_clock && next > now)
            now = next;
        if (now >= clock)
            return;
        if (controller->every_clock)
            dram_channel_forget(channel);
        dram_channel_tick(channel, now++);
    }
}

void dram_controller_advance(struct dram_controller *controller, uint64_t clock)
{
    assert(clock >= controller->now);
    for (uint32_t c = 0; c < controller->geometry.channels; c++)
        advance_channel(controller, controller->channels[c], clock);
    controller->now = clock;
}

uint64_t dram_controller_now(const struct dram_controller *controller)
{
    return controller->now;
}

bool dram_controller_enqueue(struct dram_controller *controller, uint64_t clock, uint64_t id,
                             uint64_t address, bool is_write)
{
    assert(address < controller->capacity);
    dram_controller_advance(controller, clock);
    uint64_t burst = address >> controller->mapping.burst_bits;
    struct dram_place place = dram_place_of(&controller->mapping, burst, &controller->geometry);
    struct dram_request request = {.id = id,
                                   .burst = burst,
                                   .row = place.row,
                                   .bank = (uint8_t)place.bank,
                                   .is_write = is_write};
    return dram_channel_enqueue(controller->channels[place.channel], clock, &request);
}

/* What a channel does at its next clock shows after it. */
uint64_t dram_controller_next_event(const struct dram_controller *controller)
{
    uint64_t event = UINT64_MAX;
    for (uint32_t c = 0; c < controller->geometry.channels; c++) {
        const struct dram_completion *completion = dram_channel_completion(controller->channels[c]);
        uint64_t next = later(dram_channel_next(controller->channels[c]), controller->now);
        event = earlier(event, next == UINT64_MAX ? next : next + 1);
        if (completion)
            event = earlier(event, later(completion->clock, controller->now + 1));
    }
    return event;
}

/* The channel whose completion comes first. */
static struct dram_channel *earliest_channel(const struct dram_controller *controller)
{
    struct dram_channel *best = controller->channels[0];
    const struct dram_completion *first = dram_channel_completion(best);
    for (uint32_t c = 1; c < controller->geometry.channels; c++) {
        const struct dram_completion *other = dram_channel_completion(controller->channels[c]);
        if (!other || (first && first->clock <= other->clock))
            continue;
        best = controller->channels[c];
        first = other;
    }
    return best;
}

bool dram_controller_pop(struct dram_controller *controller, struct dram_completion *completion)
{
    struct dram_channel *channel = earliest_channel(controller);
    const struct dram_completion *first = dram_channel_completion(channel);
    if (!first || first->clock > controller->now)
        return false;
    *completion = *first;
    dram_channel_pop(channel);
    return true;
}

uint64_t dram_controller_finish(struct dram_controller *controller)
{
    for (uint32_t c = 0; c < controller->geometry.channels; c++)
        dram_channel_flush(controller->channels[c], controller->now);
    for (uint32_t c = 0; c < controller->geometry.channels; c++)
        while (dram_channel_is_busy(controller->channels[c]))
            dram_controller_advance(controller, dram_controller_next_event(controller));
    return controller->now;
}

static void add(struct dram_command_counts *sum, const struct dram_command_counts *counts)
{
    for (int command = 0; command < DRAM_COMMAND_COUNT; command++)
        sum->commands[command] += counts->commands[command];
    sum->read_row_hits += counts->read_row_hits;
    sum->write_row_hits += counts->write_row_hits;
    sum->forwarded_reads += counts->forwarded_reads;
    sum->merged_reads += counts->merged_reads;
    sum->merged_writes += counts->merged_writes;
    sum->active_clocks += counts->active_clocks;
    sum->idle_clocks += counts->idle_clocks;
}

struct dram_command_counts dram_controller_counts(const struct dram_controller *controller)
{
    struct dram_command_counts sum = {0};
    for (uint32_t c = 0; c < controller->geometry.channels; c++) {
        struct dram_command_counts counts =
            dram_channel_counts(controller->channels[c], controller->now);
        add(&sum, &counts);
    }
    return sum;
}

void dram_controller_step(struct dram_controller *controller, bool every_clock)
{
    controller->every_clock = every_clock;
}

void dram_controller_observe(struct dram_controller *controller, dram_observer *observer,
                             void *context)
{
    for (uint32_t c = 0; c < controller->geometry.channels; c++)
        dram_channel_observe(controller->channels[c], observer, context);
}
