/* Number formats: a format is a grid. Levels, codes and terms of every family; docs/formats.md
 * draws the layouts. Sources: ANT (Guo et al., MICRO 2022) sections 4-5 for int, flint, pot, float;
 * MSD (Wu et al., FCCM 2023) section 3 for restricted signed digits; adafloat, biscaled and outlier
 * are those of AdaptivFloat, BiScaled-DNN and OLAccel (pe/format_<name>.c). */
#ifndef MANTIS_PE_FORMAT_H
#define MANTIS_PE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"
#include "isa/format.h"

/* The atom: mult << shift. An ANT decoder turns a code into one term; a signed-digit weight is a
 * list of terms with mult = +-1 (0 only for rsd_eb1's zero: more digits cancel). */
struct term {
    int16_t mult;
    uint8_t shift;
};

enum { FORMAT_MAX_TERMS = 4, FORMAT_MAX_LEVELS = 1 << 16 };

/* One row of the table of formats. */
struct format_family_descriptor {
    const char *name;
    const char *help;                               /* one line for `mantis list formats` */
    uint8_t min_bits, max_bits;                     /* over both signs */
    uint8_t min_magnitude_bits, max_magnitude_bits; /* bits beside the sign bit */
    bool has_unsigned;
    /* Decode a code to its terms, as the hardware decoder does; returns their number
     * (1..FORMAT_MAX_TERMS). */
    int (*decode)(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
    /* The code of a level that is on the grid. */
    uint32_t (*encode)(struct format format, int32_t level);
};

/* The row of `format`'s family; rows are in enum format_family order. */
const struct format_family_descriptor *format_family(struct format format);

/* Whether the family has that width and sign. */
bool format_exists(struct format format);

/* Whether a PE operand can have this format, and so it has a grid: all that exist but 16- and
 * 32-bit int. */
bool format_is_operand(struct format format);

/* Parse "int", "flint", ... plus width and sign; the error lists the legal names. */
bool format_parse(const char *family, int bits, bool is_signed, struct format *format,
                  struct err *err);

/* The least and the greatest level of an `outlier` format that is no outlier: what fits its nominal
 * width. */
void format_dense_levels(struct format format, int32_t *least, int32_t *most);

/* The sum of the code's terms: the level it stands for. */
int32_t format_level(struct format format, uint32_t code);

/* A format with its tables: sorted distinct levels, the code of each, the level of each code.
 * Shared, immutable, built on first use, safe to call from any thread. */
struct grid {
    struct format format;
    int count;                    /* distinct levels */
    const int32_t *levels;        /* ascending */
    const uint32_t *codes;        /* code of levels[i] */
    int code_count;               /* 1 << format_code_bits (up to 16 bits) */
    const int32_t *level_of_code; /* of every code; sums of digits may leave the grid (128 + 128) */
    const uint8_t *digits_of_code; /* clocks a digit-serial PE spends on it when zero digits are
                                      skipped, >= 0 */
    int32_t zero_code;
    const uint16_t *nearest; /* [2 (last - first level) + 1]: index of the level nearest to half an
                                integer, from the first level on; NULL on the widest grids */
};
const struct grid *format_grid(struct format format); /* format_is_operand */

/* Index into grid->levels of the level nearest to `value`, ties towards plus infinity; clamps at
 * the ends. NaN is the caller's error (assert). */
int grid_nearest(const struct grid *grid, double value);

/* Code of the level nearest to `value`, ties towards plus infinity, in any format that exists; integers
 * too wide for a grid end at their own limits. */
uint32_t format_nearest_code(struct format format, double value);

/* A float image, channels x pixels, as codes of format_host_bytes(format), pixels x channels: each the
 * nearest to value / scale. */
void format_encode_image(struct format format, double scale, const float *image, size_t pixels,
                         size_t channels, void *codes);

#endif
