/* Does the DRAM that runs clock by clock give what memory/dram.c computes ahead? Random
 * sequences of requests on random memories: when the channel takes the next request, when each
 * one is done, and every command that is counted. */
#include "sim/clocked/dram_model.h"

#include <deque>

/* In C a struct and a function may share a name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "memory/clock.h"
#include "memory/dram.h"
#include "test/check.h"
}
#pragma GCC diagnostic pop

namespace
{

enum { RATIO_EQUAL, RATIO_TYPICAL, RATIO_ANY, RATIO_COUNT };

std::uint16_t clocks(int low, int high)
{
    return static_cast<std::uint16_t>(check_between(low, high));
}

/* `wild`: constraints longer than the time between refreshes. */
dram_numbers random_memory(bool wild)
{
    dram_numbers c = {};
    const int most = wild ? 400 : 40;
    c.bytes_per_clock = static_cast<std::uint16_t>(1 << check_between(2, 6));
    c.burst_bytes = static_cast<std::uint16_t>(c.bytes_per_clock * check_between(1, 8));
    c.latency = clocks(0, most);
    if (!check_between(0, 3))
        return c;
    c.banks = static_cast<std::uint16_t>(check_between(1, 9));
    c.row_bytes = static_cast<std::uint32_t>(c.burst_bytes * (1 << check_between(2, 6)));
    c.tCWL = clocks(0, most);
    c.tRCD = clocks(1, most);
    c.tRP = clocks(1, most);
    c.tRAS = static_cast<std::uint16_t>(c.tRCD + check_between(0, most));
    c.tCCD = clocks(1, 10);
    c.tRRD = clocks(0, 12);
    c.tFAW = clocks(0, 2 * most);
    c.tWR = clocks(0, most);
    c.tWTR = clocks(0, most);
    c.tRTP = clocks(0, most);
    if (check_between(0, 2)) {
        c.tREFI = static_cast<std::uint32_t>(check_between(60, 2000));
        c.tRFC = static_cast<std::uint32_t>(
            check_between(0, static_cast<int>(wild ? c.tREFI - c.tREFI / 4 : c.tREFI / 3)));
    }
    return c;
}

std::uint32_t random_period(std::uint32_t clock_khz)
{
    switch (check_between(0, RATIO_COUNT - 1)) {
    case RATIO_EQUAL:
        return 1000000000 / clock_khz;
    case RATIO_TYPICAL:
        return 833;
    default:
        return static_cast<std::uint32_t>(check_between(50, 5000));
    }
}

/* The clocked memory behind the clock of a core, and what has happened in it. */
struct clocked {
    explicit clocked(const dram_numbers &config, std::uint32_t clock_khz)
        : model(mantis::make_dram_model(config)),
          to_dram(clock_ratio_from(clock_khz, config.clock_period_ps)),
          to_core(clock_ratio_inverse(to_dram))
    {
    }

    void run(std::uint64_t cycle)
    {
        while (clock_convert_up(to_core, clock + 1) <= cycle)
            model->run(++clock);
        while (auto work = model->finished()) {
            assert_false(expected_done.empty());
            assert_int_equal(expected_done.front(), cycle);
            expected_done.pop_front();
            bursts += work->bursts;
            activates += work->activates;
            row_hits += work->row_hits;
        }
        assert_true(expected_done.empty() || expected_done.front() > cycle);
    }

    std::unique_ptr<mantis::dram_model> model;
    clock_ratio to_dram, to_core;
    std::uint64_t clock = 0;
    std::deque<std::uint64_t> expected_done;
    std::uint64_t bursts = 0, activates = 0, row_hits = 0;
};

/* Addresses that often stay in a row or a bank, and now and then are far away. */
std::uint64_t random_address(const dram_numbers &config, std::uint64_t last)
{
    std::uint64_t row = config.row_bytes ? config.row_bytes : 256;
    std::uint64_t banks = config.banks ? config.banks : 1;
    switch (check_between(0, 4)) {
    case 0:
        return last + row * banks; /* next row of the bank */
    case 1:
        return static_cast<std::uint64_t>(check_between(0, 1 << 20));
    case 2:
        return static_cast<std::uint64_t>(check_between(0, static_cast<int>(3 * row * banks)));
    default:
        return last;
    }
}

void random_traffic(bool wild)
{
    const std::uint32_t clock_khz = static_cast<std::uint32_t>(check_between(100000, 2000000));
    dram_numbers config = random_memory(wild);
    config.clock_period_ps = random_period(clock_khz);
    clocked fresh(config, clock_khz);
    dram *reference = dram_new_of_numbers(&config, clock_khz);
    std::uint64_t cycle = 0, address = 0, ready = 0;
    for (int left = check_between(1, 40); left;) {
        fresh.run(cycle);
        assert_int_equal(fresh.model->is_ready(), cycle >= ready);
        while (left && cycle >= ready && check_between(0, 9)) {
            address = random_address(config, address);
            std::uint32_t bytes =
                static_cast<std::uint32_t>(check_between(1, check_between(0, 2) ? 1024 : 40));
            bool write = !check_between(0, 2);
            dram_grant grant = dram_access(reference, cycle, address, bytes, write);
            fresh.model->take(clock_convert_up(fresh.to_dram, cycle), {address, bytes, write});
            fresh.expected_done.push_back(grant.done);
            ready = grant.next;
            assert_int_equal(fresh.model->is_ready(), cycle >= ready);
            assert_int_equal(fresh.model->refreshes(), dram_counts(reference).refreshes);
            address += bytes;
            left--;
        }
        cycle++;
        if (!check_between(0, 200)) {
            for (int idle = check_between(0, 4000); idle; idle--)
                fresh.run(cycle++);
        }
    }
    while (!fresh.expected_done.empty())
        fresh.run(cycle++);
    dram_idle(reference, --cycle);
    fresh.model->run(clock_convert_up(fresh.to_dram, cycle));
    struct dram_counts counts = dram_counts(reference);
    assert_int_equal(fresh.bursts, counts.read_bursts + counts.write_bursts);
    assert_int_equal(fresh.activates, counts.activates);
    assert_int_equal(fresh.model->refreshes(), counts.refreshes);
    if (config.banks)
        assert_int_equal(fresh.row_hits, counts.row_hits);
    dram_free(reference);
}

void sensible_memories_agree(void **)
{
    check_seed();
    for (int round = 0; round < 1000; round++)
        random_traffic(false);
}

void wild_memories_agree(void **)
{
    check_seed();
    for (int round = 0; round < 100; round++)
        random_traffic(true);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(sensible_memories_agree),
        cmocka_unit_test(wild_memories_agree),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
