/* Does folding leave the network's function as it was, and does it leave nothing that the quantiser
 * cannot take? */
#include <math.h>

#include "compiler/fold.h"
#include "compiler/reference.h"
#include "test/build_graph.h"

static float *run(const struct graph *graph, const float *input, int value)
{
    struct reference *reference = reference_new(graph);
    reference_run(reference, input);
    int64_t count = value_elements(&graph->values[value]);
    float *copy = malloc((size_t)count * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, reference_value(reference, value), (size_t)count * sizeof *copy);
    reference_free(reference);
    return copy;
}

static int count_nodes(const struct graph *graph, enum operator_type op)
{
    int count = 0;
    for (int i = 0; i < graph->node_count; i++)
        count += graph->nodes[i].op == op;
    return count;
}

/* Fold; `kept` is the value that must come out the same (the output, but for a final Softmax).
 * Frees the graph. */
static void assert_folds(struct graph *graph, int kept, int nodes_left)
{
    float *input = build_input(graph), *before = run(graph, input, kept);
    struct err err;
    assert_true(fold(graph, &err));
    assert_int_equal(graph->node_count, nodes_left);
    assert_int_equal(count_nodes(graph, OPERATOR_BATCH_NORM), 0);
    assert_int_equal(count_nodes(graph, OPERATOR_IDENTITY), 0);
    float *after = run(graph, input, graph->output);
    for (int64_t i = 0; i < value_elements(&graph->values[graph->output]); i++)
        assert_true(fabsf(before[i] - after[i]) <= 2e-5F * (1 + fabsf(before[i])));
    free(input);
    free(before);
    free(after);
    graph_free(graph);
}

static void batch_norm_goes_into_convolution(void **state)
{
    for (int has_bias = 0; has_bias < 2; has_bias++) {
        struct graph *graph = build_graph(6, 9, 8);
        int conv = build_conv(graph, graph->input, 8, build_window(3, 1, 1, 2), has_bias);
        int relu = build_unary(graph, OPERATOR_RELU, build_batch_norm(graph, conv));
        build_batch_norm(graph, build_conv(graph, relu, 4, build_window(1, 2, 0, 1), !has_bias));
        assert_folds(graph, graph->output, 3);
    }
}

static void batch_norm_goes_into_gemm(void **state)
{
    for (int transpose = 0; transpose < 2; transpose++) {
        struct graph *graph = build_graph(3, 4, 5);
        int gemm = build_gemm(graph, build_flatten(graph, graph->input), 7, transpose);
        build_batch_norm(graph, gemm);
        assert_folds(graph, graph->output, 2);
    }
}

static void batch_norm_without_a_convolution_becomes_one(void **state)
{
    struct graph *graph = build_graph(5, 6, 7); /* in front */
    build_conv(graph, build_batch_norm(graph, graph->input), 4, build_window(3, 1, 1, 1), true);
    assert_folds(graph, graph->output, 2);

    graph = build_graph(5, 6, 7); /* the convolution has another reader */
    int conv = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true);
    build_add(graph, conv, build_batch_norm(graph, conv));
    assert_folds(graph, graph->output, 3);

    graph = build_graph(5, 3, 3); /* over a row */
    build_batch_norm(graph, build_flatten(graph, build_global_pool(graph, graph->input)));
    assert_folds(graph, graph->output, 3);
}

static void shared_weights_are_copied_first(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    int first = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true);
    int second =
        build_conv(graph, build_batch_norm(graph, first), 4, build_window(3, 1, 1, 1), true);
    graph->nodes[2].inputs[1] = graph->nodes[0].inputs[1];
    graph->nodes[2].inputs[2] = graph->nodes[0].inputs[2];
    build_batch_norm(graph, second);
    assert_folds(graph, graph->output, 2);
}

static void identities_and_padding_vanish(void **state)
{
    int64_t padded[] = {1, 3, 10, 11};
    for (int round = 0; round < 3; round++) {
        struct graph *graph = build_graph(3, 7, 8);
        int same = build_unary(graph, OPERATOR_IDENTITY, graph->input);
        struct node *pad = build_node(graph, OPERATOR_PAD, 1, &same, 4, padded);
        pad->pad_before[2] = 1, pad->pad_after[2] = 2, pad->pad_before[3] = 2,
        pad->pad_after[3] = 1;
        if (round == 0)
            build_conv(graph, pad->output, 4, build_window(3, 2, 1, 1), true);
        else
            build_pool(graph, OPERATOR_AVERAGE_POOL, pad->output, build_window(3, 2, 0, 1));
        graph->nodes[2].window.count_include_pad = round == 1;
        build_unary(graph, OPERATOR_IDENTITY, graph->output);
        assert_folds(graph, graph->output, 1);
    }
}

/* Zero padding is a legitimate maximum, and an average that does not count its own padding would
 * not count more. */
static void padding_stays_where_it_matters(void **state)
{
    int64_t padded[] = {1, 3, 9, 10};
    for (int round = 0; round < 2; round++) {
        struct graph *graph = build_graph(3, 7, 8);
        struct node *pad = build_node(graph, OPERATOR_PAD, 1, &graph->input, 4, padded);
        for (int axis = 2; axis < 4; axis++)
            pad->pad_before[axis] = pad->pad_after[axis] = 1;
        build_pool(graph, round ? OPERATOR_MAX_POOL : OPERATOR_AVERAGE_POOL, pad->output,
                   build_window(3, 1, round ? 0 : 1, 1));
        assert_folds(graph, graph->output, 2);
    }
}

static void added_constants_become_bias(void **state)
{
    struct graph *graph = build_graph(3, 5, 5);
    int conv = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), false);
    int constant = build_constant(graph, "added", 3, (int64_t[]){4, 1, 1}, 1, 0);
    build_node(graph, OPERATOR_ADD, 2, (int[]){constant, conv}, 4, graph->values[conv].dims);
    int gemm = build_gemm(graph, build_flatten(graph, graph->output), 6, true);
    constant = build_constant(graph, "added", 1, (int64_t[]){6}, 1, 0);
    build_node(graph, OPERATOR_ADD, 2, (int[]){gemm, constant}, 2, graph->values[gemm].dims);
    assert_folds(graph, graph->output, 3);

    graph = build_graph(3, 4, 4); /* not per channel: along the width */
    conv = build_conv(graph, graph->input, 4, build_window(1, 1, 0, 1), false);
    constant = build_constant(graph, "added", 1, (int64_t[]){4}, 1, 0);
    build_node(graph, OPERATOR_ADD, 2, (int[]){conv, constant}, 4, graph->values[conv].dims);
    assert_folds(graph, graph->output, 2);
}

static void final_softmax_is_left_to_the_host(void **state)
{
    struct graph *graph = build_graph(3, 5, 5);
    int gemm = build_gemm(graph, build_flatten(graph, graph->input), 6, true);
    build_unary(graph, OPERATOR_SOFTMAX, gemm);
    graph->nodes[graph->node_count - 1].axis = 1;
    assert_folds(graph, gemm, 2);
}

static void impossible_variance_is_refused(void **state)
{
    struct graph *graph = build_graph(3, 5, 5);
    build_batch_norm(graph, build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true));
    graph->values[graph->nodes[1].inputs[4]].data[2] = -1;
    struct err err;
    assert_false(fold(graph, &err));
    assert_non_null(
        strstr(err.text, "node 1 (BatchNormalization \"BatchNormalization_1\"): channel 2"));
    graph_free(graph);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_norm_goes_into_convolution),
        cmocka_unit_test(batch_norm_goes_into_gemm),
        cmocka_unit_test(batch_norm_without_a_convolution_becomes_one),
        cmocka_unit_test(shared_weights_are_copied_first),
        cmocka_unit_test(identities_and_padding_vanish),
        cmocka_unit_test(padding_stays_where_it_matters),
        cmocka_unit_test(added_constants_become_bias),
        cmocka_unit_test(final_softmax_is_left_to_the_host),
        cmocka_unit_test(impossible_variance_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
