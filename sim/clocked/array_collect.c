/* The bottom edge: sums leave, digits of a product are added, results are shifted out and go into
 * the acc scratchpad. */
#include "sim/clocked/array_state.h"

#include <string.h>

#include "pe/clones.h"

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
    bool has_shadow = array->core->drain == OVERLAPPED;
    return has_shadow ? array->registers.shadow : array->registers.sums;
}

/* A result of step (output-stationary: row) s and column j; adds modulo 2^32 or 2^64. */
static void write_sum(const struct clocked_array *array, const struct fold *fold, size_t s,
                      uint32_t j, int64_t value)
{
    const struct work *work = &array->work;
    const size_t at = fold->sum_at + s * fold->sum_step + j * fold->sum_column;
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

static void count_sums(const struct clocked_array *array, const struct fold *fold, uint32_t written,
                       struct counters *counters)
{
    const uint64_t bits = (uint64_t)written * array->core->accumulator_bits;
    counters->acc_write_bits += bits;
    counters->acc_read_bits += fold->adds ? bits : 0;
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
static void hand_over(struct clocked_array *array, const struct fold *fold, uint32_t i, uint32_t j)
{
    const struct registers *registers = &array->registers;
    const size_t at = plane_at(array, i, j);
    const int64_t sum = sum_at(array, registers->sums, at);
    if (array->core->drain == HIDDEN)
        write_sum(array, fold, i, j, sum);
    else if (array->work.wide)
        ((int64_t *)registers->shadow)[at] = sum;
    else
        ((int32_t *)registers->shadow)[at] = (int32_t)sum;
}

static void hand_fold_over(struct clocked_array *array, const struct fold *fold,
                           struct counters *counters)
{
    uint32_t sums = 0;
    for (uint32_t i = 0; i < fold->rows; i++) {
        struct span span = reached(array, array->now - fold->last_wave, i, fold->columns);
        for (uint32_t j = span.begin; j < span.end; j++)
            hand_over(array, fold, i, j);
        sums += span.end - span.begin;
    }
    if (array->core->drain == HIDDEN)
        count_sums(array, fold, sums, counters);
}

/* The rows of column j that have been shifted out, with the one of the fold's shift word that is at
 * the bottom now; 0 if none is. */
static uint16_t shift_word(const struct clocked_array *array, const struct fold *fold, uint32_t j)
{
    const uint64_t age = hops_to_way_out(array, fold) + (uint64_t)array->hop * j;
    const uint64_t issued = array->now - age;
    bool is_of_fold = array->now >= age && issued >= fold->drain_begun &&
                      (!fold->is_issued || issued <= fold->drain_ended);
    return is_of_fold ? array->line.drain[array->registers.position + age] : 0;
}

/* What stands in the bottom row of the columns that a shift word has reached leaves. */
static bool take_bottom_row(struct clocked_array *array, const struct fold *fold,
                            struct counters *counters)
{
    const uint32_t bottom = fold->depth - 1;
    const void *chain = drain_chain(array);
    uint32_t words = 0, sums = 0;
    for (uint32_t j = 0; j < fold->columns; j++) {
        const uint16_t word = array->registers.shift_depth[j] = shift_word(array, fold, j);
        words += word > 0;
        if (!word || bottom - (word - 1u) >= fold->rows)
            continue;
        const int64_t sum = sum_at(array, chain, plane_at(array, bottom, j));
        show_bottom(array, j, sum);
        write_sum(array, fold, bottom - (word - 1u), j, sum);
        sums++;
    }
    count_sums(array, fold, sums, counters);
    array->shown.draining |= words > 0;
    return words > 0;
}

/* The rows below those that have been shifted out take what is above them. */
#define SHIFT_COLUMNS_OUT(name, type)                                                       \
    VECTOR_CLONES static void name(type *chain, size_t pitch, const uint16_t *restrict out, \
                                   uint32_t depth, uint32_t columns)                        \
    {                                                                                       \
        for (uint32_t i = depth; i-- > 1;) {                                                \
            type *restrict to = chain + i * pitch;                                          \
            const type *restrict above = to - pitch;                                        \
            for (uint32_t j = 0; j < columns; j++)                                          \
                to[j] = out[j] && out[j] <= i ? above[j] : to[j];                           \
        }                                                                                   \
    }
SHIFT_COLUMNS_OUT(shift_narrow_out, int32_t)
SHIFT_COLUMNS_OUT(shift_wide_out, int64_t)

static void shift_out(struct clocked_array *array, const struct fold *fold)
{
    const uint16_t *out = array->registers.shift_depth;
    if (array->work.wide)
        shift_wide_out(drain_chain(array), array->columns, out, fold->depth, fold->columns);
    else
        shift_narrow_out(drain_chain(array), array->columns, out, fold->depth, fold->columns);
}

static void collect_results(struct clocked_array *array, const struct fold *fold,
                            struct counters *counters)
{
    const bool keeps_sums = array->core->drain == EXPOSED;
    if (fold->has_ended && fold->drains && take_bottom_row(array, fold, counters) &&
        has_values(array))
        shift_out(array, fold);
    if (!keeps_sums && fold->has_last_wave && is_under_way(array, fold, fold->last_wave))
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

/* Words that are at the bottom of columns first .. last: their sums leave, and the digits of a
 * product are added. Returns how many products are complete. */
static uint32_t collect_columns(struct clocked_array *array, const struct fold *fold,
                                uint32_t first, uint32_t last)
{
    const struct line *line = &array->line;
    int64_t *adder = array->registers.adder;
    const uint64_t entered = array->now - hops_to_way_out(array, fold);
    const size_t row = (size_t)(entered & array->registers.ring_mask) * array->columns;
    const size_t bottom = array->registers.position + hops_to_way_out(array, fold);
    uint32_t complete = 0;
    for (uint32_t j = first; j <= last; j++) {
        const size_t word = bottom + array->hop * j;
        if (!line->is_held[word])
            continue;
        const int64_t sum = sum_at(array, array->registers.sums, row + j);
        show_bottom(array, j, sum);
        adder[j] = (int64_t)((uint64_t)adder[j] + (uint64_t)sum);
        if (!line->is_last[word])
            continue;
        write_sum(array, fold, line->step[word], j, adder[j]);
        adder[j] = 0;
        complete++;
    }
    return complete;
}

/* Column j is reached by words that are hops_to_way_out + j clocks old: those of the fold are
 * `youngest` to `oldest` clocks old. */
static void collect_sums(struct clocked_array *array, const struct fold *fold,
                         struct counters *counters)
{
    if (!fold->has_begun)
        return;
    const uint64_t oldest = array->now - fold->begun, hops = hops_to_way_out(array, fold);
    const uint64_t youngest = fold->has_ended ? array->now - fold->ended : 0;
    if (oldest < hops)
        return;
    uint64_t first = 0, last = fold->columns - 1;
    if (array->hop) {
        first = youngest > hops ? youngest - hops : 0;
        last = oldest - hops < last ? oldest - hops : last;
    } else if (youngest) {
        return;
    }
    if (first <= last)
        count_sums(array, fold, collect_columns(array, fold, (uint32_t)first, (uint32_t)last),
                   counters);
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
