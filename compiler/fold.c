#include "compiler/fold.h"

#include <math.h>

#include "compiler/fold_rewrite.h"

/* ---- nodes that compute nothing ---- */

static bool pads_nothing(const struct node *node)
{
    for (int axis = 0; axis < GRAPH_MAX_RANK; axis++)
        if (node->pad_before[axis] || node->pad_after[axis])
            return false;
    return true;
}

static void drop_identities(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        struct node *node = &graph->nodes[i];
        bool is_identity =
            node->op == OPERATOR_IDENTITY || (node->op == OPERATOR_PAD && pads_nothing(node));
        if (!is_identity)
            continue;
        rewrite_replace(graph, node->output, node->inputs[0]);
        rewrite_remove(node);
    }
}

/* Softmax does not change the ranking: at the network's end it is left to the host. */
static void drop_final_softmax(struct graph *graph)
{
    struct node *last = rewrite_producer(graph, graph->output);
    if (last && last->op == OPERATOR_SOFTMAX)
        graph->output = last->inputs[0];
}

/* ---- batch normalisation ---- */

/* Batch normalisation is y = factor*x + offset per channel: factor = scale/sqrt(variance +
 * epsilon), offset = bias - mean*factor (Ioffe and Szegedy, 2015). */
struct affine {
    double factor, offset;
};

static struct affine batch_norm_affine(const struct graph *graph, const struct node *node,
                                       int64_t c)
{
    const struct value *values = graph->values;
    double scale = values[node->inputs[1]].data[c], bias = values[node->inputs[2]].data[c];
    double mean = values[node->inputs[3]].data[c], variance = values[node->inputs[4]].data[c];
    double factor = scale / sqrt(variance + node->epsilon);
    return (struct affine){factor, bias - mean * factor};
}

static bool check_batch_norm(const struct graph *graph, const struct node *node, struct err *err)
{
    int64_t channels = value_elements(&graph->values[node->inputs[1]]);
    for (int64_t c = 0; c < channels; c++) {
        struct affine affine = batch_norm_affine(graph, node, c);
        if (!isfinite(affine.factor) || !isfinite(affine.offset))
            return err_set(err,
                           "node %d (%s \"%s\"): channel %lld: scale, bias, mean and variance give "
                           "no finite factor; variance + epsilon must be above 0",
                           node->source_index, operator_name(node->op), node->name, (long long)c);
    }
    return true;
}

/* The convolution or Gemm whose weights a batch normalisation can go into: its output is read by
 * nothing else. */
static struct node *foldable_producer(const struct graph *graph, int value)
{
    struct node *producer = rewrite_producer(graph, value);
    if (!producer || (producer->op != OPERATOR_CONV && producer->op != OPERATOR_GEMM))
        return NULL;
    bool is_constant = graph->values[producer->inputs[1]].data;
    return is_constant && rewrite_uses(graph, value) == 1 ? producer : NULL;
}

/* factor*(W x + b) + offset = (factor*W) x + (factor*b + offset). */
static void fold_batch_norm(struct graph *graph, struct node *node, struct node *producer)
{
    rewrite_own_input(graph, producer, 1);
    float *bias = rewrite_own_bias(graph, producer);
    const struct value *weights = &graph->values[producer->inputs[1]];
    bool channels_last = producer->op == OPERATOR_GEMM && !producer->transpose_b;
    int64_t channels = weights->dims[channels_last ? 1 : 0];
    int64_t reduction = value_elements(weights) / channels;
    for (int64_t n = 0; n < channels; n++) {
        struct affine affine = batch_norm_affine(graph, node, n);
        bias[n] = (float)(affine.factor * bias[n] + affine.offset);
        for (int64_t k = 0; k < reduction; k++) {
            float *weight = &weights->data[channels_last ? k * channels + n : n * reduction + k];
            *weight = (float)(affine.factor * *weight);
        }
    }
    producer->output = node->output;
    rewrite_remove(node);
}

/* Where there is nothing to fold into, batch normalisation is a 1x1 depthwise convolution. */
static void batch_norm_to_conv(struct graph *graph, struct node *node)
{
    int64_t channels = value_elements(&graph->values[node->inputs[1]]);
    int weights = rewrite_constant(graph, node->name, 4, (int64_t[]){channels, 1, 1, 1});
    int bias = rewrite_constant(graph, node->name, 1, &channels);
    for (int64_t c = 0; c < channels; c++) {
        struct affine affine = batch_norm_affine(graph, node, c);
        graph->values[weights].data[c] = (float)affine.factor;
        graph->values[bias].data[c] = (float)affine.offset;
    }
    node->op = OPERATOR_CONV;
    node->window = (struct window){{1, 1}, {1, 1}, {1, 1}, {0}, (int)channels, false};
    node->inputs[1] = weights;
    node->inputs[2] = bias;
    node->input_count = 3;
}

static bool fold_batch_norms(struct graph *graph, struct err *err)
{
    for (int i = 0; i < graph->node_count; i++) {
        struct node *node = &graph->nodes[i];
        if (node->output < 0 || node->op != OPERATOR_BATCH_NORM)
            continue;
        if (!check_batch_norm(graph, node, err))
            return false;
        struct node *producer = foldable_producer(graph, node->inputs[0]);
        if (producer)
            fold_batch_norm(graph, node, producer);
        else
            batch_norm_to_conv(graph, node);
    }
    return true;
}

/* ---- constants added to a convolution or Gemm go into its bias ---- */

/* A constant with one element per channel of `out` (channels on axis 1), or one element in all. */
static bool is_per_channel(const struct value *constant, const struct value *out)
{
    int64_t count = value_elements(constant);
    int from_end = out->rank - 2; /* axes of `out` behind the channels */
    int axis = constant->rank - 1 - from_end;
    return count == 1 || (axis >= 0 && constant->dims[axis] == count && count == out->dims[1]);
}

static void fold_added_constants(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        struct node *node = &graph->nodes[i];
        if (node->output < 0 || node->op != OPERATOR_ADD)
            continue;
        int side = graph->values[node->inputs[0]].data ? 0 : 1;
        struct node *producer = foldable_producer(graph, node->inputs[1 - side]);
        const struct value *out = &graph->values[node->output];
        int constant = node->inputs[side];
        if (!producer || !graph->values[constant].data || out->rank < 2 ||
            value_elements(&graph->values[producer->output]) != value_elements(out) ||
            !is_per_channel(&graph->values[constant], out))
            continue;
        float *bias = rewrite_own_bias(graph, producer);
        bool shared = value_elements(&graph->values[constant]) == 1;
        for (int64_t n = 0; n < graph->values[node->output].dims[1]; n++)
            bias[n] += graph->values[constant].data[shared ? 0 : n];
        producer->output = node->output;
        rewrite_remove(node);
    }
}

/* ---- zero padding goes into the window that reads it ---- */

static bool pads_image(const struct graph *graph, const struct node *pad)
{
    for (int axis = 0; axis < 2; axis++)
        if (pad->pad_before[axis] || pad->pad_after[axis])
            return false;
    for (int axis = 2; axis < 4; axis++)
        if (pad->pad_before[axis] > INT16_MAX || pad->pad_after[axis] > INT16_MAX)
            return false;
    return graph->values[pad->output].rank == 4;
}

/* Whether the node's window takes further zero padding without a change of what it computes: an
 * average must count the padding, which it does where it has none of its own yet. */
static bool takes_padding(const struct node *node)
{
    const int *pad = node->window.pad;
    if (node->op == OPERATOR_AVERAGE_POOL)
        return node->window.count_include_pad || !(pad[0] | pad[1] | pad[2] | pad[3]);
    return node->op == OPERATOR_CONV;
}

static void merge_padding(struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        struct node *node = &graph->nodes[i];
        if (node->output < 0 || !takes_padding(node))
            continue;
        const struct node *pad = rewrite_producer(graph, node->inputs[0]);
        if (!pad || pad->op != OPERATOR_PAD || !pads_image(graph, pad))
            continue;
        for (int axis = 0; axis < 2; axis++) {
            node->window.pad[axis] += (int)pad->pad_before[axis + 2];
            node->window.pad[axis + 2] += (int)pad->pad_after[axis + 2];
        }
        node->window.count_include_pad = true;
        node->inputs[0] = pad->inputs[0];
    }
}

bool fold(struct graph *graph, struct err *err)
{
    drop_identities(graph);
    drop_final_softmax(graph);
    fold_added_constants(graph);
    if (!fold_batch_norms(graph, err))
        return false;
    merge_padding(graph);
    rewrite_compact(graph);
    return true;
}
