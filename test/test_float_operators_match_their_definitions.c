/* Does the float reference compute what ONNX defines? Every operator on random shapes, against a
 * plain second implementation in double precision, element by element from the definition. */
#include <math.h>

#include "compiler/reference.h"
#include "test/build_graph.h"

/* ---- the definitions ---- */

static double at(const struct value *value, const float *data, int64_t c, int64_t y, int64_t x)
{
    int64_t height = value->dims[2], width = value->dims[3];
    return y < 0 || y >= height || x < 0 || x >= width ? 0 : data[(c * height + y) * width + x];
}

static double conv_at(const struct graph *graph, const struct node *node, const float *in,
                      int64_t n, int64_t oy, int64_t ox)
{
    const struct value *data = &graph->values[node->inputs[0]];
    const struct value *weights = &graph->values[node->inputs[1]];
    const struct window *w = &node->window;
    int64_t group = n / (weights->dims[0] / w->groups);
    double sum = node->inputs[2] < 0 ? 0 : graph->values[node->inputs[2]].data[n];
    for (int64_t c = 0; c < weights->dims[1]; c++)
        for (int64_t ky = 0; ky < w->kernel[0]; ky++)
            for (int64_t kx = 0; kx < w->kernel[1]; kx++)
                sum +=
                    at(data, in, group * weights->dims[1] + c,
                       oy * w->stride[0] - w->pad[0] + ky * w->dilation[0],
                       ox * w->stride[1] - w->pad[1] + kx * w->dilation[1]) *
                    at(weights, weights->data + n * weights->dims[1] * w->kernel[0] * w->kernel[1],
                       c, ky, kx);
    return sum;
}

static double pool_at(const struct graph *graph, const struct node *node, const float *in,
                      int64_t c, int64_t oy, int64_t ox)
{
    const struct value *data = &graph->values[node->inputs[0]];
    const struct window *w = &node->window;
    double sum = 0, maximum = -INFINITY;
    int inside = 0, padded = 0;
    for (int64_t ky = 0; ky < w->kernel[0]; ky++)
        for (int64_t kx = 0; kx < w->kernel[1]; kx++) {
            int64_t y = oy * w->stride[0] - w->pad[0] + ky * w->dilation[0];
            int64_t x = ox * w->stride[1] - w->pad[1] + kx * w->dilation[1];
            padded += y < data->dims[2] + w->pad[2] && x < data->dims[3] + w->pad[3];
            if (y < 0 || y >= data->dims[2] || x < 0 || x >= data->dims[3])
                continue;
            inside++;
            sum += at(data, in, c, y, x);
            maximum = fmax(maximum, at(data, in, c, y, x));
        }
    if (node->op == OPERATOR_MAX_POOL)
        return maximum;
    return sum / (w->count_include_pad ? padded : inside);
}

/* ---- comparing ---- */

static void assert_close(double got, double expected, double magnitude)
{
    if (fabs(got - expected) > 1e-5 * (1 + magnitude))
        fail_msg("got %.9g, expected %.9g", got, expected);
}

typedef double (*definition)(const struct graph *, const struct node *, const float *, int64_t,
                             int64_t, int64_t);

/* Run a graph of one node and compare its image-shaped output with the definition. Frees the graph.
 */
static void compare(struct graph *graph, definition expected)
{
    struct reference *reference = reference_new(graph);
    float *input = build_input(graph);
    reference_run(reference, input);
    const float *out = reference_value(reference, graph->output);
    const int64_t *dims = graph->values[graph->output].dims;
    for (int64_t c = 0; c < dims[1]; c++)
        for (int64_t y = 0; y < dims[2]; y++)
            for (int64_t x = 0; x < dims[3]; x++, out++)
                assert_close(*out, expected(graph, graph->nodes, input, c, y, x), 3);
    free(input);
    reference_free(reference);
    graph_free(graph);
}

static struct window random_window(int kernel_limit)
{
    struct window window = {.groups = 1};
    for (int axis = 0; axis < 2; axis++) {
        window.kernel[axis] = check_between(1, kernel_limit);
        window.stride[axis] = check_between(1, 3);
        window.dilation[axis] = check_between(1, 2);
        window.pad[axis] = check_between(0, window.kernel[axis] - 1);
        window.pad[axis + 2] = check_between(0, window.kernel[axis] - 1);
    }
    return window;
}

static void convolution_grouped_strided_dilated_padded(void **state)
{
    for (int round = 0; round < 300; round++) {
        struct window window = random_window(4);
        window.groups = check_between(1, 4);
        int channels = window.groups * check_between(1, 5),
            filters = window.groups * check_between(1, 5);
        struct graph *graph = build_graph(channels, check_between(7, 16), check_between(7, 16));
        build_conv(graph, graph->input, filters, window, check_between(0, 1));
        compare(graph, conv_at);
    }
}

/* More columns than one block holds, so that blocks of output rows meet. */
static void convolution_of_several_blocks(void **state)
{
    struct graph *graph = build_graph(128, 30, 29);
    build_conv(graph, graph->input, 3, build_window(3, 1, 1, 1), true);
    compare(graph, conv_at);
}

static void pools_padded_and_dilated(void **state)
{
    for (int round = 0; round < 300; round++) {
        struct window window = random_window(4);
        window.count_include_pad = check_between(0, 1);
        struct graph *graph =
            build_graph(check_between(1, 4), check_between(7, 14), check_between(7, 14));
        for (int axis = 0; axis < 2; axis++) /* every window meets the input */
            if (window.dilation[axis] > 1)
                window.pad[axis] = window.pad[axis + 2] = 0;
        build_pool(graph, round % 2 ? OPERATOR_MAX_POOL : OPERATOR_AVERAGE_POOL, graph->input,
                   window);
        compare(graph, pool_at);
    }
}

/* Ceil mode: the output has one more row and column than whole windows fit; the overhang counts for
 * nothing. */
static void average_pool_with_overhang(void **state)
{
    struct graph *graph = build_graph(2, 8, 8);
    struct window window = build_window(3, 2, 0, 1);
    window.count_include_pad = true;
    build_pool(graph, OPERATOR_AVERAGE_POOL, graph->input, window);
    graph->values[graph->output].dims[2] = graph->values[graph->output].dims[3] = 4;
    compare(graph, pool_at);
}

static double global_at(const struct graph *graph, const struct node *node, const float *in,
                        int64_t c, int64_t y, int64_t x)
{
    const struct value *data = &graph->values[node->inputs[0]];
    double sum = 0;
    for (int64_t i = 0; i < data->dims[2] * data->dims[3]; i++)
        sum += at(data, in, c, i / data->dims[3], i % data->dims[3]);
    return sum / (double)(data->dims[2] * data->dims[3]);
}

static double batch_norm_at(const struct graph *graph, const struct node *node, const float *in,
                            int64_t c, int64_t y, int64_t x)
{
    const struct value *values = graph->values;
    const int *inputs = node->inputs;
    double deviation = sqrt((double)values[inputs[4]].data[c] + node->epsilon);
    return values[inputs[1]].data[c] *
               (at(&values[inputs[0]], in, c, y, x) - values[inputs[3]].data[c]) / deviation +
           values[inputs[2]].data[c];
}

static double relu_at(const struct graph *graph, const struct node *node, const float *in,
                      int64_t c, int64_t y, int64_t x)
{
    return fmax(at(&graph->values[node->inputs[0]], in, c, y, x), 0);
}

static double clip_at(const struct graph *graph, const struct node *node, const float *in,
                      int64_t c, int64_t y, int64_t x)
{
    double value = at(&graph->values[node->inputs[0]], in, c, y, x);
    return fmin(fmax(value, node->clip_low), node->clip_high);
}

static double copy_at(const struct graph *graph, const struct node *node, const float *in,
                      int64_t c, int64_t y, int64_t x)
{
    return at(&graph->values[node->inputs[0]], in, c, y, x);
}

/* The second operand is a constant with one element along some axes. */
static double add_at(const struct graph *graph, const struct node *node, const float *in, int64_t c,
                     int64_t y, int64_t x)
{
    const struct value *other = &graph->values[node->inputs[1]];
    if (node->inputs[1] == node->inputs[0])
        return 2 * at(other, in, c, y, x);
    return at(&graph->values[node->inputs[0]], in, c, y, x) +
           at(other, other->data, other->dims[1] == 1 ? 0 : c, other->dims[2] == 1 ? 0 : y,
              other->dims[3] == 1 ? 0 : x);
}

static double pad_at(const struct graph *graph, const struct node *node, const float *in, int64_t c,
                     int64_t y, int64_t x)
{
    const struct value *data = &graph->values[node->inputs[0]];
    c -= node->pad_before[1];
    return c < 0 || c >= data->dims[1]
               ? 0
               : at(data, in, c, y - node->pad_before[2], x - node->pad_before[3]);
}

static double slice_at(const struct graph *graph, const struct node *node, const float *in,
                       int64_t c, int64_t y, int64_t x)
{
    const int64_t *start = node->slice_start, *step = node->slice_step;
    return at(&graph->values[node->inputs[0]], in, start[1] + c * step[1], start[2] + y * step[2],
              start[3] + x * step[3]);
}

static double concat_at(const struct graph *graph, const struct node *node, const float *in,
                        int64_t c, int64_t y, int64_t x)
{
    int64_t at_axis[] = {0, c, y, x};
    const struct value *part = &graph->values[node->inputs[0]];
    const float *data = in;
    if (at_axis[node->axis] >= part->dims[node->axis]) {
        at_axis[node->axis] -= part->dims[node->axis];
        part = &graph->values[node->inputs[1]];
        data = part->data;
    }
    return at(part, data, at_axis[1], at_axis[2], at_axis[3]);
}

static double softmax_at(const struct graph *graph, const struct node *node, const float *in,
                         int64_t c, int64_t y, int64_t x)
{
    const struct value *data = &graph->values[node->inputs[0]];
    double sum = 0;
    for (int64_t i = 0; i < data->dims[node->axis]; i++)
        sum += exp(at(data, in, node->axis == 1 ? i : c, node->axis == 2 ? i : y,
                      node->axis == 3 ? i : x));
    return exp(at(data, in, c, y, x)) / sum;
}

static struct graph *random_image(void)
{
    return build_graph(check_between(1, 6), check_between(1, 9), check_between(1, 9));
}

static void elementwise(void **state)
{
    for (int round = 0; round < 50; round++) {
        struct graph *graph = random_image();
        build_unary(graph, OPERATOR_RELU, graph->input);
        compare(graph, relu_at);
        graph = random_image();
        build_unary(graph, OPERATOR_CLIP, graph->input);
        graph->nodes[0].clip_low = -0.5F;
        graph->nodes[0].clip_high = (float)check_between(0, 6);
        compare(graph, clip_at);
        graph = random_image();
        build_unary(graph, OPERATOR_IDENTITY, graph->input);
        compare(graph, copy_at);
        graph = random_image();
        build_batch_norm(graph, graph->input);
        compare(graph, batch_norm_at);
        graph = random_image();
        build_unary(graph, OPERATOR_SOFTMAX, graph->input);
        graph->nodes[0].axis = check_between(1, 3);
        compare(graph, softmax_at);
        graph = random_image();
        build_global_pool(graph, graph->input);
        compare(graph, global_at);
    }
}

static void add_broadcasts(void **state)
{
    for (int round = 0; round < 50; round++) {
        struct graph *graph = random_image();
        const int64_t *in = graph->values[graph->input].dims;
        int64_t dims[4] = {1};
        for (int axis = 1; axis < 4; axis++)
            dims[axis] = check_between(0, 1) ? in[axis] : 1;
        build_add(graph, graph->input, build_constant(graph, "other", 4, dims, 1, 0));
        compare(graph, add_at);
        graph = random_image();
        build_add(graph, graph->input, graph->input);
        compare(graph, add_at);
    }
}

static void moves(void **state)
{
    for (int round = 0; round < 100; round++) {
        struct graph *graph = random_image();
        int64_t dims[4];
        memcpy(dims, graph->values[0].dims, sizeof dims);
        struct node pad = {0}, slice = {0};
        for (int axis = 1; axis < 4; axis++) {
            pad.pad_before[axis] = check_between(0, 3);
            pad.pad_after[axis] = check_between(0, 3);
            dims[axis] += pad.pad_before[axis] + pad.pad_after[axis];
        }
        struct node *node = build_node(graph, OPERATOR_PAD, 1, &graph->input, 4, dims);
        memcpy(node->pad_before, pad.pad_before, sizeof pad.pad_before);
        memcpy(node->pad_after, pad.pad_after, sizeof pad.pad_after);
        compare(graph, pad_at);

        graph = random_image();
        slice.slice_start[0] = 0;
        slice.slice_step[0] = 1;
        for (int axis = 1; axis < 4; axis++) {
            int size = (int)graph->values[0].dims[axis];
            slice.slice_start[axis] = check_between(0, size - 1);
            slice.slice_step[axis] = check_between(1, 3);
            dims[axis] = check_between(
                1, (int)((size - 1 - slice.slice_start[axis]) / slice.slice_step[axis]) + 1);
        }
        node = build_node(graph, OPERATOR_SLICE, 1, &graph->input, 4, dims);
        memcpy(node->slice_start, slice.slice_start, sizeof slice.slice_start);
        memcpy(node->slice_step, slice.slice_step, sizeof slice.slice_step);
        compare(graph, slice_at);

        graph = random_image();
        memcpy(dims, graph->values[0].dims, sizeof dims);
        int axis = check_between(1, 3), size = check_between(1, 4);
        int64_t own = dims[axis];
        dims[axis] = size;
        int other = build_constant(graph, "other", 4, dims, 1, 0);
        dims[axis] = own + size;
        build_node(graph, OPERATOR_CONCAT, 2, (int[]){graph->input, other}, 4, dims)->axis = axis;
        compare(graph, concat_at);
    }
}

static void gemm_both_ways_after_flatten(void **state)
{
    for (int round = 0; round < 100; round++) {
        struct graph *graph = random_image();
        build_gemm(graph, build_flatten(graph, graph->input), check_between(1, 20), round % 2);
        const struct value *weights = &graph->values[graph->nodes[1].inputs[1]];
        const float *bias = graph->values[graph->nodes[1].inputs[2]].data;
        int64_t k = value_elements(&graph->values[graph->input]),
                n = graph->values[graph->output].dims[1];
        float *input = build_input(graph);
        struct reference *reference = reference_new(graph);
        reference_run(reference, input);
        for (int64_t j = 0; j < n; j++) {
            double sum = bias[j];
            for (int64_t i = 0; i < k; i++)
                sum += (double)input[i] * weights->data[round % 2 ? j * k + i : i * n + j];
            assert_close(reference_value(reference, graph->output)[j], sum, 10);
        }
        free(input);
        reference_free(reference);
        graph_free(graph);
    }
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_grouped_strided_dilated_padded),
        cmocka_unit_test(convolution_of_several_blocks),
        cmocka_unit_test(pools_padded_and_dilated),
        cmocka_unit_test(average_pool_with_overhang),
        cmocka_unit_test(elementwise),
        cmocka_unit_test(add_broadcasts),
        cmocka_unit_test(moves),
        cmocka_unit_test(gemm_both_ways_after_flatten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
