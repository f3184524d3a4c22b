#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pe/format.h"
#include "pe/requantise.h"
#include "sim/machine_state.h"

/* --- pooling: what goes into requantisation --- */

/* Codes of one format ordered by level: code ^ flip where that is the order (int), else by table.
 */
struct order {
    bool by_flip;
    uint8_t flip;
    uint8_t rank_of_code[256];
    int32_t level_of_rank[256];
};

static int ascending(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* The place of `level` among the `count` distinct levels in ascending order. */
static int rank_of(const int32_t *levels, int count, int32_t level)
{
    int low = 0, high = count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (levels[middle] < level)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of all codes, not only those of the grid: signed digits also add up to sums that no encoder
 * writes. */
static struct order order_of(struct format format)
{
    const struct grid *grid = format_grid(format);
    struct order order = {.by_flip = true};
    assert(grid->code_count <= 256);
    int32_t *levels = order.level_of_rank;
    memcpy(levels, grid->level_of_code, (size_t)grid->code_count * sizeof *levels);
    qsort(levels, (size_t)grid->code_count, sizeof *levels, ascending);
    int count = 1;
    for (int i = 1; i < grid->code_count; i++)
        if (levels[i] != levels[count - 1])
            levels[count++] = levels[i];
    for (int code = 0; code < grid->code_count; code++)
        order.rank_of_code[code] = (uint8_t)rank_of(levels, count, grid->level_of_code[code]);
    order.flip = order.rank_of_code[0];
    for (int code = 0; code < grid->code_count; code++)
        order.by_flip &= order.rank_of_code[code] == (code ^ order.flip);
    return order;
}

static void raise_by_flip(uint8_t *restrict best, const uint8_t *restrict codes, uint32_t n,
                          uint8_t flip)
{
    for (uint32_t j = 0; j < n; j++) {
        uint8_t rank = codes[j] ^ flip;
        best[j] = rank > best[j] ? rank : best[j];
    }
}

static void raise_by_table(uint8_t *restrict best, const uint8_t *restrict codes, uint32_t n,
                           const uint8_t *restrict rank_of_code)
{
    for (uint32_t j = 0; j < n; j++) {
        uint8_t rank = rank_of_code[codes[j]];
        best[j] = rank > best[j] ? rank : best[j];
    }
}

/* One pixel of a pooling window, all channels. */
struct pixel {
    const struct patch_window *window;
    const uint8_t *act; /* channel 0 of output pixel 0 */
    uint64_t oy, ox;
    uint32_t n;
};

/* Levels: the largest in the window. They end up in `levels`; the ranks live in the same memory,
 * behind them. */
static void pixel_maximum(const struct pixel *pixel, const struct order *order, int32_t *levels)
{
    uint8_t *best = (uint8_t *)(levels + pixel->n);
    memset(best, 0, pixel->n);
    for (uint64_t ky = 0; ky < pixel->window->kernel_h; ky++)
        for (uint64_t kx = 0; kx < pixel->window->kernel_w; kx++) {
            const uint8_t *codes =
                pixel->act + window_at(pixel->window, pixel->oy, pixel->ox, ky, kx);
            if (order->by_flip)
                raise_by_flip(best, codes, pixel->n, order->flip);
            else
                raise_by_table(best, codes, pixel->n, order->rank_of_code);
        }
    for (uint32_t j = 0; j < pixel->n; j++)
        levels[j] = order->level_of_rank[best[j]];
}

static void pixel_sum(const struct pixel *pixel, const int32_t *level_of_code, int64_t *sums)
{
    memset(sums, 0, pixel->n * sizeof sums[0]);
    for (uint64_t ky = 0; ky < pixel->window->kernel_h; ky++)
        for (uint64_t kx = 0; kx < pixel->window->kernel_w; kx++) {
            const uint8_t *codes =
                pixel->act + window_at(pixel->window, pixel->oy, pixel->ox, ky, kx);
            for (uint32_t j = 0; j < pixel->n; j++)
                sums[j] += level_of_code[codes[j]];
        }
}

/* --- requantisation --- */

/* Everything of a VECTOR that does not change from pixel to pixel. */
struct task {
    const struct vector *vector;
    struct requantise_rule rule;
    const struct requantise_param *params;
    const uint8_t *residual; /* NULL: none */
    uint8_t *out;
    bool wide, reference;
};

static uint64_t requantise_pixel_reference(const struct task *task, const void *values,
                                           const uint8_t *residual, uint8_t *out)
{
    const unsigned size = (unsigned)format_host_bytes(task->rule.out_format);
    uint64_t overflows = 0;
    for (uint32_t j = 0; j < task->vector->n; j++) {
        int64_t value = task->wide ? ((const int64_t *)values)[j] : ((const int32_t *)values)[j];
        bool overflow = false;
        uint32_t code =
            requantise_reference(&task->rule, &task->params[j], value, residual ? residual[j] : 0,
                                 residual != NULL, &overflow);
        memcpy(out + (size_t)j * size, &code, size); /* little-endian */
        overflows += overflow;
    }
    return overflows;
}

/* Values of pixel `index` to codes; returns the overflows. */
static uint64_t requantise_pixel(const struct task *task, const void *values, uint64_t index)
{
    const uint32_t n = task->vector->n;
    const uint8_t *residual = task->residual ? task->residual + index * n : NULL;
    uint8_t *out = task->out + index * n * (unsigned)format_host_bytes(task->rule.out_format);
    if (task->reference)
        return requantise_pixel_reference(task, values, residual, out);
    return requantise_row(&task->rule, task->params, values, task->wide, residual, (int)n, out);
}

static struct task task_of(const struct machine *machine, const struct vector *vector)
{
    const struct machine_values *values = machine->values;
    const struct format words = {.family = FORMAT_INT, .bits = 32, .is_signed = true};
    struct task task = {
        .vector = vector,
        .rule = {.residual_format = vector->residual_format,
                 .out_format = vector->out_format,
                 .clamp_low = vector->clamp_low,
                 .clamp_high = vector->clamp_high},
        .params = (const void *)pad_at(values, PAD_PARAM, words, vector->param_offset),
        .out = pad_at(values, PAD_OUT, vector->out_format, vector->out_offset),
        .reference = machine->options.reference_arithmetic,
    };
    if (vector->has_residual)
        task.residual = pad_at(values, PAD_ACT, vector->residual_format, vector->residual_offset);
    return task;
}

static uint64_t requantise_sums(const struct machine *machine,
                                const struct instruction *instruction)
{
    const struct vector *vector = &instruction->vector;
    struct task task = task_of(machine, vector);
    task.rule.accumulator_bits = machine->program->arch.cores[0].accumulator_bits;
    task.wide = machine->values->pads.layer_is_wide[instruction->layer];
    const uint64_t pixels = (uint64_t)vector->out_h * vector->out_w;
    const size_t pitch = vector->acc_pitch * (task.wide ? sizeof(int64_t) : sizeof(int32_t));
    const uint8_t *sums =
        machine_pads_sums(&machine->values->pads, instruction->layer, vector->acc_offset);
    uint64_t overflows = 0;
    for (uint64_t i = 0; i < pixels; i++)
        overflows += requantise_pixel(&task, sums + i * pitch, i);
    return overflows;
}

static void requantise_window(const struct machine *machine, const struct vector *vector)
{
    struct task task = task_of(machine, vector);
    const bool is_sum = vector->op == VECTOR_SUM;
    const struct patch_window window = machine_window_vector(vector);
    struct order order;
    if (!is_sum)
        order = order_of(vector->act_format);
    const int32_t *levels = format_grid(vector->act_format)->level_of_code;
    struct pixel pixel = {
        .window = &window,
        .act = pad_at(machine->values, PAD_ACT, vector->act_format, vector->act_offset) +
               vector->channel,
        .n = vector->n,
    };
    task.wide = is_sum; /* a sum of levels over a large window may leave 32 bits */
    for (pixel.oy = 0; pixel.oy < window.out_h; pixel.oy++)
        for (pixel.ox = 0; pixel.ox < window.out_w; pixel.ox++) {
            if (is_sum)
                pixel_sum(&pixel, levels, machine->values->row);
            else
                pixel_maximum(&pixel, &order, machine->values->row);
            requantise_pixel(&task, machine->values->row, pixel.oy * window.out_w + pixel.ox);
        }
}

uint64_t machine_vector_values(const struct machine *machine, const struct instruction *instruction)
{
    switch ((enum vector_op)instruction->vector.op) {
    case VECTOR_REQUANTISE:
        return requantise_sums(machine, instruction);
    case VECTOR_MAXIMUM:
    case VECTOR_SUM:
        requantise_window(machine, &instruction->vector);
        return 0;
    case VECTOR_OP_COUNT:
        break;
    }
    assert(!"no such vector operation");
    return 0;
}
