/* float_e<k>: k exponent bits e above a mantissa m of the rest, IEEE 754 style without infinities
 * or NaN: e = 0: m (subnormal);   e > 0: (2^mantissa_bits + m) << (e - 1). pot is the float whose
 * bits are all exponent: zero and powers of two (ANT, MICRO 2022, section 4). */
#include "pe/format_families.h"

#include <assert.h>

static int exponent_bits(struct format format)
{
    if (format.family == FORMAT_POT)
        return format_magnitude_bits(format);
    assert(format.family >= FORMAT_FLOAT_E1 && format.family <= FORMAT_FLOAT_E4);
    return format.family - FORMAT_FLOAT_E1 + 1;
}

int float_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int exponent_width = exponent_bits(format);
    int mantissa_bits = format_magnitude_bits(format) - exponent_width;
    uint32_t exponent = code >> mantissa_bits & ((1u << exponent_width) - 1);
    uint32_t mantissa = code & ((1u << mantissa_bits) - 1);
    struct term term = {.mult = (int16_t)mantissa};
    if (exponent)
        term = (struct term){.mult = (int16_t)(1u << mantissa_bits | mantissa),
                             .shift = (uint8_t)(exponent - 1)};
    if (format_sign(format, code))
        term.mult = (int16_t)-term.mult;
    terms[0] = term;
    return 1;
}

uint32_t float_encode(struct format format, int32_t level)
{
    int mantissa_bits = format_magnitude_bits(format) - exponent_bits(format);
    uint32_t magnitude = level < 0 ? -(uint32_t)level : (uint32_t)level;
    uint32_t code = magnitude;
    if (magnitude >> mantissa_bits) {
        int shift = first_one(magnitude) - mantissa_bits;
        /* The leading one of the mantissa, added to the exponent field, makes it shift + 1. */
        code = ((uint32_t)shift << mantissa_bits) + (magnitude >> shift);
    }
    return (uint32_t)(level < 0) << format_magnitude_bits(format) | code;
}
