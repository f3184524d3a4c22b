/* Is every number format the grid of shared/reference/format_grids.csv, or of its paper, and is
 * every code accounted for? */
#include "test/check.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "pe/booth.h"
#include "test/format_oracle.h"
#include "test/operand_formats.h"

#define GRIDS SHARED_DIR "/reference/format_grids.csv"

enum { MAX_LINE = 1 << 16 };

/* One row: the format it names and its levels. */
struct row {
    struct format format;
    int count;
    int32_t levels[256];
};

static void parse_row(char *line, struct row *row)
{
    char family[16], sign[16];
    int bits, given, used;
    assert_int_equal(sscanf(line, "%15[^,],%d,%15[^,],%d,%n", family, &bits, sign, &given, &used),
                     4);
    struct err err = {""};
    if (!format_parse(family, bits, !strcmp(sign, "signed"), &row->format, &err))
        fail_msg("%s", err.text);
    row->count = 0;
    for (char *at = line + used, *end; row->count < 256; at = end) {
        long level = strtol(at, &end, 10);
        if (end == at)
            break;
        row->levels[row->count++] = (int32_t)level;
    }
    assert_int_equal(row->count, given);
}

static void check_row(const struct row *row)
{
    const struct grid *grid = format_grid(row->format);
    char text[16];
    if (grid->count != row->count ||
        memcmp(grid->levels, row->levels, sizeof *row->levels * (size_t)row->count))
        fail_msg("%s: levels differ from %s", format_print(row->format, text), GRIDS);
}

/* The artifacts of ANT and MSD have the formats up to rsd_eb4, and no 2-bit integers. */
static bool is_in_artifacts(struct format format)
{
    return format.family <= FORMAT_RSD_EB4 && !(format.family == FORMAT_INT && format.bits == 2);
}

static void every_row_is_a_grid_and_every_grid_has_a_row(void **state)
{
    (void)state;
    SKIP_WITHOUT(GRIDS);
    static char line[MAX_LINE];
    FILE *file = fopen(GRIDS, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* column names */
    int rows = 0;
    while (fgets(line, sizeof line, file)) {
        struct row row;
        parse_row(line, &row);
        check_row(&row);
        rows++;
    }
    fclose(file);
    int formats = 0;
    for (struct format format = {0}; next_operand_format(&format);)
        formats += is_in_artifacts(format);
    assert_int_equal(rows, formats);
    printf("%d rows\n", rows);
}

static void codes_and_levels_round_trip(void **state)
{
    (void)state;
    for (struct format format = {0}; next_operand_format(&format);) {
        const struct grid *grid = format_grid(format);
        const struct format_family_descriptor *family = format_family(format);
        for (int i = 0; i < grid->count; i++) {
            assert_int_equal(format_level(format, grid->codes[i]), grid->levels[i]);
            assert_int_equal(family->encode(format, grid->levels[i]), grid->codes[i]);
            assert_true(grid->codes[i] < (uint32_t)grid->code_count);
        }
        assert_int_equal(grid->code_count, 1 << format_code_bits(format));
        assert_int_equal(format_level(format, (uint32_t)grid->zero_code), 0);
    }
}

static bool is_digits(struct format format)
{
    return format.family >= FORMAT_RSD_EB1 && format.family <= FORMAT_RSD_EB4;
}

/* Codes that share their level with another one: minus zero of sign and magnitude; of biscaled the
 * wide multiples of 2^k that also are fine integers. */
static int codes_to_spare(struct format format)
{
    if (format.family == FORMAT_INT || format.family == FORMAT_OUTLIER)
        return 0;
    if (format.family < FORMAT_BISCALED_S1)
        return format.is_signed;
    int k = format.family - FORMAT_BISCALED_S1 + 1;
    return format.bits > k ? 1 << (format.bits - k) : 1;
}

/* All codes of formats not made of digits stand for levels of the grid. Codes of digits are their
 * sum, and all codes that the encoder makes are on the grid (above). */
static void every_code_is_accounted_for(void **state)
{
    (void)state;
    for (struct format format = {0}; next_operand_format(&format);) {
        const struct grid *grid = format_grid(format);
        int spare = 0;
        for (int code = 0; code < grid->code_count; code++) {
            int32_t level = format_level(format, (uint32_t)code);
            assert_int_equal(grid->level_of_code[code], level);
            int at = grid_nearest(grid, level);
            assert_true(is_digits(format) || grid->levels[at] == level);
            spare += grid->codes[at] != (uint32_t)code;
        }
        if (!is_digits(format))
            assert_int_equal(spare, codes_to_spare(format));
    }
}

static void every_code_is_as_drawn(void **state)
{
    (void)state;
    for (struct format format = {0}; next_operand_format(&format);) {
        assert_int_equal(format_code_bits(format), format_oracle_bits(format));
        for (uint32_t code = 0; code < 1u << format_code_bits(format); code++)
            assert_int_equal(format_level(format, code), format_oracle_level(format, code));
    }
}

static bool is_level(const struct grid *grid, int32_t level)
{
    return grid->levels[grid_nearest(grid, level)] == level;
}

/* AdaptivFloat (DAC 2020, algorithm 1): all sign x 2^e x (1 + m / 2^M) but the least, e = m = 0,
 * which gives way to zero; here times 2^M. */
static void adafloat_is_the_published_set(void **state)
{
    (void)state;
    for (int bits = 4; bits <= 8; bits++) {
        const struct grid *grid =
            format_grid((struct format){FORMAT_ADAFLOAT_E3, (uint8_t)bits, true});
        int mantissa_bits = bits - 4;
        for (int e = 0; e < 8; e++)
            for (int m = 0; m < 1 << mantissa_bits; m++) {
                int32_t level = (int32_t)(ldexp(1 + ldexp(m, -mantissa_bits), e + mantissa_bits));
                assert_int_equal(is_level(grid, level), e || m);
                assert_int_equal(is_level(grid, -level), e || m);
            }
        assert_int_equal(grid->count, (1 << bits) - 1);
        assert_true(is_level(grid, 0));
    }
}

/* BiScaled (DAC 2019): the integers of n bits, and 2^k times them. */
static void biscaled_is_two_scales_of_integers(void **state)
{
    (void)state;
    for (int k = 1; k <= 4; k++)
        for (int bits = 3; bits <= 7; bits++)
            for (int is_signed = 0; is_signed <= 1; is_signed++) {
                const struct grid *grid = format_grid((struct format){
                    (uint8_t)(FORMAT_BISCALED_S1 + k - 1), (uint8_t)bits, is_signed});
                int least = is_signed ? -(1 << (bits - 1)) : 0, most = least + (1 << bits) - 1;
                int count = 0;
                for (int level = least * (1 << k); level <= most * (1 << k); level++) {
                    bool fine = level >= least && level <= most, wide = level % (1 << k) == 0;
                    assert_int_equal(is_level(grid, level), fine || wide);
                    count += fine || wide;
                }
                assert_int_equal(grid->count, count);
            }
}

/* OLAccel (ISCA 2018): 8-bit integers; those within 4 bits are no outliers. */
static void outliers_are_integers_beyond_four_bits(void **state)
{
    (void)state;
    for (int is_signed = 0; is_signed <= 1; is_signed++) {
        struct format format = {FORMAT_OUTLIER, 4, is_signed};
        const struct grid *grid = format_grid(format);
        int32_t least, most;
        format_dense_levels(format, &least, &most);
        assert_int_equal(least, is_signed ? -8 : 0);
        assert_int_equal(most, is_signed ? 7 : 15);
        assert_int_equal(grid->count, 256);
        for (int i = 0; i < 256; i++)
            assert_int_equal(grid->levels[i], i - (is_signed ? 128 : 0));
    }
}

/* An independent reading of a code of digits, by hand. */
static void signed_digit_codes_are_the_sum_of_their_nibbles(void **state)
{
    (void)state;
    for (int digits = 1; digits <= 4; digits++) {
        struct format format = {(uint8_t)(FORMAT_RSD_EB1 + digits - 1), 8, true};
        for (uint32_t code = 0; code < 1u << (4 * digits); code++) {
            int sum = 0;
            for (uint32_t rest = code, i = 0; i < (uint32_t)digits; i++, rest /= 16)
                sum += (rest % 16 >= 8 ? -1 : 1) * (int)ldexp(1, (int)(rest % 8));
            assert_int_equal(format_level(format, code), sum);
        }
    }
    struct format eb1 = {FORMAT_RSD_EB1, 8, true};
    for (uint32_t code = 16; code < 32; code++)
        assert_int_equal(format_level(eb1, code), 0);
}

/* Digits to execute: no sum of fewer digits +-1..+-128 gives the level. By breadth-first search. */
static void skipped_digits_are_as_few_as_possible(void **state)
{
    (void)state;
    enum { RANGE = 4 * 128 };
    static uint8_t least[2 * RANGE + 1];
    memset(least, 0xff, sizeof least);
    least[RANGE] = 0;
    for (int depth = 1; depth <= 4; depth++)
        for (int level = -RANGE; level <= RANGE; level++)
            for (int shift = 0; shift < 8 && least[level + RANGE] == depth - 1; shift++)
                for (int next = level - (1 << shift); next <= level + (1 << shift);
                     next += 2 << shift)
                    if (abs(next) <= RANGE && least[next + RANGE] > depth)
                        least[next + RANGE] = (uint8_t)depth;
    for (int family = FORMAT_RSD_EB1; family <= FORMAT_RSD_EB4; family++) {
        const struct grid *grid = format_grid((struct format){(uint8_t)family, 8, true});
        for (int code = 0; code < grid->code_count; code++)
            assert_int_equal(grid->digits_of_code[code], least[grid->level_of_code[code] + RANGE]);
    }
}

/* ANT (MICRO 2022), table of 4-bit flint: 0xxx integers; 11xx, 101x, 1001, 1000 exponents 3 to 6.
 */
static void flint4_is_the_published_code(void **state)
{
    (void)state;
    static const int32_t published[] = {0, 1, 2, 3, 4, 5, 6, 7, 64, 32, 16, 24, 8, 10, 12, 14};
    for (uint32_t code = 0; code < 16; code++)
        assert_int_equal(format_level((struct format){FORMAT_FLINT, 4, false}, code),
                         published[code]);
}

static void booth_digits_add_up(void **state)
{
    (void)state;
    for (int bits = 2; bits <= 8; bits++)
        for (int is_signed = 0; is_signed <= 1; is_signed++) {
            struct format format = {FORMAT_INT, (uint8_t)bits, is_signed};
            const struct grid *grid = format_grid(format);
            for (uint32_t code = 0; code < 1u << bits; code++) {
                int8_t digits[BOOTH_MAX_DIGITS];
                int count = booth_recode(format, code, digits);
                int sum = 0, others = 0;
                for (int i = count; i-- > 0;) {
                    assert_in_range(digits[i] + 2, 0, 4);
                    sum = 4 * sum + digits[i];
                    others += digits[i] != 0;
                }
                assert_int_equal(sum, is_signed && code >> (bits - 1) ? (int)code - (1 << bits)
                                                                      : (int)code);
                assert_int_equal(others, grid->digits_of_code[code]);
                assert_int_equal(count, is_signed ? (bits + 1) / 2 : bits / 2 + 1);
            }
        }
}

/* The level with the least distance, the larger one where two share it. */
static int nearest_by_search(const struct grid *grid, double value)
{
    int best = 0;
    for (int i = 1; i < grid->count; i++)
        if (fabs(value - grid->levels[i]) <= fabs(value - grid->levels[best]))
            best = i;
    return best;
}

static void nearest_is_nearest(void **state)
{
    (void)state;
    check_seed();
    for (struct format format = {0}; next_operand_format(&format);) {
        const struct grid *grid = format_grid(format);
        for (int i = 0; i + 1 < grid->count; i++) {
            double low = grid->levels[i], middle = (low + grid->levels[i + 1]) / 2;
            double points[] = {low, middle, nextafter(middle, -INFINITY),
                               nextafter(middle, INFINITY),
                               low + (double)(check_random() % 1000) / 1000 * 2 * (middle - low)};
            for (size_t p = 0; p < sizeof points / sizeof *points; p++)
                assert_int_equal(grid_nearest(grid, points[p]), nearest_by_search(grid, points[p]));
            assert_int_equal(grid_nearest(grid, middle), i + 1);
            assert_int_equal(grid_nearest(grid, nextafter(middle, -INFINITY)), i);
        }
        double beyond[] = {1e300, INFINITY, 2.0 * INT32_MAX};
        for (size_t p = 0; p < sizeof beyond / sizeof *beyond; p++) {
            assert_int_equal(grid_nearest(grid, beyond[p]), grid->count - 1);
            assert_int_equal(grid_nearest(grid, -beyond[p]), 0);
        }
    }
}

static void wide_integers_extend_their_sign(void **state)
{
    (void)state;
    check_seed();
    static const int32_t boundary[] = {0,   1,     -1,     127,       -128,     255,
                                       256, 32767, -32768, INT32_MAX, INT32_MIN};
    struct format int16 = {FORMAT_INT, 16, true}, int32 = {FORMAT_INT, 32, true};
    assert_true(format_exists(int16) && format_exists(int32));
    assert_false(format_is_operand(int16) || format_is_operand(int32));
    assert_false(format_exists((struct format){FORMAT_INT, 16, false}));
    for (int i = 0; i < 100000; i++) {
        size_t count = sizeof boundary / sizeof *boundary;
        int32_t level = (size_t)i < count ? boundary[i] : (int32_t)check_random();
        assert_int_equal(format_level(int32, format_family(int32)->encode(int32, level)), level);
        assert_int_equal(format_level(int16, format_family(int16)->encode(int16, level)),
                         (int16_t)level);
    }
}

static void bad_formats_are_refused_with_the_legal_ones(void **state)
{
    (void)state;
    struct format format;
    struct err err;
    assert_false(format_parse("flonk", 4, true, &format, &err));
    assert_non_null(strstr(err.text, "flonk"));
    assert_non_null(strstr(err.text, "int, flint, pot, float_e1"));
    assert_non_null(strstr(err.text, "rsd_eb4"));
    static const int bad_bits[] = {-1, 0, 2, 6, 9, 255, 256 + 4, 1 << 30};
    for (size_t i = 0; i < sizeof bad_bits / sizeof *bad_bits; i++)
        assert_false(format_parse("pot", bad_bits[i], false, &format, &err));
    assert_string_equal(err.text,
                        "unsigned pot does not come with 1073741824 bits; legal widths: 3, 4, 5");
    assert_false(format_parse("rsd_eb2", 8, false, &format, &err));
    assert_string_equal(err.text, "unsigned rsd_eb2 does not come with 8 bits; legal widths: none");
    assert_true(format_parse("pot", 6, true, &format, NULL));
    assert_true(format.family == FORMAT_POT && format.bits == 6 && format.is_signed);
}

static void names_tell_formats_apart(void **state)
{
    char text[16];
    assert_string_equal(format_print((struct format){FORMAT_INT, 8, true}, text), "int8");
    assert_string_equal(format_print((struct format){FORMAT_FLINT, 4, false}, text), "uflint4");
    assert_string_equal(format_print((struct format){FORMAT_FLOAT_E2, 4, false}, text),
                        "ufloat4_e2");
    assert_string_equal(format_print((struct format){FORMAT_RSD_EB3, 8, true}, text), "rsd_eb3");
    assert_string_equal(format_print((struct format){FORMAT_BISCALED_S2, 6, false}, text),
                        "ubiscaled6_s2");
    assert_string_equal(format_print((struct format){FORMAT_OUTLIER, 4, false}, text), "uoutlier4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_formats_apart),
        cmocka_unit_test(every_row_is_a_grid_and_every_grid_has_a_row),
        cmocka_unit_test(codes_and_levels_round_trip),
        cmocka_unit_test(every_code_is_accounted_for),
        cmocka_unit_test(every_code_is_as_drawn),
        cmocka_unit_test(adafloat_is_the_published_set),
        cmocka_unit_test(biscaled_is_two_scales_of_integers),
        cmocka_unit_test(outliers_are_integers_beyond_four_bits),
        cmocka_unit_test(signed_digit_codes_are_the_sum_of_their_nibbles),
        cmocka_unit_test(skipped_digits_are_as_few_as_possible),
        cmocka_unit_test(flint4_is_the_published_code),
        cmocka_unit_test(booth_digits_add_up),
        cmocka_unit_test(nearest_is_nearest),
        cmocka_unit_test(wide_integers_extend_their_sign),
        cmocka_unit_test(bad_formats_are_refused_with_the_legal_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
