/* Do exactly the layers share a scheme that read one stored tensor? HAWQ-V3 lists by hand: (4,6) (9,11) (14,16) of
 * ResNet-18 and (0,3) (10,13) (23,26) (42,45) of ResNet-50, counted without the first and the last layer. */
#include "test/build_graph.h"

#include "compiler/fold.h"
#include "compiler/plan.h"
#include "workloads/onnx.h"

#define RESNET18 SHARED_DIR "/data/imagenet/resnet18.onnx"

/* A scheme whose weights and activations are int of these bits. */
static struct quantise_config make_scheme(int weight_bits, int activation_bits)
{
    struct quantise_config config = {.name = "test", .output_bits = 16};
    config.weights = (struct format_choice){weight_bits, 1, {FORMAT_INT}};
    config.activations = (struct format_choice){activation_bits, 1, {FORMAT_INT}};
    return config;
}

/* The plan of a graph with two candidates. */
static struct plan *make_plan(struct graph *graph, const struct quantise_config *schemes)
{
    struct err err = {""};
    int *layer_of;
    if (!fold(graph, &err))
        fail_msg("%s", err.text);
    struct network *network = quantise(graph, &schemes[0], NULL, 0, NULL, NULL, &err);
    if (!network)
        fail_msg("%s", err.text);
    struct plan *plan = plan_of_network(network, &layer_of, &err);
    assert_non_null(plan);
    plan->candidate_count = 2;
    plan_share_tensors(plan, network, layer_of, schemes);
    network_free(network);
    free(layer_of);
    graph_free(graph);
    return plan;
}

static struct plan *plan_of_widths(struct graph *graph, int low, int high)
{
    struct quantise_config schemes[] = {make_scheme(4, low), make_scheme(8, high)};
    return make_plan(graph, schemes);
}

/* Groups of two or more are the pairs, and nothing else shares. `offset`: layers before the first counted one. */
static void assert_pairs(const struct plan *plan, const int (*pairs)[2], int count, int offset)
{
    for (int a = 0; a < plan->layer_count; a++)
        for (int b = 0; b < a; b++) {
            bool is_pair = false;
            for (int i = 0; i < count; i++)
                is_pair |= pairs[i][0] + offset == b && pairs[i][1] + offset == a;
            bool shares = plan->layers[a].group == plan->layers[b].group;
            if (shares != is_pair)
                fail_msg("%s and %s: %s", plan->layers[b].name, plan->layers[a].name,
                         shares ? "share" : "do not share");
        }
}

static void resnet18(void **state)
{
    SKIP_WITHOUT(RESNET18);
    static const int pairs[][2] = {{4, 6}, {9, 11}, {14, 16}};
    struct err err = {""};
    struct graph *graph = onnx_read(RESNET18, &err);
    if (!graph)
        fail_msg("%s", err.text);
    struct plan *plan = plan_of_widths(graph, 4, 8);
    assert_int_equal(plan->layer_count, 21);
    assert_pairs(plan, pairs, 3, 1);
    plan_free(plan);
}

/* A bottleneck: 1x1, 3x3, 1x1, and where the shape changes a 1x1 beside them. He et al. (CVPR 2016), table 1. */
static int build_bottleneck(struct graph *graph, int from, int width, int stride, bool changes)
{
    int value = build_conv(graph, from, width, build_window(1, 1, 0, 1), true);
    value = build_unary(graph, OPERATOR_RELU, value);
    value = build_conv(graph, value, width, build_window(3, stride, 1, 1), true);
    value = build_unary(graph, OPERATOR_RELU, value);
    value = build_conv(graph, value, 4 * width, build_window(1, 1, 0, 1), true);
    int beside =
        changes ? build_conv(graph, from, 4 * width, build_window(1, stride, 0, 1), true) : from;
    return build_unary(graph, OPERATOR_RELU, build_add(graph, value, beside));
}

/* ResNet-50 with a sixteenth of the channels. */
static struct graph *build_resnet50(void)
{
    static const int blocks[] = {3, 4, 6, 3};
    struct graph *graph = build_graph(3, 32, 32);
    int value = build_conv(graph, graph->input, 4, build_window(7, 2, 3, 1), true);
    value = build_unary(graph, OPERATOR_RELU, value);
    value = build_pool(graph, OPERATOR_MAX_POOL, value, build_window(3, 2, 1, 1));
    for (int stage = 0; stage < 4; stage++)
        for (int block = 0; block < blocks[stage]; block++)
            value = build_bottleneck(graph, value, 4 << stage, stage && !block ? 2 : 1, !block);
    value = build_flatten(graph, build_global_pool(graph, value));
    build_gemm(graph, value, 10, true);
    return graph;
}

static void resnet50(void **state)
{
    static const int pairs[][2] = {{0, 3}, {10, 13}, {23, 26}, {42, 45}};
    struct plan *plan = plan_of_widths(build_resnet50(), 4, 8);
    assert_int_equal(plan->layer_count, 54);
    assert_pairs(plan, pairs, 4, 1);
    plan_free(plan);
}

/* Where all candidates store activations alike nothing binds two layers, as with effectual bits of weights. */
static void equal_activations_bind_nothing(void **state)
{
    struct plan *plan = plan_of_widths(build_resnet50(), 8, 8);
    assert_pairs(plan, NULL, 0, 0);
    plan_free(plan);
}

/* Before and after a max pool the numbers are the same: readers of both share. An average pool computes new ones. */
static struct graph *build_pooled(enum operator_type pool)
{
    struct graph *graph = build_graph(4, 8, 8);
    int stem = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true);
    int left = build_conv(graph, stem, 4, build_window(1, 2, 0, 1), true);
    int pooled = build_pool(graph, pool, stem, build_window(2, 2, 0, 1));
    int right = build_conv(graph, pooled, 4, build_window(1, 1, 0, 1), true);
    build_gemm(graph, build_flatten(graph, build_add(graph, left, right)), 10, true);
    return graph;
}

static void pools(void **state)
{
    static const int pair[][2] = {{1, 2}};
    struct plan *plan = plan_of_widths(build_pooled(OPERATOR_MAX_POOL), 4, 8);
    assert_pairs(plan, pair, 1, 0);
    plan_free(plan);
    plan = plan_of_widths(build_pooled(OPERATOR_AVERAGE_POOL), 4, 8);
    assert_pairs(plan, NULL, 0, 0);
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet18),
        cmocka_unit_test(resnet50),
        cmocka_unit_test(equal_activations_bind_nothing),
        cmocka_unit_test(pools),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
