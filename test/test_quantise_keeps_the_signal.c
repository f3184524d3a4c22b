/* Does the quantised network compute what the float network computes, to the precision its formats
 * allow? The integer network runs by network_run_reference, the float one by the float reference,
 * on inputs that calibration has not seen. */
#include <math.h>

#include "compiler/fold.h"
#include "compiler/reference.h"
#include "pe/format.h"
#include "test/quantise_graph.h"

/* ---- a network with every kind of layer ---- */

static struct graph *residual_graph(void)
{
    struct graph *graph = build_graph(3, 16, 16);
    int x = build_batch_norm(graph,
                             build_conv(graph, graph->input, 8, build_window(3, 1, 1, 1), false));
    x = build_pool(graph, OPERATOR_MAX_POOL, build_unary(graph, OPERATOR_RELU, x),
                   build_window(3, 2, 1, 1));
    int y = build_conv(graph, x, 16, build_window(3, 2, 1, 1), false);
    y = build_unary(graph, OPERATOR_RELU, build_batch_norm(graph, y));
    y = build_unary(graph, OPERATOR_RELU,
                    build_conv(graph, y, 16, build_window(3, 1, 1, 16), true));
    y = build_batch_norm(graph, build_conv(graph, y, 16, build_window(3, 1, 1, 2), true));
    int shortcut =
        build_batch_norm(graph, build_conv(graph, x, 16, build_window(1, 2, 0, 1), false));
    x = build_unary(graph, OPERATOR_RELU, build_add(graph, y, shortcut));
    x = build_pool(graph, OPERATOR_AVERAGE_POOL, x, build_window(2, 2, 0, 1));
    build_gemm(graph, build_flatten(graph, x), 10, true);
    struct err err;
    assert_true(fold(graph, &err));
    return graph;
}

/* ---- running it ---- */

static uint32_t code_at(const void *codes, struct format format, int64_t index)
{
    return format_host_bytes(format) == 1 ? ((const uint8_t *)codes)[index]
                                          : ((const uint16_t *)codes)[index];
}

/* Real value of an activation at channel c, pixel i. */
static double real_at(const struct activation *activation, const void *codes, int64_t i, int64_t c)
{
    uint32_t code = code_at(codes, activation->format, i * activation->c + c);
    if (activation->format.bits == 16)
        return activation->scale * (int16_t)code;
    return activation->scale * format_level(activation->format, code);
}

struct signal {
    double signal, noise, shift; /* sums of squares; sum of differences */
};

static void compare_activation(const struct activation *activation, const void *codes,
                               const float *expected, struct signal *sums)
{
    int64_t pixels = (int64_t)activation->h * activation->w;
    for (int64_t c = 0; c < activation->c; c++)
        for (int64_t i = 0; i < pixels; i++) {
            double real = *expected++, difference = real_at(activation, codes, i, c) - real;
            sums->signal += real * real;
            sums->noise += difference * difference;
            sums->shift += difference;
        }
}

/* Signal-to-noise of the network's output in dB; *shift becomes the mean difference. */
static double measure(const struct graph *graph, const struct network *network, double *shift)
{
    const struct activation *input = &network->activations[network->input];
    const struct activation *output = &network->activations[network->output];
    struct images images = draw_images(graph);
    struct reference *reference = reference_new(graph);
    void *codes = malloc((size_t)images.elements);
    void **all = calloc((size_t)network->activation_count, sizeof *all);
    assert_true(codes && all && format_host_bytes(input->format) == 1);
    struct signal sums = {0};
    for (int i = 0; i < IMAGES; i++) {
        reference_run(reference, images.data[i]);
        network_encode_input(network, images.data[i], codes);
        network_run_reference(network, codes, all);
        compare_activation(output, all[network->output],
                           reference_value(reference, output->graph_value), &sums);
        for (int a = 0; a < network->activation_count; a++)
            free(all[a]);
    }
    *shift = sums.shift / (IMAGES * output->h * output->w * output->c);
    free(all);
    free(codes);
    reference_free(reference);
    free_images(&images);
    return 10 * log10(sums.signal / sums.noise);
}

/* The same images for every scheme. */
static double quality(const struct graph *graph, struct quantise_config config)
{
    double shift;
    uint64_t seed = check_state;
    struct network *network = quantise_graph(graph, &config);
    double decibels = measure(graph, network, &shift);
    network_free(network);
    check_state = seed;
    return decibels;
}

/* ---- the questions ---- */

/* A bit is worth 6 dB of a tensor's own noise; what the 8-bit edges and vector layers add keeps the
 * whole below that. */
static void more_bits_less_noise(void **state)
{
    struct graph *graph = residual_graph();
    double eight = quality(graph, scheme(8, FORMAT_INT)),
           six = quality(graph, scheme(6, FORMAT_INT));
    double four = quality(graph, scheme(4, FORMAT_INT));
    printf("int8 %.1f dB, int6 %.1f dB, int4 %.1f dB\n", eight, six, four);
    assert_true(eight > 25 && eight > six);
    assert_true(six > four + 4);
    assert_true(four > 10);
    graph_free(graph);
}

static void more_digits_less_noise(void **state)
{
    struct graph *graph = residual_graph();
    double four = quality(graph, scheme(8, FORMAT_RSD_EB4)),
           two = quality(graph, scheme(8, FORMAT_RSD_EB2));
    double one = quality(graph, scheme(8, FORMAT_RSD_EB1));
    printf("rsd: 4 digits %.1f dB, 2 digits %.1f dB, 1 digit %.1f dB\n", four, two, one);
    assert_true(four > 25 && four > one + 6 && two > one + 4);
    graph_free(graph);
}

/* One layer whose weights have a large common rounding error: without correction its output is off
 * on average. */
static void bias_correction_removes_the_mean_shift(void **state)
{
    struct graph *graph = build_graph(4, 8, 8);
    int x = build_unary(graph, OPERATOR_RELU, graph->input);
    build_conv(graph, x, 6, build_window(3, 1, 0, 1), true);
    float *weights = graph->values[graph->nodes[1].inputs[1]].data;
    for (int64_t i = 0; i < 6 * 4 * 9; i++)
        weights[i] = i % 36 == 0 ? 1 : 0.26F; /* 1.82 of 7 levels: rounds up, always */
    double shift[2];
    for (int corrected = 0; corrected < 2; corrected++) {
        struct quantise_config config = scheme(4, FORMAT_POT);
        config.edge_weights = config.weights;
        config.bias_correction = corrected;
        struct network *network = quantise_graph(graph, &config);
        measure(graph, network, &shift[corrected]);
        network_free(network);
    }
    printf("mean shift %.4f, corrected %.4f\n", shift[0], shift[1]);
    assert_true(fabs(shift[1]) < 0.4 * fabs(shift[0]));
    graph_free(graph);
}

/* Batch normalisation with zero or tiny factors leaves channels of bias only, in every size. */
static void dead_channels_keep_their_bias(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    int x = build_conv(graph, graph->input, 8, build_window(3, 1, 1, 1), true);
    int value =
        build_conv(graph, build_unary(graph, OPERATOR_RELU, x), 8, build_window(1, 1, 0, 1), true);
    build_add(graph, value, x);
    float *weights = graph->values[graph->nodes[2].inputs[1]].data;
    float *bias = graph->values[graph->nodes[2].inputs[2]].data;
    for (int n = 0; n < 8; n++) {
        for (int k = 0; k < 8; k++)
            weights[n * 8 + k] *= n < 3 ? 0 : powf(10, -3.0F * (float)(n - 2));
        bias[n] = n == 0 ? 0 : n % 2 ? 2 : -2;
    }
    assert_true(quality(graph, scheme(8, FORMAT_INT)) > 30);
    graph_free(graph);
}

static void same_input_same_network(void **state)
{
    struct graph *graph = residual_graph();
    struct quantise_config config = scheme(4, FORMAT_FLINT);
    uint64_t seed = check_state;
    struct network *first = quantise_graph(graph, &config);
    check_state = seed;
    struct network *second = quantise_graph(graph, &config);
    for (int i = 0; i < first->layer_count; i++) {
        const struct layer *a = &first->layers[i], *b = &second->layers[i];
        if (a->params)
            assert_memory_equal(a->params, b->params, (size_t)a->n * sizeof *a->params);
        if (a->weight_codes)
            assert_memory_equal(a->weight_codes, b->weight_codes,
                                (size_t)(a->n * a->channels * a->kernel_h * a->kernel_w) * 2);
    }
    for (int a = 0; a < first->activation_count; a++)
        assert_true(first->activations[a].scale == second->activations[a].scale);
    network_free(first);
    network_free(second);
    graph_free(graph);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_bits_less_noise),
        cmocka_unit_test(more_digits_less_noise),
        cmocka_unit_test(bias_correction_removes_the_mean_shift),
        cmocka_unit_test(dead_channels_keep_their_bias),
        cmocka_unit_test(same_input_same_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
