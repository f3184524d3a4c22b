/* flint: ANT (MICRO 2022), section 4, decoded as its integer-based decoder does (section 5).
 *
 * A magnitude code of b bits is a flag above b - 1 bits x:
 *   flag 0: the integer x;
 *   flag 1: the position of x's first one is the exponent, what follows it the mantissa. With z
 * leading zeros in x the level is (x << 1) << 2z; for x = 0 (no one at all) it is 1 << 2(b - 1). So
 * levels are dense below 2^(b-1), and above it each octave has half the mantissa bits' worth of the
 * one below. The level's own first one is at b - 1 + z, which is what the encoder reads z from. */
#include "pe/format_families.h"

int flint_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int low_bits = format_magnitude_bits(format) - 1;
    uint32_t flag = code >> low_bits & 1, x = code & ((1u << low_bits) - 1);
    struct term term = {.mult = (int16_t)x};
    if (flag && x) {
        int leading_zeros = low_bits - 1 - first_one(x);
        term = (struct term){.mult = (int16_t)(x << 1), .shift = (uint8_t)(2 * leading_zeros)};
    } else if (flag) {
        term = (struct term){.mult = 1, .shift = (uint8_t)(2 * low_bits)};
    }
    if (format_sign(format, code))
        term.mult = (int16_t)-term.mult;
    terms[0] = term;
    return 1;
}

uint32_t flint_encode(struct format format, int32_t level)
{
    int low_bits = format_magnitude_bits(format) - 1;
    uint32_t magnitude = level < 0 ? -(uint32_t)level : (uint32_t)level;
    uint32_t code = magnitude;
    if (magnitude >> low_bits) {
        int leading_zeros = first_one(magnitude) - low_bits;
        code = 1u << low_bits | magnitude >> (2 * leading_zeros + 1);
    }
    return (uint32_t)(level < 0) << format_magnitude_bits(format) | code;
}
