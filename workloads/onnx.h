/* ONNX reader and writer (protobuf-c, generated from onnx.proto). */
#ifndef MANTIS_WORKLOADS_ONNX_H
#define MANTIS_WORKLOADS_ONNX_H

#include "workloads/graph.h"

/* Read a network with one image input and one output. Infers shapes, folds constants (Shape,
 * Gather, Concat, Cast, Unsqueeze, Slice, ... on constants), sorts nodes topologically. A dynamic
 * batch dimension becomes 1. Errors: "net.onnx: node 17 (Conv "layer2.0"): ...". NULL on error. */
struct graph *onnx_read(const char *path, struct err *err);
struct graph *onnx_decode(const uint8_t *bytes, size_t size, const char *path, struct err *err);

/* Copy the model at `source` to `path`, its float initializers that are constants of `graph`
 * replaced by the graph's data (matched by value name). */
bool onnx_write_weights(const char *source, const struct graph *graph, const char *path,
                        struct err *err);

#endif
