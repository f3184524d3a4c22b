/* A DRAM device and its controller as numbers: geometry, timing, currents, policies. docs/dram.md
 * says what each means; configs/dram holds devices. */
#ifndef MANTIS_ISA_DRAM_DEVICE_H
#define MANTIS_ISA_DRAM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

/* The lists below: X(field, default, least, most, help); a field without default must be given. */
enum { DRAM_REQUIRED = -1 };

#define DRAM_CLOCK(X) X(tCK, DRAM_REQUIRED, 0.05, 100, "ns of a clock")

/* Powers of two, all. A column is one word of device_width bits. */
#define DRAM_GEOMETRY(X)                                                              \
    X(channels, DRAM_REQUIRED, 1, 16, "channels, each with its own bus and banks")    \
    X(ranks, DRAM_REQUIRED, 1, 8, "ranks of a channel")                               \
    X(bank_groups, DRAM_REQUIRED, 1, 8, "bank groups of a rank")                      \
    X(banks_per_group, DRAM_REQUIRED, 1, 32, "banks of a bank group")                 \
    X(rows, DRAM_REQUIRED, 1, 1 << 24, "rows of a bank")                              \
    X(columns, DRAM_REQUIRED, 2, 1 << 16, "columns of a row, each device_width bits") \
    X(device_width, DRAM_REQUIRED, 4, 1024, "data pins of a device")                  \
    X(bus_width, DRAM_REQUIRED, 8, 1024, "data pins of a channel")                    \
    X(burst_length, DRAM_REQUIRED, 2, 64, "words of one column access, two per clock")

/* In clocks. JEDEC's names: JESD79-4 (DDR4), JESD209-4 (LPDDR4), JESD235 (HBM). */
#define DRAM_TIMINGS(X)                                                                   \
    X(CL, DRAM_REQUIRED, 1, 255, "from a read to its first data")                         \
    X(CWL, DRAM_REQUIRED, 1, 255, "from a write to its first data")                       \
    X(tRCDRD, DRAM_REQUIRED, 1, 255, "from activate to read")                             \
    X(tRCDWR, DRAM_REQUIRED, 1, 255, "from activate to write")                            \
    X(tRP, DRAM_REQUIRED, 1, 255, "from precharge to activate")                           \
    X(tRAS, DRAM_REQUIRED, 1, 1023, "from activate to precharge")                         \
    X(tCCD_S, DRAM_REQUIRED, 1, 255, "between column commands, other bank group")         \
    X(tCCD_L, DRAM_REQUIRED, 1, 255, "between column commands, same bank group")          \
    X(tRRD_S, DRAM_REQUIRED, 1, 255, "between activates, other bank group")               \
    X(tRRD_L, DRAM_REQUIRED, 1, 255, "between activates, same bank group")                \
    X(tFAW, DRAM_REQUIRED, 1, 1023, "window that holds at most four activates of a rank") \
    X(tWR, DRAM_REQUIRED, 1, 255, "from last written data to precharge")                  \
    X(tWTR_S, DRAM_REQUIRED, 1, 255, "from last written data to read, other bank group")  \
    X(tWTR_L, DRAM_REQUIRED, 1, 255, "from last written data to read, same bank group")   \
    X(tRTP, DRAM_REQUIRED, 1, 255, "from read to precharge")                              \
    X(tRTRS, DRAM_REQUIRED, 0, 255, "turn-round of the data bus")                         \
    X(tPPD, 0, 0, 255, "between precharges of a rank (LPDDR4)")                           \
    X(tREFI, DRAM_REQUIRED, 1, 1 << 20, "between refreshes of a rank")                    \
    X(tRFC, DRAM_REQUIRED, 1, 1 << 16, "from refresh to activate")                        \
    X(tRFCpb, 0, 0, 1 << 16, "from refresh of one bank to its activate")

/* Of one device: volts and milliamperes, measured in the loops that JESD79-4, section 10, defines.
 * */
#define DRAM_CURRENTS(X)                                                       \
    X(VDD, DRAM_REQUIRED, 0.1, 5, "supply voltage in V")                       \
    X(IDD0, DRAM_REQUIRED, 0, 10000, "mA, activates and precharges of a bank") \
    X(IDD2N, DRAM_REQUIRED, 0, 10000, "mA, standby, all banks precharged")     \
    X(IDD3N, DRAM_REQUIRED, 0, 10000, "mA, standby, a bank active")            \
    X(IDD4R, DRAM_REQUIRED, 0, 10000, "mA, reads without gaps")                \
    X(IDD4W, DRAM_REQUIRED, 0, 10000, "mA, writes without gaps")               \
    X(IDD5AB, DRAM_REQUIRED, 0, 10000, "mA, refreshes of all banks")           \
    X(IDD5PB, 0, 0, 10000, "mA, refreshes of one bank")

#define DRAM_QUEUES(X)                                                                        \
    X(read_queue, DRAM_REQUIRED, 1, 256, "reads that wait for a place in a bank's queue")     \
    X(write_buffer, DRAM_REQUIRED, 1, 256, "writes that wait to be drained")                  \
    X(bank_queue, DRAM_REQUIRED, 1, 64, "requests that each bank chooses among")              \
    X(row_hit_cap, DRAM_REQUIRED, 1, 65535, "accesses of a row after which another may come") \
    X(drain_high, DRAM_REQUIRED, 1, 256, "writes at which a drain starts")                    \
    X(drain_low, DRAM_REQUIRED, 0, 255, "more writes than this and no other work start one too")

/* X(ENUMERATOR, name, help) */
#define DRAM_ROW_POLICIES(X)                               \
    X(OPEN, "open", "a row stays open until another must") \
    X(CLOSED, "closed", "every access precharges its bank")

#define DRAM_SCHEDULERS(X)                                                 \
    X(FRFCFS, "fr-fcfs", "in a bank, accesses of the open row come first") \
    X(FCFS, "fcfs", "in a bank, requests are served in order of arrival")

#define DRAM_DRAINS(X)                                                          \
    X(BATCH, "batch", "a drain takes as many writes as waited when it started") \
    X(WATERMARK, "watermark", "a drain takes writes until drain_low or fewer are left")

#define DRAM_REFRESHES(X)                                            \
    X(RANKS, "rank", "all banks of a rank at once, ranks staggered") \
    X(BANKS, "bank", "bank by bank, staggered (REFpb)")              \
    X(NOTHING, "none", "no refresh")

#define DRAM_ROW_POLICY_ENUMERATOR(id, name, help) DRAM_ROW_##id,
#define DRAM_SCHEDULER_ENUMERATOR(id, name, help) DRAM_SCHEDULER_##id,
#define DRAM_DRAIN_ENUMERATOR(id, name, help) DRAM_DRAIN_##id,
#define DRAM_REFRESH_ENUMERATOR(id, name, help) DRAM_REFRESHES_##id,
enum dram_row_policy { DRAM_ROW_POLICIES(DRAM_ROW_POLICY_ENUMERATOR) };
enum dram_scheduler { DRAM_SCHEDULERS(DRAM_SCHEDULER_ENUMERATOR) };
enum dram_drain { DRAM_DRAINS(DRAM_DRAIN_ENUMERATOR) };
enum dram_refresh { DRAM_REFRESHES(DRAM_REFRESH_ENUMERATOR) };
#undef DRAM_ROW_POLICY_ENUMERATOR
#undef DRAM_SCHEDULER_ENUMERATOR
#undef DRAM_DRAIN_ENUMERATOR
#undef DRAM_REFRESH_ENUMERATOR

/* Names as configuration files write them; NULL for a value that is none. */
const char *dram_row_policy_name(int policy);
const char *dram_scheduler_name(int scheduler);
const char *dram_drain_name(int drain);
const char *dram_refresh_name(int refresh);

#define DRAM_WHOLE_FIELD(field, initial, least, most, help) uint32_t field;
#define DRAM_CLOCKS_FIELD(field, initial, least, most, help) int32_t field;
#define DRAM_REAL_FIELD(field, initial, least, most, help) double field;
struct dram_geometry {
    DRAM_GEOMETRY(DRAM_WHOLE_FIELD)
};
struct dram_timing {
    DRAM_TIMINGS(DRAM_CLOCKS_FIELD) /* signed: constraints subtract them */
};
struct dram_currents {
    DRAM_CURRENTS(DRAM_REAL_FIELD)
};
struct dram_policy {
    char mapping[16]; /* fields of an address from its top bits down, as "rochrababgco" */
    uint8_t row, scheduler, drain, refresh; /* the enums above */
    bool dual_command; /* a row and a column command in one clock (HBM has a bus for each) */
    DRAM_QUEUES(DRAM_WHOLE_FIELD)
};

struct dram_device {
    char name[32];
    DRAM_CLOCK(DRAM_REAL_FIELD)
    struct dram_geometry geometry;
    struct dram_timing timing;
    struct dram_currents currents;
    struct dram_policy policy;
};
#undef DRAM_WHOLE_FIELD
#undef DRAM_CLOCKS_FIELD
#undef DRAM_REAL_FIELD

enum { DRAM_MAX_BANKS = 64 }; /* of a channel: a set of them is a 64-bit mask */

/* Whether every field is in its range and the parts fit each other. */
bool dram_device_check(const struct dram_device *device, struct err *err);

static inline uint32_t dram_rank_banks(const struct dram_geometry *geometry)
{
    return geometry->bank_groups * geometry->banks_per_group;
}

/* Banks of a channel. Bank b lies in rank b / dram_rank_banks and group b / banks_per_group. */
static inline uint32_t dram_channel_banks(const struct dram_geometry *geometry)
{
    return geometry->ranks * dram_rank_banks(geometry);
}

/* Bytes that one column access moves: what a request asks for. */
static inline uint32_t dram_burst_bytes(const struct dram_geometry *geometry)
{
    return geometry->bus_width / 8 * geometry->burst_length;
}

/* Clocks of the data bus that a burst takes: two words per clock. */
static inline uint32_t dram_burst_clocks(const struct dram_geometry *geometry)
{
    return geometry->burst_length / 2;
}

/* Bytes that the data buses of all channels move in a clock. */
static inline uint32_t dram_bytes_per_clock(const struct dram_geometry *geometry)
{
    return geometry->channels * (geometry->bus_width / 8) * 2;
}

/* tCK in whole picoseconds: what a machine's clock is converted by. */
uint32_t dram_clock_ps(const struct dram_device *device);

/* Bytes of all channels. */
uint64_t dram_capacity(const struct dram_geometry *geometry);

#endif
