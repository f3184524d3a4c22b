/* mantis run: one scheme in detail, or several side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/command.h"
#include "sim/engine.h"
#include "sim/evaluate.h"
#include "sim/output.h"
#include "sim/report.h"
#include "sim/trace.h"

enum { MAX_SCHEMES = 64, MAX_IMAGES = 100000000, MAX_JOBS = 256, MAX_CYCLE = 2000000000 };

#define NO_LAST_CYCLE UINT64_MAX

/* One entry of --quant: "scheme" or "scheme@accelerator", read. */
struct scheme {
    struct quantise_config quant;
    struct arch arch;
};

struct run_options {
    struct model_options model;
    const char *json, *csv, *trace;
    const char *fpga; /* or NULL */
    int images;       /* 0: all */
    int threads;
    const struct engine *engine;
    struct waveform_request waveform;
    bool no_reference, explains_energy;
};

/* Everything a run holds, for one place to let go of it. */
struct run {
    struct run_options options;
    struct progress progress;
    struct subject subject;
    struct dataset *data;
    struct fpga fpga; /* where options.fpga */
    int images;
    int count;
    struct scheme *schemes;
    struct evaluation *evaluations;
    struct output json, csv;
    bool has_json, has_csv;
    double fp32_top1; /* NaN until measured */
    char note[160];
};

enum {
    KEY_IMAGES = 'n',
    KEY_JOBS = 'j',
    KEY_ENGINE = 0x200,
    KEY_VCD,
    KEY_FROM_CYCLE,
    KEY_TO_CYCLE,
    KEY_JSON,
    KEY_CSV,
    KEY_TRACE,
    KEY_ALONE,
    KEY_EXPLAIN,
    KEY_FPGA
};

static const struct argp_option option_table[] = {
    {"images", KEY_IMAGES, "N", 0, "of the data, from the first on (default: all)", 1},
    {"engine", KEY_ENGINE, "E", 0,
     "fast (default), step: one cycle at a time, or clocked: registers, in SystemC", 1},
    {"vcd", KEY_VCD, "F", 0, "write the waveform of one input (with --engine clocked)", 1},
    {"from-cycle", KEY_FROM_CYCLE, "N", 0, "where the waveform begins (default: 0)", 1},
    {"to-cycle", KEY_TO_CYCLE, "N", 0, "where it ends (default: with the run)", 1},
    {"json", KEY_JSON, "F", 0, "write everything found; - is standard output", 1},
    {"csv", KEY_CSV, "F", 0, "write a line per layer; - is standard output", 1},
    {"trace", KEY_TRACE, "F", 0, "write a gzipped Perfetto timeline of one input", 1},
    {"explain-energy", KEY_EXPLAIN, NULL, 0, "print every price used, with its source and share",
     1},
    {"fpga", KEY_FPGA, "P", 0, "print what the accelerator takes of an FPGA platform", 1},
    {"jobs", KEY_JOBS, "N", 0, "threads (default: one per core)", 1},
    {"no-reference", KEY_ALONE, NULL, 0, "skip the float32 accuracy beside the scheme's", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct engine *const engines[] = {&engine_fast, &engine_step, &engine_clocked};
enum { ENGINE_COUNT = sizeof engines / sizeof engines[0] };

static const struct engine *parse_engine(const struct argp_state *state, const char *name)
{
    for (int i = 0; i < ENGINE_COUNT; i++)
        if (!strcmp(engines[i]->name, name))
            return engines[i];
    command_usage(state, "--engine: \"%.32s\" is not one of fast, step, clocked", name);
}

/* A waveform needs an engine that has one, and its cycles an order. */
static void check_waveform(const struct argp_state *state, const struct run_options *options)
{
    const struct waveform_request *waveform = &options->waveform;
    if (!waveform->path && (waveform->first_cycle || waveform->last_cycle != NO_LAST_CYCLE))
        command_usage(state, "--from-cycle and --to-cycle bound a waveform; give --vcd too");
    if (waveform->path && !options->engine->has_waveform)
        command_usage(state, "--vcd: engine %s has no registers to show; give --engine clocked",
                      options->engine->name);
    if (waveform->first_cycle > waveform->last_cycle)
        command_usage(state, "--from-cycle: %llu is after --to-cycle %llu",
                      (unsigned long long)waveform->first_cycle,
                      (unsigned long long)waveform->last_cycle);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct run_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model;
        return 0;
    case ARGP_KEY_END:
        check_waveform(state, options);
        return 0;
    case KEY_IMAGES:
        options->images = command_number(state, "--images", argument, 1, MAX_IMAGES);
        return 0;
    case KEY_JOBS:
        options->threads = command_number(state, "-j", argument, 1, MAX_JOBS);
        return 0;
    case KEY_ENGINE:
        options->engine = parse_engine(state, argument);
        return 0;
    case KEY_VCD:
        options->waveform.path = argument;
        return 0;
    case KEY_FROM_CYCLE:
        options->waveform.first_cycle =
            (uint64_t)command_number(state, "--from-cycle", argument, 0, MAX_CYCLE);
        return 0;
    case KEY_TO_CYCLE:
        options->waveform.last_cycle =
            (uint64_t)command_number(state, "--to-cycle", argument, 0, MAX_CYCLE);
        return 0;
    case KEY_JSON:
        options->json = argument;
        return 0;
    case KEY_CSV:
        options->csv = argument;
        return 0;
    case KEY_TRACE:
        options->trace = argument;
        return 0;
    case KEY_ALONE:
        options->no_reference = true;
        return 0;
    case KEY_FPGA:
        options->fpga = argument;
        return 0;
    case KEY_EXPLAIN:
        options->explains_energy = true;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "MODEL",
    .doc = "Compile MODEL (.onnx, .csv topology, or a compiled .mprog) and run it on the modelled "
           "accelerator.\v--quant takes a list to compare: int8,ant4@ant-64x64 runs int8 on --arch "
           "and ant4 on ant-64x64.",
    .children = model_children,
};

/* --- what to run --- */

/* Read "scheme[@arch]". */
static bool read_scheme(struct scheme *scheme, char *text, const char *arch, struct err *err)
{
    char *at = strchr(text, '@');
    if (at)
        *at = '\0';
    if (at)
        arch = at + 1;
    if (!config_read_quantise(text, &scheme->quant, err))
        return false;
    if (scheme->quant.is_float)
        return true;
    if (!arch)
        return arch_needed(text, err);
    return config_read_arch(arch, &scheme->arch, err);
}

static bool read_schemes(struct run *run, struct err *err)
{
    const struct model_options *options = &run->options.model;
    char *list = strdup(options->quant ? options->quant : "int8"), *rest = list;
    run->schemes = calloc(MAX_SCHEMES, sizeof *run->schemes);
    bool ok = (list && run->schemes) || err_set(err, "out of memory");
    for (char *text; ok && (text = strsep(&rest, ","));) {
        if (run->count == MAX_SCHEMES)
            ok = err_set(err, "--quant: more than %d schemes", MAX_SCHEMES);
        else
            ok = read_scheme(&run->schemes[run->count++], text, options->arch, err);
    }
    free(list);
    return ok;
}

/* A compiled program brings its own accelerator and scheme. */
static bool check_program_options(const struct run *run, struct err *err)
{
    const struct model_options *options = &run->options.model;
    const struct program *program = run->subject.program;
    struct arch arch;
    if (options->quant || options->names.calib)
        return err_set(err, "%s: is compiled already (%s); drop --quant and --calib",
                       options->model, program->scheme);
    if (!options->arch)
        return true;
    if (!config_read_arch(options->arch, &arch, err))
        return false;
    return !strcmp(arch.name, program->arch.name) ||
           err_set(err, "%s: was compiled for %s, not for %s", options->model, program->arch.name,
                   arch.name);
}

static bool check_topology_options(const struct run *run, struct err *err)
{
    const char *model = run->options.model.model;
    if (run->options.model.names.data || run->options.model.names.calib)
        return err_set(err, "%s: a topology has no weights, only timing; drop --data and --calib",
                       model);
    for (int i = 0; i < run->count; i++)
        if (run->schemes[i].quant.is_float)
            return err_set(err, "%s: float32 has accuracy only, and a topology only timing", model);
    return true;
}

static bool open_data(struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    if (!options->model.names.data)
        return true;
    run->data = data_open(options->model.names.data, err);
    if (!run->data)
        return false;
    int available = dataset_count(run->data);
    run->images = options->images ? options->images : available;
    return run->images <= available || err_set(err, "--images: %d asked for, %s has %d",
                                               run->images, options->model.names.data, available);
}

/* Before the long work: everything that the user could have got wrong. */
static bool prepare(struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    if (options->fpga && !config_read_fpga(options->fpga, &run->fpga, err))
        return false;
    if (!subject_open(&run->subject, options->model.model, err))
        return false;
    if (run->subject.program) {
        run->count = 1;
        if (!check_program_options(run, err))
            return false;
    } else if (!read_schemes(run, err)) {
        return false;
    }
    if (run->subject.topology && !check_topology_options(run, err))
        return false;
    if ((options->trace || options->waveform.path) && run->count > 1)
        return err_set(err, "%s: shows one scheme, and --quant has %d",
                       options->trace ? "--trace" : "--vcd", run->count);
    if (!open_data(run, err))
        return false;
    run->has_json = options->json && output_open(&run->json, options->json, err);
    if (options->json && !run->has_json)
        return false;
    run->has_csv = options->csv && output_open(&run->csv, options->csv, err);
    return !options->csv || run->has_csv;
}

/* --- running --- */

static struct evaluate_options evaluate_options(struct run *run)
{
    return (struct evaluate_options){
        .engine = run->options.engine,
        .waveform = run->options.waveform,
        .data = run->data,
        .images = run->images,
        .threads = run->options.threads,
        .progress = &run->progress,
    };
}

static void place_on_fpga(const struct run *run, const struct arch *arch,
                          struct evaluation *evaluation)
{
    if (!run->options.fpga)
        return;
    evaluation->has_fpga = true;
    evaluation->fpga = run->fpga;
    evaluation->fpga_use = fpga_use(&run->fpga, arch);
}

/* Evaluate a program, tracing it where asked. */
static bool evaluate_traced(struct run *run, const struct program *program,
                            const struct network *network, struct evaluation *evaluation,
                            struct err *err)
{
    struct evaluate_options options = evaluate_options(run);
    struct trace *trace = NULL;
    if (run->options.trace) {
        trace = trace_open(run->options.trace, program, err);
        if (!trace)
            return false;
        options.observer = trace_event;
        options.observer_context = trace;
    }
    bool ok = evaluate_program(program, network, network ? run->subject.graph : NULL, &options,
                               evaluation, err);
    if (ok)
        place_on_fpga(run, &program->arch, evaluation);
    if (trace && !ok)
        trace_discard(trace);
    return ok && (!trace || trace_close(trace, err));
}

/* Quantise, lower and evaluate one scheme. */
static bool evaluate_scheme(struct run *run, const struct scheme *scheme,
                            struct evaluation *evaluation, struct err *err)
{
    struct compiled compiled;
    if (!compiled_make(&compiled, &run->subject, &scheme->quant, &scheme->arch,
                       &run->options.model.names, &run->progress, err))
        return false;
    memcpy(run->note, compiled.note, sizeof run->note);
    bool ok = evaluate_traced(run, compiled.program, compiled.network, evaluation, err);
    compiled_free(&compiled);
    return ok;
}

/* The float reference, once for all schemes. */
static bool evaluate_reference(struct run *run, struct evaluation *evaluation, struct err *err)
{
    struct evaluate_options options = evaluate_options(run);
    char name[PROGRAM_NAME_SIZE];
    subject_name(run->subject.path, name, sizeof name);
    return evaluate_float(run->subject.graph, name, &options, evaluation, err);
}

static bool evaluate_all(struct run *run, struct err *err)
{
    struct evaluation reference;
    if (run->subject.program)
        return evaluate_traced(run, run->subject.program, NULL, &run->evaluations[0], err);
    bool wanted = !run->options.no_reference;
    for (int i = 0; i < run->count; i++)
        wanted |= run->schemes[i].quant.is_float;
    wanted &= run->subject.graph != NULL;
    if (wanted && !evaluate_reference(run, &reference, err))
        return false;
    for (int i = 0; i < run->count; i++) {
        if (run->schemes[i].quant.is_float)
            run->evaluations[i] = reference;
        else if (!evaluate_scheme(run, &run->schemes[i], &run->evaluations[i], err))
            return false;
        run->evaluations[i].fp32_top1 = wanted ? reference.top1 : (double)NAN;
    }
    return true;
}

/* --- reporting --- */

static bool is_stdout(const char *path)
{
    return path && !strcmp(path, "-");
}

static bool print(struct run *run, struct err *err)
{
    if (run->has_json) {
        bool ok = report_json(run->evaluations, run->count, run->json.file, err);
        run->has_json = false;
        if (!ok)
            output_discard(&run->json);
        if (!ok || !output_commit(&run->json, err))
            return false;
    }
    if (run->has_csv) {
        report_csv(run->evaluations, run->count, run->csv.file);
        run->has_csv = false;
        if (!output_commit(&run->csv, err))
            return false;
    }
    if (is_stdout(run->options.json) || is_stdout(run->options.csv))
        return true;
    if (run->count > 1)
        report_comparison(run->evaluations, run->count, stdout);
    else
        report_terminal(&run->evaluations[0], stdout);
    for (int i = 0; run->options.explains_energy && i < run->count; i++)
        report_prices(&run->evaluations[i], stdout);
    if (*run->note)
        printf("\nnote: %s\n", run->note);
    return true;
}

static void release(struct run *run)
{
    if (run->has_json)
        output_discard(&run->json);
    if (run->has_csv)
        output_discard(&run->csv);
    for (int i = 0; i < run->count; i++) {
        if (run->evaluations)
            evaluation_free(&run->evaluations[i]);
        if (run->schemes)
            quantise_config_free(&run->schemes[i].quant);
    }
    free(run->evaluations);
    free(run->schemes);
    if (run->data)
        dataset_free(run->data);
    subject_close(&run->subject);
}

int command_run(int argc, char **argv)
{
    struct run run = {0};
    struct err err;
    run.options.engine = &engine_fast;
    run.options.waveform.last_cycle = NO_LAST_CYCLE;
    run.options.threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    command_parse(&argp, argc, argv, &run.options);
    progress_init(&run.progress, run.options.model.quiet ? NULL : stderr);
    bool ok = prepare(&run, &err);
    if (ok) {
        run.evaluations = calloc((size_t)run.count, sizeof *run.evaluations);
        ok = run.evaluations || err_set(&err, "out of memory");
    }
    ok = ok && evaluate_all(&run, &err) && print(&run, &err);
    progress_end(&run.progress);
    release(&run);
    return ok ? EXIT_DONE : command_fail(&err);
}
