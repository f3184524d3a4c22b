/* The state of a channel's banks: which rows are open, and from which clock on each command may
 * come. Times are clocks. */
#ifndef MANTIS_MEMORY_DRAM_STATE_H
#define MANTIS_MEMORY_DRAM_STATE_H

#include "memory/dram_constraint.h"

enum { DRAM_MAX_RANKS = 8, DRAM_WINDOW_ACTIVATES = 4 };
static const uint32_t DRAM_NO_ROW = UINT32_MAX;

/* From this clock on each command may come, as far as one level's constraints say. */
struct dram_ready {
    uint64_t clock[DRAM_COMMAND_COUNT];
};

struct dram_bank {
    struct dram_ready ready;
    bool open;
    uint8_t rank, group; /* group: within the channel */
    uint32_t row;        /* where open, else DRAM_NO_ROW */
    uint32_t hits;       /* column commands since the row was opened */
};

struct dram_rank_state {
    struct dram_ready ready;
    uint64_t window[DRAM_WINDOW_ACTIVATES]; /* tFAW after the last activates, oldest at `oldest` */
    unsigned oldest;
    uint32_t open_banks;
    uint64_t active_since;  /* while a bank is open */
    uint64_t active_clocks; /* of past times with an open bank */
};

struct dram_state {
    struct dram_constraints constraints;
    uint32_t tFAW, ranks, rank_banks;
    struct dram_bank banks[DRAM_MAX_BANKS];
    struct dram_ready groups[DRAM_MAX_BANKS];
    struct dram_rank_state rank[DRAM_MAX_RANKS];
};

void dram_state_initialise(struct dram_state *state, const struct dram_device *device);

/* From which clock on the timing allows `command` to `bank`; commands to a rank name any of its
 * banks. Whether rows are open as the command needs is the caller's to see. */
uint64_t dram_state_ready(const struct dram_state *state, enum dram_command command, uint32_t bank);

/* The command comes at `clock`, which its constraints allow and the open rows, too (asserted).
 * `row` is what an activate opens. */
void dram_state_issue(struct dram_state *state, enum dram_command command, uint32_t bank,
                      uint32_t row, uint64_t clock);

/* The same at the first clock from `from` on that the timing allows, which it returns. */
uint64_t dram_state_place(struct dram_state *state, enum dram_command command, uint32_t bank,
                          uint32_t row, uint64_t from);

/* Clocks before `now` in which a bank of the rank was open. */
uint64_t dram_state_active_clocks(const struct dram_state *state, uint32_t rank, uint64_t now);

#endif
