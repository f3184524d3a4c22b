/* Quantised network to program: tiling, mapping search, lowering. docs/compiler.md. */
#ifndef MANTIS_COMPILER_LOWER_H
#define MANTIS_COMPILER_LOWER_H

#include "compiler/network.h"
#include "isa/arch.h"
#include "isa/program.h"

/* How one layer is cut: output tile_h x tile_w pixels x tile_n channels, tile_k input channels per
 * pass (whole kernel), which loop is outermost, and how cores share the channels. */
struct tiling {
    int tile_h, tile_w, tile_n, tile_k;
    bool weights_outer; /* output-channel tiles outermost (weights loaded once), else pixel tiles */
    int first_core_channels; /* of each tile, that the first core computes: tile_n with one core */
    uint64_t estimated_cycles;
};

/* Search the tiling of one layer that minimises estimated cycles under the scratchpad sizes. An
 * error names the scratchpad that is too small, its size and what the smallest tile needs. */
bool tile_layer(const struct network *network, const struct layer *layer, const struct arch *arch,
                struct tiling *tiling, struct err *err);

/* Lower with the tilings of schedule_tilings (compiler/schedule.h). The result passes
 * program_check. NULL on error. */
struct program *lower_tiled(const struct network *network, const struct arch *arch,
                            const struct tiling *tilings, struct err *err);

/* Search all tilings, then lower with them. */
struct program *lower(const struct network *network, const struct arch *arch, struct err *err);

#endif
