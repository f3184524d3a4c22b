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
 * below the column are none but channel and group; otherwise a single burst. Its first `period`
 * bursts lie in as many banks; each burst further on is in the bank of the one a period before. */
enum { TRAIN_MAX_BANKS = 64 };
struct train_shape {
    uint64_t block;     /* bursts: a train ends at multiples of it */
    uint32_t period;    /* bursts from one column of a bank to the next: channels x groups */
    uint32_t groups;    /* bank groups that take turns */
    bool group_decides; /* [both] a bank group is slower than those in turn together */
};

struct train_shape train_shape_of(const struct dram_device *device,
                                  const struct dram_mapping *mapping);

/* A channel as trains see it. */
struct train_channel {
    struct dram_state *state;
    uint64_t column_from; /* column commands are in order, one a clock */
};

struct train {
    const struct column_gaps *gaps;
    uint64_t from;         /* no command comes before */
    uint32_t count, banks; /* bursts, and how many banks they lie in */
    bool is_write;
    struct train_channel *channel[TRAIN_MAX_BANKS];
    uint32_t bank[TRAIN_MAX_BANKS];
    uint64_t first[TRAIN_MAX_BANKS], last[TRAIN_MAX_BANKS]; /* column commands to each bank */
};

/* Place the column commands, all rows being open, and what they make others wait. */
void train_place(struct train *train, const struct train_shape *shape);

#endif
