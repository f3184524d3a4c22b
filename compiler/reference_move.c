/* Operators that only move elements. */
#include <string.h>

#include "compiler/reference_operators.h"

static void element_strides(const struct value *value, int64_t strides[GRAPH_MAX_RANK])
{
    int64_t stride = 1;
    for (int axis = value->rank - 1; axis >= 0; axis--) {
        strides[axis] = stride;
        stride *= value->dims[axis];
    }
}

/* Copy a block of `dims` elements between two strided tensors. */
static void copy_block(int rank, const int64_t *dims, const float *from,
                       const int64_t *from_strides, float *to, const int64_t *to_strides)
{
    for (int64_t i = 0; i < dims[0]; i++, from += from_strides[0], to += to_strides[0])
        if (rank == 1)
            *to = *from;
        else
            copy_block(rank - 1, dims + 1, from, from_strides + 1, to, to_strides + 1);
}

void reference_pad(struct reference *reference, const struct node *node)
{
    const struct value *in = input_value(reference, node, 0), *out = output_value(reference, node);
    int64_t from_strides[GRAPH_MAX_RANK], to_strides[GRAPH_MAX_RANK];
    element_strides(in, from_strides);
    element_strides(out, to_strides);
    float *to = node_output(reference, node);
    memset(to, 0, (size_t)value_elements(out) * sizeof *to);
    for (int axis = 0; axis < out->rank; axis++)
        to += node->pad_before[axis] * to_strides[axis];
    copy_block(in->rank, in->dims, node_input(reference, node, 0), from_strides, to, to_strides);
}

void reference_slice(struct reference *reference, const struct node *node)
{
    const struct value *in = input_value(reference, node, 0), *out = output_value(reference, node);
    int64_t from_strides[GRAPH_MAX_RANK], to_strides[GRAPH_MAX_RANK];
    element_strides(in, from_strides);
    element_strides(out, to_strides);
    const float *from = node_input(reference, node, 0);
    for (int axis = 0; axis < out->rank; axis++) {
        from += node->slice_start[axis] * from_strides[axis];
        from_strides[axis] *= node->slice_step[axis];
    }
    copy_block(out->rank, out->dims, from, from_strides, node_output(reference, node), to_strides);
}

void reference_concat(struct reference *reference, const struct node *node)
{
    const struct value *out = output_value(reference, node);
    int64_t from_strides[GRAPH_MAX_RANK], to_strides[GRAPH_MAX_RANK];
    element_strides(out, to_strides);
    float *to = node_output(reference, node);
    for (int i = 0; i < node->input_count; i++) {
        const struct value *in = input_value(reference, node, i);
        element_strides(in, from_strides);
        copy_block(in->rank, in->dims, node_input(reference, node, i), from_strides, to,
                   to_strides);
        to += in->dims[node->axis] * to_strides[node->axis];
    }
}
