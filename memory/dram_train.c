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

static bool is_below_column(const struct dram_mapping *mapping, enum dram_address_field field)
{
    return mapping->fields[field].shift < mapping->fields[DRAM_ADDRESS_COLUMN].shift;
}

struct train_shape train_shape_of(const struct dram_device *device,
                                  const struct dram_mapping *mapping)
{
    const struct dram_geometry *geometry = &device->geometry;
    const bool channels_turn = is_below_column(mapping, DRAM_ADDRESS_CHANNEL);
    const bool groups_turn = is_below_column(mapping, DRAM_ADDRESS_GROUP);
    struct train_shape shape = {
        .block = bursts_up_to(mapping, DRAM_ADDRESS_COLUMN),
        .period_bits = mapping->fields[DRAM_ADDRESS_COLUMN].shift,
        .channels = channels_turn ? geometry->channels : 1,
        .groups = groups_turn ? geometry->bank_groups : 1,
    };
    shape.period = shape.channels * shape.groups;
    if (1ull << shape.period_bits != shape.period || shape.period > TRAIN_MAX_PERIOD)
        return (struct train_shape){.block = 1, .period = 1, .channels = 1, .groups = 1};
    for (uint32_t b = 0; b < shape.period; b++) {
        uint32_t group = groups_turn ? dram_field(mapping, b, DRAM_ADDRESS_GROUP) : 0;
        shape.bank[b] = (uint8_t)(group * geometry->banks_per_group);
        if (channels_turn)
            shape.channel[b] = (uint8_t)dram_field(mapping, b, DRAM_ADDRESS_CHANNEL);
    }
    const struct column_gaps read = column_gaps_of(device, false); /* writes have the same */
    shape.group_decides = shape.groups * read.rank[0] < read.group[0];
    return shape;
}

/* Clocks of the last column command placed to each bank. */
struct columns {
    uint64_t last[TRAIN_MAX_BANKS];
};

/* The first clock from `at` on that a burst's bank and its group allow. */
static inline uint64_t column_ready(const struct train *train, const struct dram_bank *bank,
                                    enum dram_command command, uint64_t at)
{
    at = later(at, bank->ready.clock[command]);
    return later(at, train->state->groups[bank->group].clock[command]);
}

/* The first burst in each bank also waits for the one before it. */
static uint64_t place_first(struct train *train, struct columns *columns, enum dram_command command,
                            uint64_t at)
{
    const uint64_t spacing = train->gaps->rank[train->is_write];
    for (uint32_t i = 0; i < train->banks; i++) {
        at = column_ready(train, train->bank[i], command, at);
        columns->last[i] = at;
        at += spacing;
    }
    return at;
}

/* Let S be the clocks between column commands of a rank, L of a group, G the groups in turn. The
 * i-th command of a train comes at t(i) = max(t(i-1) + S, t(i-G) + L) for i >= G. If G S >= L the
 * first always decides, as t(i-1) >= t(i-G) + (G-1) S. `at`: the first clock for the burst behind
 * those placed, of which there may be none. No branch depends on how many there are. */
static uint64_t place_rest_by_rank(const struct train *train, struct columns *columns, uint64_t at)
{
    const uint64_t spacing = train->gaps->rank[train->is_write];
    const uint32_t banks = train->banks, rest = train->count - banks;
    const uint32_t turn = rest & (banks - 1); /* the last burst goes to the bank before; G is 2^n */
    const uint64_t last = at + rest * spacing - spacing;
    for (uint32_t i = 0; i < banks; i++) {
        uint32_t back = (turn - 1 - i) & (banks - 1);
        uint64_t placed = last - back * spacing;
        columns->last[i] = i < rest ? placed : columns->last[i];
    }
    return last;
}

/* If G S < L: with t(0) .. t(2G-1) worked out, the second decides from t(2G) on, t(i) = t(i-G) + L:
 * t(i-1) is some t(j) + (i-1-j) S with j = i-G, or with j > i-G and t(j) = t(j-G) + L, where t(i-G)
 * >= t(j-G) + (i-j) S. */
static uint64_t place_rest_by_group(const struct train *train, struct columns *columns, uint64_t at)
{
    const uint64_t spacing = train->gaps->rank[train->is_write];
    const uint64_t within = train->gaps->group[train->is_write];
    const uint32_t rest = train->count - train->banks;
    uint64_t last = 0;
    for (uint32_t i = 0; i < train->banks && i < rest; i++) {
        uint64_t rounds = (rest - i - 1) / train->banks; /* behind its second burst */
        at = later(at, columns->last[i] + within);
        columns->last[i] = at + rounds * within;
        last = later(last, columns->last[i]);
        at += spacing;
    }
    return last;
}

/* What the last column command to a bank makes the bank and its group wait. Commands of the same
 * kind wait longest for the last one, as it waited for those before. Where the other kind need not
 * wait in the group (a gap of 0) it is told not to come before this one, which it never does. */
static inline void note_column(const struct train *train, struct dram_bank *bank, uint64_t last)
{
    const struct column_gaps *gaps = train->gaps;
    const bool own = train->is_write;
    uint64_t *close = &bank->ready.clock[DRAM_PRECHARGE];
    uint64_t *group = train->state->groups[bank->group].clock;
    uint64_t *other = &group[own ? DRAM_READ : DRAM_WRITE];
    *close = later(*close, last + gaps->precharge);
    group[own ? DRAM_WRITE : DRAM_READ] = last + gaps->group[own];
    *other = later(*other, last + gaps->group[!own]);
}

/* What the train's last column command makes the ranks wait. */
static inline void note_ranks(const struct train *train)
{
    const struct column_gaps *gaps = train->gaps;
    const uint8_t at = train->bank[0]->rank;
    struct dram_state *state = train->state;
    for (uint32_t r = 0; r < state->ranks; r++) {
        const uint64_t *gap = r == at ? gaps->rank : gaps->other_ranks;
        uint64_t *rank = state->rank[r].ready.clock;
        rank[DRAM_READ] = later(rank[DRAM_READ], train->last + gap[0]);
        rank[DRAM_WRITE] = later(rank[DRAM_WRITE], train->last + gap[1]);
    }
}

/* Two bursts or more, none before clock `at`. */
static void place_several(struct train *train, const struct train_shape *shape,
                          enum dram_command command, uint64_t at)
{
    struct columns columns;
    columns.last[0] = 0;
    uint64_t next = place_first(train, &columns, command, at);
    train->first = columns.last[0];
    if (!shape->group_decides)
        train->last = place_rest_by_rank(train, &columns, next);
    else if (train->count > train->banks)
        train->last = place_rest_by_group(train, &columns, next);
    else
        train->last = columns.last[train->banks - 1];
    for (uint32_t i = 0; i < train->banks; i++)
        note_column(train, train->bank[i], columns.last[i]);
}

void train_place(struct train *train, const struct train_shape *shape, uint64_t column_from)
{
    const enum dram_command command = train->is_write ? DRAM_WRITE : DRAM_READ;
    struct dram_bank *bank = train->bank[0];
    uint64_t at = later(column_from, train->from);
    at = later(at, train->state->rank[bank->rank].ready.clock[command]);
    if (train->count > 1) {
        place_several(train, shape, command, at);
    } else { /* half of ResNet-18's trains: no loops */
        train->first = train->last = column_ready(train, bank, command, at);
        note_column(train, bank, train->last);
    }
    note_ranks(train);
}
