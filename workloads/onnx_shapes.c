#include <math.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* What each operator makes of activations. The rules of one line are here; the rest in
 * onnx_shapes_window.c (convolution and pooling), onnx_shapes_matrix.c (Gemm, bias, batch
 * normalisation) and onnx_shapes_layout.c (moving elements). */

/* Same shape out as in. */
static bool emit_elementwise(struct call *call, const struct node *node)
{
    struct value input = call->importer->graph->values[node->inputs[0]];
    return call_emit(call, node, input.rank, input.dims);
}

static bool identity_rule(struct call *call)
{
    return call_is_input(call, 0);
}

/* At inference Dropout passes its input on. */
static bool dropout_rule(struct call *call)
{
    if (call_has(call, 2)) {
        const struct constant *training = call_constant(call, 2);
        if (!training)
            return false;
        if (training->is_float || training->count != 1 || training->integers[0])
            return err_set(call->err, "training_mode is set; export the model for inference");
    }
    return call_is_input(call, 0);
}

/* Activations are float already. */
static bool cast_rule(struct call *call)
{
    int64_t to;
    if (!call_attribute_int(call, "to", 0, &to))
        return false;
    if (to != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        return err_set(call->err, "an activation can only be cast to float (1)");
    return call_is_input(call, 0);
}

static bool relu_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_RELU);
    return emit_elementwise(call, &node);
}

/* Bounds are attributes up to opset 10, inputs from opset 11; a missing one does not bind. */
static bool clip_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_CLIP);
    if (!call_float(call, 1, "min", -INFINITY, &node.clip_low) ||
        !call_float(call, 2, "max", INFINITY, &node.clip_high))
        return false;
    if (!(node.clip_low <= node.clip_high))
        return err_set(call->err, "clips to %g..%g, which is empty", (double)node.clip_low,
                       (double)node.clip_high);
    return emit_elementwise(call, &node);
}

/* Up to opset 12 Softmax ran over all axes from `axis` (default 1) on; since then over `axis`
 * (default the last) alone. The two agree where the axes behind have extent 1. LogSoftmax, which
 * ranks alike, becomes SOFTMAX too. */
static bool softmax_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_SOFTMAX);
    const struct value *input = &call->importer->graph->values[node.inputs[0]];
    bool is_flat = call->importer->opset < 13;
    int64_t axis, behind = 1;
    if (!call_attribute_int(call, "axis", is_flat ? 1 : -1, &axis) ||
        !call_axis(call, axis, input->rank, &node.axis))
        return false;
    for (int i = node.axis + 1; i < input->rank; i++)
        behind *= input->dims[i];
    if (is_flat && behind != 1)
        return err_set(call->err, "before opset 13 only over the last axis");
    if (node.axis == 0)
        return err_set(call->err, "cannot run over the batch (axis 0)");
    return emit_elementwise(call, &node);
}

#define WINDOW_ATTRIBUTES "auto_pad dilations kernel_shape pads strides"

const struct onnx_rule onnx_shape_rules[] = {
    {"Conv", 2, 3, WINDOW_ATTRIBUTES " group", conv_rule},
    {"Gemm", 2, 3, "alpha beta transA transB", gemm_rule},
    {"MatMul", 2, 2, "", matmul_rule},
    {"BatchNormalization", 5, 5, "epsilon momentum spatial training_mode", batch_norm_rule},
    {"Relu", 1, 1, "", relu_rule},
    {"Clip", 1, 3, "min max", clip_rule},
    {"Add", 2, 2, "", add_rule},
    {"MaxPool", 1, 1, WINDOW_ATTRIBUTES " ceil_mode storage_order", max_pool_rule},
    {"AveragePool", 1, 1, WINDOW_ATTRIBUTES " ceil_mode count_include_pad", average_pool_rule},
    {"GlobalAveragePool", 1, 1, "", global_average_pool_rule},
    {"ReduceMean", 1, 2, "axes keepdims noop_with_empty_axes", reduce_mean_rule},
    {"Flatten", 1, 1, "axis", flatten_rule},
    {"Reshape", 2, 2, "allowzero", reshape_rule},
    {"Squeeze", 1, 2, "axes", squeeze_rule},
    {"Unsqueeze", 1, 2, "axes", unsqueeze_rule},
    {"Pad", 1, 4, "mode pads value", pad_rule},
    {"Slice", 1, 5, "axes ends starts", slice_rule},
    {"Concat", 1, NODE_MAX_INPUTS, "axis", concat_rule},
    {"Softmax", 1, 1, "axis", softmax_rule},
    {"LogSoftmax", 1, 1, "axis", softmax_rule},
    {"Cast", 1, 1, "to saturate", cast_rule},
    {"Identity", 1, 1, "", identity_rule},
    {"Dropout", 1, 3, "ratio seed", dropout_rule},
    {NULL, 0, 0, NULL, NULL},
};

const struct onnx_rule *onnx_rule_find(const struct onnx_rule *rules, const char *op)
{
    for (; rules->op; rules++)
        if (!strcmp(rules->op, op))
            return rules;
    return NULL;
}
