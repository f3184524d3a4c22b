/* Lockstep tiles: the cost model of schedulers for FPGA accelerators, and the search under it.
 *
 * Tiles are double-buffered and advance together: while one is computed the next is loaded and the
 * one before it stored, so each takes max(compute, load, store). One or two arrays share the output
 * channels of a tile. docs/compiler.md, section Lockstep tiles.
 *
 * Source: Wu et al., MSD, FCCM 2023, and its scheduler (CASR-HKU/MSD-FCCM23). */
#ifndef MANTIS_COMPILER_LOCKSTEP_H
#define MANTIS_COMPILER_LOCKSTEP_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/tile.h"

/* X(field, what is assumed). All hold in the published model; each can be switched off. */
#define LOCKSTEP_ASSUMPTIONS(X)                                                                \
    X(skew_ignored, "arrays fill and drain in no time")                                        \
    X(loads_in_parallel, "weights and activations are loaded at once, each at the full rate")  \
    X(short_loads_slow, "loads of fewer than 16 cycles take 1.2 times as long")                \
    X(gaps_loaded, "pixels that the stride skips are loaded with the others")                  \
    X(stores_every_pass, "every pass over input channels stores its tile, not the last alone") \
    X(edges_whole, "tiles at the edges take as long as whole ones")                            \
    X(windows_unrolled, "activation buffers hold the whole window of every pixel")             \
    X(square_tiles, "the search makes tiles as high as they are wide")

/* X(field, what a bank holds): block RAMs of 18 Kibit behind a bank. */
#define LOCKSTEP_BUFFERS(X)         \
    X(activations, "activations")   \
    X(weights, "weights or digits") \
    X(outputs, "outputs")

#define LOCKSTEP_BUFFER(field, help) int field;
struct lockstep_buffers {
    LOCKSTEP_BUFFERS(LOCKSTEP_BUFFER)
};
#undef LOCKSTEP_BUFFER

/* An output-stationary array: rows are pixels, columns output channels. */
struct lockstep_array {
    int rows, columns;
    int macs;       /* multiply-accumulates of a PE per clock: of so many pixels */
    bool is_serial; /* a clock per effectual bit of the weight, which is 4 bits of storage */
    struct lockstep_buffers bram18;
};

enum { LOCKSTEP_ARRAYS = 2, LOCKSTEP_MAX_EFFECTUAL_BITS = 8 };

#define LOCKSTEP_ASSUMPTION(field, help) bool field;
struct lockstep {
    int array_count;
    struct lockstep_array arrays[LOCKSTEP_ARRAYS];
    int bytes_per_cycle; /* of each port of the memory */
    LOCKSTEP_ASSUMPTIONS(LOCKSTEP_ASSUMPTION)
};
#undef LOCKSTEP_ASSUMPTION

/* A tile: h x w pixels x n output channels, k input channels (whole kernel) a pass. Of the n
 * channels `first` are the first array's. A depthwise tile is n channels with k = 1. */
struct lockstep_tiling {
    int h, w, n, k, first;
};

#define LOCKSTEP_BOUNDS(X) \
    X(COMPUTE, "compute")  \
    X(LOAD, "load")        \
    X(STORE, "store")

#define LOCKSTEP_BOUND(id, name) LOCKSTEP_##id,
enum lockstep_bound { LOCKSTEP_BOUNDS(LOCKSTEP_BOUND) };
#undef LOCKSTEP_BOUND
const char *lockstep_bound_name(enum lockstep_bound bound);

/* Cycles. Fractions come from short_loads_slow. */
struct lockstep_cost {
    double compute, load, store; /* of a whole tile */
    enum lockstep_bound bound;   /* the longest of them; of equals the first of load, store */
    uint64_t tiles;              /* passes over all tiles of the layer */
    double cycles;               /* of the layer */
};

/* Take the arrays from the arch's cores, beside what its group `lockstep` gave. False where a core
 * is not output-stationary or its PE has no cost in this model, or where the group is missing. */
bool lockstep_complete(struct lockstep *machine, const struct arch *arch, struct err *err);

/* Effectual bits of a layer's weights: the clocks that a bit-serial PE takes of one. */
int lockstep_effectual_bits(struct format weight);

/* Whether the model covers the layer: of the array, not of the vector unit, and at most 2^48
 * multiply-accumulates and input elements. */
bool lockstep_takes(const struct tile_shape *shape);

bool lockstep_is_depthwise(const struct tile_shape *shape);

/* The tiling's sizes must be in 1..the layer's, first in 0..n. */
struct lockstep_cost lockstep_cost(const struct lockstep *machine, const struct tile_shape *shape,
                                   const struct lockstep_tiling *tiling, int effectual_bits);

/* Whether a tile's activations, weights and outputs leave a word free in every bank. */
bool lockstep_fits(const struct lockstep *machine, const struct tile_shape *shape,
                   const struct lockstep_tiling *tiling, int effectual_bits);

/* Output channels that an array's banks leave room for with tiles of that size; -1 where its
 * activations alone are too many. */
int lockstep_room(const struct lockstep *machine, const struct lockstep_array *array,
                  const struct tile_shape *shape, const struct lockstep_tiling *tiling,
                  int effectual_bits);

/* Block RAMs of 18 Kibit in all buffers. */
int lockstep_bram18(const struct lockstep *machine);

/* The tiling of least cost among those that fit. With edges_whole none is better (with
 * square_tiles: none that is square); without, none of those that cut every dimension evenly. False
 * where not even a tile of one pixel and one channel fits. */
bool lockstep_search(const struct lockstep *machine, const struct tile_shape *shape,
                     int effectual_bits, struct lockstep_tiling *best);

#endif
