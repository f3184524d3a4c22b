/* What an output tile of a layer loads, computes and stores. */
#include "compiler/tile_parts.h"

#include <math.h>

/* --- blocks of tensors --- */

/* A tensor and how tiles cut it: pixels of so many bits, `width` in a row of it; channels at
 * multiples of `cut` bits. */
struct layout {
    int64_t width, pixel, cut;
    int stride_y, stride_x; /* pixels that are left out between those of a block */
};

/* The largest power of two that divides all of what the bits are ored of. */
static double lowest_bit(uint64_t bits)
{
    return (double)(bits & -bits);
}

/* A block of a tensor: one run where it spans whole rows, one run a row where it spans whole
 * pixels, else one run a pixel. */
static struct traffic block_traffic(const struct tile_rates *rates, const struct layout *layout,
                                    double rows, double columns, double channel_bits)
{
    const int64_t row_pitch = layout->width * layout->pixel * layout->stride_y;
    const bool whole_pixels = channel_bits >= (double)layout->pixel && layout->stride_x == 1;
    const bool whole_rows =
        whole_pixels && columns >= (double)layout->width && layout->stride_y == 1;
    struct block block = {.rows = rows,
                          .columns = columns,
                          .run = lesser(channel_bits, (double)layout->pixel),
                          .row_pitch = (double)row_pitch,
                          .column_pitch = (double)layout->pixel * layout->stride_x};
    uint64_t begins = (uint64_t)layout->pixel | (uint64_t)(whole_pixels ? 0 : layout->cut);
    if (whole_pixels)
        block.run *= columns, block.columns = 1;
    if (whole_rows)
        block.run *= rows, block.rows = 1, begins = (uint64_t)row_pitch;
    block.unit = lowest_bit(begins);
    return traffic_of(&rates->dram, &block);
}

/* One run out of a tensor that is laid out run by run. */
static struct traffic run_traffic(const struct tile_rates *rates, double bits)
{
    struct block block = {.rows = 1, .columns = 1, .run = bits};
    block.unit = lowest_bit((uint64_t)ceil(bits));
    return traffic_of(&rates->dram, &block);
}

/* Where tiles of so many channels begin in each run of `whole`. */
static int64_t cut_of(int tile, int whole)
{
    return tile < whole ? tile | whole : tile;
}

/* --- transfers --- */

/* Rows (columns) of the input under `out` rows of a tile: `stride` apart, `window` under the first
 * one. Those of the `span` under the whole output beyond the `size` that are there are not loaded:
 * that is so for as many of each tile. */
static double patch_inside(double out, double tiles, int stride, int64_t window, int64_t span,
                           int size)
{
    return (out - 1) * stride + (double)window - greater(0, (double)(span - size)) / tiles;
}

static int blocks_of(int value, int by)
{
    return (value + by - 1) / by;
}

/* The part of the input under a tile in one pass. */
struct patch_extent {
    double rows, columns, channels;
};

static struct patch_extent patch_extent(const struct tile_shape *shape, const struct tiling *tiling,
                                        const struct tile_cut *cut,
                                        const struct tile_extent *extent)
{
    struct patch_extent patch = {
        .rows = patch_inside(extent->h, cut->rows, shape->stride_y, patch_rows(shape, 1),
                             patch_rows(shape, shape->out_h),
                             blocks_of(shape->in_h, shape->load_stride_y)),
        .columns = patch_inside(extent->w, cut->columns, shape->stride_x, patch_columns(shape, 1),
                                patch_columns(shape, shape->out_w),
                                blocks_of(shape->in_w, shape->load_stride_x)),
        .channels = extent->groups * shape->channels / cut->passes,
    };
    if (tiling->tile_k * cut->groups_per_tile >= shape->whole_pixels)
        patch.channels = shape->in_c;
    return patch;
}

static struct traffic act_traffic(const struct tile_shape *shape, const struct tile_rates *rates,
                                  const struct tiling *tiling, const struct tile_cut *cut,
                                  const struct tile_extent *extent)
{
    const int bits = format_code_bits(shape->act);
    const struct patch_extent patch = patch_extent(shape, tiling, cut, extent);
    const struct layout layout = {.width = shape->in_w,
                                  .pixel = (int64_t)shape->in_c * bits,
                                  .cut = cut_of(tiling->tile_k * cut->groups_per_tile,
                                                cut->passes > 1 ? shape->channels : 0) *
                                         bits,
                                  .stride_y = shape->load_stride_y,
                                  .stride_x = shape->load_stride_x};
    return block_traffic(rates, &layout, patch.rows, patch.columns, patch.channels * bits);
}

/* Of a tile's output, or of what is added to it. */
static struct traffic output_traffic(const struct tile_shape *shape, const struct tile_rates *rates,
                                     const struct tiling *tiling, const struct tile_extent *extent,
                                     struct format format)
{
    const int bits = format_code_bits(format);
    const struct layout layout = {.width = shape->out_w,
                                  .pixel = (int64_t)shape->n * bits,
                                  .cut = cut_of(tiling->tile_n, shape->group_n) * bits,
                                  .stride_y = 1,
                                  .stride_x = 1};
    return block_traffic(rates, &layout, extent->h, extent->w, extent->channels * bits);
}

/* Bits of a core's weights in one pass over a tile. */
static double weight_bits(const struct tile_shape *shape, const struct tiling *tiling,
                          const struct tile_cut *cut, const struct tile_extent *extent, int core)
{
    int channels =
        core == 0 ? tiling->first_core_channels : tiling->tile_n - tiling->first_core_channels;
    double taps = (double)shape->kernel_h * shape->kernel_w * shape->channels / cut->passes;
    return taps * channels * extent->channels / tiling->tile_n *
           format_code_bits(shape->weight[core]);
}

/* A load for each core that has channels of the tile. */
static struct traffic weight_traffic(const struct tile_shape *shape, const struct tile_rates *rates,
                                     const struct tiling *tiling, const struct tile_cut *cut,
                                     const struct tile_extent *extent)
{
    struct traffic sum = {0};
    for (int core = 0; core < shape->cores; core++) {
        double bits = weight_bits(shape, tiling, cut, extent, core);
        if (bits > 0)
            sum = traffic_plus(sum, run_traffic(rates, bits));
    }
    return sum;
}

/* --- all together --- */

static double vector_area(const struct tile_shape *shape)
{
    return shape->kind == LAYER_MATMUL ? 1 : (double)shape->kernel_h * shape->kernel_w;
}

struct tile_parts tile_parts(const struct tile_shape *shape, const struct arch *arch,
                             const struct tile_rates *rates, const struct tiling *tiling,
                             const struct tile_cut *cut, const struct tile_extent *extent)
{
    double outputs = extent->h * extent->w * extent->channels;
    struct tile_parts parts = {
        .act = act_traffic(shape, rates, tiling, cut, extent),
        .param = run_traffic(rates, extent->channels * RECORD_BITS),
        .store = output_traffic(shape, rates, tiling, extent, shape->out),
        .vector = arch->vector_latency + outputs * vector_area(shape) / arch->vector_lanes,
    };
    if (shape->has_residual)
        parts.residual = output_traffic(shape, rates, tiling, extent, shape->residual);
    if (shape->kind == LAYER_MATMUL)
        parts.weight = weight_traffic(shape, rates, tiling, cut, extent);
    return parts;
}

struct tile_bits tile_bits(const struct tile_shape *shape, const struct tiling *tiling,
                           const struct tile_cut *cut, const struct tile_extent *extent)
{
    const struct patch_extent patch = patch_extent(shape, tiling, cut, extent);
    const double outputs = extent->h * extent->w * extent->channels;
    struct tile_bits bits = {.act = patch.rows * patch.columns * patch.channels *
                                    format_code_bits(shape->act),
                             .param = extent->channels * RECORD_BITS,
                             .out = outputs * format_code_bits(shape->out)};
    if (shape->has_residual)
        bits.out += outputs * format_code_bits(shape->residual);
    for (int core = 0; core < shape->cores && shape->kind == LAYER_MATMUL; core++)
        bits.weight += weight_bits(shape, tiling, cut, extent, core);
    return bits;
}
