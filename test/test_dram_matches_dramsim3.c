/* Does the DRAM model give what DRAMsim3 gives? All traces on all set-ups: the same clocks,
 * commands, row hits and read latencies, to the last one, and its energy, times the clock period
 * that it leaves out, as far as the reference's digits go. Prints the table. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/config.h"
#include "sim/dram_replay.h"

#define REFERENCE SHARED_DIR "/reference/dram/"

static const struct setup {
    const char *name, *device;
} setups[] = {
    {"ddr4_2400_1r_bgco", "ddr4-2400"},     {"ddr4_2400_1r_cobg", "ddr4-2400-cobg"},
    {"ddr4_2400_2r_stock", "ddr4-2400-2r"}, {"hbm2_1ch", "hbm2"},
    {"hbm2_8ch_stock", "hbm2-8ch"},         {"lpddr4_2400_1r", "lpddr4-2400"},
};

enum { SETUPS = sizeof setups / sizeof *setups, TRACES = 14, MAX_COLUMNS = 40, MAX_LINE = 1024 };

static const struct setup *setup_named(const char *name)
{
    for (int i = 0; i < SETUPS; i++)
        if (!strcmp(setups[i].name, name))
            return &setups[i];
    fail_msg("%s: no such set-up", name);
    return NULL;
}

/* --- csv with a header --- */

struct row {
    int count;
    char text[MAX_LINE], *cells[MAX_COLUMNS];
};

/* Cut at the commas; empty cells stay. */
static bool read_row(FILE *file, struct row *row)
{
    if (!fgets(row->text, sizeof row->text, file))
        return false;
    row->text[strcspn(row->text, "\r\n")] = '\0';
    row->count = 0;
    for (char *at = row->text; at;) {
        assert_true(row->count < MAX_COLUMNS);
        row->cells[row->count++] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return true;
}

static const char *cell(const struct row *header, const struct row *row, const char *column)
{
    assert_int_equal(header->count, row->count);
    for (int i = 0; i < header->count; i++)
        if (!strcmp(header->cells[i], column))
            return row->cells[i];
    fail_msg("no column %s", column);
    return NULL;
}

static double number(const struct row *header, const struct row *row, const char *column)
{
    const char *text = cell(header, row, column);
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end)
        fail_msg("column %s: \"%s\"", column, text);
    return value;
}

/* --- replays --- */

static struct dram_replay replay_trace(const struct setup *setup, const char *trace_name,
                                       bool every_clock)
{
    struct dram_device device;
    struct dram_trace trace;
    struct dram_replay replay = {0};
    struct err err;
    char path[512];
    snprintf(path, sizeof path, REFERENCE "traces/%s_%s.txt.gz", trace_name, setup->name);
    const struct dram_replay_options options = {.controller = DRAM_CONTROLLER_QUEUED,
                                                .every_clock = every_clock};
    if (!config_read_dram(setup->device, &device, &err) || !dram_trace_read(&trace, path, &err) ||
        !dram_replay(&replay, &device, &trace, path, &options, &err))
        fail_msg("%s", err.text);
    dram_trace_free(&trace);
    return replay;
}

/* Figures that the reference and the replay both have. */
struct figure {
    const char *column;
    double value, digits; /* half of the reference's last digit */
};

enum { FIGURES = 17 };

static void figures_of(const struct dram_replay *replay, struct figure figures[FIGURES])
{
    const uint64_t *commands = replay->counts.commands;
    const struct dram_energy *energy = &replay->energy;
    const double latency = replay->reads ? (double)replay->read_latency / (double)replay->reads : 0;
    const struct figure all[FIGURES] = {
        {"cycles_last_done", (double)replay->clocks, 0},
        {"requests", (double)(replay->reads + replay->writes), 0},
        {"num_act", (double)commands[DRAM_ACTIVATE], 0},
        {"num_pre", (double)commands[DRAM_PRECHARGE], 0},
        {"num_read", (double)commands[DRAM_READ], 0},
        {"num_write", (double)commands[DRAM_WRITE], 0},
        {"num_ref", (double)commands[DRAM_REFRESH], 0},
        {"read_row_hits", (double)replay->counts.read_row_hits, 0},
        {"write_row_hits", (double)replay->counts.write_row_hits, 0},
        {"read_lat_avg", latency, 0.00501},
        {"read_lat_max", (double)replay->read_latency_max, 0},
        {"act_pJ", energy->activate, 0.0501},
        {"read_pJ", energy->read, 0.0501},
        {"write_pJ", energy->write, 0.0501},
        {"ref_pJ", energy->refresh, 0.0501},
        {"act_stb_pJ", energy->active_standby, 0.0501},
        {"pre_stb_pJ", energy->precharged_standby, 0.0501},
    };
    memcpy(figures, all, sizeof all);
}

static void compare(const struct row *header, const struct row *row)
{
    const struct setup *setup = setup_named(cell(header, row, "config"));
    const char *trace = cell(header, row, "trace");
    struct dram_replay replay = replay_trace(setup, trace, false);
    struct figure figures[FIGURES];
    figures_of(&replay, figures);
    double clocks = number(header, row, "cycles_last_done"),
           energy = number(header, row, "total_pJ");
    double total = dram_energy_total(&replay.energy);
    printf("%-20s %-30s %8.0f %8llu %+6.2f %% %12.0f %12.0f %+6.2f %%\n", setup->name, trace,
           clocks, (unsigned long long)replay.clocks, 100 * ((double)replay.clocks / clocks - 1),
           energy, total, 100 * (total / energy - 1));
    for (int i = 0; i < FIGURES; i++) {
        double expected = number(header, row, figures[i].column);
        if (fabs(figures[i].value - expected) > figures[i].digits)
            fail_msg("%s %s: %s is %.3f, wanted %.3f", setup->name, trace, figures[i].column,
                     figures[i].value, expected);
    }
}

static void all_traces_on_all_setups(void **unused)
{
    SKIP_WITHOUT(REFERENCE "dramsim3_reference.csv");
    FILE *file = fopen(REFERENCE "dramsim3_reference.csv", "r");
    assert_non_null(file);
    static struct row header, row;
    int count = 0;
    assert_true(read_row(file, &header));
    printf("%-20s %-30s %8s %8s %8s %12s %12s %8s\n", "set-up", "trace", "DRAMsim3", "clocks",
           "error", "DRAMsim3 pJ", "pJ", "error");
    for (; read_row(file, &row); count++)
        compare(&header, &row);
    fclose(file);
    assert_int_equal(count, SETUPS * TRACES);
}

/* Reads, writes, and idle time between them. */
static void stepping_equals_jumping(void **unused)
{
    SKIP_WITHOUT(REFERENCE "traces");
    static const char *const traces[] = {"t08_rd_random256MiB", "t11_rd_seq_paced32",
                                         "t13_wgt_act_out_mix"};
    for (int i = 0; i < SETUPS; i++)
        for (unsigned trace = 0; trace < sizeof traces / sizeof *traces; trace++) {
            struct dram_replay jumped = replay_trace(&setups[i], traces[trace], false);
            struct dram_replay stepped = replay_trace(&setups[i], traces[trace], true);
            assert_memory_equal(&jumped, &stepped, sizeof jumped);
        }
}

/* --- the devices' numbers are those of the set-ups --- */

#define ASSERT_GIVEN(column, value)                                                             \
    do {                                                                                        \
        const char *given = cell(header, row, column);                                          \
        if (*given && fabs(strtod(given, NULL) - (double)(value)) > 1e-9)                       \
            fail_msg("%s: " column " is %g, wanted %s", setup->device, (double)(value), given); \
    } while (0)

static void check_device(const struct row *header, const struct row *row)
{
    const struct setup *setup = setup_named(cell(header, row, "config"));
    struct dram_device device;
    struct err err;
    if (!config_read_dram(setup->device, &device, &err))
        fail_msg("%s", err.text);
    const struct dram_timing *t = &device.timing;
    const struct dram_geometry *g = &device.geometry;
    const struct dram_currents *c = &device.currents;
    ASSERT_GIVEN("tCK", device.tCK);
    ASSERT_GIVEN("tRCD", t->tRCDRD);
    ASSERT_GIVEN("tRCD", t->tRCDWR);
#define SAME(field) ASSERT_GIVEN(#field, t->field);
    SAME(CL)
    SAME(CWL)
    SAME(tRCDRD) SAME(tRCDWR) SAME(tRP) SAME(tRAS) SAME(tCCD_S) SAME(tCCD_L) SAME(tRRD_S)
        SAME(tRRD_L) SAME(tFAW) SAME(tREFI) SAME(tRFC) SAME(tWR) SAME(tWTR_S) SAME(tWTR_L)
            SAME(tRTP) SAME(tRTRS)
#undef SAME
                ASSERT_GIVEN("BL", g->burst_length);
    ASSERT_GIVEN("bankgroups", g->bank_groups);
    ASSERT_GIVEN("banks_per_group", g->banks_per_group);
    ASSERT_GIVEN("rows", g->rows);
    bool prefetches_two = strstr(setup->name, "hbm"); /* its columns are of two words each */
    ASSERT_GIVEN("columns", prefetches_two ? g->columns / 2 : g->columns);
    ASSERT_GIVEN("device_width", g->device_width);
    ASSERT_GIVEN("bus_width", g->bus_width);
    ASSERT_GIVEN("channels", g->channels);
    ASSERT_GIVEN("channel_size", dram_capacity(g) / g->channels >> 20);
    assert_string_equal(cell(header, row, "address_mapping"), device.policy.mapping);
#define SAME(field) ASSERT_GIVEN(#field, c->field);
    SAME(VDD) SAME(IDD0) SAME(IDD2N) SAME(IDD3N) SAME(IDD4R) SAME(IDD4W) SAME(IDD5AB)
#undef SAME
}

static void devices_are_the_setups(void **unused)
{
    SKIP_WITHOUT(REFERENCE "timing_params.csv");
    FILE *file = fopen(REFERENCE "timing_params.csv", "r");
    assert_non_null(file);
    static struct row header, row;
    int count = 0;
    assert_true(read_row(file, &header));
    for (; read_row(file, &row); count++)
        check_device(&header, &row);
    fclose(file);
    assert_int_equal(count, SETUPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_the_setups),
        cmocka_unit_test(all_traces_on_all_setups),
        cmocka_unit_test(stepping_equals_jumping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
