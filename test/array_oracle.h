/* A second, independent telling of the array: docs/machine.md (section Array), docs/formats.md and
 * docs/isa.md (matmul), taken word by word. It decodes codes by their drawings, visits every
 * multiply-accumulate of every fold, and counts each code and sum as it moves. It shares no code
 * with the simulator: nothing but the plain data of three headers. */
#ifndef MANTIS_TEST_ARRAY_ORACLE_H
#define MANTIS_TEST_ARRAY_ORACLE_H

#include <stdint.h>

#include "isa/arch.h"
#include "isa/instruction.h"

/* A MATMUL on an array. */
struct array_oracle_work {
    const struct arch *arch;
    const struct matmul *matmul;
    const uint16_t *act;     /* codes: element 0 of the act scratchpad */
    const uint16_t *weights; /* codes: element matmul->weight_offset of the weight scratchpad */
    bool weights_known;      /* false: timing only, no digit counts as zero */
    __int128 *sums;          /* element matmul->acc_offset of the acc scratchpad */
};

/* The counters of docs/machine.md, under the names of isa/stats.h. */
#define ARRAY_ORACLE_COUNTERS(X) \
    X(macs)                      \
    X(pe_clocks)                 \
    X(idle_pe_clocks)            \
    X(act_read_bits)             \
    X(weight_read_bits)          \
    X(act_decodes)               \
    X(weight_decodes)            \
    X(acc_write_bits)            \
    X(acc_read_bits)

#define ARRAY_ORACLE_COUNTER(name) uint64_t name;
struct array_oracle_counts {
    uint64_t cycles;
    ARRAY_ORACLE_COUNTERS(ARRAY_ORACLE_COUNTER)
};
#undef ARRAY_ORACLE_COUNTER

/* Time, traffic, and sums (written, or added to where the instruction accumulates). Without known
 * weights the sums are left alone. The fused array must have at least one row and column. */
struct array_oracle_counts array_oracle_run(const struct array_oracle_work *work);

/* The element of the act scratchpad that output pixel m reads for k of its reduction. */
uint64_t array_oracle_act_element(const struct matmul *matmul, uint64_t group, uint64_t m,
                                  uint64_t k);

#endif
