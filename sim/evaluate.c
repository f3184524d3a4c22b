#include "sim/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/classify.h"
#include "sim/codes.h"
#include "sim/config.h"
#include "sim/sqnr.h"

enum { FLOAT_BITS = 32 };

static void evaluation_init(struct evaluation *evaluation, const struct evaluate_options *options)
{
    memset(evaluation, 0, sizeof *evaluation);
    evaluation->engine = options->engine->name;
    evaluation->batch = 1;
    evaluation->top1 = evaluation->top5 = evaluation->fp32_top1 = NAN;
}

/* Codes of image `index`, or of zeros where there is no data; NULL for a program without values. */
static bool read_input(const struct program *program, const struct evaluate_options *options,
                       int index, void **codes, struct err *err)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    *codes = NULL;
    if (!program->has_values)
        return true;
    *codes = malloc(tensor_host_bytes(input));
    float *image = malloc(tensor_elements(input) * sizeof *image);
    bool ok = (*codes && image) || err_set(err, "out of memory");
    int label;
    if (ok && options->data && options->images) {
        ok = dataset_read(options->data, index, image, &label, err);
        if (ok)
            encode_input(program, image, *codes);
    } else if (ok) {
        encode_zeros(program, *codes);
    }
    free(image);
    if (!ok) {
        free(*codes);
        *codes = NULL;
    }
    return ok;
}

/* Zero operands of the first images, into the stats of the run. */
static bool examine(struct machine *machine, const struct program *program,
                    const struct evaluate_options *options, struct err *err)
{
    int count =
        options->activity_images < options->images ? options->activity_images : options->images;
    bool ok = true;
    progress_begin(options->progress, "zero operands", count, "images");
    for (int i = 0; ok && i < count; i++) {
        void *codes;
        ok = read_input(program, options, i, &codes, err);
        if (ok)
            machine_examine(machine, codes);
        free(codes);
        progress_update(options->progress, i + 1);
    }
    progress_end(options->progress);
    return ok;
}

/* The timed run: values and cycles of the first input. */
static bool run_timed(const struct program *program, const struct evaluate_options *options,
                      struct evaluation *evaluation, struct err *err)
{
    struct technology *technology = config_read_technology(program->arch.technology, err);
    if (!technology)
        return false;
    void *codes;
    bool ok = read_input(program, options, 0, &codes, err);
    struct machine *machine = ok ? machine_new(program, &(struct machine_options){0}) : NULL;
    ok = ok && (machine || err_set(err, "not enough memory for the machine"));
    if (ok) {
        machine_observe(machine, options->observer, options->observer_context);
        machine_observe_dram(machine, options->dram_observer, options->observer_context);
    }
    ok = ok && options->engine->run(machine, codes, &options->waveform, err);
    if (ok && options->activity_images)
        ok = examine(machine, program, options, err);
    if (ok) {
        struct energy_model model = energy_model(&program->arch, technology);
        evaluation_fill(evaluation, program, machine_stats(machine), &model);
    }
    machine_free(machine);
    free(codes);
    technology_free(technology);
    return ok;
}

static void set_score(struct evaluation *evaluation, const struct score *score)
{
    evaluation->images = score->images;
    evaluation->top1 = (double)score->top1 / score->images;
    evaluation->top5 = (double)score->top5 / score->images;
}

static bool measure_accuracy(const struct program *program, const struct evaluate_options *options,
                             struct evaluation *evaluation, struct err *err)
{
    struct classifier classifier = classifier_of_program(program);
    struct score score = {0};
    char label[72];
    score.layer_overflows = calloc(program->layer_count + 1, sizeof *score.layer_overflows);
    snprintf(label, sizeof label, "%.30s on %.30s", evaluation->scheme, evaluation->arch);
    progress_begin(options->progress, label, options->images, "images");
    bool ok = classify(&classifier, options->data, options->images, options->threads,
                       options->progress, &score, err);
    progress_end(options->progress);
    if (ok) {
        set_score(evaluation, &score);
        evaluation->counters.overflows = score.overflows;
        for (uint32_t i = 0; score.layer_overflows && i < program->layer_count; i++)
            evaluation->layers[i].stats.counters.overflows = score.layer_overflows[i];
    }
    free(score.layer_overflows);
    return ok;
}

static bool has_accuracy(const struct evaluate_options *options)
{
    return options->data && options->images && dataset_has_labels(options->data);
}

bool evaluate_program(const struct program *program, const struct network *network,
                      const struct graph *graph, const struct evaluate_options *options,
                      struct evaluation *evaluation, struct err *err)
{
    evaluation_init(evaluation, options);
    if (options->data && !program->has_values)
        return err_set(err, "%s: has no weights, so there is no accuracy to measure; drop --data",
                       program->model);
    struct classifier classifier = classifier_of_program(program);
    if (options->data && !classifier_fits(&classifier, options->data, err))
        return false;
    if (options->activity_images && !(options->data && options->images))
        return err_set(err, "%s: --activity looks at images; give --data", program->model);
    bool ok = run_timed(program, options, evaluation, err);
    if (ok && has_accuracy(options))
        ok = measure_accuracy(program, options, evaluation, err);
    if (ok && network && graph && options->data && options->images)
        ok = measure_sqnr(program, network, graph, options->data, options->images, evaluation, err);
    if (!ok)
        evaluation_free(evaluation);
    return ok;
}

/* MACs and weights of the convolutions and fully connected layers. */
static void count_graph(const struct graph *graph, struct evaluation *evaluation)
{
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        evaluation->macs += node_macs(graph, node);
        if (node->op == OPERATOR_CONV || node->op == OPERATOR_GEMM)
            evaluation->model_bytes +=
                (double)value_elements(&graph->values[node->inputs[1]]) * FLOAT_BITS / 8;
    }
    evaluation->bops = evaluation->macs * FLOAT_BITS * FLOAT_BITS;
}

bool evaluate_float(const struct graph *graph, const char *model,
                    const struct evaluate_options *options, struct evaluation *evaluation,
                    struct err *err)
{
    evaluation_init(evaluation, options);
    snprintf(evaluation->model, sizeof evaluation->model, "%s", model);
    snprintf(evaluation->scheme, sizeof evaluation->scheme, "float32");
    count_graph(graph, evaluation);
    if (!has_accuracy(options))
        return true;
    struct classifier classifier = classifier_of_graph(graph);
    struct score score = {0};
    progress_begin(options->progress, "float32", options->images, "images");
    bool ok = classify(&classifier, options->data, options->images, options->threads,
                       options->progress, &score, err);
    progress_end(options->progress);
    if (!ok)
        return false;
    set_score(evaluation, &score);
    evaluation->fp32_top1 = evaluation->top1;
    return true;
}
