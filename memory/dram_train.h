/* Trains of bursts: the clocks of their column commands in closed form. Times are DRAM clocks. */
#ifndef MANTIS_MEMORY_DRAM_TRAIN_H
#define MANTIS_MEMORY_DRAM_TRAIN_H

#include "isa/dram_address.h"
#include "memory/clock.h"
#include "memory/dram_state.h"

/* Clocks that a column command makes those of its own kind wait and those of the other. */
struct column_gap {
    uint64_t own, other;
};

/* What reads, or writes, make others wait. */
struct column_gaps {
    struct column_gap group;             /* 0: they need not wait */
    struct column_gap rank, other_ranks; /* 1 or more: column commands come in order, one a clock */
    uint64_t precharge;                  /* of its bank */
    uint64_t data, end;                  /* to its first data, and to their end */
};

struct column_gaps column_gaps_of(const struct dram_device *device, bool is_write);

static inline enum dram_command column_command(bool is_write)
{
    return is_write ? DRAM_WRITE : DRAM_READ;
}

/* A bank, and from which clock on its group allows each command. */
struct column_bank {
    struct dram_bank *bank;
    struct dram_ready *group;
};

static inline struct column_bank column_bank_of(struct dram_state *state, uint32_t number)
{
    struct dram_bank *bank = &state->banks[number];
    return (struct column_bank){bank, &state->groups[bank->group]};
}

/* What the last column command to a bank makes the bank and its group wait. Commands of the same
 * kind wait longest for the last one, as it waited for those before. Where the other kind need not
 * wait in the group (a gap of 0) it is told not to come before this one, which it never does. */
static inline void column_note(const struct column_bank *at, const struct column_gaps *gaps,
                               bool is_write, uint64_t clock)
{
    uint64_t *close = &at->bank->ready.clock[DRAM_PRECHARGE];
    uint64_t *own = &at->group->clock[column_command(is_write)];
    uint64_t *other = &at->group->clock[column_command(!is_write)];
    *close = later(*close, clock + gaps->precharge);
    *own = clock + gaps->group.own;
    *other = later(*other, clock + gaps->group.other);
}

/* The first clock from `clock` on at which the bank, its row being open, and its group allow a
 * column command. */
static inline uint64_t column_ready(const struct column_bank *at, bool is_write, uint64_t clock)
{
    clock = later(clock, at->bank->ready.clock[column_command(is_write)]);
    return later(clock, at->group->clock[column_command(is_write)]);
}

static inline void column_note_rank(struct dram_rank_state *rank, const struct column_gap *gap,
                                    bool is_write, uint64_t clock)
{
    uint64_t *own = &rank->ready.clock[column_command(is_write)];
    uint64_t *other = &rank->ready.clock[column_command(!is_write)];
    *own = later(*own, clock + gap->own);
    *other = later(*other, clock + gap->other);
}

/* What the last of the column commands to a rank makes the ranks wait. */
static inline void column_note_ranks(struct dram_state *state, struct dram_rank_state *rank,
                                     const struct column_gaps *gaps, bool is_write, uint64_t clock)
{
    column_note_rank(rank, &gaps->rank, is_write, clock);
    for (uint32_t r = 0; state->ranks > 1 && r < state->ranks; r++)
        if (&state->rank[r] != rank)
            column_note_rank(&state->rank[r], &gaps->other_ranks, is_write, clock);
}

/* A train: the neighbouring bursts of which only channel, group and column differ, where the fields
 * below the column are none but channel and group; otherwise a single burst. Its part in a channel
 * goes to `groups` banks in turn, one of each group. */
enum { TRAIN_MAX_PERIOD = 64, TRAIN_MAX_BANKS = 8 };
struct train_shape {
    uint32_t block_bits;          /* a train ends at multiples of so many bursts, a block: log2 */
    uint32_t period, period_bits; /* bursts from one column of a bank to the next, and log2 */
    uint32_t channels, groups;    /* that take turns: their product is the period */
    bool group_decides;           /* one bank group is slower than those in turn together */
    uint8_t channel[TRAIN_MAX_PERIOD], bank[TRAIN_MAX_PERIOD]; /* of burst b, at b mod period: what
                                                                  the fields that vary add */
};

struct train_shape train_shape_of(const struct dram_device *device,
                                  const struct dram_mapping *mapping);

/* The part of a train in one channel: its banks take turns, in this order, their rows are open. */
struct train {
    const struct column_bank *bank;
    struct dram_rank_state *rank;
    uint32_t count, banks; /* bursts, and banks: no more than bursts */
    bool is_write;
};

/* First and last column command. */
struct train_columns {
    uint64_t first, last;
};

/* Each bank has had a column command; those of the other bursts, the first at clock `at` or later.
 * Returns the last. */
uint64_t train_place_rest(const struct train *train, const struct train_shape *shape,
                          const struct column_gaps *gaps, uint64_t at);

/* Place the column commands, none before clock `from`, and note what they make others wait: each
 * waits for the one before it, for its bank and for its group. */
static inline __attribute__((always_inline)) struct train_columns
train_place(const struct train *train, struct dram_state *state, const struct train_shape *shape,
            const struct column_gaps *gaps, uint64_t from)
{
    const struct column_bank *bank = train->bank;
    const bool is_write = train->is_write;
    uint64_t at = later(from, train->rank->ready.clock[column_command(is_write)]);
    at = column_ready(bank, is_write, at);
    column_note(bank, gaps, is_write, at);
    struct train_columns columns = {at, at};
    for (uint32_t i = 1; i < train->banks; i++) {
        at = columns.last = column_ready(&bank[i], is_write, at + gaps->rank.own);
        column_note(&bank[i], gaps, is_write, at);
    }
    if (train->count > train->banks)
        columns.last = train_place_rest(train, shape, gaps, at + gaps->rank.own);
    column_note_ranks(state, train->rank, gaps, is_write, columns.last);
    return columns;
}

#endif
