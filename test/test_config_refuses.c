/* Do the configuration readers take the shipped files, and refuse everything else with one line
 * that names file, line, parameter and the legal choices? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/config.h"

/* A complete accelerator; tests replace one thing in it. */
static const char arch_text[] = "technology = \"45nm\";\n"
                                "clock_mhz = 500;\n"
                                "core = { pe = \"int8\"; rows = 4;\n"
                                "  columns = 8; };\n"
                                "scratchpads = {\n"
                                "  act = { kib = 2; banks = 2; bank_bits = 64; };\n"
                                "  weight = { kib = 1; banks = 2; bank_bits = 64; };\n"
                                "  param = { kib = 1; banks = 2; bank_bits = 64; };\n"
                                "  acc = { kib = 1.5; banks = 2; bank_bits = 64; };\n"
                                "  out = { kib = 1; banks = 2; bank_bits = 64; };\n"
                                "};\n"
                                "vector_lanes = 4;\n"
                                "dram = { ideal = { clock_period_ps = 1000; bytes_per_clock = 8;\n"
                                "  burst_bytes = 64; latency = 10; }; };\n";

/* The text with the first `from` replaced by `to`. */
static char *edited(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t size = strlen(text) + strlen(to) + 1;
    char *result = malloc(size);
    snprintf(result, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return result;
}

static void complete_arch_is_read(void **state)
{
    struct arch arch;
    struct err err;
    assert_true(config_decode_arch(arch_text, strlen(arch_text), "dir/tiny.cfg", &arch, &err));
    assert_string_equal(arch.name, "tiny");
    assert_int_equal(arch.clock_khz, 500000);
    assert_int_equal(arch.cores[0].pe, PE_INT8);
    assert_int_equal(arch.cores[0].rows, 4);
    assert_int_equal(arch.cores[0].columns, 8);
    assert_int_equal(arch.cores[0].dataflow, OUTPUT_STATIONARY);
    assert_int_equal(arch.cores[0].accumulator_bits, 32);
    assert_int_equal(arch.pads[PAD_ACT].bytes, 2048);
    assert_int_equal(arch.pads[PAD_ACC].bytes, 1536);
    assert_true(arch.pads[PAD_OUT].double_buffered);
    assert_true(arch.dram.is_ideal);
    assert_int_equal(arch.dram.ideal.latency, 10);
}

/* The group of the DRAM in place of the ideal one. */
#define DEVICE(settings)                                                                    \
    "dram = { ideal = { clock_period_ps = 1000; bytes_per_clock = 8;\n  burst_bytes = 64; " \
    "latency = 10; }; };",                                                                  \
        "dram = { " settings " };"

static const struct {
    const char *from, *to;
    const char *expected[4]; /* parts of the message */
} arch_errors[] = {
    {"rows = 4", "rows = 0", {"a.cfg:3: rows: 0 is not in 1..1024"}},
    {"rows = 4", "rows = 1025", {"a.cfg:3: rows: 1025 is not in 1..1024"}},
    {"rows = 4", "rows = -1", {"a.cfg:3: rows: -1 is not in 1..1024"}},
    {"rows = 4", "rows = 4.0", {"a.cfg:3: rows: must be a whole number"}},
    {"rows = 4", "rows = \"4\"", {"a.cfg:3: rows: must be a whole number"}},
    {"rows = 4", "rows = 4294967300", {"a.cfg:3: 4294967300 is too large"}},
    {"rows = 4", "rows = 0x100000004", {"a.cfg:3: 0x100000004 is too large"}},
    {"rows = 4", "rows = 4294967300L", {"a.cfg:3: rows: 4294967300 is not in 1..1024"}},
    {"rows = 4", "rows = 99999999999999999999L", {"a.cfg:3:", "too large"}},
    {"rows = 4;", "", {"a.cfg: core.rows is missing"}},
    {"rows = 4", "rows = 4; rows = 5", {"a.cfg:3: duplicate"}},
    {"rows = 4", "colour = 4", {"a.cfg:3: colour: unknown", "pe, rows, columns"}},
    {"\"int8\"", "\"int9\"", {"a.cfg:3: pe: \"int9\" is not one of int8, ant, msd, msd_skip"}},
    {"\"int8\"", "8", {"a.cfg:3: pe: must be one of", "int8"}},
    {"core = {", "core = 7; x = {", {"a.cfg:3: core: must be a group"}},
    {"columns = 8", "columns = 8; skew_used = 1", {"a.cfg:4: skew_used: must be true or false"}},
    {"columns = 8", "columns = 8; dataflow = \"xs\"", {"a.cfg:4: dataflow", "os, ws, is"}},
    {"columns = 8", "columns = 8; drain = \"open\"", {"a.cfg:4: drain", "exposed, overlapped"}},
    {"columns = 8", "columns = 8; accumulator_bits = 33", {"33 is not in 8..32"}},
    {"kib = 2", "kib = 0", {"a.cfg:6: kib: 0 is not in 0.015625..1048576"}},
    {"kib = 2", "kib = 0.0156", {"a.cfg:6: kib: 0.0156 is not in 0.015625..1048576"}},
    {"kib = 2", "kib = 1e300", {"a.cfg:6: kib: 1e+300 is not in"}},
    {"kib = 2", "kib = \"2\"", {"a.cfg:6: kib: must be a number"}},
    {"banks = 2; bank_bits",
     "banks = 1024; bank_bits",
     {"a.cfg: ", "scratchpads.act", "less than one access"}},
    {"banks = 2;", "", {"a.cfg: scratchpads.act.banks is missing"}},
    {"act = {", "acts = {", {"a.cfg:6: acts: unknown; known here: act, weight, param, acc, out"}},
    {"burst_bytes = 64", "burst_bytes = 60", {"burst_bytes", "60", "multiple"}},
    {"latency = 10;", "", {"a.cfg:13: latency is missing"}},
    {"latency = 10", "latency = 10; banks = 4", {"a.cfg:14: banks: unknown", "clock_period_ps"}},
    {"dram = {", "dram = { controller = \"queued\";", {"a.cfg:13: ideal: stands alone"}},
    {"dram = {", "dram = { ideal = 3; }; x = {", {"a.cfg:13: ideal: must be a group"}},
    {"dram = {", "x = {", {"a.cfg:13: x: unknown"}},
    {DEVICE(""), {"a.cfg: dram.device is missing"}},
    {DEVICE("device = 3;"), {"a.cfg:13: device: must be the name"}},
    {DEVICE("device = \"ddr9\";"), {"a.cfg:13: device: ddr9: no such DRAM device", "hbm2"}},
    {DEVICE("device = \"none.cfg\";"), {"a.cfg:13: device", "none.cfg"}},
    {DEVICE("controller = \"queued\"; device = \"hbm2\";"), {"a.cfg:13: device: must come first"}},
    {DEVICE("device = \"hbm2\"; controller = \"x\";"), {"controller", "in-order, queued"}},
    {DEVICE("device = \"hbm2\"; timing = { tRCD = 3; };"), {"a.cfg:13: tRCD: unknown", "tRCDRD"}},
    {DEVICE("device = \"hbm2\"; policy = { mapping = \"roco\"; };"),
     {"a.cfg: ", "dram.hbm2", "mapping"}},
    {DEVICE("device = \"hbm2\"; timing = { tREFI = 300; };"), {"dram.hbm2", "tREFI"}},
    {"clock_mhz = 500", "clock_mhz = ", {"a.cfg:2: syntax error"}},
    {"clock_mhz = 500", "extends = 3", {"a.cfg:2: extends: must be the name"}},
    {"clock_mhz = 500", "extends = \"nonesuch\"", {"a.cfg:2: extends", "nonesuch", "int8-32x32"}},
    {"clock_mhz = 500", "@include \"x\"\nclock_mhz = 500", {"a.cfg:2: @include"}},
    {"clock_mhz = 500", "/* open", {"a.cfg:2: a comment is not closed"}},
    {"clock_mhz = 500", "x = \"open", {"a.cfg:"}},
    {"technology = \"45nm\";",
     "technology = \"0123456789012345678901234567890123456789012345678\";",
     {"a.cfg:1: technology: longer than 47 characters"}},
};

static void broken_arch_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof arch_errors / sizeof *arch_errors; i++) {
        char *text = edited(arch_text, arch_errors[i].from, arch_errors[i].to);
        struct arch arch;
        struct err err = {""};
        if (config_decode_arch(text, strlen(text), "a.cfg", &arch, &err))
            fail_msg("accepted: %s", arch_errors[i].to);
        for (int j = 0; j < 4 && arch_errors[i].expected[j]; j++)
            if (!strstr(err.text, arch_errors[i].expected[j]))
                fail_msg("%s: \"%s\" lacks \"%s\"", arch_errors[i].to, err.text,
                         arch_errors[i].expected[j]);
        assert_null(strchr(err.text, '\n'));
        free(text);
    }
}

static void binary_text_is_refused(void **state)
{
    struct arch arch;
    struct err err;
    char text[sizeof arch_text];
    memcpy(text, arch_text, sizeof text);
    text[20] = '\0';
    assert_false(config_decode_arch(text, sizeof text - 1, "a.cfg", &arch, &err));
    assert_non_null(strstr(err.text, "NUL"));
    memset(text, '(', sizeof text);
    assert_false(config_decode_arch(text, sizeof text - 1, "a.cfg", &arch, &err));
    assert_non_null(strstr(err.text, "nested"));
}

/* Every prefix of a valid file: no crash, and an error unless it is only trailing space that is
 * missing. */
static void truncated_arch_is_refused(void **state)
{
    for (size_t size = 0; size + 2 < strlen(arch_text); size++) {
        struct arch arch;
        struct err err;
        if (config_decode_arch(arch_text, size, "a.cfg", &arch, &err))
            fail_msg("accepted the first %zu bytes", size);
    }
}

static void shipped_files_are_read(void **state)
{
    struct config_names names = config_names(HOME_ARCH);
    struct err err = {""};
    assert_true(names.count >= 5);
    for (int i = 0; i < names.count; i++) {
        struct arch arch;
        if (!config_read_arch(names.names[i], &arch, &err))
            fail_msg("%s", err.text);
        assert_string_equal(arch.name, names.names[i]);
    }
    config_names_free(&names);
    names = config_names(HOME_QUANT);
    assert_true(names.count >= 9);
    for (int i = 0; i < names.count; i++) {
        struct quantise_config config;
        if (!config_read_quantise(names.names[i], &config, &err))
            fail_msg("%s", err.text);
        assert_int_equal(config.is_float, !strcmp(names.names[i], "float32"));
        quantise_config_free(&config);
    }
    config_names_free(&names);
    names = config_names(HOME_DATA);
    assert_true(names.count >= 2);
    for (int i = 0; i < names.count; i++) {
        struct dataset_config config;
        if (!config_read_dataset(names.names[i], &config, &err))
            fail_msg("%s", err.text);
    }
    config_names_free(&names);
}

static void extended_arch_keeps_the_rest(void **state)
{
    struct arch base, ant, stationary;
    struct err err = {""};
    assert_true(config_read_arch("int8-32x32", &base, &err));
    assert_true(config_read_arch("ant-64x64", &ant, &err));
    assert_true(config_read_arch("ant-64x64-ws", &stationary, &err));
    assert_int_equal(ant.cores[0].pe, PE_ANT);
    assert_int_equal(ant.cores[0].rows, 64);
    assert_memory_equal(&ant.dram, &base.dram, sizeof base.dram);
    assert_memory_equal(ant.pads, base.pads, sizeof base.pads);
    assert_int_equal(stationary.cores[0].dataflow, WEIGHT_STATIONARY);
    assert_int_equal(stationary.cores[0].rows, 64);
}

static const struct {
    const char *text, *expected;
} scheme_errors[] = {
    {"", "weights is missing"},
    {"weights = { formats = [\"int\"]; bits = 8; };", "activations is missing"},
    {"weights = { formats = [\"posit\"]; bits = 8; };", "q.cfg:1: formats: \"posit\" is not one of "
                                                        "int, flint, pot"},
    {"weights = { formats = [\"int\"]; bits = 0; };", "q.cfg:1: bits: 0 is not in 1..32"},
    {"weights = { formats = [\"int\"]; bits = 9; };", "q.cfg:1: "},
    {"weights = { formats = [\"flint\"]; bits = 2; };", "q.cfg:1: "},
    {"weights = { formats = [\"int\"]; };", "q.cfg:1: bits is missing"},
    {"weights = { bits = 8; };", "q.cfg:1: formats is missing"},
    {"weights = { formats = []; bits = 8; };", "q.cfg:1: formats: the list is empty"},
    {"weights = { formats = [1]; bits = 8; };", "q.cfg:1: formats: must be texts"},
    {"weights = 8;", "q.cfg:1: weights: must be a group"},
    {"weights = { formats = "
     "[\"int\",\"int\",\"int\",\"int\",\"int\",\"int\",\"int\",\"int\",\"int\"]; "
     "bits = 8; };",
     "more than 8"},
    {"output_bits = 3;", "output_bits: 3 is not in"},
    {"calibration_images = 0;", "calibration_images: 0 is not in"},
    {"layers = 3;", "layers: must be a list"},
    {"layers = ( 3 );", "layers: entry 1 must be"},
    {"layers = ( { weights = { formats = \"int\"; bits = 8; }; } );", "match is missing"},
    {"layers = ( { match = \"x\"; weights = { formats = \"int\"; bits = 77; }; } );",
     "bits: 77 is not in"},
    {"edge = 3;", "edge: must be a group"},
    {"edge = { inputs = 3; };", "inputs: unknown; known here: weights, activations"},
    {"weight = 3;", "weight: unknown; known here:"},
};

static void broken_scheme_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof scheme_errors / sizeof *scheme_errors; i++) {
        struct quantise_config config;
        struct err err = {""};
        const char *text = scheme_errors[i].text;
        if (config_decode_quantise(text, strlen(text), "q.cfg", &config, &err))
            fail_msg("accepted: %s", text);
        if (!strstr(err.text, scheme_errors[i].expected))
            fail_msg("%s: \"%s\"", text, err.text);
    }
}

static void scheme_is_read(void **state)
{
    static const char text[] =
        "weights = { formats = [\"int\", \"pot\"]; bits = 4; };"
        "activations = { formats = \"int\"; bits = 8; };"
        "edge = { weights = { formats = \"rsd_eb4\"; }; };"
        "layers = ( { match = \"layer1.*\"; weights = { formats = \"flint\"; bits = 5; }; },"
        "           { match = \"fc\"; activations = { formats = \"int\"; bits = 6; }; } );"
        "output_bits = 32; calibration_images = 7;";
    struct quantise_config config;
    struct err err = {""};
    if (!config_decode_quantise(text, strlen(text), "dir/mixed.cfg", &config, &err))
        fail_msg("%s", err.text);
    assert_string_equal(config.name, "mixed");
    assert_int_equal(config.weights.family_count, 2);
    assert_int_equal(config.weights.families[1], FORMAT_POT);
    assert_int_equal(config.edge_weights.families[0], FORMAT_RSD_EB4);
    assert_int_equal(config.edge_weights.bits, 8);
    assert_int_equal(config.edge_activations.bits, 0);
    assert_int_equal(config.override_count, 2);
    assert_string_equal(config.overrides[0].pattern, "layer1.*");
    assert_int_equal(config.overrides[0].weights.bits, 5);
    assert_int_equal(config.overrides[0].activations.bits, 0);
    assert_int_equal(config.overrides[1].activations.bits, 6);
    assert_int_equal(config.output_bits, 32);
    assert_int_equal(config.calibration_images, 7);
    quantise_config_free(&config);
}

static void data_paths_are_resolved(void **state)
{
    struct dataset_config config;
    struct err err = {""};
    setenv("MANTIS_TEST_ROOT", "/tmp/root", 1);
    static const char idx[] = "type = \"idx\"; path = \"$MANTIS_TEST_ROOT/a/images\"; labels = "
                              "\"labels\"; mean = [0.5, 0.25]; first = 3; count = 4;";
    assert_true(config_decode_dataset(idx, strlen(idx), "dir/d.cfg", &config, &err));
    assert_string_equal(config.path, "/tmp/root/a/images");
    assert_string_equal(config.labels, "/tmp/root/a/labels");
    assert_int_equal(config.channels_given, 2);
    assert_true(config.mean[1] == 0.25f && config.std[0] == 1 && config.std[1] == 1);
    assert_int_equal(config.first, 3);
    assert_int_equal(config.count, 4);
    static const char images[] = "type = \"images\"; path = \"photos\"; labels = \"names.txt\"; "
                                 "std = 0.5; mean = 0.5; resize = 256; crop = 224;";
    assert_true(config_decode_dataset(images, strlen(images), "dir/d.cfg", &config, &err));
    assert_string_equal(config.path, "dir/photos");
    assert_string_equal(config.labels, "dir/photos/names.txt");
    assert_int_equal(config.crop, 224);
    static const char braces[] = "type = \"npz\"; path = \"${MANTIS_TEST_ROOT}x.npz\";";
    assert_true(config_decode_dataset(braces, strlen(braces), "d.cfg", &config, &err));
    assert_string_equal(config.path, "/tmp/rootx.npz");
}

static const struct {
    const char *text, *expected;
} data_errors[] = {
    {"path = \"x\";", "type is missing"},
    {"type = \"idx\";", "path is missing"},
    {"type = \"idx\"; path = \"\";", "path: is empty"},
    {"type = \"tarot\"; path = \"x\";", "d.cfg:1: type: \"tarot\" is not one of idx, cifar10"},
    {"type = \"idx\"; path = \"$MANTIS_NO_SUCH\";", "the environment has no $MANTIS_NO_SUCH"},
    {"type = \"idx\"; path = \"x\"; std = [0.0];", "std: 0 must be above 0"},
    {"type = \"idx\"; path = \"x\"; std = [1, 1]; mean = [1];", "2 and 1 channels must agree"},
    {"type = \"idx\"; path = \"x\"; std = [1,1,1,1,1];", "std: must be one number per channel"},
    {"type = \"idx\"; path = \"x\"; mean = \"1\";", "mean: must be"},
    {"type = \"idx\"; path = \"x\"; mean = [1e39];", "mean: must be numbers in"},
    {"type = \"idx\"; path = \"x\"; count = -1;", "count: -1 is not in"},
    {"type = \"idx\"; path = \"x\"; crop = 20000;", "crop: 20000 is not in"},
};

static void broken_data_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof data_errors / sizeof *data_errors; i++) {
        struct dataset_config config;
        struct err err = {""};
        const char *text = data_errors[i].text;
        if (config_decode_dataset(text, strlen(text), "d.cfg", &config, &err))
            fail_msg("accepted: %s", text);
        if (!strstr(err.text, data_errors[i].expected))
            fail_msg("%s: \"%s\"", text, err.text);
    }
}

static void unknown_names_list_the_legal_ones(void **state)
{
    struct arch arch;
    struct err err;
    assert_false(config_read_arch("nonesuch", &arch, &err));
    assert_non_null(
        strstr(err.text, "nonesuch: no such accelerator; there are: adafloat-32x28, ant-64x64"));
    assert_false(config_read_arch("./nonesuch.cfg", &arch, &err));
    assert_non_null(strstr(err.text, "./nonesuch.cfg: No such file"));
    assert_false(config_read_arch("/tmp/", &arch, &err));
    assert_non_null(strstr(err.text, "not a regular file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_arch_is_read),
        cmocka_unit_test(broken_arch_is_refused),
        cmocka_unit_test(binary_text_is_refused),
        cmocka_unit_test(truncated_arch_is_refused),
        cmocka_unit_test(shipped_files_are_read),
        cmocka_unit_test(extended_arch_keeps_the_rest),
        cmocka_unit_test(broken_scheme_is_refused),
        cmocka_unit_test(scheme_is_read),
        cmocka_unit_test(data_paths_are_resolved),
        cmocka_unit_test(broken_data_is_refused),
        cmocka_unit_test(unknown_names_list_the_legal_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
