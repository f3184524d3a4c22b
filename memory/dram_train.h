/* Trains of bursts: the clocks of their column commands in closed form. Times are DRAM clocks. */
#ifndef MANTIS_MEMORY_DRAM_TRAIN_H
#define MANTIS_MEMORY_DRAM_TRAIN_H

#include "isa/dram_address.h"
#include "memory/dram_state.h"

/* What a column command makes others wait, as far as it is longer than 0; [is_write] of the others.
 */
struct column_gaps {
    uint64_t group[2], rank[2], other_ranks[2];
    uint64_t precharge; /* of its bank */
    uint64_t data;      /* to its first data */
};

struct column_gaps column_gaps_of(const struct dram_device *device, bool is_write);

/* A train: the neighbouring bursts of which only channel, group and column differ, where the fields
 * below the column are none but channel and group; otherwise a single burst. Its part in a channel
 * goes to `groups` banks in turn, one of each group. */
enum { TRAIN_MAX_PERIOD = 64, TRAIN_MAX_BANKS = 8 };
struct train_shape {
    uint64_t block;               /* bursts: a train ends at multiples of it */
    uint32_t period, period_bits; /* bursts from one column of a bank to the next, and log2 */
    uint32_t channels, groups;    /* that take turns: their product is the period */
    bool group_decides;           /* one bank group is slower than those in turn together */
    uint8_t channel[TRAIN_MAX_PERIOD], bank[TRAIN_MAX_PERIOD]; /* of burst b, at b mod period: what
                                                                  the fields that vary add */
};

struct train_shape train_shape_of(const struct dram_device *device,
                                  const struct dram_mapping *mapping);

/* The part of a train in one channel. */
struct train {
    struct dram_state *state;
    const struct column_gaps *gaps;
    uint64_t from;         /* no command comes before */
    uint32_t count, banks; /* bursts, and banks that take turns: no more than bursts */
    bool is_write;
    struct dram_bank *bank[TRAIN_MAX_BANKS];
    uint64_t first, last; /* column commands */
};

/* Place the column commands, all rows being open, and what they make others wait. The first comes
 * at `column_from` or later. */
void train_place(struct train *train, const struct train_shape *shape, uint64_t column_from);

#endif
