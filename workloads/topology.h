/* SCALE-Sim topology files: layer shapes without weights, for timing only.
 *   conv:  Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels,
 *          Num Filter, Strides,
 *   gemm:  Layer name, M, N, K,
 * The form is told by the header line. Sparsity columns are refused by name. Lines that begin with #
 * are comments, which SCALE-Sim does not know; neither does it know two columns, both optional:
 *   Groups    (conv) groups of the convolution, 1 where it is left out
 *   Operands  what the filters are: `weights`, of the model, or `activations`, computed for every
 *             input (attention: queries x keys, scores x values). They take the same time; only
 *             weights are part of the model's size.
 * topologies/generate.py writes the shipped files. */
#ifndef MANTIS_WORKLOADS_TOPOLOGY_H
#define MANTIS_WORKLOADS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* X(id, text): what the filters of a layer are. */
#define TOPOLOGY_OPERANDS(X) \
    X(WEIGHTS, "weights")    \
    X(ACTIVATIONS, "activations")

#define TOPOLOGY_OPERANDS_ENUMERATOR(id, text) TOPOLOGY_##id,
enum topology_operands { TOPOLOGY_OPERANDS(TOPOLOGY_OPERANDS_ENUMERATOR) TOPOLOGY_OPERANDS_COUNT };
#undef TOPOLOGY_OPERANDS_ENUMERATOR

/* As in SCALE-Sim, the IFMAP already contains the padding and the convolution is valid:
 *   output height = ceil((ifm_h - filter_h) / stride) + 1, and so for the width
 * (rounded up: a last window that overhangs the IFMAP reads zeros there).
 * A GEMM of M x K by K x N is a conv layer with ifm_h = M, ifm_w = 1, 1x1 filter, channels = K,
 * filters = N. A name ending in "_dw", or the extra column `Groups`, makes a conv depthwise /
 * grouped; a "_dw" row with Num Filter 1 has one filter per channel. */
struct topology_layer {
    char name[96];
    int ifm_h, ifm_w, filter_h, filter_w, channels, filters, stride, groups;
    enum topology_operands operands;
};

struct topology {
    char name[96];
    int count;
    struct topology_layer *layers;
};

struct topology *topology_read(const char *path, struct err *err);
struct topology *topology_decode(const char *text, size_t size, const char *path, struct err *err);
void topology_free(struct topology *topology);

/* Make one input of `batch` images: they lie below one another, each `output height * stride` rows
 * after the one before, so that the windows of all images are those of one tall image and share
 * their weights. Where the filter is higher than the stride, the filter - stride rows between the
 * windows of neighbours are left out: zeros of "same" padding, which no DRAM holds, or else rows
 * that would have been read beside the tall image. False where a layer has then more than 2^31
 * elements. */
enum { TOPOLOGY_MAX_BATCH = 65536 };
bool topology_batch(struct topology *topology, int batch, struct err *err);

int topology_output_h(const struct topology_layer *layer);
int topology_output_w(const struct topology_layer *layer);

/* Multiply-accumulates of one layer for one input. */
uint64_t topology_macs(const struct topology_layer *layer);

/* Weights of one layer that the model holds; 0 where it multiplies activations by activations. */
uint64_t topology_weights(const struct topology_layer *layer);

#endif
