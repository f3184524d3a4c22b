/* Tilings of a whole network: check that the arch can run it, then layer by layer what is given or
 * what the search finds. */
#include "compiler/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/tile.h"
#include "isa/host.h"
#include "pe/array.h"
#include "pe/pe.h"

/* --- can the arch run it? --- */

/* The widths of the instructions' fields. */
static bool sizes_check(const struct layer *layer, struct err *err)
{
    const int fields[] = {layer->kernel_h, layer->kernel_w,   layer->stride_y,
                          layer->stride_x, layer->dilation_y, layer->dilation_x};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i] < 1 || fields[i] > UINT16_MAX)
            return err_set(err, "kernel, stride or dilation %d is not in 1..65535", fields[i]);
    int64_t rows =
        (int64_t)layer->out_h * layer->stride_y + (int64_t)layer->kernel_h * layer->dilation_y;
    int64_t columns =
        (int64_t)layer->out_w * layer->stride_x + (int64_t)layer->kernel_w * layer->dilation_x;
    if (rows + llabs(layer->pad_top) > INT32_MAX || columns + llabs(layer->pad_left) > INT32_MAX)
        return err_set(err, "output %d x %d with stride %d x %d reaches beyond 2^31", layer->out_h,
                       layer->out_w, layer->stride_y, layer->stride_x);
    double weights = (double)layer->kernel_h * layer->kernel_w * layer->channels * layer->n;
    if (layer->kind == LAYER_MATMUL && weights > (double)INT32_MAX)
        return err_set(err, "%.0f weights; at most 2^31", weights);
    if ((int64_t)layer->n * PARAM_WORDS > INT32_MAX)
        return err_set(err, "%d output channels; at most 2^29", layer->n);
    return true;
}

/* The vector unit takes activations of one byte and gives at most two. */
static bool widths_check(const struct tile_shape *shape, struct err *err)
{
    if (format_code_bits(shape->act) > 8)
        return err_set(err, "input codes of %d bits; at most 8", format_code_bits(shape->act));
    if (shape->has_residual && format_code_bits(shape->residual) > 8)
        return err_set(err, "residual codes of %d bits; at most 8",
                       format_code_bits(shape->residual));
    if (format_code_bits(shape->out) > 16)
        return err_set(err, "output codes of %d bits; at most 16", format_code_bits(shape->out));
    return true;
}

static bool array_check(const struct tile_shape *shape, const struct arch *arch, struct err *err)
{
    if (shape->kind != LAYER_MATMUL)
        return true;
    for (int i = 0; i < shape->cores; i++) {
        const struct core *core = &arch->cores[i];
        uint32_t rows, columns;
        if (!pe_descriptor(core->pe)->accepts(shape->act, shape->weight[i], err))
            return false;
        array_shape(core, shape->act, shape->weight[i], &rows, &columns);
        if (!rows || !columns)
            return err_set(err, "an array of %d x %d is too small to fuse PEs for these formats",
                           core->rows, core->columns);
    }
    return true;
}

static bool layer_check(const struct network *network, const struct layer *layer,
                        const struct arch *arch, struct err *err)
{
    if (!sizes_check(layer, err))
        return err_prefix(err, "layer %s", layer->name);
    struct tile_shape shape = tile_shape_on(network, layer, arch);
    return (widths_check(&shape, err) && array_check(&shape, arch, err)) ||
           err_prefix(err, "layer %s", layer->name);
}

static bool network_check(const struct network *network, const struct arch *arch, struct err *err)
{
    if (network->layer_count > PROGRAM_MAX_LAYERS ||
        network->activation_count + 3 * (int64_t)network->layer_count > PROGRAM_MAX_TENSORS)
        return err_set(err, "%s: %d layers and %d activations are too many", network->model,
                       network->layer_count, network->activation_count);
    for (int i = 0; i < network->activation_count; i++) {
        const struct activation *activation = &network->activations[i];
        if ((double)activation->h * activation->w * activation->c > (double)PROGRAM_MAX_ELEMENTS)
            return err_set(err, "activation %s: %d x %d x %d has more than 2^31 elements",
                           activation->name, activation->h, activation->w, activation->c);
    }
    for (int i = 0; i < network->layer_count; i++)
        if (!layer_check(network, &network->layers[i], arch, err))
            return false;
    return true;
}

/* --- tilings --- */

/* The layers' shapes, and what has been found for them. */
struct plan {
    const struct network *network;
    const struct arch *arch;
    const struct schedule *forced;
    struct tile_shape *shapes;
    struct tiling *tilings;
};

const struct schedule_entry *schedule_find(const struct schedule *schedule, const char *layer)
{
    for (int i = 0; schedule && i < schedule->count; i++)
        if (!strcmp(schedule->entries[i].layer, layer))
            return &schedule->entries[i];
    return NULL;
}

/* The first layer of this shape whose tiling was searched, too: they share it. */
static int find_shape(const struct plan *plan, int layer)
{
    for (int i = 0; i < layer; i++)
        if (!memcmp(&plan->shapes[i], &plan->shapes[layer], sizeof plan->shapes[0]) &&
            !schedule_find(plan->forced, plan->network->layers[i].name))
            return i;
    return layer;
}

static bool force(const struct plan *plan, int layer, const struct schedule_entry *entry,
                  struct err *err)
{
    plan->tilings[layer] = entry->tiling;
    return tile_given(&plan->shapes[layer], plan->arch, &plan->tilings[layer], err) ||
           err_prefix(err, "%s:%d: layer %s", plan->forced->path, entry->line, entry->layer);
}

static bool find_tiling(const struct plan *plan, int layer, struct err *err)
{
    const char *name = plan->network->layers[layer].name;
    const struct schedule_entry *entry = schedule_find(plan->forced, name);
    if (entry)
        return force(plan, layer, entry, err);
    int same = find_shape(plan, layer);
    plan->tilings[layer] = plan->tilings[same];
    return same < layer ||
           tile_search(&plan->shapes[layer], plan->arch, name, &plan->tilings[layer], err);
}

static double count_instructions(const struct tile_shape *shape, const struct tiling *tiling)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    return (double)cut.rows * cut.columns * cut.channel_tiles * (3.0 * cut.passes + 4);
}

static bool plan_layers(const struct plan *plan, struct err *err)
{
    double instructions = 0;
    for (int i = 0; i < plan->network->layer_count; i++) {
        const struct layer *layer = &plan->network->layers[i];
        plan->shapes[i] = tile_shape_on(plan->network, layer, plan->arch);
        if (!find_tiling(plan, i, err))
            return false;
        instructions += count_instructions(&plan->shapes[i], &plan->tilings[i]);
        if (instructions > PROGRAM_MAX_INSTRUCTIONS)
            return err_set(err,
                           "layer %s: the tiles are so small that the program exceeds %d "
                           "instructions",
                           layer->name, PROGRAM_MAX_INSTRUCTIONS);
    }
    return true;
}

bool schedule_check(const struct network *network, const struct schedule *schedule, struct err *err)
{
    for (int i = 0; schedule && i < schedule->count; i++) {
        const struct schedule_entry *entry = &schedule->entries[i];
        bool found = false;
        for (int l = 0; l < network->layer_count && !found; l++)
            found = !strcmp(network->layers[l].name, entry->layer);
        if (!found)
            return err_set(err, "%s:%d: %s has no layer \"%s\"", schedule->path, entry->line,
                           network->model, entry->layer);
    }
    return true;
}

bool schedule_tilings(const struct network *network, const struct arch *arch,
                      const struct schedule *forced, struct tiling *tilings, struct err *err)
{
    if (!arch_valid(arch, err) || !network_check(network, arch, err) ||
        !schedule_check(network, forced, err))
        return false;
    struct plan plan = {.network = network, .arch = arch, .forced = forced, .tilings = tilings};
    plan.shapes = allocate((size_t)network->layer_count + 1, sizeof *plan.shapes, err);
    bool ok = plan.shapes && plan_layers(&plan, err);
    free(plan.shapes);
    return ok;
}

static void share_channels(const struct tile_shape *shape, const struct tiling *tiling,
                           uint8_t *core_of_channel)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    for (int i = 0; i < cut.channel_tiles; i++) {
        struct channel_tile tile = tile_channels(shape, tiling, i);
        struct channel_tile second = tile_of_core(shape, tiling, &tile, 1);
        memset(core_of_channel + second.out.first, 1, (size_t)second.out.count);
    }
}

bool schedule_share(struct network *network, const struct arch *arch, const struct tiling *tilings,
                    struct err *err)
{
    for (int i = 0; i < network->layer_count; i++) {
        struct layer *layer = &network->layers[i];
        struct tile_shape shape = tile_shape_on(network, layer, arch);
        free(layer->core_of_channel);
        layer->core_of_channel = NULL;
        if (shape.cores == 1)
            continue;
        layer->core_of_channel = allocate((size_t)layer->n, 1, err);
        if (!layer->core_of_channel)
            return false;
        share_channels(&shape, &tilings[i], layer->core_of_channel);
    }
    return true;
}
