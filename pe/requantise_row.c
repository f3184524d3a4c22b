/* requantise_reference for a row of channels at once: levels of the residual, half levels, codes,
 * each a loop that vectorises. */
#include <assert.h>
#include <string.h>

#include "pe/clones.h"
#include "pe/encoder.h"
#include "pe/requantise.h"

enum { BLOCK = 256 };

/* What the loops need, fixed for the row. */
struct row {
    const struct encoder *encoder; /* NULL: int */
    int wrap_above;                /* bits above the accumulator's in a value; 0: do not wrap */
    int halving;                   /* 1: round half levels to levels (int); 0: leave them */
    int64_t low, high;             /* of the result, in levels or half levels */
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    value = value < low ? low : value;
    return value > high ? high : value;
}

/* Clamping to the format's range first changes nothing, as both clamps are monotonic, and makes
 * results fit 32 bits. */
static struct row prepare(const struct requantise_rule *rule, bool wide)
{
    struct format format = rule->out_format;
    struct row row = {.low = rule->clamp_low, .high = rule->clamp_high};
    int64_t format_low, format_high;
    if (format.family == FORMAT_INT) {
        row.halving = 1;
        format_high = (INT64_C(1) << (format.bits - format.is_signed)) - 1;
        format_low = format.is_signed ? -format_high - 1 : 0;
    } else {
        row.encoder = format_encoder(format);
        row.low *= 2;
        row.high *= 2;
        format_low = row.encoder->low;
        format_high = row.encoder->high;
    }
    row.low = clamp(row.low, format_low, format_high);
    row.high = clamp(row.high, format_low, format_high);
    int value_bits = wide ? 64 : 32;
    if (rule->accumulator_bits && rule->accumulator_bits < value_bits)
        row.wrap_above = value_bits - rule->accumulator_bits;
    return row;
}

/* out[i] = the clamped level (int) or half level; returns how many values wrapped. The flags are
 * constants in each caller. */
LOOP_BODY uint64_t scale(const struct row *row, const struct requantise_param *restrict params,
                         const void *restrict values, const int32_t *restrict residual, int count,
                         int32_t *restrict out, bool wide, bool has_residual, bool wraps)
{
    uint64_t overflows = 0;
    const int64_t low = row->low, high = row->high;
    const int above = row->wrap_above, halving = row->halving;
    for (int i = 0; i < count; i++) {
        int64_t value = wide ? ((const int64_t *)values)[i] : ((const int32_t *)values)[i];
        if (wraps) {
            int64_t kept = wide ? (int64_t)((uint64_t)value << above) >> above
                                : (int32_t)((uint32_t)value << above) >> above;
            overflows += kept != value;
            value = kept;
        }
        uint64_t sum = ((uint64_t)value + (uint64_t)(int64_t)params[i].bias) *
                       (uint64_t)(int64_t)params[i].multiplier;
        if (has_residual)
            sum += (uint64_t)((int64_t)residual[i] * params[i].residual_multiplier);
        int64_t t = (int64_t)sum >> ((params[i].shift - 1) & 63);
        t = (t >> halving) + (t & halving);
        t = t < low ? low : t;
        out[i] = (int32_t)(t > high ? high : t);
    }
    return overflows;
}

typedef uint64_t (*scale_function)(const struct row *, const struct requantise_param *,
                                   const void *, const int32_t *, int, int32_t *);

/* X(name, wide, has_residual, wraps), in the order of the index below. */
#define SCALES(X)                                        \
    X(scale_narrow, false, false, false)                 \
    X(scale_narrow_wrapping, false, false, true)         \
    X(scale_narrow_residual, false, true, false)         \
    X(scale_narrow_residual_wrapping, false, true, true) \
    X(scale_wide, true, false, false)                    \
    X(scale_wide_wrapping, true, false, true)            \
    X(scale_wide_residual, true, true, false)            \
    X(scale_wide_residual_wrapping, true, true, true)

#define DEFINE(name, wide, has_residual, wraps)                                                   \
    VECTOR_CLONES static uint64_t name(const struct row *row,                                     \
                                       const struct requantise_param *params, const void *values, \
                                       const int32_t *residual, int count, int32_t *out)          \
    {                                                                                             \
        return scale(row, params, values, residual, count, out, wide, has_residual, wraps);       \
    }
SCALES(DEFINE)
#undef DEFINE

static scale_function choose(bool wide, bool has_residual, bool wraps)
{
#define ENTRY(name, is_wide, with_residual, with_wrap) [is_wide][with_residual][with_wrap] = name,
    static const scale_function functions[2][2][2] = {SCALES(ENTRY)};
#undef ENTRY
    return functions[wide][has_residual][wraps];
}

VECTOR_CLONES static void store_bytes(const int32_t *restrict levels, int count, uint8_t mask,
                                      uint8_t *restrict out)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)levels[i] & mask;
}

static void store_int(struct format format, const int32_t *levels, int count, void *out)
{
    switch (format_host_bytes(format)) {
    case 1:
        store_bytes(levels, count, (uint8_t)(0xff >> (8 - format.bits)), out);
        return;
    case 2:
        for (int i = 0; i < count; i++)
            ((uint16_t *)out)[i] = (uint16_t)levels[i];
        return;
    default:
        memcpy(out, levels, (size_t)count * sizeof *levels);
    }
}

VECTOR_CLONES static void levels_of_int(struct format format, const uint8_t *restrict codes,
                                        int count, int32_t *restrict levels)
{
    const int above = 32 - format.bits;
    if (format.is_signed)
        for (int i = 0; i < count; i++)
            levels[i] = (int32_t)((uint32_t)codes[i] << above) >> above;
    else
        for (int i = 0; i < count; i++)
            levels[i] = (int32_t)((uint32_t)codes[i] << above >> above);
}

static void levels_of(struct format format, const uint8_t *codes, int count, int32_t *levels)
{
    if (format.family == FORMAT_INT) {
        levels_of_int(format, codes, count, levels);
        return;
    }
    const struct grid *grid = format_grid(format);
    for (int i = 0; i < count; i++)
        levels[i] = grid->level_of_code[codes[i] & (grid->code_count - 1)];
}

uint64_t requantise_row(const struct requantise_rule *rule, const struct requantise_param *params,
                        const void *values, bool wide, const uint8_t *residual, int n, void *out)
{
    assert(!residual || format_host_bytes(rule->residual_format) == 1);
    struct row row = prepare(rule, wide);
    scale_function scale_block = choose(wide, residual, row.wrap_above);
    size_t code_bytes = (size_t)format_host_bytes(rule->out_format);
    size_t value_bytes = wide ? sizeof(int64_t) : sizeof(int32_t);
    uint64_t overflows = 0;
    int32_t levels[BLOCK], added[BLOCK];
    for (int i = 0; i < n; i += BLOCK) {
        int count = n - i < BLOCK ? n - i : BLOCK;
        void *to = (char *)out + (size_t)i * code_bytes;
        if (residual)
            levels_of(rule->residual_format, residual + i, count, added);
        overflows += scale_block(&row, params + i, (const char *)values + (size_t)i * value_bytes,
                                 added, count, levels);
        if (row.encoder)
            encode_half_levels(row.encoder, levels, count, to);
        else
            store_int(rule->out_format, levels, count, to);
    }
    return overflows;
}
