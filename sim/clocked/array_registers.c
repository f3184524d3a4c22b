/* Memory for the registers of an array whose PEs are not fused; fused arrays are smaller. */
#include "sim/clocked/array_state.h"

#include <stdlib.h>
#include <string.h>

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 1;
    while (power < least)
        power *= 2;
    return power;
}

/* Clocks until chains have used up their memory and move back. */
static size_t slack(const struct clocked_array *array)
{
    return 2 * ((size_t)array->rows + array->columns);
}

static size_t first_position(const struct clocked_array *array)
{
    return array->rows + slack(array);
}

static size_t line_length(const struct clocked_array *array)
{
    return first_position(array) + array->rows + array->columns;
}

/* Every block of memory: X(pointer, elements). */
#define BLOCKS(X)                          \
    X(registers->rows.mult, chains)        \
    X(registers->rows.shift, chains)       \
    X(registers->columns.mult, moving)     \
    X(registers->columns.shift, moving)    \
    X(registers->held.mult, held)          \
    X(registers->held.shift, held)         \
    X(registers->selected.mult, selected)  \
    X(registers->selected.shift, selected) \
    X(registers->entering, entering)       \
    X(registers->loading, loading)         \
    X(registers->adder, columns)           \
    X(registers->row_edge, rows)           \
    X(registers->column_edge, columns)     \
    X(registers->shift_depth, columns)     \
    X(array->line.is_held, line)           \
    X(array->line.is_first, line)          \
    X(array->line.is_last, line)           \
    X(array->line.digit, line)             \
    X(array->line.step, line)              \
    X(array->line.drain, line)             \
    X(array->line.preload, line)           \
    X(array->shown.bottom, columns)        \
    X(array->shown.bottom_valid, columns)  \
    X(array->shown.left, rows)             \
    X(array->shown.top, columns)           \
    X(array->folds, folds)

/* Sums may be 32 or 64 bits: X(pointer, elements of 64 bits). */
#define SUM_BLOCKS(X)        \
    X(registers->sums, sums) \
    X(registers->shadow, shadow)

/* Elements of each block, by the registers that the arch has. */
struct sizes {
    size_t rows, columns, chains, moving, held, selected, entering, loading, sums, shadow, line,
        folds;
};

static struct sizes find_sizes(const struct clocked_array *array)
{
    const struct core *core = array->core;
    const bool stays = is_stationary(array), preloads = stays && core->preload != HIDDEN;
    const bool weights_stay = core->dataflow == WEIGHT_STATIONARY;
    const bool is_serial = core->pe == PE_MSD || core->pe == PE_MSD_SKIP;
    const size_t digits = weights_stay && is_serial ? PE_MAX_CLOCKS : 1;
    const size_t plane = (size_t)array->rows * array->columns;
    const size_t ring = (size_t)(array->registers.ring_mask + 1) * array->columns;
    return (struct sizes){
        .rows = array->rows,
        .columns = array->columns,
        .chains = array->rows * array->registers.row_pitch,
        .moving = stays ? 1 : ring,
        .held = stays ? digits * plane : 1,
        .selected = digits > 1 ? plane : 1,
        .entering = preloads ? ring : 1,
        .loading = preloads ? plane : 1,
        .sums = stays ? ring : plane,
        .shadow = !stays && core->drain == OVERLAPPED ? plane : 1,
        .line = line_length(array),
        .folds = array->fold_mask + 1,
    };
}

bool array_registers_new(struct clocked_array *array)
{
    struct registers *registers = &array->registers;
    registers->ring_mask = power_of_two(array->rows + array->columns) - 1;
    registers->row_pitch = first_position(array) + array->columns;
    array->fold_mask = power_of_two(array->rows + array->columns + 8) - 1;
    struct sizes sizes = find_sizes(array);
    bool complete = true;
#define NEW(pointer, elements) \
    pointer = calloc(sizes.elements, sizeof *(pointer)), complete = complete && (pointer);
#define NEW_SUMS(pointer, elements) \
    pointer = calloc(sizes.elements, sizeof(int64_t)), complete = complete && (pointer);
    BLOCKS(NEW)
    SUM_BLOCKS(NEW_SUMS)
#undef NEW
#undef NEW_SUMS
    return complete;
}

void array_registers_free(struct clocked_array *array)
{
    struct registers *registers = &array->registers;
#define FREE(pointer, elements) free((void *)(pointer));
    BLOCKS(FREE)
    SUM_BLOCKS(FREE)
#undef FREE
}

/* Nothing is left of the MATMUL before: its terms may have shifts that this one's sums cannot
 * take. */
void array_registers_clear(struct clocked_array *array)
{
    struct registers *registers = &array->registers;
    struct sizes sizes = find_sizes(array);
#define CLEAR(pointer, elements) memset((void *)(pointer), 0, sizes.elements * sizeof *(pointer));
#define CLEAR_SUMS(pointer, elements) memset(pointer, 0, sizes.elements * sizeof(int64_t));
    BLOCKS(CLEAR)
    SUM_BLOCKS(CLEAR_SUMS)
#undef CLEAR
#undef CLEAR_SUMS
    registers->position = first_position(array);
}

/* Move the live part of a chain from `from` to `to`. */
#define MOVE(pointer, from, to, count) \
    memmove((pointer) + (to), (pointer) + (from), (count) * sizeof *(pointer))

static void move_line(struct line *line, size_t from, size_t to, size_t ages)
{
    MOVE(line->is_held, from, to, ages);
    MOVE(line->is_first, from, to, ages);
    MOVE(line->is_last, from, to, ages);
    MOVE(line->digit, from, to, ages);
    MOVE(line->step, from, to, ages);
    MOVE(line->drain, from, to, ages);
    MOVE(line->preload, from, to, ages);
}

/* Every clock everything in a chain is one place further on. */
void array_registers_move(struct clocked_array *array)
{
    struct registers *registers = &array->registers;
    if (registers->position > array->rows) {
        registers->position--;
        return;
    }
    const size_t from = registers->position, to = first_position(array);
    registers->position = to - 1;
    move_line(&array->line, from, to, (size_t)array->rows + array->columns);
    for (size_t i = 0; i < array->rows; i++) {
        size_t row = i * registers->row_pitch, live = array->columns + i;
        MOVE(registers->rows.mult, row + from - i, row + to - i, live);
        MOVE(registers->rows.shift, row + from - i, row + to - i, live);
    }
}
