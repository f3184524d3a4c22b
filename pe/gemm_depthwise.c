/* Depthwise: one reduction over the taps per channel, vectorised over the channels. */
#include <string.h>

#include "pe/clones.h"
#include "pe/gemm_parts.h"

enum { CHANNELS = 64 };

struct depthwise {
    const void *act; /* m x taps x channels, 8-bit limbs */
    int m, taps, channels;
    void *sums;
    size_t sum_pitch;
    bool accumulate;
};

/* Levels [taps][channels] of codes [channels][taps]; false if one does not fit 16 bits. */
static bool transpose_weights(const void *codes, struct format format, int taps, int channels,
                              int32_t *levels)
{
    const struct grid *grid = format_grid(format);
    int host_bytes = format_host_bytes(format);
    bool fits = true;
    for (int c = 0; c < channels; c++)
        for (int t = 0; t < taps; t++) {
            uint32_t code = weight_code_at(codes, host_bytes, (size_t)c * (size_t)taps + (size_t)t);
            int32_t level = grid->level_of_code[code & (uint32_t)(grid->code_count - 1)];
            levels[(size_t)t * (size_t)channels + (size_t)c] = level;
            fits = fits && level == (int16_t)level;
        }
    return fits;
}

/* --- 8-bit activations, 16-bit weights, 32-bit sums --- */

/* `count` channels of one output from channel c on. */
LOOP_BODY void sum_channels(const struct depthwise *work, const int16_t *weights, size_t row, int c,
                            int count, bool act_is_signed)
{
    size_t channels = (size_t)work->channels;
    uint32_t block[CHANNELS] = {0};
    for (size_t t = 0; t < (size_t)work->taps; t++) {
        const uint8_t *act =
            (const uint8_t *)work->act + (row * (size_t)work->taps + t) * channels + (size_t)c;
        const int16_t *weight = weights + t * channels + (size_t)c;
        for (int i = 0; i < count; i++)
            block[i] += (uint32_t)((act_is_signed ? (int8_t)act[i] : act[i]) * weight[i]);
    }
    uint32_t *sums = (uint32_t *)work->sums + row * work->sum_pitch + c;
    for (int i = 0; i < count; i++)
        sums[i] = (work->accumulate ? sums[i] : 0) + block[i];
}

LOOP_BODY void sum_rows(const struct depthwise *work, const int16_t *weights, bool act_is_signed)
{
    for (size_t row = 0; row < (size_t)work->m; row++) {
        int c = 0;
        for (; c + CHANNELS <= work->channels; c += CHANNELS)
            sum_channels(work, weights, row, c, CHANNELS, act_is_signed);
        if (c < work->channels)
            sum_channels(work, weights, row, c, work->channels - c, act_is_signed);
    }
}

VECTOR_CLONES static void sum_unsigned(const struct depthwise *work, const int16_t *weights)
{
    sum_rows(work, weights, false);
}

VECTOR_CLONES static void sum_signed(const struct depthwise *work, const int16_t *weights)
{
    sum_rows(work, weights, true);
}

/* --- any levels, sums modulo 2^64 and so modulo 2^32 --- */

static void sum_any(const struct depthwise *work, const int32_t *act_level_of_code,
                    const int32_t *weights, bool wide)
{
    size_t channels = (size_t)work->channels, taps = (size_t)work->taps;
    for (size_t row = 0; row < (size_t)work->m; row++)
        for (size_t c = 0; c < channels; c++) {
            uint64_t sum = 0;
            for (size_t t = 0; t < taps; t++) {
                uint8_t code = ((const uint8_t *)work->act)[(row * taps + t) * channels + c];
                sum += (uint64_t)((int64_t)act_level_of_code[code] * weights[t * channels + c]);
            }
            size_t at = row * work->sum_pitch + c;
            if (wide)
                ((uint64_t *)work->sums)[at] =
                    (work->accumulate ? ((uint64_t *)work->sums)[at] : 0) + sum;
            else
                ((uint32_t *)work->sums)[at] =
                    (work->accumulate ? ((uint32_t *)work->sums)[at] : 0) + (uint32_t)sum;
        }
}

/* The level of every code byte: those beyond the format's codes repeat it. */
static void level_table(struct format format, int32_t levels[CODE_VALUES])
{
    const struct grid *grid = format_grid(format);
    for (int code = 0; code < CODE_VALUES; code++)
        levels[code] = grid->level_of_code[code & (grid->code_count - 1)];
}

void gemm_depthwise(struct gemm_context *context, const uint8_t *act, struct format act_format,
                    int m, int taps, int channels, const void *weight_codes,
                    struct format weight_format, void *sums, size_t sum_pitch, bool wide,
                    bool accumulate)
{
    const struct act_limbs *limbs = gemm_act_limbs(context, act_format);
    size_t weights = (size_t)taps * (size_t)channels;
    struct depthwise work = {act, m, taps, channels, sums, sum_pitch, accumulate};
    int32_t *levels = gemm_buffer(context, BUFFER_WEIGHT, weights * sizeof *levels);
    bool fits = transpose_weights(weight_codes, weight_format, taps, channels, levels);
    if (wide || !fits || limbs->count > 1) {
        int32_t act_levels[CODE_VALUES];
        level_table(act_format, act_levels);
        sum_any(&work, act_levels, levels, wide);
        return;
    }
    int16_t *narrow = gemm_buffer(context, BUFFER_PARTIAL, weights * sizeof *narrow);
    for (size_t i = 0; i < weights; i++)
        narrow[i] = (int16_t)levels[i];
    if (!limbs->is_identity) {
        uint8_t *decoded = gemm_buffer(context, BUFFER_ACT, (size_t)m * weights);
        lookup_bytes(limbs->limb[0], act, (size_t)m * weights, decoded);
        work.act = decoded;
    }
    if (limbs->last_is_signed)
        sum_signed(&work, narrow);
    else
        sum_unsigned(&work, narrow);
}
