/* DRAM: rows, banks and a shared data bus, timing as a table of constraints. docs/machine.md,
 * section DRAM. */
#ifndef MANTIS_MEMORY_DRAM_H
#define MANTIS_MEMORY_DRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/dram_numbers.h"

struct dram;

/* Times in and out are cycles of a core clock of `clock_khz`. NULL when out of memory. */
struct dram *dram_new(const struct dram_config *config, uint32_t clock_khz);
struct dram *dram_new_of_numbers(const struct dram_numbers *config, uint32_t clock_khz);
void dram_free(struct dram *dram);
void dram_reset(struct dram *dram);

struct dram_grant {
    uint64_t next; /* the channel takes the next request from this cycle on (> or = now) */
    uint64_t done; /* the last data has arrived (read) or been accepted (write), > now */
};

/* One contiguous request of `bytes` (at least 1) at `address`, asked for at cycle `now`. Requests
 * are served in the order of calls; `now` never decreases between calls. */
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

/* What the DRAM does, for traces, in DRAM clocks. A precharge lasts tRP, an activation tRCD, a
 * refresh (of all banks, their precharge aside) tRFC; a read or write is that of neighbouring
 * bursts in one row, as long as their data are on the bus. */
struct dram_event {
    enum dram_event_kind kind;
    uint64_t begin, end;
    uint32_t bank;    /* 0 for a refresh, or where there are no banks */
    uint64_t row;     /* ACTIVATE, READ, WRITE */
    uint64_t address; /* READ, WRITE: first byte asked for */
    uint64_t bursts;  /* READ, WRITE */
};
typedef void (*dram_event_observer)(void *context, const struct dram_event *event);

/* Tell `observer` (NULL: nobody) of everything from now on. */
void dram_observe(struct dram *dram, dram_event_observer observer, void *context);
const char *dram_event_name(enum dram_event_kind kind);

/* Refresh as due up to cycle `now`: for the end of a run, so that idle time counts too. */
void dram_idle(struct dram *dram, uint64_t now);

struct dram_counts {
    uint64_t read_bursts, write_bursts, activates, refreshes, row_hits;
};
struct dram_counts dram_counts(const struct dram *dram);

#endif
