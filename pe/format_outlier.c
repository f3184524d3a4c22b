/* outlier, OLAccel: Park, Kim and Yoo, "Energy-efficient Neural Network Accelerator Based on
 * Outlier-aware Low-precision Computation", ISCA 2018. Integers of `bits`, of which a
 * few, the outliers, may be as large as 8-bit integers; the quantiser keeps them few. A code holds
 * the 8 bits of either: in that of the many, the upper half only repeats the sign. */
#include "pe/format_families.h"

static struct format integer_of(struct format format)
{
    return (struct format){FORMAT_INT, (uint8_t)format_code_bits(format), format.is_signed};
}

int outlier_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    return int_decode(integer_of(format), code, terms);
}

uint32_t outlier_encode(struct format format, int32_t level)
{
    return int_encode(integer_of(format), level);
}

void format_dense_levels(struct format format, int32_t *least, int32_t *most)
{
    *most = (1 << format_magnitude_bits(format)) - 1;
    *least = format.is_signed ? -*most - 1 : 0;
}
