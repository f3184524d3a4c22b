/* One clock of all PEs: multiply what stands in the operand registers, align, add. pe/pe_clock.h is
 * the definition; these loops are its form for whole rows. */
#include "sim/clocked/array_state.h"

#include "pe/clones.h"

static inline size_t row_of(const struct row_walk *walk, uint32_t i)
{
    return ((walk->first + i * walk->step) & walk->mask) * walk->pitch;
}

LOOP_BODY void multiply_row_narrow(const int16_t *restrict a, const uint8_t *restrict a_shift,
                                   const int16_t *restrict b, const uint8_t *restrict b_shift,
                                   uint32_t *restrict sums, uint32_t columns, bool has_shifts)
{
    for (uint32_t j = 0; j < columns; j++) {
        uint32_t product = (uint32_t)((int32_t)a[j] * b[j]);
        sums[j] += has_shifts ? product << (a_shift[j] + b_shift[j]) : product;
    }
}

LOOP_BODY void multiply_row_wide(const int16_t *restrict a, const uint8_t *restrict a_shift,
                                 const int16_t *restrict b, const uint8_t *restrict b_shift,
                                 uint64_t *restrict sums, uint32_t columns)
{
    for (uint32_t j = 0; j < columns; j++)
        sums[j] += (uint64_t)(int64_t)((int32_t)a[j] * b[j]) << (a_shift[j] + b_shift[j]);
}

LOOP_BODY void multiply_rows(const struct row_products *p, bool is_wide, bool has_shifts)
{
    for (uint32_t i = 0; i < p->rows; i++) {
        size_t a = row_of(&p->a_rows, i), b = row_of(&p->b_rows, i >> p->packing);
        size_t sums = row_of(&p->sum_rows, i);
        if (is_wide)
            multiply_row_wide(p->a.mult + a, p->a.shift + a, p->b.mult + b, p->b.shift + b,
                              (uint64_t *)p->sums + sums, p->columns);
        else
            multiply_row_narrow(p->a.mult + a, p->a.shift + a, p->b.mult + b, p->b.shift + b,
                                (uint32_t *)p->sums + sums, p->columns, has_shifts);
    }
}

VECTOR_CLONES static void multiply_wide(const struct row_products *p)
{
    multiply_rows(p, true, true);
}

VECTOR_CLONES static void multiply_narrow(const struct row_products *p)
{
    multiply_rows(p, false, true);
}

/* Formats of integers alone. */
VECTOR_CLONES static void multiply_unshifted(const struct row_products *p)
{
    multiply_rows(p, false, false);
}

void array_multiply_rows(const struct row_products *products)
{
    if (products->is_wide)
        multiply_wide(products);
    else if (products->has_shifts)
        multiply_narrow(products);
    else
        multiply_unshifted(products);
}

/* --- weight-stationary and digit-serial: the wave's digit number selects the digit --- */

VECTOR_CLONES static void select_digit(const uint8_t *restrict digits, uint8_t digit,
                                       const int16_t *restrict mult, const uint8_t *restrict shift,
                                       int16_t *restrict selected_mult,
                                       uint8_t *restrict selected_shift, uint32_t columns)
{
    for (uint32_t j = 0; j < columns; j++)
        selected_mult[j] = digits[j] == digit ? mult[j] : selected_mult[j];
    for (uint32_t j = 0; j < columns; j++)
        selected_shift[j] = digits[j] == digit ? shift[j] : selected_shift[j];
}

static struct terms select_digits(const struct clocked_array *array, uint32_t rows,
                                  uint32_t columns)
{
    const struct registers *registers = &array->registers;
    const struct terms *held = &registers->held, *selected = &registers->selected;
    const size_t plane = (size_t)array->rows * array->columns;
    const uint8_t *digits = array->line.digit + registers->position;
    if (!array->hop)
        return (struct terms){held->mult + digits[0] * plane, held->shift + digits[0] * plane};
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t digit = 0; digit < array->work.held_digits; digit++) {
            size_t to = (size_t)i * array->columns, from = digit * plane + to;
            select_digit(digits + i, (uint8_t)digit, held->mult + from, held->shift + from,
                         selected->mult + to, selected->shift + to, columns);
        }
    return *selected;
}

/* --- the array --- */

/* Where a word of `now` is in the ring: one ring row further back for each row of PEs it has moved
 * down. */
static struct row_walk ring_walk(const struct clocked_array *array)
{
    return (struct row_walk){.first = (uint32_t)array->now,
                             .step = 0u - array->hop,
                             .mask = array->registers.ring_mask,
                             .pitch = array->columns};
}

static struct row_walk plane_walk(size_t pitch)
{
    return (struct row_walk){.step = 1, .mask = UINT32_MAX, .pitch = pitch};
}

static struct terms moving_rows(const struct registers *registers)
{
    return (struct terms){registers->rows.mult + registers->position,
                          registers->rows.shift + registers->position};
}

void array_multiply(struct clocked_array *array, uint32_t rows, uint32_t columns)
{
    const struct registers *registers = &array->registers;
    struct row_products product = {
        .a = moving_rows(registers),
        .a_rows = plane_walk(registers->row_pitch),
        .sums = registers->sums,
        .rows = rows,
        .columns = columns,
        .packing = array->packing,
        .is_wide = array->work.wide,
        .has_shifts = array->work.has_shifts,
    };
    if (is_stationary(array)) {
        product.b =
            array->work.held_digits > 1 ? select_digits(array, rows, columns) : registers->held;
        product.b_rows = plane_walk(array->columns);
        product.sum_rows = ring_walk(array);
    } else {
        product.b = registers->columns;
        product.b_rows = ring_walk(array);
        product.sum_rows = plane_walk(array->columns);
    }
    array_multiply_rows(&product);
}
