/* Does the machine's in-order DRAM place every command at the first clock that its rules allow?
 * Cases whose clocks follow from one or two parameters, then random traffic on random devices
 * against the slow controller of dram_slow.h. Core and DRAM clocks are the same here (1 GHz, 1 ns),
 * so that cycles are DRAM clocks. */
#include "test/check.h"

#include <string.h>

#include "memory/dram.h"
#include "test/dram_command_log.h"
#include "test/dram_slow.h"
#include "test/random_dram.h"

enum { KHZ = 1000000, BURST = 64, ROW = 8 * BURST };

/* Of dram_command_log.h, without refresh; bursts of a request are in one bank, or, interleaved, in
 * all bank groups in turn. */
static struct dram_config device_of(const char *mapping)
{
    struct dram_config config = {.device = typical()};
    config.device.tCK = 1;
    config.device.policy.refresh = DRAM_REFRESHES_NOTHING;
    strcpy(config.device.policy.mapping, mapping);
    assert_true(dram_device_check(&config.device, NULL));
    return config;
}

static struct dram_config in_banks(void)
{
    return device_of("rorabgbachco");
}

static struct dram_config interleaved(void)
{
    return device_of("rorabachcobg");
}

struct request {
    uint64_t now; /* or when the one before lets it, if that is later */
    uint64_t address;
    uint32_t bytes;
    bool write;
};

/* When the last of them is done. */
static uint64_t done_after(const struct dram_config *config, const struct request *requests,
                           int count)
{
    struct dram *dram = dram_new(config, KHZ);
    struct dram_grant grant = {0};
    for (int i = 0; i < count; i++) {
        uint64_t now = requests[i].now > grant.next ? requests[i].now : grant.next;
        grant = dram_access(dram, now, requests[i].address, requests[i].bytes, requests[i].write);
    }
    dram_free(dram);
    return grant.done;
}

#define DONE(config, ...)                                        \
    done_after(&(config), (const struct request[]){__VA_ARGS__}, \
               sizeof((const struct request[]){__VA_ARGS__}) / sizeof(struct request))

/* With in_banks: banks of a group are ROW apart, groups 4 ROW, ranks 16 ROW, rows of a bank 32 ROW.
 */
enum { BANK_STEP = ROW, GROUP_STEP = 4 * ROW, RANK_STEP = 16 * ROW, ROW_STEP = 32 * ROW };
enum { DATA = 4 }; /* clocks of a burst */

static void a_row_is_opened(void **state)
{
    struct dram_config c = in_banks();
    const struct dram_timing *t = &c.device.timing;
    assert_int_equal(DONE(c, {5, 0, BURST, false}), 5 + t->tRCDRD + t->CL + DATA);
    assert_int_equal(DONE(c, {5, 0, BURST, true}), 5 + t->tRCDWR + t->CWL + DATA);
}

static void bursts_of_a_row_follow_each_other(void **state)
{
    struct dram_config c = in_banks();
    struct dram_timing *t = &c.device.timing;
    int first = t->tRCDRD + t->CL + DATA;
    assert_int_equal(DONE(c, {0, 0, ROW, false}), first + 7 * t->tCCD_L);
    assert_int_equal(DONE(c, {0, BURST, ROW - BURST, false}), first + 6 * t->tCCD_L);
    assert_int_equal(DONE(c, {0, 0, BURST, false}, {0, BURST, BURST, false}), first + t->tCCD_L);
    t->tCCD_L = t->tCCD_S = 1; /* then the bus decides */
    assert_int_equal(DONE(c, {0, 0, ROW, false}), first + 7 * DATA);
}

/* Four groups in turn: tCCD_S between neighbours while 4 tCCD_S >= tCCD_L, else tCCD_L per round.
 * The rows of a round are opened tRRD_S apart. */
static void groups_take_turns(void **state)
{
    struct dram_config c = interleaved();
    struct dram_timing *t = &c.device.timing;
    assert_true(t->tRRD_S > t->tCCD_S);
    int fourth = 3 * t->tRRD_S + t->tRCDRD, data = t->CL + DATA;
    assert_int_equal(DONE(c, {0, 0, 4 * BURST, false}), fourth + data);
    assert_int_equal(DONE(c, {0, 0, 16 * BURST, false}), fourth + 12 * t->tCCD_S + data);
    t->tCCD_L = 6 * t->tCCD_S;
    assert_int_equal(DONE(c, {0, 0, 16 * BURST, false}), fourth + 3 * t->tCCD_L + data);
}

static void another_row_waits_for_its_bank(void **state)
{
    struct dram_config c = in_banks();
    struct dram_timing *t = &c.device.timing;
    struct request first = {0, 0, BURST, false}, write = {0, 0, BURST, true};
    const int from_precharge = t->tRP + t->tRCDRD + t->CL + DATA;
    assert_true(t->tRCDRD + t->tRTP < t->tRAS); /* tRAS decides */
    assert_int_equal(DONE(c, first, {0, ROW_STEP, BURST, false}), t->tRAS + from_precharge);
    assert_int_equal(DONE(c, write, {0, ROW_STEP, BURST, false}),
                     t->tRCDWR + t->CWL + DATA + t->tWR + from_precharge);
    t->tRAS = t->tRCDRD + 1; /* tRTP decides */
    const uint64_t at = (uint64_t)(t->tRCDRD + t->tRTP), rest = (uint64_t)from_precharge;
    assert_int_equal(DONE(c, first, {at - 1, ROW_STEP, BURST, false}), at + rest);
    assert_int_equal(DONE(c, first, {at, ROW_STEP, BURST, false}), at + rest);
    assert_int_equal(DONE(c, first, {at + 1, ROW_STEP, BURST, false}), at + 1 + rest);
}

/* A request of five bursts in as many banks: four activates tRRD_S apart, the fifth in the window.
 */
static void activates_keep_their_distance(void **state)
{
    struct dram_config c = device_of("rorachcobabg");
    struct dram_timing *t = &c.device.timing;
    const int from_activate = t->tRCDRD + t->CL + DATA;
    assert_true(t->tFAW > 3 * t->tRRD_S + t->tRRD_L);
    assert_int_equal(DONE(c, {0, 0, 4 * BURST, false}), 3 * t->tRRD_S + from_activate);
    assert_int_equal(DONE(c, {0, 0, 5 * BURST, false}), t->tFAW + from_activate);
    t->tFAW = 1;
    assert_int_equal(DONE(c, {0, 0, 5 * BURST, false}), 4 * t->tRRD_S + from_activate);
    c = device_of("rorachcobgba"); /* neighbours in one group */
    assert_int_equal(DONE(c, {0, 0, 2 * BURST, false}), c.device.timing.tRRD_L + from_activate);
}

static void the_bus_turns_round(void **state)
{
    struct dram_config c = in_banks();
    const struct dram_timing *t = &c.device.timing;
    struct request write = {0, 0, BURST, true}, read = {0, 0, BURST, false};
    assert_int_equal(DONE(c, write, {0, BURST, BURST, false}),
                     t->tRCDWR + t->CWL + DATA + t->tWTR_L + t->CL + DATA);
    assert_int_equal(DONE(c, read, {0, BURST, BURST, true}),
                     t->tRCDRD + t->CL + DATA + t->tRTRS + DATA);
    /* the second rank's row is opened ahead, so that only the bus decides */
    assert_int_equal(DONE(c, {0, RANK_STEP, BURST, false}, {100, 0, 2 * BURST, false},
                          {100, RANK_STEP + BURST, BURST, false}),
                     100 + t->tRCDRD + t->tCCD_L + DATA + t->tRTRS + t->CL + DATA);
}

/* Staggered by tREFI / 2: the first is of rank 0. */
static void refresh_comes_between_requests(void **state)
{
    struct dram_config c = in_banks();
    c.device.policy.refresh = DRAM_REFRESHES_RANKS;
    const struct dram_timing *t = &c.device.timing;
    const uint64_t due = (uint64_t)t->tREFI / 2, hit = (uint64_t)t->CL + DATA;
    const uint64_t opened = (uint64_t)(t->tRP + t->tRFC + t->tRCDRD) + hit;
    struct request first = {0, 0, BURST, false}, other = {0, RANK_STEP, BURST, false};
    assert_int_equal(DONE(c, first, {due - 1, 0, BURST, false}), due - 1 + hit);
    assert_int_equal(DONE(c, first, {due, 0, BURST, false}), due + opened);
    assert_int_equal(DONE(c, other, {due, RANK_STEP, BURST, false}), due + hit);
    assert_int_equal(DONE(c, other, {2 * due, RANK_STEP, BURST, false}), 2 * due + opened);
    struct dram *dram = dram_new(&c, KHZ);
    dram_access(dram, 0, 0, BURST, false);
    dram_idle(dram, 20 * due - 1);
    assert_int_equal(dram_counts(dram).refreshes, 19);
    dram_idle(dram, 20 * due);
    assert_int_equal(dram_counts(dram).refreshes, 20);
    assert_int_equal(dram_counts(dram).precharges, 1);
    assert_int_equal(dram_counts(dram).active_clocks, due); /* from the activate at 0 */
    assert_int_equal(dram_counts(dram).idle_clocks, 2 * 20 * due - due);
    dram_free(dram);
}

static struct dram_config ideal(uint32_t period_ps, uint16_t bus, uint16_t burst, uint16_t latency)
{
    return (struct dram_config){.is_ideal = true, .ideal = {"", period_ps, bus, burst, latency}};
}

static void ideal_memory(void **state)
{
    struct dram_config c = ideal(1000, 128, 128, 20);
    struct request first = {7, 0, 1280, false}, second = {8, 1280, 256, true};
    assert_int_equal(DONE(c, first), 7 + 20 + 10);
    assert_int_equal(DONE(c, first, second), 7 + 10 + 20 + 2);
}

/* A core cycle is 1/KHZ ms, a DRAM clock a number of ps: conversions are exact and round up. */
static void clocks_convert_exactly(void **state)
{
    struct dram_config c = ideal(833, 16, 64, 10);
    struct dram *dram = dram_new(&c, 700000);
    for (uint64_t now = 0; now < UINT64_C(1) << 44; now = now * 3 + 1) {
        __uint128_t arrival =
            ((__uint128_t)now * 1000000000 + 700000u * 833u - 1) / (700000u * 833u);
        __uint128_t done = arrival + 10 + 4; /* DRAM clocks */
        __uint128_t core = (done * (700000u * 833u) + 999999999) / 1000000000;
        dram_reset(dram);
        assert_int_equal(dram_access(dram, now, 0, 64, false).done, (uint64_t)core);
    }
    dram_free(dram);
}

/* --- random traffic --- */

static uint64_t random_address(uint64_t last)
{
    switch (check_between(0, 3)) {
    case 0:
        return last + (1ull << check_between(1, 14));
    case 1:
        return (uint64_t)check_between(0, 1 << 18);
    default:
        return last;
    }
}

static void random_traffic_on(const struct dram_config *config, struct slow *slow)
{
    struct dram *dram = dram_new(config, KHZ);
    uint64_t now = 0, address = 0;
    slow->device = config->device;
    slow->placed = 0;
    slow->refreshes = slow->done = 0;
    slow->counts = (struct dram_counts){0};
    memset(slow->open, 0xff, sizeof slow->open);
    for (int i = 0; i < 120; i++) {
        address = random_address(address);
        uint32_t most = (check_between(0, 1) ? 2 : 60) * dram_burst_bytes(&config->device.geometry);
        uint32_t bytes = (uint32_t)check_between(1, most < 2000 ? (int)most : 2000);
        bool write = check_between(0, 2) == 0;
        struct dram_grant grant = dram_access(dram, now, address, bytes, write);
        struct dram_grant wanted = slow_access(slow, now, address, bytes, write);
        assert_int_equal(grant.done, wanted.done);
        assert_int_equal(grant.next, wanted.next);
        now = grant.next + (uint64_t)(check_between(0, 5) ? 0 : check_between(0, 400));
        address += bytes;
    }
    now += (uint64_t)check_between(0, 500);
    dram_idle(dram, now);
    slow_refresh(slow, now);
    struct dram_counts counts = dram_counts(dram);
    assert_int_equal(counts.activates, slow->counts.activates);
    assert_int_equal(counts.precharges, slow->counts.precharges);
    assert_int_equal(counts.refreshes, slow->counts.refreshes);
    assert_int_equal(counts.active_clocks, slow_active(slow, now));
    const struct dram_geometry *g = &config->device.geometry;
    assert_int_equal(counts.active_clocks + counts.idle_clocks, now * g->channels * g->ranks);
    dram_free(dram);
}

static void random_traffic(void **state)
{
    check_seed();
    struct slow *slow = malloc(sizeof *slow);
    for (int round = 0; round < 150; round++) {
        struct dram_config config = {.device = random_device_in_order(30)};
        config.device.tCK = 1;
        random_traffic_on(&config, slow);
    }
    free(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_opened),
        cmocka_unit_test(bursts_of_a_row_follow_each_other),
        cmocka_unit_test(groups_take_turns),
        cmocka_unit_test(another_row_waits_for_its_bank),
        cmocka_unit_test(activates_keep_their_distance),
        cmocka_unit_test(the_bus_turns_round),
        cmocka_unit_test(refresh_comes_between_requests),
        cmocka_unit_test(ideal_memory),
        cmocka_unit_test(clocks_convert_exactly),
        cmocka_unit_test(random_traffic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
