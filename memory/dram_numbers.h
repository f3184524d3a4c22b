/* A memory as the in-order model sees it. */
#ifndef MANTIS_MEMORY_DRAM_NUMBERS_H
#define MANTIS_MEMORY_DRAM_NUMBERS_H

#include "isa/arch.h"

/* DRAM as a table of timing constraints, in DRAM clocks. `banks` = 0 is the ideal memory: no rows,
 * only `bytes_per_clock` and `latency`. */
struct dram_numbers {
    uint32_t clock_period_ps;
    uint16_t bytes_per_clock; /* of the data bus */
    uint16_t burst_bytes;     /* one column access */
    uint16_t banks;
    uint32_t row_bytes; /* over the whole rank */
    uint16_t latency;   /* CL: column read to first data (ideal memory: request to first data) */
    uint16_t tRCD, tRP, tRAS, tCCD, tRRD, tFAW, tWR, tWTR, tRTP, tCWL;
    uint32_t tREFI, tRFC; /* tREFI = 0: no refresh */
};

struct dram_numbers dram_numbers_of(const struct dram_config *config);

#endif
