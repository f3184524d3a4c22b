/* Do operators get the shapes and constants that ONNX defines? */
#include "test/onnx_graph.h"

#include <math.h>

/* The definition: SAME gives ceil(in / stride) outputs whose windows overhang by as little as
 * possible, the odd row below (UPPER) or above (LOWER). */
static void auto_pad_same_covers_the_input(void **state)
{
    for (int kernel = 1; kernel <= 5; kernel++)
        for (int stride = 1; stride <= 4; stride++)
            for (int lower = 0; lower < 2; lower++) {
                struct model model = {0};
                struct message attributes = {0};
                add_weights(&model, "w", 4, (int64_t[]){3, 2, kernel, kernel});
                attribute_ints(&attributes, "strides", 2, (int64_t[]){stride, stride});
                attribute_text(&attributes, "auto_pad", lower ? "SAME_LOWER" : "SAME_UPPER");
                struct graph *graph = one_operator("Conv", &attributes, "x w", &model);
                const int *pad = graph->nodes[0].window.pad;
                int64_t in[2] = {9, 7},
                        out[2] = {(9 + stride - 1) / stride, (7 + stride - 1) / stride};
                ASSERT_SHAPE(&graph->values[graph->output], 1, 3, out[0], out[1]);
                for (int axis = 0; axis < 2; axis++) {
                    int64_t reach = (out[axis] - 1) * stride + kernel;
                    int64_t total = reach > in[axis] ? reach - in[axis] : 0;
                    assert_int_equal(pad[axis] + pad[axis + 2], total);
                    assert_int_equal(pad[axis + (lower ? 0 : 2)] - pad[axis + (lower ? 2 : 0)],
                                     total % 2);
                }
                graph_free(graph);
            }
}

/* Count by hand: windows start every `stride` from -pad on. Without ceil_mode a window must end
 * within the padded input; with it, it must only start within the input or the padding before it.
 */
static int64_t count_windows(int in, int kernel, int stride, int before, int after, bool ceil_mode)
{
    int64_t count = 0;
    for (int start = -before;; start += stride, count++) {
        bool fits = start + kernel <= in + after;
        bool overhangs = start - stride + kernel < in + after && start < in;
        if (!fits && !(ceil_mode && overhangs))
            return count;
    }
}

static void pools_have_the_size_counted_by_hand(void **state)
{
    for (int kernel = 1; kernel <= 4; kernel++)
        for (int stride = 1; stride <= 5; stride++)
            for (int pads = 0; pads < 4; pads++)
                for (int ceil_mode = 0; ceil_mode < 2; ceil_mode++) {
                    int before = pads & 1, after = pads >> 1;
                    if (before >= kernel || after >= kernel)
                        continue;
                    struct model model = {0};
                    struct message attributes = {0};
                    attribute_ints(&attributes, "kernel_shape", 2, (int64_t[]){kernel, kernel});
                    attribute_ints(&attributes, "strides", 2, (int64_t[]){stride, stride});
                    attribute_ints(&attributes, "pads", 4,
                                   (int64_t[]){before, before, after, after});
                    attribute_int(&attributes, "ceil_mode", ceil_mode);
                    struct graph *graph = one_operator("MaxPool", &attributes, "x", &model);
                    ASSERT_SHAPE(&graph->values[graph->output], 1, 2,
                                 count_windows(9, kernel, stride, before, after, ceil_mode),
                                 count_windows(7, kernel, stride, before, after, ceil_mode));
                    graph_free(graph);
                }
}

/* Python's x[start:end:step] by enumeration. */
static int64_t slice_by_hand(int dim, int start, int end, int step, int64_t *first)
{
    int64_t count = 0;
    int from = start < 0 ? start + dim : start, to = end < 0 ? end + dim : end;
    for (int i = from < 0 ? 0 : from; i < dim && i < to; i += step)
        if (count++ == 0)
            *first = i;
    return count;
}

static void check_slice(int start, int end, int step, int opset)
{
    struct model model = {.opset = opset};
    struct message attributes = {0};
    int64_t first = 0, count = slice_by_hand(9, start, end, step, &first);
    if (count == 0 || count == 9)
        return; /* empty ones are errors, whole ones vanish and leave no operator */
    if (opset < 10) {
        attribute_ints(&attributes, "starts", 1, (int64_t[]){start});
        attribute_ints(&attributes, "ends", 1, (int64_t[]){end});
        attribute_ints(&attributes, "axes", 1, (int64_t[]){2});
    } else {
        add_ints(&model, "s", 1, (int64_t[]){start});
        add_ints(&model, "e", 1, (int64_t[]){end});
        add_ints(&model, "a", 1, (int64_t[]){-2});
        add_ints(&model, "t", 1, (int64_t[]){step});
    }
    struct graph *graph =
        one_operator("Slice", &attributes, opset < 10 ? "x" : "x s e a t", &model);
    const struct node *node = &graph->nodes[0];
    ASSERT_SHAPE(&graph->values[graph->output], 1, 2, count, 7);
    assert_int_equal(node->slice_start[2], first);
    assert_int_equal(node->slice_step[2], count > 1 ? step : 1);
    graph_free(graph);
}

static void slices_are_python_slices(void **state)
{
    for (int start = -12; start <= 12; start++)
        for (int end = -12; end <= 12; end++) {
            check_slice(start, end, 1, 9);
            for (int step = 1; step <= 4; step++)
                check_slice(start, end, step, 13);
        }
    check_slice(1, INT32_MAX, 1, 9);
    check_slice(-3, INT32_MAX, 2, 13);
}

/* PyTorch's F.pad as it is exported: [0,0,0,0,8,9] (last axis first) extended, reversed by pairs,
 * transposed. */
static void shape_arithmetic_is_folded(void **state)
{
    struct model model = {0};
    struct message axis = {0}, perm = {0};
    add_ints(&model, "pads", 6, (int64_t[]){1, 2, 3, 4, 5, 6});
    add_ints(&model, "zero", 0, (int64_t[]){0});
    add_ints(&model, "zeros", 1, (int64_t[]){0});
    add_ints(&model, "minus", 1, (int64_t[]){-1});
    add_ints(&model, "lowest", 1, (int64_t[]){-INT64_MAX});
    add_ints(&model, "pairs", 2, (int64_t[]){-1, 2});
    add_ints(&model, "four", 0, (int64_t[]){4});
    add_ints(&model, "two", 0, (int64_t[]){2});
    attribute_int(&axis, "axis", 0);
    attribute_ints(&perm, "perm", 2, (int64_t[]){1, 0});
    add_node(&model, "Shape", "", "x", "sx", NULL); /* 4 axes; the file computes 2*4 - 6 = 2 */
    add_node(&model, "Shape", "", "sx", "rank", NULL);
    add_node(&model, "Mul", "", "rank two", "eight", NULL);
    add_node(&model, "Shape", "", "pads", "sp", NULL);
    add_node(&model, "Gather", "", "sp zero", "six", NULL);
    add_node(&model, "Sub", "", "eight six", "missing", NULL);
    add_node(&model, "ConstantOfShape", "", "missing", "fill", NULL);
    struct message to = {0};
    attribute_int(&to, "to", TYPE_INT64);
    add_node(&model, "Cast", "", "fill", "fill64", &to);
    add_node(&model, "Concat", "", "pads fill64", "all", &axis);
    add_node(&model, "Reshape", "", "all pairs", "rows", NULL);
    add_node(&model, "Slice", "", "rows minus lowest zeros minus", "reversed", NULL);
    add_node(&model, "Transpose", "", "reversed", "columns", &perm);
    add_node(&model, "Reshape", "", "columns minus", "onnx_pads", NULL);
    struct graph *graph = one_operator("Pad", NULL, "x onnx_pads", &model);
    assert_int_equal(graph->node_count, 1);
    static const int64_t before[] = {0, 5, 3, 1}, after[] = {0, 6, 4, 2};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(graph->nodes[0].pad_before[i], before[i]);
        assert_int_equal(graph->nodes[0].pad_after[i], after[i]);
    }
    ASSERT_SHAPE(&graph->values[graph->output], 1, 2 + 11, 9 + 7, 7 + 3);
    graph_free(graph);
}

/* Gemm's alpha and beta end up in the data, MatMul + Add in one GEMM, float16 and double as float.
 */
static void matrix_products_are_normalised(void **state)
{
    struct model model = {0};
    struct message gemm = {0};
    const uint16_t halves[4] = {0x3c00, 0xc000, 0x0001, 0x7bff}; /* 1, -2, 2^-24, 65504 */
    const double doubles[2] = {0.1, -3};
    struct message w = make_tensor("w", TYPE_FLOAT16, 2, (int64_t[]){2, 2}, halves, sizeof halves);
    struct message b = make_tensor("b", TYPE_DOUBLE, 1, (int64_t[]){2}, doubles, sizeof doubles);
    put_message(&model.graph, 5, &w);
    put_message(&model.graph, 5, &b);
    attribute_float(&gemm, "alpha", 0.5f);
    attribute_float(&gemm, "beta", 2);
    attribute_int(&gemm, "transB", 1);
    add_node(&model, "GlobalAveragePool", "pool", "x", "p", NULL);
    add_node(&model, "Flatten", "flat", "p", "f", NULL);
    add_node(&model, "MatMul", "first", "f w", "m", NULL);
    add_node(&model, "Add", "bias", "b m", "s", NULL);
    struct graph *graph = one_operator("Gemm", &gemm, "s w b", &model);
    assert_int_equal(graph->node_count, 4);
    const struct node *first = &graph->nodes[2], *second = &graph->nodes[3];
    const float *plain = graph->values[first->inputs[1]].data;
    const float *scaled = graph->values[second->inputs[1]].data;
    const float *bias = graph->values[first->inputs[2]].data;
    const float *doubled = graph->values[second->inputs[2]].data;
    assert_false(first->transpose_b);
    assert_true(second->transpose_b);
    assert_int_equal(first->input_count, 3);
    const float expected[4] = {1, -2, ldexpf(1, -24), 65504};
    for (int i = 0; i < 4; i++) {
        assert_true(plain[i] == expected[i]);
        assert_true(scaled[i] == expected[i] / 2);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(bias[i] == (float)doubles[i]);
        assert_true(doubled[i] == 2 * (float)doubles[i]);
    }
    graph_free(graph);
}

/* A sum that somebody reads without the bias must not get it: here directly, or under another name.
 */
static void a_bias_is_not_folded_into_a_sum_that_others_read(void **state)
{
    for (int variant = 0; variant < 3; variant++) {
        struct model model = {0};
        struct err err = {""};
        add_image_input(&model, 2, 4, 4);
        add_weights(&model, "w", 4, (int64_t[]){3, 2, 1, 1});
        add_weights(&model, "b", 3, (int64_t[]){3, 1, 1});
        add_node(&model, "Conv", "conv", "x w", "c", NULL);
        add_node(&model, "Identity", "same", "c", "i", NULL);
        add_node(&model, "Add", "bias", "i b", "s", NULL);
        const char *inputs[] = {"s s", "s i", "s c"};
        add_node(&model, "Add", "sum", inputs[variant], "y", NULL);
        add_output(&model, "y");
        struct message bytes = finish_model(&model);
        struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
        free(bytes.data);
        if (variant == 0) {
            assert_non_null(graph);
            assert_int_equal(graph->node_count, 2);
            assert_int_equal(graph->nodes[0].input_count, 3);
            ASSERT_SHAPE(&graph->values[graph->nodes[0].inputs[2]], 3);
        } else {
            assert_null(graph);
            assert_non_null(strstr(err.text, "(Add \"bias\"): a constant can only be added as"));
        }
        graph_free(graph);
    }
}

static void reduce_mean_is_a_global_average_pool(void **state)
{
    for (int keep = 0; keep < 2; keep++)
        for (int as_input = 0; as_input < 2; as_input++) {
            struct model model = {.opset = as_input ? 18 : 13};
            struct message attributes = {0};
            attribute_int(&attributes, "keepdims", keep);
            if (as_input)
                add_ints(&model, "axes", 2, (int64_t[]){-1, -2});
            else
                attribute_ints(&attributes, "axes", 2, (int64_t[]){2, 3});
            struct graph *graph =
                one_operator("ReduceMean", &attributes, as_input ? "x axes" : "x", &model);
            assert_int_equal(graph->nodes[0].op, OPERATOR_GLOBAL_AVERAGE_POOL);
            assert_int_equal(graph->node_count, keep ? 1 : 2);
            if (keep)
                ASSERT_SHAPE(&graph->values[graph->output], 1, 2, 1, 1);
            else
                ASSERT_SHAPE(&graph->values[graph->output], 1, 2);
            graph_free(graph);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_pad_same_covers_the_input),
        cmocka_unit_test(pools_have_the_size_counted_by_hand),
        cmocka_unit_test(slices_are_python_slices),
        cmocka_unit_test(shape_arithmetic_is_folded),
        cmocka_unit_test(matrix_products_are_normalised),
        cmocka_unit_test(a_bias_is_not_folded_into_a_sum_that_others_read),
        cmocka_unit_test(reduce_mean_is_a_global_average_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
