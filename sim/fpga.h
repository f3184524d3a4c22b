/* What an accelerator takes of an FPGA: costs of a PE on a platform times how many there are. */
#ifndef MANTIS_SIM_FPGA_H
#define MANTIS_SIM_FPGA_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/arch.h"

/* Look-up tables, flip-flops, multipliers, block RAMs of 18 Kibit. */
struct fpga_resources {
    uint32_t luts, ffs, dsps, bram18;
};

/* A PE; it does `macs` multiply-accumulates a clock. */
struct fpga_pe {
    struct fpga_resources cost;
    uint32_t macs;
};

struct fpga {
    char name[ARCH_NAME_SIZE];
    double clock_mhz;
    struct fpga_resources device; /* all there is */
    struct fpga_pe serial_pe;     /* msd */
    struct fpga_pe parallel_pe;   /* int8, int8x2 */
    struct fpga_resources other;  /* control, DMA */
};

/* The PEs of a core. */
struct fpga_core_use {
    bool has_pe; /* the platform has a cost for the core's PE; otherwise PEs count as nothing */
    struct fpga_pe pe;
    uint32_t pes; /* of them */
};

struct fpga_use {
    int core_count;
    struct fpga_core_use cores[ARCH_MAX_CORES];
    struct fpga_resources total; /* PEs, scratchpads and other */
};

struct fpga_use fpga_use(const struct fpga *fpga, const struct arch *arch);

/* Block RAMs that hold `bits` bits behind a port of `width` bits: the least over the shapes that
 * 16384 bits of data can take, 512 x 32 to 16384 x 1 (AMD UG473). */
uint32_t fpga_bram18(uint64_t bits, uint32_t width);

#endif
