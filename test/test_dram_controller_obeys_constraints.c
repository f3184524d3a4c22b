/* Does the DRAM controller keep every rule of the standards? First each pair of commands on its
 * own, at every distance: refused at t-1, ready at t. Then random traffic under every combination
 * of policies, whose commands a checker that knows only the rules goes through one by one; every
 * request is answered once, no read or write overtakes another of its burst, and jumping over idle
 * clocks changes nothing. */
#include "test/check.h"

#include <string.h>

#include "memory/dram_energy.h"
#include "memory/dram_state.h"
#include "test/dram_command_log.h"

/* Values that are all different, so that none can stand in for another. */
static struct dram_device typical(void)
{
    return (struct dram_device){
        .name = "test",
        .tCK = 0.5,
        .geometry = {.channels = 1,
                     .ranks = 2,
                     .bank_groups = 4,
                     .banks_per_group = 4,
                     .rows = 64,
                     .columns = 64,
                     .device_width = 16,
                     .bus_width = 64,
                     .burst_length = 8},
        .timing = {.CL = 17,
                   .CWL = 12,
                   .tRCDRD = 16,
                   .tRCDWR = 14,
                   .tRP = 15,
                   .tRAS = 39,
                   .tCCD_S = 5,
                   .tCCD_L = 6,
                   .tRRD_S = 7,
                   .tRRD_L = 8,
                   .tFAW = 37,
                   .tWR = 18,
                   .tWTR_S = 3,
                   .tWTR_L = 9,
                   .tRTP = 10,
                   .tRTRS = 2,
                   .tPPD = 11,
                   .tREFI = 2400,
                   .tRFC = 131,
                   .tRFCpb = 47},
        .currents = {1.2, 48, 34, 43, 135, 123, 250, 90},
        .policy = {.mapping = "rochrababgco",
                   .read_queue = 16,
                   .write_buffer = 16,
                   .bank_queue = 4,
                   .row_hit_cap = 4,
                   .drain_high = 12,
                   .drain_low = 4},
    };
}

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

/* --- random traffic --- */

enum { REQUESTS = 1200, MAX_COMMANDS = 16 * REQUESTS };

struct traffic {
    struct dram_device device;
    int count;
    struct {
        uint64_t address, wanted, accepted, done;
        bool is_write;
    } requests[REQUESTS];
    int command_count;
    struct dram_issued commands[MAX_COMMANDS];
    struct dram_command_counts counts;
    uint64_t end;
};

static void log_command(void *context, const struct dram_issued *issued)
{
    struct traffic *traffic = context;
    assert_true(traffic->command_count < MAX_COMMANDS);
    traffic->commands[traffic->command_count++] = *issued;
}

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
    traffic->command_count = 0;
    dram_controller_step(controller, every_clock);
    dram_controller_observe(controller, log_command, traffic);
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
    for (int i = 0; i < traffic->command_count; i++) {
        const struct dram_issued *after = &traffic->commands[i];
        for (int j = i - 1; j >= 0 && traffic->commands[j].clock + 200 > after->clock; j--) {
            const struct dram_issued *before = &traffic->commands[j];
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
    for (int i = 0; i < traffic->command_count; i++) {
        const struct dram_issued *command = &traffic->commands[i];
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
    for (int i = 0; i < traffic->command_count; i++) {
        const struct dram_issued *c = &traffic->commands[i];
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
    for (int i = 1; i < traffic->command_count; i++)
        for (int j = i - 1; j >= 0 && traffic->commands[j].clock == traffic->commands[i].clock;
             j--) {
            const struct dram_issued *a = &traffic->commands[i], *b = &traffic->commands[j];
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
            for (int i = 0; i < traffic->command_count; i++) {
                const struct dram_issued *c = &traffic->commands[i];
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
    for (int i = 0; i < traffic->command_count; i++) {
        const struct dram_issued *issued = &traffic->commands[i];
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
    for (int i = 0; i < traffic->command_count; i++)
        logged[traffic->commands[i].command]++;
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
    assert_int_equal(jumped.command_count, stepped.command_count);
    assert_memory_equal(jumped.commands, stepped.commands,
                        (size_t)jumped.command_count * sizeof *jumped.commands);
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
    static struct traffic traffic;
    for (int scheduler = 0; scheduler < 2; scheduler++) {
        struct dram_device *device = &traffic.device;
        *device = typical();
        device->timing.tRTP = 5;
        device->timing.tRAS = 20;
        device->policy.scheduler = (uint8_t)scheduler;
        device->policy.bank_queue = 16;
        traffic.command_count = 0;
        struct dram_controller *controller = dram_controller_new(device);
        dram_controller_observe(controller, log_command, &traffic);
        uint64_t next_row = dram_capacity(&device->geometry) / device->geometry.rows;
        for (uint64_t i = 0; i < 9; i++)
            dram_controller_enqueue(controller, 0, i, i == 1 ? next_row : i % 8 * 64, false);
        dram_controller_advance(controller, 1000);
        unsigned rows = 0, reads_of_first = 0;
        for (int i = 0; i < traffic.command_count; i++) {
            rows += traffic.commands[i].command == DRAM_ACTIVATE;
            reads_of_first += rows == 1 && traffic.commands[i].command == DRAM_READ;
        }
        assert_int_equal(reads_of_first,
                         scheduler == DRAM_SCHEDULER_FCFS ? 1 : device->policy.row_hit_cap);
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
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_at_every_distance),
        cmocka_unit_test(four_activates_in_a_window),
        cmocka_unit_test(single_accesses),
        cmocka_unit_test(random_traffic_under_every_policy),
        cmocka_unit_test(answers_wait_to_be_taken),
        cmocka_unit_test(drains_end_as_named),
        cmocka_unit_test(schedulers_order_as_named),
        cmocka_unit_test(energy_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
