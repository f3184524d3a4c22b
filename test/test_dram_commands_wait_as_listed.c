/* Does every DRAM command wait exactly as the standards say, not at t-1, yes at t? Each pair of
 * commands on its own, at every distance; then what policies and energy add up to, worked out by
 * hand. */
#include "test/check.h"

#include "memory/dram_energy.h"
#include "memory/dram_state.h"
#include "test/dram_command_log.h"

/* --- pairs --- */

/* Bring the state to where `command` to the bank is legal, all waits past. Returns a clock. */
static uint64_t prepare(struct dram_state *state, enum dram_command command, uint32_t bank)
{
    bool wants_row = command != DRAM_ACTIVATE && !refreshes(command);
    if (wants_row)
        dram_state_issue(state, DRAM_ACTIVATE, bank, 1, 1000);
    return 10000;
}

/* `before` to bank 0, then when may `after` come to `bank`? */
static void check_pair(const struct dram_device *device, enum dram_command before,
                       enum dram_command after, uint32_t bank)
{
    struct dram_state state;
    dram_state_initialise(&state, device);
    uint64_t clock = prepare(&state, before, 0);
    dram_state_issue(&state, before, 0, 1, clock);
    int wait = least_wait(device, before, after, distance(&device->geometry, 0, bank));
    uint64_t expected = wait > 0 ? clock + (uint64_t)wait : 0, ready;
    ready = dram_state_ready(&state, after, bank);
    if (wait > 0 ? ready != expected : ready > clock)
        fail_msg("%s then %s, bank %u: ready %llu clocks later, wanted %d",
                 dram_command_name(before), dram_command_name(after), bank,
                 (unsigned long long)(ready - clock), wait);
}

static void every_pair_at_every_distance(void **unused)
{
    static const uint32_t banks[] = {0, 1, 4, 16}; /* same bank, group, rank, other rank */
    struct dram_device device = typical();
    for (int before = 0; before < DRAM_COMMAND_COUNT; before++)
        for (int after = 0; after < DRAM_COMMAND_COUNT; after++)
            for (unsigned i = 0; i < 4; i++)
                check_pair(&device, (enum dram_command)before, (enum dram_command)after, banks[i]);
}

static void four_activates_in_a_window(void **unused)
{
    struct dram_device device = typical();
    struct dram_state state;
    dram_state_initialise(&state, &device);
    for (uint32_t i = 0; i < 4; i++)
        dram_state_issue(&state, DRAM_ACTIVATE, 4 * i, 1, 100 + 8 * i);
    assert_int_equal(dram_state_ready(&state, DRAM_ACTIVATE, 1), 100 + 37);
    assert_int_equal(dram_state_ready(&state, DRAM_ACTIVATE, 16), 0); /* the other rank is free */
    dram_state_issue(&state, DRAM_ACTIVATE, 1, 1, 137);
    assert_int_equal(dram_state_ready(&state, DRAM_ACTIVATE, 5), 108 + 37);
}

/* --- single accesses --- */

/* When one request, asked for at clock 10 of an idle device, is done. */
static uint64_t done_alone(const struct dram_device *device, uint64_t address, bool is_write)
{
    struct dram_controller *controller = dram_controller_new(device);
    struct dram_completion completion = {0};
    assert_true(dram_controller_enqueue(controller, 10, 7, address, is_write));
    while (!dram_controller_pop(controller, &completion))
        dram_controller_advance(controller, dram_controller_next_event(controller));
    assert_int_equal(completion.id, 7);
    assert_int_equal(completion.clock, dram_controller_now(controller));
    dram_controller_free(controller);
    return completion.clock;
}

/* Clock 10 takes it to the bank's queue, clock 11 activates. */
static void single_accesses(void **unused)
{
    struct dram_device device = typical();
    assert_int_equal(done_alone(&device, 0x40, false), 11 + 16 + 17 + 4);
    assert_int_equal(done_alone(&device, 0x40, true), 11);
}

/* --- policies --- */

/* A requester that never takes an answer is refused in the end, and loses nothing. */
static void answers_wait_to_be_taken(void **unused)
{
    struct dram_device device = typical();
    struct dram_controller *controller = dram_controller_new(&device);
    uint64_t accepted = 0, taken = 0;
    struct dram_completion completion;
    for (int i = 0; i < 100000; i++)
        accepted += dram_controller_enqueue(controller, (uint64_t)i, accepted,
                                            accepted * 64 % dram_capacity(&device.geometry), false);
    assert_int_equal(accepted, DRAM_OUTSTANDING);
    while (dram_controller_pop(controller, &completion))
        taken++;
    assert_int_equal(taken, accepted);
    assert_true(dram_controller_enqueue(controller, 100001, 0, 0, false));
    dram_controller_free(controller);
}

/* Writes up to drain_low stay in the buffer; one more, with nothing else to do, and all go (batch)
 * or all but drain_low (watermark); finish leaves none. */
static void drains_end_as_named(void **unused)
{
    static const struct {
        uint8_t drain;
        uint64_t writes, left;
    } cases[] = {{DRAM_DRAIN_BATCH, 4, 4},
                 {DRAM_DRAIN_BATCH, 5, 0},
                 {DRAM_DRAIN_WATERMARK, 4, 4},
                 {DRAM_DRAIN_WATERMARK, 5, 4}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dram_device device = typical();
        device.policy.drain = cases[i].drain;
        struct dram_controller *controller = dram_controller_new(&device);
        for (uint64_t write = 0; write < cases[i].writes; write++)
            assert_true(dram_controller_enqueue(controller, 0, write, write * 64, true));
        dram_controller_advance(controller, 500);
        struct dram_command_counts counts = dram_controller_counts(controller);
        assert_int_equal(counts.commands[DRAM_WRITE], cases[i].writes - cases[i].left);
        dram_controller_finish(controller);
        counts = dram_controller_counts(controller);
        assert_int_equal(counts.commands[DRAM_WRITE], cases[i].writes);
        dram_controller_free(controller);
    }
}

/* Row A, row B, then seven of row A, all of one bank: first-ready serves the row's cap of accesses
 * before B, first-come serves B second. tRTP is less than tCCD_L here, so that the precharge can
 * come between two reads. */
static void schedulers_order_as_named(void **unused)
{
    static struct command_log log;
    for (int scheduler = 0; scheduler < 2; scheduler++) {
        struct dram_device device = typical();
        device.timing.tRTP = 5;
        device.timing.tRAS = 20;
        device.policy.scheduler = (uint8_t)scheduler;
        device.policy.bank_queue = 16;
        log.count = 0;
        struct dram_controller *controller = dram_controller_new(&device);
        dram_controller_observe(controller, log_command, &log);
        uint64_t next_row = dram_capacity(&device.geometry) / device.geometry.rows;
        for (uint64_t i = 0; i < 9; i++)
            dram_controller_enqueue(controller, 0, i, i == 1 ? next_row : i % 8 * 64, false);
        dram_controller_advance(controller, 1000);
        unsigned rows = 0, reads_of_first = 0;
        for (int i = 0; i < log.count; i++) {
            rows += log.commands[i].command == DRAM_ACTIVATE;
            reads_of_first += rows == 1 && log.commands[i].command == DRAM_READ;
        }
        assert_int_equal(reads_of_first,
                         scheduler == DRAM_SCHEDULER_FCFS ? 1 : device.policy.row_hit_cap);
        dram_controller_free(controller);
    }
}

/* --- energy, by hand --- */

/* 10 activates, 20 reads, 30 writes, 2 refreshes, 1000 clocks active and 500 idle on four devices
 * of 1.2 V at 0.5 ns. One activate: 1.2 V (48 mA x 54 - 43 mA x 39 - 34 mA x 15) 0.5 ns x 4 = 2.4 x
 * 405 pJ. */
static void energy_by_hand(void **unused)
{
    struct dram_device device = typical();
    struct dram_command_counts counts = {
        .commands = {[DRAM_ACTIVATE] = 10,
                     [DRAM_READ] = 12,
                     [DRAM_READ_PRECHARGE] = 8,
                     [DRAM_WRITE] = 30,
                     [DRAM_REFRESH] = 2,
                     [DRAM_REFRESH_BANK] = 3},
        .active_clocks = 1000,
        .idle_clocks = 500,
    };
    struct dram_energy energy = dram_energy_of(&device, &counts);
    assert_float_equal(energy.activate, 2.4 * 405 * 10, 1e-6);
    assert_float_equal(energy.read, 2.4 * 92 * 4 * 20, 1e-6);
    assert_float_equal(energy.write, 2.4 * 80 * 4 * 30, 1e-6);
    assert_float_equal(energy.refresh, 2.4 * (207 * 131 * 2 + 47 * 47 * 3), 1e-6);
    assert_float_equal(energy.active_standby, 2.4 * 43 * 1000, 1e-6);
    assert_float_equal(energy.precharged_standby, 2.4 * 34 * 500, 1e-6);
    assert_float_equal(dram_energy_total(&energy),
                       2.4 * (4050 + 7360 + 9600 + 60861 + 43000 + 17000), 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_at_every_distance),
        cmocka_unit_test(four_activates_in_a_window),
        cmocka_unit_test(single_accesses),
        cmocka_unit_test(answers_wait_to_be_taken),
        cmocka_unit_test(drains_end_as_named),
        cmocka_unit_test(schedulers_order_as_named),
        cmocka_unit_test(energy_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
