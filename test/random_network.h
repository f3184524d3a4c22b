/* Random small quantised networks and accelerators that can run them, for tests of lowering. */
#ifndef MANTIS_TEST_RANDOM_NETWORK_H
#define MANTIS_TEST_RANDOM_NETWORK_H

#include <string.h>

#include "check.h"
#include "compiler/lower.h"
#include "compiler/network.h"
#include "compiler/schedule.h"
#include "compiler/tile.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "second_core_pe.h"

enum { RANDOM_MAX_LAYERS = 12, RANDOM_MAX_ACTIVATIONS = 16 };

/* --- formats --- */

/* A format whose codes have at most `max_bits`. Levels stay below 2^9, so that no sum of products
 * leaves 32 bits: overflow is another test's business. */
__attribute__((unused)) static struct format random_format(int max_bits)
{
    for (;;) {
        struct format format = {(uint8_t)check_between(0, FORMAT_FAMILY_COUNT - 1),
                                (uint8_t)check_between(2, 8), check_between(0, 1)};
        if (!format_exists(format) || format_code_bits(format) > max_bits)
            continue;
        const struct grid *grid = format_grid(format);
        if (grid->levels[grid->count - 1] < 512)
            return format;
    }
}

/* Whether the PE takes activations of that format, with some weights. */
__attribute__((unused)) static bool random_takes(int pe, struct format act)
{
    const struct format int8 = {FORMAT_INT, 8, true};
    return pe_descriptor(pe)->accepts(act, act, NULL) ||
           pe_descriptor(pe)->accepts(act, int8, NULL);
}

/* Of an activation: mostly one that the PE takes, else one for the vector unit alone. */
__attribute__((unused)) static struct format random_act_format(int pe)
{
    bool any = check_between(0, 9) == 0;
    for (;;) {
        struct format format = random_format(8);
        if (any || random_takes(pe, format))
            return format;
    }
}

__attribute__((unused)) static struct format random_weight_format(int pe, struct format act)
{
    for (;;) {
        struct format format = random_format(16);
        if (pe_descriptor(pe)->accepts(act, format, NULL))
            return format;
    }
}

/* --- accelerators --- */

__attribute__((unused)) static struct arch random_arch(void)
{
    struct arch arch = {.name = "random", .technology = "none", .clock_khz = 500000};
    arch.core_count = 1;
    arch.cores[0] = (struct core){.pe = (uint8_t)check_between(0, PE_COUNT - 1),
                                  .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                  .preload = OVERLAPPED,
                                  .fill = OVERLAPPED,
                                  .drain = OVERLAPPED,
                                  .accumulator_bits = 32,
                                  .rows = (uint16_t)check_between(2, 16),
                                  .columns = (uint16_t)check_between(2, 16)};
    if (arch.cores[0].pe == PE_INT8X2)
        arch.cores[0].dataflow = OUTPUT_STATIONARY;
    int scale = check_between(0, 8);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad] =
            (struct scratchpad_config){.bytes = (uint32_t)check_between(60 << scale, 120 << scale),
                                       .banks = 2,
                                       .bank_bits = 64,
                                       .double_buffered = check_between(0, 3) > 0};
    arch.pads[PAD_ACT].bytes *= 4;
    arch.vector_lanes = 8, arch.vector_latency = 4, arch.dma_setup = 8;
    arch.dram = (struct dram_config){
        .is_ideal = true,
        .ideal = {
            .clock_period_ps = 1000, .bytes_per_clock = 16, .burst_bytes = 64, .latency = 20}};
    return arch;
}

/* A second core beside the first, whose PEs take the activations of the first's; false where there
 * are no such PEs. */
__attribute__((unused)) static bool random_second_core(struct arch *arch)
{
    if (!takes_integers_alone(arch->cores[0].pe))
        return false;
    arch->core_count = 2;
    arch->cores[1] = arch->cores[0];
    arch->cores[1].pe = (uint8_t)random_second_pe();
    arch->cores[1].dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1);
    if (arch->cores[1].pe == PE_INT8X2)
        arch->cores[1].dataflow = OUTPUT_STATIONARY;
    arch->cores[1].rows = (uint16_t)check_between(2, 16);
    arch->cores[1].columns = (uint16_t)check_between(2, 16);
    return true;
}

/* --- networks --- */

__attribute__((unused)) static int random_activation(struct network *network, int h, int w, int c,
                                                     struct format format)
{
    int index = network->activation_count++;
    assert_true(index < RANDOM_MAX_ACTIVATIONS);
    struct activation *activation = &network->activations[index];
    *activation = (struct activation){
        .h = h, .w = w, .c = c, .format = format, .scale = 1, .graph_value = -1};
    snprintf(activation->name, sizeof activation->name, "a%d", index);
    return index;
}

/* Parameters that spread values of about `reach` over the levels of the output. */
__attribute__((unused)) static void random_params(const struct network *network,
                                                  struct layer *layer, double reach)
{
    struct format out = network->activations[layer->output].format;
    layer->clamp_low = INT16_MIN, layer->clamp_high = INT16_MAX;
    if (format_is_operand(out)) {
        const struct grid *grid = format_grid(out);
        layer->clamp_low = grid->levels[0], layer->clamp_high = grid->levels[grid->count - 1];
    }
    if (check_between(0, 2) == 0 && layer->clamp_low < 0)
        layer->clamp_low = 0;
    layer->params = calloc((size_t)layer->n, sizeof *layer->params);
    for (int j = 0; j < layer->n; j++) {
        double ratio = layer->clamp_high / reach * check_between(1, 4);
        bool ok = requantise_ratio(ratio, check_between(0, 1) ? 1.5 * ratio : 0, &layer->params[j]);
        assert_true(ok);
        layer->params[j].bias = check_between(-(int)(reach / 2) - 1, (int)(reach / 2) + 1);
    }
}

/* An earlier activation of the shape of the layer's output, or -1. */
__attribute__((unused)) static int random_residual(const struct network *network,
                                                   const struct layer *layer)
{
    for (int i = network->activation_count - 1; i >= 0; i--) {
        const struct activation *other = &network->activations[i];
        if (i != layer->output && other->h == layer->out_h && other->w == layer->out_w &&
            other->c == layer->n && check_between(0, 3))
            return i;
    }
    return -1;
}

__attribute__((unused)) static void random_weights(struct layer *layer)
{
    const struct grid *grid = format_grid(layer->weight_format);
    size_t count = (size_t)layer->kernel_h * (size_t)layer->kernel_w * (size_t)layer->channels *
                   (size_t)layer->n;
    layer->weight_codes = malloc(count * sizeof *layer->weight_codes);
    for (size_t i = 0; i < count; i++)
        layer->weight_codes[i] = (uint16_t)grid->codes[check_between(0, grid->count - 1)];
}

/* The same layer in a format of the second core's: other weights, other records. */
__attribute__((unused)) static void random_second_weights(const struct network *network,
                                                          struct layer *layer, int pe)
{
    const struct format act = network->activations[layer->input].format;
    struct layer second = *layer;
    second.weight_format = random_weight_format(pe, act);
    random_weights(&second);
    const struct grid *weights = format_grid(second.weight_format), *acts = format_grid(act);
    random_params(network, &second,
                  (double)weights->levels[weights->count - 1] * acts->levels[acts->count - 1] * 4);
    layer->second = (struct core_weights){
        .format = second.weight_format, .codes = second.weight_codes, .params = second.params};
}

/* Weights for the arch's second core, in all layers that have weights. */
__attribute__((unused)) static void random_second_network(struct network *network,
                                                          const struct arch *arch)
{
    for (int i = 0; i < network->layer_count; i++)
        if (network->layers[i].kind == LAYER_MATMUL)
            random_second_weights(network, &network->layers[i], arch->cores[1].pe);
}

/* Lower with tilings of the search whose shares of the first core are drawn at random, as far as
 * they fit; the network learns which core computes what. NULL where not even the search's do. */
__attribute__((unused)) static struct program *
lower_with_random_shares(struct network *network, const struct arch *arch, struct err *err)
{
    struct tiling tilings[RANDOM_MAX_LAYERS];
    if (!schedule_tilings(network, arch, NULL, tilings, err))
        return NULL;
    for (int i = 0; i < network->layer_count; i++) {
        struct tile_shape shape = tile_shape_on(network, &network->layers[i], arch);
        struct tiling drawn = tilings[i];
        int unit = drawn.tile_n > shape.group_n ? shape.group_n : 1;
        drawn.first_core_channels = unit * check_between(0, drawn.tile_n / unit);
        if (shape.cores > 1 && tile_given(&shape, arch, &drawn, NULL))
            tilings[i] = drawn;
    }
    assert_true(schedule_share(network, arch, tilings, err));
    return lower_tiled(network, arch, tilings, err);
}

/* Kernel, stride, dilation and padding along one axis, and the output size they give. */
__attribute__((unused)) static int random_axis(int size, bool whole, int *kernel, int *stride,
                                               int *dilation, int *pad)
{
    *kernel = whole ? size : check_between(1, size < 5 ? size : 5);
    *stride = check_between(1, 3);
    *dilation = whole ? 1 : check_between(1, 2);
    *pad = whole ? 0 : check_between(0, *kernel - 1);
    int reach = (*kernel - 1) * *dilation + 1;
    if (reach > size + *pad) {
        *dilation = 1;
        reach = *kernel;
    }
    int far_pad = check_between(0, *pad);
    return (size + *pad + far_pad - reach) / *stride + 1;
}

__attribute__((unused)) static struct layer random_window(const struct network *network, int input,
                                                          bool whole)
{
    const struct activation *in = &network->activations[input];
    struct layer layer = {.input = input, .residual = -1, .groups = 1};
    layer.out_h = random_axis(in->h, whole, &layer.kernel_h, &layer.stride_y, &layer.dilation_y,
                              &layer.pad_top);
    layer.out_w = random_axis(in->w, whole, &layer.kernel_w, &layer.stride_x, &layer.dilation_x,
                              &layer.pad_left);
    return layer;
}

__attribute__((unused)) static void random_matmul(struct network *network, struct layer *layer,
                                                  int pe, bool is_last)
{
    const struct activation in = network->activations[layer->input];
    layer->kind = LAYER_MATMUL;
    int choice = check_between(0, 3);
    layer->groups = choice == 0 ? in.c : 1;
    if (choice == 1)
        for (int groups = 2; groups <= 4; groups++)
            layer->groups = in.c % groups ? layer->groups : groups;
    layer->channels = in.c / layer->groups;
    layer->n = choice == 0 ? in.c * check_between(1, 2) : layer->groups * check_between(1, 12);
    layer->weight_format = random_weight_format(pe, in.format);
    struct format out = random_act_format(pe);
    if (is_last)
        out = (struct format){FORMAT_INT, 16, true};
    layer->output = random_activation(network, layer->out_h, layer->out_w, layer->n, out);
    layer->residual = random_residual(network, layer);
    random_weights(layer);
    const struct grid *weights = format_grid(layer->weight_format), *acts = format_grid(in.format);
    random_params(network, layer,
                  (double)weights->levels[weights->count - 1] * acts->levels[acts->count - 1] * 4);
}

__attribute__((unused)) static void random_add(struct network *network, struct layer layer)
{
    int index = network->layer_count++;
    assert_true(index < RANDOM_MAX_LAYERS);
    snprintf(layer.name, sizeof layer.name, "layer%d", index);
    snprintf(layer.op, sizeof layer.op, "%s", layer.kind == LAYER_MATMUL ? "Conv" : "Pool");
    network->layers[index] = layer;
}

/* Layers of the vector unit that fill one output part by part, each from channels of its own
 * choice. */
__attribute__((unused)) static void random_vector(struct network *network, struct layer layer,
                                                  int pe)
{
    const struct activation in = network->activations[layer.input];
    layer.kind = check_between(0, 2) ? LAYER_SUM : LAYER_MAXIMUM;
    bool is_maximum = layer.kind == LAYER_MAXIMUM;
    const struct grid *levels = format_grid(in.format);
    double reach = (double)levels->levels[levels->count - 1] * layer.kernel_h * layer.kernel_w;
    int parts = check_between(1, 2), total = check_between(parts, in.c + 3);
    layer.output = random_activation(network, layer.out_h, layer.out_w, total,
                                     is_maximum ? in.format : random_act_format(pe));
    for (int part = 0; part < parts; part++) {
        layer.n = part + 1 < parts ? check_between(1, total - 1) : total - layer.output_channel;
        layer.channel_offset = check_between(-3, in.c - 1);
        layer.residual = -1;
        random_params(network, &layer, reach);
        if (is_maximum) {
            free(layer.params);
            layer.params = NULL;
        } else {
            layer.residual = random_residual(network, &layer);
        }
        random_add(network, layer);
        layer.output_channel += layer.n;
    }
}

/* A network of 1 to 6 layers for that PE; each reads any activation so far. */
__attribute__((unused)) static struct network *random_network(int pe)
{
    struct network *network = calloc(1, sizeof *network);
    network->activations = calloc(RANDOM_MAX_ACTIVATIONS, sizeof *network->activations);
    network->layers = calloc(RANDOM_MAX_LAYERS, sizeof *network->layers);
    snprintf(network->model, sizeof network->model, "random");
    snprintf(network->scheme, sizeof network->scheme, "random");
    network->has_values = true;
    struct format format;
    do
        format = random_act_format(pe);
    while (!random_takes(pe, format));
    network->input = random_activation(network, check_between(1, 24), check_between(1, 24),
                                       check_between(1, 24), format);
    int layers = check_between(1, 6);
    for (int i = 0; i < layers; i++) {
        int input = check_between(0, 2) ? network->activation_count - 1
                                        : check_between(0, network->activation_count - 1);
        const struct activation *in = &network->activations[input];
        bool whole = check_between(0, 5) == 0;
        struct layer layer = random_window(network, input, whole);
        if (check_between(0, 2) && random_takes(pe, in->format)) {
            random_matmul(network, &layer, pe, i == layers - 1);
            random_add(network, layer);
        } else {
            random_vector(network, layer, pe);
        }
    }
    network->output = network->activation_count - 1;
    return network;
}

/* Random codes of the input activation. */
__attribute__((unused)) static uint8_t *random_input(const struct network *network)
{
    const struct activation *in = &network->activations[network->input];
    const struct grid *grid = format_grid(in->format);
    size_t count = (size_t)in->h * (size_t)in->w * (size_t)in->c;
    uint8_t *codes = malloc(count);
    for (size_t i = 0; i < count; i++)
        codes[i] = (uint8_t)grid->codes[check_between(0, grid->count - 1)];
    return codes;
}

#endif
