/* Are bad traces and devices of a DRAM refused, each with one line that names the place and what is
 * wrong, and are the shipped devices accepted? */
#include "test/check.h"

#include <string.h>

#include "isa/dram_address.h"
#include "sim/config.h"
#include "sim/config_file.h"
#include "sim/dram_replay.h"

static bool decode(struct dram_trace *trace, const char *text, struct err *err)
{
    return dram_trace_decode(trace, text, strlen(text), "t.txt", err);
}

static void expect(const struct err *err, const char *text)
{
    if (!strstr(err->text, text) || strchr(err->text, '\n'))
        fail_msg("wanted \"%s\" in \"%s\"", text, err->text);
}

static void good_traces(void **unused)
{
    struct dram_trace trace;
    struct err err;
    assert_true(decode(&trace, "1F40 R 0\n\n \t0x40\tW 1099511627776\r\nfeed R 7", &err));
    assert_int_equal(trace.count, 3);
    assert_int_equal(trace.requests[0].address, 0x1f40);
    assert_false(trace.requests[0].is_write);
    assert_int_equal(trace.requests[1].address, 0x40);
    assert_true(trace.requests[1].is_write);
    assert_int_equal(trace.requests[1].clock, 1ull << 40);
    assert_int_equal(trace.requests[2].clock, 7);
    dram_trace_free(&trace);
}

static void bad_traces(void **unused)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "t.txt: holds no request"},
        {"\n \n", "t.txt: holds no request"},
        {"0 R 0\n40 R\n", "t.txt:2: not three words"},
        {"0 R 0 0\n", "t.txt:1: not three words"},
        {"0 R 0\n\n4g R 0\n", "t.txt:3: \"4g\" is no hexadecimal address"},
        {"-4 R 0\n", "t.txt:1: \"-4\" is no hexadecimal address"},
        {"0x R 0\n", "t.txt:1: \"0x\" is no hexadecimal address"},
        {"10000000000000000 R 0\n", "\"10000000000000000\" is no hexadecimal address"},
        {"0 r 0\n", "t.txt:1: \"r\" is neither R nor W"},
        {"0 RW 0\n", "t.txt:1: \"RW\" is neither R nor W"},
        {"0 R -1\n", "t.txt:1: \"-1\" is no clock in 0..1099511627776"},
        {"0 R 1099511627777\n", "\"1099511627777\" is no clock"},
        {"0 R 99999999999999999999999\n", "is no clock"},
        {"0 R 1e3\n", "\"1e3\" is no clock"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dram_trace trace;
        struct err err;
        if (decode(&trace, cases[i].text, &err))
            fail_msg("accepted: %s", cases[i].text);
        expect(&err, cases[i].error);
    }
}

/* One line of a shipped device, changed. */
static void bad_devices(void **unused)
{
    static const struct {
        const char *from, *to, *error;
    } cases[] = {
        {"tRP = 17;", "", "timing.tRP is missing"},
        {"tRP = 17;", "tRP = 0;", "tRP: 0 is not in 1..255"},
        {"tRP = 17;", "tRQ = 17;", "tRQ: unknown"},
        {"rows = 65536;", "rows = 60000;", "rows: 60000 is no power of two"},
        {"ranks = 1;", "ranks = 8;", "128 is more than 64"},
        {"device_width = 8;", "device_width = 128;",
         "device_width: 128 is wider than bus_width 64"},
        {"columns = 1024;", "columns = 4;", "burst_length: 8 is more than a row's columns 4"},
        {"tCCD_L = 6;", "tCCD_L = 3;", "tCCD_L: 3 is less than tCCD_S 4"},
        {"tWTR_L = 9;", "tWTR_L = 2;", "tWTR_L: 2 is less than tWTR_S 3"},
        {"tREFI = 9360;", "tREFI = 800;",
         "tREFI: 800 is less than two refreshes, up to 492 clocks, of each of 1 ranks"},
        {"IDD0 = 48;", "IDD0 = 30;", "IDD0: 30 is less than the standby in it"},
        {"IDD4R = 135;", "IDD4R = 40;", "IDD4R: 40 is less than IDD3N 43"},
        {"rochrababgco", "rochrababgro", "mapping: \"rochrababgro\" must hold each of ch, ra, bg"},
        {"rochrababgco", "rochraba", "must hold each of"},
        {"\"open\"", "\"ajar\"", "row: \"ajar\" is not one of open, closed"},
        {"\"fr-fcfs\"", "\"fifo\"", "scheduler: \"fifo\" is not one of fr-fcfs, fcfs"},
        {"\"batch\"", "\"some\"", "drain: \"some\" is not one of batch, watermark"},
        {"refresh = \"rank\"", "refresh = \"bank\"", "refresh: \"bank\" needs tRFCpb and IDD5PB"},
        {"drain_high = 32;", "drain_high = 33;", "drain_high: 33 is more than write_buffer 32"},
        {"drain_low = 8;", "drain_low = 32;", "drain_low: 32 is not below drain_high 32"},
    };
    char path[CONFIG_PATH_SIZE], changed[16384];
    struct dram_device device;
    struct err err;
    size_t size;
    assert_true(config_find(HOME_DRAM, "ddr4-2400", path, &err));
    char *text = config_load(path, &size, &err);
    assert_non_null(text);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = strstr(text, cases[i].from);
        if (!at)
            fail_msg("%s has no \"%s\"", path, cases[i].from);
        int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text,
                              cases[i].to, at + strlen(cases[i].from));
        if (config_decode_dram(changed, (size_t)length, "d.cfg", &device, &err))
            fail_msg("accepted: %s", cases[i].to);
        expect(&err, cases[i].error);
        expect(&err, "d.cfg");
    }
    free(text);
}

static void addresses_beyond_the_device(void **unused)
{
    struct dram_device device;
    struct dram_trace trace;
    struct dram_replay replay;
    const struct dram_replay_options options = {.controller = DRAM_CONTROLLER_QUEUED};
    struct err err;
    assert_true(config_read_dram("ddr4-2400", &device, &err));
    assert_int_equal(dram_capacity(&device.geometry), 8ull << 30);
    assert_true(decode(&trace, "1ffffffc0 R 0\n200000000 W 0\n", &err));
    assert_false(dram_replay(&replay, &device, &trace, "t.txt", &options, &err));
    expect(&err, "t.txt: request 2: address 200000000 is beyond the 8192 MiB of ddr4-2400");
    trace.count = 1;
    assert_true(dram_replay(&replay, &device, &trace, "t.txt", &options, &err));
    dram_trace_free(&trace);
}

static void shipped_devices_are_accepted(void **unused)
{
    struct config_names names = config_names(HOME_DRAM);
    assert_in_range(names.count, 6, 1000);
    for (int i = 0; i < names.count; i++) {
        struct dram_device device;
        struct err err;
        if (!config_read_dram(names.names[i], &device, &err))
            fail_msg("%s", err.text);
        assert_string_equal(device.name, names.names[i]);
    }
    config_names_free(&names);
}

/* Every order of the fields is a bijection of bursts to channels, banks, rows and columns: bursts
 * of all places of a small device differ in place, or in the bits of their column. */
static void mappings_are_bijections(void **unused)
{
    static const char *const orders[] = {"rochrababgco", "rochrabacobg", "rorabgbachco",
                                         "cochrobgbara"};
    const struct dram_geometry geometry = {2, 2, 2, 4, 8, 64, 8, 64, 8};
    for (unsigned order = 0; order < sizeof orders / sizeof *orders; order++) {
        struct dram_mapping mapping;
        struct err err;
        static uint8_t seen[2 * 16 * 8 * 8];
        memset(seen, 0, sizeof seen);
        assert_true(dram_mapping_read(&mapping, orders[order], &geometry, &err));
        assert_int_equal(1u << mapping.burst_bits, 64);
        for (uint64_t burst = 0; burst < sizeof seen; burst++) {
            struct dram_place place = dram_place_of(&mapping, burst, &geometry);
            uint32_t column = dram_field(&mapping, burst, DRAM_ADDRESS_COLUMN);
            size_t index = ((place.channel * 16 + place.bank) * 8 + place.row) * 8 + column;
            if (index >= sizeof seen || seen[index]++)
                fail_msg("%s: burst %llu is where another is", orders[order],
                         (unsigned long long)burst);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_traces),
        cmocka_unit_test(bad_traces),
        cmocka_unit_test(bad_devices),
        cmocka_unit_test(addresses_beyond_the_device),
        cmocka_unit_test(shipped_devices_are_accepted),
        cmocka_unit_test(mappings_are_bijections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
