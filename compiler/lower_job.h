/* Inside the lowering of one layer: lower_layer.c loops over its tiles and decides what to load,
 * lower_emit.c writes the single instructions. */
#ifndef MANTIS_COMPILER_LOWER_JOB_H
#define MANTIS_COMPILER_LOWER_JOB_H

#include "compiler/lower_state.h"

/* The buffers of one scratchpad and the tile that each holds. */
struct ring {
    int buffers;
    int *recent;     /* used last; the other one is replaced next */
    int64_t held[2]; /* key of the tile; -1: none of this layer's */
};

/* The layer at hand. */
struct job {
    struct lowering *lowering;
    int index;
    const struct layer *layer;
    const struct tile_shape *shape;
    const struct tiling *tiling;
    struct tile_cut cut;
    struct layer_constants constants;
    struct ring act, weight, param, residual;
    uint64_t patch_elements;      /* of the largest patch */
    uint64_t first_core_elements; /* of the first core's weights in the largest tile */
};

/* An output tile. */
struct step {
    int pixel_index, channel_index;
    struct span rows, columns;
    struct channel_tile channels;
    int acc, param, residual, act, out; /* buffers */
};

/* --- lower_emit.c --- */

/* Load a tile into a buffer of its scratchpad. */
void emit_load_weights(const struct job *job, const struct step *step, struct span channels,
                       int buffer);
void emit_load_params(const struct job *job, const struct step *step, int buffer);
void emit_load_patch(const struct job *job, const struct step *step, struct span channels,
                     int buffer);
void emit_load_residual(const struct job *job, const struct step *step, int buffer);

/* One pass over an output tile, on all cores that have channels of it. */
void emit_matmul(const struct job *job, const struct step *step, struct span channels,
                 int act_buffer, int weight_buffer, bool accumulate);

/* Values to output codes, and these to DRAM. */
void emit_vector(const struct job *job, const struct step *step);
void emit_store(const struct job *job, const struct step *step);

#endif
