/* What the tests of what ONNX models mean share: decoding, and checks of the graph. */
#ifndef MANTIS_TEST_ONNX_GRAPH_H
#define MANTIS_TEST_ONNX_GRAPH_H

#include "test/check.h"

#include <string.h>

#include "test/onnx_model.h"
#include "workloads/onnx.h"

UNUSED_IS_FINE struct graph *decode_or_fail(struct model *model)
{
    struct err err = {""};
    struct message bytes = finish_model(model);
    struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
    free(bytes.data);
    if (!graph)
        fail_msg("%s", err.text);
    return graph;
}

UNUSED_IS_FINE void assert_shape(const struct value *value, int rank, const int64_t *dims)
{
    assert_int_equal(value->rank, rank);
    for (int axis = 0; axis < rank; axis++)
        assert_int_equal(value->dims[axis], dims[axis]);
}

#define ASSERT_SHAPE(value, ...)                                                     \
    assert_shape((value), (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
                 (int64_t[]){__VA_ARGS__})

/* Every node reads only what is there before it, and everything is used. */
UNUSED_IS_FINE void assert_well_formed(const struct graph *graph)
{
    bool *ready = calloc((size_t)graph->value_count, sizeof *ready);
    ready[graph->input] = true;
    for (int i = 0; i < graph->value_count; i++)
        ready[i] |= graph->values[i].data != NULL;
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        for (int k = 0; k < node->input_count; k++)
            assert_true(node->inputs[k] < 0 || ready[node->inputs[k]]);
        assert_false(ready[node->output]);
        ready[node->output] = true;
    }
    assert_true(ready[graph->output]);
    for (int i = 0; i < graph->value_count; i++)
        assert_true(ready[i]);
    free(ready);
}

/* One operator on an image x of 1 x 2 x 9 x 7; the caller frees. */
UNUSED_IS_FINE struct graph *one_operator(const char *op, struct message *attributes,
                                          const char *inputs, struct model *model)
{
    add_image_input(model, 2, 9, 7);
    add_node(model, op, "n", inputs, "y", attributes);
    add_output(model, "y");
    struct graph *graph = decode_or_fail(model);
    assert_well_formed(graph);
    return graph;
}

#endif
