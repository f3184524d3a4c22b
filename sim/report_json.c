#include <jansson.h>
#include <math.h>

#include "sim/columns.h"
#include "sim/report.h"

/* Reals print with this many digits: enough to read back the same float64 to 1e-12. */
enum { REAL_DIGITS = 12 };

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* Names come from users' files and need not be UTF-8; JSON must be. */
static json_t *text(const char *value)
{
    json_t *string = json_string(value);
    if (string)
        return string;
    char clean[512];
    size_t length = 0;
    for (; *value && length + 1 < sizeof clean; value++)
        clean[length++] = (unsigned char)*value < 0x80 ? *value : '?';
    return json_stringn(clean, length);
}

static json_t *cell_value(struct cell cell)
{
    switch (cell.kind) {
    case CELL_TEXT:
        return *cell.text ? text(cell.text) : json_null();
    case CELL_INTEGER:
        return integer(cell.integer);
    case CELL_REAL:
        return number(cell.real);
    }
    return NULL;
}

static json_t *layer_object(const struct layer_result *layer)
{
    json_t *object = json_object();
    for (const struct column *column = columns; column->name; column++)
        json_object_set_new(object, column->name, cell_value(column->get(layer)));
    return object;
}

static json_t *accuracy_object(const struct evaluation *evaluation)
{
    return json_pack("{s:i, s:o, s:o, s:o}", "images", evaluation->images, "top1",
                     number(evaluation->top1), "top5", number(evaluation->top5), "fp32_top1",
                     number(evaluation->fp32_top1));
}

static json_t *energy_object(const struct evaluation *evaluation)
{
    const struct energy *energy = &evaluation->energy;
    json_t *object = json_pack("{s:o, s:o, s:o}", "total", number(energy->total_j.value), "low",
                               number(energy->total_j.low), "high", number(energy->total_j.high));
    for (int i = 0; i < ENERGY_COMPONENT_COUNT; i++)
        json_object_set_new(object, energy_component_name(i), number(energy->component_j[i]));
    return object;
}

static json_t *area_object(const struct evaluation *evaluation)
{
    const struct area *area = &evaluation->area;
    return json_pack("{s:o, s:o, s:o, s:o}", "total", number(area->total_mm2), "pe",
                     number(area->pe_mm2), "sram", number(area->sram_mm2), "other",
                     number(area->other_mm2));
}

/* What only a machine has; null where the scheme ran on none. */
static void add_timing(json_t *object, const struct evaluation *evaluation)
{
    bool timed = evaluation->has_timing;
    const struct counters *counters = &evaluation->counters;
    json_object_set_new(object, "cycles", timed ? integer(evaluation->cycles) : json_null());
    json_object_set_new(object, "latency_s", timed ? number(evaluation->latency_s) : json_null());
    json_object_set_new(object, "utilization",
                        timed ? number(evaluation->utilization) : json_null());
    json_object_set_new(object, "stall_cycles",
                        timed ? integer(evaluation->stall_cycles) : json_null());
    json_object_set_new(object, "overflows", timed ? integer(counters->overflows) : json_null());
    json_object_set_new(object, "energy_j", timed ? energy_object(evaluation) : json_null());
    json_object_set_new(object, "area_mm2", timed ? area_object(evaluation) : json_null());
    json_object_set_new(object, "technology", timed ? text(evaluation->technology) : json_null());
    json_object_set_new(object, "unpriced", timed ? text(evaluation->unpriced) : json_null());
    json_object_set_new(object, "dram_bytes",
                        timed ? json_pack("{s:o, s:o}", "read", integer(counters->dram_read_bytes),
                                          "write", integer(counters->dram_write_bytes))
                              : json_null());
}

static json_t *evaluation_object(const struct evaluation *evaluation)
{
    json_t *object = json_object();
    json_object_set_new(object, "model", text(evaluation->model));
    json_object_set_new(object, "arch",
                        evaluation->has_timing ? text(evaluation->arch) : json_null());
    json_object_set_new(object, "scheme", text(evaluation->scheme));
    json_object_set_new(object, "engine", text(evaluation->engine));
    json_object_set_new(object, "version", json_string(MANTIS_VERSION));
    json_object_set_new(object, "accuracy", accuracy_object(evaluation));
    json_object_set_new(object, "macs", integer(evaluation->macs));
    json_object_set_new(object, "bops", integer(evaluation->bops));
    json_object_set_new(object, "model_bytes", number(evaluation->model_bytes));
    add_timing(object, evaluation);
    json_t *layers = json_array();
    for (int i = 0; i < evaluation->layer_count; i++)
        json_array_append_new(layers, layer_object(&evaluation->layers[i]));
    json_object_set_new(object, "layers", layers);
    return object;
}

bool report_json(const struct evaluation *evaluations, int count, FILE *file, struct err *err)
{
    json_t *root = count == 1 ? evaluation_object(&evaluations[0]) : json_array();
    for (int i = 0; count > 1 && i < count; i++)
        json_array_append_new(root, evaluation_object(&evaluations[i]));
    int failed = json_dumpf(root, file, JSON_INDENT(1) | JSON_REAL_PRECISION(REAL_DIGITS));
    json_decref(root);
    fputc('\n', file);
    bool told = ferror(file); /* a write error is output_commit's to report */
    return !failed || told || err_set(err, "the json report: out of memory");
}
