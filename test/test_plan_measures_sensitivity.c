/* Is a measured sensitivity what quantising those layers alone does to the output? Held to matrix products in double
 * precision written out here: a perceptron of two or three layers. */
#include "test/quantise_graph.h"

#include "compiler/fold.h"
#include "compiler/plan.h"
#include "pe/format.h"

enum { WIDTH = 12, LAYERS = 3 };

/* 1x1 convolutions of a 1x1 image: matrices. Relu between them. */
static struct graph *build_perceptron(int outputs)
{
    struct graph *graph = build_graph(WIDTH, 1, 1);
    int value = graph->input;
    for (int i = 0; i < LAYERS; i++) {
        bool is_last = i + 1 == LAYERS;
        value = build_conv(graph, value, is_last ? outputs : WIDTH, build_window(1, 1, 0, 1), true);
        if (!is_last)
            value = build_unary(graph, OPERATOR_RELU, value);
    }
    return graph;
}

static double nearest(struct format format, double scale, double value)
{
    const struct grid *grid = format_grid(format);
    double best = grid->levels[0];
    for (int i = 1; i < grid->count; i++)
        if (fabs(grid->levels[i] - value / scale) <= fabs(best - value / scale))
            best = grid->levels[i];
    return best * scale;
}

/* The graph's constants of layer i: weights [n][k], biases [n]. */
static const float *constant(const struct graph *graph, int layer, int input)
{
    for (int i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].op == OPERATOR_CONV && !layer--)
            return graph->values[graph->nodes[i].inputs[input]].data;
    return NULL;
}

/* One layer, quantised where `network` is given. */
static void run_layer(const struct graph *graph, const struct network *network, int index,
                      int outputs, const double *in, double *out)
{
    const float *weights = constant(graph, index, 1), *biases = constant(graph, index, 2);
    const struct layer *layer = network ? &network->layers[index] : NULL;
    const struct activation *input = network ? &network->activations[layer->input] : NULL;
    for (int n = 0; n < outputs; n++) {
        double sum = (double)biases[n];
        if (network)
            sum = layer->params[n].bias * input->scale * layer->weight_scales[n];
        for (int k = 0; k < WIDTH; k++) {
            double weight = (double)weights[n * WIDTH + k], value = in[k];
            if (network) {
                weight = nearest(layer->weight_format, layer->weight_scales[n], weight);
                value = nearest(input->format, input->scale, value);
            }
            sum += weight * value;
        }
        out[n] = index + 1 < LAYERS ? fmax(sum, 0) : sum;
    }
}

/* Logarithms of the softmax, with layers in `quantised` (a bit each) quantised. */
static void run(const struct graph *graph, const struct network *network, unsigned quantised,
                int outputs, const float *image, double *result)
{
    double values[2][WIDTH], sum = 0;
    for (int i = 0; i < WIDTH; i++)
        values[0][i] = (double)image[i];
    for (int i = 0; i < LAYERS; i++)
        run_layer(graph, quantised >> i & 1 ? network : NULL, i, i + 1 < LAYERS ? WIDTH : outputs,
                  values[i % 2], values[(i + 1) % 2]);
    const double *last = values[LAYERS % 2];
    for (int i = 0; i < outputs; i++)
        sum += exp(last[i]);
    for (int i = 0; i < outputs; i++)
        result[i] = outputs > 1 ? last[i] - log(sum) : last[i];
}

static double expected(const struct graph *graph, const struct network *network, unsigned quantised,
                       int outputs, const struct images *images)
{
    double mean = 0;
    for (int i = 0; i < IMAGES; i++) {
        double exact[WIDTH], changed[WIDTH];
        run(graph, network, 0, outputs, images->data[i], exact);
        run(graph, network, quantised, outputs, images->data[i], changed);
        for (int j = 0; j < outputs; j++)
            mean += (outputs > 1 ? exp(exact[j]) * (exact[j] - changed[j])
                                 : pow(exact[j] - changed[j], 2)) /
                    IMAGES;
    }
    return mean;
}

struct measured {
    struct graph *graph;
    struct images images;
    struct network *networks[2]; /* at 3 and at 6 bits */
    struct plan *plan;
    int *layer_of, outputs;
};

static struct measured prepare(int outputs)
{
    struct measured measured = {.graph = build_perceptron(outputs), .outputs = outputs};
    struct err err = {""};
    assert_true(fold(measured.graph, &err));
    measured.images = draw_images(measured.graph);
    for (int i = 0; i < 2; i++) {
        struct quantise_config config = scheme(i ? 6 : 3, FORMAT_INT);
        config.edge_weights = config.weights;
        config.edge_activations = config.activations;
        measured.networks[i] =
            quantise(measured.graph, &config, read_image, IMAGES, NULL, &measured.images, &err);
        if (!measured.networks[i])
            fail_msg("%s", err.text);
    }
    measured.plan = plan_of_network(measured.networks[0], &measured.layer_of, &err);
    measured.plan->candidate_count = 2;
    assert_int_equal(measured.plan->layer_count, LAYERS);
    return measured;
}

static void release(struct measured *measured)
{
    plan_free(measured->plan);
    free(measured->layer_of);
    free_images(&measured->images);
    network_free(measured->networks[0]);
    network_free(measured->networks[1]);
    graph_free(measured->graph);
}

/* groups[i]: the layers of the group whose first layer is i, a bit each; 0 where i is not the first. */
static void assert_sensitivities(struct measured *measured, const unsigned groups[LAYERS])
{
    struct err err = {""};
    if (!plan_measure(measured->plan, measured->graph, measured->networks, measured->layer_of,
                      read_image, IMAGES, NULL, &measured->images, &err))
        fail_msg("%s", err.text);
    for (int i = 0; i < LAYERS; i++)
        for (int candidate = 0; candidate < 2; candidate++) {
            double wanted = expected(measured->graph, measured->networks[candidate], groups[i],
                                     measured->outputs, &measured->images);
            double found = measured->plan->layers[i].options[candidate].sensitivity;
            assert_true(groups[i] ? wanted > 0 : wanted == 0);
            if (fabs(found - wanted) > 1e-4 * wanted + 1e-9) /* float32 there, float64 here */
                fail_msg("layer %d, candidate %d: %.9g, not %.9g", i, candidate, found, wanted);
        }
}

static void every_layer_alone(void **state)
{
    struct measured measured = prepare(10);
    assert_sensitivities(&measured, (unsigned[]){1, 2, 4});
    release(&measured);
}

static void one_output(void **state)
{
    struct measured measured = prepare(1);
    assert_sensitivities(&measured, (unsigned[]){1, 2, 4});
    release(&measured);
}

/* The second member's input is computed behind the first, and quantised there. */
static void groups_together(void **state)
{
    struct measured measured = prepare(10);
    plan_share(measured.plan, 0, 2);
    assert_sensitivities(&measured, (unsigned[]){5, 2, 0});
    plan_share(measured.plan, 0, 1);
    assert_sensitivities(&measured, (unsigned[]){7, 0, 0});
    release(&measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_alone),
        cmocka_unit_test(one_output),
        cmocka_unit_test(groups_together),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
