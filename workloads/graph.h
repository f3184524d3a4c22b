/* The graph: operators and tensors of one float network, in topological order, every shape known,
 * batch 1, all shape arithmetic folded away. Layout of data is ONNX's (NCHW, weights OIHW). */
#ifndef MANTIS_WORKLOADS_GRAPH_H
#define MANTIS_WORKLOADS_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "isa/err.h"

enum { GRAPH_MAX_RANK = 6, NODE_MAX_INPUTS = 64, GRAPH_NAME_SIZE = 96 };

/* X(ENUMERATOR, name in ONNX, one line). MatMul with a constant right side becomes GEMM, Reshape to
 * rank 2 becomes FLATTEN, Dropout and Identity vanish on reading. */
#define OPERATORS(X)                                                                    \
    X(CONV, "Conv", "convolution, grouped and depthwise too")                           \
    X(GEMM, "Gemm", "fully connected layer; MatMul by a constant")                      \
    X(BATCH_NORM, "BatchNormalization", "folded into the convolution before it")        \
    X(RELU, "Relu", "fused into the producer's requantisation")                         \
    X(CLIP, "Clip", "ReLU6 and other clamps; fused into the producer's requantisation") \
    X(ADD, "Add", "residual add; fused into one producer's requantisation")             \
    X(MAX_POOL, "MaxPool", "maximum of a window")                                       \
    X(AVERAGE_POOL, "AveragePool", "mean of a window")                                  \
    X(GLOBAL_AVERAGE_POOL, "GlobalAveragePool", "mean of each channel")                 \
    X(FLATTEN, "Flatten", "to one row; also Reshape, Squeeze, Unsqueeze")               \
    X(PAD, "Pad", "constant zero padding")                                              \
    X(SLICE, "Slice", "strided part of a tensor")                                       \
    X(CONCAT, "Concat", "channels of several tensors side by side")                     \
    X(SOFTMAX, "Softmax", "left to the host: it does not change the ranking")           \
    X(IDENTITY, "Identity", "vanishes on reading; so does Dropout")

#define OPERATOR_ENUMERATOR(id, name, help) OPERATOR_##id,
enum operator_type { OPERATORS(OPERATOR_ENUMERATOR) OPERATOR_COUNT };
#undef OPERATOR_ENUMERATOR

/* A tensor: an activation (data NULL) or a constant (data owned by the graph). */
struct value {
    char name[GRAPH_NAME_SIZE];
    int rank;
    int64_t dims[GRAPH_MAX_RANK];
    float *data;
};

struct window {
    int kernel[2], stride[2], dilation[2]; /* y, x */
    int pad[4];                            /* top, left, bottom, right */
    int groups;
    bool count_include_pad; /* average pooling; the output shape expresses ceil_mode already */
};

struct node {
    enum operator_type op;
    char name[GRAPH_NAME_SIZE]; /* the ONNX node's, or "Conv_17" where it has none */
    int source_index;           /* position in the ONNX file, for messages */
    int input_count;
    int inputs[NODE_MAX_INPUTS]; /* indices into graph->values; -1 = absent. CONV, GEMM: data,
                                    weights, bias */
    int output;
    struct window window;               /* CONV, pools */
    bool transpose_b;                   /* GEMM: weights are N x K (else K x N) */
    float clip_low, clip_high;          /* CLIP */
    float epsilon;                      /* BATCH_NORM: inputs data, scale, bias, mean, variance */
    int axis;                           /* CONCAT, SOFTMAX */
    int64_t pad_before[GRAPH_MAX_RANK]; /* PAD, per axis */
    int64_t pad_after[GRAPH_MAX_RANK];
    int64_t slice_start[GRAPH_MAX_RANK],
        slice_step[GRAPH_MAX_RANK]; /* SLICE, per axis, start >= 0, step > 0 */
};

struct graph {
    char name[GRAPH_NAME_SIZE];
    int value_count, node_count;
    struct value *values;
    struct node *nodes;
    int input, output; /* value indices */
};

void graph_free(struct graph *graph);
int64_t value_elements(const struct value *value);
const char *operator_name(int op);

/* Multiply-accumulates of one node for one input (0 for other than CONV and GEMM). */
uint64_t node_macs(const struct graph *graph, const struct node *node);

/* Text dump, one line per node: op, name, inputs, output with shape. For golden tests. */
bool graph_print(const struct graph *graph, FILE *file);

#endif
