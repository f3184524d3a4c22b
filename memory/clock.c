#include "memory/clock.h"

#include <assert.h>

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct clock_ratio clock_ratio_from(uint32_t clock_khz, uint32_t period_ps)
{
    assert(clock_khz && period_ps);
    const uint64_t ps_times_khz = 1000000000; /* ps in a ms */
    uint64_t divisor = (uint64_t)clock_khz * period_ps;
    uint64_t common = greatest_common_divisor(ps_times_khz, divisor);
    uint64_t multiplier = ps_times_khz / common;
    return (struct clock_ratio){multiplier, divisor / common, UINT64_MAX / multiplier};
}

struct clock_ratio clock_ratio_inverse(struct clock_ratio ratio)
{
    return (struct clock_ratio){ratio.divisor, ratio.multiplier, UINT64_MAX / ratio.divisor};
}

uint64_t clock_convert_up(struct clock_ratio ratio, uint64_t value)
{
    if (value <= ratio.safe) {
        uint64_t product = value * ratio.multiplier;
        uint64_t whole = product / ratio.divisor;
        return whole + (whole * ratio.divisor != product);
    }
    unsigned __int128 product = (unsigned __int128)value * ratio.multiplier;
    return (uint64_t)((product + ratio.divisor - 1) / ratio.divisor);
}

uint64_t clock_convert_down(struct clock_ratio ratio, uint64_t value)
{
    if (value <= ratio.safe)
        return value * ratio.multiplier / ratio.divisor;
    return (uint64_t)((unsigned __int128)value * ratio.multiplier / ratio.divisor);
}
