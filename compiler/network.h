/* The quantised network: what lowering starts from. Fused layers over quantised activations,
 * integer parameters only, height-width-channel order throughout. Built by quantise() from a graph,
 * or by network_from_topology() without values. */
#ifndef MANTIS_COMPILER_NETWORK_H
#define MANTIS_COMPILER_NETWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "isa/format.h"
#include "isa/instruction.h"
#include "isa/program.h"
#include "pe/requantise.h"
#include "workloads/graph.h"
#include "workloads/topology.h"

/* An activation tensor of the quantised network. */
struct activation {
    char name[PROGRAM_NAME_SIZE]; /* the float graph's value name */
    int h, w, c;
    struct format format;
    double scale;    /* real = level * scale */
    int graph_value; /* index in the float graph, -1 if none */
};

#define LAYER_KINDS(X)                                        \
    X(MATMUL, "convolution or fully connected, on the array") \
    X(MAXIMUM, "max pooling, on the vector unit")             \
    X(SUM, "average pooling, add, concat, slice, pad: copies and sums, on the vector unit")

#define LAYER_KIND_ENUMERATOR(id, help) LAYER_##id,
enum layer_kind { LAYER_KINDS(LAYER_KIND_ENUMERATOR) LAYER_KIND_COUNT };
#undef LAYER_KIND_ENUMERATOR

/* What a second core computes output channels with, where the network has that. All as in struct
 * layer; format.bits = 0 where there is none. */
struct core_weights {
    struct format format;
    uint16_t *codes;
    double *scales;
    struct requantise_param *params;
    double sqnr_db;
};

/* One fused layer. Its window slides over the input activation; what lies outside the input is zero
 * (MAXIMUM: the lowest level). Output pixel (oy, ox) reads input rows
 *   oy*stride_y - pad_top + ky*dilation_y,
 * and so for columns. Concat: several layers write channel ranges of one output.
 * Slice: stride and offsets of a 1x1 SUM window (pad_top = -start). Channel padding:
 * channel_offset < 0 reads zeros. */
struct layer {
    char name[PROGRAM_NAME_SIZE];
    char op[16]; /* for reports: "Conv", "Gemm", "MaxPool", "Add", ... */
    enum layer_kind kind;
    int input, residual, output; /* activation indices; residual -1 if none */
    int channel_offset;          /* SUM, MAXIMUM: first input channel, may be negative */
    int output_channel;          /* first channel of the output written */
    int out_h, out_w, n;         /* what this layer computes: out_h x out_w pixels x n channels */
    int kernel_h, kernel_w, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
    int groups;   /* MATMUL */
    int channels; /* MATMUL: input channels per group; K = kernel_h*kernel_w*channels */
    struct format weight_format;
    bool
        is_product; /* MATMUL of two activations (attention): there are no weights. Timing only; the
                        operand in the weights' place has the weights' format, which the PE takes */
    uint16_t *weight_codes;          /* MATMUL: [groups][K][n/groups], NULL when timing only */
    double *weight_scales;           /* MATMUL: [n], for reports and golden data */
    struct requantise_param *params; /* [n]; NULL for MAXIMUM and when timing only */
    int32_t clamp_low, clamp_high;   /* output levels */
    double weight_sqnr_db;           /* quantisation error of the weights alone */
    bool passes_levels; /* max pools, copies: the output shares the input's format and scale */
    struct core_weights second; /* MATMUL: the same weights in a format of the second core's */
    uint8_t *core_of_channel; /* [n]: 1 where the second core computes it; NULL: all the first's */
};

struct network {
    char model[PROGRAM_NAME_SIZE], scheme[PROGRAM_NAME_SIZE];
    bool has_values;
    int activation_count, layer_count;
    struct activation *activations;
    struct layer *layers; /* in execution order */
    int input, output;    /* activation indices */
};

void network_free(struct network *network);

/* How the formats are chosen for a network without values: fixed formats of the scheme. */
struct quantise_config;
struct network *network_from_topology(const struct topology *topology,
                                      const struct quantise_config *config, struct err *err);

/* Text dump, one line per layer, for golden tests. */
bool network_print(const struct network *network, FILE *file);

/* Slow, independent execution of one input (levels computed with plain integers, no tiles, no PE
 * code): what the machine must reproduce. codes[i] receives the codes of activation i (caller frees
 * each). */
void network_run_reference(const struct network *network, const void *input_codes, void **codes);

/* Quantise a float image (NCHW) to the input activation's codes (height-width-channel). */
void network_encode_input(const struct network *network, const float *image, void *codes);

#endif
