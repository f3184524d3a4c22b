/* The tiles that a layer's product is cut into. Where a tile lies follows from instructions alone:
 * the LOAD that brought its patch gives rows and channels of the input, the STORE after it pixels
 * and channels of the output, and the VECTOR that reads its sums which of these channels it has. */
#ifndef MANTIS_SIM_GOLDEN_TILES_H
#define MANTIS_SIM_GOLDEN_TILES_H

#include <stdint.h>

#include "isa/program.h"

/* A MATMUL and what says where it lies; NULL where nothing does. */
struct golden_tile {
    const struct matmul *matmul;
    const struct transfer *patch, *weights, *output;
    const struct vector *vector;
};

/* The MATMULs of a layer on a core, in program order. NULL when out of memory. */
struct golden_tile *golden_tiles_make(const struct program *program, uint32_t layer, int core,
                                      uint32_t *count);

/* The first channel of the output tensor that the layer's STOREs write. */
uint32_t golden_first_channel(const struct program *program, uint32_t layer);

#endif
