#include "pe/booth.h"

#include <assert.h>

#include "pe/format.h"

int booth_count(struct format format)
{
    assert(format.family == FORMAT_INT && format.bits <= 8);
    return format.is_signed ? (format.bits + 1) / 2 : format.bits / 2 + 1;
}

/* MacSorley, "High-speed arithmetic in binary computers" (1961): digit i is b[2i-1] + b[2i] - 2
 * b[2i+1], with b[-1] = 0 and the sign extended upwards. */
int booth_recode(struct format format, uint32_t code, int8_t digits[BOOTH_MAX_DIGITS])
{
    int count = booth_count(format);
    uint32_t twice = (uint32_t)format_level(format, code) << 1; /* bit 0 is b[-1] */
    for (int i = 0; i < count; i++) {
        uint32_t window = twice >> (2 * i);
        digits[i] =
            (int8_t)((int)(window & 1) + (int)(window >> 1 & 1) - 2 * (int)(window >> 2 & 1));
    }
    return count;
}
