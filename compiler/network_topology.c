/* A network without values from a table of layer shapes: every layer stands alone, with its own
 * input and output. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/network.h"
#include "compiler/quantise.h"
#include "pe/format.h"

/* The first format listed, at its width; signed where the family has that, else unsigned. */
static bool choose(const struct format_choice *choice, struct format *format, struct err *err)
{
    int family = choice->family_count ? choice->families[0] : FORMAT_INT;
    for (int is_signed = 1; is_signed >= 0; is_signed--) {
        *format = (struct format){(uint8_t)family, (uint8_t)choice->bits, is_signed};
        if (choice->bits > 0 && choice->bits <= 32 && format_exists(*format))
            return true;
    }
    return err_set(err, "no format of family %d has %d bits", family, choice->bits);
}

/* Of a layer; `second` for the weights of a second core. */
struct layer_formats {
    struct format weight, act, second;
};

/* What the scheme gives to a layer; the first and the last are the edge. */
static bool choose_formats(const struct quantise_config *config, const char *layer, bool is_edge,
                           struct layer_formats *formats, struct err *err)
{
    struct format_choice weights = quantise_choice(config, layer, is_edge, OPERAND_WEIGHTS);
    struct format_choice acts = quantise_choice(config, layer, is_edge, OPERAND_ACTIVATIONS);
    struct format_choice second = quantise_choice(config, layer, is_edge, OPERAND_SECOND_WEIGHTS);
    formats->second = (struct format){0};
    return (choose(&weights, &formats->weight, err) && choose(&acts, &formats->act, err) &&
            (config->cores < 2 || choose(&second, &formats->second, err))) ||
           err_prefix(err, "layer %s", layer);
}

/* Windows that start within the input, as SCALE-Sim counts them: ceil((size - filter)/stride) + 1;
 * what the last one lacks is zero. */
static int window_count(int size, int filter, int stride)
{
    return (size - filter + stride - 1) / stride + 1;
}

static bool shape_check(const struct topology_layer *from, struct err *err)
{
    if (from->ifm_h < from->filter_h || from->ifm_w < from->filter_w || from->filter_h < 1 ||
        from->filter_w < 1 || from->channels < 1 || from->filters < 1 || from->stride < 1)
        return err_set(err, "%s: filter %dx%d, stride %d does not fit input %dx%d", from->name,
                       from->filter_h, from->filter_w, from->stride, from->ifm_h, from->ifm_w);
    if (from->groups < 1 || from->channels % from->groups || from->filters % from->groups)
        return err_set(err, "%s: %d channels and %d filters are not %d equal groups", from->name,
                       from->channels, from->filters, from->groups);
    if (from->ifm_h > INT_MAX / 4 || from->ifm_w > INT_MAX / 4 || from->stride > INT_MAX / 4)
        return err_set(err, "%s: input %dx%d is too large", from->name, from->ifm_h, from->ifm_w);
    return true;
}

static void fill_activation(struct activation *activation, const char *layer, const char *end,
                            int h, int w, int c, struct format format)
{
    *activation = (struct activation){
        .h = h, .w = w, .c = c, .format = format, .scale = 1, .graph_value = -1};
    snprintf(activation->name, sizeof activation->name, "%.80s.%s", layer, end);
}

static void fill_layer(struct network *network, int index, const struct topology_layer *from,
                       struct format weight, struct format act)
{
    struct layer *layer = &network->layers[index];
    int input = 2 * index, output = input + 1;
    const struct grid *grid = format_grid(act);
    bool is_gemm = from->ifm_w == 1 && from->filter_h == 1 && from->filter_w == 1;
    *layer = (struct layer){
        .kind = LAYER_MATMUL,
        .input = input,
        .residual = -1,
        .output = output,
        .out_h = window_count(from->ifm_h, from->filter_h, from->stride),
        .out_w = window_count(from->ifm_w, from->filter_w, from->stride),
        .n = from->filters,
        .kernel_h = from->filter_h,
        .kernel_w = from->filter_w,
        .stride_y = from->stride,
        .stride_x = from->stride,
        .dilation_y = 1,
        .dilation_x = 1,
        .groups = from->groups,
        .channels = from->channels / from->groups,
        .weight_format = weight,
        .is_product = from->operands == TOPOLOGY_ACTIVATIONS,
        .clamp_low = grid->levels[0],
        .clamp_high = grid->levels[grid->count - 1],
    };
    snprintf(layer->name, sizeof layer->name, "%s", from->name);
    snprintf(layer->op, sizeof layer->op, "%s", is_gemm ? "Gemm" : "Conv");
    fill_activation(&network->activations[input], from->name, "input", from->ifm_h, from->ifm_w,
                    from->channels, act);
    fill_activation(&network->activations[output], from->name, "output", layer->out_h, layer->out_w,
                    layer->n, act);
}

static bool fill_network(struct network *network, const struct topology *topology,
                         const struct quantise_config *config, struct err *err)
{
    for (int i = 0; i < topology->count; i++) {
        bool is_edge = i == 0 || i == topology->count - 1;
        struct layer_formats formats;
        if (!shape_check(&topology->layers[i], err) ||
            !choose_formats(config, topology->layers[i].name, is_edge, &formats, err))
            return err_prefix(err, "%s", topology->name);
        fill_layer(network, i, &topology->layers[i], formats.weight, formats.act);
        network->layers[i].second.format = formats.second;
    }
    return true;
}

struct network *network_from_topology(const struct topology *topology,
                                      const struct quantise_config *config, struct err *err)
{
    if (topology->count < 1 || topology->count > PROGRAM_MAX_LAYERS / 4) {
        err_set(err, "%s: %d layers are not in 1..%d", topology->name, topology->count,
                PROGRAM_MAX_LAYERS / 4);
        return NULL;
    }
    if (config->is_float) {
        err_set(err, "%s: scheme %s is float: it has no timing", topology->name, config->name);
        return NULL;
    }
    size_t count = (size_t)topology->count;
    struct network *network = calloc(1, sizeof *network);
    if (network) {
        network->layers = calloc(count, sizeof *network->layers);
        network->activations = calloc(2 * count, sizeof *network->activations);
    }
    if (!network || !network->layers || !network->activations) {
        err_set(err, "%s: not enough memory for %d layers", topology->name, topology->count);
        network_free(network);
        return NULL;
    }
    snprintf(network->model, sizeof network->model, "%s", topology->name);
    snprintf(network->scheme, sizeof network->scheme, "%s", config->name);
    network->layer_count = topology->count;
    network->activation_count = 2 * topology->count;
    network->output = network->activation_count - 1;
    if (fill_network(network, topology, config, err))
        return network;
    network_free(network);
    return NULL;
}
