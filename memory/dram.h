/* DRAM: rows, banks and a shared data bus, timing as a table of constraints. docs/machine.md,
 * section DRAM. */
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

/* One contiguous request of `bytes` (at least 1) at `address`, asked for at cycle `now`. Requests
 * are served in the order of calls; `now` never decreases between calls. */
struct dram_grant dram_access(struct dram *dram, uint64_t now, uint64_t address, uint32_t bytes,
                              bool write);

/* Refresh as due up to cycle `now`: for the end of a run, so that idle time counts too. */
void dram_idle(struct dram *dram, uint64_t now);

struct dram_counts {
    uint64_t read_bursts, write_bursts, activates, refreshes, row_hits;
};
struct dram_counts dram_counts(const struct dram *dram);

#endif
