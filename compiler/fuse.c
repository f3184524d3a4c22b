#include "compiler/fuse.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse_window.h"

/* The fused graph while it grows. Per graph value: `root`, the value whose activation it is
 * (itself, but for views), and for roots `uses`, how often they are read, and `writer`, the layer
 * that writes them (-1: none, or several). */
struct fusion {
    const struct graph *graph;
    struct fused_graph *fused;
    int *root, *uses, *writer;
};

static bool is_view(const struct node *node)
{
    return node->op == OPERATOR_FLATTEN || node->op == OPERATOR_IDENTITY;
}

static struct image_shape *shape_of(const struct fusion *fusion, int value)
{
    return &fusion->fused->shapes[fusion->root[value]];
}

static void find_views(struct fusion *fusion)
{
    const struct graph *graph = fusion->graph;
    for (int i = 0; i < graph->value_count; i++) {
        fusion->root[i] = i;
        fusion->writer[i] = -1;
    }
    for (int i = 0; i < graph->node_count; i++)
        if (is_view(&graph->nodes[i]))
            fusion->root[graph->nodes[i].output] = fusion->root[graph->nodes[i].inputs[0]];
    for (int i = 0; i < graph->node_count; i++)
        for (int k = 0; !is_view(&graph->nodes[i]) && k < graph->nodes[i].input_count; k++)
            if (graph->nodes[i].inputs[k] >= 0)
                fusion->uses[fusion->root[graph->nodes[i].inputs[k]]]++;
    fusion->uses[fusion->root[graph->output]]++;
}

/* ---- layers ---- */

/* Exporters that do not name nodes do name weights: "layer1.0.conv1.weight". */
static void set_name(const struct graph *graph, const struct node *node, char *name, size_t size)
{
    snprintf(name, size, "%s", node->name);
    const char *op = operator_name(node->op), *number = node->name + strlen(op);
    bool is_numbered =
        !strncmp(node->name, op, strlen(op)) && *number == '_' && isdigit((unsigned char)number[1]);
    if (!is_numbered || (node->op != OPERATOR_CONV && node->op != OPERATOR_GEMM))
        return;
    const char *weights = graph->values[node->inputs[1]].name, *suffix = strstr(weights, ".weight");
    if (suffix && !strcmp(suffix, ".weight"))
        snprintf(name, size, "%.*s", (int)(suffix - weights), weights);
}

/* Reports have room for seven letters: both average pools go by the usual short name. */
static const char *report_name(enum operator_type op)
{
    bool is_average = op == OPERATOR_AVERAGE_POOL || op == OPERATOR_GLOBAL_AVERAGE_POOL;
    return is_average ? "AvgPool" : operator_name((int)op);
}

/* The layer that reads `input` and does what `node` does, with all that operators share. */
static struct fused_layer new_layer(const struct fusion *fusion, const struct node *node, int input)
{
    struct fused_layer fused = {
        .weights = -1, .bias = -1, .clip_low = -INFINITY, .clip_high = INFINITY, .divisor = 1};
    set_name(fusion->graph, node, fused.layer.name, sizeof fused.layer.name);
    snprintf(fused.layer.op, sizeof fused.layer.op, "%.15s", report_name(node->op));
    fused.layer.input = fusion->root[input];
    fused.layer.output = node->output;
    fused.layer.residual = -1;
    return fused;
}

static void append(struct fusion *fusion, const struct fused_layer *layer)
{
    struct fused_graph *fused = fusion->fused;
    const struct layer *geometry = &layer->layer;
    fusion->writer[geometry->output] = fused->layer_count;
    if (!fused->shapes[geometry->output].channels) /* a Concat has its shape already */
        fused->shapes[geometry->output] =
            (struct image_shape){geometry->n, geometry->out_h, geometry->out_w};
    fused->layers[fused->layer_count++] = *layer;
}

/* The layer that writes `value`, if the node at hand is the only one to read it: it may take on
 * more work. */
static struct fused_layer *sole_producer(const struct fusion *fusion, int value)
{
    int root = fusion->root[value], writer = fusion->writer[root];
    return writer >= 0 && fusion->uses[root] == 1 ? &fusion->fused->layers[writer] : NULL;
}

/* The layer writes `output` instead, in the same layout. */
static void redirect(struct fusion *fusion, struct fused_layer *layer, int output)
{
    fusion->fused->shapes[output] = fusion->fused->shapes[layer->layer.output];
    fusion->writer[output] = fusion->writer[layer->layer.output];
    layer->layer.output = output;
}

/* ---- one function per operator ---- */

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static bool fuse_clip(struct fusion *fusion, const struct node *node)
{
    double low = node->op == OPERATOR_RELU ? 0 : node->clip_low;
    double high = node->op == OPERATOR_RELU ? INFINITY : node->clip_high;
    struct fused_layer *layer = sole_producer(fusion, node->inputs[0]);
    if (layer) {
        redirect(fusion, layer, node->output);
    } else {
        struct fused_layer copy = new_layer(fusion, node, node->inputs[0]);
        fuse_elementwise(*shape_of(fusion, node->inputs[0]), &copy);
        append(fusion, &copy);
        layer = &fusion->fused->layers[fusion->fused->layer_count - 1];
    }
    layer->clip_low = clamp(layer->clip_low, low, high);
    layer->clip_high = clamp(layer->clip_high, low, high);
    layer->is_copy = false;
    return true;
}

/* Whether a layer can take an Add into its requantisation: it has a residual to spare and no clamp
 * in between. */
static bool takes_add(const struct fused_layer *layer)
{
    return layer && layer->layer.kind != LAYER_MAXIMUM && layer->layer.residual < 0 &&
           isinf(layer->clip_low) && isinf(layer->clip_high);
}

/* A better home for an Add: a matrix multiplication before others, and then the later. */
static bool is_better_home(const struct fused_layer *layer, const struct fused_layer *than)
{
    bool is_matmul = layer->layer.kind == LAYER_MATMUL;
    if (!than || is_matmul != (than->layer.kind == LAYER_MATMUL))
        return !than || is_matmul;
    return layer > than;
}

/* Let the layer execute last. */
static struct fused_layer *move_to_end(struct fusion *fusion, struct fused_layer *layer)
{
    struct fused_graph *fused = fusion->fused;
    struct fused_layer moved = *layer;
    size_t behind = (size_t)(fused->layers + fused->layer_count - layer - 1);
    memmove(layer, layer + 1, behind * sizeof *layer);
    fused->layers[fused->layer_count - 1] = moved;
    for (struct fused_layer *l = layer; l < fused->layers + fused->layer_count; l++)
        if (fusion->writer[l->layer.output] >= 0)
            fusion->writer[l->layer.output] = (int)(l - fused->layers);
    return &fused->layers[fused->layer_count - 1];
}

static bool same_shape(struct image_shape a, struct image_shape b)
{
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

static bool fuse_add(struct fusion *fusion, const struct node *node, struct err *err)
{
    const struct value *values = fusion->graph->values;
    for (int side = 0; side < 2; side++)
        if (values[node->inputs[side]].data)
            return err_set(err,
                           "adds the constant \"%s\"; only a per-channel constant right after a "
                           "Conv or Gemm is supported",
                           values[node->inputs[side]].name);
    if (!same_shape(*shape_of(fusion, node->inputs[0]), *shape_of(fusion, node->inputs[1])))
        return err_set(err, "its operands differ in shape or layout");
    struct fused_layer *home = NULL;
    int residual = 0;
    for (int side = 0; side < 2; side++) {
        struct fused_layer *layer = sole_producer(fusion, node->inputs[side]);
        if (!takes_add(layer) || !is_better_home(layer, home))
            continue;
        home = layer;
        residual = fusion->root[node->inputs[1 - side]];
    }
    if (!home) {
        struct fused_layer sum = new_layer(fusion, node, node->inputs[0]);
        fuse_elementwise(*shape_of(fusion, node->inputs[0]), &sum);
        sum.layer.residual = fusion->root[node->inputs[1]];
        append(fusion, &sum);
        return true;
    }
    home = move_to_end(fusion, home);
    redirect(fusion, home, node->output);
    home->layer.residual = residual;
    home->is_copy = false;
    return true;
}

static bool fuse_copy(struct fusion *fusion, const struct node *node, struct err *err)
{
    struct image_shape out = image_shape(&fusion->graph->values[node->output]);
    struct fused_layer copy = new_layer(fusion, node, node->inputs[0]);
    bool ok = node->op == OPERATOR_PAD ? fuse_pad(node, out, &copy, err)
                                       : fuse_slice(node, out, &copy, err);
    if (!ok)
        return false;
    struct fused_layer *inner = sole_producer(fusion, node->inputs[0]);
    if (inner && inner->is_copy &&
        fuse_copies(inner, *shape_of(fusion, inner->layer.input), &copy)) {
        inner = move_to_end(fusion, inner);
        fusion->fused->layer_count--;
    }
    append(fusion, &copy);
    return true;
}

/* Every part is written into its channels of the output by the layer that computes it, or else
 * copied there. */
static bool fuse_concat(struct fusion *fusion, const struct node *node, struct err *err)
{
    if (node->axis != 1)
        return err_set(err, "axis %d; only 1 (channels) is supported", node->axis);
    struct image_shape out = image_shape(&fusion->graph->values[node->output]);
    int channel = 0;
    for (int i = 0; i < node->input_count; i++) {
        if (fusion->graph->values[fusion->root[node->inputs[i]]].data)
            return err_set(err, "part %d is a constant, which is not supported", i);
        struct image_shape part = *shape_of(fusion, node->inputs[i]);
        struct fused_layer *layer = sole_producer(fusion, node->inputs[i]);
        if (layer && layer->layer.kind != LAYER_MAXIMUM) {
            layer->layer.output = node->output;
        } else {
            fusion->fused->shapes[node->output] = out;
            struct fused_layer copy = new_layer(fusion, node, node->inputs[i]);
            fuse_elementwise(part, &copy);
            append(fusion, &copy);
            layer = &fusion->fused->layers[fusion->fused->layer_count - 1];
        }
        layer->layer.output_channel = channel;
        layer->is_copy = false;
        channel += (int)part.channels;
    }
    fusion->fused->shapes[node->output] = out;
    fusion->writer[node->output] = -1;
    return true;
}

static bool fuse_window_node(struct fusion *fusion, const struct node *node, struct err *err)
{
    struct image_shape in = *shape_of(fusion, node->inputs[0]);
    struct image_shape out = image_shape(&fusion->graph->values[node->output]);
    struct fused_layer layer = new_layer(fusion, node, node->inputs[0]);
    bool ok = node->op == OPERATOR_CONV   ? fuse_conv(fusion->graph, node, in, out, &layer, err)
              : node->op == OPERATOR_GEMM ? fuse_gemm(fusion->graph, node, in, &layer, err)
                                          : fuse_pool(node, in, out, &layer, err);
    if (ok)
        append(fusion, &layer);
    return ok;
}

/* ---- the graph ---- */

/* Only a Gemm and elementwise operators can read a flattened image: all else counts in its own
 * layout. */
static bool check_layout(const struct fusion *fusion, const struct node *node, struct err *err)
{
    for (int k = 0; k < node->input_count; k++) {
        if (node->inputs[k] < 0 || fusion->graph->values[node->inputs[k]].data)
            continue;
        struct image_shape real = *shape_of(fusion, node->inputs[k]);
        if (!same_shape(real, image_shape(&fusion->graph->values[node->inputs[k]])))
            return err_set(err, "reads a reshaped image; only Gemm, Relu, Clip and Add can");
    }
    return true;
}

/* Every tensor is one image, computed from the network's input. */
static bool check_values(const struct fusion *fusion, const struct node *node, struct err *err)
{
    const struct value *values = fusion->graph->values, *out = &values[node->output];
    struct image_shape shape = image_shape(out);
    if (value_elements(out) != shape.channels * shape.height * shape.width)
        return err_set(err, "gives more than one image of C x H x W");
    if (values[fusion->root[node->inputs[0]]].data && node->op != OPERATOR_ADD)
        return err_set(err, "reads the constant \"%s\" as data", values[node->inputs[0]].name);
    return true;
}

static bool fuse_node(struct fusion *fusion, const struct node *node, struct err *err)
{
    if (!check_values(fusion, node, err))
        return false;
    switch (node->op) {
    case OPERATOR_FLATTEN:
    case OPERATOR_IDENTITY:
        return true;
    case OPERATOR_RELU:
    case OPERATOR_CLIP:
        return fuse_clip(fusion, node);
    case OPERATOR_ADD:
        return fuse_add(fusion, node, err);
    case OPERATOR_GEMM:
        return fuse_window_node(fusion, node, err);
    case OPERATOR_CONV:
    case OPERATOR_MAX_POOL:
    case OPERATOR_AVERAGE_POOL:
    case OPERATOR_GLOBAL_AVERAGE_POOL:
        return check_layout(fusion, node, err) && fuse_window_node(fusion, node, err);
    case OPERATOR_PAD:
    case OPERATOR_SLICE:
        return check_layout(fusion, node, err) && fuse_copy(fusion, node, err);
    case OPERATOR_CONCAT:
        return check_layout(fusion, node, err) && fuse_concat(fusion, node, err);
    case OPERATOR_SOFTMAX:
        return err_set(err, "only supported as the network's last operator");
    case OPERATOR_BATCH_NORM:
    case OPERATOR_COUNT:
        break;
    }
    return err_set(err, "must have been folded before");
}

static bool fuse_nodes(struct fusion *fusion, struct err *err)
{
    for (int i = 0; i < fusion->graph->node_count; i++) {
        const struct node *node = &fusion->graph->nodes[i];
        if (!fuse_node(fusion, node, err))
            return err_prefix(err, "node %d (%s \"%s\")", node->source_index,
                              operator_name(node->op), node->name);
    }
    if (!fusion->fused->layer_count)
        return err_set(err, "%s: the network computes nothing", fusion->graph->name);
    return true;
}

/* A Concat adds a layer per part, every other node at most one. */
static size_t layer_limit(const struct graph *graph)
{
    size_t limit = 1;
    for (int i = 0; i < graph->node_count; i++)
        limit += (size_t)graph->nodes[i].input_count + 1;
    return limit;
}

struct fused_graph *fuse(const struct graph *graph, struct err *err)
{
    size_t values = (size_t)graph->value_count;
    struct fused_graph *fused = calloc(1, sizeof *fused);
    int *work = calloc(3 * values, sizeof *work);
    if (!fused || !work)
        abort();
    fused->layers = calloc(layer_limit(graph), sizeof *fused->layers);
    fused->shapes = calloc(values, sizeof *fused->shapes);
    if (!fused->layers || !fused->shapes)
        abort();
    struct fusion fusion = {graph, fused, work, work + values, work + 2 * values};
    find_views(&fusion);
    fused->shapes[graph->input] = image_shape(&graph->values[graph->input]);
    fused->input = graph->input;
    fused->output = fusion.root[graph->output];
    bool ok = fuse_nodes(&fusion, err);
    free(work);
    if (ok)
        return fused;
    fused_graph_free(fused);
    return NULL;
}

void fused_graph_free(struct fused_graph *fused)
{
    if (!fused)
        return;
    free(fused->layers);
    free(fused->shapes);
    free(fused);
}

void fused_channel_weights(const struct graph *graph, const struct fused_layer *fused, int n,
                           float *row)
{
    const struct layer *layer = &fused->layer;
    const float *weights = graph->values[fused->weights].data + n * fused->weight_stride_n;
    for (int ky = 0; ky < layer->kernel_h; ky++)
        for (int kx = 0; kx < layer->kernel_w; kx++)
            for (int64_t c = 0; c < layer->channels; c++)
                *row++ = weights[((c * layer->kernel_h + ky) * layer->kernel_w + kx) *
                                 fused->weight_stride_k];
}
