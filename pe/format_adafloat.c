/* adafloat_e<k>, AdaptivFloat: Tambe et al., "Algorithm-Hardware Co-Design of Adaptive Floating-
 * Point Encodings for Resilient Deep Learning Inference", DAC 2020, section 3. A sign, k exponent
 * bits e and a mantissa m of the rest; every number is normal, (2^mantissa_bits + m) << e, but the
 * least one, which is taken for zero. The exponent's bias, which the paper chooses per tensor, is
 * the tensor's scale, a power of two (quantise_config.power_of_two_scales). */
#include "pe/format_families.h"

#include <assert.h>

enum { EXPONENT_BITS = 3 };

static int mantissa_bits(struct format format)
{
    assert(format.family == FORMAT_ADAFLOAT_E3);
    return format_magnitude_bits(format) - EXPONENT_BITS;
}

int adafloat_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int mantissa = mantissa_bits(format);
    uint32_t magnitude = code & ((1u << format_magnitude_bits(format)) - 1);
    terms[0] = (struct term){0};
    if (!magnitude)
        return 1;
    int mult = (int)(1u << mantissa | (magnitude & ((1u << mantissa) - 1)));
    terms[0] = (struct term){.mult = (int16_t)(format_sign(format, code) ? -mult : mult),
                             .shift = (uint8_t)(magnitude >> mantissa)};
    return 1;
}

uint32_t adafloat_encode(struct format format, int32_t level)
{
    if (!level)
        return 0;
    int mantissa = mantissa_bits(format);
    uint32_t magnitude = level < 0 ? -(uint32_t)level : (uint32_t)level;
    int exponent = first_one(magnitude) - mantissa;
    uint32_t fraction = magnitude >> exponent & ((1u << mantissa) - 1);
    return (uint32_t)(level < 0) << format_magnitude_bits(format) | (uint32_t)exponent << mantissa |
           fraction;
}
