/* Matrix multiplication of codes, exactly as the PEs do it, at the speed of the host's int8 units.
 * Every path is tested equal to gemm_reference, which multiplies term by term. */
#ifndef MANTIS_PE_GEMM_H
#define MANTIS_PE_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/format.h"

/* Whether a reduction over `reduction` products of these formats may leave 32 bits: then exact
 * partial sums are int64_t, else int32_t. */
bool gemm_is_wide(struct format act, struct format weight, uint64_t reduction);

/* A K x N weight tile, decoded and packed once (the decoders at the array edge see the same
 * constants each time). */
struct gemm_weights;

/* codes: K x N row-major, format_host_bytes(format) each. Aborts only on out of memory. */
struct gemm_weights *gemm_pack(const void *codes, struct format format, int k, int n);
void gemm_weights_free(struct gemm_weights *weights);
size_t gemm_weights_bytes(const struct gemm_weights *weights);

/* Per-thread scratch memory and cached kernels. */
struct gemm_context *gemm_context_new(void);
void gemm_context_free(struct gemm_context *context);

/* sums[m][j] (=, or += where accumulate) sum over kk of level(act[m][kk]) * level(weights[kk][j]).
 * act: M x K codes of one byte, row pitch act_pitch. sums: int32_t, or int64_t where `wide`, row
 * pitch sum_pitch elements. int32_t sums wrap modulo 2^32 (they cannot where gemm_is_wide is
 * false). */
void gemm(struct gemm_context *context, const uint8_t *act, struct format act_format, int m,
          size_t act_pitch, const struct gemm_weights *weights, void *sums, size_t sum_pitch,
          bool wide, bool accumulate);

/* As gemm, depthwise: one K = taps reduction per channel, weights [channels][taps][1]:
 * sums[m][c] over t of level(act[m][t][c]) * level(weights[c][t]). act is gathered as M x taps x
 * channels. */
void gemm_depthwise(struct gemm_context *context, const uint8_t *act, struct format act_format,
                    int m, int taps, int channels, const void *weight_codes,
                    struct format weight_format, void *sums, size_t sum_pitch, bool wide,
                    bool accumulate);

/* The definition: term by term, slow. Same arguments; weights as raw codes. */
void gemm_reference(const uint8_t *act, struct format act_format, int m, size_t act_pitch,
                    const void *weight_codes, struct format weight_format, int k, int n, void *sums,
                    size_t sum_pitch, bool wide, bool accumulate);

/* "oneDNN avx512_core_vnni", or "portable" where oneDNN's int8 path is not exact on this CPU. */
const char *gemm_backend(void);

#endif
