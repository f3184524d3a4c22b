#include "memory/dram_train.h"

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

/* Column commands come in order, one a clock. */
static struct column_gap in_order(struct column_gap gap)
{
    return (struct column_gap){later(gap.own, 1), later(gap.other, 1)};
}

struct column_gaps column_gaps_of(const struct dram_device *device, bool is_write)
{
    struct dram_constraints table;
    dram_constraints_of(&table, device);
    const enum dram_command own = column_command(is_write), other = column_command(!is_write);
#define GAP(level)                                                                         \
    {                                                                                      \
        clocks_between(&table, own, own, level), clocks_between(&table, own, other, level) \
    }
    struct column_gaps gaps = {.group = GAP(DRAM_GROUP),
                               .rank = GAP(DRAM_RANK),
                               .other_ranks = GAP(DRAM_OTHER_RANKS),
                               .precharge = clocks_between(&table, own, DRAM_PRECHARGE, DRAM_BANK),
                               .data =
                                   (uint64_t)(is_write ? device->timing.CWL : device->timing.CL)};
#undef GAP
    gaps.end = gaps.data + dram_burst_clocks(&device->geometry);
    gaps.rank = in_order(gaps.rank);
    gaps.other_ranks = in_order(gaps.other_ranks);
    return gaps;
}

/* log2 of the bursts in the column field and all that lies below it. */
static uint32_t column_block_bits(const struct dram_mapping *mapping)
{
    const uint32_t columns = mapping->fields[DRAM_ADDRESS_COLUMN].mask + 1;
    return mapping->fields[DRAM_ADDRESS_COLUMN].shift + (uint32_t)__builtin_ctz(columns);
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
        .block_bits = column_block_bits(mapping),
        .period_bits = mapping->fields[DRAM_ADDRESS_COLUMN].shift,
        .channels = channels_turn ? geometry->channels : 1,
        .groups = groups_turn ? geometry->bank_groups : 1,
    };
    shape.period = shape.channels * shape.groups;
    if (1ull << shape.period_bits != shape.period || shape.period > TRAIN_MAX_PERIOD)
        return (struct train_shape){.period = 1, .channels = 1, .groups = 1};
    for (uint32_t b = 0; b < shape.period; b++) {
        uint32_t group = groups_turn ? dram_field(mapping, b, DRAM_ADDRESS_GROUP) : 0;
        shape.bank[b] = (uint8_t)(group * geometry->banks_per_group);
        if (channels_turn)
            shape.channel[b] = (uint8_t)dram_field(mapping, b, DRAM_ADDRESS_CHANNEL);
    }
    const struct column_gaps read = column_gaps_of(device, false); /* writes have the same */
    shape.group_decides = shape.groups * read.rank.own < read.group.own;
    return shape;
}

/* Let S be the clocks between column commands of a rank, L of a group, G the groups in turn. The
 * i-th command of a train comes at t(i) = max(t(i-1) + S, t(i-G) + L) for i >= G. If G S >= L the
 * first always decides, as t(i-1) >= t(i-G) + (G-1) S. */
static uint64_t place_rest_by_rank(const struct train *train, const struct column_gaps *gaps,
                                   uint64_t at)
{
    const uint32_t banks = train->banks, rest = train->count - banks;
    const uint64_t last = at + (rest - 1) * gaps->rank.own;
    for (uint32_t back = 0; back < banks && back < rest; back++) { /* G is 2^n */
        const uint32_t turn = (rest - 1 - back) & (banks - 1);
        column_note(&train->bank[turn], gaps, train->is_write, last - back * gaps->rank.own);
    }
    return last;
}

/* If G S < L: with t(0) .. t(2G-1) worked out, the second decides from t(2G) on, t(i) = t(i-G) + L:
 * t(i-1) is some t(j) + (i-1-j) S with j = i-G, or with j > i-G and t(j) = t(j-G) + L, where t(i-G)
 * >= t(j-G) + (i-j) S. */
static uint64_t place_rest_by_group(const struct train *train, const struct column_gaps *gaps,
                                    uint64_t at)
{
    const uint32_t banks = train->banks, rest = train->count - banks;
    uint64_t last = 0;
    for (uint32_t turn = 0; turn < banks && turn < rest; turn++) {
        const uint64_t rounds = (rest - turn - 1) / banks; /* behind its second burst */
        at = column_ready(&train->bank[turn], train->is_write, at);
        const uint64_t end = at + rounds * gaps->group.own;
        column_note(&train->bank[turn], gaps, train->is_write, end);
        last = later(last, end);
        at += gaps->rank.own;
    }
    return last;
}

uint64_t train_place_rest(const struct train *train, const struct train_shape *shape,
                          const struct column_gaps *gaps, uint64_t at)
{
    return shape->group_decides ? place_rest_by_group(train, gaps, at)
                                : place_rest_by_rank(train, gaps, at);
}
