/* The stats: everything reported derives from these counters. */
#ifndef MANTIS_ISA_STATS_H
#define MANTIS_ISA_STATS_H

#include <stdint.h>

#include "isa/instruction.h"

/* X(name, unit, what it counts) */
#define COUNTERS(X)                                                                               \
    X(macs, "", "multiply-accumulates of real operands")                                          \
    X(pe_clocks, "clocks", "clocks of PEs that hold real operands (macs x clocks per mac)")       \
    X(idle_pe_clocks, "clocks", "clocks of PEs without real operands while the array is busy")    \
    X(act_decodes, "", "activation codes through the decoders at the array edge")                 \
    X(weight_decodes, "", "weight codes through the decoders at the array edge")                  \
    X(act_read_bits, "bits", "read from the act scratchpad")                                      \
    X(act_write_bits, "bits", "written to the act scratchpad")                                    \
    X(weight_read_bits, "bits", "read from the weight scratchpad")                                \
    X(weight_write_bits, "bits", "written to the weight scratchpad")                              \
    X(param_read_bits, "bits", "read from the param scratchpad")                                  \
    X(param_write_bits, "bits", "written to the param scratchpad")                                \
    X(acc_read_bits, "bits", "read from the acc scratchpad")                                      \
    X(acc_write_bits, "bits", "written to the acc scratchpad")                                    \
    X(out_read_bits, "bits", "read from the out scratchpad")                                      \
    X(out_write_bits, "bits", "written to the out scratchpad")                                    \
    X(vector_ops, "", "element operations of the vector unit")                                    \
    X(dram_read_bytes, "bytes", "read from DRAM, whole bursts")                                   \
    X(dram_write_bytes, "bytes", "written to DRAM, whole bursts")                                 \
    X(dram_activates, "", "DRAM rows opened")                                                     \
    X(dram_refreshes, "", "DRAM refreshes")                                                       \
    X(dram_precharges, "", "DRAM rows closed")                                                    \
    X(dram_active_clocks, "DRAM clocks", "of ranks with an open row")                             \
    X(dram_idle_clocks, "DRAM clocks", "of ranks without")                                        \
    X(load_busy, "cycles", "load unit executing")                                                 \
    X(array_busy, "cycles", "array executing")                                                    \
    X(vector_busy, "cycles", "vector unit executing")                                             \
    X(store_busy, "cycles", "store unit executing")                                               \
    X(load_stall, "cycles", "load unit waiting for tokens")                                       \
    X(array_stall, "cycles", "array waiting for tokens")                                          \
    X(vector_stall, "cycles", "vector unit waiting for tokens")                                   \
    X(store_stall, "cycles", "store unit waiting for tokens")                                     \
    X(overflows, "", "partial sums that did not fit the accumulator, summed over the images run") \
    X(examined_clocks, "clocks",                                                                  \
      "clocks of PEs whose operands --activity looked at, summed over its images")                \
    X(zero_act_clocks, "clocks", "of these, those with a zero activation")                        \
    X(zero_weight_clocks, "clocks", "of these, those with a zero weight, or digit of one")        \
    X(array2_pe_clocks, "clocks", "pe_clocks of the second core")                                 \
    X(array2_idle_pe_clocks, "clocks", "idle_pe_clocks of the second core")                       \
    X(array2_act_decodes, "", "act_decodes of the second core")                                   \
    X(array2_weight_decodes, "", "weight_decodes of the second core")                             \
    X(array2_busy, "cycles", "array of the second core executing")                                \
    X(array2_stall, "cycles", "array of the second core waiting for tokens")                      \
    X(array2_examined_clocks, "clocks", "examined_clocks of the second core")                     \
    X(array2_zero_act_clocks, "clocks", "zero_act_clocks of the second core")                     \
    X(array2_zero_weight_clocks, "clocks", "zero_weight_clocks of the second core")

#define COUNTER_FIELD(name, unit, help) uint64_t name;
struct counters {
    COUNTERS(COUNTER_FIELD)
};
#undef COUNTER_FIELD

/* A layer's `cycles` is the time from the completion of everything before it in program order to
 * the completion of its own last instruction, so that the layers' cycles sum to the total. */
struct layer_stats {
    uint64_t cycles;
    struct counters counters;
};

struct stats {
    uint64_t cycles;
    struct counters counters; /* sum over the layers */
    uint32_t layer_count;
    struct layer_stats *layers;
};

void counters_add(struct counters *sum, const struct counters *term);

/* PE clocks of a core whose operands were looked at, and those of them with a zero. */
struct zero_clocks {
    uint64_t examined, act, weight;
};
void counters_add_zeros(struct counters *counters, int core, const struct zero_clocks *clocks);
struct zero_clocks counters_zeros(const struct counters *counters, int core);

/* Cycles in which the unit executed, and waited for tokens. */
void counters_add_time(struct counters *counters, enum unit unit, uint64_t busy, uint64_t stall);

#endif
