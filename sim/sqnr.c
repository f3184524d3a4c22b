#include "sim/sqnr.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/reference.h"
#include "sim/codes.h"
#include "sim/machine.h"
#include "sim/progress.h"

/* Sums over one layer's output. */
struct power {
    double signal, noise;
};

/* One image's contribution: the channels that the layer writes, machine in HWC against reference in
 * CHW. */
static void add_layer(const struct layer *layer, const struct activation *activation,
                      const void *codes, const float *reference, struct power *power)
{
    size_t pixels = (size_t)activation->h * activation->w, channels = (size_t)activation->c;
    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (size_t j = 0; j < (size_t)layer->n; j++) {
            size_t c = (size_t)layer->output_channel + j;
            uint32_t code = code_at(codes, activation->format, pixel * channels + c);
            double machine = (double)code_level(activation->format, code) * activation->scale;
            double wanted = (double)reference[c * pixels + pixel];
            power->signal += wanted * wanted;
            power->noise += (machine - wanted) * (machine - wanted);
        }
}

/* Whether the layer's output has a value of the graph that is as large. */
static bool is_comparable(const struct graph *graph, const struct activation *activation)
{
    if (activation->graph_value < 0)
        return false;
    int64_t elements = (int64_t)activation->h * activation->w * activation->c;
    return value_elements(&graph->values[activation->graph_value]) == elements;
}

static void add_image(const struct program *program, const struct network *network,
                      const struct graph *graph, const struct machine *machine,
                      const struct reference *reference, struct power *powers)
{
    for (uint32_t i = 0; i < program->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        const struct activation *activation = &network->activations[layer->output];
        if (is_comparable(graph, activation))
            add_layer(layer, activation, machine_tensor(machine, program->layers[i].output),
                      reference_value(reference, activation->graph_value), &powers[i]);
    }
}

static void fill(struct evaluation *evaluation, const struct power *powers)
{
    for (int i = 0; i < evaluation->layer_count; i++)
        if (powers[i].signal > 0 && powers[i].noise > 0)
            evaluation->layers[i].sqnr_db = 10 * log10(powers[i].signal / powers[i].noise);
}

bool measure_sqnr(const struct program *program, const struct network *network,
                  const struct graph *graph, const struct dataset *data, int images,
                  struct evaluation *evaluation, struct err *err)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    struct reference *reference = reference_new(graph);
    struct power *powers = calloc(program->layer_count + 1, sizeof *powers);
    float *image = malloc(tensor_elements(input) * sizeof *image);
    void *codes = malloc(tensor_host_bytes(input));
    bool ok = (machine && reference && powers && image && codes) || err_set(err, "out of memory");
    for (int i = 0; ok && i < images && i < SQNR_IMAGES; i++) {
        int label;
        ok = dataset_read(data, i, image, &label, err) &&
             (!interrupt_pending() || err_set(err, "interrupted"));
        if (!ok)
            break;
        encode_input(program, image, codes);
        machine_run_values(machine, codes);
        reference_run(reference, image);
        add_image(program, network, graph, machine, reference, powers);
    }
    if (ok)
        fill(evaluation, powers);
    machine_free(machine);
    reference_free(reference);
    free(powers);
    free(image);
    free(codes);
    return ok;
}
