#include "sim/machine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/machine_state.h"

static const uint64_t NEVER = UINT64_MAX;

/* --- life --- */

/* Instruction indices unit by unit, each in program order. */
static bool fill_queues(struct machine *machine)
{
    const struct program *program = machine->program;
    machine->queues = malloc((program->instruction_count + 1) * sizeof machine->queues[0]);
    if (!machine->queues)
        return false;
    uint32_t *next = machine->queues;
    for (int u = 0; u < UNIT_COUNT; u++) {
        struct unit_state *unit = &machine->units[u];
        unit->queue = next;
        for (uint32_t i = 0; i < program->instruction_count; i++)
            if (instruction_unit(&program->instructions[i]) == (enum unit)u)
                *next++ = i;
        unit->count = (uint32_t)(next - unit->queue);
    }
    return true;
}

struct machine *machine_new(const struct program *program, const struct machine_options *options)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    machine->program = program;
    machine->options = *options;
    machine->dram = dram_new(&program->arch.dram, program->arch.clock_khz);
    machine->layer_done = calloc(program->layer_count + 1, sizeof machine->layer_done[0]);
    machine->stats.layers = calloc(program->layer_count + 1, sizeof machine->stats.layers[0]);
    machine->stats.layer_count = program->layer_count;
    bool complete =
        machine->dram && machine->layer_done && machine->stats.layers && fill_queues(machine);
    if (complete && program->has_values)
        complete = (machine->values = machine_values_new(program)) != NULL;
    if (complete)
        return machine;
    machine_free(machine);
    return NULL;
}

void machine_free(struct machine *machine)
{
    if (!machine)
        return;
    machine_values_free(machine->values, machine->program);
    dram_free(machine->dram);
    free(machine->queues);
    free(machine->layer_done);
    free(machine->stats.layers);
    free(machine);
}

void machine_observe(struct machine *machine, machine_observer observer, void *context)
{
    machine->observer = observer;
    machine->observer_context = context;
}

void machine_observe_dram(struct machine *machine,
                          void (*observer)(void *context, const struct dram_event *event),
                          void *context)
{
    dram_observe(machine->dram, observer, context);
}

const struct stats *machine_stats(const struct machine *machine)
{
    return &machine->stats;
}

const void *machine_tensor(const struct machine *machine, uint32_t tensor)
{
    assert(machine->values && tensor < machine->program->tensor_count);
    return machine->values->tensors[tensor];
}

/* --- counting --- */

static const struct instruction *current(const struct machine *machine,
                                         const struct unit_state *unit)
{
    return &machine->program->instructions[unit->queue[unit->completed]];
}

static struct counters *counters_of(struct machine *machine, const struct instruction *instruction)
{
    return &machine->stats.layers[instruction->layer].counters;
}

static void count_time(struct counters *counters, enum unit unit, uint64_t busy, uint64_t stall)
{
    switch (unit) {
    case UNIT_LOAD:
        counters->load_busy += busy, counters->load_stall += stall;
        return;
    case UNIT_ARRAY:
        counters->array_busy += busy, counters->array_stall += stall;
        return;
    case UNIT_VECTOR:
        counters->vector_busy += busy, counters->vector_stall += stall;
        return;
    case UNIT_STORE:
        counters->store_busy += busy, counters->store_stall += stall;
        return;
    case UNIT_COUNT:
        break;
    }
    assert(!"no such unit");
}

/* What the DRAM does from now on counts for `payer` (NULL: for nobody). Only a change of payer
 * costs time. */
static void charge_dram(struct machine *machine, struct counters *payer)
{
    if (payer == machine->dram_payer)
        return;
    struct dram_counts now = dram_counts(machine->dram), before = machine->dram_charged;
    uint64_t burst_bytes = machine->program->arch.dram.burst_bytes;
    struct counters *counters = machine->dram_payer;
    if (counters) {
        counters->dram_read_bytes += (now.read_bursts - before.read_bursts) * burst_bytes;
        counters->dram_write_bytes += (now.write_bursts - before.write_bursts) * burst_bytes;
        counters->dram_activates += now.activates - before.activates;
        counters->dram_refreshes += now.refreshes - before.refreshes;
    }
    machine->dram_charged = now;
    machine->dram_payer = payer;
}

/* --- time --- */

static bool is_dma(enum unit unit)
{
    return unit == UNIT_LOAD || unit == UNIT_STORE;
}

static void complete(struct machine *machine, enum unit u, uint64_t now)
{
    struct unit_state *unit = &machine->units[u];
    if (!unit->busy || unit->end > now)
        return;
    const struct instruction *instruction = current(machine, unit);
    count_time(counters_of(machine, instruction), u, unit->end - unit->start, 0);
    if (machine->layer_done[instruction->layer] < unit->end)
        machine->layer_done[instruction->layer] = unit->end;
    if (machine->observer)
        machine->observer(machine->observer_context, instruction, unit->queue[unit->completed],
                          unit->start, unit->end);
    unit->busy = false;
    unit->free_since = unit->end;
    unit->completed++;
}

static bool has_tokens(const struct machine *machine, const struct instruction *instruction)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        if (machine->units[u].completed < instruction_wait(instruction, (enum unit)u))
            return false;
    return true;
}

static void start_transfer(struct machine *machine, struct unit_state *unit,
                           const struct transfer *transfer, uint64_t now)
{
    unit->runs = dma_runs_of(transfer, &machine->program->tensors[transfer->tensor]);
    unit->requests_from = now + machine->program->arch.dma_setup;
    unit->has_request = dma_next(&unit->runs, &unit->request);
    if (unit->has_request)
        unit->end = NEVER;
    else
        unit->end = unit->requests_from > now ? unit->requests_from : now + 1;
}

static void start(struct machine *machine, enum unit u, uint64_t now)
{
    struct unit_state *unit = &machine->units[u];
    if (unit->busy || unit->completed == unit->count)
        return;
    const struct instruction *instruction = current(machine, unit);
    if (!has_tokens(machine, instruction))
        return;
    struct counters *counters = counters_of(machine, instruction);
    count_time(counters, u, 0, now - unit->free_since);
    unit->busy = true;
    unit->start = now;
    unit->end = now + machine_execute(machine, unit->queue[unit->completed], counters);
    if (is_dma(u))
        start_transfer(machine, unit, &instruction->transfer, now);
}

static bool is_waiting(const struct machine *machine, enum unit u, uint64_t now)
{
    const struct unit_state *unit = &machine->units[u];
    return unit->busy && unit->has_request && unit->requests_from <= now;
}

/* Give the channel to the unit that did not have it last, if both want it. */
static void serve(struct machine *machine, uint64_t now)
{
    while (machine->channel_ready <= now) {
        enum unit other = machine->last_served == UNIT_LOAD ? UNIT_STORE : UNIT_LOAD;
        enum unit u = is_waiting(machine, other, now) ? other : machine->last_served;
        if (!is_waiting(machine, u, now))
            return;
        struct unit_state *unit = &machine->units[u];
        charge_dram(machine, counters_of(machine, current(machine, unit)));
        struct dram_grant grant = dram_access(machine->dram, now, unit->request.address,
                                              unit->request.bytes, u == UNIT_STORE);
        machine->channel_ready = grant.next;
        machine->last_served = u;
        unit->has_request = dma_next(&unit->runs, &unit->request);
        if (!unit->has_request)
            unit->end = grant.done;
    }
}

/* Everything that happens in cycle `now`. */
static void tick(struct machine *machine, uint64_t now)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        complete(machine, (enum unit)u, now);
    for (int u = 0; u < UNIT_COUNT; u++)
        start(machine, (enum unit)u, now);
    serve(machine, now);
}

/* The next cycle in which tick() has anything to do: NEVER once all is done. */
static uint64_t next_event(const struct machine *machine)
{
    uint64_t event = NEVER;
    for (int u = 0; u < UNIT_COUNT; u++) {
        const struct unit_state *unit = &machine->units[u];
        if (!unit->busy)
            continue;
        uint64_t at = unit->end;
        if (is_dma((enum unit)u) && unit->has_request)
            at = unit->requests_from > machine->channel_ready ? unit->requests_from
                                                              : machine->channel_ready;
        event = at < event ? at : event;
    }
    return event;
}

/* --- running --- */

static void reset(struct machine *machine)
{
    const uint32_t layers = machine->program->layer_count;
    for (int u = 0; u < UNIT_COUNT; u++) {
        struct unit_state *unit = &machine->units[u];
        *unit = (struct unit_state){.queue = unit->queue, .count = unit->count};
    }
    machine->channel_ready = 0;
    machine->last_served = UNIT_STORE;
    dram_reset(machine->dram);
    machine->dram_payer = NULL;
    machine->dram_charged = dram_counts(machine->dram);
    memset(machine->layer_done, 0, layers * sizeof machine->layer_done[0]);
    memset(machine->stats.layers, 0, layers * sizeof machine->stats.layers[0]);
    memset(&machine->stats.counters, 0, sizeof machine->stats.counters);
    machine->stats.cycles = 0;
}

/* A layer lasts from the completion of all layers before it to its own. */
static void finish_stats(struct machine *machine)
{
    struct stats *stats = &machine->stats;
    uint64_t done = 0;
    for (uint32_t l = 0; l < stats->layer_count; l++) {
        uint64_t end = machine->layer_done[l];
        stats->layers[l].cycles = end > done ? end - done : 0;
        done = end > done ? end : done;
        counters_add(&stats->counters, &stats->layers[l].counters);
    }
    stats->cycles = done;
}

/* Refreshes after the last request count for the last instruction. */
static void finish_dram(struct machine *machine, uint64_t now)
{
    const struct program *program = machine->program;
    if (!program->instruction_count)
        return;
    charge_dram(machine,
                counters_of(machine, &program->instructions[program->instruction_count - 1]));
    dram_idle(machine->dram, now);
    charge_dram(machine, NULL);
}

static void set_input(struct machine *machine, const void *input)
{
    if (!machine->values)
        return;
    const struct program *program = machine->program;
    const struct dram_tensor *tensor = &program->tensors[program->input];
    size_t bytes =
        (size_t)tensor->h * tensor->w * tensor->c * (unsigned)format_host_bytes(tensor->format);
    memcpy(machine->values->tensors[program->input], input, bytes);
}

void machine_run(struct machine *machine, const void *input)
{
    set_input(machine, input);
    reset(machine);
    uint64_t now = 0;
    for (;;) {
        tick(machine, now);
        uint64_t event = next_event(machine);
        if (event == NEVER)
            break;
        assert(event > now);
        now = machine->options.clock == CLOCK_STEP ? now + 1 : event;
    }
    finish_dram(machine, now);
    finish_stats(machine);
}

void machine_run_values(struct machine *machine, const void *input)
{
    assert(machine->values);
    set_input(machine, input);
    for (uint32_t i = 0; i < machine->program->instruction_count; i++)
        machine_execute(machine, i, NULL);
}
