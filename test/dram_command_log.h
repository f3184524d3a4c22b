/* A device, the commands of a DRAM as they came, and the rules of JEDEC's standards that they must
 * keep, written out one by one: knows nothing of the simulator's table. */
#ifndef MANTIS_TEST_DRAM_COMMAND_LOG_H
#define MANTIS_TEST_DRAM_COMMAND_LOG_H

#include <assert.h>

#include "memory/dram_controller.h"

/* Values that are all different, so that none can stand in for another. */
__attribute__((unused)) static struct dram_device typical(void)
{
    return (struct dram_device){
        .name = "test",
        .tCK = 0.5,
        .geometry = {.channels = 1,
                     .ranks = 2,
                     .bank_groups = 4,
                     .banks_per_group = 4,
                     .rows = 64,
                     .columns = 64,
                     .device_width = 16,
                     .bus_width = 64,
                     .burst_length = 8},
        .timing = {.CL = 17,
                   .CWL = 12,
                   .tRCDRD = 16,
                   .tRCDWR = 14,
                   .tRP = 15,
                   .tRAS = 39,
                   .tCCD_S = 5,
                   .tCCD_L = 6,
                   .tRRD_S = 7,
                   .tRRD_L = 8,
                   .tFAW = 37,
                   .tWR = 18,
                   .tWTR_S = 3,
                   .tWTR_L = 9,
                   .tRTP = 10,
                   .tRTRS = 2,
                   .tPPD = 11,
                   .tREFI = 2400,
                   .tRFC = 131,
                   .tRFCpb = 47},
        .currents = {1.2, 48, 34, 43, 135, 123, 250, 90},
        .policy = {.mapping = "rochrababgco",
                   .read_queue = 16,
                   .write_buffer = 16,
                   .bank_queue = 4,
                   .row_hit_cap = 4,
                   .drain_high = 12,
                   .drain_low = 4},
    };
}

struct command_log {
    int count;
    struct dram_issued commands[20000];
};

__attribute__((unused)) static void log_command(void *context, const struct dram_issued *issued)
{
    struct command_log *log = context;
    assert(log->count < (int)(sizeof log->commands / sizeof *log->commands));
    log->commands[log->count++] = *issued;
}

/* How far apart two banks of a channel are. */
enum distance { SAME_BANK, SAME_GROUP, SAME_RANK, OTHER_RANK };

__attribute__((unused)) static enum distance distance(const struct dram_geometry *geometry,
                                                      uint32_t a, uint32_t b)
{
    uint32_t group = geometry->banks_per_group, rank = group * geometry->bank_groups;
    if (a == b)
        return SAME_BANK;
    if (a / group == b / group)
        return SAME_GROUP;
    return a / rank == b / rank ? SAME_RANK : OTHER_RANK;
}

__attribute__((unused)) static int longest(int a, int b)
{
    return a > b ? a : b;
}

static bool reads(enum dram_command command)
{
    return command == DRAM_READ || command == DRAM_READ_PRECHARGE;
}

static bool writes(enum dram_command command)
{
    return command == DRAM_WRITE || command == DRAM_WRITE_PRECHARGE;
}

static bool refreshes(enum dram_command command)
{
    return command == DRAM_REFRESH || command == DRAM_REFRESH_BANK;
}

/* Between column commands: the column path (tCCD), write recovery (tWTR), and the data bus, on
 * which a burst of one direction or rank leaves tRTRS to the next of another. */
static int column_wait(const struct dram_device *device, enum dram_command before,
                       enum dram_command after, enum distance far)
{
    const struct dram_timing *t = &device->timing;
    int burst = (int)device->geometry.burst_length / 2;
    bool near = far <= SAME_GROUP;
    int first_data = reads(before) ? t->CL : t->CWL;
    int last_data = reads(after) ? t->CL : t->CWL;
    int bus = first_data + burst - last_data;
    if (far == OTHER_RANK)
        return writes(before) && writes(after) ? bus : bus + t->tRTRS;
    if (reads(before) && writes(after))
        return bus + t->tRTRS;
    if (writes(before) && reads(after))
        return t->CWL + burst + (near ? t->tWTR_L : t->tWTR_S);
    return longest(burst, near ? t->tCCD_L : t->tCCD_S);
}

/* From a column command until its bank may precharge. */
static int column_to_precharge(const struct dram_device *device, enum dram_command column)
{
    const struct dram_timing *t = &device->timing;
    return reads(column) ? t->tRTP : t->CWL + (int)device->geometry.burst_length / 2 + t->tWR;
}

/* From a command that closes rows, or a refresh, until the bank, or for refreshes the rank, may be
 * activated or refreshed. */
static int close_wait(const struct dram_device *device, enum dram_command before,
                      enum dram_command after, enum distance far)
{
    const struct dram_timing *t = &device->timing;
    bool whole_rank = after == DRAM_REFRESH || before == DRAM_REFRESH;
    if (before == DRAM_REFRESH)
        return after == DRAM_REFRESH_BANK ? 0 : t->tRFC;
    if (before == DRAM_REFRESH_BANK && after == DRAM_REFRESH_BANK)
        return t->tRFCpb;
    if (before == DRAM_REFRESH_BANK)
        return after == DRAM_REFRESH ? 0
               : far == SAME_BANK    ? longest(t->tRFCpb, t->tRRD_S)
                                     : t->tRRD_S;
    if (far != SAME_BANK && !whole_rank)
        return 0;
    return before == DRAM_PRECHARGE ? t->tRP : column_to_precharge(device, before) + t->tRP;
}

static int activate_wait(const struct dram_device *device, enum dram_command after,
                         enum distance far)
{
    const struct dram_timing *t = &device->timing;
    bool same = far == SAME_BANK;
    if (reads(after) || writes(after))
        return same ? reads(after) ? t->tRCDRD : t->tRCDWR : 0;
    if (after == DRAM_PRECHARGE)
        return same ? t->tRAS : 0;
    if (same || after == DRAM_REFRESH)
        return t->tRAS + t->tRP;
    return after == DRAM_ACTIVATE && far == SAME_GROUP ? t->tRRD_L : t->tRRD_S;
}

/* The least clocks between two commands this far apart; 0 or less where there is no rule. */
__attribute__((unused)) static int least_wait(const struct dram_device *device,
                                              enum dram_command before, enum dram_command after,
                                              enum distance far)
{
    bool column_before = reads(before) || writes(before),
         column_after = reads(after) || writes(after);
    bool closes = before == DRAM_READ_PRECHARGE || before == DRAM_WRITE_PRECHARGE;
    if (column_before && column_after)
        return column_wait(device, before, after, far);
    if (far == OTHER_RANK)
        return 0;
    if (before == DRAM_ACTIVATE)
        return activate_wait(device, after, far);
    if (before == DRAM_PRECHARGE && after == DRAM_PRECHARGE)
        return device->timing.tPPD;
    if ((before == DRAM_READ || before == DRAM_WRITE) && after == DRAM_PRECHARGE)
        return far == SAME_BANK ? column_to_precharge(device, before) : 0;
    if ((closes || before == DRAM_PRECHARGE || refreshes(before)) &&
        (after == DRAM_ACTIVATE || refreshes(after)))
        return close_wait(device, before, after, far);
    return 0;
}

#endif
