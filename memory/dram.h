/* The DRAM of a machine: the ideal memory, or a device behind the in-order controller.
 * docs/machine.md, section DRAM. */
#ifndef MANTIS_MEMORY_DRAM_H
#define MANTIS_MEMORY_DRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/arch.h"

struct dram;

/* Times in and out are cycles of a core clock of `clock_khz`. NULL when out of memory. */
struct dram *dram_new(const struct dram_config *config, uint32_t clock_khz);
void dram_free(struct dram *dram);
void dram_reset(struct dram *dram);

struct dram_grant {
    uint64_t next; /* the channel takes the next request from this cycle on (> or = now) */
    uint64_t done; /* the last data has arrived (read) or been accepted (write), > now */
};

/* One contiguous request of `bytes`, 1 to DRAM_REQUEST_BYTES, at `address`, asked for at cycle `now`,
 * which is not before `next` of the request before. Requests are served in the order of calls. */
struct dram_grant dram_access(struct dram *dram, uint64_t now, uint64_t address, uint32_t bytes,
                              bool write);

/* X(ENUMERATOR, command) */
#define DRAM_EVENTS(X)        \
    X(PRECHARGE, "precharge") \
    X(ACTIVATE, "activate")   \
    X(READ, "read")           \
    X(WRITE, "write")         \
    X(REFRESH, "refresh")

#define DRAM_EVENT_ENUMERATOR(id, name) DRAM_EVENT_##id,
enum dram_event_kind { DRAM_EVENTS(DRAM_EVENT_ENUMERATOR) DRAM_EVENT_COUNT };
#undef DRAM_EVENT_ENUMERATOR

/* What the DRAM does, for traces, in DRAM clocks. A precharge lasts tRP, an activation tRCDRD, a
 * refresh tRFC or tRFCpb; a read or write is that of neighbouring bursts that lie in one row, or in
 * bank groups that take turns, from the first data to the last. */
struct dram_event {
    enum dram_event_kind kind;
    uint64_t begin, end;
    uint32_t channel; /* of the device */
    uint32_t bank;    /* of the channel; the first where there are several; 0 without banks */
    uint64_t row;     /* ACTIVATE, READ, WRITE */
    uint64_t address; /* READ, WRITE: of the first burst */
    uint64_t bursts;  /* READ, WRITE */
};
typedef void (*dram_event_observer)(void *context, const struct dram_event *event);

/* Tell `observer` (NULL: nobody) of everything from now on. */
void dram_observe(struct dram *dram, dram_event_observer observer, void *context);
const char *dram_event_name(enum dram_event_kind kind);

/* Refresh as due up to cycle `now`: for the end of a run, so that idle time counts too. */
void dram_idle(struct dram *dram, uint64_t now);

/* Clocks are those of ranks, up to the last request's arrival or call of dram_idle; the ideal
 * memory has none. */
struct dram_counts {
    uint64_t read_bursts, write_bursts, activates, precharges, refreshes;
    uint64_t active_clocks, idle_clocks; /* with a row open, without */
};
struct dram_counts dram_counts(const struct dram *dram);

#endif
