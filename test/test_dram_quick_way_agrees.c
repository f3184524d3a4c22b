/* Does a request that finds its rows open, which the in-order controller serves without looking for
 * anything else, come out as it does on the way of all requests? Whoever observes the DRAM has all
 * go that way: two controllers take the same requests, one is observed. */
#include "test/check.h"

#include <string.h>

#include "memory/dram_inorder.h"
#include "test/dram_command_log.h"
#include "test/random_dram.h"

struct twins {
    struct dram_device device;
    struct dram_inorder *quick, *whole;
    uint64_t next;                     /* of the last request */
    int row_commands, requests, plain; /* plain: with no command but reads or writes */
};

static void count_row_commands(void *context, const struct dram_event *event)
{
    struct twins *twins = context;
    twins->row_commands += event->kind != DRAM_EVENT_READ && event->kind != DRAM_EVENT_WRITE;
}

static struct twins twins_new(const struct dram_device *device)
{
    assert_true(dram_device_check(device, NULL));
    struct twins twins = {
        .device = *device, .quick = dram_inorder_new(device), .whole = dram_inorder_new(device)};
    assert_non_null(twins.quick);
    assert_non_null(twins.whole);
    return twins;
}

static void twins_free(struct twins *twins)
{
    dram_inorder_free(twins->quick);
    dram_inorder_free(twins->whole);
}

static void check_counts(const struct twins *twins)
{
    const struct dram_counts quick = dram_inorder_counts(twins->quick);
    const struct dram_counts whole = dram_inorder_counts(twins->whole);
    assert_memory_equal(&quick, &whole, sizeof quick);
}

/* A request that both take, at `now` or when the one before lets it. */
static void ask(struct twins *twins, uint64_t now, uint64_t address, uint32_t bytes, bool is_write)
{
    now = now < twins->next ? twins->next : now;
    twins->row_commands = 0;
    dram_inorder_observe(twins->whole, count_row_commands, twins);
    struct dram_grant quick = dram_inorder_access(twins->quick, now, address, bytes, is_write);
    struct dram_grant whole = dram_inorder_access(twins->whole, now, address, bytes, is_write);
    assert_int_equal(quick.next, whole.next);
    assert_int_equal(quick.done, whole.done);
    check_counts(twins);
    twins->next = whole.next;
    twins->requests++;
    twins->plain += !twins->row_commands;
}

static struct dram_device device_of(const char *mapping, int refresh)
{
    struct dram_device device = typical();
    strcpy(device.policy.mapping, mapping);
    device.policy.refresh = (uint8_t)refresh;
    return device;
}

/* Bursts to the groups in turn, or all of a row to one bank. */
static const char *const mappings[] = {"rorabachcobg", "rorabgbachco", "rochrababgco"};
enum { MAPPINGS = sizeof mappings / sizeof *mappings };

/* All lengths up to three rounds and one, from all bursts near the end of a row or, where groups
 * take turns, of a row of each: before it, up to it, across it. Read and written twice, the second
 * time with rows open; tCCD_S decides, or tCCD_L. */
static void ends_of_rows(void **state)
{
    for (int m = 0; m < MAPPINGS; m++)
        for (int slow_group = 0; slow_group < 2; slow_group++) {
            struct dram_device device = device_of(mappings[m], DRAM_REFRESHES_NOTHING);
            device.timing.tCCD_L = slow_group ? 6 * device.timing.tCCD_S : device.timing.tCCD_L;
            struct twins twins = twins_new(&device);
            const uint32_t burst = dram_burst_bytes(&device.geometry);
            const uint64_t row = (uint64_t)burst * 8 * 4;
            for (uint64_t from = row - 14 * burst; from < row + 2 * burst; from += burst)
                for (uint32_t bursts = 1; bursts <= 13; bursts++)
                    for (int kind = 0; kind < 4; kind++)
                        ask(&twins, 0, from, bursts * burst, kind & 1);
            assert_in_range(twins.plain, twins.requests / 2, twins.requests);
            twins_free(&twins);
        }
}

/* Bytes that begin and end within bursts. */
static void parts_of_bursts(void **state)
{
    struct dram_device device = device_of(mappings[0], DRAM_REFRESHES_NOTHING);
    struct twins twins = twins_new(&device);
    const uint32_t burst = dram_burst_bytes(&device.geometry);
    for (uint32_t from = 0; from <= burst; from++)
        for (uint32_t bytes = 1; bytes <= 2 * burst + 1; bytes++)
            ask(&twins, 0, from, bytes, false);
    twins_free(&twins);
}

/* Requests of open rows a clock before a refresh is due, when it is, and a clock later. */
static void around_refreshes(void **state)
{
    static const int policies[] = {DRAM_REFRESHES_RANKS, DRAM_REFRESHES_BANKS};
    for (int p = 0; p < 2; p++)
        for (int off = -1; off <= 1; off++) {
            struct dram_device device = device_of(mappings[0], policies[p]);
            const uint64_t ranks = device.geometry.ranks, banks = dram_rank_banks(&device.geometry);
            const uint64_t interval = (uint64_t)device.timing.tREFI / (p ? ranks * banks : ranks);
            struct twins twins = twins_new(&device);
            for (uint64_t number = 1; number < 200; number++) {
                const uint64_t due = number * interval;
                ask(&twins, due - interval / 2, 0, 2000, false);
                ask(&twins, due + (uint64_t)(int64_t)off, 64, 100, number & 1);
            }
            assert_true(dram_inorder_counts(twins.quick).refreshes > 190);
            twins_free(&twins);
        }
}

/* A tile stored row by row, another loaded in between. Half of the requests at least have nothing
 * to do but read or write. */
static void tiles(void **state)
{
    int plain = 0, requests = 0;
    check_seed();
    for (int round = 0; round < 200; round++) {
        struct dram_device device =
            device_of(mappings[check_between(0, MAPPINGS - 1)], check_between(0, 2));
        device.geometry.columns = 512;
        struct twins twins = twins_new(&device);
        const uint32_t bytes = (uint32_t)check_between(1, 300);
        const uint64_t step = bytes + (uint64_t)check_between(0, 300);
        const uint64_t load = (uint64_t)check_between(0, 1 << 20);
        const uint64_t store = (uint64_t)check_between(0, 1 << 20);
        for (uint64_t i = 0; i < 200; i++) {
            ask(&twins, 0, store + i * step, bytes, true);
            if (check_between(0, 3) == 0)
                ask(&twins, twins.next + (uint64_t)check_between(0, 30), load + i * step, bytes,
                    false);
        }
        plain += twins.plain;
        requests += twins.requests;
        twins_free(&twins);
    }
    assert_in_range(plain, requests / 2, requests);
}

/* Random devices; now and then the quick one is observed for a while. */
static void random_traffic(void **state)
{
    check_seed();
    for (int round = 0; round < 600; round++) {
        struct dram_device device = random_device_in_order(check_between(0, 9) ? 30 : 200);
        struct twins twins = twins_new(&device);
        struct twins ignored = {0};
        uint64_t address = 0;
        for (int i = 0; i < 200; i++) {
            if (check_between(0, 3) == 0)
                address = (uint64_t)check_between(0, 1 << check_between(4, 18));
            if (check_between(0, 19) == 0)
                dram_inorder_observe(twins.quick, check_between(0, 1) ? count_row_commands : NULL,
                                     &ignored);
            uint32_t bytes = (uint32_t)check_between(1, 1 << check_between(1, 12));
            uint64_t pause = check_between(0, 9) ? 0 : (uint64_t)check_between(0, 400);
            ask(&twins, twins.next + pause, address, bytes, check_between(0, 2) == 0);
            address += bytes + (uint64_t)check_between(0, 100);
        }
        dram_inorder_idle(twins.quick, twins.next + 1000);
        dram_inorder_idle(twins.whole, twins.next + 1000);
        check_counts(&twins);
        twins_free(&twins);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_rows),     cmocka_unit_test(parts_of_bursts),
        cmocka_unit_test(around_refreshes), cmocka_unit_test(tiles),
        cmocka_unit_test(random_traffic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
