/* Does the Verilog array, clocked by its controller, leave the sums of gemm_reference in the clocks
 * of array_cycles, for every PE and dataflow and all formats they take? Random MATMULs, one after
 * the other on the same registers. */
#include "array_ports.h"

#include "array_builds.h"

enum { TASKS = 400, SMALL = 20, LARGE = 70 };

static std::vector<struct format> act_formats(int pe)
{
    std::vector<struct format> formats;
    for (struct format format : formats_of(FORMAT_INT, pe == PE_ANT ? FORMAT_POT : FORMAT_INT))
        if (pe != PE_ANT || format.bits == 4 || format.bits == 8)
            formats.push_back(format);
    return formats;
}

static std::vector<struct format> weight_formats(int pe)
{
    std::vector<struct format> formats = act_formats(pe);
    if (pe == PE_MSD)
        for (struct format format : formats_of(FORMAT_RSD_EB1, FORMAT_RSD_EB4))
            formats.push_back(format);
    return formats;
}

static struct format any_of(const std::vector<struct format> &formats)
{
    return formats[check_random() % formats.size()];
}

/* Mostly a few folds each way; every sixth size is larger, every sixth 1. */
static int any_size()
{
    switch (check_between(1, 6)) {
    case 1:
        return 1;
    case 2:
        return check_between(SMALL, LARGE);
    default:
        return check_between(1, SMALL);
    }
}

static void fill_codes(std::vector<uint8_t> &codes, size_t count, struct format format)
{
    int bytes = format_host_bytes(format);
    codes.clear();
    for (size_t i = 0; i < count; i++) {
        uint64_t code = check_random() >> 20 & (UINT64_MAX >> (64 - format_code_bits(format)));
        for (int byte = 0; byte < bytes; byte++)
            codes.push_back((uint8_t)(code >> (8 * byte)));
    }
}

static struct array_matmul_task any_task(const struct array_build &build)
{
    struct array_matmul_task task = {};
    task.m = any_size(), task.k = any_size(), task.n = any_size();
    task.act_format = any_of(act_formats(build.pe));
    task.weight_format = any_of(weight_formats(build.pe));
    task.accumulate = check_random() >> 63;
    fill_codes(task.act, (size_t)task.m * (size_t)task.k, task.act_format);
    fill_codes(task.weights, (size_t)task.k * (size_t)task.n, task.weight_format);
    for (int i = 0; i < task.m * task.n; i++)
        task.sums_before.push_back(accumulator_wrap((int64_t)check_random(), build.sum_bits));
    return task;
}

static std::string describe(const struct array_build &build, const struct array_matmul_task &task)
{
    return std::string(build.name) + ": " + std::to_string(task.m) + " x " +
           std::to_string(task.k) + " by " + std::to_string(task.k) + " x " +
           std::to_string(task.n) + ", " + name_of(task.act_format) + " x " +
           name_of(task.weight_format) + (task.accumulate ? ", accumulates" : "");
}

template <class top> static void run_tasks(const struct array_build &build)
{
    array_under_test<top> array(build);
    for (int i = 0; i < TASKS; i++) {
        struct array_matmul_task task = any_task(build);
        struct array_run run = array.run(task);
        std::string text = difference(build, task, run);
        if (!text.empty())
            fail_msg("task %d, %s: %s", i, describe(build, task).c_str(), text.c_str());
    }
}

#define TEST(top, name, rows, columns, pe, dataflow, sum_bits)          \
    static void test_##name(void **state)                               \
    {                                                                   \
        run_tasks<top>({#name, rows, columns, pe, dataflow, sum_bits}); \
    }
ARRAY_BUILDS(TEST)
#undef TEST

int main()
{
#define ROW(top, name, rows, columns, pe, dataflow, sum_bits) cmocka_unit_test(test_##name),
    const struct CMUnitTest tests[] = {ARRAY_BUILDS(ROW)};
#undef ROW
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
