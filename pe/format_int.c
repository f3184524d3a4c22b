/* int: two's complement where signed, plain binary where not. */
#include "pe/format_families.h"

static uint32_t code_mask(struct format format)
{
    return UINT32_MAX >> (32 - format.bits);
}

/* One term of up to 8 bits. 16 and 32 bits (never operands of a PE) are their bytes, the last one
 * signed. */
int int_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int count = (format.bits + 7) / 8;
    code &= code_mask(format);
    for (int i = 0; i < count; i++)
        terms[i] =
            (struct term){.mult = (int16_t)(code >> (8 * i) & 0xff), .shift = (uint8_t)(8 * i)};
    int top_bits = format.bits - 8 * (count - 1);
    struct term *top = &terms[count - 1];
    if (format.is_signed && top->mult >> (top_bits - 1))
        top->mult = (int16_t)(top->mult - (1 << top_bits));
    return count;
}

uint32_t int_encode(struct format format, int32_t level)
{
    return (uint32_t)level & code_mask(format);
}
