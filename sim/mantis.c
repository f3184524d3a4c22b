#include "sim/mantis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/columns.h"
#include "sim/compiled.h"
#include "sim/evaluate.h"
#include "sim/output.h"
#include "sim/report.h"

struct mantis {
    struct err err;
    struct subject subject;
    bool has_arch, has_quant;
    struct arch arch;
    struct quantise_config quant;
    char data[CONFIG_PATH_SIZE], calib[CONFIG_PATH_SIZE]; /* names; empty if not given */
    struct evaluation evaluation;
    bool has_run;
};

struct mantis *mantis_new(void)
{
    return calloc(1, sizeof(struct mantis));
}

void mantis_free(struct mantis *mantis)
{
    if (!mantis)
        return;
    subject_close(&mantis->subject);
    quantise_config_free(&mantis->quant);
    evaluation_free(&mantis->evaluation);
    free(mantis);
}

const char *mantis_error(const struct mantis *mantis)
{
    return mantis->err.text;
}

const char *mantis_version(void)
{
    return MANTIS_VERSION;
}

bool mantis_model(struct mantis *mantis, const char *path)
{
    subject_close(&mantis->subject);
    return subject_open(&mantis->subject, path, &mantis->err);
}

bool mantis_arch(struct mantis *mantis, const char *name)
{
    mantis->has_arch = config_read_arch(name, &mantis->arch, &mantis->err);
    return mantis->has_arch;
}

bool mantis_quant(struct mantis *mantis, const char *name)
{
    quantise_config_free(&mantis->quant);
    mantis->has_quant = config_read_quantise(name, &mantis->quant, &mantis->err);
    return mantis->has_quant;
}

/* Keep a data file's name once it can be read. */
static bool keep_data(struct mantis *mantis, const char *name, char kept[CONFIG_PATH_SIZE])
{
    struct dataset_config config;
    if (!config_read_dataset(name, &config, &mantis->err))
        return false;
    return snprintf(kept, CONFIG_PATH_SIZE, "%s", name) < CONFIG_PATH_SIZE ||
           err_set(&mantis->err, "%.64s...: the path is too long", name);
}

bool mantis_data(struct mantis *mantis, const char *name)
{
    return keep_data(mantis, name, mantis->data);
}

bool mantis_calib(struct mantis *mantis, const char *name)
{
    return keep_data(mantis, name, mantis->calib);
}

/* Compile where the model is not compiled yet, and evaluate. */
static bool evaluate_compiled(struct mantis *mantis, const struct evaluate_options *options)
{
    struct compiled compiled;
    struct data_names names = {.data = *mantis->data ? mantis->data : NULL,
                               .calib = *mantis->calib ? mantis->calib : NULL};
    if (!mantis->has_arch)
        return err_set(&mantis->err, "no accelerator given: mantis_arch");
    if (!compiled_make(&compiled, &mantis->subject, &mantis->quant, &mantis->arch, &names, NULL,
                       &mantis->err))
        return false;
    bool ok = evaluate_program(compiled.program, compiled.network, mantis->subject.graph, options,
                               &mantis->evaluation, &mantis->err);
    compiled_free(&compiled);
    return ok;
}

static bool evaluate(struct mantis *mantis, const struct evaluate_options *options)
{
    char name[PROGRAM_NAME_SIZE];
    const struct subject *subject = &mantis->subject;
    if (!subject->graph && !subject->topology && !subject->program)
        return err_set(&mantis->err, "no model given: mantis_model");
    if (subject->program)
        return evaluate_program(subject->program, NULL, NULL, options, &mantis->evaluation,
                                &mantis->err);
    if (!mantis->has_quant && !mantis_quant(mantis, "int8"))
        return false;
    if (!mantis->quant.is_float)
        return evaluate_compiled(mantis, options);
    if (!subject->graph)
        return err_set(&mantis->err, "%s: a topology has no accuracy", subject->path);
    subject_name(subject->path, name, sizeof name);
    return evaluate_float(subject->graph, name, options, &mantis->evaluation, &mantis->err);
}

bool mantis_run(struct mantis *mantis, int images, int threads)
{
    struct dataset *data = NULL;
    evaluation_free(&mantis->evaluation);
    mantis->has_run = false;
    if (*mantis->data && !(data = data_open(mantis->data, &mantis->err)))
        return false;
    int available = data ? dataset_count(data) : 0;
    struct evaluate_options options = {
        .engine = &engine_fast,
        .data = data,
        .images = images > 0 ? images : available,
        .threads = threads > 0 ? threads : (int)sysconf(_SC_NPROCESSORS_ONLN),
    };
    bool fits = !data || options.images <= available ||
                err_set(&mantis->err, "%d images asked for, the data has %d", images, available);
    mantis->has_run = fits && evaluate(mantis, &options);
    if (data)
        dataset_free(data);
    return mantis->has_run;
}

/* --- results --- */

/* X(name, whether only a machine has it, value) */
#define RESULTS(X)                                                    \
    X("images", false, (double)e->images)                             \
    X("top1", false, e->top1)                                         \
    X("top5", false, e->top5)                                         \
    X("macs", false, (double)e->macs)                                 \
    X("bops", false, (double)e->bops)                                 \
    X("model_bytes", false, e->model_bytes)                           \
    X("cycles", true, (double)e->cycles)                              \
    X("latency_s", true, e->latency_s)                                \
    X("utilization", true, e->utilization)                            \
    X("stall_cycles", true, (double)e->stall_cycles)                  \
    X("energy_j", true, e->energy.total_j.value)                      \
    X("energy_low_j", true, e->energy.total_j.low)                    \
    X("energy_high_j", true, e->energy.total_j.high)                  \
    X("area_mm2", true, e->area.total_mm2)                            \
    X("dram_read_bytes", true, (double)e->counters.dram_read_bytes)   \
    X("dram_write_bytes", true, (double)e->counters.dram_write_bytes) \
    X("overflows", true, (double)e->counters.overflows)

double mantis_result(const struct mantis *mantis, const char *name)
{
    const struct evaluation *e = &mantis->evaluation;
    if (!mantis->has_run)
        return NAN;
#define RETURN(key, timed, value) \
    if (!strcmp(name, key))       \
        return !(timed) || e->has_timing ? (value) : (double)NAN;
    RESULTS(RETURN)
#undef RETURN
    return NAN;
}

int mantis_layer_count(const struct mantis *mantis)
{
    return mantis->has_run ? mantis->evaluation.layer_count : 0;
}

/* The cell of a layer's column; false where there is none. */
static bool find_cell(const struct mantis *mantis, int layer, const char *name, struct cell *cell)
{
    if (layer < 0 || layer >= mantis_layer_count(mantis))
        return false;
    for (const struct column *column = columns; column->name; column++)
        if (!strcmp(column->name, name)) {
            *cell = column->get(&mantis->evaluation.layers[layer]);
            return true;
        }
    return false;
}

const char *mantis_layer_text(const struct mantis *mantis, int layer, const char *column)
{
    struct cell cell;
    bool found = find_cell(mantis, layer, column, &cell) && cell.kind == CELL_TEXT;
    return found && *cell.text ? cell.text : NULL;
}

double mantis_layer_result(const struct mantis *mantis, int layer, const char *column)
{
    struct cell cell;
    if (!find_cell(mantis, layer, column, &cell))
        return NAN;
    switch (cell.kind) {
    case CELL_INTEGER:
        return (double)cell.integer;
    case CELL_REAL:
        return cell.real;
    case CELL_TEXT:
        break;
    }
    return NAN;
}

bool mantis_write_json(struct mantis *mantis, const char *path)
{
    struct output output;
    if (!mantis->has_run)
        return err_set(&mantis->err, "nothing has run: mantis_run");
    if (!output_open(&output, path, &mantis->err))
        return false;
    if (report_json(&mantis->evaluation, 1, output.file, &mantis->err))
        return output_commit(&output, &mantis->err);
    output_discard(&output);
    return false;
}
