#include "pe/requantise.h"

#include <math.h>

#include "pe/pe.h"

enum { MAX_SHIFT = 62 };

/* --- the definition --- */

/* ((v + bias)*multiplier + residual*residual_multiplier) >> (shift - 1), modulo 2^64 before the
 * shift. */
static int64_t half_level(const struct requantise_param *param, int64_t value, int64_t residual)
{
    uint64_t sum =
        ((uint64_t)value + (uint64_t)(int64_t)param->bias) * (uint64_t)(int64_t)param->multiplier;
    sum += (uint64_t)residual * (uint64_t)(int64_t)param->residual_multiplier;
    return (int64_t)sum >> ((param->shift - 1) & 63);
}

/* The level of int nearest to t/2: floor((t + 1) / 2), within the format's range. */
static uint32_t encode_int(struct format format, int64_t t)
{
    int64_t level = (t >> 1) + (t & 1);
    int64_t high = (INT64_C(1) << (format.bits - format.is_signed)) - 1;
    int64_t low = format.is_signed ? -high - 1 : 0;
    level = level < low ? low : level > high ? high : level;
    return format_family(format)->encode(format, (int32_t)level);
}

/* The last level whose midpoint with the one below it is not above t/2. */
static uint32_t encode_on_grid(const struct grid *grid, int64_t t)
{
    int i = grid->count - 1;
    while (i > 0 && t < (int64_t)grid->levels[i - 1] + grid->levels[i])
        i--;
    return grid->codes[i];
}

uint32_t requantise_reference(const struct requantise_rule *rule,
                              const struct requantise_param *param, int64_t value,
                              uint32_t residual_code, bool has_residual, bool *overflow)
{
    int64_t kept = rule->accumulator_bits ? accumulator_wrap(value, rule->accumulator_bits) : value;
    *overflow = kept != value;
    int64_t residual = has_residual ? format_level(rule->residual_format, residual_code) : 0;
    int64_t t = half_level(param, kept, residual);
    int64_t low = 2 * (int64_t)rule->clamp_low, high = 2 * (int64_t)rule->clamp_high;
    t = t < low ? low : t;
    t = t > high ? high : t;
    if (rule->out_format.family == FORMAT_INT)
        return encode_int(rule->out_format, t);
    return encode_on_grid(format_grid(rule->out_format), t);
}

/* --- ratios --- */

/* Lost beside the other ratio, though a value (at most 2^32) times it may be half a level or more.
 */
static bool is_lost(double ratio, double multiplier)
{
    return multiplier == 0 && ratio >= ldexp(1, -33);
}

/* The largest shift leaves the most bits to the multipliers. */
bool requantise_ratio(double ratio, double residual_ratio, struct requantise_param *param)
{
    if (!(ratio > 0) || isnan(residual_ratio))
        return false;
    residual_ratio = residual_ratio > 0 ? residual_ratio : 0;
    for (int shift = MAX_SHIFT; shift >= 1; shift--) {
        double multiplier = floor(ldexp(ratio, shift) + 0.5);
        double residual_multiplier = floor(ldexp(residual_ratio, shift) + 0.5);
        if (multiplier > INT32_MAX || residual_multiplier > INT32_MAX)
            continue;
        if (is_lost(ratio, multiplier) || is_lost(residual_ratio, residual_multiplier))
            return false;
        param->multiplier = (int32_t)multiplier;
        param->residual_multiplier = (int32_t)residual_multiplier;
        param->shift = shift;
        return true;
    }
    return false;
}
