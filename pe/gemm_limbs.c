/* Activation codes to 8-bit limbs. */
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "pe/gemm_parts.h"

/* Bytes that hold all integers low..high, as unsigned where low >= 0, else in two's complement. */
static int bytes_for(int64_t low, int64_t high)
{
    int count = 1;
    while (low < 0 ? low < -(INT64_C(1) << (LIMB_BITS * count - 1)) ||
                         high >= INT64_C(1) << (LIMB_BITS * count - 1)
                   : high >= INT64_C(1) << (LIMB_BITS * count))
        count++;
    return count;
}

void act_limbs_of(struct format format, struct act_limbs *limbs)
{
    const struct grid *grid = format_grid(format);
    int64_t low = 0, high = 0;
    for (int code = 0; code < grid->code_count && code < CODE_VALUES; code++) {
        low = grid->level_of_code[code] < low ? grid->level_of_code[code] : low;
        high = grid->level_of_code[code] > high ? grid->level_of_code[code] : high;
    }
    limbs->count = bytes_for(low, high);
    limbs->last_is_signed = low < 0;
    for (int code = 0; code < CODE_VALUES; code++) {
        uint32_t level = (uint32_t)grid->level_of_code[code & (grid->code_count - 1)];
        for (int i = 0; i < limbs->count; i++)
            limbs->limb[i][code] = (uint8_t)(level >> (LIMB_BITS * i));
    }
    /* Codes are below code_count; what the table would make of others does not matter. */
    limbs->is_identity = limbs->count == 1;
    for (int code = 0; code < grid->code_count && code < CODE_VALUES; code++)
        limbs->is_identity = limbs->is_identity && limbs->limb[0][code] == code;
}

void lookup_bytes_portable(const uint8_t table[CODE_VALUES], const uint8_t *in, size_t count,
                           uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = table[in[i]];
}

#if defined(__x86_64__)
/* vpermi2b looks 64 bytes up in a table of 128; the top bit of the index chooses between two. */
__attribute__((target("avx512vbmi,avx512bw,avx512f"))) static void
lookup_bytes_vbmi(const uint8_t table[CODE_VALUES], const uint8_t *in, size_t count, uint8_t *out)
{
    __m512i quarter[4];
    for (int i = 0; i < 4; i++)
        quarter[i] = _mm512_loadu_si512(table + 64 * i);
    for (size_t i = 0; i < count; i += 64) {
        __mmask64 there = count - i < 64 ? (UINT64_C(1) << (count - i)) - 1 : ~UINT64_C(0);
        __m512i index = _mm512_maskz_loadu_epi8(there, in + i);
        __m512i low = _mm512_permutex2var_epi8(quarter[0], index, quarter[1]);
        __m512i high = _mm512_permutex2var_epi8(quarter[2], index, quarter[3]);
        __m512i found = _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
        _mm512_mask_storeu_epi8(out + i, there, found);
    }
}
#endif

void lookup_bytes(const uint8_t table[CODE_VALUES], const uint8_t *in, size_t count, uint8_t *out)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vbmi")) {
        lookup_bytes_vbmi(table, in, count, out);
        return;
    }
#endif
    lookup_bytes_portable(table, in, count, out);
}
