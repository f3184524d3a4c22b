/* Which points does a sweep file come to? Compared with loops written out by hand. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "pe/format.h"
#include "sim/config.h"
#include "sim/sweep_columns.h"
#include "sim/sweep_config.h"
#include "sim/sweep_constraint.h"
#include "sim/sweep_plan.h"

#define HEAD                                                                  \
    "networks = \"" TEST_SOURCE_DIR "/workloads/topologies/resnet18.csv\";\n" \
    "schemes = [\"int8\", \"int4\"];\n"

static struct sweep_config *decode(const char *text)
{
    struct err err = {{0}};
    struct sweep_config *config = config_decode_sweep(text, strlen(text), "s.cfg", &err);
    if (!config)
        fail_msg("%s", err.text);
    return config;
}

static struct arch read_arch(const char *name)
{
    struct arch arch;
    assert_true(config_read_arch(name, &arch, NULL));
    return arch;
}

static void every_combination_is_there_once(void **state)
{
    static const int rows[] = {4, 6, 8, 10}, widths[] = {3, 12, 48}, megahertz[] = {200, 900};
    static const double act_kib[] = {32, 64.5};
    struct sweep_config *config = decode(
        HEAD
        "accelerators = ( { extends = \"int8-32x32\"; vector_lanes = 16;\n"
        "  core = { rows = { from = 4; to = 11; step = 2; };\n"
        "           columns = { from = 3; to = 48; factor = 4; };\n"
        "           dataflow = [\"is\", \"os\"]; };\n"
        "  scratchpads = { act = { kib = (32, 64.5); banks = 2; }; };\n"
        "  dram = ( { timing = { tRP = 19; }; }, { device = \"hbm2\"; timing = { CL = 3; }; } );\n"
        "  clock_mhz = [200, 900]; } );\n");
    const struct sweep_accelerator *accelerator = &config->accelerators[0];
    const struct arch base = read_arch("int8-32x32");
    assert_int_equal(accelerator->combinations, 4 * 3 * 2 * 2 * 2 * 2);
    int64_t index = 0;
    for (int r = 0; r < 4; r++)
        for (int c = 0; c < 3; c++)
            for (int d = 0; d < 2; d++)
                for (int a = 0; a < 2; a++)
                    for (int m = 0; m < 2; m++)
                        for (int f = 0; f < 2; f++) {
                            struct arch wanted = base;
                            wanted.cores[0].rows = (uint16_t)rows[r];
                            wanted.cores[0].columns = (uint16_t)widths[c];
                            wanted.cores[0].dataflow = d ? OUTPUT_STATIONARY : INPUT_STATIONARY;
                            wanted.pads[PAD_ACT].bytes = (uint32_t)(act_kib[a] * 1024);
                            wanted.pads[PAD_ACT].banks = 2;
                            wanted.vector_lanes = 16;
                            if (m) {
                                assert_true(config_read_dram("hbm2", &wanted.dram.device, NULL));
                                wanted.dram.device.timing.CL = 3;
                            } else {
                                wanted.dram.device.timing.tRP = 19;
                            }
                            wanted.clock_khz = (uint32_t)megahertz[f] * 1000;
                            struct arch found = sweep_arch(accelerator, index++, NULL, 0);
                            assert_memory_equal(&found.cores[0], &wanted.cores[0],
                                                sizeof found.cores[0]);
                            assert_memory_equal(found.pads, wanted.pads, sizeof found.pads);
                            assert_memory_equal(&found.dram, &wanted.dram, sizeof found.dram);
                            assert_int_equal(found.clock_khz, wanted.clock_khz);
                            assert_int_equal(found.vector_lanes, wanted.vector_lanes);
                        }
    sweep_config_free(config);
}

static void choices_name_what_varies(void **state)
{
    char choices[200], cut[12];
    struct sweep_config *config = decode(
        HEAD
        "accelerators = ( { extends = \"int8-32x32\"; clock_mhz = 300;\n"
        "  axes = ( ( { name = \"small\"; core = { rows = 2; }; }, { vector_lanes = 8; } ) );\n"
        "  sizes = [5, 9]; core = { dataflow = [\"ws\"]; }; } );\n");
    const struct sweep_accelerator *accelerator = &config->accelerators[0];
    assert_int_equal(accelerator->combinations, 4);
    struct arch arch = sweep_arch(accelerator, 1, choices, sizeof choices);
    assert_string_equal(choices, "axis1=small sizes=9");
    assert_int_equal(arch.cores[0].rows, 9); /* sizes come after axes, and prevail */
    assert_int_equal(arch.cores[0].columns, 9);
    assert_int_equal(arch.cores[0].dataflow, WEIGHT_STATIONARY);
    assert_int_equal(arch.vector_lanes, 64);
    assert_string_equal(arch.name, "int8-32x32");
    arch = sweep_arch(accelerator, 2, choices, sizeof choices);
    assert_string_equal(choices, "axis1=#2 sizes=5");
    assert_int_equal(arch.vector_lanes, 8);
    sweep_arch(accelerator, 2, cut, sizeof cut);
    assert_string_equal(cut, "axis1=#2 si");
    sweep_config_free(config);
}

static void assert_choice(const struct format_choice *choice, int bits, int count, int first)
{
    assert_int_equal(choice->bits, bits);
    assert_int_equal(choice->family_count, count);
    assert_int_equal(choice->families[0], first);
}

#define SCHEMES(text) \
    "networks = \"" TEST_SOURCE_DIR "/workloads/topologies/resnet18.csv\";\nschemes = " text ";\n"

/* ANT's families at every width; pot ends at 6 bits. The edge has int, as in ant4. */
static void grids_are_written_out(void **state)
{
    struct sweep_config *config = decode(
        SCHEMES("( \"int8\", { extends = \"ant4\"; weight_bits = { from = 3; to = 7; step = 2; };\n"
                "activation_bits = [4, 8]; edge_bits = (8, 4); } )") "accelerators = ( { extends = "
                                                                     "\"ant-64x64\"; schemes = "
                                                                     "\"*.e8\"; } );\n");
    assert_int_equal(config->scheme_count, 1 + 3 * 2 * 2);
    int index = 1;
    for (int w = 3; w <= 7; w += 2)
        for (int a = 4; a <= 8; a += 4)
            for (int e = 8; e >= 4; e -= 4, index++) {
                char name[32];
                const struct quantise_config *scheme = &config->schemes[index];
                snprintf(name, sizeof name, "ant4.w%d.a%d.e%d", w, a, e);
                assert_string_equal(scheme->name, name);
                assert_choice(&scheme->weights, w, w <= 6 ? 3 : 2, FORMAT_INT);
                assert_choice(&scheme->activations, a, a <= 6 ? 3 : 2, FORMAT_INT);
                assert_choice(&scheme->edge_weights, e, 1, FORMAT_INT);
                assert_choice(&scheme->edge_activations, e, 1, FORMAT_INT);
                assert_int_equal(scheme->output_bits, 16);
                assert_int_equal(config->accelerators[0].takes_scheme[index], e == 8);
            }
    assert_int_equal(config->accelerators[0].takes_scheme[0], 0);
    sweep_config_free(config);
}

/* Signed digits vary by family; at the edge 4-bit integers need two, 8-bit ones four. What a grid
 * does not name stays: int8 has no edge of its own. */
static void grids_of_signed_digits_keep_their_codes(void **state)
{
    struct sweep_config *config = decode(
        SCHEMES("( { extends = \"rsd8_eb2\"; name = \"rsd\"; edge_bits = [4, 8];\n"
                "weight_formats = [\"rsd_eb1\", \"rsd_eb3\"]; }, { extends = \"int8\"; "
                "weight_bits = 5; } )") "accelerators = ( { extends = \"msd-40x40\"; } );\n");
    static const char *const names[] = {"rsd.rsd_eb1.e4", "rsd.rsd_eb1.e8", "rsd.rsd_eb3.e4",
                                        "rsd.rsd_eb3.e8", "int8.w5"};
    assert_int_equal(config->scheme_count, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(config->schemes[i].name, names[i]);
    for (int i = 0; i < 4; i++) {
        const struct quantise_config *scheme = &config->schemes[i];
        assert_choice(&scheme->weights, 8, 1, i < 2 ? FORMAT_RSD_EB1 : FORMAT_RSD_EB3);
        assert_choice(&scheme->activations, 8, 1, FORMAT_INT);
        assert_choice(&scheme->edge_weights, 8, 1, i % 2 ? FORMAT_RSD_EB4 : FORMAT_RSD_EB2);
        assert_choice(&scheme->edge_activations, i % 2 ? 8 : 4, 1, FORMAT_INT);
    }
    assert_choice(&config->schemes[4].weights, 5, 1, FORMAT_INT);
    assert_choice(&config->schemes[4].activations, 8, 1, FORMAT_INT);
    assert_int_equal(config->schemes[4].edge_weights.family_count, 0);
    sweep_config_free(config);
}

/* The claim behind it: every integer of n bits but the least, -2^(n-1), is a level of rsd with
 * ceil(n / 2) digits. */
static void signed_digits_hold_the_edges_integers(void **state)
{
    for (int bits = 2; bits <= 8; bits++) {
        const struct grid *grid =
            format_grid((struct format){(uint8_t)(FORMAT_RSD_EB1 + (bits + 1) / 2 - 1), 8, true});
        for (int value = 1 - (1 << (bits - 1)); value < 1 << (bits - 1); value++) {
            bool is_level = false;
            for (int i = 0; i < grid->count; i++)
                is_level |= grid->levels[i] == value;
            if (!is_level)
                fail_msg("%d of %d bits", value, bits);
        }
    }
}

/* Every comparison on every combination, beside the same in C. */
static void constraints_mean_what_they_say(void **state)
{
    static const struct {
        const char *text;
        bool holds[3]; /* rows 8, 16, 24 beside columns 16 */
    } cases[] = {
        {"rows < 16", {true, false, false}},    {"rows <= 16", {true, true, false}},
        {"rows > 16", {false, false, true}},    {"rows >= 16", {false, true, true}},
        {"rows = 16", {false, true, false}},    {"rows==16", {false, true, false}},
        {"rows != 16", {true, false, true}},    {"rows<=columns", {true, true, false}},
        {"  pes = 384 ", {false, false, true}}, {"area_mm2 < 1e9", {true, true, true}},
        {"dataflow = os", {true, true, true}},  {"dataflow != os", {false, false, false}},
        {"act_kib = 256", {true, true, true}},  {"clock_mhz <= 499.9", {false, false, false}},
        {"scheme = int8", {true, true, true}},  {"dram_gbps > 19.2", {true, true, true}},
    };
    struct arch arch = read_arch("int8-32x32");
    arch.cores[0].columns = 16;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int r = 0; r < 3; r++) {
            struct sweep_constraint constraint;
            struct sweep_view view = {"net", "int8", "", &arch, {.total_mm2 = 3}};
            arch.cores[0].rows = (uint16_t)(8 + 8 * r);
            assert_true(sweep_constraint_parse(cases[i].text, &constraint, NULL));
            if (sweep_constraint_holds(&constraint, &view) != cases[i].holds[r])
                fail_msg("%s at rows = %d", cases[i].text, arch.cores[0].rows);
        }
}

static struct sweep_plan *plan_of(const struct sweep_config *config, int index, int count)
{
    struct err err = {{0}};
    struct sweep_plan *plan = sweep_plan_new(config, (struct sweep_shard){index, count}, &err);
    if (!plan)
        fail_msg("%s", err.text);
    return plan;
}

/* int4 and int8 on int8 and msd; ant takes both. Constraints and doubles are counted. */
static void what_is_left_out_is_counted(void **state)
{
    struct sweep_config *config =
        decode("networks = \"" TEST_SOURCE_DIR "/workloads/topologies/resnet18.csv\";\n"
               "schemes = [\"int8\", \"ant4\", \"rsd8_eb2\"];\n"
               "constraints = \"rows <= 16\";\n"
               "accelerators = (\n"
               "  { extends = \"int8-32x32\"; sizes = [8, 16, 32]; core = { pe = [\"int8\", "
               "\"ant\", \"msd\"]; };\n"
               "    constraints = [\"pe != msd\"]; },\n"
               "  { extends = \"int8-32x32\"; sizes = [8]; schemes = \"int8\"; } );\n");
    struct sweep_plan *plan = plan_of(config, 1, 1);
    int64_t left_out = 0, doubles = 0, forbidden = 0;
    for (int i = 0; i < plan->reason_count; i++) {
        left_out += plan->reasons[i].count;
        if (!strcmp(plan->reasons[i].reason, "the same as another point"))
            doubles += plan->reasons[i].count;
        if (!strncmp(plan->reasons[i].reason, "not ", 4))
            forbidden += plan->reasons[i].count;
    }
    /* 27 + 1 in all; size 32 is 9, msd on the other sizes 6; on int8 only int8, on ant not rsd. */
    assert_int_equal(plan->point_count, 2 * (1 + 2));
    assert_int_equal(left_out + plan->point_count, 3 * 3 * 3 + 1);
    assert_int_equal(doubles, 1);
    assert_int_equal(forbidden, 9 + 6);
    assert_int_equal(plan->accuracy_count, 0);
    sweep_plan_free(plan);
    sweep_config_free(config);
}

static int count_key(const struct sweep_plan *plan, const struct sweep_key *key)
{
    int count = 0;
    for (int i = 0; i < plan->point_count; i++)
        count += !memcmp(&plan->points[i].key, key, sizeof *key);
    return count;
}

/* Every point is in one shard, and the shards are of like sizes. */
static void shards_part_the_points(void **state)
{
    enum { SHARDS = 5 };
    struct sweep_config *config =
        decode(HEAD "accelerators = ( { extends = \"int8-32x32\"; core = {\n"
                    "  rows = { from = 1; to = 20; step = 1; }; columns = [7, 8]; }; } );\n");
    struct sweep_plan *whole = plan_of(config, 1, 1), *parts[SHARDS];
    int sum = 0;
    assert_int_equal(whole->point_count, 20 * 2 * 2);
    for (int i = 0; i < SHARDS; i++) {
        parts[i] = plan_of(config, i + 1, SHARDS);
        sum += parts[i]->point_count;
        assert_in_range(parts[i]->point_count, 80 / SHARDS / 3, 80 / SHARDS * 3);
    }
    assert_int_equal(sum, whole->point_count);
    for (int p = 0; p < whole->point_count; p++) {
        int found = 0;
        for (int i = 0; i < SHARDS; i++)
            found += count_key(parts[i], &whole->points[p].key);
        assert_int_equal(found, 1);
        assert_int_equal(count_key(whole, &whole->points[p].key), 1);
    }
    for (int i = 0; i < SHARDS; i++)
        sweep_plan_free(parts[i]);
    sweep_plan_free(whole);
    sweep_config_free(config);
}

/* Each number and name of an accelerator changes its key. */
static void keys_tell_accelerators_apart(void **state)
{
    static const char *const changes[] = {
        "clock_mhz = 501;",
        "technology = \"28nm\";",
        "vector_lanes = 65;",
        "vector_latency = 5;",
        "dma_setup = 9;",
        "core = { rows = 31; };",
        "core = { columns = 31; };",
        "core = { pe = \"ant\"; };",
        "core = { dataflow = \"ws\"; };",
        "core = { drain = \"exposed\"; };",
        "core = { fill = \"exposed\"; };",
        "core = { preload = \"exposed\"; };",
        "core = { skew_used = false; };",
        "core = { accumulator_bits = 31; };",
        "core = { fold_latency = 1; };",
        "core = { corner_latency = 1; };",
        "dram = { timing = { tRP = 18; }; };",
        "dram = { policy = { refresh = \"none\"; }; };",
        "dram = { policy = { mapping = \"rochrababgco\"; }; };",
        "dram = { currents = { IDD0 = 49; }; };",
        "dram = { geometry = { rows = 32768; }; };",
        "dram = { controller = \"queued\"; };",
        "dram = { device = \"lpddr4-2400\"; };",
        "dram = { ideal = { clock_period_ps = 830; bytes_per_clock = 16; burst_bytes = 64; "
        "latency = 17; }; };",
        "name = \"other\";",
        "scratchpads = { act = { banks = 4; }; };",
        "scratchpads = { out = { kib = 65; }; };",
        "scratchpads = { acc = { double_buffered = false; }; };",
        "scratchpads = { param = { bank_bits = 64; }; };",
        "",
    };
    enum { COUNT = sizeof changes / sizeof *changes };
    struct sweep_key keys[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 HEAD "accelerators = ( { extends = \"int8-32x32\"; schemes = \"int8\"; %s } );\n",
                 changes[i]);
        struct sweep_config *config = decode(text);
        struct sweep_plan *plan = plan_of(config, 1, 1);
        assert_int_equal(plan->point_count, 1);
        keys[i] = plan->points[0].key;
        for (int j = 0; j < i; j++)
            if (!memcmp(&keys[i], &keys[j], sizeof keys[i]))
                fail_msg("\"%s\" and \"%s\" have one key", changes[i], changes[j]);
        sweep_plan_free(plan);
        sweep_config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_is_there_once),
        cmocka_unit_test(choices_name_what_varies),
        cmocka_unit_test(grids_are_written_out),
        cmocka_unit_test(grids_of_signed_digits_keep_their_codes),
        cmocka_unit_test(signed_digits_hold_the_edges_integers),
        cmocka_unit_test(constraints_mean_what_they_say),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(shards_part_the_points),
        cmocka_unit_test(keys_tell_accelerators_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
