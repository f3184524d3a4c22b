/* biscaled_s<k>, BiScaled-FxP: Jain et al., "BiScaled-DNN: Quantizing Long-tailed Datastructures
 * with Two Scale Factors for Deep Neural Networks", DAC 2019. An integer of `bits` at
 * one of two scales, the wide one 2^k times the fine one. A flag above the integer says which; the
 * paper keeps it apart, as an index of the wide ones. */
#include "pe/format_families.h"

#include <assert.h>

static int wide_shift(struct format format)
{
    assert(format.family >= FORMAT_BISCALED_S1 && format.family <= FORMAT_BISCALED_S4);
    return format.family - FORMAT_BISCALED_S1 + 1;
}

static struct format integer_of(struct format format)
{
    return (struct format){FORMAT_INT, format.bits, format.is_signed};
}

int biscaled_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int count = int_decode(integer_of(format), code, terms);
    if (code >> format.bits & 1)
        terms[0].shift = (uint8_t)wide_shift(format);
    return count;
}

/* Fine where it fits. */
uint32_t biscaled_encode(struct format format, int32_t level)
{
    int32_t most = (1 << format_magnitude_bits(format)) - 1;
    int32_t least = format.is_signed ? -most - 1 : 0;
    if (level >= least && level <= most)
        return int_encode(integer_of(format), level);
    int32_t wide = level / (1 << wide_shift(format));
    return 1u << format.bits | int_encode(integer_of(format), wide);
}
