/* Is requantisation the nearest level of the exact ratio, ties towards plus infinity, and does the
 * fast row give the same bits as the definition while touching nothing else? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "pe/pe.h"
#include "pe/requantise.h"
#include "test/operand_formats.h"

enum { GUARD = 32, MAX_ROW = 600 };

static const int32_t int32_ends[] = {
    0, 1, -1, 2, 255, INT32_MAX, INT32_MIN, INT32_MAX - 1, INT32_MIN + 1, 1 << 30};

/* An end of the range, a small number, or any. */
static int32_t random_int32(void)
{
    switch (check_random() % 3) {
    case 0:
        return int32_ends[check_random() % (sizeof int32_ends / sizeof *int32_ends)];
    case 1:
        return check_between(-2000, 2000);
    default:
        return (int32_t)check_random();
    }
}

/* Any sign and size up to `bits` bits. */
static int64_t random_value(int bits)
{
    int64_t largest = INT64_MAX >> (64 - bits);
    if (check_random() % 8 == 0)
        return check_random() % 2 ? largest : -largest - 1;
    return (int64_t)check_random() >> (64 - bits) >> check_random() % (uint64_t)bits;
}

static struct requantise_param random_param(void)
{
    static const int shifts[] = {1, 2, 31, 32, 33, 61, 62};
    struct requantise_param param = {random_int32(), random_int32(), random_int32(),
                                     check_between(1, 62)};
    if (check_random() % 4 == 0)
        param.shift = shifts[check_random() % (sizeof shifts / sizeof *shifts)];
    if (check_random() % 2) { /* as the compiler makes them: products of some levels */
        double ratio = ldexp(1 + (double)(check_random() % 1000) / 1000, -check_between(0, 24));
        requantise_ratio(ratio, check_random() % 2 ? ratio * 3 : 0, &param);
        param.bias = check_between(-5000, 5000);
    }
    return param;
}

static struct format random_residual_format(void)
{
    static const struct format formats[] = {
        {FORMAT_INT, 8, false},      {FORMAT_INT, 8, true},   {FORMAT_INT, 4, true},
        {FORMAT_INT, 5, false},      {FORMAT_FLINT, 4, true}, {FORMAT_POT, 6, true},
        {FORMAT_FLOAT_E4, 8, false},
    };
    return formats[check_random() % (sizeof formats / sizeof *formats)];
}

static struct requantise_rule random_rule(struct format out_format)
{
    static const int accumulators[] = {0, 8, 16, 20, 24, 31, 32};
    struct requantise_rule rule = {.residual_format = random_residual_format(),
                                   .out_format = out_format};
    rule.accumulator_bits =
        accumulators[check_random() % (sizeof accumulators / sizeof *accumulators)];
    rule.clamp_low = check_random() % 2 ? INT32_MIN : check_between(-300, 0);
    rule.clamp_high = check_random() % 2 ? INT32_MAX : check_between(0, 300);
    return rule;
}

/* Every format a code can be written in, from `next_operand_format` and then int16 and int32. */
static bool next_format(struct format *format)
{
    if (format->bits < 16 && next_operand_format(format))
        return true;
    uint8_t bits = format->bits;
    *format = (struct format){FORMAT_INT, (uint8_t)(bits == 16 ? 32 : 16), true};
    return bits != 32;
}

/* --- the definition against exact rationals --- */

typedef __int128 exact;

/* numerator / 2^shift to the nearest level, by distances: no half levels, no shifts of what is
 * rounded. */
static int32_t nearest_level(struct format format, exact numerator, int shift)
{
    exact unit = (exact)1 << shift;
    if (format.family == FORMAT_INT) {
        exact high = ((exact)1 << (format.bits - format.is_signed)) - 1,
              low = format.is_signed ? -high - 1 : 0;
        exact level = numerator / unit;
        while (level * unit > numerator)
            level--;
        while (numerator - level * unit >= (level + 1) * unit - numerator)
            level++;
        return (int32_t)(level < low ? low : level > high ? high : level);
    }
    const struct grid *grid = format_grid(format);
    int best = 0;
    for (int i = 1; i < grid->count; i++) {
        exact to_best = numerator - grid->levels[best] * unit,
              to_this = numerator - grid->levels[i] * unit;
        if ((to_this < 0 ? -to_this : to_this) <= (to_best < 0 ? -to_best : to_best))
            best = i;
    }
    return grid->levels[best];
}

/* False where the sum leaves 64 bits, which the rational does not model. */
static bool expected_level(const struct requantise_rule *rule, const struct requantise_param *param,
                           int64_t value, int32_t residual, int32_t *level)
{
    exact sum = ((exact)value + param->bias) * param->multiplier +
                (exact)residual * param->residual_multiplier;
    if (sum > INT64_MAX || sum < INT64_MIN)
        return false;
    exact unit = (exact)1 << param->shift;
    sum = sum < rule->clamp_low * unit ? rule->clamp_low * unit : sum;
    sum = sum > rule->clamp_high * unit ? rule->clamp_high * unit : sum;
    *level = nearest_level(rule->out_format, sum, param->shift);
    return true;
}

/* By hand, for bits of 8 and up: subtract 2^bits until in range. */
static int64_t wrapped(int64_t value, int bits)
{
    exact modulus = (exact)1 << bits, rest = value % modulus;
    if (rest >= modulus / 2)
        rest -= modulus;
    if (rest < -modulus / 2)
        rest += modulus;
    return (int64_t)rest;
}

static void definition_is_the_nearest_level(void **state)
{
    (void)state;
    check_seed();
    int compared = 0;
    for (struct format format = {0}; next_format(&format);)
        for (int round = 0; round < 2000; round++) {
            struct requantise_rule rule = random_rule(format);
            struct requantise_param param = random_param();
            int64_t value = random_value(40), kept = value;
            bool has_residual = check_random() % 2, overflow;
            const struct grid *grid = format_grid(rule.residual_format);
            uint32_t residual = (uint32_t)check_random() & (uint32_t)(grid->code_count - 1);
            if (rule.accumulator_bits)
                kept = wrapped(value, rule.accumulator_bits);
            uint32_t code =
                requantise_reference(&rule, &param, value, residual, has_residual, &overflow);
            assert_int_equal(overflow, kept != value);
            int32_t level;
            if (!expected_level(&rule, &param, kept,
                                has_residual ? grid->level_of_code[residual] : 0, &level))
                continue;
            assert_int_equal(format_level(format, code), level);
            compared++;
        }
    printf("%d compared\n", compared);
    assert_true(compared > 79 * 1000);
}

/* uflint4 in units of a quarter level: every midpoint goes up, what is just below it stays. */
static void ties_go_towards_plus_infinity(void **state)
{
    (void)state;
    for (struct format format = {0}; next_operand_format(&format);) {
        const struct grid *grid = format_grid(format);
        struct requantise_rule rule = {
            .out_format = format, .clamp_low = INT32_MIN, .clamp_high = INT32_MAX};
        struct requantise_param param = {.multiplier = 1, .shift = 2};
        for (int i = 0; i + 1 < grid->count; i++) {
            int64_t tie = 2 * ((int64_t)grid->levels[i] + grid->levels[i + 1]);
            bool overflow;
            assert_int_equal(requantise_reference(&rule, &param, tie, 0, false, &overflow),
                             grid->codes[i + 1]);
            assert_int_equal(requantise_reference(&rule, &param, tie - 1, 0, false, &overflow),
                             grid->codes[i]);
        }
    }
}

/* --- the row against the definition --- */

struct row {
    struct requantise_rule rule;
    int n;
    bool wide, has_residual;
    struct requantise_param params[MAX_ROW];
    union {
        int32_t narrow[MAX_ROW];
        int64_t wide[MAX_ROW];
    } values;
    uint8_t residual[MAX_ROW];
};

static int64_t value_at(const struct row *row, int i)
{
    return row->wide ? row->values.wide[i] : row->values.narrow[i];
}

static void random_row(struct row *row, struct format out_format)
{
    row->rule = random_rule(out_format);
    row->n = check_random() % 4 ? check_between(1, 40) : check_between(1, MAX_ROW);
    row->wide = check_random() % 2;
    row->has_residual = check_random() % 2;
    for (int i = 0; i < row->n; i++) {
        row->params[i] = random_param();
        if (row->wide)
            row->values.wide[i] = random_value(check_random() % 8 ? 40 : 64);
        else
            row->values.narrow[i] = (int32_t)random_value(check_random() % 2 ? 18 : 32);
        row->residual[i] =
            (uint8_t)(check_random() % (1u << format_code_bits(row->rule.residual_format)));
    }
}

/* Bytes in which the row differs from the definition, guards included; 1 << 20 more if overflows or
 * inputs do. */
static int count_differences(const struct row *row, int plant)
{
    uint8_t out[2 * GUARD + 4 * MAX_ROW], expected[sizeof out];
    static struct row before;
    before = *row;
    memset(out, 0xa5, sizeof out);
    memset(expected, 0xa5, sizeof expected);
    size_t bytes = (size_t)format_host_bytes(row->rule.out_format);
    uint64_t overflows = 0;
    for (int i = 0; i < row->n; i++) {
        bool overflow;
        uint32_t code = requantise_reference(&row->rule, &row->params[i], value_at(row, i),
                                             row->residual[i], row->has_residual, &overflow);
        code += i == plant;
        overflows += overflow;
        memcpy(expected + GUARD + (size_t)i * bytes, &code, bytes);
    }
    uint64_t counted =
        requantise_row(&row->rule, row->params, &row->values, row->wide,
                       row->has_residual ? row->residual : NULL, row->n, out + GUARD);
    int differences = counted != overflows || memcmp(&before, row, sizeof before) ? 1 << 20 : 0;
    for (size_t i = 0; i < sizeof out; i++)
        differences += out[i] != expected[i];
    return differences;
}

static void rows_equal_the_definition(void **state)
{
    (void)state;
    check_seed();
    static struct row row;
    for (struct format format = {0}; next_format(&format);)
        for (int round = 0; round < 100; round++) {
            random_row(&row, format);
            char text[16];
            if (count_differences(&row, -1))
                fail_msg("%s, n %d, wide %d, residual %d, accumulator %d",
                         format_print(format, text), row.n, row.wide, row.has_residual,
                         row.rule.accumulator_bits);
        }
}

static void a_planted_error_is_found(void **state)
{
    (void)state;
    static struct row row;
    random_row(&row, (struct format){FORMAT_FLINT, 4, false});
    assert_int_equal(count_differences(&row, -1), 0);
    assert_int_equal(count_differences(&row, row.n - 1), 1);
}

/* --- ratios --- */

static void check_ratio(double ratio, double residual_ratio)
{
    struct requantise_param param = {.bias = 77};
    assert_true(requantise_ratio(ratio, residual_ratio, &param));
    assert_true(param.shift >= 1 && param.shift <= 62 && param.bias == 77);
    double half = ldexp(0.5, -param.shift);
    assert_true(fabs(ldexp(param.multiplier, -param.shift) - ratio) <= half);
    assert_true(fabs(ldexp(param.residual_multiplier, -param.shift) - residual_ratio) <= half);
    /* No larger shift fits. */
    double larger = ratio > residual_ratio ? ratio : residual_ratio;
    assert_true(param.shift == 62 || floor(ldexp(larger, param.shift + 1) + 0.5) > INT32_MAX);
}

static void ratios_use_all_bits(void **state)
{
    (void)state;
    check_seed();
    for (int exponent = -62; exponent <= 28; exponent++)
        for (int i = 0; i < 200; i++) {
            double ratio = ldexp(1 + (double)(check_random() % 100000) / 100000, exponent);
            check_ratio(ratio, 0);
            check_ratio(ratio, ratio * (1 + (double)(check_random() % 100)) / 50);
        }
    check_ratio(1, 0);
    check_ratio(INT32_MAX / 2.0, 0);                 /* the largest: shift 1 */
    check_ratio(ldexp(ldexp(1, 31) - 0.25, -20), 0); /* rounds to 2^31: one shift less */
    check_ratio(1e-17, 0.5);                         /* a dead channel beside a residual */
}

static void impossible_ratios_are_refused(void **state)
{
    (void)state;
    static const double bad[][2] = {{0, 0},      {-1, 0},       {NAN, 0},   {INFINITY, 0},
                                    {1, NAN},    {1, INFINITY}, {1.2e9, 0}, {1, 1.2e9},
                                    {1e-6, 1e9}, {1e9, 1e-6}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct requantise_param param, before;
        memset(&param, 0x11, sizeof param);
        before = param;
        assert_false(requantise_ratio(bad[i][0], bad[i][1], &param));
        assert_memory_equal(&param, &before, sizeof param);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definition_is_the_nearest_level),
        cmocka_unit_test(ties_go_towards_plus_infinity),
        cmocka_unit_test(rows_equal_the_definition),
        cmocka_unit_test(a_planted_error_is_found),
        cmocka_unit_test(ratios_use_all_bits),
        cmocka_unit_test(impossible_ratios_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
