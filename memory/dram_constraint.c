#include "memory/dram_constraint.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
#define NAME_ROW(id, name, help) name,
    DRAM_COMMANDS(NAME_ROW)
#undef NAME_ROW
};

const char *dram_command_name(enum dram_command command)
{
    return names[command];
}

/* Sets of commands. */
#define SET(command) (1u << DRAM_##command)
enum {
    ACT = SET(ACTIVATE),
    PRE = SET(PRECHARGE),
    RD = SET(READ),
    RDA = SET(READ_PRECHARGE),
    READS = RD | RDA,
    WR = SET(WRITE),
    WRA = SET(WRITE_PRECHARGE),
    WRITES = WR | WRA,
    REF = SET(REFRESH),
    REFPB = SET(REFRESH_BANK),
};

/* X(preceding, following, level, clocks): what JEDEC's standards say (DDR4: JESD79-4 section 4,
 * LPDDR4: JESD209-4 section 4, HBM: JESD235 section 6), in the form of DRAMsim3 (src/timing.cc),
 * whose tRTRS is the data bus's turn-round. `burst` is the clocks of a burst; in CL + burst - CWL a
 * read's data leave the bus before a write's come; tRC is tRAS + tRP. Of two constraints the longer
 * holds. */
#define CONSTRAINTS(X)                                               \
    /* the data bus and the column path */                           \
    X(READS, READS, RANK, longer(burst, t->tCCD_S))                  \
    X(READS, READS, GROUP, longer(burst, t->tCCD_L))                 \
    X(READS, READS, OTHER_RANKS, burst + t->tRTRS)                   \
    X(READS, WRITES, RANK, t->CL + burst + t->tRTRS - t->CWL)        \
    X(READS, WRITES, OTHER_RANKS, t->CL + burst + t->tRTRS - t->CWL) \
    X(WRITES, WRITES, RANK, longer(burst, t->tCCD_S))                \
    X(WRITES, WRITES, GROUP, longer(burst, t->tCCD_L))               \
    X(WRITES, WRITES, OTHER_RANKS, burst)                            \
    X(WRITES, READS, RANK, t->CWL + burst + t->tWTR_S)               \
    X(WRITES, READS, GROUP, t->CWL + burst + t->tWTR_L)              \
    X(WRITES, READS, OTHER_RANKS, t->CWL + burst + t->tRTRS - t->CL) \
    /* rows: open, use, close */                                     \
    X(ACT, READS, BANK, t->tRCDRD)                                   \
    X(ACT, WRITES, BANK, t->tRCDWR)                                  \
    X(ACT, PRE, BANK, t->tRAS)                                       \
    X(RD, PRE, BANK, t->tRTP)                                        \
    X(WR, PRE, BANK, t->CWL + burst + t->tWR)                        \
    X(PRE, PRE, RANK, t->tPPD)                                       \
    X(ACT, ACT, BANK, t->tRAS + t->tRP)                              \
    X(ACT, ACT, GROUP, t->tRRD_L)                                    \
    X(ACT, ACT, RANK, t->tRRD_S)                                     \
    X(PRE, ACT, BANK, t->tRP)                                        \
    X(RDA, ACT, BANK, t->tRTP + t->tRP)                              \
    X(WRA, ACT, BANK, t->CWL + burst + t->tWR + t->tRP)              \
    /* refresh of a rank */                                          \
    X(ACT, REF, RANK, t->tRAS + t->tRP)                              \
    X(PRE, REF, RANK, t->tRP)                                        \
    X(RDA, REF, RANK, t->tRTP + t->tRP)                              \
    X(WRA, REF, RANK, t->CWL + burst + t->tWR + t->tRP)              \
    X(REF, ACT | REF, RANK, t->tRFC)                                 \
    /* refresh of a bank: the others go on, an activate apart */     \
    X(ACT, REFPB, BANK, t->tRAS + t->tRP)                            \
    X(ACT, REFPB, RANK, t->tRRD_S)                                   \
    X(PRE, REFPB, BANK, t->tRP)                                      \
    X(RDA, REFPB, BANK, t->tRTP + t->tRP)                            \
    X(WRA, REFPB, BANK, t->CWL + burst + t->tWR + t->tRP)            \
    X(REFPB, ACT, BANK, t->tRFCpb)                                   \
    X(REFPB, ACT, RANK, t->tRRD_S)                                   \
    X(REFPB, REFPB, RANK, t->tRFCpb)

static int longer(int a, int b)
{
    return a > b ? a : b;
}

struct rule {
    unsigned preceding, following;
    enum dram_level level;
    int clocks;
};

static void add(struct dram_constraints *constraints, const struct rule *rule)
{
    for (unsigned before = 0; before < DRAM_COMMAND_COUNT; before++)
        for (unsigned after = 0; after < DRAM_COMMAND_COUNT; after++) {
            if (!(rule->preceding >> before & 1) || !(rule->following >> after & 1))
                continue;
            assert(constraints->count[before] < DRAM_MAX_CONSTRAINTS);
            constraints->after[before][constraints->count[before]++] =
                (struct dram_constraint){.following = (uint8_t)after,
                                         .level = (uint8_t)rule->level,
                                         .clocks = (uint16_t)rule->clocks};
        }
}

void dram_constraints_of(struct dram_constraints *constraints, const struct dram_device *device)
{
    const struct dram_timing *t = &device->timing;
    const int burst = (int)dram_burst_clocks(&device->geometry);
#define RULE(preceding, following, level, clocks) {preceding, following, DRAM_##level, clocks},
    const struct rule rules[] = {CONSTRAINTS(RULE)};
#undef RULE
    memset(constraints, 0, sizeof *constraints);
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].clocks > 0 &&
            (rules[i].level != DRAM_OTHER_RANKS || device->geometry.ranks > 1))
            add(constraints, &rules[i]);
}

void dram_constraints_leave_out(struct dram_constraints *constraints, unsigned commands)
{
    for (int command = 0; command < DRAM_COMMAND_COUNT; command++) {
        struct dram_constraint *after = constraints->after[command];
        uint8_t kept = 0;
        for (uint8_t i = 0; i < constraints->count[command]; i++)
            if (!(commands >> after[i].following & 1))
                after[kept++] = after[i];
        constraints->count[command] = kept;
    }
}
