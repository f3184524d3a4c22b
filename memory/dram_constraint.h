/* The commands of a DRAM and the clocks that must lie between them, as a table. */
#ifndef MANTIS_MEMORY_DRAM_CONSTRAINT_H
#define MANTIS_MEMORY_DRAM_CONSTRAINT_H

#include "isa/dram_device.h"

/* X(ENUMERATOR, JEDEC's name, what it does) */
#define DRAM_COMMANDS(X)                                           \
    X(ACTIVATE, "ACT", "opens a row of a bank")                    \
    X(PRECHARGE, "PRE", "closes a bank's row")                     \
    X(READ, "RD", "reads a burst of the open row")                 \
    X(READ_PRECHARGE, "RDA", "the same, and closes the row")       \
    X(WRITE, "WR", "writes a burst of the open row")               \
    X(WRITE_PRECHARGE, "WRA", "the same, and closes the row")      \
    X(REFRESH, "REF", "refreshes all banks of a rank, all closed") \
    X(REFRESH_BANK, "REFpb", "refreshes one bank, closed")

#define DRAM_COMMAND_ENUMERATOR(id, name, help) DRAM_##id,
enum dram_command { DRAM_COMMANDS(DRAM_COMMAND_ENUMERATOR) DRAM_COMMAND_COUNT };
#undef DRAM_COMMAND_ENUMERATOR

const char *dram_command_name(enum dram_command command);

/* Whether it moves data, over the data bus and, in HBM, on a command bus of its own. */
static inline bool dram_is_column(enum dram_command command)
{
    return command >= DRAM_READ && command <= DRAM_WRITE_PRECHARGE;
}

static inline bool dram_is_read(enum dram_command command)
{
    return command == DRAM_READ || command == DRAM_READ_PRECHARGE;
}

/* Whether the bank's row is closed behind it. */
static inline bool dram_closes_row(enum dram_command command)
{
    return command == DRAM_PRECHARGE || command == DRAM_READ_PRECHARGE ||
           command == DRAM_WRITE_PRECHARGE;
}

/* Where a constraint holds: between two commands to one bank, one bank group, one rank, or to two
 * ranks of a channel. A wider one holds within the narrower, too. */
enum dram_level { DRAM_BANK, DRAM_GROUP, DRAM_RANK, DRAM_OTHER_RANKS };

/* After its command, `following` waits `clocks` at `level`. */
struct dram_constraint {
    uint8_t following, level;
    uint16_t clocks;
};

enum { DRAM_MAX_CONSTRAINTS = 24 };

/* The constraints that follow each command. */
struct dram_constraints {
    uint8_t count[DRAM_COMMAND_COUNT];
    struct dram_constraint after[DRAM_COMMAND_COUNT][DRAM_MAX_CONSTRAINTS];
};

void dram_constraints_of(struct dram_constraints *constraints, const struct dram_device *device);

/* Leave out what a set of commands, which never come, would wait for. */
void dram_constraints_leave_out(struct dram_constraints *constraints, unsigned commands);

#endif
