/* Inside lowering: the program being built and what has touched each part of a scratchpad. */
#ifndef MANTIS_COMPILER_LOWER_STATE_H
#define MANTIS_COMPILER_LOWER_STATE_H

#include "compiler/lower.h"
#include "compiler/tile.h"

/* --- lower_order.c: dependencies --- */

/* One unit's last read or write of bits begin .. end - 1 of a scratchpad; where width is not 0, only
 * of `width` bits at begin, begin + pitch, begin + 2*pitch, ... */
struct access {
    uint64_t begin, end;
    uint64_t width, pitch;
    enum unit unit;
    bool is_write;
    uint32_t token; /* given out when it completes */
};

/* The accesses that later ones may still have to wait for. */
struct accesses {
    int count, capacity;
    struct access *list;
};

struct lowering {
    const struct network *network;
    const struct arch *arch;
    struct program *program;
    uint32_t capacity; /* instructions there is room for */
    uint32_t issued[UNIT_COUNT];
    struct accesses pads[PAD_COUNT];
    uint32_t **rows_stored; /* [activation][row]: token of the last STORE to it; NULL before any */
    int recent[PAD_COUNT], recent_residual; /* buffer used last, across layers */
    uint64_t address;                       /* free DRAM from here on */
    bool out_of_memory;
};

/* An instruction being put together: its waits grow with each part of a scratchpad or tensor it
 * touches. */
struct draft {
    struct lowering *lowering;
    struct instruction instruction;
    enum unit unit;
    uint32_t waits[UNIT_COUNT];
};

struct draft draft_begin(struct lowering *lowering, enum opcode opcode, int layer);
struct draft draft_begin_matmul(struct lowering *lowering, int layer, int core);

/* Read (or write) `count` elements of `bits` from `offset` on: wait for the writers (and readers)
 * of any of them. */
void draft_touch(struct draft *draft, enum scratchpad_id pad, uint64_t offset, uint64_t count,
                 int bits, bool is_write);

/* The same of `width` elements in each of `rows` rows, `pitch` apart. */
struct draft_rows {
    uint64_t offset, rows, width, pitch;
};
void draft_touch_rows(struct draft *draft, enum scratchpad_id pad, const struct draft_rows *rows,
                      int bits, bool is_write);

/* Load from rows of an activation: wait for the last STORE to any of them. */
void draft_load_rows(struct draft *draft, int activation, int64_t first, int64_t count);

/* Store to rows of an activation. */
void draft_store_rows(struct draft *draft, int activation, int first, int count);

void draft_commit(struct draft *draft);

/* --- lower_constants.c --- */

/* Tensors of a layer: the weights of each core that has channels of it, and the parameters. */
struct layer_constants {
    uint32_t weights[ARCH_MAX_CORES], params;
};

/* Offset of a core's part of a tile among its weights, in the order in which they are stored: tile
 * after tile, in each pass after pass. */
uint64_t weight_tile_offset(const struct tile_shape *shape, const struct tiling *tiling,
                            const struct channel_tile *tile, struct span pass, int core);

/* Add the layer's weight and parameter tensors to the program. */
bool lower_constants(struct lowering *lowering, const struct layer *layer,
                     const struct tile_shape *shape, const struct tiling *tiling,
                     struct layer_constants *constants);

/* --- lower_layer.c --- */

/* Emit the layer's instructions. */
void lower_layer(struct lowering *lowering, int index, const struct tile_shape *shape,
                 const struct tiling *tiling, const struct layer_constants *constants);

#endif
