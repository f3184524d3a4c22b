#include "pe/format.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "pe/format_families.h"

#define WIDTHS(from, to, magnitude_from, magnitude_to)                      \
    .min_bits = from, .max_bits = to, .min_magnitude_bits = magnitude_from, \
    .max_magnitude_bits = magnitude_to
#define EITHER_SIGN .has_unsigned = true
#define CODEC(name) .decode = name##_decode, .encode = name##_encode
#define HELP(text) .help = text

/* Which widths exist is ANT's and MSD's choice: a magnitude of at least 2 bits (an integer's of 1);
 * a float's of at least 3, with room for the exponent; pot's of at most 5, as 2^(2^5 - 2) is the
 * largest level that 32 bits hold. */
#define ROW_INT                                  \
    WIDTHS(2, 8, 1, 8), EITHER_SIGN, CODEC(int), \
        HELP("integers; also 16 and 32 bits, for network outputs and parameters")
#define ROW_FLINT                                  \
    WIDTHS(3, 8, 2, 8), EITHER_SIGN, CODEC(flint), \
        HELP("as int near zero, as float further out; first-one exponent")
#define ROW_POT WIDTHS(3, 6, 2, 5), EITHER_SIGN, CODEC(float), HELP("zero and powers of two")
#define FLOAT(exponent_bits, least)                        \
    WIDTHS(least, 8, least, 8), EITHER_SIGN, CODEC(float), \
        HELP("floating point with " exponent_bits " and subnormals")
#define ROW_FLOAT_E1 FLOAT("1 exponent bit", 3)
#define ROW_FLOAT_E2 FLOAT("2 exponent bits", 3)
#define ROW_FLOAT_E3 FLOAT("3 exponent bits", 3)
#define ROW_FLOAT_E4 FLOAT("4 exponent bits", 4)
#define RSD(kept) WIDTHS(8, 8, 7, 7), CODEC(digits), HELP("8-bit integers cut to " kept)
#define ROW_RSD_EB1 RSD("1 signed digit")
#define ROW_RSD_EB2 RSD("2 signed digits")
#define ROW_RSD_EB3 RSD("3 signed digits")
#define ROW_RSD_EB4 RSD("4 signed digits")
#define ROW_ADAFLOAT_E3                  \
    WIDTHS(4, 8, 3, 7), CODEC(adafloat), \
        HELP("AdaptivFloat: 3 exponent bits, no subnormals; for power-of-two scales")
#define BISCALED(shift)                               \
    WIDTHS(3, 7, 2, 7), EITHER_SIGN, CODEC(biscaled), \
        HELP("BiScaled-FxP: integers at a fine scale or one " shift " as wide, by a flag")
#define ROW_BISCALED_S1 BISCALED("2 times")
#define ROW_BISCALED_S2 BISCALED("4 times")
#define ROW_BISCALED_S3 BISCALED("8 times")
#define ROW_BISCALED_S4 BISCALED("16 times")
#define ROW_OUTLIER                                  \
    WIDTHS(4, 4, 3, 4), EITHER_SIGN, CODEC(outlier), \
        HELP("OLAccel: 4-bit integers but for a few outliers of 8 bits")

#define ROW(id, text, digits, extra_bits) [FORMAT_##id] = {.name = text, ROW_##id},
static const struct format_family_descriptor families[FORMAT_FAMILY_COUNT] = {FORMAT_FAMILIES(ROW)};
#undef ROW

const struct format_family_descriptor *format_family(struct format format)
{
    assert(format.family < FORMAT_FAMILY_COUNT);
    return &families[format.family];
}

bool format_is_operand(struct format format)
{
    if (format.family >= FORMAT_FAMILY_COUNT)
        return false;
    const struct format_family_descriptor *family = &families[format.family];
    int magnitude = format_magnitude_bits(format);
    return format.bits >= family->min_bits && format.bits <= family->max_bits &&
           magnitude >= family->min_magnitude_bits && magnitude <= family->max_magnitude_bits &&
           (format.is_signed || family->has_unsigned);
}

bool format_exists(struct format format)
{
    bool is_wide_int =
        format.family == FORMAT_INT && format.is_signed && (format.bits == 16 || format.bits == 32);
    return is_wide_int || format_is_operand(format);
}

/* "int, flint, ..." */
static void list_names(char *text, size_t size)
{
    text[0] = 0;
    for (int i = 0; i < FORMAT_FAMILY_COUNT; i++)
        list_append(text, size, "%s", families[i].name);
}

/* "3, 4, 5" : the widths that the family has with that sign. */
static void list_widths(struct format format, char *text, size_t size)
{
    text[0] = 0;
    for (int bits = 1; bits <= 32; bits++) {
        format.bits = (uint8_t)bits;
        if (format_exists(format))
            list_append(text, size, "%d", bits);
    }
}

bool format_parse(const char *family, int bits, bool is_signed, struct format *format,
                  struct err *err)
{
    char legal[256];
    int found = 0;
    while (found < FORMAT_FAMILY_COUNT && strcmp(family, families[found].name))
        found++;
    if (found == FORMAT_FAMILY_COUNT) {
        list_names(legal, sizeof legal);
        return err_set(err, "no number format is called '%.40s'; there are %s", family, legal);
    }
    struct format parsed = {.family = (uint8_t)found, .is_signed = is_signed};
    if (bits >= 1 && bits <= 32)
        parsed.bits = (uint8_t)bits;
    if (!format_exists(parsed)) {
        list_widths(parsed, legal, sizeof legal);
        return err_set(err, "%s %s does not come with %d bits; legal widths: %s",
                       is_signed ? "signed" : "unsigned", family, bits, legal[0] ? legal : "none");
    }
    *format = parsed;
    return true;
}

int32_t format_level(struct format format, uint32_t code)
{
    struct term terms[FORMAT_MAX_TERMS];
    int count = format_family(format)->decode(format, code, terms);
    int64_t level = 0;
    for (int i = 0; i < count; i++)
        level += (int64_t)terms[i].mult * ((int64_t)1 << terms[i].shift);
    return (int32_t)level;
}
