/* Half levels to codes: t stands for the value t/2, and its code is that of the nearest level, ties
 * towards plus infinity. In half levels the midpoint of two neighbouring levels is their sum, a
 * whole number: no rounding, only comparison. */
#ifndef MANTIS_PE_ENCODER_H
#define MANTIS_PE_ENCODER_H

#include <stdbool.h>
#include <stdint.h>

#include "pe/format.h"

struct encoder {
    int host_bytes;
    /* Smallest and largest t worth telling apart: every t below or above has the same code. */
    int32_t low, high;
    const uint8_t *
        table; /* code of t at [t - low], padded to 256 entries; NULL where the range is too wide */
    /* Level i + 1 from thresholds[i] on. There are `span` of them, a power of two that is at least
     * the number of levels; beyond the last level they are INT32_MAX, which no t reaches. */
    int span;
    const int32_t *thresholds;
    const uint32_t *codes; /* of each level */
};

/* Of a format with a grid, but not int. Shared, immutable, built on first use, safe from any
 * thread. */
const struct encoder *format_encoder(struct format format);

/* out[i] = code of half_levels[i], each in low..high: count codes of host_bytes each. */
void encode_half_levels(const struct encoder *encoder, const int32_t *half_levels, int count,
                        void *out);

#endif
