/* Measured sensitivities: the float network with one group of layers quantised at a time. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse.h"
#include "compiler/plan.h"
#include "compiler/reference.h"
#include "pe/format.h"

struct probe {
    struct plan *plan;
    const struct graph *graph;
    const struct fused_graph *fused;
    struct network *const *networks; /* [candidate] */
    const int *layer_of;
    struct reference *reference;
    double *output; /* of the float network, for the image at hand */
    int outputs;
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

/* --- one layer's weights and biases --- */

/* The layer's weights as its network quantised them, in the graph's own layout. */
static float *dequantise_weights(const struct probe *probe, int index, const struct layer *layer)
{
    const struct fused_layer *fused = &probe->fused->layers[index];
    size_t kernel = (size_t)layer->kernel_h * (size_t)layer->kernel_w;
    size_t depth = kernel * (size_t)layer->channels, per_group = (size_t)(layer->n / layer->groups);
    const int32_t *levels = format_grid(layer->weight_format)->level_of_code;
    float *weights = allocate(depth * (size_t)layer->n, sizeof *weights);
    for (size_t n = 0; n < (size_t)layer->n; n++) {
        const uint16_t *codes = layer->weight_codes + n / per_group * depth * per_group;
        for (size_t k = 0; k < depth; k++) { /* (ky, kx, c) there, (c, ky, kx) here */
            size_t in_graph = k % (size_t)layer->channels * kernel + k / (size_t)layer->channels;
            weights[(int64_t)n * fused->weight_stride_n +
                    (int64_t)in_graph * fused->weight_stride_k] =
                (float)(levels[codes[k * per_group + n % per_group]] * layer->weight_scales[n]);
        }
    }
    return weights;
}

/* The biases that the network ended up with, correction included: they are in units of activation
 * scale x weight scale. */
static float *dequantise_biases(const struct network *network, const struct layer *layer)
{
    double scale = network->activations[layer->input].scale;
    float *biases = allocate((size_t)layer->n, sizeof *biases);
    for (int n = 0; n < layer->n; n++)
        biases[n] = (float)(layer->params[n].bias * scale * layer->weight_scales[n]);
    return biases;
}

/* --- one group --- */

/* A group under one candidate: its layers' constants replaced. */
struct member {
    int layer; /* of the networks and the fused graph */
    int input; /* graph value */
    float *weights, *biases;
    float *kept; /* the input's float data, where it is computed before the run begins */
};

struct group {
    int count, first; /* members; the first node that reads one of their inputs */
    struct member *members;
};

static int first_reader(const struct graph *graph, int value)
{
    for (int i = 0; i < graph->node_count; i++)
        for (int j = 0; j < graph->nodes[i].input_count; j++)
            if (graph->nodes[i].inputs[j] == value)
                return i;
    return graph->node_count;
}

/* The layers of group `number`; none where no layer has it. */
static struct group find_group(const struct probe *probe, int number)
{
    const struct plan *plan = probe->plan;
    struct group group = {.first = probe->graph->node_count};
    group.members = allocate((size_t)plan->layer_count, sizeof *group.members);
    for (int i = 0; i < plan->layer_count; i++) {
        if (plan->layers[i].group != number)
            continue;
        const struct network *network = probe->networks[0];
        const struct layer *layer = &network->layers[probe->layer_of[i]];
        int input = network->activations[layer->input].graph_value;
        int reader = first_reader(probe->graph, input);
        group.first = reader < group.first ? reader : group.first;
        group.members[group.count++] = (struct member){.layer = probe->layer_of[i], .input = input};
    }
    return group;
}

static void quantise_input(const struct probe *probe, const struct network *network,
                           const struct member *member)
{
    const struct activation *activation =
        &network->activations[network->layers[member->layer].input];
    const struct grid *grid = format_grid(activation->format);
    float *data = reference_activation(probe->reference, member->input);
    int64_t count = value_elements(&probe->graph->values[member->input]);
    double scale = activation->scale;
    for (int64_t i = 0; i < count; i++)
        data[i] = (float)(grid->levels[grid_nearest(grid, data[i] / scale)] * scale);
}

static bool is_computed_before(const struct graph *graph, int value, int node)
{
    for (int i = node; i < graph->node_count; i++)
        if (graph->nodes[i].output == value)
            return false;
    return true;
}

/* Whether an earlier member reads the same value: it is quantised once. */
static bool is_repeated(const struct group *group, int index)
{
    for (int i = 0; i < index; i++)
        if (group->members[i].input == group->members[index].input)
            return true;
    return false;
}

static void replace(const struct probe *probe, const struct network *network, struct group *group)
{
    for (int i = 0; i < group->count; i++) {
        struct member *member = &group->members[i];
        const struct layer *layer = &network->layers[member->layer];
        const struct fused_layer *fused = &probe->fused->layers[member->layer];
        member->weights = dequantise_weights(probe, member->layer, layer);
        member->biases = fused->bias < 0 ? NULL : dequantise_biases(network, layer);
        reference_replace_constant(probe->reference, fused->weights, member->weights);
        if (member->biases)
            reference_replace_constant(probe->reference, fused->bias, member->biases);
        if (is_repeated(group, i) || !is_computed_before(probe->graph, member->input, group->first))
            continue;
        size_t bytes =
            (size_t)value_elements(&probe->graph->values[member->input]) * sizeof *member->kept;
        member->kept = allocate(bytes, 1);
        memcpy(member->kept, reference_activation(probe->reference, member->input), bytes);
        quantise_input(probe, network, member);
    }
}

static void restore(const struct probe *probe, struct group *group)
{
    for (int i = 0; i < group->count; i++) {
        struct member *member = &group->members[i];
        const struct fused_layer *fused = &probe->fused->layers[member->layer];
        reference_replace_constant(probe->reference, fused->weights, NULL);
        if (fused->bias >= 0)
            reference_replace_constant(probe->reference, fused->bias, NULL);
        if (member->kept)
            memcpy(reference_activation(probe->reference, member->input), member->kept,
                   (size_t)value_elements(&probe->graph->values[member->input]) *
                       sizeof *member->kept);
        free(member->weights);
        free(member->biases);
        free(member->kept);
        member->weights = member->biases = member->kept = NULL;
    }
}

/* From the group's first node to the end; inputs that are computed on the way are quantised there. */
static void run_behind(const struct probe *probe, const struct network *network,
                       const struct group *group)
{
    for (int node = group->first; node < probe->graph->node_count; node++) {
        reference_run_nodes(probe->reference, node, node + 1);
        for (int i = 0; i < group->count; i++)
            if (group->members[i].input == probe->graph->nodes[node].output &&
                !is_repeated(group, i))
                quantise_input(probe, network, &group->members[i]);
    }
}

/* --- the outputs --- */

/* log(softmax), in place of the values. */
static void log_softmax(double *values, int count)
{
    double largest = -INFINITY, sum = 0;
    for (int i = 0; i < count; i++)
        largest = fmax(largest, values[i]);
    for (int i = 0; i < count; i++)
        sum += exp(values[i] - largest);
    for (int i = 0; i < count; i++)
        values[i] -= largest + log(sum);
}

/* The reference's output: log-probabilities, or the value itself where there is but one. */
static void read_output(const struct probe *probe, double *output)
{
    const float *values = reference_value(probe->reference, probe->graph->output);
    for (int i = 0; i < probe->outputs; i++)
        output[i] = (double)values[i];
    if (probe->outputs > 1)
        log_softmax(output, probe->outputs);
}

/* sum of p * (log p - log q). */
static double divergence(const double *log_p, const double *log_q, int count)
{
    double sum = 0;
    if (count == 1)
        return (log_p[0] - log_q[0]) * (log_p[0] - log_q[0]);
    for (int i = 0; i < count; i++)
        sum += exp(log_p[i]) * (log_p[i] - log_q[i]);
    return fmax(sum, 0); /* rounding may leave less */
}

static double measure_group(const struct probe *probe, int candidate, struct group *group)
{
    double *output = allocate((size_t)probe->outputs, sizeof *output);
    const struct network *network = probe->networks[candidate];
    replace(probe, network, group);
    run_behind(probe, network, group);
    restore(probe, group);
    read_output(probe, output);
    double change = divergence(probe->output, output, probe->outputs);
    free(output);
    return change;
}

/* --- all groups --- */

static int later_first(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return (a->first < b->first) - (a->first > b->first);
}

/* The groups, last ones first: a run leaves behind what later nodes then compute again. */
static struct group *find_groups(const struct probe *probe, int *count)
{
    struct group *groups = allocate((size_t)probe->plan->layer_count, sizeof *groups);
    *count = 0;
    for (int i = 0; i < probe->plan->layer_count; i++) {
        struct group group = find_group(probe, i);
        if (group.count)
            groups[(*count)++] = group;
        else
            free(group.members);
    }
    qsort(groups, (size_t)*count, sizeof *groups, later_first);
    return groups;
}

static void add(const struct probe *probe, const struct group *group, int candidate, double change)
{
    for (int i = 0; i < probe->plan->layer_count; i++)
        if (probe->layer_of[i] == group->members[0].layer)
            probe->plan->layers[i].options[candidate].sensitivity += change;
}

static bool measure_images(const struct probe *probe, struct group *groups, int count,
                           calibration_reader reader, int images, quantise_progress progress,
                           void *context, struct err *err)
{
    const struct plan *plan = probe->plan;
    int per_image = count * plan->candidate_count, done = 0;
    float *image =
        allocate((size_t)value_elements(&probe->graph->values[probe->graph->input]), sizeof *image);
    bool ok = true;
    for (int i = 0; ok && i < images; i++) {
        ok = reader(context, i, image, err);
        if (!ok)
            break;
        reference_run(probe->reference, image);
        read_output(probe, probe->output);
        for (int g = 0; g < count; g++)
            for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
                double change = measure_group(probe, candidate, &groups[g]);
                add(probe, &groups[g], candidate, change / images);
                if (progress)
                    progress(context, "sensitivity", ++done, per_image * images);
            }
    }
    free(image);
    return ok;
}

bool plan_measure(struct plan *plan, const struct graph *graph, struct network *const *networks,
                  const int *layer_of, calibration_reader reader, int images,
                  quantise_progress progress, void *context, struct err *err)
{
    assert(images > 0 && networks[0]->has_values);
    struct fused_graph *fused = fuse(graph, err);
    if (!fused)
        return false;
    struct probe probe = {.plan = plan,
                          .graph = graph,
                          .fused = fused,
                          .networks = networks,
                          .layer_of = layer_of,
                          .reference = reference_new(graph),
                          .outputs = (int)value_elements(&graph->values[graph->output])};
    int count;
    struct group *groups = find_groups(&probe, &count);
    probe.output = allocate((size_t)probe.outputs, sizeof *probe.output);
    for (int i = 0; i < plan->layer_count; i++)
        for (int candidate = 0; candidate < plan->candidate_count; candidate++)
            plan->layers[i].options[candidate].sensitivity = 0;
    bool ok = measure_images(&probe, groups, count, reader, images, progress, context, err);
    for (int i = 0; i < count; i++)
        free(groups[i].members);
    free(groups);
    free(probe.output);
    reference_free(probe.reference);
    fused_graph_free(fused);
    return ok;
}
