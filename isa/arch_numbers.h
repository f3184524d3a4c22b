/* Every number of struct arch but its names and its DRAM device, with the range that the machine can take: X(field,
 * min, max). The order is the binary encoding in programs: append only. The ranges are also there
 * as constants, for the readers of files: CORE_MIN_rows, IDEAL_MAX_latency, ... */
#ifndef MANTIS_ISA_ARCH_NUMBERS_H
#define MANTIS_ISA_ARCH_NUMBERS_H

#include "isa/arch.h"

#define CORE_NUMBERS(X)                 \
    X(pe, 0, PE_COUNT - 1)              \
    X(dataflow, 0, DATAFLOW_COUNT - 1)  \
    X(preload, 0, VISIBILITY_COUNT - 1) \
    X(fill, 0, VISIBILITY_COUNT - 1)    \
    X(drain, 0, VISIBILITY_COUNT - 1)   \
    X(accumulator_bits, 8, 32)          \
    X(skew_used, 0, 1)                  \
    X(rows, 1, ARCH_MAX_ROWS)           \
    X(columns, 1, ARCH_MAX_COLUMNS)     \
    X(fold_latency, 0, 1024)            \
    X(corner_latency, 0, 1024)

#define SCRATCHPAD_NUMBERS(X) \
    X(bytes, 16, 1 << 30)     \
    X(banks, 1, 1024)         \
    X(bank_bits, 1, 4096)     \
    X(double_buffered, 0, 1)

#define IDEAL_NUMBERS(X)            \
    X(clock_period_ps, 50, 1000000) \
    X(bytes_per_clock, 1, 65535)    \
    X(burst_bytes, 1, 65535)        \
    X(latency, 0, 10000)

#define ARCH_NUMBERS(X)        \
    X(clock_khz, 1, 10000000)  \
    X(vector_lanes, 1, 4096)   \
    X(vector_latency, 0, 1024) \
    X(dma_setup, 0, 10000)     \
    X(core_count, 1, ARCH_MAX_CORES)

#define CORE_RANGE(field, min, max) CORE_MIN_##field = min, CORE_MAX_##field = max,
enum core_range { CORE_NUMBERS(CORE_RANGE) };
#undef CORE_RANGE

#define SCRATCHPAD_RANGE(field, min, max) \
    SCRATCHPAD_MIN_##field = min, SCRATCHPAD_MAX_##field = max,
enum scratchpad_range { SCRATCHPAD_NUMBERS(SCRATCHPAD_RANGE) };
#undef SCRATCHPAD_RANGE

#define IDEAL_RANGE(field, min, max) IDEAL_MIN_##field = min, IDEAL_MAX_##field = max,
enum ideal_range { IDEAL_NUMBERS(IDEAL_RANGE) };
#undef IDEAL_RANGE

#define ARCH_RANGE(field, min, max) ARCH_MIN_##field = min, ARCH_MAX_##field = max,
enum arch_range { ARCH_NUMBERS(ARCH_RANGE) };
#undef ARCH_RANGE

#endif
