/* The definition of a matrix product of codes: terms times terms, shifted and added. */
#include "pe/gemm_parts.h"

static uint64_t multiply_terms(const struct term *a, int a_count, const struct term *b, int b_count)
{
    uint64_t sum = 0;
    for (int i = 0; i < a_count; i++)
        for (int j = 0; j < b_count; j++)
            sum += (uint64_t)(int64_t)(a[i].mult * b[j].mult) << (a[i].shift + b[j].shift);
    return sum;
}

/* One element: `k` activation codes in a row with every n-th weight code from `column` on. */
static uint64_t dot(const uint8_t *act, struct format act_format, const void *weight_codes,
                    struct format weight_format, int k, int n, int column)
{
    uint64_t sum = 0;
    int host_bytes = format_host_bytes(weight_format);
    for (int kk = 0; kk < k; kk++) {
        struct term a[FORMAT_MAX_TERMS], b[FORMAT_MAX_TERMS];
        size_t at = (size_t)kk * (size_t)n + (size_t)column;
        int a_count = format_family(act_format)->decode(act_format, act[kk], a);
        int b_count = format_family(weight_format)
                          ->decode(weight_format, weight_code_at(weight_codes, host_bytes, at), b);
        sum += multiply_terms(a, a_count, b, b_count);
    }
    return sum;
}

void gemm_reference(const uint8_t *act, struct format act_format, int m, size_t act_pitch,
                    const void *weight_codes, struct format weight_format, int k, int n, void *sums,
                    size_t sum_pitch, bool wide, bool accumulate)
{
    for (int row = 0; row < m; row++)
        for (int j = 0; j < n; j++) {
            size_t at = (size_t)row * sum_pitch + (size_t)j;
            uint64_t sum = dot(act + (size_t)row * act_pitch, act_format, weight_codes,
                               weight_format, k, n, j);
            if (wide) {
                uint64_t *to = (uint64_t *)sums + at;
                *to = (accumulate ? *to : 0) + sum;
            } else {
                uint32_t *to = (uint32_t *)sums + at;
                *to = (accumulate ? *to : 0) + (uint32_t)sum;
            }
        }
}
