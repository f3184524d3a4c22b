/* Do the clocks of a multiply-accumulate, summed, give the PE's definition, for every pair of codes
 * of every pair of formats it accepts? And are there as many as the PE says? */
#include "test/check.h"

#include "pe/pe.h"
#include "pe/pe_clock.h"
#include "test/operand_formats.h"

enum { MAX_CODES = 256 };

static int64_t sum_clocks(struct term act, const struct term *weight, int clocks, int64_t sum)
{
    for (int i = 0; i < clocks; i++)
        sum = pe_clock(act, weight[i], sum);
    return sum;
}

/* Pairs of codes whose clocks do not add up. */
static uint64_t count_wrong(int pe, struct format act, struct format weight)
{
    const struct grid *a = format_grid(act), *w = format_grid(weight);
    struct term operands[MAX_CODES];
    assert_true(a->code_count <= MAX_CODES);
    for (int i = 0; i < a->code_count; i++)
        operands[i] = pe_operand_term(act, (uint32_t)i);
    uint64_t wrong = 0;
    int64_t partial_sum = (int64_t)check_random();
    for (int j = 0; j < w->code_count; j++) {
        struct term terms[PE_MAX_CLOCKS];
        int clocks = pe_weight_terms(pe, weight, (uint32_t)j, terms);
        for (int i = 0; i < a->code_count; i++) {
            int64_t expected = pe_descriptor(pe)->multiply_accumulate(act, (uint32_t)i, weight,
                                                                      (uint32_t)j, partial_sum);
            wrong += sum_clocks(operands[i], terms, clocks, partial_sum) != expected;
            partial_sum = expected;
        }
    }
    return wrong;
}

static void every_pair_of_codes_adds_up(void **state)
{
    check_seed();
    for (int pe = 0; pe < PE_COUNT; pe++) {
        int pairs = 0;
        for (struct format act = {0}; next_operand_format(&act);)
            for (struct format weight = {0}; next_operand_format(&weight);) {
                if (!pe_descriptor(pe)->accepts(act, weight, NULL))
                    continue;
                pairs++;
                char a[16], w[16];
                if (count_wrong(pe, act, weight))
                    fail_msg("%s: %s x %s", pe_name(pe), format_print(act, a),
                             format_print(weight, w));
            }
        printf("%s: %d pairs of formats\n", pe_name(pe), pairs);
        assert_true(pairs >= 5 * 5);
    }
}

/* clocks_per_mac, or one for each digit that is not zero and one for zero; no digit is then
 * wasted. */
static void there_are_as_many_as_the_pe_says(void **state)
{
    const struct format act = {FORMAT_INT, 8, true}; /* or the weight's own, where int is refused */
    for (int pe = 0; pe < PE_COUNT; pe++)
        for (struct format weight = {0}; next_operand_format(&weight);) {
            const struct pe_descriptor *descriptor = pe_descriptor(pe);
            if (!descriptor->accepts(act, weight, NULL) &&
                !descriptor->accepts(weight, weight, NULL))
                continue;
            const struct grid *grid = format_grid(weight);
            for (int code = 0; code < grid->code_count; code++) {
                struct term terms[PE_MAX_CLOCKS];
                int clocks = pe_weight_terms(pe, weight, (uint32_t)code, terms);
                int skipping = grid->digits_of_code[code] ? grid->digits_of_code[code] : 1;
                assert_int_equal(clocks, descriptor->skips_zero_digits
                                             ? skipping
                                             : descriptor->clocks_per_mac(weight));
                if (descriptor->skips_zero_digits && clocks > 1)
                    for (int i = 0; i < clocks; i++)
                        assert_int_not_equal(terms[i].mult, 0);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_codes_adds_up),
        cmocka_unit_test(there_are_as_many_as_the_pe_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
