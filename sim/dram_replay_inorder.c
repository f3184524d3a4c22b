/* A trace through the in-order controller: what it is off by where requests would be reordered. */
#include <assert.h>

#include "memory/clock.h"
#include "memory/dram_inorder.h"
#include "memory/dram_refresh.h"
#include "sim/dram_replay.h"

struct run {
    const struct dram_trace *trace;
    const struct dram_geometry *geometry;
    struct dram_inorder *inorder;
    struct dram_replay *replay;
};

/* The requests from `next` on that are asked for as one at clock `now`: neighbouring bursts of one
 * kind whose time has come, within what a machine's DMA asks for at once. */
static size_t joined(const struct run *run, size_t next, uint64_t now)
{
    const struct dram_trace_request *requests = run->trace->requests;
    const uint64_t size = dram_burst_bytes(run->geometry);
    const uint64_t unit = size > DRAM_REQUEST_BYTES ? size : DRAM_REQUEST_BYTES;
    size_t end = next + 1;
    while (end < run->trace->count && requests[end].clock <= now &&
           requests[end].is_write == requests[next].is_write &&
           requests[end].address / size == requests[end - 1].address / size + 1 &&
           requests[end].address / unit == requests[next].address / unit)
        end++;
    return end - next;
}

static void count_columns(struct dram_replay *replay, uint64_t requests, uint64_t activates,
                          bool is_write)
{
    struct dram_command_counts *counts = &replay->counts;
    *(is_write ? &replay->writes : &replay->reads) += requests;
    counts->commands[is_write ? DRAM_WRITE : DRAM_READ] += requests;
    *(is_write ? &counts->write_row_hits : &counts->read_row_hits) += requests - activates;
}

/* Ask for `count` requests as one; the clock from which on the next may come. */
static uint64_t ask(struct run *run, size_t next, size_t count, uint64_t now)
{
    const struct dram_trace_request *first = &run->trace->requests[next];
    const uint32_t size = dram_burst_bytes(run->geometry);
    struct dram_replay *replay = run->replay;
    const uint64_t activates = dram_inorder_counts(run->inorder).activates;
    struct dram_grant grant = dram_inorder_access(run->inorder, now, first->address / size * size,
                                                  (uint32_t)count * size, first->is_write);
    count_columns(replay, count, dram_inorder_counts(run->inorder).activates - activates,
                  first->is_write);
    replay->clocks = grant.done;
    if (!first->is_write) {
        replay->read_latency += count * (grant.done - now);
        replay->read_latency_max = later(replay->read_latency_max, grant.done - now);
    }
    return later(grant.next, now + 1);
}

static void play(struct run *run)
{
    uint64_t now = 1;
    for (size_t next = 0; next < run->trace->count;) {
        now = later(now, run->trace->requests[next].clock);
        size_t count = joined(run, next, now);
        now = ask(run, next, count, now);
        next += count;
    }
}

bool dram_replay_in_order(struct dram_replay *replay, const struct dram_device *device,
                          const struct dram_trace *trace)
{
    struct run run = {.trace = trace,
                      .geometry = &device->geometry,
                      .inorder = dram_inorder_new(device),
                      .replay = replay};
    if (!run.inorder)
        return false;
    play(&run);
    dram_inorder_idle(run.inorder, replay->clocks + 1);
    struct dram_counts counts = dram_inorder_counts(run.inorder);
    replay->counts.commands[DRAM_ACTIVATE] = counts.activates;
    replay->counts.commands[DRAM_PRECHARGE] = counts.precharges;
    replay->counts.commands[dram_refresh_command(device)] = counts.refreshes;
    replay->counts.active_clocks = counts.active_clocks;
    replay->counts.idle_clocks = counts.idle_clocks;
    replay->energy = dram_energy_of(device, &replay->counts);
    dram_inorder_free(run.inorder);
    return true;
}
