/* Does every DRAM command wait exactly as long as the table of timings says: not at t-1, yes at t?
 * Each case sets up two accesses whose distance one parameter decides, works t out from the
 * parameters, and then the last test compares random traffic with a scheduler that moves one clock
 * at a time and knows nothing of closed forms. Core and DRAM clocks are the same here (1 GHz, 1000
 * ps), so that cycles are DRAM clocks. */
#include "test/check.h"

#include <string.h>

#include "memory/dram.h"

enum { KHZ = 1000000, BANKS = 8, ROW = 1024, BURST = 64 };

static struct dram_numbers typical(void)
{
    return (struct dram_numbers){.clock_period_ps = 1000,
                                 .bytes_per_clock = 16,
                                 .burst_bytes = BURST,
                                 .banks = BANKS,
                                 .row_bytes = ROW,
                                 .latency = 17,
                                 .tCWL = 12,
                                 .tRCD = 16,
                                 .tRP = 15,
                                 .tRAS = 39,
                                 .tCCD = 6,
                                 .tRRD = 7,
                                 .tFAW = 33,
                                 .tWR = 18,
                                 .tWTR = 9,
                                 .tRTP = 8};
}

enum { DATA = BURST / 16 }; /* clocks of one burst on the data bus */

static uint64_t address_of(uint64_t bank, uint64_t row, uint64_t column)
{
    return (row * BANKS + bank) * ROW + column;
}

struct step {
    uint64_t now, address;
    uint32_t bytes;
    bool write;
};

/* When the last of `count` accesses is done. */
static uint64_t done_after(const struct dram_numbers *config, const struct step *steps, int count)
{
    struct dram *dram = dram_new_of_numbers(config, KHZ);
    struct dram_grant grant = {0};
    for (int i = 0; i < count; i++)
        grant = dram_access(dram, steps[i].now, steps[i].address, steps[i].bytes, steps[i].write);
    dram_free(dram);
    return grant.done;
}

#define DONE(config, ...)                                     \
    done_after(&(config), (const struct step[]){__VA_ARGS__}, \
               sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))
#define READ(now, bank, row, column)                     \
    {                                                    \
        now, address_of(bank, row, column), BURST, false \
    }
#define WRITE(now, bank, row, column)                   \
    {                                                   \
        now, address_of(bank, row, column), BURST, true \
    }

static void activate_to_column(void **state)
{
    struct dram_numbers c = typical();
    assert_int_equal(DONE(c, READ(5, 0, 0, 0)), 5 + c.tRCD + c.latency + DATA);
    assert_int_equal(DONE(c, WRITE(5, 0, 0, 0)), 5 + c.tRCD + c.tCWL + DATA);
}

static void column_to_column(void **state)
{
    struct dram_numbers c = typical();
    uint64_t first = c.tRCD + c.latency + DATA;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 0, 0, BURST)), first + c.tCCD);
    c.tCCD = 1; /* then the bus decides */
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 0, 0, BURST)), first + DATA);
    struct step whole = {0, address_of(0, 0, 0), ROW, false};
    assert_int_equal(DONE(c, whole), first + (ROW / BURST - 1) * DATA);
}

static void same_bank_other_row(void **state)
{
    struct dram_numbers c = typical();
    /* tRAS decides: precharge at tRAS, as tRCD + tRTP is less */
    assert_true(c.tRCD + c.tRTP < c.tRAS);
    uint64_t from_precharge = c.tRP + c.tRCD + c.latency + DATA;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 0, 1, 0)), c.tRAS + from_precharge);
    /* tRTP decides */
    c.tRAS = c.tRCD + 1;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 0, 1, 0)), c.tRCD + c.tRTP + from_precharge);
    /* tWR decides */
    assert_int_equal(DONE(c, WRITE(0, 0, 0, 0), READ(0, 0, 1, 0)),
                     c.tRCD + c.tCWL + DATA + c.tWR + from_precharge);
    /* asked for one clock before, at, and one after the precharge could go */
    uint64_t at = c.tRCD + c.tRTP;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(at - 1, 0, 1, 0)), at + from_precharge);
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(at, 0, 1, 0)), at + from_precharge);
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(at + 1, 0, 1, 0)), at + 1 + from_precharge);
}

static void activate_to_activate(void **state)
{
    struct dram_numbers c = typical();
    assert_true(c.tRRD > c.tCCD);
    uint64_t from_activate = c.tRCD + c.latency + DATA;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 1, 0, 0)), c.tRRD + from_activate);
    /* the fifth activate in a window of tFAW */
    assert_true(4 * c.tRRD < c.tFAW);
    assert_int_equal(
        DONE(c, READ(0, 0, 0, 0), READ(0, 1, 0, 0), READ(0, 2, 0, 0), READ(0, 3, 0, 0)),
        3 * c.tRRD + from_activate);
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(0, 1, 0, 0), READ(0, 2, 0, 0), READ(0, 3, 0, 0),
                          READ(0, 4, 0, 0)),
                     c.tFAW + from_activate);
}

static void turnaround(void **state)
{
    struct dram_numbers c = typical();
    /* write to read: tWTR after the write's data */
    assert_int_equal(DONE(c, WRITE(0, 0, 0, 0), READ(0, 0, 0, BURST)),
                     c.tRCD + c.tCWL + DATA + c.tWTR + c.latency + DATA);
    /* read to write: the write's data follows the read's on the bus */
    c.tCCD = 1;
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), WRITE(0, 0, 0, BURST)),
                     c.tRCD + c.latency + 2 * DATA);
}

static void refresh(void **state)
{
    struct dram_numbers c = typical();
    c.tREFI = 3000;
    c.tRFC = 260;
    uint64_t from_activate = c.tRCD + c.latency + DATA;
    /* one clock before it falls due a hit is a hit */
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(c.tREFI - 1u, 0, 0, 0)),
                     c.tREFI - 1u + c.latency + DATA);
    /* then the open row is precharged, refreshed, opened again */
    assert_int_equal(DONE(c, READ(0, 0, 0, 0), READ(c.tREFI, 0, 0, 0)),
                     c.tREFI + c.tRP + c.tRFC + from_activate);
    /* after long idleness no refresh is in the way, but all have been done */
    struct dram *dram = dram_new_of_numbers(&c, KHZ);
    dram_access(dram, 0, 0, BURST, false);
    uint64_t late = 10 * c.tREFI + c.tRP + c.tRFC;
    assert_int_equal(dram_access(dram, late, 0, BURST, false).done, late + from_activate);
    assert_int_equal(dram_counts(dram).refreshes, 10);
    dram_idle(dram, 12 * c.tREFI - 1);
    assert_int_equal(dram_counts(dram).refreshes, 11);
    dram_idle(dram, 12 * c.tREFI);
    assert_int_equal(dram_counts(dram).refreshes, 12);
    dram_free(dram);
}

static void ideal_memory(void **state)
{
    struct dram_numbers c = {
        .clock_period_ps = 1000, .bytes_per_clock = 128, .burst_bytes = 128, .latency = 20};
    struct step first = {7, 0, 1280, false}, second = {8, 1280, 256, true};
    assert_int_equal(DONE(c, first), 7 + 20 + 10);
    assert_int_equal(DONE(c, first, second), 7 + 10 + 20 + 2);
}

/* A core cycle is 1/KHZ ms, a DRAM clock a number of ps: conversions are exact and round up. */
static void clocks_convert_exactly(void **state)
{
    struct dram_numbers c = {
        .clock_period_ps = 833, .bytes_per_clock = 16, .burst_bytes = 64, .latency = 10};
    struct dram *dram = dram_new_of_numbers(&c, 700000);
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

/* --- the slow scheduler --- */

struct slow_bank {
    bool open;
    int64_t row, activated, precharged, last_read, last_write_end;
};

struct slow {
    struct dram_numbers c;
    struct slow_bank banks[BANKS];
    int64_t activates[4], column, write_end, bus_end, next_refresh, refreshed;
    uint64_t activate_count, hits;
};

static const int64_t LONG_AGO = -1000000000;

static bool may_precharge(const struct slow *s, const struct slow_bank *b, int64_t t)
{
    return t >= b->activated + s->c.tRAS && t >= b->last_read + s->c.tRTP &&
           t >= b->last_write_end + s->c.tWR;
}

static bool may_activate(const struct slow *s, const struct slow_bank *b, int64_t t)
{
    return t >= b->precharged + s->c.tRP && t >= s->activates[3] + s->c.tRRD &&
           t >= s->activates[0] + s->c.tFAW && t >= s->refreshed;
}

static bool may_column(const struct slow *s, const struct slow_bank *b, bool write, int64_t t)
{
    int64_t data = t + (write ? s->c.tCWL : s->c.latency);
    return t >= b->activated + s->c.tRCD && t >= s->column + s->c.tCCD && t >= s->column + DATA &&
           data >= s->bus_end && (write || t >= s->write_end + s->c.tWTR);
}

static void slow_open(struct slow *s, struct slow_bank *b, int64_t row, int64_t from)
{
    int64_t t = from;
    if (b->open) {
        while (!may_precharge(s, b, t))
            t++;
        b->precharged = t;
    }
    while (!may_activate(s, b, t))
        t++;
    memmove(s->activates, s->activates + 1, 3 * sizeof s->activates[0]);
    s->activates[3] = t;
    b->open = true;
    b->row = row;
    b->activated = t;
    s->activate_count++;
}

static void slow_refresh(struct slow *s)
{
    int64_t t = s->next_refresh, start = s->next_refresh;
    for (int b = 0; b < BANKS; b++) {
        struct slow_bank *bank = &s->banks[b];
        if (bank->open) {
            for (t = s->next_refresh; !may_precharge(s, bank, t);)
                t++;
            bank->precharged = t;
            bank->open = false;
        }
        for (t = start; t < bank->precharged + s->c.tRP || t < s->refreshed;)
            t++;
        start = t;
    }
    s->refreshed = start + s->c.tRFC;
    s->next_refresh += s->c.tREFI;
}

/* One burst; `from` is when its request came. Returns the end of its data. */
static int64_t slow_burst(struct slow *s, int64_t from, uint64_t address, bool write,
                          bool first_in_row)
{
    int64_t earliest = from > s->column + s->c.tCCD ? from : s->column + s->c.tCCD;
    earliest = earliest > s->column + DATA ? earliest : s->column + DATA;
    while (s->c.tREFI && first_in_row && earliest >= s->next_refresh)
        slow_refresh(s);
    struct slow_bank *b = &s->banks[address / ROW % BANKS];
    int64_t row = (int64_t)(address / ROW / BANKS), t = from;
    if (!b->open || b->row != row)
        slow_open(s, b, row, from);
    else
        s->hits += first_in_row;
    while (!may_column(s, b, write, t))
        t++;
    s->column = t;
    s->bus_end = t + (write ? s->c.tCWL : s->c.latency) + DATA;
    if (write)
        s->write_end = b->last_write_end = s->bus_end;
    else
        b->last_read = t;
    return s->bus_end;
}

static struct slow slow_new(const struct dram_numbers *config)
{
    struct slow s = {
        .c = *config, .column = LONG_AGO, .write_end = LONG_AGO, .next_refresh = config->tREFI};
    for (int i = 0; i < 4; i++)
        s.activates[i] = LONG_AGO;
    for (int b = 0; b < BANKS; b++)
        s.banks[b] = (struct slow_bank){false, 0, LONG_AGO, LONG_AGO, LONG_AGO, LONG_AGO};
    return s;
}

static struct dram_numbers random_config(void)
{
    struct dram_numbers c = typical();
    c.latency = (uint16_t)check_between(1, 20);
    c.tCWL = (uint16_t)check_between(1, 20);
    c.tRCD = (uint16_t)check_between(1, 20);
    c.tRP = (uint16_t)check_between(1, 20);
    c.tRAS = (uint16_t)(c.tRCD + check_between(0, 30));
    c.tCCD = (uint16_t)check_between(1, 8);
    c.tRRD = (uint16_t)check_between(1, 10);
    c.tFAW = (uint16_t)check_between(0, 60);
    c.tWR = (uint16_t)check_between(0, 20);
    c.tWTR = (uint16_t)check_between(0, 12);
    c.tRTP = (uint16_t)check_between(0, 12);
    if (check_between(0, 1)) {
        c.tREFI = (uint32_t)check_between(400, 1000);
        c.tRFC = (uint32_t)check_between(20, 100);
    }
    return c;
}

static void random_traffic(void **state)
{
    check_seed();
    for (int round = 0; round < 200; round++) {
        struct dram_numbers config = random_config();
        struct dram *dram = dram_new_of_numbers(&config, KHZ);
        struct slow slow = slow_new(&config);
        uint64_t now = 0;
        for (int i = 0; i < 300; i++) {
            uint64_t address =
                address_of((uint64_t)check_between(0, BANKS - 1), (uint64_t)check_between(0, 2),
                           (uint64_t)check_between(0, ROW - 1));
            uint32_t bytes = (uint32_t)check_between(1, check_between(0, 1) ? 64 : 3000);
            bool write = check_between(0, 2) == 0;
            struct dram_grant grant = dram_access(dram, now, address, bytes, write);
            int64_t done = 0;
            uint64_t burst = address / BURST * BURST;
            for (uint64_t at = burst; at < address + bytes; at += BURST)
                done = slow_burst(&slow, (int64_t)now, at, write, at == burst || at % ROW == 0);
            assert_int_equal(grant.done, done);
            assert_true(grant.next >= now);
            now = grant.next + (uint64_t)(check_between(0, 9) ? 0 : check_between(0, 400));
        }
        assert_int_equal(dram_counts(dram).activates, slow.activate_count);
        assert_int_equal(dram_counts(dram).row_hits, slow.hits);
        dram_free(dram);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activate_to_column),  cmocka_unit_test(column_to_column),
        cmocka_unit_test(same_bank_other_row), cmocka_unit_test(activate_to_activate),
        cmocka_unit_test(turnaround),          cmocka_unit_test(refresh),
        cmocka_unit_test(ideal_memory),        cmocka_unit_test(clocks_convert_exactly),
        cmocka_unit_test(random_traffic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
