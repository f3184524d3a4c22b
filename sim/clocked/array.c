#include "sim/clocked/array.h"

#include <stdlib.h>

#include "sim/clocked/array_state.h"

struct clocked_array *clocked_array_new(const struct arch *arch, int core)
{
    struct clocked_array *array = calloc(1, sizeof *array);
    if (!array)
        return NULL;
    array->arch = arch;
    array->core = &arch->cores[core];
    array->is_second = core > 0;
    array->pe = pe_descriptor(array->core->pe);
    array->packing = array->pe->packs_pixels;
    array->rows = array->core->rows * pe_pixels(array->pe);
    array->columns = array->core->columns;
    array->hop = array->core->fill != HIDDEN;
    array->sum_port = (uint64_t)arch->pads[PAD_ACC].banks * arch->pads[PAD_ACC].bank_bits;
    if (array_registers_new(array))
        return array;
    clocked_array_free(array);
    return NULL;
}

void clocked_array_free(struct clocked_array *array)
{
    if (!array)
        return;
    array_registers_free(array);
    for (struct decoder *decoder = array->decoders; decoder;) {
        struct decoder *next = decoder->next;
        free(decoder);
        decoder = next;
    }
    free(array->offsets);
    free(array);
}

bool clocked_array_begin(struct clocked_array *array, const struct clocked_array_task *task)
{
    assert(!array->is_busy);
    if (!array_work_begin(array, task))
        return false;
    array->is_busy = true;
    array->now = 0;
    array_registers_clear(array);
    array_control_begin(array);
    return true;
}

/* Waves of the fold in its PEs: a wave that is `age` clocks old holds those on a diagonal. */
struct held {
    uint64_t pes, first; /* PEs held; by the first digit of a product */
};

/* Of packed PEs each is two rows; in their last row it is one where that is but half used. */
static struct held unpack(const struct clocked_array *array, const struct fold *fold,
                          struct held pes, uint32_t from, uint32_t to)
{
    const uint8_t *is_held = array->line.is_held + array->registers.position;
    const uint8_t *is_first = array->line.is_first + array->registers.position;
    const uint32_t last_row = pe_row(array, fold->rows - 1);
    struct held held = {2 * pes.pes, 2 * pes.first};
    if (fold->rows % 2 == 0)
        return held;
    for (uint32_t age = from > last_row ? from : last_row; age <= to; age++) {
        held.pes -= is_held[age];
        held.first -= is_first[age];
    }
    return held;
}

static struct held count_held(const struct clocked_array *array, const struct fold *fold)
{
    const uint32_t r = pe_row_count(array, fold->rows), c = fold->columns;
    const uint8_t *is_held = array->line.is_held + array->registers.position;
    const uint8_t *is_first = array->line.is_first + array->registers.position;
    const uint64_t begun = array->now - fold->begun;
    const uint32_t from = fold->has_ended ? (uint32_t)(array->now - fold->ended) : 0;
    if (!array->hop)
        return from ? (struct held){0}
                    : (struct held){(uint64_t)is_held[0] * fold->rows * c,
                                    (uint64_t)is_first[0] * fold->rows * c};
    const uint32_t to = begun < r + c - 2 ? (uint32_t)begun : r + c - 2;
    const uint32_t shorter = r < c ? r : c;
    uint32_t pes = 0, first = 0;
    for (uint32_t age = from; age <= to; age++) {
        uint32_t diagonal = age + 1 < r + c - 1 - age ? age + 1 : r + c - 1 - age;
        diagonal = diagonal < shorter ? diagonal : shorter;
        pes += is_held[age] ? diagonal : 0;
        first += is_first[age] ? diagonal : 0;
    }
    const struct held held = {pes, first};
    return array->packing ? unpack(array, fold, held, from, to) : held;
}

/* Counts what PEs do in this clock; finds the part of the array that is used. True if any is
 * held. */
static bool count_pes(struct clocked_array *array, struct counters *counters, uint32_t *rows,
                      uint32_t *columns)
{
    struct held all = {0};
    *rows = *columns = 0;
    array->shown.filling = false;
    for (uint64_t index = array->oldest; index < fold_end(array); index++) {
        const struct fold *fold = fold_at(array, index);
        if (!fold->has_begun)
            continue;
        struct held held = count_held(array, fold);
        all.pes += held.pes;
        all.first += held.first;
        array->shown.filling |= is_under_way(array, fold, fold->begun);
        *rows = fold->rows > *rows ? fold->rows : *rows;
        *columns = fold->columns > *columns ? fold->columns : *columns;
    }
    const uint64_t idle = (uint64_t)array->work.array_rows * array->work.array_columns - all.pes;
    counters->macs += all.first;
    *(array->is_second ? &counters->array2_pe_clocks : &counters->pe_clocks) += all.pes;
    *(array->is_second ? &counters->array2_idle_pe_clocks : &counters->idle_pe_clocks) += idle;
    return all.pes > 0;
}

bool clocked_array_clock(struct clocked_array *array, struct counters *counters)
{
    assert(array->is_busy);
    array_control_clock(array, counters);
    if (is_stationary(array)) {
        array_switch_stationary(array, counters);
        array_enter_sums(array);
    } else {
        array_clear_accumulators(array);
    }
    uint32_t rows, columns;
    if (count_pes(array, counters, &rows, &columns) && has_values(array))
        array_multiply(array, rows, columns);
    array_collect(array, counters);
    if (is_stationary(array))
        array_shift_stationary(array);
    bool is_done = array_control_end(array);
    array_registers_move(array);
    array->now++;
    array->is_busy = !is_done;
    return is_done;
}
