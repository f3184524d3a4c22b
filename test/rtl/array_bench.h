/* A MATMUL on the Verilog array: operand memories around it, clocks counted, compared with the C
 * model. */
#ifndef MANTIS_TEST_RTL_ARRAY_BENCH_H
#define MANTIS_TEST_RTL_ARRAY_BENCH_H

#include "rtl.h"

extern "C" {
#include "isa/arch.h"
#include "isa/stats.h"
}

/* What one of the builds of array_matmul is: its parameters. */
struct array_build {
    const char *name;
    int rows, columns, pe, dataflow, sum_bits;
};

/* A MATMUL with its operands and the sums before it; `sums` are those that it leaves. */
struct array_matmul_task {
    int m, k, n;
    struct format act_format, weight_format;
    bool accumulate;
    std::vector<uint8_t> act;               /* codes [m][k] */
    std::vector<uint8_t> weights;           /* codes [k][n], format_host_bytes each */
    std::vector<int64_t> sums_before, sums; /* [m][n], sum_bits wide */
};

/* Clocks of each phase, and elements that passed the ports. */
struct array_run {
    uint64_t clocks, preload, stream, fill, drain;
    uint64_t act_lanes, weight_lanes, sums_read, sums_written;
};

uint32_t weight_at(const struct array_matmul_task &task, int k, int n);

/* The arch in which array_cycles gives the build's clocks: phases exposed, ports as wide as they
 * need be. */
struct arch arch_of(const struct array_build &build);

/* Where sums, clocks, phases or traffic are not those of the C model: one line, else empty. */
std::string difference(const struct array_build &build, const struct array_matmul_task &task,
                       const struct array_run &run);

#endif
