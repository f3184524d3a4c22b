#include "compiler/tile.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

static int ceil_divide(int value, int by)
{
    return value / by + (value % by != 0);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Of input channels. */
static int whole_pixels(const struct layer *layer, int channels)
{
    if (layer->kind == LAYER_MATMUL)
        return channels;
    return layer->channel_offset > 0 ? INT_MAX : channels - layer->channel_offset;
}

struct tile_shape tile_shape(const struct network *network, const struct layer *layer)
{
    const struct activation *in = &network->activations[layer->input];
    struct tile_shape shape;
    memset(&shape, 0, sizeof shape); /* shapes are compared byte by byte */
    bool on_array = layer->kind == LAYER_MATMUL;
    shape.kind = layer->kind;
    shape.out_h = layer->out_h, shape.out_w = layer->out_w, shape.n = layer->n;
    shape.groups = on_array ? layer->groups : layer->n;
    shape.group_n = layer->n / shape.groups;
    shape.channels = on_array ? layer->channels : 1;
    shape.kernel_h = layer->kernel_h, shape.kernel_w = layer->kernel_w;
    shape.dilation_y = layer->dilation_y, shape.dilation_x = layer->dilation_x;
    shape.stride_y = layer->kernel_h == 1 ? 1 : layer->stride_y;
    shape.stride_x = layer->kernel_w == 1 ? 1 : layer->stride_x;
    shape.load_stride_y = layer->kernel_h == 1 ? layer->stride_y : 1;
    shape.load_stride_x = layer->kernel_w == 1 ? layer->stride_x : 1;
    shape.in_h = in->h, shape.in_w = in->w, shape.in_c = in->c;
    shape.whole_pixels = whole_pixels(layer, in->c);
    shape.act = in->format;
    shape.weight[0] = on_array ? layer->weight_format : in->format;
    shape.cores = 1;
    shape.out = network->activations[layer->output].format;
    shape.has_residual = layer->residual >= 0;
    if (shape.has_residual)
        shape.residual = network->activations[layer->residual].format;
    return shape;
}

struct tile_shape tile_shape_on(const struct network *network, const struct layer *layer,
                                const struct arch *arch)
{
    struct tile_shape shape = tile_shape(network, layer);
    if (layer->kind != LAYER_MATMUL || arch->core_count == 1 || !layer->second.format.bits)
        return shape;
    shape.cores = 2;
    shape.weight[1] = layer->second.format;
    return shape;
}

struct tile_cut tile_cut(const struct tile_shape *shape, const struct tiling *tiling)
{
    struct tile_cut cut = {
        .rows = ceil_divide(shape->out_h, tiling->tile_h),
        .columns = ceil_divide(shape->out_w, tiling->tile_w),
        .passes = ceil_divide(shape->channels, tiling->tile_k),
        .groups_per_tile = 1,
        .tiles_per_group = 1,
    };
    if (tiling->tile_n < shape->group_n) {
        cut.tiles_per_group = ceil_divide(shape->group_n, tiling->tile_n);
        cut.channel_tiles = shape->groups * cut.tiles_per_group;
    } else {
        cut.groups_per_tile = tiling->tile_n / shape->group_n;
        cut.channel_tiles = ceil_divide(shape->groups, cut.groups_per_tile);
    }
    return cut;
}

struct span tile_span(int total, int tile, int index)
{
    int first = index * tile;
    assert(first < total);
    return (struct span){first, least(tile, total - first)};
}

struct channel_tile tile_channels(const struct tile_shape *shape, const struct tiling *tiling,
                                  int index)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    if (tiling->tile_n >= shape->group_n) {
        struct span groups = tile_span(shape->groups, cut.groups_per_tile, index);
        struct span out = {groups.first * shape->group_n, groups.count * shape->group_n};
        return (struct channel_tile){out, groups};
    }
    int group = index / cut.tiles_per_group;
    struct span out = tile_span(shape->group_n, tiling->tile_n, index % cut.tiles_per_group);
    out.first += group * shape->group_n;
    return (struct channel_tile){out, {group, 1}};
}

struct channel_tile tile_of_core(const struct tile_shape *shape, const struct tiling *tiling,
                                 const struct channel_tile *tile, int core)
{
    bool several = tile->groups.count > 1;
    int first = least(tiling->first_core_channels, tile->out.count);
    int first_groups = several ? first / shape->group_n : 0;
    struct channel_tile part = *tile;
    if (core == 0) {
        part.out.count = first;
        part.groups.count = several ? first_groups : 1;
    } else {
        part.out = (struct span){tile->out.first + first, tile->out.count - first};
        part.groups.first += first_groups;
        part.groups.count -= first_groups;
    }
    return part;
}

int tile_core_before(const struct tile_shape *shape, const struct tiling *tiling,
                     const struct channel_tile *tile, int core)
{
    int share = least(tiling->first_core_channels, tiling->tile_n), first;
    if (tiling->tile_n >= shape->group_n) {
        first = tile->out.first / tiling->tile_n * share;
    } else {
        int group = tile->groups.first, whole = shape->group_n / tiling->tile_n;
        int a_group = whole * share + least(share, shape->group_n % tiling->tile_n);
        first = group * a_group + tile->out.first % shape->group_n / tiling->tile_n * share;
    }
    return core == 0 ? first : tile->out.first - first;
}

int tile_core_channels(const struct tile_shape *shape, const struct tiling *tiling, int core)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    struct channel_tile last = tile_channels(shape, tiling, cut.channel_tiles - 1);
    return tile_core_before(shape, tiling, &last, core) +
           tile_of_core(shape, tiling, &last, core).out.count;
}

struct span tile_pass(const struct tile_shape *shape, const struct tiling *tiling,
                      const struct channel_tile *tile, int pass)
{
    int first = tile->groups.first * shape->channels;
    if (tile->groups.count > 1)
        return (struct span){first, tile->groups.count * shape->channels};
    struct span span = tile_span(shape->channels, tiling->tile_k, pass);
    span.first += first;
    return span;
}

int64_t patch_rows(const struct tile_shape *shape, int rows)
{
    return (int64_t)(rows - 1) * shape->stride_y +
           (int64_t)(shape->kernel_h - 1) * shape->dilation_y + 1;
}

int64_t patch_columns(const struct tile_shape *shape, int columns)
{
    return (int64_t)(columns - 1) * shape->stride_x +
           (int64_t)(shape->kernel_w - 1) * shape->dilation_x + 1;
}

struct tile_sizes tile_sizes(int total, int tile)
{
    int rest = total % tile;
    return (struct tile_sizes){{total / tile, rest != 0}, {tile, rest}};
}

int tile_classes(const struct tile_shape *shape, const struct tiling *tiling,
                 const struct tile_cut *cut, struct tile_class classes[TILE_MAX_CLASSES])
{
    const bool whole_groups = tiling->tile_n >= shape->group_n;
    const struct tile_sizes rows = tile_sizes(shape->out_h, tiling->tile_h);
    const struct tile_sizes columns = tile_sizes(shape->out_w, tiling->tile_w);
    const struct tile_sizes channels = whole_groups
                                           ? tile_sizes(shape->groups, cut->groups_per_tile)
                                           : tile_sizes(shape->group_n, tiling->tile_n);
    int count = 0;
    for (int i = 0; i < TILE_MAX_CLASSES; i++) {
        int y = (i & TILE_LAST_ROW) != 0, x = (i & TILE_LAST_COLUMN) != 0;
        int n = (i & TILE_LAST_CHANNELS) != 0;
        double tiles = (double)rows.count[y] * columns.count[x] * channels.count[n];
        if (tiles > 0)
            classes[count++] = (struct tile_class){
                .count = whole_groups ? tiles : tiles * shape->groups,
                .h = rows.size[y],
                .w = columns.size[x],
                .n = whole_groups ? shape->group_n : channels.size[n],
                .groups = whole_groups ? channels.size[n] : 1,
                .edges = (unsigned)i,
            };
    }
    return count;
}

/* --- scratchpads --- */

int buffer_count(const struct scratchpad_config *pad)
{
    return pad->double_buffered ? 2 : 1;
}

static uint64_t buffer_bits(const struct scratchpad_config *pad)
{
    return (uint64_t)pad->bytes * 8 / (unsigned)buffer_count(pad);
}

uint64_t buffer_base(const struct scratchpad_config *pad, int buffer, int bits)
{
    uint64_t first_bit = buffer_bits(pad) * (unsigned)buffer;
    return (first_bit + (unsigned)bits - 1) / (unsigned)bits;
}

uint64_t base_behind(const struct scratchpad_config *pad, int buffer, int before_bits,
                     uint64_t before, int bits)
{
    uint64_t first_bit = (buffer_base(pad, buffer, before_bits) + before) * (unsigned)before_bits;
    return (first_bit + (unsigned)bits - 1) / (unsigned)bits;
}

/* a x b x c, at most 2^40, which is more than any scratchpad holds. */
static uint64_t count_elements(uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t most = UINT64_C(1) << 40;
    uint64_t pair, all;
    if (__builtin_mul_overflow(a, b, &pair) || __builtin_mul_overflow(pair, c, &all) || all > most)
        return most;
    return all;
}

/* Whether every buffer holds `elements`, and behind them `more` elements of another width. The last
 * buffer is the one that rounding to whole elements leaves the least room. */
static bool pad_fits(const struct arch *arch, enum scratchpad_id id, uint64_t elements, int bits,
                     uint64_t more, int more_bits, enum scratchpad_id *too_small, uint64_t *need)
{
    const struct scratchpad_config *pad = &arch->pads[id];
    bool fits = true;
    for (int buffer = 0; fits && buffer < buffer_count(pad); buffer++) {
        uint64_t end = (buffer_base(pad, buffer, bits) + elements) * (unsigned)bits;
        if (more)
            end =
                (base_behind(pad, buffer, bits, elements, more_bits) + more) * (unsigned)more_bits;
        fits = end <= buffer_bits(pad) * (unsigned)(buffer + 1);
    }
    if (fits)
        return true;
    uint64_t bits_needed = elements * (unsigned)bits + more * (unsigned)more_bits;
    *too_small = id;
    *need = (bits_needed + 7) / 8 * (unsigned)buffer_count(pad);
    return false;
}

/* The weights of a pass over a tile, each core's in its format. */
static bool weights_fit(const struct tile_shape *shape, const struct arch *arch,
                        const struct tiling *tiling, enum scratchpad_id *too_small, uint64_t *need)
{
    uint64_t area = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
    uint64_t first = (unsigned)least(tiling->first_core_channels, tiling->tile_n);
    uint64_t second = (unsigned)tiling->tile_n - first;
    return pad_fits(arch, PAD_WEIGHT, count_elements(area, (unsigned)tiling->tile_k, first),
                    format_code_bits(shape->weight[0]),
                    count_elements(area, (unsigned)tiling->tile_k, second),
                    shape->cores > 1 ? format_code_bits(shape->weight[1]) : 1, too_small, need);
}

bool tile_fits(const struct tile_shape *shape, const struct arch *arch, const struct tiling *tiling,
               enum scratchpad_id *too_small, uint64_t *need)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    uint64_t tile_n = (unsigned)tiling->tile_n, tile_k = (unsigned)tiling->tile_k;
    uint64_t outputs = count_elements((unsigned)tiling->tile_h, (unsigned)tiling->tile_w, tile_n);
    uint64_t patch = count_elements((uint64_t)patch_rows(shape, tiling->tile_h),
                                    (uint64_t)patch_columns(shape, tiling->tile_w),
                                    (unsigned)cut.groups_per_tile * tile_k);
    bool on_array = shape->kind == LAYER_MATMUL;
    int residual_bits = shape->has_residual ? format_code_bits(shape->residual) : 1;
    return pad_fits(arch, PAD_ACT, patch, format_code_bits(shape->act),
                    shape->has_residual ? outputs : 0, residual_bits, too_small, need) &&
           (!on_array || weights_fit(shape, arch, tiling, too_small, need)) &&
           (!on_array || pad_fits(arch, PAD_ACC, outputs, arch->cores[0].accumulator_bits, 0, 1,
                                  too_small, need)) &&
           pad_fits(arch, PAD_PARAM, tile_n, RECORD_BITS, 0, 1, too_small, need) &&
           pad_fits(arch, PAD_OUT, outputs, format_code_bits(shape->out), 0, 1, too_small, need);
}
