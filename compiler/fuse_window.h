/* Geometry of single operators, for fuse.c: each fills the layer of one node. The layer's op, name,
 * input and output are set already; `in` is the real layout of the input, `out` the image shape of
 * the node's output. */
#ifndef MANTIS_COMPILER_FUSE_WINDOW_H
#define MANTIS_COMPILER_FUSE_WINDOW_H

#include "compiler/fuse.h"

bool fuse_conv(const struct graph *graph, const struct node *node, struct image_shape in,
               struct image_shape out, struct fused_layer *fused, struct err *err);
bool fuse_gemm(const struct graph *graph, const struct node *node, struct image_shape in,
               struct fused_layer *fused, struct err *err);
bool fuse_pool(const struct node *node, struct image_shape in, struct image_shape out,
               struct fused_layer *fused, struct err *err);

/* Element by element: Relu, Clip and Add that nothing else can do. */
void fuse_elementwise(struct image_shape in, struct fused_layer *fused);

/* A copy of part of the input, or with zeros around it. */
bool fuse_slice(const struct node *node, struct image_shape out, struct fused_layer *fused,
                struct err *err);
bool fuse_pad(const struct node *node, struct image_shape out, struct fused_layer *fused,
              struct err *err);

/* `outer` copies from what `inner` copied: make `outer` read inner's input (of shape `in`)
 * directly. False, and nothing changed, where one window cannot say it. */
bool fuse_copies(const struct fused_layer *inner, struct image_shape in, struct fused_layer *outer);

#endif
