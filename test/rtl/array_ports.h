/* Ports of a Verilated array_matmul, whatever their widths. Lanes of a port are numbered from its
 * lowest bits. */
#ifndef MANTIS_TEST_RTL_ARRAY_PORTS_H
#define MANTIS_TEST_RTL_ARRAY_PORTS_H

#include "array_bench.h"

#include <verilated.h>

template <class word> uint64_t lane_of(const word &port, int lane, int bits)
{
    return (uint64_t)port >> (lane * bits) & (UINT64_MAX >> (64 - bits));
}

template <class word> void set_lane(word &port, int lane, int bits, uint64_t value)
{
    uint64_t mask = (UINT64_MAX >> (64 - bits)) << (lane * bits);
    port = (word)(((uint64_t)port & ~mask) | (value << (lane * bits) & mask));
}

template <std::size_t words> uint64_t lane_of(const VlWide<words> &port, int lane, int bits)
{
    uint64_t value = 0;
    for (int bit = 0; bit < bits; bit++) {
        int at = lane * bits + bit;
        value |= (uint64_t)(port[at / 32] >> (at % 32) & 1) << bit;
    }
    return value;
}

template <std::size_t words> void set_lane(VlWide<words> &port, int lane, int bits, uint64_t value)
{
    for (int bit = 0; bit < bits; bit++) {
        int at = lane * bits + bit;
        uint32_t mask = UINT32_C(1) << (at % 32);
        port[at / 32] = (port[at / 32] & ~mask) | (value >> bit & 1 ? mask : 0);
    }
}

/* Families as array_matmul numbers them. */
inline uint8_t family_port(struct format format)
{
    switch (format.family) {
    case FORMAT_INT:
        return 0;
    case FORMAT_FLINT:
        return 1;
    case FORMAT_POT:
        return 2;
    default:
        return 3;
    }
}

/* A Verilated array with its memories. It is reset once; tasks follow each other on the same
 * registers. */
template <class top> class array_under_test
{
  public:
    explicit array_under_test(const struct array_build &build) : build_(build)
    {
        top_.reset = 1;
        top_.start = 0;
        edge();
        top_.reset = 0;
    }

    struct array_run run(struct array_matmul_task &task)
    {
        struct array_run run = {};
        task.sums = task.sums_before;
        present(task);
        top_.start = 1;
        edge();
        top_.start = 0;
        for (bool done = false; !done; edge()) {
            top_.eval();
            assert_true(top_.busy);
            serve(task, run);
            count_phase(run);
            done = top_.done;
            assert_true(run.clocks < CLOCKS_MAX);
        }
        top_.eval();
        assert_false(top_.busy);
        return run;
    }

  private:
    enum { CLOCKS_MAX = 10000000 };

    void edge()
    {
        top_.clock = 0;
        top_.eval();
        top_.clock = 1;
        top_.eval();
        top_.clock = 0;
    }

    void present(const struct array_matmul_task &task)
    {
        top_.m = (uint16_t)task.m, top_.k = (uint16_t)task.k, top_.n = (uint16_t)task.n;
        top_.accumulate = task.accumulate;
        top_.act_family = family_port(task.act_format);
        top_.act_is_signed = task.act_format.is_signed;
        top_.act_bits = (uint8_t)format_code_bits(task.act_format);
        top_.weight_family = family_port(task.weight_format);
        top_.weight_is_signed = task.weight_format.is_signed;
        top_.weight_bits = (uint8_t)format_code_bits(task.weight_format);
    }

    void count_phase(struct array_run &run)
    {
        assert_int_equal(top_.preload + top_.stream + top_.fill + top_.drain, 1);
        run.clocks++;
        run.preload += top_.preload, run.stream += top_.stream;
        run.fill += top_.fill, run.drain += top_.drain;
    }

    /* Memories answer in the clock in which they are asked; lanes not asked for are noise. */
    void serve(struct array_matmul_task &task, struct array_run &run)
    {
        serve_acts(task, run);
        serve_weights(task, run);
        for (int j = 0; j < build_.columns; j++)
            set_lane(top_.old_sums, j, build_.sum_bits, check_random());
        if (top_.sum_read)
            for (int j = 0; j < top_.sum_count; j++)
                set_lane(top_.old_sums, j, build_.sum_bits, (uint64_t)sum_at(task, j));
        top_.eval();
        run.sums_read += top_.sum_read ? top_.sum_count : 0;
        run.sums_written += top_.sum_write ? top_.sum_count : 0;
        if (top_.sum_write)
            for (int j = 0; j < top_.sum_count; j++)
                sum_at(task, j) = accumulator_wrap(
                    (int64_t)lane_of(top_.new_sums, j, build_.sum_bits), build_.sum_bits);
    }

    void serve_acts(const struct array_matmul_task &task, struct array_run &run)
    {
        bool along_k = build_.dataflow == WEIGHT_STATIONARY;
        for (int i = 0; i < build_.rows; i++)
            set_lane(top_.act_codes, i, 8, check_random());
        if (!top_.act_read)
            return;
        for (int i = 0; i < top_.act_count; i++) {
            int m = top_.act_m + (along_k ? 0 : i), k = top_.act_k + (along_k ? i : 0);
            assert_true(m < task.m && k < task.k);
            set_lane(top_.act_codes, i, 8, task.act[(size_t)m * (size_t)task.k + (size_t)k]);
        }
        run.act_lanes += top_.act_count;
    }

    void serve_weights(const struct array_matmul_task &task, struct array_run &run)
    {
        for (int j = 0; j < build_.columns; j++)
            set_lane(top_.weight_codes, j, 16, check_random());
        if (!top_.weight_read)
            return;
        for (int j = 0; j < top_.weight_count; j++)
            set_lane(top_.weight_codes, j, 16, weight_at(task, top_.weight_k, top_.weight_n + j));
        run.weight_lanes += top_.weight_count;
    }

    int64_t &sum_at(struct array_matmul_task &task, int lane)
    {
        int n = top_.sum_n + lane;
        assert_true(top_.sum_m < task.m && n < task.n);
        return task.sums[(size_t)top_.sum_m * (size_t)task.n + (size_t)n];
    }

    struct array_build build_;
    top top_;
};

#endif
