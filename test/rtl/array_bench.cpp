#include "array_bench.h"

extern "C" {
#include "pe/array.h"
#include "pe/gemm.h"
}

uint32_t weight_at(const struct array_matmul_task &task, int k, int n)
{
    assert_true(k < task.k && n < task.n);
    size_t at = (size_t)k * (size_t)task.n + (size_t)n;
    if (format_host_bytes(task.weight_format) == 1)
        return task.weights[at];
    return (uint32_t)(task.weights[2 * at] | task.weights[2 * at + 1] << 8);
}

struct arch arch_of(const struct array_build &build)
{
    struct arch arch = {};
    arch.core_count = 1;
    arch.cores[0].pe = (uint8_t)build.pe;
    arch.cores[0].dataflow = (uint8_t)build.dataflow;
    arch.cores[0].preload = arch.cores[0].fill = arch.cores[0].drain = EXPOSED;
    arch.cores[0].accumulator_bits = (uint8_t)build.sum_bits;
    arch.cores[0].rows = (uint16_t)build.rows;
    arch.cores[0].columns = (uint16_t)build.columns;
    for (struct scratchpad_config &pad : arch.pads)
        pad.banks = 1024, pad.bank_bits = 1024;
    return arch;
}

static std::string different_sums(const struct array_build &build,
                                  const struct array_matmul_task &task)
{
    std::vector<int64_t> expected = task.sums_before;
    gemm_reference(task.act.data(), task.act_format, task.m, (size_t)task.k, task.weights.data(),
                   task.weight_format, task.k, task.n, expected.data(), (size_t)task.n, true,
                   task.accumulate);
    for (size_t i = 0; i < expected.size(); i++) {
        int64_t sum = accumulator_wrap(expected[i], build.sum_bits);
        if (task.sums[i] != sum)
            return "sum [" + std::to_string(i / (size_t)task.n) + "][" +
                   std::to_string(i % (size_t)task.n) + "] is " + std::to_string(task.sums[i]) +
                   ", must be " + std::to_string(sum);
    }
    return "";
}

/* A number that must be another. */
struct quantity {
    const char *name;
    uint64_t is, must_be;
};

static std::string different(const std::vector<quantity> &quantities)
{
    for (const quantity &number : quantities)
        if (number.is != number.must_be)
            return std::string(number.name) + ": " + std::to_string(number.is) + ", must be " +
                   std::to_string(number.must_be);
    return "";
}

/* docs/machine.md, section Array: P, T, S and D of each fold, all exposed, on the whole array. */
static std::vector<quantity> phases_of(const struct arch &arch,
                                       const struct array_matmul_task &task,
                                       const struct array_run &run)
{
    uint32_t rows, columns;
    array_shape(&arch.cores[0], task.act_format, task.weight_format, &rows, &columns);
    bool stationary = arch.cores[0].dataflow == WEIGHT_STATIONARY;
    uint64_t all_rows = (uint64_t)(stationary ? task.k : task.m);
    uint64_t steps = (uint64_t)(stationary ? task.m : task.k);
    uint64_t folds = (all_rows + rows - 1) / rows * (((uint64_t)task.n + columns - 1) / columns);
    uint64_t clocks = (uint64_t)pe_descriptor(arch.cores[0].pe)->clocks_per_mac(task.weight_format);
    return {{"preload clocks", run.preload, stationary ? folds * rows : 0},
            {"stream clocks", run.stream, folds * steps * clocks},
            {"fill clocks", run.fill, folds * (rows - 1 + columns - 1)},
            {"drain clocks", run.drain, stationary ? 0 : folds * rows}};
}

/* Codes that stream are read in each clock of a step, stationary ones once. */
static std::vector<quantity> traffic_of(const struct arch &arch,
                                        const struct array_matmul_task &task,
                                        const struct array_run &run,
                                        const struct counters &counters)
{
    uint64_t clocks = (uint64_t)pe_descriptor(arch.cores[0].pe)->clocks_per_mac(task.weight_format);
    uint64_t weight_clocks = arch.cores[0].dataflow == WEIGHT_STATIONARY ? 1 : clocks;
    uint64_t act_bits = (uint64_t)format_code_bits(task.act_format);
    uint64_t weight_bits = (uint64_t)format_code_bits(task.weight_format);
    uint64_t sum_bits = arch.cores[0].accumulator_bits;
    return {
        {"act bits", run.act_lanes * act_bits, counters.act_read_bits * clocks},
        {"weight bits", run.weight_lanes * weight_bits, counters.weight_read_bits * weight_clocks},
        {"sum bits read", run.sums_read * sum_bits, counters.acc_read_bits},
        {"sum bits written", run.sums_written * sum_bits, counters.acc_write_bits}};
}

std::string difference(const struct array_build &build, const struct array_matmul_task &task,
                       const struct array_run &run)
{
    struct arch arch = arch_of(build);
    struct array_work work = {};
    work.m = (uint64_t)task.m, work.k = (uint64_t)task.k, work.n = (uint64_t)task.n;
    work.groups = 1;
    work.act = task.act_format, work.weight = task.weight_format;
    work.accumulate = task.accumulate;
    struct counters counters = {};
    uint64_t cycles = array_cycles(&arch, &work, &counters);
    std::string text = different({{"clocks", run.clocks, cycles}});
    if (text.empty())
        text = different(phases_of(arch, task, run));
    if (text.empty())
        text = different(traffic_of(arch, task, run, counters));
    return text.empty() ? different_sums(build, task) : text;
}
