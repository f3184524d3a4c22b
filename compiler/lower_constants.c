/* Constants in the order in which the program loads them: each tile is one contiguous run. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lower_state.h"

static uint64_t kernel_area(const struct tile_shape *shape)
{
    return (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
}

uint64_t weight_tile_offset(const struct tile_shape *shape, const struct tiling *tiling,
                            const struct channel_tile *tile, struct span pass, int core)
{
    uint64_t before =
        (uint64_t)tile_core_before(shape, tiling, tile, core) * (unsigned)shape->channels;
    uint64_t channel = (unsigned)(pass.first - tile->groups.first * shape->channels);
    int count = tile_of_core(shape, tiling, tile, core).out.count;
    return kernel_area(shape) * (before + channel * (unsigned)count);
}

/* Weights [groups][K][group_n] cut to one core's part of a tile: [its groups][kernel positions]
 * [channels of the pass in a group][its outputs in the group]. Returns the end of what was written.
 */
static uint8_t *arrange_tile(const uint16_t *codes, size_t host_bytes,
                             const struct tile_shape *shape, const struct channel_tile *tile,
                             struct span pass, uint8_t *to)
{
    uint64_t area = kernel_area(shape);
    int groups = tile->groups.count, outputs = tile->out.count / groups;
    int channels = pass.count;
    uint64_t first_channel = (unsigned)(pass.first % shape->channels);
    uint64_t first_output = (unsigned)(tile->out.first % shape->group_n);
    for (int g = tile->groups.first; g < tile->groups.first + groups; g++)
        for (uint64_t position = 0; position < area; position++)
            for (int k = 0; k < channels; k++) {
                uint64_t row = ((unsigned)g * area + position) * (unsigned)shape->channels +
                               first_channel + (unsigned)k;
                const uint16_t *from = codes + row * (unsigned)shape->group_n + first_output;
                for (int j = 0; j < outputs; j++, to += host_bytes)
                    memcpy(to, &from[j], host_bytes); /* little-endian */
            }
    return to;
}

/* The weights of a core's channels. */
static uint8_t *arrange_weights(const struct layer *layer, const struct tile_shape *shape,
                                const struct tiling *tiling, uint64_t count, int core)
{
    const uint16_t *codes = core ? layer->second.codes : layer->weight_codes;
    size_t host_bytes = (size_t)format_host_bytes(shape->weight[core]);
    uint8_t *values = malloc(count * host_bytes);
    if (!values)
        return NULL;
    uint8_t *to = values;
    struct tile_cut cut = tile_cut(shape, tiling);
    for (int i = 0; i < cut.channel_tiles; i++) {
        struct channel_tile tile = tile_channels(shape, tiling, i);
        struct channel_tile part = tile_of_core(shape, tiling, &tile, core);
        for (int pass = 0; part.out.count && pass < cut.passes; pass++) {
            struct span channels = tile_pass(shape, tiling, &tile, pass);
            channels.count /= tile.groups.count;
            to = arrange_tile(codes, host_bytes, shape, &part, channels, to);
        }
    }
    return values;
}

/* Layers without parameters pass values through: t = 2v, in units of half a level. */
static void arrange_record(const struct requantise_param *param, int32_t record[PARAM_WORDS])
{
    static const int32_t identity[PARAM_WORDS] = {0, 2, 0, 1};
    memcpy(record, identity, sizeof identity);
    if (!param)
        return;
    record[0] = param->bias;
    record[1] = param->multiplier;
    record[2] = param->residual_multiplier;
    record[3] = param->shift;
}

/* One record per output channel, that of the core that computes it. */
static uint8_t *arrange_params(const struct layer *layer, const struct tile_shape *shape,
                               const struct tiling *tiling)
{
    int32_t(*records)[PARAM_WORDS] = malloc((size_t)layer->n * sizeof *records);
    struct tile_cut cut = tile_cut(shape, tiling);
    for (int i = 0; records && i < cut.channel_tiles; i++) {
        struct channel_tile tile = tile_channels(shape, tiling, i);
        for (int core = 0; core < shape->cores; core++) {
            struct channel_tile part = tile_of_core(shape, tiling, &tile, core);
            const struct requantise_param *params = core ? layer->second.params : layer->params;
            for (int j = part.out.first; j < part.out.first + part.out.count; j++)
                arrange_record(params ? &params[j] : NULL, records[j]);
        }
    }
    return (uint8_t *)records;
}

/* Returns its index. */
static uint32_t add_tensor(struct lowering *lowering, const struct layer *layer,
                           enum tensor_kind kind, struct format format, uint64_t count,
                           uint8_t *values)
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
    return program->tensor_count - 1;
}

bool lower_constants(struct lowering *lowering, const struct layer *layer,
                     const struct tile_shape *shape, const struct tiling *tiling,
                     struct layer_constants *constants)
{
    const struct format words = {FORMAT_INT, 32, true};
    bool has_values = lowering->network->has_values;
    for (int core = 0; shape->kind == LAYER_MATMUL && core < shape->cores; core++) {
        uint64_t channels = (uint64_t)tile_core_channels(shape, tiling, core);
        uint64_t count = kernel_area(shape) * (unsigned)shape->channels * channels;
        uint8_t *values = NULL;
        if (!count)
            continue;
        if (has_values && !(values = arrange_weights(layer, shape, tiling, count, core)))
            return false;
        constants->weights[core] =
            add_tensor(lowering, layer, TENSOR_WEIGHTS, shape->weight[core], count, values);
    }
    uint8_t *records = NULL;
    if (has_values && !(records = arrange_params(layer, shape, tiling)))
        return false;
    constants->params = add_tensor(lowering, layer, TENSOR_PARAMETERS, words,
                                   (uint64_t)layer->n * PARAM_WORDS, records);
    return true;
}
