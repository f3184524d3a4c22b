/* Is energy counters times prices, nothing lost and nothing twice? Does area follow from the parts? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "isa/format.h"
#include "pe/pe.h"
#include "sim/config.h"
#include "sim/energy.h"
#include "test/near.h"
#include "test/twins.h"

static const struct format int8 = {FORMAT_INT, 8, true}, int4 = {FORMAT_INT, 4, true};

static struct technology *technology;
static struct arch arch;

static int set_up(void **state)
{
    struct err err = {""};
    technology = config_read_technology("45nm", &err);
    bool ok = technology && config_read_arch("int8-32x32", &arch, &err);
    if (!ok)
        printf("%s\n", err.text);
    return ok ? 0 : -1;
}

static int tear_down(void **state)
{
    technology_free(technology);
    return 0;
}

/* Every counter of the stats is either priced or says where its energy is. */
static void every_counter_has_a_rule(void **state)
{
#define CHECK(name, unit, help)                                                    \
    {                                                                              \
        int rules = 0;                                                             \
        for (const struct energy_rule *rule = energy_rules; rule->counter; rule++) \
            rules += !strcmp(rule->counter, #name);                                \
        if (!rules)                                                                \
            fail_msg("no rule prices " #name);                                     \
    }
    COUNTERS(CHECK)
#undef CHECK
}

/* One count of each kind, prices read from the technology by hand. */
static void energy_is_count_times_price(void **state)
{
    struct energy_model model = energy_model(&arch, technology);
    struct layer_stats stats = {.cycles = 0};
    stats.counters.pe_clocks = 1000;
    struct energy energy = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(energy.total_j.value, 1000 * 0.298e-12);
    assert_near(energy.total_j.low, 1000 * 0.25e-12);
    assert_near(energy.total_j.high, 1000 * 1.14e-12);
    assert_near(energy.component_j[ENERGY_PE], 1000 * 0.298e-12);

    /* By the device's currents, eight devices of 1.2 V, 4 clocks of 0.83 ns a burst of 64 bytes: IDD4R
     * 135, IDD4W 123, IDD3N 43 mA; measured devices take 0.553 and 0.430 of that; 15 pJ/bit is all in. */
    stats = (struct layer_stats){.counters.dram_read_bytes = 64, .counters.dram_write_bytes = 128};
    energy = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    double read = 8 * 1.2 * (135 - 43) * 4 * 0.83e-12, write = 8 * 1.2 * (123 - 43) * 4 * 0.83e-12;
    assert_near(energy.component_j[ENERGY_DRAM], read + 2 * write);
    assert_near(energy.total_j.low, 0.553 * read + 2 * 0.430 * write);
    assert_near(energy.total_j.high, 3 * 512 * 15e-12);

    /* By the record per bit, where there are no currents. */
    struct arch ideal = arch;
    ideal.dram = (struct dram_config){.is_ideal = true};
    snprintf(ideal.dram.ideal.name, sizeof ideal.dram.ideal.name, "ddr4-2400");
    struct energy_model by_bits = energy_model(&ideal, technology);
    stats = (struct layer_stats){.counters.dram_read_bytes = 64, .counters.dram_write_bytes = 36};
    energy = energy_of(&by_bits, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(energy.component_j[ENERGY_DRAM], 100 * 8 * 15e-12);
    assert_near(energy.total_j.low, 100 * 8 * 6e-12);
    assert_near(energy.total_j.high, 100 * 8 * 70e-12);

    stats = (struct layer_stats){.counters.vector_ops = 10};
    energy = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(energy.total_j.value, 10 * (3.1e-12 + 2 * 0.1e-12));

    /* act: 256 KiB, 8 banks, two halves: macros of 16 KiB x 64 bits, itrs-lop row: 3.4933 pJ a read
     * of 64 bits */
    stats = (struct layer_stats){.counters.act_read_bits = 640, .counters.act_write_bits = 64};
    energy = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(energy.component_j[ENERGY_SRAM], 10 * 3.4933e-12 + 5.4093e-12);
    assert_near(energy.total_j.low, 10 * 3.4933e-12 + 5.4093e-12);
    assert_near(energy.total_j.high, 10 * 7.8537e-12 + 13.3368e-12);
}

/* Four 4-bit PEs work on a product of two 8-bit operands, one on 4-bit operands. */
static void fused_pes_all_count(void **state)
{
    struct err err = {""};
    struct arch ant;
    assert_true(config_read_arch("ant-64x64", &ant, &err));
    struct energy_model model = energy_model(&ant, technology);
    struct layer_stats stats = {.counters.pe_clocks = 7};
    struct energy narrow = energy_of(&model, &stats, &(struct energy_formats){int4, int4, int4, 0});
    struct energy wide = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(narrow.total_j.value, 7 * (0.1202e-12 + 0.077e-12));
    assert_near(wide.total_j.value, 4 * narrow.total_j.value);
    stats = (struct layer_stats){.counters.act_decodes = 5};
    assert_near(
        energy_of(&model, &stats, &(struct energy_formats){int4, int4, int4, 0}).total_j.value,
        5 * (0.036e-12 + 8 * 0.0101e-12));
}

static void give(struct technology *to, enum part_price_id id, const char *part, double value)
{
    struct part_price *new = &to->parts[to->part_count++];
    *new = (struct part_price){.id = (uint8_t)id, .price.figure = {value, value, value}};
    snprintf(new->part, sizeof new->part, "%s", part);
}

/* The record of a part takes the place of what it is made of; other parts keep theirs. */
static void parts_have_prices_of_their_own(void **state)
{
    struct technology own = *technology;
    struct layer_stats stats = {.counters = {.pe_clocks = 7, .idle_pe_clocks = 5}};
    own.has_dram_currents = false;
    give(&own, PART_PE_CLOCK, "int8", 2);
    give(&own, PART_PE_IDLE, "int8", 0.5);
    give(&own, PART_PE_CLOCK, "ant", 100);
    give(&own, PART_PE_AREA, "int8", 10);
    give(&own, PART_DRAM_READ, "ddr4-2400", 3);
    give(&own, PART_SRAM_READ, "act", 0.25);
    give(&own, PART_SRAM_LEAKAGE, "act", 1000);
    struct energy_model model = energy_model(&arch, &own), plain = energy_model(&arch, technology);
    assert_near(energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0})
                    .component_j[ENERGY_PE],
                7 * 2e-12 + 5 * 0.5e-12);
    assert_near(model.area.pe_mm2, 1024 * 10e-6);
    stats = (struct layer_stats){.counters = {.dram_read_bytes = 10, .dram_write_bytes = 10}};
    assert_near(
        energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0}).total_j.value,
        80 * 3e-12 + 80 * 15e-12);
    stats = (struct layer_stats){.counters = {.act_read_bits = 100}};
    assert_near(
        energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0}).total_j.value,
        25e-12);
    stats = (struct layer_stats){.cycles = 500000};
    double leakage = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0})
                         .component_j[ENERGY_STATIC_SRAM];
    double table = energy_of(&plain, &stats, &(struct energy_formats){int8, int8, int8, 0})
                       .component_j[ENERGY_STATIC_SRAM];
    assert_near(leakage, table + 1e-3 * (1 - 16 * 0.46226449999999997e-3)); /* 1 W for a ms */
}

/* Operands that move are charged at every multiply-accumulate, by their own width; one that stays in
 * the array is not. */
static void operands_are_charged_where_they_move(void **state)
{
    struct technology own = *technology;
    struct arch flows = arch;
    struct layer_stats stats = {.counters.macs = 1000};
    give(&own, PART_OPERAND, "act", 2);
    give(&own, PART_OPERAND, "weight", 3);
    give(&own, PART_MOVING_SUM, "ws", 7);
    static const double expected[DATAFLOW_COUNT] = {
        [OUTPUT_STATIONARY] = 2 * 8 + 3 * 4,
        [WEIGHT_STATIONARY] = 2 * 8 + 7,
        [INPUT_STATIONARY] = 3 * 4,
    };
    for (int flow = 0; flow < DATAFLOW_COUNT; flow++) {
        flows.cores[0].dataflow = (uint8_t)flow;
        struct energy_model model = energy_model(&flows, &own);
        struct energy energy =
            energy_of(&model, &stats, &(struct energy_formats){int8, int4, int4, 0});
        assert_near(energy.component_j[ENERGY_SRAM], 1000 * expected[flow] * 1e-12);
        assert_near(energy.total_j.value, energy.component_j[ENERGY_SRAM]);
    }
}

/* Leakage: PEs and vector lanes by area, macros as the table says, DRAM by its standing power, over
 * the cycles. */
static void static_energy_is_leakage_times_time(void **state)
{
    struct energy_model model = energy_model(&arch, technology);
    /* A millisecond at 500 MHz, in which a row of the DRAM is open for 1000 of its clocks. */
    struct layer_stats stats = {.cycles = 500000,
                                .counters.dram_active_clocks = 1000,
                                .counters.dram_idle_clocks = 2000,
                                .counters.dram_refreshes = 3};
    double logic_um2 = 1024 * twin_gates("cell_int8") * NAND_UM2 + 64 * (6925 + 2 * 234.9);
    double sram_mw = 16 * 0.46226449999999997  /* act 16 KiB x 64 */
                     + 8 * 0.46226449999999997 /* weight, the same macro */
                     + 16 * 0.03732701         /* param 1 KiB x 128 */
                     + 32 * 0.1257465          /* acc 4 KiB x 128 */
                     + 16 * 0.1258341;         /* out 4 KiB x 64 */
    double seconds = 1e-3;
    struct energy energy = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(energy.component_j[ENERGY_STATIC_LOGIC], logic_um2 * 0.03338e-6 * seconds);
    assert_near(energy.component_j[ENERGY_STATIC_SRAM], sram_mw * 1e-3 * seconds);
    /* Eight devices, 1.2 V, clocks of 0.83 ns: IDD3N 43, IDD2N 34, IDD5AB 250 mA for tRFC 420. */
    double dram = 8 * 1.2 * 0.83e-12 * (43 * 1000 + 34 * 2000 + (250 - 43) * 420 * 3);
    assert_near(energy.component_j[ENERGY_STATIC_DRAM], dram);
    double watts = logic_um2 * 0.03338e-6 + sram_mw * 1e-3;
    assert_near(energy_static_j(&energy), watts * seconds + dram);
    assert_near(energy.total_j.value, watts * seconds + dram);
}

/* Power that flows all the time flows while units wait, too: twice the cycles, twice the energy,
 * whatever else was counted. And a clock twice as fast halves it. */
static void static_energy_runs_through_stalls(void **state)
{
    struct arch fast = arch;
    struct energy_model model = energy_model(&arch, technology);
    struct layer_stats stats = {.cycles = 1000, .counters.array_busy = 1000};
    struct layer_stats stalled = {.cycles = 2000,
                                  .counters = {.array_busy = 1000, .array_stall = 1000}};
    struct energy once = energy_of(&model, &stats, &(struct energy_formats){int8, int8, int8, 0});
    struct energy twice =
        energy_of(&model, &stalled, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(twice.total_j.value, 2 * once.total_j.value);
    fast.clock_khz *= 2;
    model = energy_model(&fast, technology);
    once = energy_of(&model, &stalled, &(struct energy_formats){int8, int8, int8, 0});
    assert_near(2 * once.total_j.value, twice.total_j.value);
}

static void area_is_the_sum_of_parts(void **state)
{
    struct energy_model model = energy_model(&arch, technology);
    assert_near(model.area.pe_mm2, 1024 * twin_gates("cell_int8") * NAND_UM2 * 1e-6);
    assert_near(model.area.other_mm2, 64 * (6925 + 2 * 234.9) * 1e-6);
    double sram = 16 * 0.054962 + 8 * 0.054962 + 16 * 0.005321 + 32 * 0.014270 + 16 * 0.013506;
    assert_near(model.area.sram_mm2, sram);
    assert_near(model.area.total_mm2,
                model.area.pe_mm2 + model.area.sram_mm2 + model.area.other_mm2);
    struct area_line lines[AREA_MAX_LINES];
    struct bounded sum = {0, 0, 0};
    int count = area_lines(&model, lines);
    for (int i = 0; i < count; i++) {
        sum.value += lines[i].mm2.value;
        sum.low += lines[i].mm2.low;
        sum.high += lines[i].mm2.high;
    }
    assert_near(model.area.total_mm2, sum.value);
    assert_near(model.area.low_mm2, sum.low);
    assert_near(model.area.high_mm2, sum.high);
    assert_true(sum.low < sum.value && sum.value < sum.high);
}

/* A quarter of four fused PEs each, and a decoder for each row and column. */
static void area_of_ant_has_decoders(void **state)
{
    struct err err = {""};
    struct arch ant;
    assert_true(config_read_arch("ant-64x64", &ant, &err));
    struct energy_model model = energy_model(&ant, technology);
    double gates = 4096 * twin_gates("cell_ant_2x2") / 4 + 128 * twin_gates("decoder_ant");
    assert_near(model.area.pe_mm2, gates * NAND_UM2 * 1e-6);
    assert_true(config_read_arch("msd-40x40", &ant, &err));
    model = energy_model(&ant, technology);
    assert_near(model.area.pe_mm2, 1600 * twin_gates("cell_msd_os") * NAND_UM2 * 1e-6);
}

/* PEs of other accelerators that have a twin. */
static void area_of_rivals_is_that_of_their_twins(void **state)
{
    static const struct {
        const char *arch, *design;
        double designs;
    } rivals[] = {{"adafloat-32x28", "cell_adafloat", 32 * 28},
                  {"biscaled-32x80", "cell_biscaled", 32 * 80},
                  {"bitfusion-64x64", "cell_bitfusion_2x2", 32 * 32},
                  {"olaccel-32x36", "cell_olaccel_4x4", 8 * 9}};
    for (size_t i = 0; i < sizeof rivals / sizeof *rivals; i++) {
        struct err err = {""};
        struct arch rival;
        assert_true(config_read_arch(rivals[i].arch, &rival, &err));
        struct energy_model model = energy_model(&rival, technology);
        assert_near(model.area.pe_mm2,
                    rivals[i].designs * twin_gates(rivals[i].design) * NAND_UM2 * 1e-6);
    }
}

/* --- two cores --- */

static struct arch two_cores(void)
{
    struct err err = {""};
    struct arch two;
    if (!config_read_arch("msd-ultra96", &two, &err))
        fail_msg("%s", err.text);
    return two;
}

/* Bit-serial clocks of the first core at its price, those of the second's packed PEs at theirs; idle
 * ones cost the same in both. */
static void each_core_has_its_price(void **state)
{
    const struct arch two = two_cores();
    struct energy_model model = energy_model(&two, technology);
    struct energy_formats formats = {int8, int4, int8, 0.25};
    struct layer_stats stats = {.counters = {.pe_clocks = 7, .array2_pe_clocks = 5}};
    struct energy energy = energy_of(&model, &stats, &formats);
    assert_near(energy.component_j[ENERGY_PE], 7 * 0.164e-12 + 5 * 0.274e-12);
    assert_near(energy.total_j.low, 7 * 0.106e-12 + 5 * 0.128e-12);
    assert_near(energy.total_j.high, 7 * 0.75e-12 + 5 * 1.08e-12);
    stats = (struct layer_stats){.counters = {.idle_pe_clocks = 3, .array2_idle_pe_clocks = 11}};
    energy = energy_of(&model, &stats, &formats);
    assert_near(energy.total_j.value, 14 * 0.013e-12);
    /* A part's own price is that of the core that is made of it. */
    struct technology own = *technology;
    give(&own, PART_PE_CLOCK, "int8x2", 2);
    model = energy_model(&two, &own);
    stats = (struct layer_stats){.counters = {.pe_clocks = 7, .array2_pe_clocks = 5}};
    assert_near(energy_of(&model, &stats, &formats).total_j.value, 7 * 0.164e-12 + 5 * 2e-12);
}

/* A multiply-accumulate moves a weight of as many bits as its core's have. */
static void operands_are_of_their_core(void **state)
{
    const struct arch two = two_cores();
    struct technology own = *technology;
    struct layer_stats stats = {.counters.macs = 1000};
    give(&own, PART_OPERAND, "weight", 3);
    struct energy_model model = energy_model(&two, &own);
    struct energy_formats formats = {int8, int4, int8, 0.25};
    assert_near(energy_of(&model, &stats, &formats).total_j.value, 3e-12 * (750 * 4 + 250 * 8));
}

/* A packed PE's two MACs share registers. */
static void area_has_both_arrays(void **state)
{
    const struct arch two = two_cores();
    struct energy_model model = energy_model(&two, technology);
    double gates = 48 * 48 * twin_gates("cell_msd_os") + 16 * 16 * twin_gates("cell_int8x2");
    assert_near(model.area.pe_mm2, gates * NAND_UM2 * 1e-6);
}

/* Layers sum to the network's energy, components to the total, whatever the counters. */
static void layers_and_components_sum(void **state)
{
    const struct arch two = two_cores();
    struct energy_model model = energy_model(*state ? &two : &arch, technology);
    const struct energy_formats formats = {int8, int8, int8, *state ? 0.375 : 0};
    struct layer_stats all = {0};
    struct energy sum = {0};
    for (int i = 0; i < 20; i++) {
        struct layer_stats stats = {.cycles = check_random() % 1000000};
#define DRAW(name, unit, help) stats.counters.name = check_random() % 1000000000;
        COUNTERS(DRAW)
#undef DRAW
        stats.counters.examined_clocks = 0; /* else a clock's price is the layer's own */
        stats.counters.array2_examined_clocks = 0;
        struct energy energy = energy_of(&model, &stats, &formats);
        energy_add(&sum, &energy);
        counters_add(&all.counters, &stats.counters);
        all.cycles += stats.cycles;
        double components = 0;
        for (int j = 0; j < ENERGY_COMPONENT_COUNT; j++)
            components += energy.component_j[j];
        assert_near(components, energy.total_j.value);
        assert_true(energy.total_j.low <= energy.total_j.value);
        assert_true(energy.total_j.value <= energy.total_j.high);
    }
    struct energy whole = energy_of(&model, &all, &formats);
    assert_near(sum.total_j.value, whole.total_j.value);
    assert_near(sum.total_j.high, whole.total_j.high);
    for (int j = 0; j < ENERGY_COMPONENT_COUNT; j++)
        assert_near(sum.component_j[j], whole.component_j[j]);
}

/* A counter without a price is listed, and never counted as free. */
static void unpriced_counters_are_listed(void **state)
{
    char text[512];
    struct arch other = arch;
    struct counters counters = {.dram_read_bytes = 1, .pe_clocks = 1};
    struct energy_model model = energy_model(&arch, technology);
    assert_false(energy_unpriced(&model, &counters, text, sizeof text));
    assert_string_equal(text, "");
    other.dram.is_ideal = true;
    strcpy(other.dram.ideal.name, "ddr9");
    model = energy_model(&other, technology);
    assert_true(energy_unpriced(&model, &counters, text, sizeof text));
    assert_string_equal(text, "dram_read_bytes (dram_ddr9), cycles (dram_background_ddr9)");
    struct price saved = technology->prices[PRICE_MAC_8X8];
    technology->prices[PRICE_MAC_8X8].figure = (struct bounded){NAN, NAN, NAN};
    model = energy_model(&other, technology);
    assert_true(energy_unpriced(&model, &counters, text, sizeof text));
    assert_non_null(strstr(text, "pe_clocks (mac_8x8)"));
    technology->prices[PRICE_MAC_8X8] = saved;
}

int main(void)
{
    static bool two = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_counter_has_a_rule),
        cmocka_unit_test(energy_is_count_times_price),
        cmocka_unit_test(fused_pes_all_count),
        cmocka_unit_test(parts_have_prices_of_their_own),
        cmocka_unit_test(operands_are_charged_where_they_move),
        cmocka_unit_test(static_energy_is_leakage_times_time),
        cmocka_unit_test(static_energy_runs_through_stalls),
        cmocka_unit_test(area_is_the_sum_of_parts),
        cmocka_unit_test(area_of_ant_has_decoders),
        cmocka_unit_test(area_of_rivals_is_that_of_their_twins),
        cmocka_unit_test(each_core_has_its_price),
        cmocka_unit_test(operands_are_of_their_core),
        cmocka_unit_test(area_has_both_arrays),
        cmocka_unit_test(layers_and_components_sum),
        cmocka_unit_test_prestate(layers_and_components_sum, &two),
        cmocka_unit_test(unpriced_counters_are_listed),
    };
    check_seed();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
