/* Does the DRAM controller keep every rule of the standards under random traffic, whatever its
 * policies? A checker that knows only the rules goes through the commands one by one; every request
 * is answered once, no read or write overtakes another of its burst, and jumping over idle clocks
 * changes nothing. */
#include "test/check.h"

#include <string.h>

#include "test/dram_command_log.h"

enum { REQUESTS = 1200 };

struct traffic {
    struct dram_device device;
    int count;
    struct {
        uint64_t address, wanted, accepted, done;
        bool is_write;
    } requests[REQUESTS];
    struct command_log log;
    struct dram_command_counts counts;
    uint64_t end;
};

/* Streams, a few hot rows, and far jumps; now and then a pause that spans refreshes. */
static void draw_requests(struct traffic *traffic)
{
    uint64_t clock = 0, address = 0, capacity = dram_capacity(&traffic->device.geometry);
    traffic->count = REQUESTS;
    for (int i = 0; i < REQUESTS; i++) {
        int kind = check_between(0, 19);
        address = kind < 12   ? address + 64
                  : kind < 17 ? (uint64_t)check_between(0, 255) * 64
                              : check_random();
        clock += kind == 19 && !check_between(0, 19) ? 6000 : kind < 5 ? (uint64_t)kind : 0;
        traffic->requests[i].address = address % capacity;
        traffic->requests[i].wanted = clock;
        traffic->requests[i].is_write = check_between(0, 9) < 4;
        traffic->requests[i].done = 0;
    }
}

static void take(struct traffic *traffic, struct dram_controller *controller, int *done)
{
    struct dram_completion completion;
    while (dram_controller_pop(controller, &completion)) {
        assert_in_range(completion.id, 0, REQUESTS - 1);
        assert_int_equal(traffic->requests[completion.id].done, 0); /* once */
        traffic->requests[completion.id].done = completion.clock;
        ++*done;
    }
}

static void run(struct traffic *traffic, bool every_clock)
{
    struct dram_controller *controller = dram_controller_new(&traffic->device);
    traffic->log.count = 0;
    dram_controller_step(controller, every_clock);
    dram_controller_observe(controller, log_command, &traffic->log);
    int next = 0, done = 0;
    while (next < traffic->count) {
        uint64_t now = dram_controller_now(controller), wanted = traffic->requests[next].wanted;
        if (wanted < now)
            wanted = now;
        traffic->requests[next].accepted = wanted;
        if (dram_controller_enqueue(controller, wanted, (uint64_t)next,
                                    traffic->requests[next].address,
                                    traffic->requests[next].is_write))
            next++;
        else
            dram_controller_advance(controller, dram_controller_next_event(controller));
        take(traffic, controller, &done);
    }
    traffic->end = dram_controller_finish(controller) + 1000;
    dram_controller_advance(controller, traffic->end);
    take(traffic, controller, &done);
    assert_int_equal(done, traffic->count);
    traffic->counts = dram_controller_counts(controller);
    dram_controller_free(controller);
}

/* --- what the commands must keep --- */

static void check_waits(const struct traffic *traffic)
{
    const struct dram_device *device = &traffic->device;
    for (int i = 0; i < traffic->log.count; i++) {
        const struct dram_issued *after = &traffic->log.commands[i];
        for (int j = i - 1; j >= 0 && traffic->log.commands[j].clock + 200 > after->clock; j--) {
            const struct dram_issued *before = &traffic->log.commands[j];
            int wait = before->channel == after->channel
                           ? least_wait(device, before->command, after->command,
                                        distance(&device->geometry, before->bank, after->bank))
                           : 0;
            if (wait > 0 && after->clock - before->clock < (uint64_t)wait)
                fail_msg("%s at %llu, %s at %llu: wanted %d clocks",
                         dram_command_name(before->command), (unsigned long long)before->clock,
                         dram_command_name(after->command), (unsigned long long)after->clock, wait);
        }
    }
}

static void check_window(const struct traffic *traffic, uint32_t channel, uint32_t rank)
{
    uint32_t rank_banks = dram_rank_banks(&traffic->device.geometry);
    uint64_t last[4] = {0};
    int count = 0;
    for (int i = 0; i < traffic->log.count; i++) {
        const struct dram_issued *command = &traffic->log.commands[i];
        if (command->command != DRAM_ACTIVATE || command->channel != channel ||
            command->bank / rank_banks != rank)
            continue;
        if (count >= 4)
            assert_true(command->clock - last[count % 4] >= (uint64_t)traffic->device.timing.tFAW);
        last[count++ % 4] = command->clock;
    }
}

static bool closes(enum dram_command command)
{
    return command == DRAM_PRECHARGE || command == DRAM_READ_PRECHARGE ||
           command == DRAM_WRITE_PRECHARGE;
}

/* Column commands find their row open, activates and refreshes find the bank closed. Returns clocks
 * with an open bank, over ranks. */
static uint64_t check_rows(const struct traffic *traffic)
{
    const struct dram_geometry *geometry = &traffic->device.geometry;
    uint32_t rank_banks = dram_rank_banks(geometry);
    int64_t open_row[4][DRAM_MAX_BANKS];
    uint64_t active = 0, since[4][DRAM_MAX_RANKS];
    int open[4][DRAM_MAX_RANKS] = {0};
    memset(open_row, -1, sizeof open_row);
    for (int i = 0; i < traffic->log.count; i++) {
        const struct dram_issued *c = &traffic->log.commands[i];
        int64_t *row = &open_row[c->channel][c->bank];
        uint32_t rank = c->bank / rank_banks;
        if (c->command == DRAM_ACTIVATE) {
            assert_int_equal(*row, -1);
            *row = c->row;
            if (!open[c->channel][rank]++)
                since[c->channel][rank] = c->clock;
        } else if (c->command == DRAM_REFRESH) {
            assert_int_equal(open[c->channel][rank], 0);
        } else if (c->command == DRAM_REFRESH_BANK) {
            assert_int_equal(*row, -1);
        } else {
            assert_int_equal(*row, c->row);
        }
        if (closes(c->command)) {
            *row = -1;
            if (!--open[c->channel][rank])
                active += c->clock - since[c->channel][rank];
        }
    }
    for (uint32_t channel = 0; channel < geometry->channels; channel++)
        for (uint32_t rank = 0; rank < geometry->ranks; rank++)
            active += open[channel][rank] ? traffic->end - since[channel][rank] : 0;
    return active;
}

/* One command a clock and channel; with two buses, one of each kind. */
static void check_buses(const struct traffic *traffic)
{
    for (int i = 1; i < traffic->log.count; i++)
        for (int j = i - 1;
             j >= 0 && traffic->log.commands[j].clock == traffic->log.commands[i].clock; j--) {
            const struct dram_issued *a = &traffic->log.commands[i], *b = &traffic->log.commands[j];
            if (a->channel == b->channel)
                assert_true(traffic->device.policy.dual_command &&
                            dram_is_column(a->command) != dram_is_column(b->command));
        }
}

/* Each rank, or each bank, once every tREFI: as many as fell due, each before the next but one
 * does. */
static void check_refreshes(const struct traffic *traffic)
{
    const struct dram_geometry *geometry = &traffic->device.geometry;
    uint64_t tREFI = (uint64_t)traffic->device.timing.tREFI;
    uint32_t refresh = traffic->device.policy.refresh;
    uint32_t parts =
        refresh == DRAM_REFRESHES_RANKS ? geometry->ranks : dram_channel_banks(geometry);
    uint32_t part_banks = dram_channel_banks(geometry) / parts;
    for (uint32_t channel = 0; channel < geometry->channels; channel++)
        for (uint32_t part = 0; part < parts; part++) {
            uint64_t count = 0;
            for (int i = 0; i < traffic->log.count; i++) {
                const struct dram_issued *c = &traffic->log.commands[i];
                if (refreshes(c->command) && c->channel == channel && c->bank / part_banks == part)
                    assert_true(c->clock < (++count + 1) * tREFI);
            }
            uint64_t due = traffic->end / tREFI;
            if (refresh == DRAM_REFRESHES_NOTHING)
                assert_int_equal(count, 0);
            else
                assert_in_range(count + 1, due, due + 2);
        }
}

/* What waits of one burst. */
struct burst {
    uint64_t number;
    int reads[REQUESTS], read_count; /* requests that no read command has served yet */
    bool write;
};

static struct burst *burst_of(struct burst *bursts, int *count, uint64_t number)
{
    for (int i = 0; i < *count; i++)
        if (bursts[i].number == number)
            return &bursts[i];
    bursts[*count] = (struct burst){.number = number};
    return &bursts[(*count)++];
}

/* Writes are answered a clock later, as are reads of a burst that a write waits for. */
static void accept(const struct traffic *traffic, int request, struct burst *burst)
{
    bool is_write = traffic->requests[request].is_write;
    if (is_write || burst->write)
        assert_int_equal(traffic->requests[request].done, traffic->requests[request].accepted + 1);
    else
        burst->reads[burst->read_count++] = request;
    burst->write = burst->write || is_write;
}

/* A read command answers all reads of its burst that wait; a write command finds none: they were
 * older. */
static void serve(const struct traffic *traffic, const struct dram_issued *issued,
                  struct burst *burst)
{
    uint64_t latency =
        (uint64_t)traffic->device.timing.CL + dram_burst_clocks(&traffic->device.geometry);
    if (writes(issued->command)) {
        assert_true(burst->write && !burst->read_count);
        burst->write = false;
        return;
    }
    assert_true(burst->read_count > 0);
    while (burst->read_count)
        assert_int_equal(traffic->requests[burst->reads[--burst->read_count]].done,
                         issued->clock + latency);
}

/* All accesses of a burst as one memory would see them: what is accepted at a clock comes before
 * its commands. */
static void check_order(const struct traffic *traffic)
{
    static struct burst bursts[REQUESTS];
    int count = 0, next = 0;
    for (int i = 0; i < traffic->log.count; i++) {
        const struct dram_issued *issued = &traffic->log.commands[i];
        for (; next < traffic->count && traffic->requests[next].accepted <= issued->clock; next++)
            accept(traffic, next, burst_of(bursts, &count, traffic->requests[next].address / 64));
        if (dram_is_column(issued->command))
            serve(traffic, issued, burst_of(bursts, &count, issued->burst));
    }
    assert_int_equal(next, traffic->count);
    for (int i = 0; i < count; i++)
        assert_true(!bursts[i].write && !bursts[i].read_count);
}

/* Reads and writes add up: each has its command, or shares one. */
static void check_counts(const struct traffic *traffic, uint64_t active)
{
    const struct dram_command_counts *counts = &traffic->counts;
    uint64_t logged[DRAM_COMMAND_COUNT] = {0}, read_requests = 0;
    for (int i = 0; i < traffic->log.count; i++)
        logged[traffic->log.commands[i].command]++;
    assert_memory_equal(logged, counts->commands, sizeof logged);
    for (int i = 0; i < traffic->count; i++)
        read_requests += !traffic->requests[i].is_write;
    uint64_t write_requests = (uint64_t)traffic->count - read_requests;
    assert_int_equal(logged[DRAM_READ] + logged[DRAM_READ_PRECHARGE] + counts->forwarded_reads +
                         counts->merged_reads,
                     read_requests);
    assert_int_equal(logged[DRAM_WRITE] + logged[DRAM_WRITE_PRECHARGE] + counts->merged_writes,
                     write_requests);
    assert_int_equal(counts->active_clocks, active);
    assert_int_equal(counts->active_clocks + counts->idle_clocks,
                     traffic->end * traffic->device.geometry.ranks *
                         traffic->device.geometry.channels);
    if (traffic->device.policy.row == DRAM_ROW_CLOSED)
        assert_int_equal(counts->read_row_hits + counts->write_row_hits, 0);
}

static void check_all(const struct traffic *traffic)
{
    const struct dram_geometry *geometry = &traffic->device.geometry;
    check_waits(traffic);
    for (uint32_t channel = 0; channel < geometry->channels; channel++)
        for (uint32_t rank = 0; rank < geometry->ranks; rank++)
            check_window(traffic, channel, rank);
    uint64_t active = check_rows(traffic);
    check_buses(traffic);
    check_refreshes(traffic);
    check_order(traffic);
    check_counts(traffic, active);
}

static void check_traffic(const struct dram_device *device)
{
    static struct traffic jumped, stepped;
    struct err err;
    jumped.device = *device;
    if (!dram_device_check(device, &err))
        fail_msg("%s", err.text);
    draw_requests(&jumped);
    stepped = jumped;
    run(&jumped, false);
    run(&stepped, true);
    check_all(&jumped);
    assert_int_equal(jumped.log.count, stepped.log.count);
    assert_memory_equal(jumped.log.commands, stepped.log.commands,
                        (size_t)jumped.log.count * sizeof *jumped.log.commands);
    assert_memory_equal(jumped.requests, stepped.requests, sizeof jumped.requests);
    assert_memory_equal(&jumped.counts, &stepped.counts, sizeof jumped.counts);
}

/* All combinations of policies, on many banks and on few. */
static void random_traffic_under_every_policy(void **unused)
{
    for (int choice = 0; choice < 2 * 2 * 2 * 3 * 2 * 2; choice++) {
        struct dram_device device = typical();
        struct dram_policy *policy = &device.policy;
        policy->row = choice % 2;
        policy->scheduler = choice / 2 % 2;
        policy->drain = choice / 4 % 2;
        policy->dual_command = choice / 8 % 2;
        policy->refresh = choice / 16 % 3;
        if (choice / 48) {
            strcpy(policy->mapping, "rorabgbachco");
            device.geometry.channels = 2;
            device.geometry.bank_groups = device.geometry.banks_per_group = 2;
        }
        check_traffic(&device);
    }
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_traffic_under_every_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
