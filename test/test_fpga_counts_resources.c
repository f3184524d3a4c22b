/* Are an FPGA's resources PEs times their cost, and do the platforms say what their source says? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/config.h"

/* Every shape of a block RAM, tried one by one. */
static void block_rams_are_the_fewest(void **state)
{
    static const int shapes[][2] = {{512, 32}, {1024, 16}, {2048, 8},
                                    {4096, 4}, {8192, 2},  {16384, 1}};
    assert_int_equal(fpga_bram18(16384, 32), 1);
    assert_int_equal(fpga_bram18(16385, 1), 2);
    assert_int_equal(fpga_bram18(16384, 64), 2); /* one has no port of 64 bits */
    assert_int_equal(fpga_bram18(131072, 64), 8);
    for (int i = 0; i < 2000; i++) {
        int width = check_between(1, 512), words = check_between(1, 20000), best = 1 << 30;
        for (int j = 0; j < 6; j++) {
            int across = (width + shapes[j][1] - 1) / shapes[j][1];
            int down = (words + shapes[j][0] - 1) / shapes[j][0];
            best = across * down < best ? across * down : best;
        }
        assert_int_equal(fpga_bram18((uint64_t)width * (uint64_t)words, (uint32_t)width), best);
    }
}

/* 40 x 40 serial PEs of 17 LUT and 23 FF; 32 x 32 parallel ones, two to a DSP; no cost for ANT. */
static void use_is_pes_times_cost(void **state)
{
    struct fpga fpga;
    struct arch arch;
    struct err err = {""};
    assert_true(config_read_fpga("xc7z020", &fpga, &err));
    assert_true(config_read_arch("msd-40x40", &arch, &err));
    struct fpga_use use = fpga_use(&fpga, &arch);
    assert_true(use.cores[0].has_pe);
    assert_int_equal(use.total.luts, 1600 * 17 + 10000);
    assert_int_equal(use.total.ffs, 1600 * 23 + 15000);
    assert_int_equal(use.total.dsps, 0);
    assert_true(config_read_arch("int8-32x32", &arch, &err));
    use = fpga_use(&fpga, &arch);
    assert_int_equal(use.cores[0].pes, 512);
    assert_int_equal(use.total.dsps, 512);
    assert_int_equal(use.total.luts, 512 * 9 + 10000);
    /* act and weight: 24 macros of 16 KiB x 64; param 16 of 1 KiB x 128; acc 32 of 4 KiB x 128;
     * out 16 of 4 KiB x 64 */
    assert_int_equal(use.total.bram18, 24 * 8 + 16 * 4 + 32 * 4 + 16 * 2);
    assert_true(config_read_arch("ant-64x64", &arch, &err));
    use = fpga_use(&fpga, &arch);
    assert_false(use.cores[0].has_pe);
    assert_int_equal(use.total.luts, 10000);
}

enum { MAX_FIELDS = 32 };

static int split(char *line, char *fields[MAX_FIELDS])
{
    int count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    while (count < MAX_FIELDS && (fields[count] = strsep(&line, ",")))
        count++;
    return count;
}

static uint32_t field(char *header[], int count, char *row[], const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(header[i], name))
            return (uint32_t)strtoul(row[i], NULL, 10);
    fail_msg("no column %s", name);
    return 0;
}

static void check_platform(char *header[], int count, char *row[])
{
#define FIELD(name) field(header, count, row, name)
    struct fpga fpga;
    struct err err = {""};
    if (!config_read_fpga(row[0], &fpga, &err))
        fail_msg("%s", err.text);
    assert_int_equal((int)lround(fpga.clock_mhz * 1e6), FIELD("frequency_hz"));
    assert_int_equal(fpga.device.luts, FIELD("device_luts"));
    assert_int_equal(fpga.device.ffs, FIELD("device_ffs"));
    assert_int_equal(fpga.device.dsps, FIELD("device_dsp"));
    assert_int_equal(fpga.device.bram18, 2 * FIELD("device_bram36"));
    assert_int_equal(fpga.serial_pe.cost.luts, FIELD("bs_pe_luts"));
    assert_int_equal(fpga.serial_pe.cost.ffs, FIELD("bs_pe_ffs"));
    assert_int_equal(fpga.parallel_pe.cost.luts, FIELD("bp_pe_luts"));
    assert_int_equal(fpga.parallel_pe.cost.ffs, FIELD("bp_pe_ffs"));
    assert_int_equal(fpga.parallel_pe.cost.dsps, FIELD("bp_pe_dsps"));
    assert_int_equal(fpga.other.luts, FIELD("other_luts"));
    assert_int_equal(fpga.other.ffs, FIELD("other_ffs"));
#undef FIELD
}

static void platforms_are_their_source(void **state)
{
    static const char path[] = SHARED_DIR "/reference/msd_platforms.csv";
    char first[1024], line[1024], *header[MAX_FIELDS], *row[MAX_FIELDS];
    int platforms = 0;
    SKIP_WITHOUT(path);
    FILE *file = fopen(path, "r");
    assert_true(file && fgets(first, sizeof first, file));
    int count = split(first, header);
    for (; fgets(line, sizeof line, file); platforms++) {
        assert_int_equal(split(line, row), count);
        check_platform(header, count, row);
    }
    fclose(file);
    assert_int_equal(platforms, 3);
}

/* The published designs: serial and parallel arrays together come within 5 % of the LUTs measured
 * (MSD, hardware/README.md: 55.71 and 38.09 thousand). */
static void published_designs_are_met(void **state)
{
    static const struct {
        const char *platform;
        int serial, parallel;
        double luts;
    } designs[] = {{"ultra96", 48 * 48, 16 * 16, 55710}, {"xc7z020", 40 * 40, 14 * 15, 38090}};
    for (int i = 0; i < 2; i++) {
        struct fpga fpga;
        struct err err = {""};
        assert_true(config_read_fpga(designs[i].platform, &fpga, &err));
        double luts = designs[i].serial * fpga.serial_pe.cost.luts +
                      designs[i].parallel * fpga.parallel_pe.cost.luts + fpga.other.luts;
        printf("%s: %.0f LUTs, published %.0f\n", designs[i].platform, luts, designs[i].luts);
        assert_true(fabs(luts / designs[i].luts - 1) < 0.05);
    }
}

static void broken_platforms_are_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"", "clock_mhz is missing"},
        {"clock_mhz = 100;", "serial_pe.luts is missing"},
        {"clock_mhz = 100; cells = 3;", "cells: unknown; known here: clock_mhz, device"},
        {"clock_mhz = 100; serial_pe = { luts = -1; ffs = 2; };", "luts: -1 is not in 0..100000"},
        {"clock_mhz = 100; serial_pe = { luts = 1; ffs = 2; macs = 0; };",
         "macs: 0 is not in 1..16"},
        {"clock_mhz = 0;", "clock_mhz: 0 is not in"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct fpga fpga;
        struct err err = {""};
        if (config_decode_fpga(wrong[i][0], strlen(wrong[i][0]), "f.cfg", &fpga, &err))
            fail_msg("accepted: %s", wrong[i][0]);
        if (!strstr(err.text, wrong[i][1]))
            fail_msg("%s: \"%s\"", wrong[i][0], err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_rams_are_the_fewest),    cmocka_unit_test(use_is_pes_times_cost),
        cmocka_unit_test(platforms_are_their_source),   cmocka_unit_test(published_designs_are_met),
        cmocka_unit_test(broken_platforms_are_refused),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
