/* SCALE-Sim topology files: layer shapes without weights, for timing only.
 *   conv:  Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels,
 *          Num Filter, Strides,
 *   gemm:  Layer name, M, N, K,
 * The form is told by the header line. Sparsity columns are refused by name. Lines that begin with #
 * are comments, which SCALE-Sim does not know. */
#ifndef MANTIS_WORKLOADS_TOPOLOGY_H
#define MANTIS_WORKLOADS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* As in SCALE-Sim, the IFMAP already contains the padding and the convolution is valid:
 *   output height = ceil((ifm_h - filter_h) / stride) + 1, and so for the width
 * (rounded up: a last window that overhangs the IFMAP reads zeros there).
 * A GEMM of M x K by K x N is a conv layer with ifm_h = M, ifm_w = 1, 1x1 filter, channels = K,
 * filters = N. A name ending in "_dw", or the extra column `Groups`, makes a conv depthwise /
 * grouped; a "_dw" row with Num Filter 1 has one filter per channel. */
struct topology_layer {
    char name[96];
    int ifm_h, ifm_w, filter_h, filter_w, channels, filters, stride, groups;
};

struct topology {
    char name[96];
    int count;
    struct topology_layer *layers;
};

struct topology *topology_read(const char *path, struct err *err);
struct topology *topology_decode(const char *text, size_t size, const char *path, struct err *err);
void topology_free(struct topology *topology);

int topology_output_h(const struct topology_layer *layer);
int topology_output_w(const struct topology_layer *layer);

/* Multiply-accumulates of one layer for one input. */
uint64_t topology_macs(const struct topology_layer *layer);

#endif
