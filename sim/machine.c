#include "sim/machine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/machine_state.h"

static const uint64_t NEVER = UINT64_MAX;

/* The DMA units, as clients of the channel. */
enum { CLIENT_LOAD, CLIENT_STORE, CLIENT_COUNT };

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
    machine->layer_done = calloc(program->layer_count + 1, sizeof machine->layer_done[0]);
    machine->stats.layers = calloc(program->layer_count + 1, sizeof machine->stats.layers[0]);
    machine->stats.layer_count = program->layer_count;
    machine->channel = machine_channel_new(&program->arch, CLIENT_COUNT, machine->stats.layers);
    bool complete =
        machine->channel && machine->layer_done && machine->stats.layers && fill_queues(machine);
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
    machine_channel_free(machine->channel);
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
    machine_channel_observe(machine->channel, observer, context);
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

/* --- time --- */

static bool is_dma(enum unit unit)
{
    return unit == UNIT_LOAD || unit == UNIT_STORE;
}

static unsigned client_of(enum unit unit)
{
    assert(is_dma(unit));
    return unit == UNIT_LOAD ? CLIENT_LOAD : CLIENT_STORE;
}

static void complete(struct machine *machine, enum unit u, uint64_t now)
{
    struct unit_state *unit = &machine->units[u];
    if (!unit->busy || unit->end > now)
        return;
    const struct instruction *instruction = current(machine, unit);
    counters_add_time(counters_of(machine, instruction), u, unit->end - unit->start, 0);
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

static void start_transfer(struct machine *machine, enum unit u, uint64_t now,
                           const struct instruction *instruction)
{
    struct channel_transfer transfer = {
        .transfer = &instruction->transfer,
        .tensor = &machine->program->tensors[instruction->transfer.tensor],
        .is_write = u == UNIT_STORE,
        .layer = instruction->layer,
    };
    machine_channel_start(machine->channel, client_of(u), now, &transfer);
    machine->units[u].end = machine_channel_end(machine->channel, client_of(u));
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
    counters_add_time(counters, u, 0, now - unit->free_since);
    unit->busy = true;
    unit->start = now;
    unit->end = now + machine_execute(machine, unit->queue[unit->completed], counters);
    if (is_dma(u))
        start_transfer(machine, u, now, instruction);
}

/* Everything of cycle `now` but the channel. */
static void tick(struct machine *machine, uint64_t now)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        complete(machine, (enum unit)u, now);
    for (int u = 0; u < UNIT_COUNT; u++)
        start(machine, (enum unit)u, now);
}

static bool is_complete(const struct machine *machine)
{
    bool busy = false;
    for (int u = 0; u < UNIT_COUNT; u++)
        busy = busy || machine->units[u].busy;
    return !busy;
}

/* The channel does what it does up to the next cycle in which tick() has anything to do, or, when
 * stepping, up to the next cycle. Returns that. */
static uint64_t advance(struct machine *machine, uint64_t now)
{
    uint64_t event = machine->options.clock == CLOCK_STEP ? now + 1 : NEVER;
    for (int u = 0; u < UNIT_COUNT; u++)
        if (machine->units[u].busy && machine->units[u].end < event)
            event = machine->units[u].end;
    event = machine_channel_run(machine->channel, now, event);
    for (int u = 0; u < UNIT_COUNT; u++)
        if (machine->units[u].busy && is_dma((enum unit)u))
            machine->units[u].end = machine_channel_end(machine->channel, client_of((enum unit)u));
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
    machine_channel_reset(machine->channel, machine->options.clock == CLOCK_STEP);
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

/* What the DRAM does after the last request counts for the last instruction. */
static void finish_channel(struct machine *machine, uint64_t now)
{
    const struct program *program = machine->program;
    if (program->instruction_count)
        machine_channel_finish(machine->channel, now,
                               program->instructions[program->instruction_count - 1].layer);
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
    for (tick(machine, now); !is_complete(machine); tick(machine, now)) {
        uint64_t event = advance(machine, now);
        assert(event > now && event < NEVER);
        now = event;
    }
    finish_channel(machine, now);
    finish_stats(machine);
}

void machine_examine(struct machine *machine, const void *input)
{
    machine->examines = true;
    machine_run_values(machine, input);
    machine->examines = false;
}

void machine_run_values(struct machine *machine, const void *input)
{
    assert(machine->values);
    set_input(machine, input);
    for (uint32_t i = 0; i < machine->program->instruction_count; i++)
        machine_execute(machine, i, NULL);
}
