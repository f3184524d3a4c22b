#include "compiler/quantise.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/quantise_state.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

/* ---- the skeleton ---- */

/* Number the values that layers read and write, and describe them. */
static void add_activation(struct quantiser *quantiser, int value, int *activation_of)
{
    struct network *network = quantiser->network;
    if (value < 0 || activation_of[value] >= 0)
        return;
    struct image_shape shape = quantiser->fused->shapes[value];
    struct activation *activation = &network->activations[network->activation_count];
    *activation = (struct activation){.h = (int)shape.height,
                                      .w = (int)shape.width,
                                      .c = (int)shape.channels,
                                      .graph_value = value,
                                      .scale = 1};
    memcpy(activation->name, quantiser->graph->values[value].name, sizeof activation->name);
    activation_of[value] = network->activation_count++;
}

void quantise_skeleton(struct quantiser *quantiser)
{
    struct network *network = quantiser->network;
    const struct fused_graph *fused = quantiser->fused;
    size_t values = (size_t)quantiser->graph->value_count;
    int *activation_of = allocate(values, sizeof *activation_of);
    for (size_t i = 0; i < values; i++)
        activation_of[i] = -1;
    network->activations = allocate(values, sizeof *network->activations);
    network->layers = allocate((size_t)fused->layer_count, sizeof *network->layers);
    network->layer_count = fused->layer_count;
    add_activation(quantiser, fused->input, activation_of);
    for (int i = 0; i < fused->layer_count; i++) {
        struct layer *layer = &network->layers[i];
        *layer = fused->layers[i].layer;
        layer->passes_levels = layer->kind == LAYER_MAXIMUM || fused->layers[i].is_copy;
        add_activation(quantiser, layer->output, activation_of);
        layer->input = activation_of[layer->input];
        layer->output = activation_of[layer->output];
        layer->residual = layer->residual < 0 ? -1 : activation_of[layer->residual];
    }
    network->input = activation_of[fused->input];
    network->output = activation_of[fused->output];
    free(activation_of);
}

/* ---- the steps ---- */

/* What one core computes a layer with; weights receives it, as far as it came. */
static bool quantise_for(struct quantiser *quantiser, int index, int core,
                         struct core_weights *weights, struct err *err)
{
    bool has_weights = quantiser->network->layers[index].kind == LAYER_MATMUL;
    bool ok = !has_weights || quantise_weights(quantiser, index, core, weights, err);
    ok = ok && quantise_parameters(quantiser, index, weights, err);
    free(quantiser->biases);
    quantiser->biases = NULL;
    return ok;
}

static bool quantise_layer(struct quantiser *quantiser, int index, struct err *err)
{
    struct layer *layer = &quantiser->network->layers[index];
    struct core_weights first = {.codes = NULL};
    bool ok = quantise_for(quantiser, index, 0, &first, err);
    layer->weight_format = first.format;
    layer->weight_codes = first.codes;
    layer->weight_scales = first.scales;
    layer->params = first.params;
    layer->weight_sqnr_db = first.sqnr_db;
    if (!ok || layer->kind != LAYER_MATMUL || quantiser->config->cores < 2)
        return ok;
    return quantise_for(quantiser, index, 1, &layer->second, err);
}

static bool quantise_layers(struct quantiser *quantiser, quantise_progress progress, void *context,
                            struct err *err)
{
    struct network *network = quantiser->network;
    for (int i = 0; i < network->layer_count; i++) {
        if (!quantise_layer(quantiser, i, err))
            return false;
        if (progress)
            progress(context, "quantise", i + 1, network->layer_count);
    }
    return true;
}

static bool run_steps(struct quantiser *quantiser, quantise_progress progress, void *context,
                      struct err *err)
{
    quantiser->fused = fuse(quantiser->graph, err);
    if (!quantiser->fused)
        return false;
    quantise_skeleton(quantiser);
    quantiser->leader =
        allocate((size_t)quantiser->network->activation_count, sizeof *quantiser->leader);
    return quantise_activations(quantiser, err) &&
           quantise_layers(quantiser, progress, context, err);
}

struct calibration *quantise_observe(const struct graph *graph, calibration_reader reader,
                                     int images, quantise_progress progress, void *context,
                                     struct err *err)
{
    struct calibration *calibration = NULL;
    struct network *network = allocate(1, sizeof *network);
    struct quantiser quantiser = {.graph = graph, .network = network};
    quantiser.fused = fuse(graph, err);
    if (quantiser.fused) {
        quantise_skeleton(&quantiser);
        calibration = calibrate(graph, network, reader, images, progress, context, err);
    }
    fused_graph_free(quantiser.fused);
    network_free(network);
    return calibration;
}

struct network *quantise_observed(const struct graph *graph, const struct quantise_config *config,
                                  const struct calibration *calibration, quantise_progress progress,
                                  void *context, struct err *err)
{
    struct network *network = allocate(1, sizeof *network);
    struct quantiser quantiser = {
        .graph = graph, .config = config, .calibration = calibration, .network = network};
    snprintf(network->model, sizeof network->model, "%s", graph->name);
    snprintf(network->scheme, sizeof network->scheme, "%s", config->name);
    network->has_values = calibration;
    bool ok = run_steps(&quantiser, progress, context, err);
    fused_graph_free(quantiser.fused);
    free(quantiser.leader);
    if (ok)
        return network;
    network_free(network);
    return NULL;
}

struct network *quantise(const struct graph *graph, const struct quantise_config *config,
                         calibration_reader reader, int images, quantise_progress progress,
                         void *context, struct err *err)
{
    struct calibration *calibration = NULL;
    bool is_observed = reader && images > 0;
    if (is_observed)
        calibration = quantise_observe(graph, reader, images, progress, context, err);
    if (is_observed && !calibration)
        return NULL;
    struct network *network = quantise_observed(graph, config, calibration, progress, context, err);
    calibration_free(calibration);
    return network;
}
