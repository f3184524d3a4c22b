/* Weight tiles: codes to planes of signed 8-bit limbs. */
#include <stdlib.h>

#include "pe/gemm_parts.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

/* Balanced limbs: the low byte as a signed number, then what is left of the level. Takes the lowest
 * limb off `levels`; false if all of them were zero. */
static bool take_limb(int32_t *levels, size_t count, int8_t *limbs)
{
    int32_t any = 0;
    for (size_t i = 0; i < count; i++) {
        int8_t limb = (int8_t)levels[i];
        any |= levels[i];
        limbs[i] = limb;
        levels[i] = (int32_t)(((int64_t)levels[i] - limb) >> LIMB_BITS);
    }
    return any != 0;
}

static bool all_zero(const int8_t *limbs, size_t count)
{
    int any = 0;
    for (size_t i = 0; i < count; i++)
        any |= limbs[i];
    return any == 0;
}

/* Planes of rows first_k .. first_k + k - 1, whose levels are used up. Limbs that are all zero give
 * no plane. */
static void add_planes(struct gemm_weights *weights, int first_k, int k, int32_t *levels)
{
    size_t count = (size_t)k * (size_t)weights->n;
    for (int shift = 0;; shift += LIMB_BITS) {
        int8_t *limbs = allocate(count, sizeof *limbs);
        bool more = take_limb(levels, count, limbs);
        if (all_zero(limbs, count)) {
            free(limbs);
            if (!more)
                return;
            continue;
        }
        struct plane *plane = &weights->planes[weights->plane_count++];
        plane->first_k = first_k;
        plane->k = k;
        plane->n = weights->n;
        plane->shift = shift;
        plane->limbs = limbs;
    }
}

struct gemm_weights *gemm_pack(const void *codes, struct format format, int k, int n)
{
    const struct grid *grid = format_grid(format);
    int host_bytes = format_host_bytes(format), blocks = (k + PLANE_MAX_K - 1) / PLANE_MAX_K;
    struct gemm_weights *weights = allocate(1, sizeof *weights);
    weights->k = k;
    weights->n = n;
    weights->planes = allocate((size_t)blocks * (MAX_LIMBS + 1), sizeof *weights->planes);
    for (int first_k = 0; first_k < k; first_k += PLANE_MAX_K) {
        int rows = k - first_k < PLANE_MAX_K ? k - first_k : PLANE_MAX_K;
        size_t count = (size_t)rows * (size_t)n, from = (size_t)first_k * (size_t)n;
        int32_t *levels = allocate(count, sizeof *levels);
        for (size_t i = 0; i < count; i++)
            levels[i] = grid->level_of_code[weight_code_at(codes, host_bytes, from + i) &
                                            (uint32_t)(grid->code_count - 1)];
        add_planes(weights, first_k, rows, levels);
        free(levels);
    }
    return weights;
}

void gemm_weights_free(struct gemm_weights *weights)
{
    if (!weights)
        return;
    for (int i = 0; i < weights->plane_count; i++) {
        struct plane *plane = &weights->planes[i];
        free(plane->limbs);
        onednn_weights_free(atomic_load(&plane->onednn[0]));
        onednn_weights_free(atomic_load(&plane->onednn[1]));
    }
    free(weights->planes);
    free(weights);
}

size_t gemm_weights_bytes(const struct gemm_weights *weights)
{
    size_t bytes = sizeof *weights;
    for (int i = 0; i < weights->plane_count; i++) {
        struct plane *plane = &weights->planes[i];
        bytes += sizeof *plane + (size_t)plane->k * (size_t)plane->n;
        bytes += onednn_weights_bytes(atomic_load(&plane->onednn[0]));
        bytes += onednn_weights_bytes(atomic_load(&plane->onednn[1]));
    }
    return bytes;
}
