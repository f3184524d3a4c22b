/* Is a network the same whatever schemes were quantised from the same calibration before? */
#include "compiler/calibrate.h"
#include "pe/format.h"
#include "test/check.h"
#include "test/quantise_graph.h"

/* Schemes that ask different questions of the same weights, and some that ask the same. */
enum { SCHEMES = 9 };

static struct quantise_config scheme_of(int index)
{
    struct quantise_config config = scheme(4, index == 4 ? FORMAT_FLINT : FORMAT_OUTLIER);
    config.outlier_percent = index == 1 ? 5 : 1;
    config.tensor_scales = index == 2;
    config.power_of_two_scales = index == 3;
    if (index == 5) /* three candidates, of which one is known from scheme 4 */
        config.weights = (struct format_choice){4, 3, {FORMAT_INT, FORMAT_FLINT, FORMAT_POT}};
    if (index == 6)
        config.weights = (struct format_choice){5, 1, {FORMAT_FLINT}};
    if (index == 7) /* the same weights on other activations */
        config.activations.bits = 8;
    config.edge_weights = config.weights;
    return config;
}

static void assert_same_layer(const struct layer *a, const struct layer *b)
{
    if (a->kind != LAYER_MATMUL)
        return;
    size_t weights = (size_t)a->n * (size_t)(a->kernel_h * a->kernel_w * a->channels);
    assert_int_equal(a->weight_format.family, b->weight_format.family);
    assert_memory_equal(a->weight_codes, b->weight_codes, weights * sizeof *a->weight_codes);
    assert_memory_equal(a->weight_scales, b->weight_scales, (size_t)a->n * sizeof(double));
    assert_true(a->weight_sqnr_db == b->weight_sqnr_db);
}

static struct network *quantise_now(const struct graph *graph, int index,
                                    const struct calibration *calibration)
{
    struct quantise_config config = scheme_of(index);
    struct err err = {{0}};
    struct network *network = quantise_observed(graph, &config, calibration, NULL, NULL, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

static struct calibration *observe(const struct graph *graph, struct images *images)
{
    struct err err = {{0}};
    struct calibration *calibration =
        quantise_observe(graph, read_image, IMAGES, NULL, images, &err);
    assert_non_null(calibration);
    return calibration;
}

/* Each scheme after all of the others, and again, against a calibration of its own. */
static void order_of_schemes_does_not_matter(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    build_conv(graph, graph->output, 24, build_window(3, 1, 1, 1), true);
    build_conv(graph, graph->output, 24, build_window(1, 1, 0, 1), true);
    struct images images = draw_images(graph);
    struct calibration *shared = observe(graph, &images);
    for (int turn = 0; turn < 3 * SCHEMES; turn++) {
        int index = turn < SCHEMES ? turn : check_between(0, SCHEMES - 1);
        struct calibration *own = observe(graph, &images);
        struct network *after = quantise_now(graph, index, shared);
        struct network *alone = quantise_now(graph, index, own);
        for (int i = 0; i < alone->layer_count; i++)
            assert_same_layer(&alone->layers[i], &after->layers[i]);
        if (index == 0) /* of other weights, other scales */
            assert_memory_not_equal(alone->layers[0].weight_scales, alone->layers[1].weight_scales,
                                    sizeof(double));
        network_free(after);
        network_free(alone);
        calibration_free(own);
    }
    calibration_free(shared);
    free_images(&images);
    graph_free(graph);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_schemes_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
