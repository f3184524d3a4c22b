/* Graph to fused layers: which operators one layer of the accelerator does together, and with what
 * geometry. No numbers yet: quantise() adds formats, codes and parameters.
 *
 * Convolution or Gemm + Add + Relu/Clip become one layer: the Add's other operand is its residual,
 * the Relu its clamp. Of two operands that could take the Add the one executed last does, so that
 * the other exists by then. Flatten is a view: a Gemm after it is a convolution whose kernel covers
 * the whole image. Chains of Slice and Pad become one copy. */
#ifndef MANTIS_COMPILER_FUSE_H
#define MANTIS_COMPILER_FUSE_H

#include "compiler/network.h"
#include "compiler/reference_operators.h"

struct fused_layer {
    struct layer layer; /* name, op, kind, geometry; input, residual and output are graph values */
    int weights, bias;  /* MATMUL: graph values; bias -1 if none */
    int64_t weight_stride_n,
        weight_stride_k;        /* element (n, k) of the weights, k in (c, ky, kx) order */
    double clip_low, clip_high; /* of the real output; infinite where there is no clamp */
    double divisor;             /* SUM: what the sum over the window is divided by */
    bool is_copy;               /* SUM of one element: the output's numbers are the input's */
};

struct fused_graph {
    int layer_count;
    struct fused_layer *layers; /* in execution order */
    struct image_shape *shapes; /* per graph value that a layer reads or writes: its real layout */
    int input, output;          /* graph values */
};

/* The graph must be folded. Errors name the node: "node 17 (Slice "x"): ...". NULL on error. */
struct fused_graph *fuse(const struct graph *graph, struct err *err);
void fused_graph_free(struct fused_graph *fused);

/* The weights of output channel n in the order of the reduction: (ky, kx, c). */
void fused_channel_weights(const struct graph *graph, const struct fused_layer *fused, int n,
                           float *row);

#endif
