#include "sim/clocked/array.h"

#include <stdlib.h>

#include "sim/clocked/array_state.h"

struct clocked_array *clocked_array_new(const struct arch *arch)
{
    struct clocked_array *array = calloc(1, sizeof *array);
    if (!array)
        return NULL;
    array->arch = arch;
    array->pe = pe_descriptor(arch->cores[0].pe);
    array->rows = arch->cores[0].rows;
    array->columns = arch->cores[0].columns;
    array->hop = arch->cores[0].fill != HIDDEN;
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

static struct held count_held(const struct clocked_array *array, const struct fold *fold)
{
    const uint32_t r = fold->rows, c = fold->columns;
    const uint8_t *is_held = array->line.is_held + array->registers.position;
    const uint8_t *is_first = array->line.is_first + array->registers.position;
    const uint64_t begun = array->now - fold->begun;
    const uint32_t from = fold->has_ended ? (uint32_t)(array->now - fold->ended) : 0;
    if (!array->hop)
        return from ? (struct held){0}
                    : (struct held){(uint64_t)is_held[0] * r * c, (uint64_t)is_first[0] * r * c};
    const uint32_t to = begun < r + c - 2 ? (uint32_t)begun : r + c - 2;
    const uint32_t shorter = r < c ? r : c;
    uint32_t pes = 0, first = 0;
    for (uint32_t age = from; age <= to; age++) {
        uint32_t diagonal = age + 1 < r + c - 1 - age ? age + 1 : r + c - 1 - age;
        diagonal = diagonal < shorter ? diagonal : shorter;
        pes += is_held[age] ? diagonal : 0;
        first += is_first[age] ? diagonal : 0;
    }
    return (struct held){pes, first};
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
    counters->macs += all.first;
    counters->pe_clocks += all.pes;
    counters->idle_pe_clocks +=
        (uint64_t)array->work.array_rows * array->work.array_columns - all.pes;
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
