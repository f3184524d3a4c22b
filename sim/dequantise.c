#include "sim/dequantise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pe/format.h"
#include "sim/codes.h"
#include "workloads/npz.h"
#include "workloads/onnx.h"

static int64_t reduction(const struct layer *layer)
{
    return (int64_t)layer->kernel_h * layer->kernel_w * layer->channels;
}

static bool has_weights(const struct layer *layer)
{
    return layer->kind == LAYER_MATMUL && layer->weight_codes;
}

static bool add(struct npz_writer *writer, const char *layer, const char *what,
                enum array_type type, int rank, const int64_t *dims, void *data, struct err *err)
{
    struct array array = {.type = type, .rank = rank, .data = data};
    layer += strspn(layer, "/");
    snprintf(array.name, sizeof array.name, "%s/%s", layer, what);
    for (int i = 0; i < rank; i++)
        array.dims[i] = dims[i];
    return npz_writer_add(writer, &array, err);
}

static bool add_weights(struct npz_writer *writer, const struct layer *layer, struct err *err)
{
    int64_t per_group = layer->n / layer->groups;
    int64_t dims[] = {layer->groups, reduction(layer), per_group}, channels = layer->n;
    size_t count = (size_t)(dims[0] * dims[1] * dims[2]);
    int32_t *levels = malloc(count * sizeof *levels + 1);
    if (!levels)
        return err_set(err, "out of memory");
    for (size_t i = 0; i < count; i++)
        levels[i] = (int32_t)code_level(layer->weight_format, layer->weight_codes[i]);
    bool ok =
        add(writer, layer->name, "codes", ARRAY_UINT16, 3, dims, layer->weight_codes, err) &&
        add(writer, layer->name, "levels", ARRAY_INT32, 3, dims, levels, err) &&
        add(writer, layer->name, "scales", ARRAY_FLOAT64, 1, &channels, layer->weight_scales, err);
    free(levels);
    return ok;
}

/* Levels of all codes of an activation, under `name`/`what`; nothing for plain integers wider than
 * a table. */
static bool add_levels(struct npz_writer *writer, const char *name, const char *what,
                       struct format format, struct err *err)
{
    if (!format_is_operand(format))
        return true;
    const struct grid *grid = format_grid(format);
    int64_t count = grid->code_count;
    return add(writer, name, what, ARRAY_INT32, 1, &count, (void *)grid->level_of_code, err);
}

/* What requantisation does with the sums: parameter records, clamp, and the output's levels. */
static bool add_output(struct npz_writer *writer, const struct network *network,
                       const struct layer *layer, struct err *err)
{
    const struct activation *output = &network->activations[layer->output];
    int64_t records[] = {layer->n, PARAM_WORDS}, two = 2;
    int32_t clamp[] = {layer->clamp_low, layer->clamp_high};
    double scale = output->scale;
    return (!layer->params ||
            add(writer, layer->name, "params", ARRAY_INT32, 2, records, layer->params, err)) &&
           add(writer, layer->name, "clamp", ARRAY_INT32, 1, &two, clamp, err) &&
           add_levels(writer, layer->name, "output_levels", output->format, err) &&
           add(writer, layer->name, "output_scale", ARRAY_FLOAT64, 0, NULL, &scale, err);
}

bool quantised_write_npz(const struct network *network, const char *path, struct err *err)
{
    struct npz_writer *writer = npz_writer_open(path, err);
    const struct activation *input = &network->activations[network->input];
    double scale = input->scale;
    bool ok = writer && add(writer, "input", "scale", ARRAY_FLOAT64, 0, NULL, &scale, err) &&
              add_levels(writer, "input", "levels", input->format, err);
    for (int i = 0; ok && i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        ok = (!has_weights(layer) || add_weights(writer, layer, err)) &&
             add_output(writer, network, layer, err);
    }
    if (ok)
        return npz_writer_close(writer, err);
    if (writer)
        npz_writer_abort(writer);
    return false;
}

/* --- back into the network --- */

static const struct node *node_named(const struct graph *graph, const char *name)
{
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        bool is_matmul = node->op == OPERATOR_CONV || node->op == OPERATOR_GEMM;
        if (is_matmul && !strcmp(node->name, name))
            return node;
    }
    return NULL;
}

/* Where the weight of output channel o, reduction index (ky, kx, ci) lies in the graph's data: OIHW
 * for convolutions, N x K or K x N (K = channel, y, x) for fully connected layers. */
static size_t graph_index(const struct layer *layer, const struct node *node, size_t o, size_t k)
{
    size_t channels = (size_t)layer->channels, kernel = (size_t)reduction(layer) / channels;
    size_t in_graph = k % channels * kernel + k / channels;
    if (node->op == OPERATOR_GEMM && !node->transpose_b)
        return in_graph * (size_t)layer->n + o;
    return o * (size_t)reduction(layer) + in_graph;
}

/* What folding multiplied output channel o with: folded weight / original weight, at the largest. 0
 * where all are 0. */
static double folded_factor(const struct layer *layer, const struct node *node, size_t o,
                            const float *original, const float *folded)
{
    double largest = 0, factor = 0;
    for (size_t k = 0; k < (size_t)reduction(layer); k++) {
        size_t i = graph_index(layer, node, o, k);
        if (fabs((double)original[i]) <= largest)
            continue;
        largest = fabs((double)original[i]);
        factor = (double)folded[i] / (double)original[i];
    }
    return factor;
}

static void replace_channel(const struct layer *layer, const struct node *node, size_t o,
                            float *original, const float *folded)
{
    size_t per_group = (size_t)layer->n / (size_t)layer->groups, depth = (size_t)reduction(layer);
    const uint16_t *codes = layer->weight_codes + o / per_group * depth * per_group;
    double factor = folded_factor(layer, node, o, original, folded);
    for (size_t k = 0; k < depth; k++) {
        uint32_t code = codes[k * per_group + o % per_group];
        double weight = (double)code_level(layer->weight_format, code) * layer->weight_scales[o];
        original[graph_index(layer, node, o, k)] = factor != 0 ? (float)(weight / factor) : 0;
    }
}

static bool replace_weights(const struct network *network, const struct graph *folded,
                            struct graph *original, struct err *err)
{
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        if (!has_weights(layer))
            continue;
        const struct node *from = node_named(folded, layer->name);
        const struct node *to = node_named(original, layer->name);
        if (!from || !to)
            return err_set(err, "layer %s: the network has no convolution of that name",
                           layer->name);
        const struct value *source = &folded->values[from->inputs[1]];
        struct value *target = &original->values[to->inputs[1]];
        int64_t elements = reduction(layer) * layer->n;
        if (value_elements(source) != elements || value_elements(target) != elements)
            return err_set(err, "layer %s: its weights changed shape", layer->name);
        for (int o = 0; o < layer->n; o++)
            replace_channel(layer, to, (size_t)o, target->data, source->data);
    }
    return true;
}

bool quantised_write_onnx(const struct network *network, const struct graph *folded,
                          const char *source, const char *path, struct err *err)
{
    struct graph *original = onnx_read(source, err);
    bool ok = original && replace_weights(network, folded, original, err) &&
              onnx_write_weights(source, original, path, err);
    if (original)
        graph_free(original);
    return ok;
}
