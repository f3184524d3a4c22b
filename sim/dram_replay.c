#include "sim/dram_replay.h"

#include <stdlib.h>

struct run {
    struct dram_controller *controller;
    const struct dram_trace *trace;
    uint64_t *accepted; /* clock of each request */
    size_t next, done;
    struct dram_replay *replay;
};

static bool check_addresses(const struct dram_device *device, const struct dram_trace *trace,
                            const char *path, struct err *err)
{
    uint64_t capacity = dram_capacity(&device->geometry);
    for (size_t i = 0; i < trace->count; i++)
        if (trace->requests[i].address >= capacity)
            return err_set(err, "%s: request %zu: address %llx is beyond the %llu MiB of %s", path,
                           i + 1, (unsigned long long)trace->requests[i].address,
                           (unsigned long long)(capacity >> 20), device->name);
    return true;
}

static void take_completions(struct run *run)
{
    struct dram_replay *replay = run->replay;
    struct dram_completion completion;
    while (dram_controller_pop(run->controller, &completion)) {
        run->done++;
        replay->clocks = completion.clock;
        if (run->trace->requests[completion.id].is_write) {
            replay->writes++;
            continue;
        }
        uint64_t latency = completion.clock - run->accepted[completion.id];
        replay->reads++;
        replay->read_latency += latency;
        if (latency > replay->read_latency_max)
            replay->read_latency_max = latency;
    }
}

/* Offer the next request at `clock`, its time. */
static bool offer(struct run *run, uint64_t clock)
{
    const struct dram_trace_request *request = &run->trace->requests[run->next];
    if (!dram_controller_enqueue(run->controller, clock, run->next, request->address,
                                 request->is_write))
        return false;
    run->accepted[run->next++] = clock;
    return true;
}

/* The next clock to look at: the following one after an acceptance, else when something may change
 * or the next request's time comes. */
static uint64_t next_clock(const struct run *run, bool was_accepted)
{
    uint64_t now = dram_controller_now(run->controller);
    uint64_t event = dram_controller_next_event(run->controller);
    if (run->next == run->trace->count)
        return event;
    uint64_t wanted = run->trace->requests[run->next].clock;
    if (wanted <= now)
        return was_accepted ? now + 1 : event;
    return wanted < event ? wanted : event;
}

static void play(struct run *run)
{
    bool was_accepted = true;
    while (run->done < run->trace->count) {
        dram_controller_advance(run->controller, next_clock(run, was_accepted));
        take_completions(run);
        uint64_t now = dram_controller_now(run->controller);
        was_accepted = run->next < run->trace->count &&
                       run->trace->requests[run->next].clock <= now && offer(run, now);
    }
}

bool dram_replay(struct dram_replay *replay, const struct dram_device *device,
                 const struct dram_trace *trace, const char *path,
                 const struct dram_replay_options *options, struct err *err)
{
    *replay = (struct dram_replay){0};
    if (!check_addresses(device, trace, path, err))
        return false;
    if (options->controller == DRAM_CONTROLLER_IN_ORDER)
        return dram_replay_in_order(replay, device, trace) ||
               err_set(err, "%s: out of memory", path);
    struct run run = {.controller = dram_controller_new(device),
                      .trace = trace,
                      .accepted = malloc(trace->count * sizeof *run.accepted),
                      .replay = replay};
    bool ok = run.controller && run.accepted;
    if (ok) {
        dram_controller_step(run.controller, options->every_clock);
        dram_controller_observe(run.controller, options->observer, options->observer_context);
        play(&run);
        dram_controller_advance(run.controller, replay->clocks + 1);
        replay->counts = dram_controller_counts(run.controller);
        replay->energy = dram_energy_of(device, &replay->counts);
    }
    dram_controller_free(run.controller);
    free(run.accepted);
    return ok || err_set(err, "%s: out of memory", path);
}
