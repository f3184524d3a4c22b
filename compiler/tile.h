/* How a layer is cut into tiles: geometry, what fits the scratchpads, what it costs.
 * docs/compiler.md, section Tiling. */
#ifndef MANTIS_COMPILER_TILE_H
#define MANTIS_COMPILER_TILE_H

#include "compiler/lower.h"
#include "compiler/tile_traffic.h"

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
    int whole_pixels; /* channels with which the first tile reads all of the input's: so many as it
                       * has, and the zeros that a vector layer puts before them; INT_MAX where the
                       * layer leaves the first ones out */
    struct format act, out, residual;
    struct format weight[ARCH_MAX_CORES]; /* of each core */
    int cores;                            /* that have weights of the layer */
    bool has_residual;
};

struct tile_shape tile_shape(const struct network *network, const struct layer *layer);

/* The same on all cores of the arch that have weights of the layer, not on the first alone. */
struct tile_shape tile_shape_on(const struct network *network, const struct layer *layer,
                                const struct arch *arch);

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

/* Tiles along one dimension: all alike but perhaps the last. */
struct tile_sizes {
    int count[2], size[2];
};
struct tile_sizes tile_sizes(int total, int tile);

/* The output tiles by size: those at the edges are smaller. */
enum { TILE_MAX_CLASSES = 8 };
enum tile_edge { TILE_LAST_ROW = 1, TILE_LAST_COLUMN = 2, TILE_LAST_CHANNELS = 4 };
struct tile_class {
    double count;
    int h, w, n, groups; /* n output channels of each group */
    unsigned edges;      /* set of enum tile_edge: smaller there than others are */
};
int tile_classes(const struct tile_shape *shape, const struct tiling *tiling,
                 const struct tile_cut *cut, struct tile_class classes[TILE_MAX_CLASSES]);

/* Output channels of a tile, and the groups they belong to. */
struct channel_tile {
    struct span out, groups;
};
struct channel_tile tile_channels(const struct tile_shape *shape, const struct tiling *tiling,
                                  int index);

/* The part of a tile that a core computes, perhaps none of its channels: the first
 * first_core_channels are the first core's. In a tile of several groups these are whole groups. */
struct channel_tile tile_of_core(const struct tile_shape *shape, const struct tiling *tiling,
                                 const struct channel_tile *tile, int core);

/* How many channels a core has in all tiles before this one. */
int tile_core_before(const struct tile_shape *shape, const struct tiling *tiling,
                     const struct channel_tile *tile, int core);

/* Channels of a core in all tiles. */
int tile_core_channels(const struct tile_shape *shape, const struct tiling *tiling, int core);

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

/* The first element `bits` wide behind the `before` elements, before_bits wide, that a buffer begins
 * with: of a residual tile behind its patch, of the second core's weights behind the first's. */
uint64_t base_behind(const struct scratchpad_config *pad, int buffer, int before_bits,
                     uint64_t before, int bits);

/* Whether the largest tiles fit their buffers; else *too_small is the first scratchpad that is too
 * small, and *need the bytes that it would need. */
bool tile_fits(const struct tile_shape *shape, const struct arch *arch, const struct tiling *tiling,
               enum scratchpad_id *too_small, uint64_t *need);

/* --- cost --- */

/* What the estimate needs of the arch and of the layer's shape alone. */
struct tile_rates {
    struct dram_rates dram;
    struct {
        double rows, columns; /* of the effective array */
        double clocks;        /* of a multiply-accumulate */
    } cores[ARCH_MAX_CORES];
    double least_array; /* cycles that no tiling can go below */
};
struct tile_rates tile_rates(const struct tile_shape *shape, const struct arch *arch);

/* Cycles of the arrays for one output tile, exact: those of the core that takes longest. */
double tile_array(const struct tile_shape *shape, const struct arch *arch,
                  const struct tiling *tiling, const struct tile_class *of);

/* What they cannot take less than over the whole layer. */
double tile_array_bound(const struct tile_shape *shape, const struct arch *arch,
                        const struct tile_rates *rates, const struct tiling *tiling,
                        const struct tile_cut *cut);

/* Estimated cycles of the layer, or any number of at least `limit` as soon as it cannot be less.
 * The array's part is kept in *array, which is 0 at first, for the same tiling in another loop
 * order. */
struct tile_array_cycles {
    double sum;                  /* of the layer; a lower bound until is_exact */
    double of[TILE_MAX_CLASSES]; /* of a tile of each class */
    bool is_exact;
};
double tile_cost(const struct tile_shape *shape, const struct arch *arch,
                 const struct tile_rates *rates, const struct tiling *tiling, double limit,
                 struct tile_array_cycles *array);

/* Whether a given tiling makes sense for the shape and fits the scratchpads; estimates its cycles.
 * An error names the number out of range, or the scratchpad that is too small. */
bool tile_given(const struct tile_shape *shape, const struct arch *arch, struct tiling *tiling,
                struct err *err);

/* Candidates for first_core_channels of a tile, the others of its numbers but tile_k given: those
 * around the share at which both cores take the same time, and some to either side, where loads of
 * weights decide. */
enum { TILE_MAX_SHARES = 12 };
int tile_shares(const struct tile_shape *shape, const struct arch *arch,
                const struct tiling *tiling, int shares[TILE_MAX_SHARES]);

/* The search itself. `name` is the layer's, for messages. */
bool tile_search(const struct tile_shape *shape, const struct arch *arch, const char *name,
                 struct tiling *tiling, struct err *err);

#endif
