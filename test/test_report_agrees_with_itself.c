/* Do terminal, csv and json show the same table, within 80 columns, with every key that was
 * promised, and nothing where there is no figure? */
#include "test/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/columns.h"
#include "sim/report.h"

/* Two layers, one of them with hostile names and without MACs. */
static struct evaluation sample(struct layer_result layers[2])
{
    memset(layers, 0, 2 * sizeof *layers);
    strcpy(layers[0].name, "/stage1/stage1.0/conv1/Conv");
    strcpy(layers[0].op, "Conv");
    strcpy(layers[0].weight_format, "flint4");
    strcpy(layers[0].act_format, "uint8");
    layers[0].stats.cycles = 123456789;
    layers[0].stats.counters.macs = 1000;
    layers[0].stats.counters.dram_read_bytes = 30;
    layers[0].stats.counters.dram_write_bytes = 12;
    layers[0].utilization = 0.5;
    layers[0].sqnr_db = 31.25;
    layers[0].energy.total_j = (struct bounded){3e-6, 2e-6, 5e-6};
    strcpy(layers[1].name, "a \"quoted\", name\xff");
    strcpy(layers[1].op, "GlobalAveragePo");
    strcpy(layers[1].act_format, "uint8");
    layers[1].utilization = layers[1].sqnr_db = NAN;
    return (struct evaluation){.model = "net",
                               .arch = "ant-64x64",
                               .scheme = "ant4",
                               .technology = "45nm",
                               .engine = "fast",
                               .images = 8,
                               .top1 = 0.75,
                               .top5 = NAN,
                               .fp32_top1 = 0.875,
                               .macs = 1000,
                               .bops = 16000,
                               .model_bytes = 512,
                               .has_timing = true,
                               .cycles = 123456789,
                               .latency_s = 0.25,
                               .utilization = 0.5,
                               .energy.total_j = {3e-6, 2e-6, 5e-6},
                               .layer_count = 2,
                               .layers = layers};
}

/* What a report prints, as text. */
static char *printed(void (*print)(const struct evaluation *evaluations, int count, FILE *file),
                     const struct evaluation *evaluations, int count)
{
    static char *text; /* static, because the compiler thinks that fclose leaves it dangling */
    static size_t size;
    FILE *file = open_memstream(&text, &size);
    print(evaluations, count, file);
    fclose(file);
    return text;
}

static void print_terminal(const struct evaluation *evaluations, int count, FILE *file)
{
    report_terminal(evaluations, file);
}

static void print_prices(const struct evaluation *evaluations, int count, FILE *file)
{
    report_prices(evaluations, file);
}

static void print_json(const struct evaluation *evaluations, int count, FILE *file)
{
    struct err err;
    assert_true(report_json(evaluations, count, file, &err));
}

static void assert_fits_80_columns(const char *text)
{
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        if (length > 80)
            fail_msg("%zu columns: %.*s", length, (int)length, text);
    }
}

static void terminal_fits_80_columns(void **state)
{
    struct layer_result layers[2];
    struct evaluation two[2] = {sample(layers), sample(layers)};
    char *text = printed(print_terminal, two, 1);
    assert_fits_80_columns(text);
    assert_non_null(strstr(text, "~stage1.0/conv1"));
    assert_non_null(strstr(text, "75.00 %"));
    assert_non_null(strstr(text, "-12.50 points"));
    free(text);
    text = printed(report_comparison, two, 2);
    assert_fits_80_columns(text);
    free(text);
}

/* Sources are as long as they are, with words longer than a line; figures of any size. */
static void prices_fit_80_columns(void **state)
{
    struct layer_result layers[2];
    struct evaluation evaluation = sample(layers);
    struct price_line lines[2] = {
        {.price = {.name = "dram_background_of_a_name_that_is_long",
                   .unit = "pJ/bit",
                   .event = "macro s",
                   .figure = {123456.789, 1.23456e-7, 9.87654e11},
                   .node_nm = 45,
                   .volts = 1.25,
                   .provenance = "secondary"},
         .counter = "weight_write_bits",
         .component = "pe",
         .count = 1.23456789e19,
         .amount = {1e-6, 1e-7, 1}},
        {.price = {.name = "none", .unit = "pJ", .event = "", .figure = {NAN, NAN, NAN}},
         .counter = "parts",
         .component = "area",
         .count = 1,
         .amount = {NAN, NAN, NAN}}};
    memset(lines[0].price.source, 'x', 90);
    strcpy(lines[0].price.source + 90,
           " and more words that go on until the line has to be broken");
    evaluation.prices = lines;
    evaluation.price_count = 2;
    char *text = printed(print_prices, &evaluation, 1);
    assert_fits_80_columns(text);
    assert_non_null(strstr(text, "no price"));
    assert_non_null(strstr(text, "1.25 V"));
    assert_non_null(strstr(text, "33.33%"));
    free(text);
}

/* The columns on the terminal leave room for one space between each. */
static void column_widths_sum_to_80(void **state)
{
    int width = -1;
    for (const struct column *column = columns; column->name; column++)
        width += column->width ? column->width + 1 : 0;
    assert_true(width <= 80);
}

static void column_names_are_unique(void **state)
{
    for (const struct column *a = columns; a->name; a++) {
        assert_true(*a->help);
        for (const struct column *b = a + 1; b->name; b++)
            if (!strcmp(a->name, b->name))
                fail_msg("two columns are called %s", a->name);
    }
}

static const char *const keys[] = {"model",
                                   "arch",
                                   "scheme",
                                   "engine",
                                   "version",
                                   "accuracy.images",
                                   "accuracy.top1",
                                   "accuracy.top5",
                                   "accuracy.fp32_top1",
                                   "macs",
                                   "bops",
                                   "model_bytes",
                                   "cycles",
                                   "latency_s",
                                   "utilization",
                                   "stall_cycles",
                                   "energy_j.total",
                                   "energy_j.low",
                                   "energy_j.high",
                                   "energy_j.pe",
                                   "energy_j.sram",
                                   "energy_j.dram",
                                   "energy_j.static",
                                   "energy_j.static_logic",
                                   "energy_j.static_sram",
                                   "energy_j.static_dram",
                                   "area_mm2.total",
                                   "area_mm2.low",
                                   "area_mm2.high",
                                   "area_mm2.pe",
                                   "area_mm2.sram",
                                   "area_mm2.other",
                                   "prices",
                                   "sram_access",
                                   "dram_bytes.read",
                                   "dram_bytes.write",
                                   "layers"};
static const char *const layer_keys[] = {
    "name",           "op",           "macs",        "weight_format", "act_format", "cycles",
    "compute_cycles", "stall_cycles", "utilization", "energy_j",      "sqnr_db",    "dram_bytes"};

static json_t *at(json_t *object, const char *path)
{
    char head[64];
    size_t length = strcspn(path, ".");
    snprintf(head, sizeof head, "%.*s", (int)length, path);
    json_t *value = json_object_get(object, head);
    return path[length] && value ? at(value, path + length + 1) : value;
}

static void json_has_the_promised_keys(void **state)
{
    struct layer_result layers[2];
    struct evaluation evaluation = sample(layers);
    char *text = printed(print_json, &evaluation, 1);
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    if (!root)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!at(root, keys[i]))
            fail_msg("no key %s", keys[i]);
    assert_true(json_is_null(at(root, "accuracy.top5")));
    assert_true(json_number_value(at(root, "accuracy.top1")) == 0.75);
    json_t *list = at(root, "layers");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < sizeof layer_keys / sizeof *layer_keys; i++)
        for (size_t j = 0; j < 2; j++)
            if (!json_object_get(json_array_get(list, j), layer_keys[i]))
                fail_msg("layer without %s", layer_keys[i]);
    json_t *layer = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(layer, "dram_bytes")), 42);
    assert_true(fabs(json_real_value(json_object_get(layer, "energy_j")) - 3e-6) < 1e-18);
    assert_true(json_is_null(json_object_get(json_array_get(list, 1), "sqnr_db")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "name")),
                        "a \"quoted\", name?");
    json_decref(root);
    free(text);
}

static void json_of_several_is_an_array(void **state)
{
    struct layer_result layers[2];
    struct evaluation two[2] = {sample(layers), sample(layers)};
    two[1].has_timing = false;
    char *text = printed(print_json, two, 2);
    json_t *root = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(root), 2);
    assert_true(json_is_null(json_object_get(json_array_get(root, 1), "cycles")));
    assert_true(json_is_null(json_object_get(json_array_get(root, 1), "energy_j")));
    json_decref(root);
    free(text);
}

/* Fields of a csv line, quotes understood. Returns how many. */
static int fields(const char *line, char found[256][128])
{
    int count = 0;
    while (*line && *line != '\n') {
        size_t length = 0;
        bool quoted = *line == '"';
        line += quoted;
        while (*line && (quoted ? *line != '"' || line[1] == '"' : *line != ',' && *line != '\n')) {
            line += quoted && *line == '"';
            found[count][length++] = *line++;
        }
        found[count++][length] = '\0';
        line += quoted;
        line += *line == ',';
    }
    return count;
}

static void csv_has_a_line_per_layer(void **state)
{
    static char header[256][128], first[256][128], second[256][128];
    struct layer_result layers[2];
    struct evaluation evaluation = sample(layers);
    char *text = printed(report_csv, &evaluation, 1);
    char *line1 = strchr(text, '\n') + 1, *line2 = strchr(line1, '\n') + 1;
    int count = fields(text, header), index = 3;
    assert_int_equal(fields(line1, first), count);
    for (const struct column *column = columns; column->name; column++, index++)
        assert_string_equal(header[index], column->name);
    assert_int_equal(index, count);
    fields(line2, second);
    for (int i = 0; i < count; i++) {
        if (!strcmp(header[i], "cycles"))
            assert_string_equal(first[i], "123456789");
        if (!strcmp(header[i], "name"))
            assert_string_equal(second[i], "a \"quoted\", name\xff");
        if (!strcmp(header[i], "sqnr_db")) {
            assert_string_equal(first[i], "31.25");
            assert_string_equal(second[i], "");
        }
    }
    assert_int_equal(strchr(line2, '\n')[1], '\0');
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_fit_80_columns),      cmocka_unit_test(terminal_fits_80_columns),
        cmocka_unit_test(column_widths_sum_to_80),    cmocka_unit_test(column_names_are_unique),
        cmocka_unit_test(json_has_the_promised_keys), cmocka_unit_test(json_of_several_is_an_array),
        cmocka_unit_test(csv_has_a_line_per_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
