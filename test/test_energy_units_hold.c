/* Do the units hold? Every check works a figure out from its source in another way than the energy
 * model does. Each must pass on the shipped technology and fail on one with a unit error planted in
 * it; test_planted_errors_are_caught.sh plants the same errors in the program. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/config.h"
#include "sim/energy.h"
#include "test/twins.h"

static const struct format int8 = {FORMAT_INT, 8, true};
enum { ONE_PERCENT = 1 };

/* An accelerator in a technology, either of which may have an error planted. */
struct subject {
    struct arch arch;
    struct technology *technology;
};

static bool set_up_subject(struct subject *subject)
{
    struct err err = {""};
    subject->technology = config_read_technology("45nm", &err);
    bool ok = subject->technology && config_read_arch("int8-32x32", &subject->arch, &err);
    if (!ok)
        printf("%s\n", err.text);
    return ok;
}

static bool near(double value, double wanted, double percent)
{
    bool ok = fabs(value - wanted) <= percent / 100 * fabs(wanted);
    if (!ok)
        printf("  %g is not %g\n", value, wanted);
    return ok;
}

static struct energy energy_in(const struct subject *subject, const struct layer_stats *stats)
{
    struct energy_model model = energy_model(&subject->arch, subject->technology);
    return energy_of(&model, stats, &(struct energy_formats){int8, int8, int8, 0});
}

/* --- checks --- */

/* pJ, not nJ: BitFusion's 8x8 PE draws 148845 nW at 500 MHz (systolic_array_synth.csv:7), so
 * 500 million clocks of one are 148.845 uJ. */
static bool pe_power(const struct subject *subject)
{
    struct layer_stats stats = {.counters.pe_clocks = 500000000};
    return near(energy_in(subject, &stats).component_j[ENERGY_PE], 148845e-9, ONE_PERCENT);
}

/* Seconds, not cycles or ns: leakage of the logic at 500 MHz over 500 million cycles is its power
 * times one second. A PE of 687.6072 um2 leaks 22.952 uW (BitFusion, the same line); the array's and
 * the vector unit's go by their area. */
static bool leakage_power(const struct subject *subject)
{
    struct layer_stats stats = {.cycles = 500000000};
    double um2 = 1024 * twin_gates("cell_int8") * NAND_UM2 + 64 * (6925 + 2 * 234.9);
    double watts = 22.952e-6 * um2 / 687.6072;
    return near(energy_in(subject, &stats).component_j[ENERGY_STATIC_LOGIC], watts, ONE_PERCENT);
}

/* A second of reads without gaps: a DDR4 device draws IDD4R 135 mA in place of IDD3N 43 mA, at 1.2 V; eight
 * x8 devices fill a bus of 64 bits. 2400 MT/s of 8 bytes are 19.2 GB, but for a clock of 0.83 ns rather
 * than 0.8333. */
static bool dram_reads(const struct subject *subject)
{
    struct layer_stats stats = {.counters.dram_read_bytes = (uint64_t)(2 * 8 / 0.83e-9)};
    return near(energy_in(subject, &stats).component_j[ENERGY_DRAM], 1.2 * (0.135 - 0.043) * 8,
                0.01);
}

/* A rank, not a device: eight of them stand by and refresh. DRAMsim3 DDR4_8Gb_x8_2400: VDD 1.2 V, IDD3N 43
 * mA, IDD5AB 250 mA for tRFC 420 of tREFI 9360 clocks. */
static bool dram_rank(const struct subject *subject)
{
    const uint64_t clocks = (uint64_t)(1 / 0.83e-9);
    struct layer_stats stats = {.counters.dram_active_clocks = clocks,
                                .counters.dram_refreshes = clocks / 9360};
    double refreshing = 420.0 / 9360;
    double ma = 43 * (1 - refreshing) + 250 * refreshing;
    return near(energy_in(subject, &stats).component_j[ENERGY_STATIC_DRAM], 1.2 * ma * 1e-3 * 8,
                0.01);
}

/* mW of a macro, not of a scratchpad: act has 8 banks in two halves. CACTI, 16 KiB x 64, itrs-lop:
 * the scratchpads as test_energy_adds_up.c lists them. */
static bool sram_leakage(const struct subject *subject)
{
    struct layer_stats stats = {.cycles = 500000000};
    double mw = 24 * 0.4622645 + 16 * 0.03732701 + 32 * 0.1257465 + 16 * 0.1258341;
    return near(energy_in(subject, &stats).component_j[ENERGY_STATIC_SRAM], mw * 1e-3, 0.01);
}

/* um2 and mm2: 1024 PEs in square chips of NANDs, a million um2 to the mm2. */
static bool pe_area(const struct subject *subject)
{
    struct energy_model model = energy_model(&subject->arch, subject->technology);
    return near(model.area.pe_mm2, 1024 * twin_gates("cell_int8") * NAND_UM2 / 1e6, 0.01);
}

/* The mean of two points on logarithmic scales is the geometric one: 16 and 32 KiB x 64 bits. */
static bool sram_mean(const struct subject *subject)
{
    double lesser = technology_sram(subject->technology, 16384, 64).area_mm2.value;
    double greater = technology_sram(subject->technology, 32768, 64).area_mm2.value;
    double found = technology_sram(subject->technology, 16384 * sqrt(2), 64).area_mm2.value;
    return near(found, sqrt(lesser * greater), 1e-6);
}

/* --- planted errors --- */

static void scale_price(struct subject *subject, int price, double factor)
{
    struct bounded *figure = &subject->technology->prices[price].figure;
    *figure = (struct bounded){figure->value * factor, figure->low * factor, figure->high * factor};
}

static void nothing(struct subject *subject)
{
}
static void nj_for_pj(struct subject *subject)
{
    scale_price(subject, PRICE_MAC_8X8, 1e-3);
}
static void pj_for_nj(struct subject *subject)
{
    scale_price(subject, PRICE_MAC_8X8, 1e3);
}
static void ns_for_cycles(struct subject *subject)
{
    subject->arch.clock_khz = 1000000;
}
static void mhz_for_khz(struct subject *subject)
{
    subject->arch.clock_khz /= 1000;
}
static void nw_for_uw(struct subject *subject)
{
    scale_price(subject, PRICE_LOGIC_LEAKAGE, 1e3);
}
static void short_bursts(struct subject *subject)
{
    subject->arch.dram.device.geometry.burst_length = 1;
}
static void one_device(struct subject *subject)
{
    subject->arch.dram.device.geometry.device_width = 64;
}
static void rank_twice(struct subject *subject)
{
    subject->arch.dram.device.geometry.device_width = 1;
}
static void clocks_for_ns(struct subject *subject)
{
    subject->arch.dram.device.tCK = 1;
}
static void mm2_for_um2(struct subject *subject)
{
    scale_price(subject, PRICE_MAC_8X8_AREA, 1e-6);
}

/* A table whose middle is the arithmetic mean: a point is added where the geometric one was. */
static void arithmetic_mean(struct subject *subject)
{
    struct technology *technology = subject->technology;
    struct sram_grid *grid = &technology->flavours[technology->cell].grids[0];
    double lesser = technology_sram(technology, 16384, 64).area_mm2.value;
    double greater = technology_sram(technology, 32768, 64).area_mm2.value;
    for (int i = 0; i < grid->count; i++) /* both ends of the interval leave it alone */
        if (grid->points[i].width_bits == 64 && grid->points[i].bytes == 65536) {
            grid->points[i].bytes = 23170;
            grid->points[i].area_mm2 = (lesser + greater) / 2;
        }
}
static void macros_for_pad(struct subject *subject)
{
    subject->arch.pads[PAD_ACT].banks /= 8;
    subject->arch.pads[PAD_ACT].bytes /= 8; /* the same macro, once instead of eight times */
}

static const struct {
    const char *name;
    void (*plant)(struct subject *subject);
    bool (*check)(const struct subject *subject);
    bool passes;
} cases[] = {
    {"PE power", nothing, pe_power, true},
    {"PE power, nJ taken for pJ", nj_for_pj, pe_power, false},
    {"PE power, pJ taken for nJ", pj_for_nj, pe_power, false},
    {"leakage", nothing, leakage_power, true},
    {"leakage, cycles taken for ns", ns_for_cycles, leakage_power, false},
    {"leakage, MHz taken for kHz", mhz_for_khz, leakage_power, false},
    {"leakage, nW taken for uW", nw_for_uw, leakage_power, false},
    {"DRAM reads", nothing, dram_reads, true},
    {"DRAM reads, a device for the rank", one_device, dram_reads, false},
    {"DRAM reads, bursts of half a clock", short_bursts, dram_reads, false},
    {"DRAM rank", nothing, dram_rank, true},
    {"DRAM rank, one device", one_device, dram_rank, false},
    {"DRAM rank, devices twice", rank_twice, dram_rank, false},
    {"DRAM rank, clocks taken for ns", clocks_for_ns, dram_rank, false},
    {"SRAM leakage", nothing, sram_leakage, true},
    {"SRAM leakage, one macro for a scratchpad", macros_for_pad, sram_leakage, false},
    {"PE area", nothing, pe_area, true},
    {"PE area, mm2 taken for um2", mm2_for_um2, pe_area, false},
    {"SRAM mean", nothing, sram_mean, true},
    {"SRAM mean, arithmetic", arithmetic_mean, sram_mean, false},
};

static void checks_catch_planted_errors(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subject subject;
        assert_true(set_up_subject(&subject));
        cases[i].plant(&subject);
        bool passed = cases[i].check(&subject);
        printf("%s: %s\n", cases[i].name, passed ? "passes" : "caught");
        if (passed != cases[i].passes)
            fail_msg("%s", cases[i].name);
        technology_free(subject.technology);
    }
}

/* --- background power from the reference's parameters --- */

enum { MAX_FIELDS = 64, MAX_LINE = 1024 };

static int split(char *line, char *fields[MAX_FIELDS])
{
    int count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    while (count < MAX_FIELDS && (fields[count] = strsep(&line, ",")))
        count++;
    return count;
}

/* A field of a row by its column's name. */
static double field(char *header[], int count, char *row[], const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(header[i], name))
            return atof(row[i]);
    fail_msg("no column %s", name);
    return NAN;
}

/* Standby at `standby` mA and refresh, of all devices of the rank, in mW. */
static double background_mw(char *header[], int count, char *row[], const char *standby)
{
    double share = field(header, count, row, "tRFC") / field(header, count, row, "tREFI");
    double devices =
        field(header, count, row, "bus_width") / field(header, count, row, "device_width");
    double idle = field(header, count, row, standby);
    double refresh = field(header, count, row, "IDD5AB");
    return field(header, count, row, "VDD") * devices * (idle + (refresh - idle) * share);
}

static const char *dram_of_row(const char *name)
{
    static const char *const rows[][2] = {{"ddr4_2400_1r_bgco", "ddr4-2400"},
                                          {"lpddr4_2400_1r", "lpddr4-2400"},
                                          {"hbm2_1ch", "hbm2"}};
    for (int i = 0; i < 3; i++)
        if (!strcmp(rows[i][0], name))
            return rows[i][1];
    return NULL;
}

static void background_follows_from_idd(void **state)
{
    static const char path[] = SHARED_DIR "/reference/dram/timing_params.csv";
    char first[MAX_LINE], line[MAX_LINE], *header[MAX_FIELDS], *row[MAX_FIELDS];
    int found = 0;
    struct subject subject;
    struct err err = {""};
    SKIP_WITHOUT(path);
    assert_true(set_up_subject(&subject));
    FILE *file = fopen(path, "r");
    assert_true(file && fgets(first, sizeof first, file));
    int count = split(first, header);
    while (fgets(line, sizeof line, file)) {
        const char *name = split(line, row) == count ? dram_of_row(row[0]) : NULL;
        if (!name)
            continue;
        assert_true(config_read_dram(name, &subject.arch.dram.device, &err));
        double tCK = field(header, count, row, "tCK");
        double refreshes = 1e9 / tCK / field(header, count, row, "tREFI");
        struct layer_stats stats = {.counters.dram_active_clocks = (uint64_t)(1e9 / tCK),
                                    .counters.dram_refreshes = (uint64_t)refreshes};
        assert_true(near(1e3 * energy_in(&subject, &stats).component_j[ENERGY_STATIC_DRAM],
                         background_mw(header, count, row, "IDD3N"), 0.01));
        found++;
    }
    fclose(file);
    technology_free(subject.technology);
    assert_int_equal(found, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_catch_planted_errors),
        cmocka_unit_test(background_follows_from_idd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
