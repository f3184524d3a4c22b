/* The bottom edge: sums leave, digits of a product are added, results are shifted out and go into the acc
 * scratchpad. */
#include "sim/clocked/array_state.h"

#include <string.h>

static int64_t sum_at(const struct clocked_array *array, const void *sums, size_t at)
{
    return array->work.wide ? ((const int64_t *)sums)[at] : ((const int32_t *)sums)[at];
}

static size_t plane_at(const struct clocked_array *array, uint32_t i, uint32_t j)
{
    return (size_t)i * array->columns + j;
}

/* The registers that shift results down: the accumulators themselves, or their shadows. */
static void *drain_chain(const struct clocked_array *array)
{
    bool has_shadow = array->arch->core.drain == OVERLAPPED;
    return has_shadow ? array->registers.shadow : array->registers.sums;
}

/* A result of step (output-stationary: row) s and column j; adds modulo 2^32 or 2^64. */
static void write_sum(const struct clocked_array *array, const struct fold *fold, size_t s,
                      uint32_t j, int64_t value, struct counters *counters)
{
    const struct work *work = &array->work;
    const size_t at = fold->sum_at + s * fold->sum_step + j * fold->sum_column;
    counters->acc_write_bits += array->arch->core.accumulator_bits;
    counters->acc_read_bits += fold->adds ? array->arch->core.accumulator_bits : 0;
    if (!has_values(array))
        return;
    if (work->wide_sums) {
        uint64_t *sum = (uint64_t *)work->sums + at;
        *sum = (fold->adds ? *sum : 0) + (uint64_t)value;
    } else {
        uint32_t *sum = (uint32_t *)work->sums + at;
        *sum = (fold->adds ? *sum : 0) + (uint32_t)value;
    }
}

/* A column's way out takes one sum a clock. */
static void show_bottom(struct clocked_array *array, uint32_t j, int64_t value)
{
    assert(!array->shown.bottom_valid[j]);
    array->shown.bottom[j] = value;
    array->shown.bottom_valid[j] = true;
}

/* --- output-stationary: accumulators, shadows, drain --- */

/* The wave of step 0 starts from nothing. */
static void clear_fold(struct clocked_array *array, const struct fold *fold)
{
    size_t size = array->work.wide ? sizeof(int64_t) : sizeof(int32_t);
    for (uint32_t i = 0; i < fold->rows; i++) {
        struct span span = reached(array, array->now - fold->begun, i, fold->columns);
        memset((char *)array->registers.sums + plane_at(array, i, span.begin) * size, 0,
               (span.end - span.begin) * size);
    }
}

void array_clear_accumulators(struct clocked_array *array)
{
    for (uint64_t index = array->oldest; index < fold_end(array); index++) {
        const struct fold *fold = fold_at(array, index);
        if (fold->has_begun && is_under_way(array, fold, fold->begun))
            clear_fold(array, fold);
    }
}

/* The last wave hands a PE's sum over to its shadow; where drain is hidden it is out at once. */
static void hand_over(struct clocked_array *array, const struct fold *fold, uint32_t i, uint32_t j,
                      struct counters *counters)
{
    const struct registers *registers = &array->registers;
    const size_t at = plane_at(array, i, j);
    const int64_t sum = sum_at(array, registers->sums, at);
    switch ((enum visibility)array->arch->core.drain) {
    case EXPOSED:
        return;
    case OVERLAPPED:
        if (array->work.wide)
            ((int64_t *)registers->shadow)[at] = sum;
        else
            ((int32_t *)registers->shadow)[at] = (int32_t)sum;
        return;
    case HIDDEN:
        write_sum(array, fold, i, j, sum, counters);
        return;
    case VISIBILITY_COUNT:
        break;
    }
    assert(!"no such visibility");
}

static void hand_fold_over(struct clocked_array *array, const struct fold *fold,
                           struct counters *counters)
{
    for (uint32_t i = 0; i < fold->rows; i++) {
        struct span span = reached(array, array->now - fold->last_wave, i, fold->columns);
        for (uint32_t j = span.begin; j < span.end; j++)
            hand_over(array, fold, i, j, counters);
    }
}

/* Shift words that have reached the bottom: what stands in the bottom row leaves, rows above it take what
 * is above them, from row shift_from on; the rows before that have been shifted out. False if no word has. */
static bool take_bottom_row(struct clocked_array *array, const struct fold *fold,
                            struct counters *counters)
{
    bool any = false;
    const uint32_t bottom = fold->depth - 1;
    for (uint32_t j = 0; j < fold->columns; j++) {
        const uint64_t age = array->hop * ((uint64_t)bottom + j);
        const bool is_of_fold = array->now >= fold->drain_begun + age;
        const uint32_t shift = is_of_fold ? array->line.drain[array->registers.position + age] : 0;
        const bool is_mine = shift && (!fold->is_issued || array->now - age <= fold->drain_ended);
        array->registers.shift_from[j] = is_mine ? shift : UINT32_MAX;
        if (!is_mine)
            continue;
        any = array->shown.draining = true;
        const uint32_t row = bottom - (shift - 1);
        if (row >= fold->rows)
            continue;
        int64_t sum = sum_at(array, drain_chain(array), plane_at(array, bottom, j));
        show_bottom(array, j, sum);
        write_sum(array, fold, row, j, sum, counters);
    }
    return any;
}

#define SHIFT_DOWN(type)                                                              \
    for (uint32_t i = fold->depth; i-- > 1;) {                                        \
        type *restrict to = (type *)chain + plane_at(array, i, 0);                    \
        const type *restrict above = (const type *)chain + plane_at(array, i - 1, 0); \
        for (uint32_t j = 0; j < fold->columns; j++)                                  \
            to[j] = from[j] <= i ? above[j] : to[j];                                  \
    }

static void shift_down(struct clocked_array *array, const struct fold *fold)
{
    const uint32_t *restrict from = array->registers.shift_from;
    void *chain = drain_chain(array);
    if (array->work.wide)
        SHIFT_DOWN(int64_t)
    else
        SHIFT_DOWN(int32_t)
}

static void collect_results(struct clocked_array *array, const struct fold *fold,
                            struct counters *counters)
{
    if (fold->has_ended && fold->drains && take_bottom_row(array, fold, counters) &&
        has_values(array))
        shift_down(array, fold);
    if (fold->has_last_wave && is_under_way(array, fold, fold->last_wave))
        hand_fold_over(array, fold, counters);
}

/* --- weight- and input-stationary: partial sums reach the bottom --- */

/* Sums that enter row 0 with this cycle's wave are 0. */
void array_enter_sums(struct clocked_array *array)
{
    size_t size = array->work.wide ? sizeof(int64_t) : sizeof(int32_t);
    size_t row = (size_t)(array->now & array->registers.ring_mask) * array->columns;
    memset((char *)array->registers.sums + row * size, 0, array->columns * size);
}

static void collect_wave(struct clocked_array *array, const struct fold *fold, uint32_t j,
                         uint64_t age, struct counters *counters)
{
    const struct registers *registers = &array->registers;
    const size_t word = registers->position + age;
    if (!array->line.is_held[word])
        return;
    const uint64_t entered = array->now - hops_to_way_out(array, fold);
    const size_t row = (size_t)(entered & registers->ring_mask) * array->columns;
    const int64_t sum = has_values(array) ? sum_at(array, registers->sums, row + j) : 0;
    show_bottom(array, j, sum);
    registers->adder[j] = (int64_t)((uint64_t)registers->adder[j] + (uint64_t)sum);
    if (!array->line.is_last[word])
        return;
    write_sum(array, fold, array->line.step[word], j, registers->adder[j], counters);
    registers->adder[j] = 0;
}

static void collect_sums(struct clocked_array *array, const struct fold *fold,
                         struct counters *counters)
{
    if (!fold->has_begun)
        return;
    const uint64_t oldest = array->now - fold->begun;
    const uint64_t youngest = fold->has_ended ? array->now - fold->ended : 0;
    for (uint32_t j = 0; j < fold->columns; j++) {
        uint64_t age = array->hop * ((uint64_t)fold->depth - 1 + j);
        if (youngest <= age && age <= oldest)
            collect_wave(array, fold, j, age, counters);
    }
}

void array_collect(struct clocked_array *array, struct counters *counters)
{
    array->shown.draining = false;
    memset(array->shown.bottom_valid, 0, array->columns * sizeof array->shown.bottom_valid[0]);
    for (uint64_t index = array->oldest; index < fold_end(array); index++) {
        const struct fold *fold = fold_at(array, index);
        if (is_stationary(array))
            collect_sums(array, fold, counters);
        else
            collect_results(array, fold, counters);
    }
}
