/* Inside gemm: levels of any format as 8-bit limbs, and the two ways to multiply 8-bit matrices
 * exactly.
 *
 * The product of levels is the product of their limbs, shifted and added:
 *   level(a) * level(w) = sum over i, j of (a_i * w_j) << 8(i + j).
 * Most formats have one limb of each, and then this is one 8-bit matrix multiplication. */
#ifndef MANTIS_PE_GEMM_PARTS_H
#define MANTIS_PE_GEMM_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pe/format.h"
#include "pe/gemm.h"

/* PLANE_MAX_K * 255 * 128 < 2^31: partial sums of one plane fit 32 bits. */
enum { LIMB_BITS = 8, MAX_LIMBS = 4, CODE_VALUES = 256, PLANE_MAX_K = 65536 };

/* --- activations: low limbs are unsigned bytes, the last has the sign --- */

struct act_limbs {
    int count;
    bool last_is_signed;                  /* int8_t rather than uint8_t */
    bool is_identity;                     /* one limb, equal to the code: no lookup needed */
    uint8_t limb[MAX_LIMBS][CODE_VALUES]; /* of every code byte */
};

void act_limbs_of(struct format format, struct act_limbs *limbs);

static inline bool act_limb_is_signed(const struct act_limbs *limbs, int i)
{
    return limbs->last_is_signed && i == limbs->count - 1;
}

/* out[i] = table[in[i]]. The portable version is the definition; lookup_bytes is the fastest that
 * the CPU has. */
void lookup_bytes_portable(const uint8_t table[CODE_VALUES], const uint8_t *in, size_t count,
                           uint8_t *out);
void lookup_bytes(const uint8_t table[CODE_VALUES], const uint8_t *in, size_t count, uint8_t *out);

/* --- weights: planes of signed limbs, each k x n --- */

/* Weight codes lie in 1 or 2 bytes each (format_host_bytes). */
static inline uint32_t weight_code_at(const void *codes, int host_bytes, size_t index)
{
    return host_bytes == 1 ? ((const uint8_t *)codes)[index] : ((const uint16_t *)codes)[index];
}

struct onednn_weights;

/* Rows first_k .. first_k + k - 1 of one limb of the weights, which counts `<< shift`. */
struct plane {
    int first_k, k, n, shift;
    int8_t *limbs; /* k x n */
    _Atomic(struct onednn_weights *)
        onednn[2]; /* in oneDNN's layout for unsigned, signed activations; on first use */
};

struct gemm_weights {
    int k, n, plane_count;
    struct plane *planes; /* those that are not all zero */
};

/* --- memory --- */

#define BUFFERS(X) X(ACT) X(PARTIAL) X(ONEDNN) X(WEIGHT)
#define BUFFER_ENUMERATOR(id) BUFFER_##id,
enum buffer_id { BUFFERS(BUFFER_ENUMERATOR) BUFFER_COUNT };
#undef BUFFER_ENUMERATOR

struct onednn_kernels;

struct gemm_context {
    struct {
        void *memory;
        size_t bytes;
    } buffers[BUFFER_COUNT];
    /* By family, bits, sign; made on first use. */
    struct act_limbs *act_limbs[FORMAT_FAMILY_COUNT][LIMB_BITS + 1][2];
    struct onednn_kernels *kernels;
};

/* At least `bytes`, 64-byte aligned, valid until the next call for the same buffer. Aborts when out
 * of memory. */
void *gemm_buffer(struct gemm_context *context, enum buffer_id id, size_t bytes);
const struct act_limbs *gemm_act_limbs(struct gemm_context *context, struct format format);

/* --- two backends: sums[m][n] = act[m][k] * plane, all dense, int32 exact --- */

void portable_multiply(const void *act, bool act_is_signed, int m, const struct plane *plane,
                       int32_t *sums);

/* Whether oneDNN multiplies exactly on this CPU. Tried on boundary values at the first call;
 * MANTIS_GEMM=portable in the environment says no. */
bool onednn_is_exact(void);
const char *onednn_isa(void); /* "avx512_core_vnni"; after onednn_is_exact() */
void onednn_multiply(struct gemm_context *context, const void *act, bool act_is_signed, int m,
                     struct plane *plane, int32_t *sums);
size_t onednn_weights_bytes(const struct onednn_weights *weights);
void onednn_weights_free(struct onednn_weights *weights);
void onednn_kernels_free(struct onednn_kernels *kernels);

#endif
