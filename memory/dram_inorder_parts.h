/* What the in-order controller is made of: for dram_inorder*.c alone. */
#ifndef MANTIS_MEMORY_DRAM_INORDER_PARTS_H
#define MANTIS_MEMORY_DRAM_INORDER_PARTS_H

#include "memory/dram_activity.h"
#include "memory/dram_inorder.h"
#include "memory/dram_train.h"

struct inorder_channel {
    struct dram_state state;
    uint64_t precharged[DRAM_MAX_RANKS];
    struct dram_activity activity[DRAM_MAX_RANKS];
    uint32_t number;
};

/* Where the bursts of a block lie, those of a train: in a row of banks and channels that differ
 * from these by what the train's shape adds. */
struct inorder_block {
    uint64_t first, last; /* addresses; the last one before the first: none yet */
    struct inorder_channel *channel;
    struct dram_rank_state *rank; /* the same in all channels in turn: this channel's */
    uint32_t bank, row;
    struct column_bank turns[2 * TRAIN_MAX_BANKS]; /* unless channels take turns: the banks, twice,
                                                      so that a round may begin with any */
};

struct dram_inorder {
    struct dram_device device;
    struct dram_mapping mapping;
    struct column_gaps gaps[2]; /* [is_write] */
    struct train_shape shape;
    struct inorder_block block[2]; /* [is_write]: the last train's; a transfer mostly stays in it */
    bool quick; /* requests may go without inorder_serve: no channels take turns, nobody observes */
    uint64_t refresh_interval, next_refresh, refresh_number;
    uint64_t now, done;        /* arrival of the last request, end of its data */
    uint64_t bursts[2];        /* [is_write] */
    struct dram_counts counts; /* but for bursts and clocks */
    dram_event_observer observer;
    void *observer_context;
    struct inorder_channel channels[];
};

/* --- dram_inorder_rows.c --- */

/* Open the row, known of since clock `from`. */
void inorder_activate(struct dram_inorder *inorder, struct inorder_channel *channel, uint32_t bank,
                      uint32_t row, uint64_t from);

/* The refreshes that fall due up to clock `now`. */
void inorder_refresh(struct dram_inorder *inorder, uint64_t now);

/* --- dram_inorder_trains.c --- */

/* The whole of dram_inorder_access, whatever the state. */
struct dram_grant inorder_serve(struct dram_inorder *inorder, uint64_t now, uint64_t address,
                                uint32_t bytes, bool is_write);

#endif
