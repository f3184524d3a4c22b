#include "memory/dram_train.h"

#include "memory/clock.h"

static uint64_t clocks_between(const struct dram_constraints *constraints, enum dram_command before,
                               enum dram_command after, enum dram_level level)
{
    uint64_t clocks = 0;
    for (unsigned i = 0; i < constraints->count[before]; i++) {
        const struct dram_constraint *constraint = &constraints->after[before][i];
        if (constraint->following == after && constraint->level == level)
            clocks = later(clocks, constraint->clocks);
    }
    return clocks;
}

struct column_gaps column_gaps_of(const struct dram_device *device, bool is_write)
{
    struct dram_constraints table;
    const struct dram_constraints *constraints = &table;
    dram_constraints_of(&table, device);
    static const enum dram_command columns[] = {DRAM_READ, DRAM_WRITE};
    const enum dram_command command = columns[is_write];
    struct column_gaps gaps = {
        .precharge = clocks_between(constraints, command, DRAM_PRECHARGE, DRAM_BANK),
        .data = (uint64_t)(is_write ? device->timing.CWL : device->timing.CL)};
    for (int next = 0; next < 2; next++) {
        gaps.group[next] = clocks_between(constraints, command, columns[next], DRAM_GROUP);
        gaps.rank[next] = clocks_between(constraints, command, columns[next], DRAM_RANK);
        gaps.other_ranks[next] =
            clocks_between(constraints, command, columns[next], DRAM_OTHER_RANKS);
    }
    return gaps;
}

/* Bursts in all that lies below and in the field. */
static uint64_t bursts_up_to(const struct dram_mapping *mapping, enum dram_address_field field)
{
    return ((uint64_t)mapping->fields[field].mask + 1) << mapping->fields[field].shift;
}

struct train_shape train_shape_of(const struct dram_device *device,
                                  const struct dram_mapping *mapping)
{
    const struct dram_geometry *geometry = &device->geometry;
    const uint64_t period = 1ull << mapping->fields[DRAM_ADDRESS_COLUMN].shift;
    uint64_t turns = 1, groups = 1;
    if (mapping->fields[DRAM_ADDRESS_CHANNEL].shift < mapping->fields[DRAM_ADDRESS_COLUMN].shift)
        turns *= geometry->channels;
    if (mapping->fields[DRAM_ADDRESS_GROUP].shift < mapping->fields[DRAM_ADDRESS_COLUMN].shift)
        groups = geometry->bank_groups;
    if (turns * groups != period || period > TRAIN_MAX_BANKS)
        return (struct train_shape){.block = 1, .period = 1, .groups = 1};
    const struct column_gaps read = column_gaps_of(device, false); /* writes have the same */
    return (struct train_shape){.block = bursts_up_to(mapping, DRAM_ADDRESS_COLUMN),
                                .period = (uint32_t)period,
                                .groups = (uint32_t)groups,
                                .group_decides = groups * read.rank[0] < read.group[0]};
}

/* The first burst in each bank waits for the bank, its group and rank, and the one before it in the
 * channel. */
static void place_first(struct train *train)
{
    const enum dram_command command = train->is_write ? DRAM_WRITE : DRAM_READ;
    for (uint32_t q = 0; q < train->banks; q++) {
        struct train_channel *channel = train->channel[q];
        const struct dram_state *state = channel->state;
        const struct dram_bank *bank = &state->banks[train->bank[q]];
        uint64_t at = later(train->from, channel->column_from);
        at = later(at, bank->ready.clock[command]);
        at = later(at, state->groups[bank->group].clock[command]);
        at = later(at, state->rank[bank->rank].ready.clock[command]);
        train->first[q] = train->last[q] = at;
        channel->column_from = at + train->gaps->rank[train->is_write];
    }
}

/* Let S be the clocks between column commands of a rank, L of a group, G the groups in turn. The
 * i-th command of a channel's part of the train comes at t(i) = max(t(i-1) + S, t(i-G) + L) for i
 * >= G. If G S >= L the first always decides, as t(i-1) >= t(i-G) + (G-1) S. */
static void place_rest_by_rank(struct train *train, uint32_t groups)
{
    const uint64_t spacing = train->gaps->rank[train->is_write];
    const uint32_t rest = train->count - train->banks;
    for (uint32_t q = 0; q < train->banks && q < rest; q++) {
        struct train_channel *channel = train->channel[q];
        uint64_t rounds = (rest - q - 1) / train->banks; /* behind its next burst */
        train->last[q] = channel->column_from + rounds * groups * spacing;
        channel->column_from += spacing;
    }
}

/* If G S < L: with t(0) .. t(2G-1) worked out, the second decides from t(2G) on, t(i) = t(i-G) + L:
 * t(i-1) is some t(j) + (i-1-j) S with j = i-G, or with j > i-G and t(j) = t(j-G) + L, where t(i-G)
 * >= t(j-G) + (i-j) S. */
static void place_rest_by_group(struct train *train)
{
    const uint64_t spacing = train->gaps->rank[train->is_write];
    const uint64_t within = train->gaps->group[train->is_write];
    const uint32_t rest = train->count - train->banks;
    for (uint32_t q = 0; q < train->banks && q < rest; q++) {
        struct train_channel *channel = train->channel[q];
        uint64_t rounds = (rest - q - 1) / train->banks;
        uint64_t at = later(channel->column_from, train->last[q] + within);
        channel->column_from = at + spacing;
        train->last[q] = at + rounds * within;
    }
}

/* What the last column command of each bank makes others wait. */
static void note_columns(const struct train *train, uint32_t q)
{
    const struct column_gaps *gaps = train->gaps;
    struct dram_state *state = train->channel[q]->state;
    struct dram_bank *bank = &state->banks[train->bank[q]];
    const uint64_t at = train->last[q];
    uint64_t *close = &bank->ready.clock[DRAM_PRECHARGE];
    uint64_t *group = state->groups[bank->group].clock;
    *close = later(*close, at + gaps->precharge);
    group[DRAM_READ] = later(group[DRAM_READ], at + gaps->group[0]);
    group[DRAM_WRITE] = later(group[DRAM_WRITE], at + gaps->group[1]);
    for (uint32_t r = 0; r < state->ranks; r++) {
        const uint64_t *gap = r == bank->rank ? gaps->rank : gaps->other_ranks;
        uint64_t *rank = state->rank[r].ready.clock;
        rank[DRAM_READ] = later(rank[DRAM_READ], at + gap[0]);
        rank[DRAM_WRITE] = later(rank[DRAM_WRITE], at + gap[1]);
    }
}

void train_place(struct train *train, const struct train_shape *shape)
{
    place_first(train);
    if (train->count > train->banks) {
        if (shape->group_decides)
            place_rest_by_group(train);
        else
            place_rest_by_rank(train, shape->groups);
    }
    for (uint32_t q = 0; q < train->banks; q++)
        train->channel[q]->column_from = 0;
    for (uint32_t q = 0; q < train->banks; q++) {
        uint64_t *from = &train->channel[q]->column_from;
        *from = later(*from, train->last[q] + 1);
        note_columns(train, q);
    }
}
