/* Do the fused layers compute what the graph computes, and is each operator fused where it should
 * be? Every graph here is run twice: by the float reference, and by executing the fused layers from
 * their definition (compiler/network.h) in plain double precision. */
#include "test/build_graph.h"
#include "test/fused_execution.h"

/* ResNet: conv, relu, pool; a block with identity shortcut; a block with a convolution in the
 * shortcut; mean; fc. */
static void residual_network(void **state)
{
    struct graph *graph = build_graph(3, 17, 15);
    int x = build_unary(graph, OPERATOR_RELU,
                        build_conv(graph, graph->input, 6, build_window(5, 2, 2, 1), true));
    int pooled = build_pool(graph, OPERATOR_MAX_POOL, x, build_window(3, 2, 1, 1));
    int main1 = build_unary(graph, OPERATOR_RELU,
                            build_conv(graph, pooled, 6, build_window(3, 1, 1, 1), true));
    int main2 = build_conv(graph, main1, 6, build_window(3, 1, 1, 1), true);
    int block1 = build_unary(graph, OPERATOR_RELU, build_add(graph, main2, pooled));
    int down = build_conv(graph, block1, 8, build_window(1, 2, 0, 1), true);
    int main3 = build_unary(graph, OPERATOR_RELU,
                            build_conv(graph, block1, 8, build_window(3, 2, 1, 1), true));
    int main4 = build_conv(graph, main3, 8, build_window(3, 1, 1, 1), true);
    int block2 = build_unary(graph, OPERATOR_RELU, build_add(graph, down, main4));
    build_gemm(graph, build_flatten(graph, build_global_pool(graph, block2)), 5, true);
    struct fused_graph *fused = fuse_and_compare(graph, 9);
    const struct fused_layer *layers = fused->layers;
    assert_int_equal(layers[0].layer.kind, LAYER_MATMUL);
    assert_int_equal(layers[0].layer.output, x);
    assert_true(layers[0].clip_low == 0 && isinf(layers[0].clip_high));
    assert_int_equal(layers[1].layer.kind, LAYER_MAXIMUM);
    assert_int_equal(layers[3].layer.residual, pooled);
    assert_int_equal(layers[3].layer.output, block1);
    assert_true(layers[3].clip_low == 0);
    assert_int_equal(layers[4].layer.residual,
                     -1); /* the shortcut comes first: it is the residual */
    assert_int_equal(layers[6].layer.residual, down);
    assert_int_equal(layers[6].layer.output, block2);
    assert_int_equal(layers[7].layer.kind, LAYER_SUM);
    assert_int_equal(layers[8].layer.kind, LAYER_MATMUL);
    release(graph, fused);
}

/* The convolution whose output nothing else reads takes the Add, and moves behind the other operand
 * where it has to. */
static void earlier_convolution_moves_behind_the_residual(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    int conv = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true);
    int pool = build_pool(graph, OPERATOR_MAX_POOL, graph->input, build_window(3, 1, 1, 1));
    int sum = build_add(graph, conv, pool);
    struct fused_graph *fused = fuse_and_compare(graph, 2);
    assert_int_equal(fused->layers[1].layer.kind, LAYER_MATMUL);
    assert_int_equal(fused->layers[1].layer.residual, pool);
    assert_int_equal(fused->layers[1].layer.output, sum);
    release(graph, fused);
}

/* Nothing may take the Add: one operand is read twice, the other is clamped. */
static void add_that_cannot_be_fused(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    int conv = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true);
    int relu = build_unary(graph, OPERATOR_RELU, conv);
    build_unary(graph, OPERATOR_RELU, build_add(graph, conv, relu));
    struct fused_graph *fused = fuse_and_compare(graph, 3);
    assert_int_equal(fused->layers[2].layer.kind, LAYER_SUM);
    assert_true(fused->layers[2].layer.residual >= 0);
    release(graph, fused);

    graph = build_graph(4, 6, 6); /* x + x */
    build_add(graph, graph->input, graph->input);
    fused = fuse_and_compare(graph, 1);
    release(graph, fused);
}

static void clamps_combine(void **state)
{
    struct graph *graph = build_graph(4, 6, 6);
    int conv = build_conv(graph, graph->input, 4, build_window(3, 1, 1, 4), true);
    build_unary(graph, OPERATOR_CLIP, conv);
    graph->nodes[1].clip_low = -1;
    graph->nodes[1].clip_high = 0.5F;
    build_unary(graph, OPERATOR_RELU, graph->output);
    struct fused_graph *fused = fuse_and_compare(graph, 1);
    assert_true(fused->layers[0].clip_low == 0 && fused->layers[0].clip_high == 0.5);
    release(graph, fused);
}

static void gemm_reads_the_image_in_its_own_order(void **state)
{
    for (int transpose = 0; transpose < 2; transpose++) {
        struct graph *graph = build_graph(3, 4, 5);
        int relu = build_unary(graph, OPERATOR_RELU, build_flatten(graph, graph->input));
        build_gemm(graph, build_unary(graph, OPERATOR_RELU, build_gemm(graph, relu, 7, transpose)),
                   2, transpose);
        struct fused_graph *fused = fuse_and_compare(graph, 3);
        assert_int_equal(fused->layers[1].layer.kernel_h, 4);
        assert_int_equal(fused->layers[1].layer.kernel_w, 5);
        assert_int_equal(fused->layers[1].layer.channels, 3);
        release(graph, fused);
    }
}

static int build_slice(struct graph *graph, int from, const int *start, const int *step)
{
    int64_t dims[4] = {1};
    for (int axis = 1; axis < 4; axis++)
        dims[axis] = (graph->values[from].dims[axis] - 1 - start[axis]) / step[axis] + 1;
    struct node *node = build_node(graph, OPERATOR_SLICE, 1, &from, 4, dims);
    for (int axis = 1; axis < 4; axis++) {
        node->slice_start[axis] = start[axis];
        node->slice_step[axis] = step[axis];
    }
    return node->output;
}

static int build_pad(struct graph *graph, int from, const int *before, const int *after)
{
    int64_t dims[4] = {1};
    for (int axis = 1; axis < 4; axis++)
        dims[axis] = graph->values[from].dims[axis] + before[axis] + after[axis];
    struct node *node = build_node(graph, OPERATOR_PAD, 1, &from, 4, dims);
    for (int axis = 1; axis < 4; axis++) {
        node->pad_before[axis] = before[axis];
        node->pad_after[axis] = after[axis];
    }
    return node->output;
}

/* ResNet's parameter-free shortcut ("option A"): every second row and column, channels padded with
 * zeros. */
static void option_a_shortcut_is_one_copy(void **state)
{
    struct graph *graph = build_graph(4, 8, 8);
    int x = build_unary(graph, OPERATOR_RELU, graph->input);
    int rows = build_slice(graph, x, (int[]){0, 0, 0, 0}, (int[]){1, 1, 2, 1});
    int both = build_slice(graph, rows, (int[]){0, 0, 0, 0}, (int[]){1, 1, 1, 2});
    int shortcut = build_pad(graph, both, (int[]){0, 2, 0, 0}, (int[]){0, 2, 0, 0});
    int conv = build_conv(graph, x, 8, build_window(3, 2, 1, 1), true);
    build_unary(graph, OPERATOR_RELU, build_add(graph, conv, shortcut));
    struct fused_graph *fused = fuse_and_compare(graph, 3);
    assert_true(fused->layers[1].is_copy);
    assert_int_equal(fused->layers[1].layer.channel_offset, -2);
    assert_int_equal(fused->layers[1].layer.stride_y, 2);
    assert_int_equal(fused->layers[2].layer.residual, shortcut);
    release(graph, fused);
}

/* Chains of random slices and pads: merged or not, the result is the same. */
static void chains_of_copies(void **state)
{
    for (int round = 0; round < 500; round++) {
        struct graph *graph =
            build_graph(check_between(2, 6), check_between(3, 9), check_between(3, 9));
        int value = build_unary(graph, OPERATOR_RELU, graph->input);
        for (int i = 0, length = check_between(1, 4); i < length; i++) {
            int a[4] = {0}, b[4] = {1, 1, 1, 1};
            bool is_slice = check_between(0, 1);
            for (int axis = 1; axis < 4; axis++) {
                int size = (int)graph->values[value].dims[axis];
                a[axis] = check_between(0, is_slice ? (size - 1) / 2 : 2);
                b[axis] = is_slice && axis == 1 ? 1 : check_between(1, 2);
            }
            value = is_slice ? build_slice(graph, value, a, b) : build_pad(graph, value, a, b);
        }
        struct err err;
        struct fused_graph *fused = fuse(graph, &err);
        assert_non_null(fused);
        int layers = fused->layer_count;
        fused_graph_free(fused);
        release(graph, fuse_and_compare(graph, layers));
    }
}

/* A copy of what was padded cannot read the original directly where the original goes on: 1 2 | 3
 * -> 1 2 0. */
static void slice_then_pad_that_must_not_merge(void **state)
{
    struct graph *graph = build_graph(1, 1, 4);
    int64_t dims[] = {1, 1, 1, 2};
    build_node(graph, OPERATOR_SLICE, 1, &graph->input, 4, dims);
    build_pad(graph, graph->output, (int[]){0, 0, 0, 0}, (int[]){0, 0, 0, 1});
    release(graph, fuse_and_compare(graph, 2));
}

static void concat_is_written_by_its_parts(void **state)
{
    struct graph *graph = build_graph(3, 6, 6);
    int a = build_unary(graph, OPERATOR_RELU,
                        build_conv(graph, graph->input, 4, build_window(3, 1, 1, 1), true));
    int b = build_conv(graph, graph->input, 5, build_window(1, 1, 0, 1), true);
    int c = build_pool(graph, OPERATOR_MAX_POOL, graph->input, build_window(3, 1, 1, 1));
    int64_t dims[] = {1, 15, 6, 6};
    build_node(graph, OPERATOR_CONCAT, 4, (int[]){a, b, c, graph->input}, 4, dims)->axis = 1;
    build_conv(graph, graph->output, 2, build_window(1, 1, 0, 1), true);
    struct fused_graph *fused = fuse_and_compare(graph, 6);
    assert_int_equal(fused->layers[0].layer.output_channel, 0);
    assert_int_equal(fused->layers[1].layer.output_channel, 4);
    assert_int_equal(fused->layers[1].layer.kind, LAYER_MATMUL);
    assert_int_equal(fused->layers[3].layer.output_channel, 9);
    assert_int_equal(fused->layers[4].layer.output_channel, 12);
    release(graph, fused);
}

static void average_pools(void **state)
{
    struct graph *graph = build_graph(3, 8, 8);
    struct window window = build_window(3, 1, 1, 1);
    window.count_include_pad = true;
    build_pool(graph, OPERATOR_AVERAGE_POOL, graph->input, window);
    build_pool(graph, OPERATOR_AVERAGE_POOL, graph->output, build_window(2, 2, 0, 1));
    release(graph, fuse_and_compare(graph, 2));
}

static void assert_refused(struct graph *graph, const char *why)
{
    struct err err = {{0}};
    assert_null(fuse(graph, &err));
    if (!strstr(err.text, why))
        fail_msg("\"%s\" lacks \"%s\"", err.text, why);
    graph_free(graph);
}

static void what_no_layer_can_do_is_refused_by_name(void **state)
{
    struct graph *graph = build_graph(3, 8, 8);
    build_pool(graph, OPERATOR_AVERAGE_POOL, graph->input, build_window(3, 1, 1, 1));
    assert_refused(graph, "node 0 (AveragePool \"AveragePool_0\"): windows at the border");

    graph = build_graph(3, 8, 8);
    build_unary(graph, OPERATOR_SOFTMAX, graph->input);
    build_unary(graph, OPERATOR_RELU, graph->output);
    assert_refused(graph, "node 0 (Softmax");

    graph = build_graph(4, 8, 8);
    build_node(graph, OPERATOR_SLICE, 1, &graph->input, 4, (int64_t[]){1, 2, 8, 8})->slice_step[1] =
        2;
    assert_refused(graph, "step 2 along the channels");

    graph = build_graph(4, 8, 8);
    int constant = build_constant(graph, "c", 4, (int64_t[]){1, 4, 8, 8}, 1, 0);
    build_add(graph, graph->input, constant);
    assert_refused(graph, "adds the constant \"c\"");

    graph = build_graph(4, 8, 8);
    build_flatten(graph, graph->input);
    assert_refused(graph, "computes nothing");

    graph = build_graph(4, 8, 8);
    int flat = build_flatten(graph, graph->input);
    build_node(graph, OPERATOR_CONCAT, 2, (int[]){flat, flat}, 2, (int64_t[]){1, 512})->axis = 1;
    assert_refused(graph, "reads a reshaped image");
}

/* Names that overrides match: the node's own, or the weights' where an exporter only counted the
 * nodes. */
static void layers_are_named(void **state)
{
    struct graph *graph = build_graph(3, 8, 8);
    build_conv(graph, graph->input, 4, build_window(1, 1, 0, 1), true);
    build_conv(graph, graph->output, 4, build_window(1, 1, 0, 1), true);
    snprintf(graph->nodes[1].name, sizeof graph->nodes[1].name, "layer1.0.conv2");
    struct fused_graph *fused = fuse_and_compare(graph, 2);
    assert_string_equal(fused->layers[0].layer.name, "conv0");
    assert_string_equal(fused->layers[1].layer.name, "layer1.0.conv2");
    release(graph, fused);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_network),
        cmocka_unit_test(earlier_convolution_moves_behind_the_residual),
        cmocka_unit_test(add_that_cannot_be_fused),
        cmocka_unit_test(clamps_combine),
        cmocka_unit_test(gemm_reads_the_image_in_its_own_order),
        cmocka_unit_test(option_a_shortcut_is_one_copy),
        cmocka_unit_test(chains_of_copies),
        cmocka_unit_test(slice_then_pad_that_must_not_merge),
        cmocka_unit_test(concat_is_written_by_its_parts),
        cmocka_unit_test(average_pools),
        cmocka_unit_test(what_no_layer_can_do_is_refused_by_name),
        cmocka_unit_test(layers_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
