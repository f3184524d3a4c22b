/* Is every PE's multiply-accumulate, for every pair of formats it accepts and all pairs of codes,
 * plain integer arithmetic on the levels? */
#include "test/check.h"

#include <string.h>

#include "pe/pe.h"
#include "test/operand_formats.h"

typedef int64_t (*multiply_accumulate)(struct format, uint32_t, struct format, uint32_t, int64_t);

/* Pairs of codes for which the result is not level * level + partial sum. */
static uint64_t count_wrong(multiply_accumulate multiply, struct format act, struct format weight,
                            uint64_t *tried)
{
    const struct grid *a = format_grid(act), *w = format_grid(weight);
    uint64_t wrong = 0;
    int64_t partial_sum = (int64_t)check_random();
    for (int i = 0; i < a->code_count; i++)
        for (int j = 0; j < w->code_count; j++) {
            int64_t product = (int64_t)a->level_of_code[i] * w->level_of_code[j];
            int64_t expected = (int64_t)((uint64_t)partial_sum + (uint64_t)product);
            wrong += multiply(act, (uint32_t)i, weight, (uint32_t)j, partial_sum) != expected;
            partial_sum += 0x9E3779B9;
            partial_sum %= INT64_C(1) << 62;
        }
    *tried += (uint64_t)a->code_count * (uint64_t)w->code_count;
    return wrong;
}

static void every_pair_of_codes_is_exact(void **state)
{
    (void)state;
    check_seed();
    for (int type = 0; type < PE_COUNT; type++) {
        const struct pe_descriptor *pe = pe_descriptor(type);
        int pairs = 0;
        uint64_t tried = 0;
        for (struct format act = {0}; next_operand_format(&act);)
            for (struct format weight = {0}; next_operand_format(&weight);) {
                if (!pe->accepts(act, weight, NULL))
                    continue;
                pairs++;
                char a[16], w[16];
                if (count_wrong(pe->multiply_accumulate, act, weight, &tried))
                    fail_msg("%s: %s x %s", pe->name, format_print(act, a),
                             format_print(weight, w));
            }
        printf("%s: %d pairs of formats, %llu pairs of codes\n", pe->name, pairs,
               (unsigned long long)tried);
        assert_true(pairs >= 5 * 5);
    }
}

static int64_t off_by_one(struct format act, uint32_t act_code, struct format weight,
                          uint32_t weight_code, int64_t partial_sum)
{
    int64_t sum =
        pe_descriptor(PE_ANT)->multiply_accumulate(act, act_code, weight, weight_code, partial_sum);
    return sum + (act_code == 13 && weight_code == 9);
}

static void one_wrong_pair_is_found(void **state)
{
    (void)state;
    struct format uflint4 = {FORMAT_FLINT, 4, false}, flint4 = {FORMAT_FLINT, 4, true};
    uint64_t tried = 0;
    assert_int_equal(count_wrong(off_by_one, uflint4, flint4, &tried), 1);
}

static void pes_accept_what_they_should(void **state)
{
    (void)state;
    struct format int8 = {FORMAT_INT, 8, true}, uint8 = {FORMAT_INT, 8, false},
                  int16 = {FORMAT_INT, 16, true};
    struct format flint4 = {FORMAT_FLINT, 4, true}, rsd = {FORMAT_RSD_EB2, 8, true};
    static const struct {
        int pe;
        bool int_flint, flint_int, flint_flint, int_rsd, rsd_rsd;
    } expected[] = {
        {PE_INT8, false, false, false, false, false},
        {PE_ANT, true, true, true, false, false},
        {PE_MSD, false, false, false, true, false},
        {PE_MSD_SKIP, false, false, false, true, false},
        {PE_BITFUSION, false, false, false, false, false},
        {PE_OLACCEL, false, false, false, false, false},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct pe_descriptor *pe = pe_descriptor(expected[i].pe);
        struct err err = {""};
        assert_true(pe->accepts(uint8, int8, &err));
        assert_string_equal(err.text, "");
        assert_int_equal(pe->accepts(uint8, flint4, NULL), expected[i].int_flint);
        assert_int_equal(pe->accepts(flint4, int8, NULL), expected[i].flint_int);
        assert_int_equal(pe->accepts(flint4, flint4, NULL), expected[i].flint_flint);
        assert_int_equal(pe->accepts(uint8, rsd, NULL), expected[i].int_rsd);
        assert_int_equal(pe->accepts(rsd, rsd, NULL), expected[i].rsd_rsd);
        assert_false(pe->accepts(int16, int8, &err));
        char start[32];
        snprintf(start, sizeof start, "PE %s does not", pe->name);
        assert_non_null(strstr(err.text, start));
        assert_non_null(strstr(err.text, "int16"));
        assert_non_null(strstr(err.text, "legal: int"));
        assert_false(pe->accepts(uint8, int16, NULL));
    }
}

/* Formats that a PE takes from both sides, counted over all: BiScaled (DAC 2019) multiplies up to 6
 * bits of one or two scales, AdaptivFloat (DAC 2020) its own floats, OLAccel (ISCA 2018) integers
 * and outliers, Bit Fusion (ISCA 2018) integers. */
static void rivals_accept_their_own(void **state)
{
    int taken[PE_COUNT] = {0};
    for (struct format format = {0}; next_operand_format(&format);) {
        bool is_int = format.family == FORMAT_INT, is_small = format.bits <= 6;
        bool is_biscaled =
            format.family >= FORMAT_BISCALED_S1 && format.family <= FORMAT_BISCALED_S4;
        const struct {
            int pe;
            bool takes;
        } rows[] = {
            {PE_BITFUSION, is_int},
            {PE_OLACCEL, is_int || format.family == FORMAT_OUTLIER},
            {PE_ADAFLOAT, format.family == FORMAT_ADAFLOAT_E3},
            {PE_BISCALED, (is_int || is_biscaled) && is_small},
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const struct pe_descriptor *pe = pe_descriptor(rows[i].pe);
            struct err err = {""};
            assert_int_equal(pe->accepts(format, format, &err), rows[i].takes);
            taken[rows[i].pe] += rows[i].takes;
            char start[40];
            snprintf(start, sizeof start, "PE %s does not take activations", pe->name);
            assert_int_equal(!strncmp(err.text, start, strlen(start)), !rows[i].takes);
        }
    }
    assert_int_equal(taken[PE_BITFUSION], 2 * 7);            /* 2 to 8 bits, both signs */
    assert_int_equal(taken[PE_OLACCEL], 2 * 7 + 2);          /* and 4-bit outlier */
    assert_int_equal(taken[PE_ADAFLOAT], 5);                 /* 4 to 8 bits, signed */
    assert_int_equal(taken[PE_BISCALED], 2 * 5 + 4 * 2 * 4); /* 3 to 6 bits and 4 shifts */
}

/* ANT (MICRO 2022): 4-bit PEs, 2 x 2 of them for 8 bits. MSD (FCCM 2023): one clock a digit. */
static void costs_follow_the_papers(void **state)
{
    (void)state;
    for (int bits = 2; bits <= 8; bits++) {
        struct format format = {FORMAT_INT, (uint8_t)bits, true};
        assert_int_equal(pe_descriptor(PE_ANT)->fusion(format), bits <= 4 ? 1 : 2);
        assert_int_equal(pe_descriptor(PE_BITFUSION)->fusion(format), bits <= 4 ? 1 : 2);
        assert_int_equal(pe_descriptor(PE_OLACCEL)->fusion(format), bits <= 4 ? 1 : 2);
        assert_int_equal(pe_descriptor(PE_BISCALED)->fusion(format), 1);
        assert_int_equal(pe_descriptor(PE_INT8)->fusion(format), 1);
        assert_int_equal(pe_descriptor(PE_MSD)->fusion(format), 1);
        assert_int_equal(pe_descriptor(PE_ANT)->clocks_per_mac(format), 1);
        assert_int_equal(pe_descriptor(PE_INT8)->clocks_per_mac(format), 1);
        assert_int_equal(pe_descriptor(PE_MSD)->clocks_per_mac(format), (bits + 1) / 2);
        format.is_signed = false; /* Booth digits of an unsigned number need a zero on top */
        assert_int_equal(pe_descriptor(PE_MSD)->clocks_per_mac(format), (bits + 2) / 2);
    }
    for (int digits = 1; digits <= 4; digits++) {
        struct format format = {(uint8_t)(FORMAT_RSD_EB1 + digits - 1), 8, true};
        assert_int_equal(pe_descriptor(PE_MSD)->clocks_per_mac(format), digits);
        assert_int_equal(pe_descriptor(PE_MSD_SKIP)->clocks_per_mac(format), digits);
    }
    struct format outlier = {FORMAT_OUTLIER, 4, true}, adafloat = {FORMAT_ADAFLOAT_E3, 8, true};
    assert_int_equal(pe_descriptor(PE_OLACCEL)->fusion(outlier), 1);
    assert_int_equal(pe_descriptor(PE_ADAFLOAT)->fusion(adafloat), 1);
    for (int type = PE_BITFUSION; type <= PE_BISCALED; type++)
        assert_int_equal(pe_descriptor(type)->clocks_per_mac(outlier), 1);
    for (int type = 0; type < PE_COUNT; type++) {
        assert_string_equal(pe_descriptor(type)->name, pe_name(type));
        assert_int_equal(pe_descriptor(type)->skips_zero_digits, type == PE_MSD_SKIP);
        assert_int_equal(pe_descriptor(type)->has_decoders, type == PE_ANT);
    }
}

/* No weight takes more clocks with zero digits skipped than without. */
static void skipping_never_costs(void **state)
{
    (void)state;
    const struct pe_descriptor *pe = pe_descriptor(PE_MSD_SKIP);
    struct format act = {FORMAT_INT, 8, false};
    for (struct format weight = {0}; next_operand_format(&weight);) {
        const struct grid *grid = format_grid(weight);
        for (int code = 0; code < grid->code_count && pe->accepts(act, weight, NULL); code++) {
            assert_true(grid->digits_of_code[code] <= pe->clocks_per_mac(weight));
            assert_int_equal(grid->digits_of_code[code] == 0, grid->level_of_code[code] == 0);
        }
    }
}

static void accumulators_wrap_in_twos_complement(void **state)
{
    (void)state;
    for (int bits = 8; bits <= 63; bits++) {
        int64_t half = INT64_C(1) << (bits - 1);
        assert_true(accumulator_wrap(half - 1, bits) == half - 1);
        assert_true(accumulator_wrap(-half, bits) == -half);
        assert_true(accumulator_wrap(half, bits) == -half);
        assert_true(accumulator_wrap(-half - 1, bits) == half - 1);
        assert_true(accumulator_wrap(0, bits) == 0 && accumulator_wrap(-1, bits) == -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_codes_is_exact),
        cmocka_unit_test(one_wrong_pair_is_found),
        cmocka_unit_test(pes_accept_what_they_should),
        cmocka_unit_test(rivals_accept_their_own),
        cmocka_unit_test(costs_follow_the_papers),
        cmocka_unit_test(skipping_never_costs),
        cmocka_unit_test(accumulators_wrap_in_twos_complement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
