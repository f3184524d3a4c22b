/* Are the vectorised rows of PEs pe_clock, for random and boundary operands, and do they leave
 * alone what is beside them? */
#include "test/check.h"

#include "pe/pe_clock.h"
#include "sim/clocked/array_multiply.h"

enum { ROUNDS = 10000 };
enum { MAX_ROWS = 5, MAX_COLUMNS = 70, PITCH = MAX_COLUMNS + 3, PLACES = 8 * PITCH };

/* Terms of any operand there is: multiplicands of 9 bits and a sign, digits, nulls. */
static void random_terms(int16_t *mult, uint8_t *shift, int most_shift)
{
    static const int16_t boundary[] = {0, 1, -1, 2, -2, 127, -127, -128, 255, -255};
    for (int i = 0; i < PLACES; i++) {
        bool is_boundary = check_between(0, 1);
        mult[i] = is_boundary ? boundary[check_between(0, 9)] : (int16_t)check_between(-255, 255);
        shift[i] = (uint8_t)(check_between(0, 3) ? check_between(0, most_shift)
                                                 : check_between(0, 1) * most_shift);
    }
}

static struct row_walk random_walk(void)
{
    if (check_between(0, 1))
        return (struct row_walk){.step = 1, .mask = UINT32_MAX, .pitch = PITCH};
    return (struct row_walk){.first = (uint32_t)check_random(),
                             .step = 0u - (uint32_t)check_between(0, 1),
                             .mask = 7,
                             .pitch = PITCH};
}

static size_t row_place(const struct row_walk *walk, int i)
{
    return ((walk->first + (uint32_t)i * walk->step) & walk->mask) * walk->pitch;
}

/* Places that are none of the PEs' stay as they are. */
static void rows_of_pes_are_pe_clock(void **state)
{
    check_seed();
    for (int round = 0; round < ROUNDS; round++) {
        static int16_t a[PLACES], b[PLACES];
        static uint8_t a_shift[PLACES], b_shift[PLACES];
        static int64_t before[PLACES], wide[PLACES];
        static int32_t narrow[PLACES];
        bool is_wide = check_between(0, 1), has_shifts = is_wide || check_between(0, 1);
        int most_shift = has_shifts ? (is_wide ? 30 : 15) : 0;
        random_terms(a, a_shift, most_shift);
        random_terms(b, b_shift, most_shift);
        struct row_products products = {.a = {a, a_shift},
                                        .b = {b, b_shift},
                                        .a_rows = random_walk(),
                                        .b_rows = random_walk(),
                                        .sum_rows = random_walk(),
                                        .sums = is_wide ? (void *)wide : (void *)narrow,
                                        .rows = (uint32_t)check_between(1, MAX_ROWS),
                                        .columns = (uint32_t)check_between(1, MAX_COLUMNS),
                                        .packing = (uint8_t)check_between(0, 1),
                                        .is_wide = is_wide,
                                        .has_shifts = has_shifts};
        for (int i = 0; i < PLACES; i++) {
            before[i] = wide[i] = (int64_t)check_random();
            narrow[i] = (int32_t)before[i];
        }
        array_multiply_rows(&products);
        for (int i = 0; i < (int)products.rows; i++)
            for (int j = 0; j < (int)products.columns; j++) {
                size_t at_a = row_place(&products.a_rows, i) + (size_t)j;
                size_t at_b = row_place(&products.b_rows, products.packing ? i / 2 : i) + (size_t)j;
                int64_t *sum = &before[row_place(&products.sum_rows, i) + (size_t)j];
                *sum = pe_clock((struct term){a[at_a], a_shift[at_a]},
                                (struct term){b[at_b], b_shift[at_b]}, *sum);
            }
        for (int i = 0; i < PLACES; i++)
            assert_true(is_wide ? wide[i] == before[i] : narrow[i] == (int32_t)before[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_pes_are_pe_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
