/* mantis plan: formats by layer, from an integer program. */
#include "sim/command_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "sim/output.h"
#include "sim/plan_report.h"
#include "sim/plan_subject.h"
#include "sim/plan_table.h"

enum { DEFAULT_IMAGES = 32, MAX_ROUNDS = 8 };

/* Everything a plan holds, for one place to let go of it. */
struct planning {
    struct plan_options options;
    struct progress progress;
    struct subject subject;
    struct arch arch;
    struct planner planner;      /* where there is a MODEL */
    struct plan *plan;           /* the planner's, or the table's own */
    struct quantise_config base; /* --quant */
    struct plan_result result;
    int choice[PLAN_MAX_LAYERS];
    char *scheme; /* the plan as a quantisation file */
};

/* --- candidates --- */

typedef bool (*candidate_visitor)(void *context, const char *name, struct err *err);

/* Visit every name of a list. */
static bool split_candidates(const char *list, candidate_visitor visit, void *context,
                             struct err *err)
{
    char *copy = strdup(list), *rest = copy;
    bool ok = copy || err_set(err, "out of memory");
    int count = 0;
    for (char *name; ok && (name = strsep(&rest, ","));)
        ok = count++ < PLAN_MAX_CANDIDATES
                 ? visit(context, name, err)
                 : err_set(err, "--candidates: more than %d", PLAN_MAX_CANDIDATES);
    free(copy);
    return ok;
}

/* Read a candidate's scheme; no two may have one name. */
static bool read_candidate(void *context, const char *name, struct err *err)
{
    struct planner *planner = context;
    struct quantise_config *scheme = &planner->schemes[planner->count];
    if (!config_read_quantise(name, scheme, err))
        return false;
    planner->count++;
    if (scheme->is_float)
        return err_set(err, "--candidates: %s quantises nothing", name);
    for (int i = 0; i + 1 < planner->count; i++)
        if (!strcmp(planner->schemes[i].name, scheme->name))
            return err_set(err, "--candidates: \"%s\" is there twice", scheme->name);
    return true;
}

struct candidate_names {
    int count;
    char names[PLAN_MAX_CANDIDATES][ARCH_NAME_SIZE];
};

static bool take_name(void *context, const char *name, struct err *err)
{
    struct candidate_names *list = context;
    for (int i = 0; i < list->count; i++)
        if (!strcmp(list->names[i], name))
            return err_set(err, "--candidates: \"%.32s\" is there twice", name);
    int length = snprintf(list->names[list->count++], ARCH_NAME_SIZE, "%s", name);
    return length < ARCH_NAME_SIZE || err_set(err, "--candidates: %.40s...: too long", name);
}

/* --- where costs and sensitivities are from --- */

static bool open_table(struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    struct candidate_names list = {0};
    if (options->candidates && !split_candidates(options->candidates, take_name, &list, err))
        return false;
    struct plan_table *table = plan_table_read(options->table, err);
    if (!table)
        return false;
    planning->plan = plan_of_table(table, options->network, list.names, list.count, err);
    plan_table_free(table);
    snprintf(planning->result.source, sizeof planning->result.source, "%.150s", options->table);
    return planning->plan;
}

static bool check_model(const struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    const struct subject *subject = &planning->subject;
    bool needs_arch = false;
    for (int i = 0; i < options->limit_count; i++)
        needs_arch |= options->limits[i].resource == PLAN_LATENCY ||
                      options->limits[i].resource == PLAN_ENERGY;
    if (subject->program)
        return err_set(err, "%s: is compiled already; plan takes the .onnx", subject->path);
    if (needs_arch && !options->model.arch)
        return arch_needed("a limit of latency or energy", err);
    if (options->sensitivity)
        return true;
    if (subject->topology)
        return err_set(err,
                       "%s: a topology has no weights to measure sensitivities on; give "
                       "--sensitivity",
                       subject->path);
    return options->model.names.data || options->model.names.calib ||
           err_set(err, "plan: --calib (or --data) is needed to measure sensitivities on, or "
                        "--sensitivity with them");
}

static bool find_sensitivities(struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    struct planner *planner = &planning->planner;
    char *source = planning->result.source;
    size_t size = sizeof planning->result.source;
    int images = options->images ? options->images : DEFAULT_IMAGES;
    if (!options->sensitivity) {
        if (!planner_measure(planner, &images, err))
            return false;
        snprintf(source, size, "divergence of the output's distribution, %d images", images);
        return true;
    }
    struct plan_table *table = plan_table_read(options->sensitivity, err);
    if (!table)
        return false;
    bool ok = plan_take_sensitivities(planner->plan, table, err);
    plan_table_free(table);
    snprintf(source, size, "%.150s", options->sensitivity);
    return ok;
}

static bool open_model(struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    struct planner *planner = &planning->planner;
    planner->subject = &planning->subject;
    planner->names = &options->model.names;
    planner->progress = &planning->progress;
    if (!model_scheme(&options->model, &planning->base, err) ||
        !split_candidates(options->candidates ? options->candidates : "int4,int8", read_candidate,
                          planner, err) ||
        !subject_open(&planning->subject, options->model.model, err) || !check_model(planning, err))
        return false;
    if (options->model.arch) {
        if (!config_read_arch(options->model.arch, &planning->arch, err))
            return false;
        planner->arch = &planning->arch;
    }
    bool ok = planner_open(planner, err);
    planning->plan = planner->plan;
    return ok && find_sensitivities(planning, err);
}

/* --- sharing --- */

static int find_layer(const struct plan *plan, const char *name, size_t length)
{
    for (int i = 0; i < plan->layer_count; i++)
        if (strlen(plan->layers[i].name) == length && !strncmp(plan->layers[i].name, name, length))
            return i;
    return -1;
}

/* "A,B": the comma of either name is the one that leaves two layers. */
static bool share(struct plan *plan, const char *pair, struct err *err)
{
    for (const char *comma = strchr(pair, ','); comma; comma = strchr(comma + 1, ',')) {
        int a = find_layer(plan, pair, (size_t)(comma - pair));
        int b = find_layer(plan, comma + 1, strlen(comma + 1));
        if (a < 0 || b < 0)
            continue;
        plan_share(plan, a, b);
        return true;
    }
    return err_set(err, "--share %.100s: is not two layers; the first is called %s", pair,
                   plan->layers[0].name);
}

/* --- solving --- */

static bool solve(struct planning *planning, struct err *err)
{
    struct plan *plan = planning->plan;
    progress_begin(&planning->progress, "solve", 1, "programs");
    enum plan_outcome outcome =
        plan_solve(plan, planning->result.limits, interrupt_pending, planning->choice);
    progress_end(&planning->progress);
    switch (outcome) {
    case PLAN_SOLVED:
        return true;
    case PLAN_INFEASIBLE:
        return plan_limits_refuse(planning->result.limits, plan, err);
    case PLAN_STOPPED:
        return err_set(err, "interrupted while solving");
    }
    return false;
}

/* What the file says of itself. */
static void write_heading(const struct planning *planning, char *text, size_t size)
{
    struct plan_option total = plan_total(planning->plan, planning->choice);
    size_t length = (size_t)snprintf(text, size, "Plan of %s by mantis " MANTIS_VERSION ".",
                                     planning->plan->network);
    for (int i = 0; i < PLAN_RESOURCE_COUNT && length < size; i++) {
        char amount[32], limit[48] = "";
        if (!planning->plan->has_cost[i])
            continue;
        plan_amount((enum plan_resource)i, total.cost[i], amount, sizeof amount);
        if (isfinite(planning->result.limits[i])) {
            char number[32];
            plan_amount((enum plan_resource)i, planning->result.limits[i], number, sizeof number);
            snprintf(limit, sizeof limit, " (limit %s)", number);
        }
        length += (size_t)snprintf(text + length, size - length, "\n%s: %s%s",
                                   plan_resource_name(i), amount, limit);
    }
    if (length < size)
        snprintf(text + length, size - length, "\nsensitivity: %.6g (%s)", total.sensitivity,
                 planning->result.source);
}

static bool make_scheme(struct planning *planning, struct err *err)
{
    char heading[800];
    write_heading(planning, heading, sizeof heading);
    free(planning->scheme);
    planning->scheme =
        planner_scheme(&planning->planner, planning->choice, &planning->base, heading, err);
    return planning->scheme;
}

/* By how much the simulated mix exceeds the limits goes into what is fixed, for the next round.
 * False where it exceeds none. */
static bool correct(struct planning *planning)
{
    struct plan_option total = plan_total(planning->plan, planning->choice);
    const struct plan_result *result = &planning->result;
    bool exceeds = false;
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++) {
        if (!(result->simulated[i] > result->limits[i] * (1 + PLAN_SLACK)))
            continue;
        planning->plan->fixed[i] += result->simulated[i] - total.cost[i];
        exceeds = true;
    }
    return exceeds;
}

/* Solve, simulate the mix, and where it exceeds a limit that the sum of its layers kept, solve again
 * with what was missing: a layer's cost depends a little on its neighbours' formats. */
static bool solve_and_simulate(struct planning *planning, struct err *err)
{
    struct plan_result *result = &planning->result;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        if (!solve(planning, err) || !make_scheme(planning, err) ||
            !planner_simulate(&planning->planner, planning->scheme, result->simulated, err))
            return false;
        result->is_simulated = true;
        if (!correct(planning))
            return true;
    }
    return err_set(err, "no mix simulated kept the limits in %d rounds; allow a little more",
                   MAX_ROUNDS);
}

static bool make_plan(struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    if (!(options->table ? open_table(planning, err) : open_model(planning, err)))
        return false;
    for (int i = 0; i < options->share_count; i++)
        if (!share(planning->plan, options->shares[i], err))
            return false;
    planning->result.plan = planning->plan;
    planning->result.choice = planning->choice;
    if (!plan_limits_of(options->limits, options->limit_count, planning->plan,
                        planning->result.limits, err))
        return false;
    if (options->table)
        return solve(planning, err);
    if (planning->planner.arch)
        return solve_and_simulate(planning, err);
    return solve(planning, err) && make_scheme(planning, err);
}

/* --- reporting --- */

static bool write_csv(const struct plan_result *result, FILE *file, struct err *err)
{
    plan_report_csv(result, file);
    return true;
}

static bool write_file(const char *path, const struct plan_result *result,
                       bool (*write)(const struct plan_result *, FILE *, struct err *),
                       struct err *err)
{
    struct output output;
    if (!path)
        return true;
    if (!output_open(&output, path, err))
        return false;
    if (!write(result, output.file, err)) {
        output_discard(&output);
        return false;
    }
    return output_commit(&output, err);
}

static bool is_stdout(const char *path)
{
    return path && !strcmp(path, "-");
}

static bool print(const struct planning *planning, struct err *err)
{
    const struct plan_options *options = &planning->options;
    if (!write_file(options->json, &planning->result, plan_report_json, err) ||
        !write_file(options->csv, &planning->result, write_csv, err))
        return false;
    if (options->output &&
        !file_replace(options->output, planning->scheme, strlen(planning->scheme), err))
        return false;
    if (!is_stdout(options->json) && !is_stdout(options->csv))
        plan_report_terminal(&planning->result, stdout);
    return true;
}

static void release(struct planning *planning)
{
    if (planning->options.table)
        plan_free(planning->plan);
    planner_close(&planning->planner);
    quantise_config_free(&planning->base);
    subject_close(&planning->subject);
    free(planning->scheme);
}

int command_plan(int argc, char **argv)
{
    struct planning *planning = calloc(1, sizeof *planning); /* too large for the stack */
    struct err err;
    if (!planning)
        abort();
    planning->options.model.is_optional = true;
    command_parse(&plan_argp, argc, argv, &planning->options);
    progress_init(&planning->progress, planning->options.model.quiet ? NULL : stderr);
    bool ok = (!planning->options.output || file_replaceable(planning->options.output, &err)) &&
              make_plan(planning, &err) && print(planning, &err);
    progress_end(&planning->progress);
    release(planning);
    free(planning);
    return ok ? EXIT_DONE : command_fail(&err);
}
