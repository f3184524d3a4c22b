/* A second telling of docs/machine.md: units and tokens, DMA, the ideal memory; cycle by cycle, and
 * element by element where data move. Of the simulator it takes array_cycles alone. */
#ifndef MANTIS_TEST_EVENT_MODEL_H
#define MANTIS_TEST_EVENT_MODEL_H

#include "isa/program.h"
#include "pe/array.h"
#include "test/check.h"

struct model_request {
    uint64_t begin, end; /* bytes of DRAM */
};

struct model_unit {
    uint32_t at, tokens; /* the instruction to execute next, or executing; completed ones */
    bool is_busy;
    uint64_t start, end;
    struct model_request *requests; /* of the transfer that is executing */
    size_t request_count, next_request;
    uint64_t first_cycle; /* of its requests */
};

/* Of the instruction at that index. */
struct model_times {
    uint64_t start, end;
};

struct event_model {
    const struct program *program;
    struct model_unit units[UNIT_COUNT];
    enum unit last_served;
    uint64_t bus_free, ready; /* a DRAM clock; a cycle */
    struct model_times *times;
    uint64_t cycles;
};

__attribute__((unused)) static uint64_t model_divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

/* --- DMA --- */

/* A run, cut at multiples of 4096 bytes. */
static void model_add_run(struct model_unit *unit, uint64_t begin, uint64_t end)
{
    while (begin < end) {
        uint64_t cut = (begin / 4096 + 1) * 4096;
        size_t count = unit->request_count++;
        cut = cut < end ? cut : end;
        unit->requests = realloc(unit->requests, (count + 1) * sizeof *unit->requests);
        unit->requests[count] = (struct model_request){begin, cut};
        begin = cut;
    }
}

/* Elements inside the tensor in ascending order; bytes that touch or overlap are one run. */
static void model_find_requests(const struct program *program, const struct transfer *t,
                                struct model_unit *unit)
{
    const struct dram_tensor *tensor = &program->tensors[t->tensor];
    const uint64_t bits = (uint64_t)format_code_bits(tensor->format);
    struct model_request run = {0, 0};
    for (uint64_t i = 0; i < (uint64_t)t->count_y * t->count_x * t->count_c; i++) {
        int64_t y = t->y + (int64_t)(i / t->count_c / t->count_x) * t->stride_y;
        int64_t x = t->x + (int64_t)(i / t->count_c % t->count_x) * t->stride_x;
        int64_t c = t->c + (int64_t)(i % t->count_c);
        if (y < 0 || y >= tensor->h || x < 0 || x >= tensor->w || c < 0 || c >= tensor->c)
            continue;
        uint64_t element = ((uint64_t)y * tensor->w + (uint64_t)x) * tensor->c + (uint64_t)c;
        uint64_t first = tensor->address * 8 + element * bits;
        if (run.begin == run.end || first / 8 > run.end) {
            model_add_run(unit, run.begin, run.end);
            run.begin = first / 8;
        }
        run.end = model_divide_up(first + bits, 8);
    }
    model_add_run(unit, run.begin, run.end);
}

/* The channel takes a request of that unit in that cycle. */
static void model_serve(struct event_model *model, enum unit u, uint64_t cycle)
{
    const struct dram_ideal *ideal = &model->program->arch.dram.ideal;
    const uint64_t period = (uint64_t)model->program->arch.clock_khz * ideal->clock_period_ps;
    struct model_unit *unit = &model->units[u];
    struct model_request request = unit->requests[unit->next_request++];
    uint64_t bursts =
        model_divide_up(request.end, ideal->burst_bytes) - request.begin / ideal->burst_bytes;
    uint64_t clocks = model_divide_up(bursts * ideal->burst_bytes, ideal->bytes_per_clock);
    uint64_t begin = model_divide_up(cycle * 1000000000, period);
    begin = begin < model->bus_free ? model->bus_free : begin;
    model->bus_free = begin + clocks;
    model->ready = model_divide_up(begin * period, 1000000000);
    model->last_served = u;
    if (unit->next_request == unit->request_count)
        unit->end = model_divide_up((begin + ideal->latency + clocks) * period, 1000000000);
}

/* LOAD and STORE take turns where both have a request, LOAD first. */
static void model_run_channel(struct event_model *model, uint64_t cycle)
{
    for (bool served = true; served && model->ready <= cycle;) {
        served = false;
        for (int i = 0; i < 2 && !served; i++) {
            enum unit u = (model->last_served == UNIT_LOAD) == (i == 0) ? UNIT_STORE : UNIT_LOAD;
            struct model_unit *unit = &model->units[u];
            served = unit->is_busy && unit->next_request < unit->request_count &&
                     unit->first_cycle <= cycle;
            if (served)
                model_serve(model, u, cycle);
        }
    }
}

/* --- units --- */

/* The work of a MATMUL of a program without values. */
__attribute__((unused)) static struct array_work model_work(const struct matmul *m)
{
    return (struct array_work){.m = (uint64_t)m->out_h * m->out_w,
                               .k = (uint64_t)m->kernel_h * m->kernel_w * m->channels,
                               .n = m->n,
                               .groups = m->groups,
                               .act = m->act_format,
                               .weight = m->weight_format,
                               .accumulate = m->accumulate,
                               .core = m->core};
}

static uint64_t model_vector_cycles(const struct arch *arch, const struct vector *v)
{
    uint64_t area = v->op == VECTOR_REQUANTISE ? 1 : (uint64_t)v->kernel_h * v->kernel_w;
    return model_divide_up((uint64_t)v->out_h * v->out_w * v->n * area, arch->vector_lanes) +
           arch->vector_latency;
}

static void model_start_transfer(struct event_model *model, struct model_unit *unit,
                                 const struct transfer *transfer)
{
    const uint64_t setup = model->program->arch.dma_setup;
    unit->request_count = unit->next_request = 0;
    model_find_requests(model->program, transfer, unit);
    unit->first_cycle = unit->start + setup;
    unit->end = unit->request_count ? UINT64_MAX : unit->start + (setup ? setup : 1);
}

static void model_start(struct event_model *model, struct model_unit *unit, uint64_t cycle)
{
    const struct instruction *in = &model->program->instructions[unit->at];
    const uint32_t waits[UNIT_COUNT] = {[UNIT_LOAD] = in->wait_load,
                                        [UNIT_ARRAY] = in->wait_array,
                                        [UNIT_VECTOR] = in->wait_vector,
                                        [UNIT_STORE] = in->wait_store,
                                        [UNIT_ARRAY2] = in->wait_array2};
    for (int u = 0; u < UNIT_COUNT; u++)
        if (model->units[u].tokens < waits[u])
            return;
    struct array_work work = model_work(&in->matmul);
    unit->is_busy = true;
    unit->start = cycle;
    if (in->opcode == OPCODE_MATMUL)
        unit->end = cycle + array_cycles(&model->program->arch, &work, NULL);
    else if (in->opcode == OPCODE_VECTOR)
        unit->end = cycle + model_vector_cycles(&model->program->arch, &in->vector);
    else
        model_start_transfer(model, unit, &in->transfer);
}

/* The unit's next instruction from that index on. */
static uint32_t model_next(const struct program *program, enum unit u, uint32_t from)
{
    static const enum unit unit_of[OPCODE_COUNT] = {[OPCODE_LOAD] = UNIT_LOAD,
                                                    [OPCODE_MATMUL] = UNIT_ARRAY,
                                                    [OPCODE_VECTOR] = UNIT_VECTOR,
                                                    [OPCODE_STORE] = UNIT_STORE};
    for (; from < program->instruction_count; from++) {
        const struct instruction *in = &program->instructions[from];
        bool is_second = in->opcode == OPCODE_MATMUL && in->matmul.core == 1;
        if ((is_second ? UNIT_ARRAY2 : unit_of[in->opcode]) == u)
            break;
    }
    return from;
}

static void model_complete(struct event_model *model, enum unit u, uint64_t cycle)
{
    struct model_unit *unit = &model->units[u];
    if (!unit->is_busy || unit->end > cycle)
        return;
    model->times[unit->at] = (struct model_times){unit->start, unit->end};
    model->cycles = unit->end > model->cycles ? unit->end : model->cycles;
    unit->is_busy = false;
    unit->tokens++;
    unit->at = model_next(model->program, u, unit->at + 1);
}

/* From cycle 0 to the last completion. Free with event_model_free. */
__attribute__((unused)) static struct event_model event_model_run(const struct program *program)
{
    struct event_model model = {.program = program, .last_served = UNIT_STORE};
    model.times = calloc(program->instruction_count + 1, sizeof *model.times);
    for (int u = 0; u < UNIT_COUNT; u++)
        model.units[u].at = model_next(program, (enum unit)u, 0);
    bool is_running = true;
    for (uint64_t cycle = 0; is_running; cycle++) {
        is_running = false;
        for (int u = 0; u < UNIT_COUNT; u++)
            model_complete(&model, (enum unit)u, cycle);
        for (int u = 0; u < UNIT_COUNT; u++) {
            struct model_unit *unit = &model.units[u];
            if (!unit->is_busy && unit->at < program->instruction_count)
                model_start(&model, unit, cycle);
            is_running = is_running || unit->is_busy;
        }
        model_run_channel(&model, cycle);
    }
    return model;
}

__attribute__((unused)) static void event_model_free(struct event_model *model)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        free(model->units[u].requests);
    free(model->times);
}

#endif
