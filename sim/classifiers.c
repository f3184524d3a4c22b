/* The two classifiers: the machine running a program, and the float reference running a graph. */
#include <stdlib.h>
#include <string.h>

#include "compiler/reference.h"
#include "sim/classify.h"
#include "sim/codes.h"
#include "sim/machine.h"

struct machine_worker {
    const struct program *program;
    struct machine *machine;
    void *codes;
};

static void *open_machine(const struct classifier *classifier)
{
    const struct program *program = classifier->subject;
    struct machine_worker *worker = calloc(1, sizeof *worker);
    void *codes = malloc(tensor_host_bytes(&program->tensors[program->input]));
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    if (!worker || !codes || !machine) {
        free(worker);
        free(codes);
        machine_free(machine);
        return NULL;
    }
    *worker = (struct machine_worker){program, machine, codes};
    return worker;
}

static void run_machine(void *argument, const float *image, double *scores)
{
    struct machine_worker *worker = argument;
    const struct dram_tensor *output = &worker->program->tensors[worker->program->output];
    encode_input(worker->program, image, worker->codes);
    machine_run_values(worker->machine, worker->codes);
    const void *codes = machine_tensor(worker->machine, worker->program->output);
    for (size_t i = 0; i < tensor_elements(output); i++)
        scores[i] = (double)code_level(output->format, code_at(codes, output->format, i));
}

static void close_machine(void *argument, struct score *score)
{
    struct machine_worker *worker = argument;
    const struct stats *stats = machine_stats(worker->machine);
    score->overflows += stats->counters.overflows;
    for (uint32_t i = 0; score->layer_overflows && i < stats->layer_count; i++)
        score->layer_overflows[i] += stats->layers[i].counters.overflows;
    machine_free(worker->machine);
    free(worker->codes);
    free(worker);
}

struct classifier classifier_of_program(const struct program *program)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    return (struct classifier){
        .subject = program,
        .channels = (int)input->c,
        .height = (int)input->h,
        .width = (int)input->w,
        .classes = (int)tensor_elements(&program->tensors[program->output]),
        .open = open_machine,
        .run = run_machine,
        .close = close_machine,
    };
}

struct graph_worker {
    const struct graph *graph;
    struct reference *reference;
};

static void *open_graph(const struct classifier *classifier)
{
    const struct graph *graph = classifier->subject;
    struct graph_worker *worker = calloc(1, sizeof *worker);
    struct reference *reference = reference_new(graph);
    if (!worker || !reference) {
        free(worker);
        reference_free(reference);
        return NULL;
    }
    *worker = (struct graph_worker){graph, reference};
    return worker;
}

static void run_graph(void *argument, const float *image, double *scores)
{
    struct graph_worker *worker = argument;
    const struct value *output = &worker->graph->values[worker->graph->output];
    reference_run(worker->reference, image);
    const float *values = reference_value(worker->reference, worker->graph->output);
    for (int64_t i = 0; i < value_elements(output); i++)
        scores[i] = (double)values[i];
}

static void close_graph(void *argument, struct score *score)
{
    struct graph_worker *worker = argument;
    reference_free(worker->reference);
    free(worker);
}

/* Dimension `from_right` of the input, 1 where the rank is smaller. */
static int input_dimension(const struct graph *graph, int from_right)
{
    const struct value *input = &graph->values[graph->input];
    int axis = input->rank - from_right;
    return axis >= 0 ? (int)input->dims[axis] : 1;
}

struct classifier classifier_of_graph(const struct graph *graph)
{
    return (struct classifier){
        .subject = graph,
        .channels = input_dimension(graph, 3),
        .height = input_dimension(graph, 2),
        .width = input_dimension(graph, 1),
        .classes = (int)value_elements(&graph->values[graph->output]),
        .open = open_graph,
        .run = run_graph,
        .close = close_graph,
    };
}
