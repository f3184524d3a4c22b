/* The mapping search: every balanced cut of rows, columns and output channels, both loop orders,
 * and as few passes over the input channels as the scratchpads allow; the best refined one
 * dimension at a time. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "compiler/tile.h"
#include "pe/array.h"

enum {
    MAX_SIZES = 256,
    MAX_TILE = 65535,  /* the width of the instructions' fields */
    SMALL_LAYER = 512, /* outputs of a group */
    COARSE = 6,        /* sizes are a sixth apart where all dimensions are tried, */
    FINE = 8,          /* an eighth where one is */
};

struct size_list {
    int count, of[MAX_SIZES];
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void add_size(struct size_list *sizes, int size)
{
    if (sizes->count < MAX_SIZES && (!sizes->count || size < sizes->of[sizes->count - 1]))
        sizes->of[sizes->count++] = size;
}

/* Insert a size where it belongs, if it is new. */
static void insert_size(struct size_list *sizes, int size)
{
    int at = sizes->count;
    while (at > 0 && sizes->of[at - 1] < size)
        at--;
    bool is_new = !at || sizes->of[at - 1] != size;
    if (!is_new || sizes->count == MAX_SIZES)
        return;
    memmove(&sizes->of[at + 1], &sizes->of[at], (size_t)(sizes->count - at) * sizeof sizes->of[0]);
    sizes->of[at] = size;
    sizes->count++;
}

/* Append tile sizes, descending, that cut `total` into 1, 2, 3, ... tiles of nearly the same size:
 * multiples of `quantum`, each at least one part in `step` smaller than the one before. */
static void add_balanced(struct size_list *sizes, int total, int quantum, int step)
{
    int quanta = (int)(((int64_t)total + quantum - 1) / quantum);
    add_size(sizes, least(total, MAX_TILE));
    for (int each = quanta; each > 1;) {
        int tiles = (quanta + each - 1) / each;
        int smaller = (quanta + tiles) / (tiles + 1); /* one tile more */
        each = least(least(smaller, each - 1), each > step ? each - each / step : each);
        if ((int64_t)each * quantum <= MAX_TILE)
            add_size(sizes, least(each * quantum, total));
    }
}

/* Multiples of the quantum, then its parts. */
static struct size_list balanced_sizes(int total, int quantum, int step)
{
    struct size_list sizes = {0};
    add_balanced(&sizes, total, quantum, step);
    add_balanced(&sizes, least(total, quantum), 1, step);
    return sizes;
}

/* Output channels that a fold of the array takes; of two, the narrower one. */
static int channel_quantum(const struct tile_shape *shape, const struct arch *arch)
{
    int quantum = INT_MAX;
    for (int core = 0; core < shape->cores; core++) {
        if (shape->kind != LAYER_MATMUL || arch->cores[core].dataflow == INPUT_STATIONARY)
            return 16;
        uint32_t rows, columns;
        array_shape(&arch->cores[core], shape->act, shape->weight[core], &rows, &columns);
        quantum = least(quantum, (int)columns);
    }
    return quantum;
}

/* Tile sizes along the output channels: whole groups first, then parts of one group. A layer of the
 * vector unit that adds channels reads its input in long runs where a tile has all of them. */
static struct size_list channel_sizes(const struct tile_shape *shape, const struct arch *arch)
{
    struct size_list sizes = {0};
    int quantum = channel_quantum(shape, arch);
    if (shape->groups > 1) {
        struct size_list groups = balanced_sizes(shape->groups, 1, COARSE);
        for (int i = 0; i < groups.count; i++)
            add_size(&sizes, groups.of[i] * shape->group_n);
    }
    struct size_list within = balanced_sizes(shape->group_n, quantum, COARSE);
    for (int i = 0; i < within.count; i++)
        add_size(&sizes, within.of[i]);
    if (shape->kind != LAYER_MATMUL && shape->whole_pixels < least(shape->n, MAX_TILE))
        insert_size(&sizes, shape->whole_pixels);
    return sizes;
}

struct search {
    const struct tile_shape *shape;
    const struct arch *arch;
    struct tile_rates rates;
    struct tiling best;
    double best_cost; /* INFINITY until something fits */
};

/* The fewest passes that fit, evenly filled. All input channels at once where the tile has several
 * groups. */
static bool fit_passes(const struct search *search, struct tiling *tiling)
{
    const struct tile_shape *shape = search->shape;
    enum scratchpad_id too_small;
    uint64_t need;
    tiling->tile_k = shape->channels;
    if (tile_fits(shape, search->arch, tiling, &too_small, &need))
        return true;
    bool several_groups = tiling->tile_n > shape->group_n;
    tiling->tile_k = 1;
    if (several_groups || !tile_fits(shape, search->arch, tiling, &too_small, &need))
        return false;
    int fits = 1, too_large = shape->channels;
    while (too_large - fits > 1) {
        tiling->tile_k = fits + (too_large - fits) / 2;
        if (tile_fits(shape, search->arch, tiling, &too_small, &need))
            fits = tiling->tile_k;
        else
            too_large = tiling->tile_k;
    }
    int passes = (shape->channels + fits - 1) / fits;
    tiling->tile_k = (shape->channels + passes - 1) / passes;
    return true;
}

static void try_orders(struct search *search, struct tiling tiling)
{
    struct tile_array_cycles array = {0};
    for (int order = 0; order < 2; order++) {
        tiling.weights_outer = order;
        double cost = tile_cost(search->shape, search->arch, &search->rates, &tiling,
                                search->best_cost, &array);
        if (cost < search->best_cost) {
            search->best = tiling;
            search->best_cost = cost;
        }
    }
}

/* All ways for cores to share the tile's channels. */
static void try_shares(struct search *search, struct tiling tiling)
{
    int shares[TILE_MAX_SHARES];
    int count = tile_shares(search->shape, search->arch, &tiling, shares);
    for (int i = 0; i < count; i++) {
        tiling.first_core_channels = shares[i];
        if (fit_passes(search, &tiling))
            try_orders(search, tiling);
    }
}

/* Of a layer so small that edges are most of it: all tiles. */
static void search_all_tiles(struct search *search)
{
    const struct tile_shape *shape = search->shape;
    struct tiling tiling = {0};
    for (tiling.tile_h = 1; tiling.tile_h <= shape->out_h; tiling.tile_h++)
        for (tiling.tile_w = 1; tiling.tile_w <= shape->out_w; tiling.tile_w++)
            for (tiling.tile_n = 1; tiling.tile_n <= shape->group_n; tiling.tile_n++)
                try_shares(search, tiling);
}

static int greatest_common_divisor(int a, int b)
{
    return b ? greatest_common_divisor(b, a % b) : a;
}

/* Rows of a tile `width` wide that whole folds of the array take; with two cores, of the first. */
static int height_quantum(const struct search *search, int width)
{
    uint32_t rows, columns;
    if (search->shape->kind != LAYER_MATMUL)
        return 1;
    const struct core *core = &search->arch->cores[0];
    array_shape(core, search->shape->act, search->shape->weight[0], &rows, &columns);
    switch ((enum dataflow)core->dataflow) {
    case OUTPUT_STATIONARY:
        return (int)rows / greatest_common_divisor((int)rows, width);
    case INPUT_STATIONARY:
        return (int)columns / greatest_common_divisor((int)columns, width);
    case WEIGHT_STATIONARY:
    case DATAFLOW_COUNT:
        break;
    }
    return 1;
}

static void search_tiles(struct search *search)
{
    const struct tile_shape *shape = search->shape;
    struct size_list depths = channel_sizes(shape, search->arch);
    for (int width = least(shape->out_w, MAX_TILE); width > 0;
         width = width > 1 ? (width + 1) / 2 : 0) {
        struct size_list heights =
            balanced_sizes(shape->out_h, height_quantum(search, width), COARSE);
        for (int d = 0; d < depths.count; d++)
            for (int h = 0; h < heights.count; h++) {
                struct tiling tiling = {
                    .tile_h = heights.of[h], .tile_w = width, .tile_n = depths.of[d]};
                try_shares(search, tiling);
            }
    }
}

/* --- refinement --- */

/* Balanced sizes, and all small ones: where edges are a large part of everything, a cut that is not
 * even may fill the array better. */
static struct size_list fine_sizes(int total)
{
    enum { SMALL = 16 };
    struct size_list sizes = balanced_sizes(total, 1, FINE);
    for (int size = 1; size <= least(total, SMALL); size++)
        insert_size(&sizes, size);
    return sizes;
}

static void refine_heights(struct search *search)
{
    struct size_list heights = fine_sizes(search->shape->out_h);
    for (int i = 0; i < heights.count; i++) {
        struct tiling tiling = search->best;
        tiling.tile_h = heights.of[i];
        try_shares(search, tiling);
    }
}

static void refine_widths(struct search *search)
{
    struct size_list widths = fine_sizes(search->shape->out_w);
    for (int i = 0; i < widths.count; i++) {
        struct tiling tiling = search->best;
        tiling.tile_w = widths.of[i];
        try_shares(search, tiling);
    }
}

static void refine_channels(struct search *search)
{
    struct size_list channels = fine_sizes(search->shape->group_n);
    for (int i = 0; i < channels.count; i++) {
        struct tiling tiling = search->best;
        tiling.tile_n = channels.of[i];
        try_shares(search, tiling);
    }
}

/* More passes than need be: the first one's loads delay the array less. */
static void refine_passes(struct search *search)
{
    struct size_list channels = fine_sizes(search->shape->channels);
    enum scratchpad_id too_small;
    uint64_t need;
    for (int i = 0; i < channels.count; i++) {
        struct tiling tiling = search->best;
        tiling.tile_k = channels.of[i];
        if (tiling.tile_n <= search->shape->group_n &&
            tile_fits(search->shape, search->arch, &tiling, &too_small, &need))
            try_orders(search, tiling);
    }
}

/* One dimension after the other, until none helps any more. */
static void refine(struct search *search)
{
    static void (*const dimensions[])(struct search * search) = {refine_channels, refine_heights,
                                                                 refine_widths, refine_passes};
    enum { DIMENSIONS = sizeof dimensions / sizeof dimensions[0] };
    for (int i = 0, last = 0; i <= last + DIMENSIONS - 1; i++) {
        const double before = search->best_cost;
        dimensions[i % DIMENSIONS](search);
        if (search->best_cost < before)
            last = i;
    }
}

/* Which scratchpad cannot hold even the smallest tile. */
static bool explain(const struct tile_shape *shape, const struct arch *arch, const char *name,
                    struct err *err)
{
    struct tiling smallest = {
        .tile_h = 1, .tile_w = 1, .tile_n = 1, .tile_k = 1, .first_core_channels = 1};
    enum scratchpad_id pad = PAD_ACT;
    uint64_t need = 0;
    tile_fits(shape, arch, &smallest, &pad, &need);
    return err_set(
        err, "layer %s: scratchpad %s of %u bytes is too small: the smallest tile needs %llu%s",
        name, scratchpad_name(pad), arch->pads[pad].bytes, (unsigned long long)need,
        arch->pads[pad].double_buffered ? " (two buffers)" : "");
}

bool tile_search(const struct tile_shape *shape, const struct arch *arch, const char *name,
                 struct tiling *tiling, struct err *err)
{
    struct search search = {
        .shape = shape, .arch = arch, .rates = tile_rates(shape, arch), .best_cost = INFINITY};
    search_tiles(&search);
    if ((double)shape->out_h * shape->out_w * shape->group_n <= SMALL_LAYER)
        search_all_tiles(&search);
    if (search.best_cost == INFINITY)
        return explain(shape, arch, name, err);
    refine(&search);
    *tiling = search.best;
    tiling->estimated_cycles = (uint64_t)ceil(search.best_cost);
    return true;
}

bool tile_layer(const struct network *network, const struct layer *layer, const struct arch *arch,
                struct tiling *tiling, struct err *err)
{
    struct tile_shape shape = tile_shape_on(network, layer, arch);
    return tile_search(&shape, arch, layer->name, tiling, err);
}
