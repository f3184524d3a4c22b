#include "test/format_oracle.h"

#include <stdlib.h>

static bool is_rsd(struct format format)
{
    return format.family >= FORMAT_RSD_EB1 && format.family <= FORMAT_RSD_EB4;
}

/* k of rsd_eb<k>. */
static int effectual_bits(struct format format)
{
    return format.family - FORMAT_RSD_EB1 + 1;
}

static bool is_biscaled(struct format format)
{
    return format.family >= FORMAT_BISCALED_S1 && format.family <= FORMAT_BISCALED_S4;
}

int format_oracle_bits(struct format format)
{
    if (is_biscaled(format))
        return format.bits + 1;
    if (format.family == FORMAT_OUTLIER)
        return 8;
    if (!is_rsd(format))
        return format.bits;
    return effectual_bits(format) == 1 ? 5 : 4 * effectual_bits(format);
}

static bool bit_of(uint32_t code, int bit)
{
    return code >> bit & 1;
}

/* | 0 | x |: x.  | 1 | 0..0 1 mantissa |, z zeros: (x << 1) << 2z.  | 1 | 0..0 |: 1 << 2(b-1). */
static int64_t flint_magnitude(uint32_t code, int b)
{
    int64_t x = code & ((1u << (b - 1)) - 1);
    if (!bit_of(code, b - 1))
        return x;
    int z = 0;
    while (z < b - 1 && !bit_of(code, b - 2 - z))
        z++;
    return z == b - 1 ? INT64_C(1) << 2 * (b - 1) : (x << 1) << 2 * z;
}

/* | e (k) | m (M = b - k) |: e = 0: m, else (2^M + m) << (e - 1). */
static int64_t float_magnitude(uint32_t code, int b, int k)
{
    int M = b - k;
    int64_t m = code & ((1u << M) - 1), e = code >> M;
    return e == 0 ? m : ((INT64_C(1) << M) + m) << (e - 1);
}

/* | e (3) | m (M = b - 3) |: 0 where both are 0, else (2^M + m) << e. */
static int64_t adafloat_magnitude(uint32_t code, int b)
{
    int M = b - 3;
    int64_t m = code & ((1u << M) - 1), e = code >> M;
    return code == 0 ? 0 : ((INT64_C(1) << M) + m) << e;
}

static int64_t magnitude(struct format format, uint32_t code, int b)
{
    switch ((enum format_family)format.family) {
    case FORMAT_FLINT:
        return flint_magnitude(code, b);
    case FORMAT_POT:
        return float_magnitude(code, b, b);
    case FORMAT_FLOAT_E1:
        return float_magnitude(code, b, 1);
    case FORMAT_FLOAT_E2:
        return float_magnitude(code, b, 2);
    case FORMAT_FLOAT_E3:
        return float_magnitude(code, b, 3);
    case FORMAT_FLOAT_E4:
        return float_magnitude(code, b, 4);
    case FORMAT_ADAFLOAT_E3:
        return adafloat_magnitude(code, b);
    case FORMAT_BISCALED_S1:
    case FORMAT_BISCALED_S2:
    case FORMAT_BISCALED_S3:
    case FORMAT_BISCALED_S4:
    case FORMAT_OUTLIER:
    case FORMAT_INT:
    case FORMAT_RSD_EB1:
    case FORMAT_RSD_EB2:
    case FORMAT_RSD_EB3:
    case FORMAT_RSD_EB4:
    case FORMAT_FAMILY_COUNT:
        break;
    }
    abort(); /* no sign and magnitude */
}

/* Digit i is nibble i: | n | shift |. rsd_eb1 has a zero flag above its nibble. */
static int64_t rsd_level(uint32_t code, int k)
{
    if (k == 1 && bit_of(code, 4))
        return 0;
    int64_t level = 0;
    for (int i = 0; i < k; i++) {
        uint32_t nibble = code >> 4 * i & 15;
        int64_t power = INT64_C(1) << (nibble & 7);
        level += bit_of(nibble, 3) ? -power : power;
    }
    return level;
}

/* The lowest b bits of the code as an integer. */
static int64_t int_level(uint32_t code, int b, bool is_signed)
{
    int64_t level = code & (uint32_t)((UINT64_C(1) << b) - 1);
    return level - (is_signed && bit_of(code, b - 1) ? INT64_C(1) << b : 0);
}

/* | wide | x |: x, or x << k. */
static int64_t biscaled_level(struct format format, uint32_t code)
{
    int k = bit_of(code, format.bits) ? format.family - FORMAT_BISCALED_S1 + 1 : 0;
    return int_level(code, format.bits, format.is_signed) * (INT64_C(1) << k);
}

int64_t format_oracle_level(struct format format, uint32_t code)
{
    int b = format.bits;
    if (is_rsd(format))
        return rsd_level(code, effectual_bits(format));
    if (is_biscaled(format))
        return biscaled_level(format, code);
    if (format.family == FORMAT_INT || format.family == FORMAT_OUTLIER)
        return int_level(code, format_oracle_bits(format), format.is_signed);
    if (!format.is_signed)
        return magnitude(format, code, b);
    int64_t level = magnitude(format, code & ((1u << (b - 1)) - 1), b - 1);
    return bit_of(code, b - 1) ? -level : level;
}

/* --- digits of a weight on a serial PE --- */

int format_oracle_digits(struct format weight)
{
    if (is_rsd(weight))
        return effectual_bits(weight);
    return weight.is_signed ? (weight.bits + 1) / 2 : weight.bits / 2 + 1;
}

/* Whether `count` digits +-2^0 .. +-2^7 can add up to `level`. */
static bool adds_up(int64_t level, int count)
{
    if (count == 0)
        return level == 0;
    if (llabs(level) > 128 * count)
        return false;
    for (int shift = 0; shift < 8; shift++)
        if (adds_up(level - (1 << shift), count - 1) || adds_up(level + (1 << shift), count - 1))
            return true;
    return false;
}

static int fewest_digits(int64_t level)
{
    int count = 0;
    while (!adds_up(level, count))
        count++;
    return count;
}

/* Booth digits d_i = b(2i-1) + b(2i) - 2 b(2i+1) that are not zero. Above the top bit stands the
 * sign, or 0. */
static int booth_digits(struct format weight, uint32_t code)
{
    bool top = weight.is_signed && bit_of(code, weight.bits - 1);
    uint64_t extended = code | (top ? ~UINT64_C(0) << weight.bits : 0);
    uint64_t from_below = extended << 1; /* b(-1) = 0 */
    int count = 0;
    for (int i = 0; i < format_oracle_digits(weight); i++) {
        int below = from_below >> 2 * i & 1, low = extended >> 2 * i & 1,
            high = extended >> (2 * i + 1) & 1;
        count += below + low - 2 * high != 0;
    }
    return count;
}

int format_oracle_nonzero_digits(struct format weight, uint32_t code)
{
    return is_rsd(weight) ? fewest_digits(format_oracle_level(weight, code))
                          : booth_digits(weight, code);
}
