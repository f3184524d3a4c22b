#include "sim/sweep_work.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lower.h"
#include "pe/pe.h"
#include "sim/classify.h"
#include "sim/codes.h"
#include "sim/evaluation.h"
#include "sim/machine.h"
#include "sim/progress.h"

/* A network under a scheme. */
struct quantised {
    pthread_mutex_t lock; /* held while it is made; what is made does not change */
    bool is_made;
    struct compiled compiled; /* network NULL: it cannot be quantised */
    struct err why;
};

struct sweep_work {
    const struct sweep_plan *plan;
    int count;
    struct quantised *quantised; /* [subject][scheme] */
};

struct sweep_work *sweep_work_new(const struct sweep_plan *plan)
{
    struct sweep_work *work = calloc(1, sizeof *work);
    int count = plan->subject_count * plan->config->scheme_count;
    struct quantised *quantised = calloc((size_t)count + 1, sizeof *quantised);
    if (!work || !quantised) {
        free(work);
        free(quantised);
        return NULL;
    }
    for (int i = 0; i < count; i++)
        pthread_mutex_init(&quantised[i].lock, NULL);
    *work = (struct sweep_work){plan, count, quantised};
    return work;
}

void sweep_work_free(struct sweep_work *work)
{
    if (!work)
        return;
    for (int i = 0; i < work->count; i++) {
        compiled_free(&work->quantised[i].compiled);
        pthread_mutex_destroy(&work->quantised[i].lock);
    }
    free(work->quantised);
    free(work);
}

/* --- quantising --- */

/* Whether any of the accelerator's combinations has a second core. */
static bool may_have_two_cores(const struct sweep_accelerator *source)
{
    bool found = source->base.core_count > 1;
    for (int a = 0; a < source->axis_count; a++)
        for (int v = 0; v < source->axes[a].count; v++)
            found |= source->axes[a].values[v].arch.core_count > 1;
    return found;
}

/* Weights for a second core are made where an accelerator has one. */
static int most_cores(const struct sweep_config *config)
{
    bool found = false;
    for (int i = 0; i < config->accelerator_count; i++)
        found |= may_have_two_cores(&config->accelerators[i]);
    return found ? 2 : 1;
}

static const struct quantised *quantise_once(struct sweep_work *work, int subject, int scheme)
{
    const struct sweep_plan *plan = work->plan;
    const struct sweep_subject *source = &plan->subjects[subject];
    struct quantised *quantised = &work->quantised[subject * plan->config->scheme_count + scheme];
    struct quantise_config config = plan->config->schemes[scheme];
    config.cores = most_cores(plan->config);
    pthread_mutex_lock(&quantised->lock);
    if (!quantised->is_made)
        compiled_make(&quantised->compiled, &source->model, &config, NULL, &source->names, NULL,
                      &quantised->why);
    quantised->is_made = true;
    pthread_mutex_unlock(&quantised->lock);
    return quantised;
}

/* --- results --- */

size_t sweep_result_bytes(int layer_count)
{
    return sizeof(struct sweep_result) + (size_t)layer_count * sizeof(struct sweep_layer);
}

static struct sweep_result *new_result(int job, int layer_count, struct err *err)
{
    struct sweep_result *result = calloc(1, sweep_result_bytes(layer_count));
    if (!result) {
        err_set(err, "out of memory");
        return NULL;
    }
    result->job = job;
    result->layer_count = layer_count;
    for (int i = 0; i < SWEEP_FIGURE_COUNT; i++)
        result->figures[i] = NAN;
    return result;
}

/* What an interrupt broke off has not failed: it will be done another time. */
static struct sweep_result *failed(int job, const struct err *why, struct err *err)
{
    if (interrupt_pending()) {
        err_set(err, "interrupted");
        return NULL;
    }
    struct sweep_result *result = new_result(job, 0, err);
    if (result)
        memcpy(result->error, why->text, sizeof result->error);
    return result;
}

/* --- a point --- */

/* Time depends on weights on PEs that skip zero digits only; elsewhere the program carries no
 * values. */
static struct program *lower_timing(const struct network *network, const struct arch *arch,
                                    struct err *err)
{
    struct network timed = *network;
    bool has_skipping = false;
    for (int core = 0; core < arch->core_count; core++)
        has_skipping |= pe_descriptor(arch->cores[core].pe)->skips_zero_digits;
    timed.has_values &= has_skipping;
    return lower(&timed, arch, err);
}

static bool run(const struct program *program, struct machine *machine, struct err *err)
{
    if (!machine)
        return err_set(err, "out of memory");
    uint8_t *input = NULL;
    if (program->has_values) { /* any input takes the same time */
        input = malloc(tensor_host_bytes(&program->tensors[program->input]));
        if (!input)
            return err_set(err, "out of memory");
        encode_zeros(program, input);
    }
    machine_run(machine, input);
    free(input);
    return true;
}

static struct sweep_result *collect(int job, const struct program *program,
                                    const struct stats *stats, const struct energy_model *model,
                                    struct err *err)
{
    struct evaluation evaluation = {0};
    evaluation_fill(&evaluation, program, stats, model);
    struct sweep_result *result = new_result(job, evaluation.layer_count, err);
    for (int i = 0; result && i < SWEEP_FIGURE_COUNT; i++)
        result->figures[i] = sweep_figure((enum sweep_figure)i, &evaluation);
    for (int i = 0; result && i < evaluation.layer_count; i++)
        sweep_layer_fill(&result->layers[i], &evaluation.layers[i]);
    evaluation_free(&evaluation);
    return result;
}

static struct sweep_result *do_point(struct sweep_work *work, int job,
                                     const struct sweep_point *point, struct err *err)
{
    const struct sweep_plan *plan = work->plan;
    struct arch arch =
        sweep_arch(&plan->config->accelerators[point->accelerator], point->combination, NULL, 0);
    const struct sweep_technology *technology = sweep_plan_technology(plan, arch.technology);
    const struct quantised *quantised = quantise_once(work, point->subject, point->scheme);
    struct err why;
    if (!quantised->compiled.network)
        return failed(job, &quantised->why, err);
    struct program *program = lower_timing(quantised->compiled.network, &arch, &why);
    if (!program)
        return failed(job, &why, err);
    struct machine *machine = machine_new(program, &(struct machine_options){0});
    struct energy_model model = energy_model(&program->arch, technology->technology);
    struct sweep_result *result = NULL;
    if (run(program, machine, err))
        result = collect(job, program, machine_stats(machine), &model, err);
    machine_free(machine);
    program_free(program);
    return result;
}

/* --- an accuracy --- */

/* What points share has the PEs and partial sums of an accelerator of the sweep, on an array and
 * scratchpads that hold any tile: values do not depend on either, and a point that cannot hold a
 * tile still has the accuracy of its network and scheme. A point's own depends on all of it. */
static struct arch accuracy_arch(const struct sweep_plan *plan,
                                 const struct sweep_accuracy *accuracy)
{
    enum { PES = 64, PAD_BYTES = 1 << 20 };
    struct arch arch = sweep_arch(&plan->config->accelerators[accuracy->accelerator],
                                  accuracy->combination, NULL, 0);
    if (accuracy->is_own)
        return arch;
    arch.cores[0].rows = arch.cores[0].columns = PES;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        if (arch.pads[pad].bytes < PAD_BYTES)
            arch.pads[pad].bytes = PAD_BYTES;
    return arch;
}

static struct sweep_result *do_accuracy(struct sweep_work *work, int index,
                                        const struct sweep_job *job, struct err *err)
{
    const struct sweep_plan *plan = work->plan;
    const struct sweep_accuracy *accuracy = &plan->accuracies[job->index];
    const struct quantised *quantised = quantise_once(work, accuracy->subject, accuracy->scheme);
    struct err why;
    if (!quantised->compiled.network)
        return failed(index, &quantised->why, err);
    struct arch arch = accuracy_arch(plan, accuracy);
    struct program *program = lower(quantised->compiled.network, &arch, &why);
    if (!program)
        return failed(index, &why, err);
    struct classifier classifier = classifier_of_program(program);
    struct score score = {0};
    struct sweep_result *result = NULL;
    if (classify_range(&classifier, plan->subjects[accuracy->subject].data, job->first, job->count,
                       &score, err))
        result = new_result(index, 0, err);
    program_free(program);
    if (result)
        result->images = score.images, result->top1 = score.top1, result->top5 = score.top5;
    return result;
}

/* --- jobs --- */

struct sweep_result *sweep_work_do(struct sweep_work *work, int job, struct err *err)
{
    const struct sweep_plan *plan = work->plan;
    const struct sweep_job *todo = &plan->jobs[job];
    if (todo->kind == SWEEP_JOB_POINT)
        return do_point(work, job, &plan->points[todo->index], err);
    return do_accuracy(work, job, todo, err);
}

void sweep_work_prepare(struct sweep_work *work, int job)
{
    const struct sweep_plan *plan = work->plan;
    const struct sweep_job *todo = &plan->jobs[job];
    if (todo->kind == SWEEP_JOB_POINT)
        quantise_once(work, plan->points[todo->index].subject, plan->points[todo->index].scheme);
    else
        quantise_once(work, plan->accuracies[todo->index].subject,
                      plan->accuracies[todo->index].scheme);
}
