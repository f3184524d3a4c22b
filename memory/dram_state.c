#include "memory/dram_state.h"

#include <assert.h>
#include <string.h>

#include "memory/clock.h"

void dram_state_initialise(struct dram_state *state, const struct dram_device *device)
{
    const struct dram_geometry *geometry = &device->geometry;
    memset(state, 0, sizeof *state);
    dram_constraints_of(&state->constraints, device);
    state->tFAW = (uint32_t)device->timing.tFAW;
    state->ranks = geometry->ranks;
    state->rank_banks = dram_rank_banks(geometry);
    for (uint32_t b = 0; b < dram_channel_banks(geometry); b++) {
        state->banks[b].row = DRAM_NO_ROW;
        state->banks[b].rank = (uint8_t)(b / state->rank_banks);
        state->banks[b].group = (uint8_t)(b / geometry->banks_per_group);
    }
}

static inline uint64_t ready_at(const struct dram_state *state, enum dram_command command,
                                uint32_t bank)
{
    const struct dram_bank *b = &state->banks[bank];
    const struct dram_rank_state *rank = &state->rank[b->rank];
    uint64_t ready = later(b->ready.clock[command], rank->ready.clock[command]);
    ready = later(ready, state->groups[b->group].clock[command]);
    return command == DRAM_ACTIVATE ? later(ready, rank->window[rank->oldest]) : ready;
}

uint64_t dram_state_ready(const struct dram_state *state, enum dram_command command, uint32_t bank)
{
    return ready_at(state, command, bank);
}

static void postpone(struct dram_ready *ready, const struct dram_constraint *constraint,
                     uint64_t clock)
{
    uint64_t *from = &ready->clock[constraint->following];
    *from = later(*from, clock + constraint->clocks);
}

static void postpone_others(struct dram_state *state, uint32_t rank,
                            const struct dram_constraint *constraint, uint64_t clock)
{
    for (uint32_t other = 0; other < state->ranks; other++)
        if (other != rank)
            postpone(&state->rank[other].ready, constraint, clock);
}

/* What the command makes others wait. */
static void update_timing(struct dram_state *state, enum dram_command command, uint32_t bank,
                          uint64_t clock)
{
    struct dram_bank *b = &state->banks[bank];
    struct dram_ready *const at[] = {[DRAM_BANK] = &b->ready,
                                     [DRAM_GROUP] = &state->groups[b->group],
                                     [DRAM_RANK] = &state->rank[b->rank].ready};
    const struct dram_constraint *constraint = state->constraints.after[command];
    const struct dram_constraint *end = constraint + state->constraints.count[command];
    for (; constraint < end; constraint++)
        if (constraint->level == DRAM_OTHER_RANKS)
            postpone_others(state, b->rank, constraint, clock);
        else
            postpone(at[constraint->level], constraint, clock);
}

static void open_row(struct dram_state *state, struct dram_bank *bank, uint32_t row, uint64_t clock)
{
    struct dram_rank_state *rank = &state->rank[bank->rank];
    assert(!bank->open);
    bank->open = true;
    bank->row = row;
    bank->hits = 0;
    rank->window[rank->oldest] = clock + state->tFAW;
    rank->oldest = (rank->oldest + 1) % DRAM_WINDOW_ACTIVATES;
    if (!rank->open_banks++)
        rank->active_since = clock;
}

static void close_row(struct dram_state *state, struct dram_bank *bank, uint64_t clock)
{
    struct dram_rank_state *rank = &state->rank[bank->rank];
    assert(bank->open);
    bank->open = false;
    bank->row = DRAM_NO_ROW;
    if (!--rank->open_banks)
        rank->active_clocks += clock - rank->active_since;
}

/* Rows open and close, others wait: the timing allows the command. */
static inline void happen(struct dram_state *state, enum dram_command command, uint32_t bank,
                          uint32_t row, uint64_t clock)
{
    struct dram_bank *b = &state->banks[bank];
    switch (command) {
    case DRAM_ACTIVATE:
        open_row(state, b, row, clock);
        break;
    case DRAM_READ_PRECHARGE:
    case DRAM_WRITE_PRECHARGE:
    case DRAM_PRECHARGE:
        close_row(state, b, clock);
        break;
    case DRAM_READ:
    case DRAM_WRITE:
        assert(b->open);
        b->hits++;
        break;
    case DRAM_REFRESH:
        assert(!state->rank[b->rank].open_banks);
        break;
    case DRAM_REFRESH_BANK:
        assert(!b->open);
        break;
    case DRAM_COMMAND_COUNT:
        assert(!"a command");
    }
    update_timing(state, command, bank, clock);
}

void dram_state_issue(struct dram_state *state, enum dram_command command, uint32_t bank,
                      uint32_t row, uint64_t clock)
{
    assert(clock >= ready_at(state, command, bank));
    happen(state, command, bank, row, clock);
}

uint64_t dram_state_place(struct dram_state *state, enum dram_command command, uint32_t bank,
                          uint32_t row, uint64_t from)
{
    const uint64_t clock = later(from, ready_at(state, command, bank));
    happen(state, command, bank, row, clock);
    return clock;
}

uint64_t dram_state_active_clocks(const struct dram_state *state, uint32_t rank, uint64_t now)
{
    const struct dram_rank_state *r = &state->rank[rank];
    return r->active_clocks + (r->open_banks ? now - r->active_since : 0);
}
