#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/columns.h"
#include "sim/report.h"
#include "sim/sweep_columns.h"

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

struct json_t *report_json_cell(struct cell cell)
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
        json_object_set_new(object, column->name, report_json_cell(column->get(layer)));
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
    json_object_set_new(object, "static", number(energy_static_j(energy)));
    return object;
}

static json_t *area_object(const struct evaluation *evaluation)
{
    const struct area *area = &evaluation->area;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "total", number(area->total_mm2), "low",
                     number(area->low_mm2), "high", number(area->high_mm2), "pe",
                     number(area->pe_mm2), "sram", number(area->sram_mm2), "other",
                     number(area->other_mm2));
}

static json_t *bounds_object(struct bounded figure)
{
    return json_pack("{s:o, s:o, s:o}", "value", number(figure.value), "low", number(figure.low),
                     "high", number(figure.high));
}

/* A price: what it is, where it is from, what it multiplied and what that came to. */
static json_t *price_object(const struct evaluation *evaluation, const struct price_line *line)
{
    const struct resolved_price *price = &line->price;
    bool is_area = !strcmp(line->component, "area");
    double total = is_area ? evaluation->area.total_mm2 : evaluation->energy.total_j.value;
    json_t *object = bounds_object(price->figure);
    json_object_set_new(object, "price", text(price->name));
    json_object_set_new(object, "unit", text(price->unit));
    json_object_set_new(object, "node_nm",
                        price->node_nm ? json_integer(price->node_nm) : json_null());
    json_object_set_new(object, "volts", price->volts > 0 ? number(price->volts) : json_null());
    json_object_set_new(object, "provenance", text(price->provenance));
    json_object_set_new(object, "source", text(price->source));
    json_object_set_new(object, "component", text(line->component));
    json_object_set_new(object, "counter", text(line->counter));
    json_object_set_new(object, "count", number(line->count));
    json_object_set_new(object, "count_unit", text(price->event));
    json_object_set_new(object, is_area ? "mm2" : "joules", bounds_object(line->amount));
    json_object_set_new(object, "share", number(total > 0 ? line->amount.value / total : 0));
    return object;
}

static json_t *prices_array(const struct evaluation *evaluation)
{
    json_t *array = json_array();
    for (int i = 0; i < evaluation->price_count; i++)
        json_array_append_new(array, price_object(evaluation, &evaluation->prices[i]));
    return array;
}

/* Each scratchpad's macro beside the clock. */
static json_t *access_array(const struct evaluation *evaluation)
{
    json_t *array = json_array();
    for (int i = 0; i < PAD_COUNT; i++) {
        const struct pad_access *pad = &evaluation->pads[i];
        json_array_append_new(
            array, json_pack("{s:s, s:o, s:i, s:o, s:o, s:b}", "scratchpad",
                             pad->name ? pad->name : "", "macro_bytes", number(pad->macro_bytes),
                             "macro_bits", pad->macro_bits, "access_ns", number(pad->access_ns),
                             "clock_period_ns", number(evaluation->clock_period_ns), "too_slow",
                             evaluation_pad_is_slow(evaluation, i)));
    }
    return array;
}

static json_t *resources_object(const struct fpga_resources *resources)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "luts", integer(resources->luts), "ffs",
                     integer(resources->ffs), "dsps", integer(resources->dsps), "bram18",
                     integer(resources->bram18));
}

/* On the platform asked for; a PE that it has no cost of is null. */
static json_t *fpga_object(const struct evaluation *evaluation)
{
    const struct fpga_use *use = &evaluation->fpga_use;
    const struct fpga_core_use *first = &use->cores[0], *second = &use->cores[1];
    json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:o}", "platform", text(evaluation->fpga.name),
                               "pes", first->has_pe ? integer(first->pes) : json_null(), "pe",
                               first->has_pe ? resources_object(&first->pe.cost) : json_null(),
                               "total", resources_object(&use->total), "device",
                               resources_object(&evaluation->fpga.device));
    if (use->core_count == 1)
        return object;
    json_object_set_new(object, "second_pes", second->has_pe ? integer(second->pes) : json_null());
    json_object_set_new(object, "second_pe",
                        second->has_pe ? resources_object(&second->pe.cost) : json_null());
    return object;
}

/* The machine, as the columns that a sweep has of it. */
static json_t *configuration_object(const struct evaluation *evaluation)
{
    json_t *object = json_object();
    struct sweep_view view = {evaluation->model, evaluation->scheme, "", &evaluation->configuration,
                              evaluation->area};
    for (int i = SWEEP_pe; i < SWEEP_area_mm2; i++) /* the area has an object of its own */
        json_object_set_new(object, sweep_columns[i].name,
                            report_json_cell(sweep_parameter((enum sweep_parameter)i, &view)));
    return object;
}

/* The figures of a batch for one of its images. */
static json_t *image_object(const struct evaluation *evaluation)
{
    double images = evaluation->batch;
    return json_pack("{s:o, s:o, s:o}", "cycles", number((double)evaluation->cycles / images),
                     "latency_s", number(evaluation->latency_s / images), "energy_j",
                     number(evaluation->energy.total_j.value / images));
}

/* Shares of each core's PE clocks with a zero operand; null where --activity did not look. */
static json_t *activity_object(const struct counters *counters)
{
    static const char *const names[ARCH_MAX_CORES][2] = {{"zero_act", "zero_weight"},
                                                         {"array2_zero_act", "array2_zero_weight"}};
    json_t *object = json_object();
    for (int core = 0; core < ARCH_MAX_CORES; core++) {
        const struct zero_clocks zeros = counters_zeros(counters, core);
        if (!zeros.examined)
            continue;
        json_object_set_new(object, names[core][0],
                            number((double)zeros.act / (double)zeros.examined));
        json_object_set_new(object, names[core][1],
                            number((double)zeros.weight / (double)zeros.examined));
    }
    if (json_object_size(object))
        return object;
    json_decref(object);
    return json_null();
}

/* The memory and its named options; those of a controller's queues only where it has some. */
static json_t *dram_object(const struct dram_config *dram)
{
    const struct dram_policy *policy = &dram->device.policy;
    json_t *object = json_pack("{s:s}", "device", dram_config_name(dram));
    if (dram->is_ideal)
        return object;
    json_object_set_new(object, "controller", json_string(dram_controller_name(dram->controller)));
    json_object_set_new(object, "mapping", json_string(policy->mapping));
    json_object_set_new(object, "refresh", json_string(dram_refresh_name(policy->refresh)));
    if (dram->controller != DRAM_CONTROLLER_QUEUED)
        return object;
    json_object_set_new(object, "row", json_string(dram_row_policy_name(policy->row)));
    json_object_set_new(object, "scheduler", json_string(dram_scheduler_name(policy->scheduler)));
    json_object_set_new(object, "drain", json_string(dram_drain_name(policy->drain)));
    json_object_set_new(object, "drain_low", json_integer(policy->drain_low));
    json_object_set_new(object, "drain_high", json_integer(policy->drain_high));
    return object;
}

/* What only a machine has; null where the scheme ran on none. */
static void add_timing(json_t *object, const struct evaluation *evaluation)
{
    bool timed = evaluation->has_timing;
    const struct counters *counters = &evaluation->counters;
    json_object_set_new(object, "configuration",
                        timed ? configuration_object(evaluation) : json_null());
    json_object_set_new(object, "cycles", timed ? integer(evaluation->cycles) : json_null());
    json_object_set_new(object, "latency_s", timed ? number(evaluation->latency_s) : json_null());
    json_object_set_new(object, "per_image", timed ? image_object(evaluation) : json_null());
    json_object_set_new(object, "utilization",
                        timed ? number(evaluation->utilization) : json_null());
    json_object_set_new(object, "stall_cycles",
                        timed ? integer(evaluation->stall_cycles) : json_null());
    json_object_set_new(object, "overflows", timed ? integer(counters->overflows) : json_null());
    json_object_set_new(object, "activity", timed ? activity_object(counters) : json_null());
    json_object_set_new(object, "energy_j", timed ? energy_object(evaluation) : json_null());
    json_object_set_new(object, "area_mm2", timed ? area_object(evaluation) : json_null());
    json_object_set_new(object, "prices", timed ? prices_array(evaluation) : json_null());
    json_object_set_new(object, "sram_access", timed ? access_array(evaluation) : json_null());
    if (evaluation->has_fpga)
        json_object_set_new(object, "fpga", fpga_object(evaluation));
    json_object_set_new(object, "technology", timed ? text(evaluation->technology) : json_null());
    json_object_set_new(object, "unpriced", timed ? text(evaluation->unpriced) : json_null());
    json_object_set_new(object, "dram",
                        timed ? dram_object(&evaluation->configuration.dram) : json_null());
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
    json_object_set_new(object, "batch", json_integer(evaluation->batch));
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
