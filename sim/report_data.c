#include "sim/report_data.h"

#include <jansson.h>
#include <string.h>

#include "sim/sweep_columns.h"

struct report_data report_data_new(void)
{
    return (struct report_data){json_array(), json_array(), json_array()};
}

void report_data_free(struct report_data *data)
{
    json_decref(data->sources);
    json_decref(data->points);
    json_decref(data->runs);
    *data = (struct report_data){0};
}

/* --- where the columns of a point are in the JSON of a run --- */

static const struct {
    const char *column, *object, *key;
} places[] = {
    {"network", NULL, "model"},
    {"accelerator", NULL, "arch"},
    {"dram", "dram", "device"},
    {"area_mm2", "area_mm2", "total"},
    {"area_low_mm2", "area_mm2", "low"},
    {"area_high_mm2", "area_mm2", "high"},
    {"area_pe_mm2", "area_mm2", "pe"},
    {"area_sram_mm2", "area_mm2", "sram"},
    {"area_other_mm2", "area_mm2", "other"},
    {"energy_j", "energy_j", "total"},
    {"energy_low_j", "energy_j", "low"},
    {"energy_high_j", "energy_j", "high"},
    {"energy_pe_j", "energy_j", "pe"},
    {"energy_sram_j", "energy_j", "sram"},
    {"energy_dram_j", "energy_j", "dram"},
    {"energy_static_j", "energy_j", "static"},
    {"images", "accuracy", "images"},
    {"top1", "accuracy", "top1"},
    {"top5", "accuracy", "top5"},
};

/* A column that `places` does not list has its own name, in the run or in its configuration. */
static json_t *find_value(json_t *run, const char *column)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!strcmp(places[i].column, column)) {
            json_t *object = places[i].object ? json_object_get(run, places[i].object) : run;
            return json_object_get(object, places[i].key);
        }
    json_t *value = json_object_get(run, column);
    return value ? value : json_object_get(json_object_get(run, "configuration"), column);
}

/* The value where it is of the column's kind, else null: pages rely on kinds. */
static json_t *of_kind(json_t *value, enum cell_kind kind)
{
    bool fits = kind == CELL_TEXT ? json_is_string(value) : json_is_number(value);
    return fits ? json_incref(value) : json_null();
}

static double number_at(json_t *run, const char *object, const char *key)
{
    json_t *place = object ? json_object_get(run, object) : run;
    return json_number_value(json_object_get(place, key));
}

/* Figures that follow from others. */
static json_t *derived(json_t *run, int column)
{
    switch (column - SWEEP_FIRST_FIGURE) {
    case SWEEP_edp_js:
        return json_real(number_at(run, "energy_j", "total") * number_at(run, NULL, "latency_s"));
    case SWEEP_dram_bytes:
        return json_real(number_at(run, "dram_bytes", "read") +
                         number_at(run, "dram_bytes", "write"));
    }
    return NULL;
}

static json_t *point_of(json_t *run)
{
    json_t *point = json_array();
    bool timed = json_is_number(json_object_get(run, "cycles"));
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++) {
        json_t *value = timed ? derived(run, i) : NULL;
        if (!value)
            value = of_kind(find_value(run, sweep_columns[i].name), sweep_columns[i].kind);
        json_array_append_new(point, value);
    }
    return point;
}

/* --- layers and prices --- */

static json_t *layer_of(json_t *source)
{
    json_t *layer = json_array();
    for (int i = 0; i < SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS; i++)
        json_array_append_new(layer, of_kind(json_object_get(source, sweep_layer_columns[i].name),
                                             sweep_layer_columns[i].kind));
    return layer;
}

static json_t *array_or_null(json_t *value)
{
    return json_is_array(value) ? json_incref(value) : json_null();
}

static json_t *run_of(json_t *source, size_t point)
{
    json_t *layers = json_array(), *layer;
    size_t index;
    json_array_foreach(json_object_get(source, "layers"), index, layer)
        json_array_append_new(layers, layer_of(layer));
    json_t *run = json_pack("{s:I, s:o}", "point", (json_int_t)point, "layers", layers);
    json_object_set_new(run, "prices", array_or_null(json_object_get(source, "prices")));
    json_object_set_new(run, "unpriced", of_kind(json_object_get(source, "unpriced"), CELL_TEXT));
    return run;
}

/* --- files --- */

static bool is_evaluation(json_t *value)
{
    return json_is_string(json_object_get(value, "model")) &&
           json_is_array(json_object_get(value, "layers"));
}

static void add_evaluation(struct report_data *data, json_t *source)
{
    size_t point = json_array_size(data->points);
    json_array_append_new(data->points, point_of(source));
    if (json_is_number(json_object_get(source, "cycles")))
        json_array_append_new(data->runs, run_of(source, point));
}

static bool check_evaluations(json_t *list, const char *path, struct err *err)
{
    json_t *value;
    size_t index;
    if (!json_array_size(list))
        return err_set(err, "%s: holds no evaluation of mantis run --json", path);
    json_array_foreach(list, index, value) if (!is_evaluation(value)) return err_set(
        err,
        "%s: evaluation %zu is not one of mantis run --json: it needs a \"model\" "
        "and \"layers\"",
        path, index + 1);
    return true;
}

bool report_data_read_json(struct report_data *data, const char *path, struct err *err)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error), *value;
    size_t index;
    if (!root)
        return error.line > 0 ? err_set(err, "%s:%d: %s", path, error.line, error.text)
                              : err_set(err, "%s: %s", path, error.text);
    json_t *list = json_is_array(root) ? json_incref(root) : json_pack("[O]", root);
    bool ok = check_evaluations(list, path, err);
    if (ok) {
        json_array_append_new(data->sources, json_string(path));
        json_array_foreach(list, index, value) add_evaluation(data, value);
    }
    json_decref(list);
    json_decref(root);
    return ok;
}

/* --- what pages read --- */

static const char *kind_name(enum cell_kind kind)
{
    switch (kind) {
    case CELL_TEXT:
        return "text";
    case CELL_INTEGER:
        return "integer";
    case CELL_REAL:
        return "real";
    }
    return "";
}

static const char *better_name(enum sweep_better better)
{
    switch (better) {
    case BETTER_NEITHER:
        return "";
    case BETTER_LESS:
        return "less";
    case BETTER_MORE:
        return "more";
    }
    return "";
}

static json_t *columns_array(void)
{
    json_t *array = json_array();
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++) {
        const struct sweep_column *column = &sweep_columns[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", column->name,
                                        "kind", kind_name(column->kind), "better",
                                        better_name(column->better), "unit", column->unit, "help",
                                        column->help, "parameter", i < SWEEP_FIRST_FIGURE));
    }
    return array;
}

static json_t *layer_columns_array(void)
{
    json_t *array = json_array();
    for (int i = 0; i < SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS; i++)
        json_array_append_new(array, json_string(sweep_layer_columns[i].name));
    return array;
}

struct json_t *report_data_json(const struct report_data *data)
{
    return json_pack("{s:s, s:o, s:o, s:O, s:O, s:O}", "version", MANTIS_VERSION, "columns",
                     columns_array(), "layer_columns", layer_columns_array(), "sources",
                     data->sources, "points", data->points, "runs", data->runs);
}
