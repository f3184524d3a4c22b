#include "memory/dram.h"

#include <assert.h>
#include <stdlib.h>

#include "memory/clock.h"
#include "memory/dram_inorder.h"

/* No rows: a bus and a latency, in DRAM clocks. */
struct ideal {
    struct dram_ideal config;
    uint64_t bus_ready;
    struct dram_counts counts;
    dram_event_observer observer;
    void *observer_context;
};

struct dram {
    struct clock_ratio to_dram, to_core;
    struct ideal ideal;
    struct dram_inorder *inorder; /* NULL if ideal */
};

struct dram *dram_new(const struct dram_config *config, uint32_t clock_khz)
{
    struct dram *dram = calloc(1, sizeof *dram);
    if (!dram)
        return NULL;
    dram->to_dram = clock_ratio_from(clock_khz, dram_config_clock_ps(config));
    dram->to_core = clock_ratio_inverse(dram->to_dram);
    dram->ideal.config = config->ideal;
    if (config->is_ideal || (dram->inorder = dram_inorder_new(&config->device)))
        return dram;
    free(dram);
    return NULL;
}

void dram_free(struct dram *dram)
{
    if (dram)
        dram_inorder_free(dram->inorder);
    free(dram);
}

void dram_reset(struct dram *dram)
{
    dram->ideal.bus_ready = 0;
    dram->ideal.counts = (struct dram_counts){0};
    if (dram->inorder)
        dram_inorder_reset(dram->inorder);
}

struct dram_counts dram_counts(const struct dram *dram)
{
    return dram->inorder ? dram_inorder_counts(dram->inorder) : dram->ideal.counts;
}

void dram_observe(struct dram *dram, dram_event_observer observer, void *context)
{
    dram->ideal.observer = observer;
    dram->ideal.observer_context = context;
    if (dram->inorder)
        dram_inorder_observe(dram->inorder, observer, context);
}

const char *dram_event_name(enum dram_event_kind kind)
{
#define NAME(id, name) name,
    static const char *const names[] = {DRAM_EVENTS(NAME)};
#undef NAME
    assert(kind < DRAM_EVENT_COUNT);
    return names[kind];
}

static struct dram_grant access_ideal(struct ideal *ideal, uint64_t from, uint64_t address,
                                      uint32_t bytes, bool write)
{
    const uint64_t size = ideal->config.burst_bytes, bus = ideal->config.bytes_per_clock;
    const uint64_t bursts = (address + bytes - 1) / size - address / size + 1;
    const uint64_t clocks = (bursts * size + bus - 1) / bus;
    const uint64_t start = later(from, ideal->bus_ready);
    ideal->bus_ready = start + clocks;
    *(write ? &ideal->counts.write_bursts : &ideal->counts.read_bursts) += bursts;
    struct dram_event event = {.kind = write ? DRAM_EVENT_WRITE : DRAM_EVENT_READ,
                               .begin = start,
                               .end = ideal->bus_ready,
                               .address = address,
                               .bursts = bursts};
    if (ideal->observer)
        ideal->observer(ideal->observer_context, &event);
    return (struct dram_grant){.next = start, .done = start + ideal->config.latency + clocks};
}

struct dram_grant dram_access(struct dram *dram, uint64_t now, uint64_t address, uint32_t bytes,
                              bool write)
{
    uint64_t from = clock_convert_up(dram->to_dram, now);
    struct dram_grant grant = dram->inorder
                                  ? dram_inorder_access(dram->inorder, from, address, bytes, write)
                                  : access_ideal(&dram->ideal, from, address, bytes, write);
    grant.next = clock_convert_up(dram->to_core, grant.next);
    grant.done = clock_convert_up(dram->to_core, grant.done);
    return grant;
}

void dram_idle(struct dram *dram, uint64_t now)
{
    if (dram->inorder)
        dram_inorder_idle(dram->inorder, clock_convert_up(dram->to_dram, now));
}
