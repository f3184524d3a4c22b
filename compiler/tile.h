/* How a layer is cut into tiles: geometry, what fits the scratchpads, what it costs.
 * docs/compiler.md, section Tiling. */
#ifndef MANTIS_COMPILER_TILE_H
#define MANTIS_COMPILER_TILE_H

#include "compiler/lower.h"

/* A layer as tiling sees it. Layers of the vector unit read one input channel for each output
 * channel, as depthwise convolutions do: groups = n, group_n = channels = 1. Where the kernel is 1
 * high (wide), LOAD skips the rows (columns) that the stride skips, and the window over the patch
 * has stride 1. Equal shapes have equal tilings. */
struct tile_shape {
    enum layer_kind kind;
    int out_h, out_w, n;
    int groups, group_n, channels; /* of one group: output channels, input channels */
    int kernel_h, kernel_w, stride_y, stride_x, dilation_y, dilation_x;
    int load_stride_y, load_stride_x;
    int in_h, in_w, in_c;
    struct format act, weight, out, residual;
    bool has_residual;
};

struct tile_shape tile_shape(const struct network *network, const struct layer *layer);

/* --- geometry --- */

/* Numbers of tiles that a tiling cuts a shape into. */
struct tile_cut {
    int rows, columns, channel_tiles, passes;
    int groups_per_tile; /* 1 where tiles lie within a group */
    int tiles_per_group; /* 1 where tiles are whole groups */
};
struct tile_cut tile_cut(const struct tile_shape *shape, const struct tiling *tiling);

/* A run of rows, columns or channels. */
struct span {
    int first, count;
};
struct span tile_span(int total, int tile, int index);

/* Output channels of a tile, and the groups they belong to. */
struct channel_tile {
    struct span out, groups;
};
struct channel_tile tile_channels(const struct tile_shape *shape, const struct tiling *tiling,
                                  int index);

/* Input channels that a pass over a tile of output channels reads: all channels of its groups where
 * it has several. */
struct span tile_pass(const struct tile_shape *shape, const struct tiling *tiling,
                      const struct channel_tile *tile, int pass);

/* Rows and columns of the patch under so many output rows and columns. */
int64_t patch_rows(const struct tile_shape *shape, int rows);
int64_t patch_columns(const struct tile_shape *shape, int columns);

/* --- scratchpads --- */

/* A double-buffered scratchpad is two buffers, others are one. Element 0 of buffer b of elements
 * `bits` wide. */
enum { RECORD_BITS = 32 * PARAM_WORDS }; /* of a channel's parameter record */
int buffer_count(const struct scratchpad_config *pad);
uint64_t buffer_base(const struct scratchpad_config *pad, int buffer, int bits);

/* First element of the residual tile, which lies behind the patch in the same buffer of the act
 * scratchpad. */
uint64_t residual_base(const struct scratchpad_config *pad, int buffer, int act_bits,
                       uint64_t patch_elements, int residual_bits);

/* Whether the largest tiles fit their buffers; else *too_small is the first scratchpad that is too
 * small, and *need the bytes that it would need. */
bool tile_fits(const struct tile_shape *shape, const struct arch *arch, const struct tiling *tiling,
               enum scratchpad_id *too_small, uint64_t *need);

/* --- cost --- */

/* What the estimate needs of the arch and of the layer's shape alone. */
struct tile_rates {
    double load_fixed, store_fixed; /* cycles of a transfer before its data */
    double cycles_per_byte;         /* of the DRAM channel */
    double turnaround;              /* cycles from a read over a write to the next read */
    double rows, columns, clocks;   /* of the array with PEs fused; of a multiply-accumulate */
    double least_array;             /* cycles that no tiling can go below */
};
struct tile_rates tile_rates(const struct tile_shape *shape, const struct arch *arch);

/* Estimated cycles of the layer, or any number of at least `limit` as soon as it cannot be less.
 * *array_cycles, 0 at first, keeps the array's part for the same tiling in another loop order. */
double tile_cost(const struct tile_shape *shape, const struct arch *arch,
                 const struct tile_rates *rates, const struct tiling *tiling, double limit,
                 double *array_cycles);

/* Whether a given tiling makes sense for the shape and fits the scratchpads; estimates its cycles.
 * An error names the number out of range, or the scratchpad that is too small. */
bool tile_given(const struct tile_shape *shape, const struct arch *arch, struct tiling *tiling,
                struct err *err);

/* The search itself. `name` is the layer's, for messages. */
bool tile_search(const struct tile_shape *shape, const struct arch *arch, const char *name,
                 struct tiling *tiling, struct err *err);

#endif
