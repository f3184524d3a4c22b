/* Exact conversion between the cycles of two clocks, one given in kHz and one by its period in ps.
 */
#ifndef MANTIS_MEMORY_CLOCK_H
#define MANTIS_MEMORY_CLOCK_H

#include <stdint.h>

static inline uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* value * multiplier / divisor in lowest terms. */
struct clock_ratio {
    uint64_t multiplier, divisor;
    uint64_t safe; /* up to here value * multiplier fits 64 bits */
};

/* Clocks of `period_ps` per cycle of `clock_khz`: 10^9 / (clock_khz * period_ps), and its inverse.
 */
struct clock_ratio clock_ratio_from(uint32_t clock_khz, uint32_t period_ps);
struct clock_ratio clock_ratio_inverse(struct clock_ratio ratio);

/* value * ratio, rounded up; rounded down. */
uint64_t clock_convert_up(struct clock_ratio ratio, uint64_t value);
uint64_t clock_convert_down(struct clock_ratio ratio, uint64_t value);

#endif
