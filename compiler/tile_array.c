/* What the arrays take for a layer cut into tiles. */
#include <math.h>

#include "compiler/tile.h"
#include "pe/array.h"

/* All passes of a core over its channels of one output tile of m pixels. */
static double array_passes(const struct tile_shape *shape, const struct arch *arch,
                           const struct tiling *tiling, uint64_t m, const struct channel_tile *part,
                           int core)
{
    struct array_work work = {.m = m,
                              .n = (unsigned)(part->out.count / part->groups.count),
                              .groups = (unsigned)part->groups.count,
                              .act = shape->act,
                              .weight = shape->weight[core],
                              .core = (uint8_t)core};
    uint64_t area = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
    struct tile_sizes passes = tile_sizes(shape->channels, tiling->tile_k);
    work.k = area * (unsigned)tiling->tile_k;
    double cycles = (double)array_cycles(arch, &work, NULL);
    work.accumulate = true;
    if (passes.count[0] > 1)
        cycles += (passes.count[0] - 1) * (double)array_cycles(arch, &work, NULL);
    work.k = area * (unsigned)passes.size[1];
    if (passes.count[1])
        cycles += (double)array_cycles(arch, &work, NULL);
    return cycles;
}

double tile_array(const struct tile_shape *shape, const struct arch *arch,
                  const struct tiling *tiling, const struct tile_class *of)
{
    const struct channel_tile tile = {{0, of->n * of->groups}, {0, of->groups}};
    const uint64_t m = (uint64_t)of->h * (unsigned)of->w;
    double cycles = 0;
    for (int core = 0; core < shape->cores; core++) {
        struct channel_tile part = tile_of_core(shape, tiling, &tile, core);
        if (part.out.count)
            cycles = greater(cycles, array_passes(shape, arch, tiling, m, &part, core));
    }
    return cycles;
}

static double blocks(double count, double per_block)
{
    return ceil(count / per_block);
}

/* Channel blocks of a core over the whole layer, and its channels; tiles that are not full count as
 * nothing. */
static double channel_blocks(const struct tile_shape *shape, const struct tile_rates *rates,
                             const struct tiling *tiling, const struct tile_cut *cut, int core,
                             double *channels)
{
    double columns = rates->cores[core].columns;
    int share = core ? tiling->tile_n - tiling->first_core_channels : tiling->first_core_channels;
    if (cut->groups_per_tile > 1) {
        double groups =
            floor((double)shape->groups / cut->groups_per_tile) * (share / shape->group_n);
        if (shape->cores == 1)
            groups = shape->groups;
        *channels = groups * shape->group_n;
        return groups * blocks(shape->group_n, columns);
    }
    double n = lesser(tiling->tile_n, shape->group_n);
    double tiles = floor(shape->group_n / n) * shape->groups;
    *channels = shape->cores == 1 ? shape->n : share * tiles;
    return tiles * blocks(lesser(share, n), columns);
}

/* What a core's array cannot go below: the steps of its folds one after the other, without fill,
 * drain and preload. */
static double core_bound(const struct tile_shape *shape, const struct arch *arch,
                         const struct tile_rates *rates, const struct tiling *tiling,
                         const struct tile_cut *cut, int core)
{
    double m = (double)tiling->tile_h * tiling->tile_w; /* full tiles; the rest counts as nothing */
    double full_tiles = (double)(shape->out_h / tiling->tile_h) * (shape->out_w / tiling->tile_w);
    double area = (double)shape->kernel_h * shape->kernel_w, k = area * tiling->tile_k;
    double rows = rates->cores[core].rows, columns = rates->cores[core].columns, channels;
    double n_blocks = channel_blocks(shape, rates, tiling, cut, core, &channels);
    double k_blocks = blocks(k, rows) * (shape->channels / tiling->tile_k);
    double steps = 0;
    switch ((enum dataflow)arch->cores[core].dataflow) {
    case OUTPUT_STATIONARY:
        steps = blocks(m, rows) * full_tiles * n_blocks * area * shape->channels;
        break;
    case WEIGHT_STATIONARY:
        steps = k_blocks * n_blocks * shape->out_h * shape->out_w;
        break;
    case INPUT_STATIONARY:
        steps = k_blocks * blocks(m, columns) * full_tiles * channels;
        break;
    case DATAFLOW_COUNT:
        break;
    }
    return steps * rates->cores[core].clocks;
}

double tile_array_bound(const struct tile_shape *shape, const struct arch *arch,
                        const struct tile_rates *rates, const struct tiling *tiling,
                        const struct tile_cut *cut)
{
    double bound = rates->least_array;
    for (int core = 0; core < shape->cores; core++)
        bound = greater(bound, core_bound(shape, arch, rates, tiling, cut, core));
    return bound;
}
