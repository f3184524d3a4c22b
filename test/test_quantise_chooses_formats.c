/* Does every weight and activation get the format that the scheme, its readers and its numbers call
 * for? */
#include <math.h>

#include "pe/format.h"
#include "test/quantise_graph.h"

static void assert_format(struct format got, int family, int bits, bool is_signed)
{
    char text[16];
    if (got.family != family || got.bits != bits || got.is_signed != is_signed)
        fail_msg("%s is not %s%d, signed %d", format_print(got, text),
                 format_family((struct format){(uint8_t)family, (uint8_t)bits, true})->name, bits,
                 is_signed);
}

static const struct activation *activation_of(const struct network *network, int value)
{
    for (int a = 0; a < network->activation_count; a++)
        if (network->activations[a].graph_value == value)
            return &network->activations[a];
    fail_msg("value %d is no activation", value);
    return NULL;
}

/* conv, relu - max pool - conv, relu - conv + (conv) - mean - fc, and what each activation is. */
struct example {
    struct graph *graph;
    int stem, pooled, inner, shortcut, block, mean, logits;
};

static struct example build_example(void)
{
    struct example example = {.graph = build_graph(3, 12, 12)};
    struct graph *graph = example.graph;
    int x = build_conv(graph, graph->input, 8, build_window(3, 1, 1, 1), true);
    example.stem = build_unary(graph, OPERATOR_RELU, x);
    example.pooled = build_pool(graph, OPERATOR_MAX_POOL, example.stem, build_window(2, 2, 0, 1));
    x = build_conv(graph, example.pooled, 8, build_window(3, 1, 1, 1), true);
    example.inner = build_unary(graph, OPERATOR_RELU, x);
    example.shortcut = build_conv(graph, example.pooled, 8, build_window(1, 1, 0, 1), true);
    x = build_conv(graph, example.inner, 8, build_window(3, 1, 1, 1), true);
    example.block = build_unary(graph, OPERATOR_RELU, build_add(graph, x, example.shortcut));
    example.mean = build_global_pool(graph, example.block);
    example.logits = build_gemm(graph, build_flatten(graph, example.mean), 5, true);
    return example;
}

static void assert_example(const struct example *example, const struct network *network)
{
    assert_format(activation_of(network, example->graph->input)->format, FORMAT_INT, 8, true);
    assert_format(activation_of(network, example->stem)->format, FORMAT_INT, 4, false);
    assert_format(activation_of(network, example->pooled)->format, FORMAT_INT, 4, false);
    assert_format(activation_of(network, example->inner)->format, FORMAT_INT, 4, false);
    assert_format(activation_of(network, example->shortcut)->format, FORMAT_INT, 8,
                  true); /* residual only */
    assert_format(activation_of(network, example->block)->format, FORMAT_INT, 8,
                  false); /* pooled only */
    assert_format(activation_of(network, example->mean)->format, FORMAT_INT, 8, false); /* edge */
    assert_format(activation_of(network, example->logits)->format, FORMAT_INT, 16, true);
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        bool is_edge = i == 0 || i == network->layer_count - 1;
        if (layer->kind == LAYER_MATMUL)
            assert_format(layer->weight_format, is_edge ? FORMAT_INT : FORMAT_FLINT,
                          is_edge ? 8 : 4, true);
    }
}

static void each_activation_by_its_readers(void **state)
{
    struct example example = build_example();
    struct quantise_config config = scheme(4, FORMAT_FLINT);
    struct network *network = quantise_graph(example.graph, &config);
    assert_example(&example, network);
    /* max pooling only passes levels on */
    assert_true(activation_of(network, example.stem)->scale ==
                activation_of(network, example.pooled)->scale);
    network_free(network);
    graph_free(example.graph);
}

/* Without calibration the same formats follow from the structure; no values, and scales of 1. */
static void timing_only(void **state)
{
    struct example example = build_example();
    struct quantise_config config = scheme(4, FORMAT_FLINT);
    struct err err = {{0}};
    struct network *network = quantise(example.graph, &config, NULL, 0, NULL, NULL, &err);
    assert_non_null(network);
    assert_false(network->has_values);
    assert_example(&example, network);
    for (int a = 0; a < network->activation_count; a++)
        assert_true(network->activations[a].scale == 1);
    for (int i = 0; i < network->layer_count; i++)
        assert_true(!network->layers[i].weight_codes && !network->layers[i].params);
    network_free(network);
    graph_free(example.graph);
}

/* The widest of several readers wins; overrides go by layer name, the first match applies. */
static void overrides(void **state)
{
    struct example example = build_example();
    struct quantise_config config = scheme(4, FORMAT_INT);
    struct quantise_override list[] = {
        {.pattern = "conv5", .activations = {6, 1, {FORMAT_FLINT}}}, /* the shortcut */
        {.pattern = "conv*", .weights = {.bits = 5}},
        {.pattern = "fc", .weights = {6, 1, {FORMAT_FLINT}}},
    };
    config.overrides = list;
    config.override_count = 3;
    struct network *network = quantise_graph(example.graph, &config);
    assert_format(activation_of(network, example.pooled)->format, FORMAT_FLINT, 6, false);
    assert_format(activation_of(network, example.inner)->format, FORMAT_INT, 4, false);
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        if (!strcmp(layer->name, "conv5"))
            assert_format(layer->weight_format, FORMAT_INT, 4, true);
        else if (!strncmp(layer->name, "conv", 4))
            assert_format(layer->weight_format, FORMAT_INT, 5, true);
        else if (!strcmp(layer->name, "fc"))
            assert_format(layer->weight_format, FORMAT_FLINT, 6, true);
    }
    network_free(network);
    graph_free(example.graph);
}

/* ---- ANT's choice ---- */

enum { SHAPES = 3 };
static const uint8_t best_family[SHAPES] = {FORMAT_INT, FORMAT_FLINT, FORMAT_POT};

/* Weights that are uniform, peaked with long tails (Laplace), and powers of two: what
 * int, flint and pot are made for. */
static void redraw_weights(struct graph *graph, int layer, int shape)
{
    struct value *weights = &graph->values[graph->nodes[layer].inputs[1]];
    for (int64_t i = 0; i < value_elements(weights); i++) {
        float uniform = ((float)check_between(0, 4095) + 0.5F) / 4096;
        float magnitude = shape == 0   ? uniform
                          : shape == 1 ? -logf(uniform)
                                       : exp2f(-floorf(7 * uniform));
        weights->data[i] = check_between(0, 1) ? 0.1F * magnitude : -0.1F * magnitude;
    }
}

static struct graph *three_shapes(void)
{
    struct graph *graph = build_graph(4, 6, 6);
    for (int layer = 0; layer < SHAPES; layer++) {
        build_conv(graph, graph->output, 24, build_window(3, 1, 1, 1), true);
        redraw_weights(graph, layer, layer);
    }
    return graph;
}

static struct network *quantise_all(const struct graph *graph, int count, const uint8_t *families)
{
    struct quantise_config config = scheme(4, FORMAT_INT);
    config.weights.family_count = count;
    memcpy(config.weights.families, families, (size_t)count);
    config.edge_weights = config.weights;
    return quantise_graph(graph, &config);
}

/* The least squared error per tensor: no family alone does better on any layer, and each wins where
 * it should. */
static void best_family_of_each_tensor(void **state)
{
    struct graph *graph = three_shapes();
    struct network *chosen = quantise_all(graph, SHAPES, best_family);
    double best[SHAPES] = {-INFINITY, -INFINITY, -INFINITY};
    for (int f = 0; f < SHAPES; f++) {
        struct network *single = quantise_all(graph, 1, &best_family[f]);
        for (int layer = 0; layer < SHAPES; layer++)
            best[layer] = fmax(best[layer], single->layers[layer].weight_sqnr_db);
        network_free(single);
    }
    for (int layer = 0; layer < SHAPES; layer++) {
        assert_format(chosen->layers[layer].weight_format, best_family[layer], 4, true);
        assert_true(fabs(chosen->layers[layer].weight_sqnr_db - best[layer]) < 1e-6);
    }
    network_free(chosen);
    graph_free(graph);
}

/* ---- codes ---- */

/* [groups][ky][kx][c][n/groups], nearest levels, and the noise that is reported. */
static void codes_are_the_weights(void **state)
{
    struct graph *graph = build_graph(6, 5, 5);
    build_conv(graph, graph->input, 4, build_window(3, 1, 1, 2), true);
    const float *weights = graph->values[graph->nodes[0].inputs[1]].data;
    struct quantise_config config = scheme(4, FORMAT_INT);
    config.edge_weights = (struct format_choice){4, 1, {FORMAT_FLINT}};
    struct network *network = quantise_graph(graph, &config);
    const struct layer *layer = &network->layers[0];
    const struct grid *grid = format_grid(layer->weight_format);
    double signal = 0, noise = 0;
    for (int n = 0; n < 4; n++)
        for (int c = 0; c < 3; c++)
            for (int tap = 0; tap < 9; tap++) {
                int code = layer->weight_codes[((n / 2 * 9 + tap) * 3 + c) * 2 + n % 2];
                double weight = weights[(n * 3 + c) * 9 + tap], scale = layer->weight_scales[n];
                double error = weight - scale * grid->level_of_code[code], least = INFINITY;
                for (int i = 0; i < grid->count; i++)
                    least = fmin(least, fabs(weight - scale * grid->levels[i]));
                assert_true(fabs(fabs(error) - least) < 1e-12);
                signal += weight * weight;
                noise += error * error;
            }
    assert_true(fabs(layer->weight_sqnr_db - 10 * log10(signal / noise)) < 1e-9);
    network_free(network);
    graph_free(graph);
}

/* relu6 ends at the last level not above 6. */
static void clamps_are_levels(void **state)
{
    struct graph *graph = build_graph(3, 5, 5);
    build_unary(graph, OPERATOR_CLIP,
                build_conv(graph, graph->input, 4, build_window(1, 1, 0, 1), true));
    graph->nodes[1].clip_low = 0;
    graph->nodes[1].clip_high = 0.75F;
    build_conv(graph, graph->output, 4, build_window(1, 1, 0, 1), true);
    struct quantise_config config = scheme(8, FORMAT_INT);
    struct network *network = quantise_graph(graph, &config);
    double scale = network->activations[network->layers[0].output].scale;
    assert_int_equal(network->layers[0].clamp_low, 0);
    assert_true(network->layers[0].clamp_high == fmin(floor(0.75 / scale), 255));
    network_free(network);
    graph_free(graph);
}

/* ---- what schemes ask of scales ---- */

static bool is_power_of_two(double scale)
{
    int exponent;
    return frexp(scale, &exponent) == 0.5;
}

/* One scale per layer and all of them powers of two, but the output's. */
static void fixed_point_schemes_have_their_scales(void **state)
{
    struct example example = build_example();
    for (int is_tensor = 0; is_tensor <= 1; is_tensor++)
        for (int is_power = 0; is_power <= 1; is_power++) {
            struct quantise_config config = scheme(6, FORMAT_BISCALED_S2);
            config.tensor_scales = is_tensor;
            config.power_of_two_scales = is_power;
            struct network *network = quantise_graph(example.graph, &config);
            int unlike = 0, no_powers = 0;
            for (int i = 0; i < network->layer_count; i++)
                for (int n = 0; network->layers[i].weight_scales && n < network->layers[i].n; n++) {
                    const double *scales = network->layers[i].weight_scales;
                    unlike += scales[n] != scales[0];
                    no_powers += !is_power_of_two(scales[n]);
                }
            for (int a = 0; a < network->activation_count; a++)
                if (a != network->output)
                    no_powers += !is_power_of_two(network->activations[a].scale);
            assert_int_equal(unlike == 0, is_tensor);
            assert_int_equal(no_powers == 0, is_power);
            network_free(network);
        }
    graph_free(example.graph);
}

/* Weights with long tails have outliers, as many as the scheme allows or nearly so. */
static void outliers_are_few(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    build_conv(graph, graph->output, 64, build_window(3, 1, 1, 1), true);
    redraw_weights(graph, 0, 1);
    for (int percent = 0; percent <= 6; percent += 3) {
        struct quantise_config config = scheme(4, FORMAT_OUTLIER);
        config.edge_weights = config.weights;
        config.edge_activations = config.activations;
        config.tensor_scales = true;
        config.outlier_percent = percent;
        struct network *network = quantise_graph(graph, &config);
        const struct layer *layer = &network->layers[0];
        int count = 64 * 4 * 9, outliers = 0;
        for (int i = 0; i < count; i++) {
            int32_t level = format_level(layer->weight_format, layer->weight_codes[i]);
            outliers += level < -8 || level > 7;
        }
        assert_true(100 * outliers <= percent * count);
        assert_true(100 * outliers >= (percent - 1) * count);
        network_free(network);
    }
    graph_free(graph);
}

/* ---- what is refused ---- */

static void assert_refused(const struct graph *graph, const struct quantise_config *config,
                           calibration_reader reader, const char *why)
{
    struct images images = draw_images(graph);
    struct err err = {{0}};
    assert_null(quantise(graph, config, reader, IMAGES, NULL, &images, &err));
    if (!strstr(err.text, why))
        fail_msg("\"%s\" lacks \"%s\"", err.text, why);
    free_images(&images);
}

static bool unreadable(void *context, int index, float *image, struct err *err)
{
    return err_set(err, "image %d is torn", index);
}

static bool infinite(void *context, int index, float *image, struct err *err)
{
    image[0] = INFINITY;
    return index < 2 || read_image(context, index, image, err);
}

static void bad_input_is_refused_by_name(void **state)
{
    struct graph *graph = build_graph(3, 5, 5);
    build_conv(graph, graph->input, 4, build_window(1, 1, 0, 1), true);
    struct quantise_config config = scheme(4, FORMAT_INT);
    assert_refused(graph, &config, unreadable, "image 0 is torn");
    assert_refused(graph, &config, infinite,
                   "calibration image 0: value \"input\" becomes infinite or NaN");
    config.edge_weights = (struct format_choice){8, 1, {FORMAT_POT}};
    assert_refused(graph, &config, read_image,
                   "layer \"conv0\": none of the scheme's 1 weight families exists at 8 bits");
    config.edge_weights.families[0] = FORMAT_INT;
    config.edge_activations = (struct format_choice){8, 1, {FORMAT_POT}};
    assert_refused(graph, &config, read_image, "activation \"input\": none of");
    graph_free(graph);
}

static void numbers_that_are_none_are_refused(void **state)
{
    struct quantise_config config = scheme(4, FORMAT_INT);
    struct graph *graph = build_graph(3, 5, 5);
    int conv = build_conv(graph, graph->input, 4, build_window(1, 1, 0, 1), true);
    build_unary(graph, OPERATOR_CLIP, conv); /* hides the NaN from calibration */
    graph->nodes[1].clip_high = 1;
    graph->values[graph->nodes[0].inputs[1]].data[7] = NAN;
    assert_refused(graph, &config, read_image, "infinite or NaN");
    graph_free(graph);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_activation_by_its_readers),
        cmocka_unit_test(timing_only),
        cmocka_unit_test(overrides),
        cmocka_unit_test(best_family_of_each_tensor),
        cmocka_unit_test(codes_are_the_weights),
        cmocka_unit_test(clamps_are_levels),
        cmocka_unit_test(fixed_point_schemes_have_their_scales),
        cmocka_unit_test(outliers_are_few),
        cmocka_unit_test(bad_input_is_refused_by_name),
        cmocka_unit_test(numbers_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
