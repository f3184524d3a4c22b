#include <inttypes.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Gemm and MatMul, their bias, batch normalisation, and the two kinds of Add. */

/* Rows x K activation by a K x N (or, transposed, N x K) constant: the node, and N. */
static bool read_product(struct call *call, bool transpose_b, float alpha, struct node *node,
                         int64_t dims[2])
{
    const struct value *left = call_activation(call, 0);
    const struct constant *right = call_constant(call, 1);
    char data[SHAPE_TEXT_SIZE], weights[SHAPE_TEXT_SIZE];
    if (!right)
        return false;
    shape_text(data, left->rank, left->dims);
    shape_text(weights, right->rank, right->dims);
    if (left->rank != 2 || right->rank != 2)
        return err_set(call->err, "multiplies %s by %s; only matrices (rank 2) are supported", data,
                       weights);
    if (left->dims[1] != right->dims[transpose_b ? 1 : 0])
        return err_set(call->err, "multiplies %s by %s%s: the inner dimensions differ", data,
                       weights, transpose_b ? " transposed" : "");
    dims[0] = left->dims[0];
    dims[1] = right->dims[transpose_b ? 0 : 1];
    node->transpose_b = transpose_b;
    node->input_count = 2;
    node->inputs[1] = call_weights(call, 1, alpha, 2, right->dims);
    return node->inputs[1] >= 0;
}

/* Gemm's C broadcasts to rows x N; here it is one number per column, beta folded in. */
static bool read_addend(struct call *call, float beta, int64_t columns, struct node *node)
{
    if (!call_has(call, 2) || beta == 0)
        return true;
    const struct constant *addend = call_constant(call, 2);
    char text[SHAPE_TEXT_SIZE];
    if (!addend)
        return false;
    bool is_row = addend->rank > 0 && addend->rank <= 2 && addend->count == columns &&
                  addend->dims[addend->rank - 1] == columns;
    if (!is_row && addend->count != 1)
        return err_set(call->err, "bias of shape %s for %" PRId64 " columns",
                       shape_text(text, addend->rank, addend->dims), columns);
    node->input_count = 3;
    node->inputs[2] = call_weights(call, 2, beta, 1, &columns);
    return node->inputs[2] >= 0;
}

/* Y = alpha A B + beta C. */
bool gemm_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_GEMM);
    int64_t transpose_a, transpose_b, dims[2];
    float alpha, beta;
    if (!call_attribute_int(call, "transA", 0, &transpose_a) ||
        !call_attribute_int(call, "transB", 0, &transpose_b) ||
        !call_attribute_float(call, "alpha", 1, &alpha) ||
        !call_attribute_float(call, "beta", 1, &beta))
        return false;
    if (transpose_a)
        return err_set(call->err, "transA is not supported");
    return read_product(call, transpose_b != 0, alpha, &node, dims) &&
           read_addend(call, beta, dims[1], &node) && call_emit(call, &node, 2, dims);
}

bool matmul_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_GEMM);
    int64_t dims[2];
    return read_product(call, false, 1, &node, dims) && call_emit(call, &node, 2, dims);
}

static bool check_variance(struct call *call, const struct constant *variance, float epsilon)
{
    for (int64_t i = 0; i < variance->count; i++)
        if (!(variance->floats[i] + epsilon > 0))
            return err_set(call->err,
                           "variance %g of channel %" PRId64 " plus epsilon %g is not positive",
                           (double)variance->floats[i], i, (double)epsilon);
    return true;
}

/* Y = scale (X - mean) / sqrt(variance + epsilon) + bias, per channel. */
bool batch_norm_rule(struct call *call)
{
    static const char *const names[] = {"", "scale", "bias", "mean", "variance"};
    struct node node = call_node(call, OPERATOR_BATCH_NORM);
    struct value input = *call_activation(call, 0);
    int64_t training, spatial;
    if (!call_attribute_int(call, "training_mode", 0, &training) ||
        !call_attribute_int(call, "spatial", 1, &spatial) ||
        !call_attribute_float(call, "epsilon", 1e-5f, &node.epsilon))
        return false;
    if (training || !spatial)
        return err_set(call->err, "only inference per channel is supported (training_mode 0, "
                                  "spatial 1)");
    if (input.rank < 2)
        return err_set(call->err, "input has rank %d and so no channels", input.rank);
    for (int i = 1; i <= 4; i++) {
        const struct constant *numbers = call_constant(call, i);
        if (!numbers)
            return false;
        if (numbers->rank != 1 || numbers->count != input.dims[1])
            return err_set(call->err, "%s has %" PRId64 " elements for %" PRId64 " channels",
                           names[i], numbers->count, input.dims[1]);
        node.inputs[i] = call_weights(call, i, 1, 1, &input.dims[1]);
        if (node.inputs[i] < 0)
            return false;
    }
    node.input_count = 5;
    return check_variance(call, call_constant(call, 4), node.epsilon) &&
           call_emit(call, &node, input.rank, input.dims);
}

/* Does the constant, broadcast as ONNX does, add one number per channel (axis 1)? */
static bool is_per_channel(const struct constant *constant, const struct value *activation)
{
    int offset = activation->rank - constant->rank;
    if (offset < 0 || offset > 1 || constant->count != activation->dims[1])
        return false;
    return constant->dims[1 - offset] == activation->dims[1];
}

/* Adding a constant per channel to a convolution's or a matrix product's output is its bias, where
 * it has none yet and nobody else reads the sum without it. */
static bool add_constant(struct call *call, int activation, int constant)
{
    struct symbol *sum = call->inputs[activation];
    struct graph *graph = call->importer->graph;
    struct constant *addend = call_constant(call, constant);
    struct value value = graph->values[sum->value];
    if (!addend)
        return false;
    struct node *node = sum->node < 0 ? NULL : &graph->nodes[sum->node];
    if (!node || (node->op != OPERATOR_CONV && node->op != OPERATOR_GEMM) ||
        node->input_count > 2 || sum->uses != 1 || !is_per_channel(addend, &value))
        return err_set(call->err, "a constant can only be added as the bias, one number per "
                                  "channel, of the Conv, Gemm or MatMul before it");
    int bias = call_weights(call, constant, 1, 1, &value.dims[1]);
    if (bias < 0)
        return false;
    node->inputs[2] = bias;
    node->input_count = 3;
    return call_is_input(call, activation);
}

bool add_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_ADD);
    struct constant *left, *right;
    if (!symbol_constant(call->importer, call->inputs[0], &left) ||
        !symbol_constant(call->importer, call->inputs[1], &right))
        return false;
    if (left || right)
        return add_constant(call, left ? 1 : 0, left ? 0 : 1);
    struct value a = *call_activation(call, 0), b = *call_activation(call, 1);
    if (a.rank != b.rank || memcmp(a.dims, b.dims, sizeof a.dims)) {
        char first[SHAPE_TEXT_SIZE], second[SHAPE_TEXT_SIZE];
        return err_set(call->err, "adds %s and %s; broadcasting is not supported",
                       shape_text(first, a.rank, a.dims), shape_text(second, b.rank, b.dims));
    }
    node.input_count = 2;
    node.inputs[1] = call->inputs[1]->value;
    return call_emit(call, &node, a.rank, a.dims);
}
