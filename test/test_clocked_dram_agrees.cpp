/* Does the DRAM that runs clock by clock give what memory/dram.c computes ahead? Random
 * sequences of requests on random memories: when the channel takes the next request, when each
 * one is done, and every command that is counted. */
#include "sim/clocked/dram_model.h"

#include <deque>

/* In C a struct and a function may share a name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
extern "C" {
#include "memory/clock.h"
#include "memory/dram.h"
#include "test/random_dram.h"
}
#pragma GCC diagnostic pop

namespace
{

enum { RATIO_EQUAL, RATIO_TYPICAL, RATIO_ANY, RATIO_COUNT };

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
    explicit clocked(const dram_config &config, std::uint32_t clock_khz)
        : model(mantis::make_dram_model(config)),
          to_dram(clock_ratio_from(clock_khz, dram_config_clock_ps(&config))),
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
            precharges += work->precharges;
        }
        assert_true(expected_done.empty() || expected_done.front() > cycle);
    }

    std::unique_ptr<mantis::dram_model> model;
    clock_ratio to_dram, to_core;
    std::uint64_t clock = 0;
    std::deque<std::uint64_t> expected_done;
    std::uint64_t bursts = 0, activates = 0, precharges = 0;
};

/* Addresses that often stay near, and now and then are far away. */
std::uint64_t random_address(std::uint64_t last)
{
    switch (check_between(0, 4)) {
    case 0:
        return last + (1ull << check_between(1, 16)); /* next row, bank, group, rank or channel */
    case 1:
        return static_cast<std::uint64_t>(check_between(0, 1 << 20));
    case 2:
        return static_cast<std::uint64_t>(check_between(0, 1 << check_between(6, 12)));
    default:
        return last;
    }
}

/* The clock of the core, in DRAM clocks of its period. */
void set_period(dram_config &config, std::uint32_t period_ps)
{
    config.ideal.clock_period_ps = period_ps;
    config.device.tCK = period_ps / 1000.0;
}

void random_traffic(int most_clocks)
{
    const std::uint32_t clock_khz = static_cast<std::uint32_t>(check_between(100000, 2000000));
    dram_config config = random_dram(most_clocks);
    config.controller = DRAM_CONTROLLER_IN_ORDER;
    config.device.policy.row = DRAM_ROW_OPEN;
    set_period(config, random_period(clock_khz));
    clocked fresh(config, clock_khz);
    dram *reference = dram_new(&config, clock_khz);
    std::uint64_t cycle = 0, address = 0, ready = 0;
    for (int left = check_between(1, 40); left;) {
        fresh.run(cycle);
        assert_int_equal(fresh.model->is_ready(), cycle >= ready);
        while (left && cycle >= ready && check_between(0, 9)) {
            address = random_address(address);
            std::uint32_t bytes =
                static_cast<std::uint32_t>(check_between(1, check_between(0, 2) ? 1024 : 40));
            bool write = !check_between(0, 2);
            dram_grant grant = dram_access(reference, cycle, address, bytes, write);
            fresh.model->take(clock_convert_up(fresh.to_dram, cycle), {address, bytes, write});
            fresh.expected_done.push_back(grant.done);
            ready = grant.next;
            assert_int_equal(fresh.model->is_ready(), cycle >= ready);
            std::uint64_t clock = clock_convert_up(fresh.to_dram, cycle);
            struct dram_counts counts = dram_counts(reference);
            mantis::dram_upkeep upkeep = fresh.model->upkeep(clock);
            assert_int_equal(upkeep.refreshes, counts.refreshes);
            assert_int_equal(upkeep.active_clocks, counts.active_clocks);
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
    mantis::dram_upkeep upkeep = fresh.model->upkeep(clock_convert_up(fresh.to_dram, cycle));
    assert_int_equal(upkeep.refreshes, counts.refreshes);
    assert_int_equal(fresh.precharges + upkeep.precharges, counts.precharges);
    assert_int_equal(upkeep.active_clocks, counts.active_clocks);
    assert_int_equal(upkeep.idle_clocks, counts.idle_clocks);
    dram_free(reference);
}

void sensible_memories_agree(void **)
{
    check_seed();
    for (int round = 0; round < 1000; round++)
        random_traffic(30);
}

void wild_memories_agree(void **)
{
    check_seed();
    for (int round = 0; round < 40; round++)
        random_traffic(240);
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
