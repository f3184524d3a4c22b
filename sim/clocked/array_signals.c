/* The edges as the last clock left them, gathered from the registers when asked for. */
#include "sim/clocked/array_state.h"

static struct term term_at(const struct terms *terms, size_t at)
{
    return (struct term){terms->mult[at], terms->shift[at]};
}

/* The operand in PE (i, 0); the chain has moved on by one place since. */
static void gather_left(const struct clocked_array *array)
{
    const struct registers *registers = &array->registers;
    for (uint32_t i = 0; i < array->work.array_rows; i++)
        array->shown.left[i] =
            term_at(&registers->rows, i * registers->row_pitch + registers->position + 1);
}

/* The operand in PE (0, j), or the first digit of the one that was shifted into its second
 * register. */
static void gather_top(const struct clocked_array *array)
{
    const struct registers *registers = &array->registers;
    const bool weights_stay = array->core->dataflow == WEIGHT_STATIONARY;
    const struct decoder *decoder =
        weights_stay ? array->work.weight.decoder : array->work.act.decoder;
    const size_t ring_row = (size_t)((array->now - 1) & registers->ring_mask) * array->columns;
    for (uint32_t j = 0; j < array->work.array_columns; j++) {
        struct term *top = &array->shown.top[j];
        *top = (struct term){0};
        if (!is_stationary(array))
            *top = term_at(&registers->columns, ring_row + j);
        else if (decoder && array->line.preload[registers->position + 1 + array->hop * j])
            *top = decoder->of_code[registers->loading[j]].digit[0];
    }
}

struct clocked_array_signals clocked_array_look(const struct clocked_array *array)
{
    if (!array->now) /* no clock yet */
        return (struct clocked_array_signals){0};
    gather_left(array);
    gather_top(array);
    return (struct clocked_array_signals){
        .busy = true,
        .preloading = array->shown.preloading,
        .streaming = array->shown.streaming,
        .filling = array->shown.filling,
        .draining = array->shown.draining,
        .fold = (uint32_t)array->sequencer.fold,
        .rows = (uint16_t)array->work.array_rows,
        .columns = (uint16_t)array->work.array_columns,
        .left = array->shown.left,
        .top = array->shown.top,
        .bottom = array->shown.bottom,
        .bottom_valid = array->shown.bottom_valid,
    };
}
