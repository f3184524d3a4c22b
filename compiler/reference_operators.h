/* Inside of the float reference: what its operators share. */
#ifndef MANTIS_COMPILER_REFERENCE_OPERATORS_H
#define MANTIS_COMPILER_REFERENCE_OPERATORS_H

#include "compiler/reference.h"

struct reference {
    const struct graph *graph;
    float **values; /* of every graph value: constants borrowed from the graph, activations owned */
    float *columns; /* im2col scratch: one block of output rows of the largest convolution */
};

/* A value seen as one image: rank 2 is C x 1 x 1, rank 3 is C x H x 1. */
struct image_shape {
    int64_t channels, height, width;
};

static inline struct image_shape image_shape(const struct value *value)
{
    struct image_shape shape = {1, 1, 1};
    int64_t *const fields[] = {&shape.channels, &shape.height, &shape.width};
    for (int axis = 1; axis < value->rank && axis <= 3; axis++)
        *fields[axis - 1] = value->dims[axis];
    return shape;
}

static inline bool has_input(const struct node *node, int input)
{
    return input < node->input_count && node->inputs[input] >= 0;
}

/* Data of a node's inputs and output, and their graph values. */
static inline const float *node_input(const struct reference *reference, const struct node *node,
                                      int input)
{
    return reference->values[node->inputs[input]];
}

static inline float *node_output(struct reference *reference, const struct node *node)
{
    return reference->values[node->output];
}

static inline const struct value *input_value(const struct reference *reference,
                                              const struct node *node, int input)
{
    return &reference->graph->values[node->inputs[input]];
}

static inline const struct value *output_value(const struct reference *reference,
                                               const struct node *node)
{
    return &reference->graph->values[node->output];
}

/* Floats of im2col scratch that a CONV node needs. */
size_t reference_columns_size(const struct graph *graph, const struct node *node);

/* X(operator, function): how each operator runs. */
#define REFERENCE_OPERATORS(X)                            \
    X(CONV, reference_conv)                               \
    X(GEMM, reference_gemm)                               \
    X(BATCH_NORM, reference_batch_norm)                   \
    X(RELU, reference_relu)                               \
    X(CLIP, reference_clip)                               \
    X(ADD, reference_add)                                 \
    X(MAX_POOL, reference_max_pool)                       \
    X(AVERAGE_POOL, reference_average_pool)               \
    X(GLOBAL_AVERAGE_POOL, reference_global_average_pool) \
    X(FLATTEN, reference_copy)                            \
    X(PAD, reference_pad)                                 \
    X(SLICE, reference_slice)                             \
    X(CONCAT, reference_concat)                           \
    X(SOFTMAX, reference_softmax)                         \
    X(IDENTITY, reference_copy)

#define REFERENCE_FUNCTION(id, function) \
    void function(struct reference *reference, const struct node *node);
REFERENCE_OPERATORS(REFERENCE_FUNCTION)
#undef REFERENCE_FUNCTION

#endif
