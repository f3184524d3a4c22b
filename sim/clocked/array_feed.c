/* The left and the top edge: codes come from the scratchpads, pass the decoders, and enter
 * skewed. */
#include "sim/clocked/array_state.h"

#include "pe/clones.h"

/* --- reading codes --- */

static void count_act(const struct clocked_array *array, uint64_t codes, struct counters *counters)
{
    counters->act_read_bits += codes * array->work.act.code_bits;
    uint64_t *decodes = array->is_second ? &counters->array2_act_decodes : &counters->act_decodes;
    *decodes += array->pe->has_decoders ? codes : 0;
}

static void count_weights(const struct clocked_array *array, uint64_t codes,
                          struct counters *counters)
{
    counters->weight_read_bits += codes * array->work.weight.code_bits;
    uint64_t *decodes =
        array->is_second ? &counters->array2_weight_decodes : &counters->weight_decodes;
    *decodes += array->pe->has_decoders ? codes : 0;
}

static void count_row_operands(const struct clocked_array *array, uint64_t codes,
                               struct counters *counters)
{
    if (array->core->dataflow == INPUT_STATIONARY)
        count_weights(array, codes, counters);
    else
        count_act(array, codes, counters);
}

static void count_column_operands(const struct clocked_array *array, uint64_t codes,
                                  struct counters *counters)
{
    if (array->core->dataflow == INPUT_STATIONARY)
        count_act(array, codes, counters);
    else
        count_weights(array, codes, counters);
}

/* What the rows take in `step`. */
static void read_row_operands(struct clocked_array *array, const struct fold *fold, uint64_t step)
{
    const struct work *work = &array->work;
    const struct decoded **edge = array->registers.row_edge;
    const uint64_t group = fold->group, first = fold->first_row;
    switch ((enum dataflow)array->core->dataflow) {
    case OUTPUT_STATIONARY:
        for (uint32_t i = 0; i < fold->rows; i++)
            edge[i] = operand_at(&work->act, act_index(work, group, first + i, step));
        return;
    case WEIGHT_STATIONARY:
        for (uint32_t i = 0; i < fold->rows; i++)
            edge[i] = operand_at(&work->act, act_index(work, group, step, first + i));
        return;
    case INPUT_STATIONARY:
        for (uint32_t i = 0; i < fold->rows; i++)
            edge[i] = operand_at(&work->weight, weight_index(work, group, first + i, step));
        return;
    case DATAFLOW_COUNT:
        break;
    }
    assert(!"no such dataflow");
}

static void read_column_operands(struct clocked_array *array, const struct fold *fold,
                                 uint64_t step)
{
    const struct work *work = &array->work;
    const size_t at = weight_index(work, fold->group, step, fold->first_column);
    for (uint32_t j = 0; j < fold->columns; j++)
        array->registers.column_edge[j] = operand_at(&work->weight, at + j);
}

static uint32_t most_digits(const struct decoded *const *edge, uint32_t count)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < count; i++)
        most = edge[i]->count > most ? edge[i]->count : most;
    return most;
}

/* Index of the code that PE (i, j) of the fold keeps. */
static size_t stationary_index(const struct work *work, const struct fold *fold, bool weights_stay,
                               uint32_t i, uint32_t j)
{
    const uint64_t k = fold->first_row + i, column = fold->first_column + j;
    return weights_stay ? weight_index(work, fold->group, k, column)
                        : act_index(work, fold->group, column, k);
}

static const struct operand *stationary_operand(const struct clocked_array *array)
{
    bool weights_stay = array->core->dataflow == WEIGHT_STATIONARY;
    return weights_stay ? &array->work.weight : &array->work.act;
}

static const struct decoded *stationary_at(const struct clocked_array *array,
                                           const struct fold *fold, uint32_t i, uint32_t j)
{
    bool weights_stay = array->core->dataflow == WEIGHT_STATIONARY;
    return operand_at(stationary_operand(array),
                      stationary_index(&array->work, fold, weights_stay, i, j));
}

/* Where the stationary weights are there at once, so is the number of their digits. */
static uint8_t digits_of_hidden_preload(const struct clocked_array *array, const struct fold *fold)
{
    uint8_t most = 1;
    for (uint32_t i = 0; i < fold->rows; i++)
        for (uint32_t j = 0; j < fold->columns; j++) {
            uint8_t count = stationary_at(array, fold, i, j)->count;
            most = count > most ? count : most;
        }
    return most;
}

/* Clocks of a step: the digits of the weights that move together, or all of them where none is
 * skipped. */
static uint32_t digits_of_step(const struct clocked_array *array, struct fold *fold, uint64_t step)
{
    if (!array->work.skips)
        return array->work.digits;
    switch ((enum dataflow)array->core->dataflow) {
    case OUTPUT_STATIONARY:
        return most_digits(array->registers.column_edge, fold->columns);
    case WEIGHT_STATIONARY:
        if (array->core->preload == HIDDEN && step == 0)
            fold->digits = digits_of_hidden_preload(array, fold);
        return fold->digits;
    case INPUT_STATIONARY:
        return most_digits(array->registers.row_edge, fold->rows);
    case DATAFLOW_COUNT:
        break;
    }
    assert(!"no such dataflow");
    return 0;
}

/* Takes the operands of a step into the edge registers; returns its digits. */
uint32_t array_read_step(struct clocked_array *array, struct fold *fold, uint64_t step,
                         struct counters *counters)
{
    count_row_operands(array, fold->rows, counters);
    if (!is_stationary(array))
        count_column_operands(array, fold->columns, counters);
    if (has_values(array)) {
        read_row_operands(array, fold, step);
        if (!is_stationary(array))
            read_column_operands(array, fold, step);
    }
    return digits_of_step(array, fold, step);
}

/* --- operands that move: skewed, row i by the clocks that it is down, column j by j --- */

static void enter_row(struct clocked_array *array, uint32_t i, struct term term)
{
    struct registers *registers = &array->registers;
    size_t at = i * registers->row_pitch + registers->position - array->hop * pe_row(array, i);
    uint32_t places = array->hop ? 1 : array->work.array_columns;
    for (uint32_t j = 0; j < places; j++) {
        registers->rows.mult[at + j] = term.mult;
        registers->rows.shift[at + j] = term.shift;
    }
}

static void enter_column(struct clocked_array *array, uint32_t j, struct term term)
{
    struct registers *registers = &array->registers;
    uint64_t enters = array->now + (uint64_t)array->hop * j;
    size_t at = (size_t)(enters & registers->ring_mask) * array->columns + j;
    registers->columns.mult[at] = term.mult;
    registers->columns.shift[at] = term.shift;
}

/* Null terms into the rows and columns that no operand enters. */
static void enter_nothing(struct clocked_array *array, uint32_t first_row, uint32_t first_column)
{
    for (uint32_t i = first_row; i < array->work.array_rows; i++)
        enter_row(array, i, (struct term){0});
    for (uint32_t j = first_column; !is_stationary(array) && j < array->work.array_columns; j++)
        enter_column(array, j, (struct term){0});
}

void array_feed_bubble(struct clocked_array *array)
{
    if (has_values(array))
        enter_nothing(array, 0, 0);
}

/* One digit of the open step; activations are held for all digits of the weights they meet. */
void array_feed_wave(struct clocked_array *array, const struct fold *fold, uint32_t digit)
{
    if (!has_values(array))
        return;
    const struct registers *registers = &array->registers;
    const uint32_t row_digit = array->core->dataflow == INPUT_STATIONARY ? digit : 0;
    for (uint32_t i = 0; i < fold->rows; i++)
        enter_row(array, i, registers->row_edge[i]->digit[row_digit]);
    for (uint32_t j = 0; !is_stationary(array) && j < fold->columns; j++)
        enter_column(array, j, registers->column_edge[j]->digit[digit]);
    enter_nothing(array, fold->rows, fold->columns);
}

/* --- operands that stay --- */

/* Reads row `row` of the stationary operand; column j's code enters the top j clocks from now. */
void array_read_stationary_row(struct clocked_array *array, struct fold *fold, uint32_t row,
                               struct counters *counters)
{
    if (row >= fold->rows) /* rows that the fold does not use keep the pace */
        return;
    count_column_operands(array, fold->columns, counters);
    if (!has_values(array))
        return;
    const bool weights_stay = array->core->dataflow == WEIGHT_STATIONARY;
    const struct operand *operand = stationary_operand(array);
    for (uint32_t j = 0; j < fold->columns; j++) {
        size_t index = stationary_index(&array->work, fold, weights_stay, row, j);
        const struct decoded *decoded = operand_at(operand, index);
        uint64_t enters = array->now + (uint64_t)array->hop * j;
        size_t at = (size_t)(enters & array->registers.ring_mask) * array->columns + j;
        array->registers.entering[at] = (uint16_t)(decoded - operand->decoder->of_code);
        fold->digits = decoded->count > fold->digits ? decoded->count : fold->digits;
    }
}

/* Rows below row 0 take what is above them, as far down as `depth` says for each column. */
VECTOR_CLONES static void shift_columns_in(uint16_t *loading, size_t pitch,
                                           const uint16_t *restrict depth, uint32_t rows,
                                           uint32_t columns)
{
    for (uint32_t i = rows; i-- > 1;) {
        uint16_t *restrict to = loading + i * pitch;
        const uint16_t *restrict above = to - pitch;
        for (uint32_t j = 0; j < columns; j++)
            to[j] = depth[j] > i ? above[j] : to[j];
    }
}

/* One clock of the chains that bring stationary operands in. With the shift after k others rows 0
 * to k of a column take what is above them; those below already hold what they are to keep, or
 * still what the wavefront of the fold before has not reached. */
void array_shift_stationary(struct clocked_array *array)
{
    struct registers *registers = &array->registers;
    const uint32_t columns = array->work.array_columns;
    const uint16_t *words = array->line.preload + registers->position;
    uint16_t *depth = registers->shift_depth;
    uint32_t rows = 0;
    for (uint32_t j = 0; j < columns; j++) {
        depth[j] = words[array->hop * j];
        rows = depth[j] > rows ? depth[j] : rows;
    }
    if (!rows)
        return;
    shift_columns_in(registers->loading, array->columns, depth, rows, columns);
    const uint16_t *top =
        registers->entering + (size_t)(array->now & registers->ring_mask) * array->columns;
    for (uint32_t j = 0; j < columns; j++)
        registers->loading[j] = depth[j] ? top[j] : registers->loading[j];
}

static void hold(struct clocked_array *array, const struct decoded *decoded, uint32_t i, uint32_t j)
{
    const size_t plane = (size_t)array->rows * array->columns;
    for (uint32_t digit = 0; digit < array->work.held_digits; digit++) {
        size_t at = digit * plane + (size_t)i * array->columns + j;
        array->registers.held.mult[at] = decoded->digit[digit].mult;
        array->registers.held.shift[at] = decoded->digit[digit].shift;
    }
}

static void switch_fold(struct clocked_array *array, const struct fold *fold,
                        struct counters *counters)
{
    const bool is_hidden = array->core->preload == HIDDEN;
    const struct operand *operand = stationary_operand(array);
    for (uint32_t i = 0; i < fold->rows; i++) {
        struct span span = reached(array, array->now - fold->begun, i, fold->columns);
        if (is_hidden)
            count_column_operands(array, span.end - span.begin, counters);
        for (uint32_t j = span.begin; has_values(array) && j < span.end; j++) {
            size_t at = (size_t)i * array->columns + j;
            const struct decoded *decoded =
                is_hidden ? stationary_at(array, fold, i, j)
                          : &operand->decoder->of_code[array->registers.loading[at]];
            hold(array, decoded, i, j);
        }
    }
}

/* The wave of step 0 switches registers where it passes. */
void array_switch_stationary(struct clocked_array *array, struct counters *counters)
{
    for (uint64_t index = array->oldest; index < fold_end(array); index++) {
        const struct fold *fold = fold_at(array, index);
        if (fold->has_begun && is_under_way(array, fold, fold->begun))
            switch_fold(array, fold, counters);
    }
}
