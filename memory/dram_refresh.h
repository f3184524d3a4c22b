/* When refreshes fall due, and of which banks: number n, from 0 on, at clock (n + 1) x interval. */
#ifndef MANTIS_MEMORY_DRAM_REFRESH_H
#define MANTIS_MEMORY_DRAM_REFRESH_H

#include "memory/dram_constraint.h"

/* Refreshes of a rank come every tREFI; those of all ranks, or of all banks, share that time
 * evenly. 0: none. */
static inline uint64_t dram_refresh_interval(const struct dram_device *device)
{
    uint64_t interval = (uint64_t)device->timing.tREFI;
    switch ((enum dram_refresh)device->policy.refresh) {
    case DRAM_REFRESHES_RANKS:
        return interval / device->geometry.ranks;
    case DRAM_REFRESHES_BANKS:
        return interval / dram_channel_banks(&device->geometry);
    case DRAM_REFRESHES_NOTHING:
        return 0;
    }
    return 0;
}

/* Refresh n is of rank n mod ranks, or of the banks in turn, ranks alternating: its first bank. */
static inline uint32_t dram_refresh_first(const struct dram_device *device, uint64_t number)
{
    const uint32_t ranks = device->geometry.ranks;
    const uint32_t rank_banks = dram_rank_banks(&device->geometry);
    bool of_bank = device->policy.refresh == DRAM_REFRESHES_BANKS;
    uint32_t bank = of_bank ? (uint32_t)(number / ranks % rank_banks) : 0;
    return (uint32_t)(number % ranks) * rank_banks + bank;
}

/* How many banks it is of. */
static inline uint32_t dram_refresh_banks(const struct dram_device *device)
{
    return device->policy.refresh == DRAM_REFRESHES_BANKS ? 1 : dram_rank_banks(&device->geometry);
}

static inline enum dram_command dram_refresh_command(const struct dram_device *device)
{
    return device->policy.refresh == DRAM_REFRESHES_BANKS ? DRAM_REFRESH_BANK : DRAM_REFRESH;
}

#endif
