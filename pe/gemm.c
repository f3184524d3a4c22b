#include "pe/gemm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pe/clones.h"
#include "pe/gemm_parts.h"

enum { ALIGNMENT = 64 };

/* --- context --- */

struct gemm_context *gemm_context_new(void)
{
    struct gemm_context *context = calloc(1, sizeof *context);
    if (!context)
        abort();
    return context;
}

void gemm_context_free(struct gemm_context *context)
{
    if (!context)
        return;
    for (int i = 0; i < BUFFER_COUNT; i++)
        free(context->buffers[i].memory);
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++)
        for (int bits = 0; bits <= LIMB_BITS; bits++) {
            free(context->act_limbs[family][bits][0]);
            free(context->act_limbs[family][bits][1]);
        }
    onednn_kernels_free(context->kernels);
    free(context);
}

void *gemm_buffer(struct gemm_context *context, enum buffer_id id, size_t bytes)
{
    if (context->buffers[id].bytes < bytes) {
        free(context->buffers[id].memory);
        bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        context->buffers[id].memory = aligned_alloc(ALIGNMENT, bytes);
        context->buffers[id].bytes = bytes;
        if (!context->buffers[id].memory)
            abort();
    }
    return context->buffers[id].memory;
}

const struct act_limbs *gemm_act_limbs(struct gemm_context *context, struct format format)
{
    assert(format_is_operand(format) && format_host_bytes(format) == 1);
    struct act_limbs **limbs = &context->act_limbs[format.family][format.bits][format.is_signed];
    if (!*limbs) {
        *limbs = malloc(sizeof **limbs);
        if (!*limbs)
            abort();
        act_limbs_of(format, *limbs);
    }
    return *limbs;
}

/* --- multiply --- */

static uint64_t largest_level(struct format format)
{
    const struct grid *grid = format_grid(format);
    uint64_t largest = 0;
    for (int code = 0; code < grid->code_count; code++) {
        uint64_t size = (uint64_t)llabs(grid->level_of_code[code]);
        largest = size > largest ? size : largest;
    }
    return largest;
}

/* reduction * max|act| * max|weight| >= 2^31 */
bool gemm_is_wide(struct format act, struct format weight, uint64_t reduction)
{
    uint64_t product = largest_level(act) * largest_level(weight);
    return reduction > (uint64_t)INT32_MAX / product;
}

const char *gemm_backend(void)
{
    static _Thread_local char text[80];
    if (!onednn_is_exact())
        return "portable";
    strcpy(text, "oneDNN ");
    return strcat(text, onednn_isa());
}

/* Where sums go. */
struct sums {
    void *at;
    size_t pitch;
    bool wide;
    bool add; /* to what is there */
};

/* sums (=, or += where add) partial << shift, modulo 2^32 or 2^64. */
LOOP_BODY void combine_rows(const struct sums *sums, int m, int n, const int32_t *partial,
                            int shift, bool wide, bool add)
{
    for (size_t row = 0; row < (size_t)m; row++) {
        const int32_t *from = partial + row * (size_t)n;
        uint32_t *narrow_to = (uint32_t *)sums->at + row * sums->pitch;
        uint64_t *wide_to = (uint64_t *)sums->at + row * sums->pitch;
        for (int j = 0; j < n; j++)
            if (wide)
                wide_to[j] = (add ? wide_to[j] : 0) + ((uint64_t)(int64_t)from[j] << shift);
            else
                narrow_to[j] = (add ? narrow_to[j] : 0) + ((uint32_t)from[j] << shift);
    }
}

VECTOR_CLONES static void combine(const struct sums *sums, int m, int n, const int32_t *partial,
                                  int shift)
{
    if (sums->wide && sums->add)
        combine_rows(sums, m, n, partial, shift, true, true);
    else if (sums->wide)
        combine_rows(sums, m, n, partial, shift, true, false);
    else if (sums->add)
        combine_rows(sums, m, n, partial, shift, false, true);
    else
        combine_rows(sums, m, n, partial, shift, false, false);
}

/* Activation codes [m][k] from column first_k on, row pitch `pitch`. */
struct codes {
    const uint8_t *at;
    size_t pitch;
    int m, k;
};

/* Limb i of the activations as a dense matrix: the codes themselves where they can be. */
static const void *dense_limb(struct gemm_context *context, const struct codes *codes,
                              const struct act_limbs *limbs, int i)
{
    size_t k = (size_t)codes->k, m = (size_t)codes->m;
    bool is_dense = codes->pitch == k;
    if (limbs->is_identity && is_dense)
        return codes->at;
    uint8_t *dense = gemm_buffer(context, BUFFER_ACT, m * k);
    if (is_dense) {
        lookup_bytes(limbs->limb[i], codes->at, m * k, dense);
        return dense;
    }
    for (size_t row = 0; row < m; row++) {
        const uint8_t *from = codes->at + row * codes->pitch;
        if (limbs->is_identity)
            memcpy(dense + row * k, from, k);
        else
            lookup_bytes(limbs->limb[i], from, k, dense + row * k);
    }
    return dense;
}

static void multiply(struct gemm_context *context, const void *act, bool act_is_signed, int m,
                     struct plane *plane, int32_t *sums)
{
    if (onednn_is_exact())
        onednn_multiply(context, act, act_is_signed, m, plane, sums);
    else
        portable_multiply(act, act_is_signed, m, plane, sums);
}

/* One limb of the activations times one plane of the weights, straight into the sums where these
 * are plain. */
static void multiply_limb(struct gemm_context *context, const struct codes *codes,
                          const struct act_limbs *limbs, int i, struct plane *plane,
                          const struct sums *sums)
{
    int shift = plane->shift + LIMB_BITS * i;
    const void *act = dense_limb(context, codes, limbs, i);
    bool is_signed = act_limb_is_signed(limbs, i);
    if (!sums->wide && !sums->add && !shift && sums->pitch == (size_t)plane->n) {
        multiply(context, act, is_signed, codes->m, plane, sums->at);
        return;
    }
    size_t count = (size_t)codes->m * (size_t)plane->n;
    int32_t *partial = gemm_buffer(context, BUFFER_PARTIAL, count * sizeof *partial);
    multiply(context, act, is_signed, codes->m, plane, partial);
    combine(sums, codes->m, plane->n, partial, shift);
}

static void clear(const struct sums *sums, int m, int n)
{
    size_t size = sums->wide ? sizeof(int64_t) : sizeof(int32_t);
    for (size_t row = 0; row < (size_t)m; row++)
        memset((char *)sums->at + row * sums->pitch * size, 0, (size_t)n * size);
}

void gemm(struct gemm_context *context, const uint8_t *act, struct format act_format, int m,
          size_t act_pitch, const struct gemm_weights *weights, void *sums_at, size_t sum_pitch,
          bool wide, bool accumulate)
{
    if (m <= 0 || weights->n <= 0)
        return;
    const struct act_limbs *limbs = gemm_act_limbs(context, act_format);
    struct sums sums = {.at = sums_at, .pitch = sum_pitch, .wide = wide, .add = accumulate};
    for (int p = 0; p < weights->plane_count; p++) {
        struct plane *plane = &weights->planes[p];
        struct codes codes = {
            .at = act + plane->first_k, .pitch = act_pitch, .m = m, .k = plane->k};
        for (int i = 0; i < limbs->count; i++) {
            if (!wide && plane->shift + LIMB_BITS * i >= 32) /* 0 modulo 2^32 */
                continue;
            multiply_limb(context, &codes, limbs, i, plane, &sums);
            sums.add = true;
        }
    }
    if (!sums.add)
        clear(&sums, m, weights->n);
}
