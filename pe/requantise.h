/* Requantisation: partial sums to output codes, integer only.
 * Rule: Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference" (CVPR 2018), section 2.2, with one rounding (half towards plus
 * infinity) instead of two. */
#ifndef MANTIS_PE_REQUANTISE_H
#define MANTIS_PE_REQUANTISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/format.h"

/* Per-channel parameter record as it lies in PAD_PARAM. */
struct requantise_param {
    int32_t bias, multiplier, residual_multiplier, shift; /* shift 1..62 */
};

/* multiplier and shift such that multiplier * 2^-shift is the closest to `ratio` (> 0) with
 * multiplier < 2^31 and, where residual_ratio > 0, residual_multiplier * 2^-shift to
 * residual_ratio. bias is left alone. False where no shift in 1..62 can express both: one is too
 * large, not a number, or so much larger than the other that the other vanishes. */
bool requantise_ratio(double ratio, double residual_ratio, struct requantise_param *param);

/* How one row [n channels] is requantised. `residual` is NULL or n codes. */
struct requantise_rule {
    struct format residual_format, out_format;
    int32_t clamp_low, clamp_high; /* levels */
    int accumulator_bits;          /* 0: do not wrap */
};

/* In 64 bits, modulo 2^64:
 *   t = ((v + bias)*multiplier + residual*residual_multiplier) >> (shift - 1),
 * clamped to twice the clamp levels, encoded to the nearest level of out_format with ties towards
 * plus infinity.
 *   values     int32_t, or int64_t where wide
 *   residual   codes of one byte
 *   out        n codes of format_host_bytes(out_format)
 * Returns the number of values that wrapping changed. */
uint64_t requantise_row(const struct requantise_rule *rule, const struct requantise_param *params,
                        const void *values, bool wide, const uint8_t *residual, int n, void *out);

/* The definition, one element, in plain C. `overflow` receives whether wrapping changed the value.
 */
uint32_t requantise_reference(const struct requantise_rule *rule,
                              const struct requantise_param *param, int64_t value,
                              uint32_t residual_code, bool has_residual, bool *overflow);

#endif
