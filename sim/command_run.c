/* mantis run: one scheme in detail, or several side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command_run.h"
#include "sim/evaluate.h"
#include "sim/output.h"
#include "sim/report.h"
#include "sim/trace.h"

enum { MAX_SCHEMES = 64 };

/* One entry of --quant: "scheme" or "scheme@accelerator", read. */
struct scheme {
    struct quantise_config quant;
    struct arch arch;
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
    const struct schedule_options *schedule = &run->options.schedule;
    if (options->quant || options->names.calib)
        return err_set(err, "%s: is compiled already (%s); drop --quant and --calib",
                       options->model, program->scheme);
    if (schedule->given || schedule->written)
        return err_set(err, "%s: is compiled already; drop --schedule and --write-schedule",
                       options->model);
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

/* The images of a batch share their weights in the array, so that only cycles are known of it. */
static bool make_batch(const struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    if (options->batch == 1)
        return true;
    if (!run->subject.topology)
        return err_set(err,
                       "%s: --batch is for topologies (.csv); a network with values runs image "
                       "by image",
                       options->model.model);
    return topology_batch(run->subject.topology, options->batch, err) ||
           err_prefix(err, "%s: --batch", options->model.model);
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
    if (!subject_open(&run->subject, options->model.model, err) || !make_batch(run, err))
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
    if ((options->trace || options->waveform.path || options->schedule.written) && run->count > 1)
        return err_set(err, "%s: shows one scheme, and --quant has %d",
                       options->trace           ? "--trace"
                       : options->waveform.path ? "--vcd"
                                                : "--write-schedule",
                       run->count);
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
        .activity_images = run->options.activity_images,
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
        trace = trace_open(run->options.trace, program, run->options.traces_dram, err);
        if (!trace)
            return false;
        options.observer = trace_event;
        options.dram_observer = run->options.traces_dram ? trace_dram_event : NULL;
        options.observer_context = trace;
    }
    bool ok = evaluate_program(program, network, network ? run->subject.graph : NULL, &options,
                               evaluation, err);
    if (ok)
        place_on_fpga(run, &program->arch, evaluation);
    evaluation->batch = run->options.batch;
    if (trace && !ok)
        trace_discard(trace);
    return ok && (!trace || trace_close(trace, err));
}

/* Quantise, lower and evaluate one scheme. */
static bool evaluate_scheme(struct run *run, const struct scheme *scheme,
                            struct evaluation *evaluation, struct err *err)
{
    struct compiled compiled;
    struct data_names names = run->options.model.names;
    names.schedule = run->options.schedule.given;
    if (!compiled_make(&compiled, &run->subject, &scheme->quant, &scheme->arch, &names,
                       &run->progress, err))
        return false;
    memcpy(run->note, compiled.note, sizeof run->note);
    bool ok = write_schedule(&run->options.schedule, &compiled, err) &&
              evaluate_traced(run, compiled.program, compiled.network, evaluation, err);
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
    run.options = run_options_default();
    command_parse(&run_argp, argc, argv, &run.options);
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
