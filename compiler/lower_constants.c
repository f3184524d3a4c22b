/* Constants in the order in which the program loads them: each tile is one contiguous run. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lower_state.h"

static uint64_t kernel_area(const struct tile_shape *shape)
{
    return (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
}

uint64_t weight_tile_offset(const struct tile_shape *shape, const struct channel_tile *tile,
                            struct span pass)
{
    uint64_t before = (uint64_t)tile->out.first * (unsigned)shape->channels;
    uint64_t channel = (unsigned)(pass.first - tile->groups.first * shape->channels);
    return kernel_area(shape) * (before + channel * (unsigned)tile->out.count);
}

/* Weights [groups][K][group_n] cut to one tile: [groups of the tile][kernel positions][channels of
 * the pass][outputs of the tile in the group]. Returns the end of what was written. */
static uint8_t *arrange_tile(const struct layer *layer, const struct tile_shape *shape,
                             const struct channel_tile *tile, struct span pass, uint8_t *to)
{
    size_t host_bytes = (size_t)format_host_bytes(shape->weight);
    uint64_t area = kernel_area(shape);
    int groups = tile->groups.count, outputs = tile->out.count / groups;
    int channels = pass.count / groups;
    uint64_t first_channel = (unsigned)(pass.first % shape->channels);
    uint64_t first_output = (unsigned)(tile->out.first % shape->group_n);
    for (int g = tile->groups.first; g < tile->groups.first + groups; g++)
        for (uint64_t position = 0; position < area; position++)
            for (int k = 0; k < channels; k++) {
                uint64_t row = ((unsigned)g * area + position) * (unsigned)shape->channels +
                               first_channel + (unsigned)k;
                const uint16_t *from =
                    layer->weight_codes + row * (unsigned)shape->group_n + first_output;
                for (int j = 0; j < outputs; j++, to += host_bytes)
                    memcpy(to, &from[j], host_bytes); /* little-endian */
            }
    return to;
}

static uint8_t *arrange_weights(const struct layer *layer, const struct tile_shape *shape,
                                const struct tiling *tiling)
{
    uint64_t count = kernel_area(shape) * (unsigned)shape->channels * (unsigned)shape->n;
    uint8_t *values = malloc(count * (unsigned)format_host_bytes(shape->weight));
    if (!values)
        return NULL;
    uint8_t *to = values;
    struct tile_cut cut = tile_cut(shape, tiling);
    for (int i = 0; i < cut.channel_tiles; i++) {
        struct channel_tile tile = tile_channels(shape, tiling, i);
        for (int pass = 0; pass < cut.passes; pass++)
            to = arrange_tile(layer, shape, &tile, tile_pass(shape, tiling, &tile, pass), to);
    }
    return values;
}

/* One record per output channel. Layers without parameters pass values through: t = 2v, in units of
 * half a level. */
static uint8_t *arrange_params(const struct layer *layer)
{
    static const int32_t identity[PARAM_WORDS] = {0, 2, 0, 1};
    int32_t(*records)[PARAM_WORDS] = malloc((size_t)layer->n * sizeof *records);
    if (!records)
        return NULL;
    for (int j = 0; j < layer->n; j++) {
        memcpy(records[j], identity, sizeof identity);
        if (!layer->params)
            continue;
        const struct requantise_param *param = &layer->params[j];
        records[j][0] = param->bias;
        records[j][1] = param->multiplier;
        records[j][2] = param->residual_multiplier;
        records[j][3] = param->shift;
    }
    return (uint8_t *)records;
}

static void add_tensor(struct lowering *lowering, const struct layer *layer, enum tensor_kind kind,
                       struct format format, uint64_t count, uint8_t *values)
{
    enum { ALIGNMENT = 4096 }; /* every tensor starts a page */
    struct program *program = lowering->program;
    struct dram_tensor *tensor = &program->tensors[program->tensor_count++];
    *tensor = (struct dram_tensor){.kind = (uint8_t)kind,
                                   .format = format,
                                   .h = 1,
                                   .w = 1,
                                   .c = (uint32_t)count,
                                   .address = lowering->address,
                                   .scale = 1,
                                   .values = values};
    snprintf(tensor->name, sizeof tensor->name, "%.80s.%s", layer->name, tensor_kind_name(kind));
    lowering->address += (tensor_bytes(tensor) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

bool lower_constants(struct lowering *lowering, const struct layer *layer,
                     const struct tile_shape *shape, const struct tiling *tiling)
{
    const struct format words = {FORMAT_INT, 32, true};
    bool has_values = lowering->network->has_values;
    if (shape->kind == LAYER_MATMUL) {
        uint8_t *values = NULL;
        if (has_values && !(values = arrange_weights(layer, shape, tiling)))
            return false;
        uint64_t count = kernel_area(shape) * (unsigned)shape->channels * (unsigned)shape->n;
        add_tensor(lowering, layer, TENSOR_WEIGHTS, shape->weight, count, values);
    }
    uint8_t *records = NULL;
    if (has_values && !(records = arrange_params(layer)))
        return false;
    add_tensor(lowering, layer, TENSOR_PARAMETERS, words, (uint64_t)layer->n * PARAM_WORDS,
               records);
    return true;
}
