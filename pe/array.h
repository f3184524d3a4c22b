/* Timing of one MATMUL on the systolic array: a pure function of shapes, formats and (for PEs that
 * skip zero digits) the weights. docs/machine.md, section Array, gives it as formulas. */
#ifndef MANTIS_PE_ARRAY_H
#define MANTIS_PE_ARRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/arch.h"
#include "isa/format.h"
#include "isa/stats.h"

/* `groups` products of M x K by K x N, each at least 1. weights: codes [groups][K][N] of
 * format_host_bytes each, or NULL (no digit is taken to be zero). The fused array must keep at
 * least one row and column (array_shape). */
struct array_work {
    uint64_t m, k, n, groups;
    struct format act, weight;
    const void *weights;
    bool accumulate;
    uint8_t core; /* of the arch, whose array does it */
};

/* Cycles the array is busy. Adds macs, pe_clocks, idle_pe_clocks, decodes and scratchpad traffic to
 * `counters` (which may be NULL). Constant time, except that skipped digits are counted fold by
 * fold. */
uint64_t array_cycles(const struct arch *arch, const struct array_work *work,
                      struct counters *counters);

/* Rows and columns of the effective array: with PEs fused for operands of these formats, and a row
 * for each pixel that a PE works on. 0 where it is too small to fuse. */
void array_shape(const struct core *core, struct format act, struct format weight, uint32_t *rows,
                 uint32_t *columns);

#endif
