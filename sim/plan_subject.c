#include "sim/plan_subject.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/quantise_state.h"
#include "sim/classify.h"
#include "sim/evaluate.h"

/* --- compiling and running --- */

/* Run a program once, on the first image of the calibration data where it has values: the clocks of
 * some PEs depend on them. */
static bool run_once(const struct planner *planner, const struct program *program,
                     struct evaluation *evaluation, struct err *err)
{
    char name[CONFIG_PATH_SIZE];
    struct evaluate_options options = {.engine = &engine_fast, .images = 1, .threads = 1};
    struct dataset *data = NULL;
    if (program->has_values) {
        calibration_name(planner->names, name);
        data = data_open(name, err);
        if (!data)
            return false;
    }
    options.data = data;
    bool ok = evaluate_program(program, NULL, NULL, &options, evaluation, err);
    if (data)
        dataset_free(data);
    return ok;
}

static bool compile(struct planner *planner, int candidate, struct err *err)
{
    if (interrupt_pending())
        return err_set(err, "interrupted");
    return compiled_make(&planner->compiled[candidate], planner->subject,
                         &planner->schemes[candidate], planner->arch, planner->names,
                         planner->progress, err);
}

/* --- costs --- */

static int code_bits(struct format format)
{
    return format_code_bits(format);
}

/* Size and BOPS of every planned layer under one candidate. */
static void count_bits(struct planner *planner, int candidate)
{
    const struct network *network = planner->compiled[candidate].network;
    for (int i = 0; i < planner->plan->layer_count; i++) {
        struct plan_layer *planned = &planner->plan->layers[i];
        const struct layer *layer = &network->layers[planner->layer_of[i]];
        double weight_bits = code_bits(layer->weight_format);
        double input_bits = code_bits(network->activations[layer->input].format);
        double *cost = planned->options[candidate].cost;
        cost[PLAN_SIZE] = (double)planned->weights * weight_bits / 8;
        cost[PLAN_BOPS] = (double)planned->macs * weight_bits * input_bits;
    }
}

/* The planned layer that the cycles of layer `index` go to: itself, else one that reads what it writes,
 * else one that writes what it reads; -1 for none. */
static int owner(const struct planner *planner, const struct network *network, int index)
{
    const struct layer *layer = &network->layers[index];
    for (int i = 0; i < planner->plan->layer_count; i++)
        if (planner->layer_of[i] == index)
            return i;
    for (int i = 0; i < planner->plan->layer_count; i++)
        if (network->layers[planner->layer_of[i]].input == layer->output)
            return i;
    for (int i = 0; i < planner->plan->layer_count; i++)
        if (network->layers[planner->layer_of[i]].output == layer->input)
            return i;
    return -1;
}

/* Latency and energy of every planned layer under one candidate; in `fixed` what has no owner. */
static void take_run(struct planner *planner, int candidate, const struct evaluation *evaluation,
                     double fixed[PLAN_RESOURCE_COUNT])
{
    const struct network *network = planner->compiled[candidate].network;
    double period_s = evaluation->clock_period_ns * 1e-9;
    uint64_t cycles = 0;
    assert(evaluation->layer_count == network->layer_count);
    for (int i = 0; i < evaluation->layer_count; i++) {
        const struct layer_result *result = &evaluation->layers[i];
        int layer = owner(planner, network, i);
        double *cost = layer < 0 ? fixed : planner->plan->layers[layer].options[candidate].cost;
        cost[PLAN_LATENCY] += (double)result->stats.cycles * period_s;
        cost[PLAN_ENERGY] += result->energy.total_j.value;
        cycles += result->stats.cycles;
    }
    fixed[PLAN_LATENCY] += ((double)evaluation->cycles - (double)cycles) * period_s;
}

static bool measure_costs(struct planner *planner, struct err *err)
{
    struct plan *plan = planner->plan;
    progress_begin(planner->progress, "simulate", planner->count, "candidates");
    for (int candidate = 0; candidate < planner->count; candidate++) {
        count_bits(planner, candidate);
        if (!planner->arch)
            continue;
        struct evaluation evaluation;
        double fixed[PLAN_RESOURCE_COUNT] = {0};
        if (!run_once(planner, planner->compiled[candidate].program, &evaluation, err))
            return false;
        take_run(planner, candidate, &evaluation, fixed);
        evaluation_free(&evaluation);
        for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
            plan->fixed[i] = fmax(plan->fixed[i], fixed[i]);
        progress_update(planner->progress, candidate + 1);
    }
    progress_end(planner->progress);
    plan->has_cost[PLAN_SIZE] = plan->has_cost[PLAN_BOPS] = true;
    plan->has_cost[PLAN_LATENCY] = plan->has_cost[PLAN_ENERGY] = planner->arch != NULL;
    return true;
}

/* --- the plan --- */

static void name_candidates(struct planner *planner)
{
    struct plan *plan = planner->plan;
    plan->candidate_count = planner->count;
    for (int i = 0; i < planner->count; i++)
        memcpy(plan->candidates[i], planner->schemes[i].name, sizeof plan->candidates[i]);
}

bool planner_open(struct planner *planner, struct err *err)
{
    for (int i = 0; i < planner->count; i++)
        if (!compile(planner, i, err))
            return false;
    const struct network *network = planner->compiled[0].network;
    planner->plan = plan_of_network(network, &planner->layer_of, err);
    if (!planner->plan)
        return err_prefix(err, "%s", planner->subject->path);
    name_candidates(planner);
    plan_share_tensors(planner->plan, network, planner->layer_of, planner->schemes);
    return measure_costs(planner, err);
}

void planner_close(struct planner *planner)
{
    for (int i = 0; i < planner->count; i++) {
        quantise_config_free(&planner->schemes[i]);
        compiled_free(&planner->compiled[i]);
    }
    plan_free(planner->plan);
    free(planner->layer_of);
}

/* --- sensitivities --- */

struct images {
    const struct dataset *data;
    struct progress *progress;
    bool is_shown;
};

static bool read_image(void *context, int index, float *image, struct err *err)
{
    struct images *images = context;
    int label;
    if (interrupt_pending())
        return err_set(err, "interrupted while measuring sensitivities");
    return dataset_read(images->data, index, image, &label, err);
}

static void show(void *context, const char *phase, int done, int total)
{
    struct images *images = context;
    if (!images->is_shown)
        progress_begin(images->progress, phase, total, "runs");
    images->is_shown = true;
    progress_update(images->progress, done);
}

bool planner_measure(struct planner *planner, int *images, struct err *err)
{
    char name[CONFIG_PATH_SIZE];
    struct network *networks[PLAN_MAX_CANDIDATES];
    calibration_name(planner->names, name);
    struct images context = {.progress = planner->progress};
    struct dataset *data = data_open(name, err);
    if (!data)
        return false;
    context.data = data;
    for (int i = 0; i < planner->count; i++)
        networks[i] = planner->compiled[i].network;
    *images = *images < dataset_count(data) ? *images : dataset_count(data);
    bool ok = plan_measure(planner->plan, planner->subject->graph, networks, planner->layer_of,
                           read_image, *images, show, &context, err);
    progress_end(planner->progress);
    dataset_free(data);
    return ok;
}

/* --- the chosen mix --- */

bool planner_simulate(const struct planner *planner, const char *scheme,
                      double costs[PLAN_RESOURCE_COUNT], struct err *err)
{
    struct quantise_config config;
    struct compiled compiled;
    struct evaluation evaluation;
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        costs[i] = NAN;
    if (!config_decode_quantise(scheme, strlen(scheme), "plan.cfg", &config, err))
        return false;
    bool ok = compiled_make(&compiled, planner->subject, &config, planner->arch, planner->names,
                            planner->progress, err);
    quantise_config_free(&config);
    if (!ok)
        return false;
    ok = run_once(planner, compiled.program, &evaluation, err);
    if (ok) {
        costs[PLAN_SIZE] = evaluation.model_bytes;
        costs[PLAN_BOPS] = (double)evaluation.bops;
        costs[PLAN_LATENCY] = evaluation.latency_s;
        costs[PLAN_ENERGY] = evaluation.energy.total_j.value;
        evaluation_free(&evaluation);
    }
    compiled_free(&compiled);
    return ok;
}
