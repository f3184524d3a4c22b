/* What an output tile of a layer loads, computes and stores. docs/compiler.md, section Estimate. */
#ifndef MANTIS_COMPILER_TILE_PARTS_H
#define MANTIS_COMPILER_TILE_PARTS_H

#include "compiler/tile.h"

/* An output tile, or the average one. */
struct tile_extent {
    double h, w;             /* pixels */
    double channels, groups; /* output channels, the groups they belong to */
};

struct tile_parts {
    struct traffic act, weight;     /* loads of one pass */
    struct traffic residual, param; /* loads of the tile */
    struct traffic store;
    double vector, array; /* cycles; the array's are not known here: 0 */
};
struct tile_parts tile_parts(const struct tile_shape *shape, const struct arch *arch,
                             const struct tile_rates *rates, const struct tiling *tiling,
                             const struct tile_cut *cut, const struct tile_extent *extent);

/* The same as bits, of which transfers move no less. */
struct tile_bits {
    double act, weight; /* of one pass */
    double param, out;  /* of the tile; `out` what it stores and what is added to it */
};
struct tile_bits tile_bits(const struct tile_shape *shape, const struct tiling *tiling,
                           const struct tile_cut *cut, const struct tile_extent *extent);

#endif
