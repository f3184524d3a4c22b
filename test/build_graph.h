/* Small float graphs with random constants, for tests of everything that takes a graph. */
#ifndef MANTIS_TEST_BUILD_GRAPH_H
#define MANTIS_TEST_BUILD_GRAPH_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test/check.h"
#include "workloads/graph.h"

enum { BUILD_MAX = 512 };

/* Roughly normal, mean 0, variance 1: the sum of twelve uniforms less six. */
__attribute__((unused)) static float build_normal(void)
{
    float sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (float)(check_random() >> 40) * 0x1p-24F;
    return sum;
}

__attribute__((unused)) static int build_value(struct graph *graph, const char *name, int rank,
                                               const int64_t *dims)
{
    assert_true(graph->value_count < BUILD_MAX && rank <= GRAPH_MAX_RANK);
    struct value *value = &graph->values[graph->value_count];
    *value = (struct value){.rank = rank};
    snprintf(value->name, sizeof value->name, "%s", name);
    memcpy(value->dims, dims, (size_t)rank * sizeof *dims);
    return graph->value_count++;
}

/* A constant of normal numbers times `scale` plus `offset`. */
__attribute__((unused)) static int build_constant(struct graph *graph, const char *name, int rank,
                                                  const int64_t *dims, float scale, float offset)
{
    int index = build_value(graph, name, rank, dims);
    int64_t count = value_elements(&graph->values[index]);
    float *data = malloc((size_t)count * sizeof *data);
    assert_non_null(data);
    for (int64_t i = 0; i < count; i++)
        data[i] = build_normal() * scale + offset;
    graph->values[index].data = data;
    return index;
}

/* An empty graph with one input of 1 x channels x height x width. */
__attribute__((unused)) static struct graph *build_graph(int channels, int height, int width)
{
    struct graph *graph = calloc(1, sizeof *graph);
    assert_non_null(graph);
    graph->values = calloc(BUILD_MAX, sizeof *graph->values);
    graph->nodes = calloc(BUILD_MAX, sizeof *graph->nodes);
    assert_true(graph->values && graph->nodes);
    snprintf(graph->name, sizeof graph->name, "built");
    graph->input = build_value(graph, "input", 4, (int64_t[]){1, channels, height, width});
    graph->output = graph->input;
    return graph;
}

/* A node of `op` over `inputs` with an output of the given dims, which becomes the graph's output.
 */
__attribute__((unused)) static struct node *build_node(struct graph *graph, enum operator_type op,
                                                       int input_count, const int *inputs, int rank,
                                                       const int64_t *dims)
{
    assert_true(graph->node_count < BUILD_MAX);
    struct node *node = &graph->nodes[graph->node_count];
    *node = (struct node){.op = op, .source_index = graph->node_count, .input_count = input_count};
    snprintf(node->name, sizeof node->name, "%s_%d", operator_name(op), graph->node_count);
    memcpy(node->inputs, inputs, (size_t)input_count * sizeof *inputs);
    node->window = (struct window){{1, 1}, {1, 1}, {1, 1}, {0}, 1, false};
    for (int axis = 0; axis < GRAPH_MAX_RANK; axis++)
        node->slice_step[axis] = 1;
    char name[GRAPH_NAME_SIZE];
    snprintf(name, sizeof name, "value_%d", graph->node_count);
    node->output = graph->output = build_value(graph, name, rank, dims);
    graph->node_count++;
    return node;
}

__attribute__((unused)) static int64_t build_windows(const struct window *window, int axis,
                                                     int64_t size)
{
    int64_t reach = (int64_t)(window->kernel[axis] - 1) * window->dilation[axis] + 1;
    int64_t padded = size + window->pad[axis] + window->pad[axis + 2];
    return padded < reach ? 0 : (padded - reach) / window->stride[axis] + 1;
}

/* A convolution of value `from`; weights are scaled to keep the variance. Returns the output value.
 */
__attribute__((unused)) static int build_conv(struct graph *graph, int from, int filters,
                                              struct window window, bool has_bias)
{
    const int64_t *in = graph->values[from].dims;
    int64_t channels = in[1] / window.groups;
    int64_t reduction = channels * window.kernel[0] * window.kernel[1];
    int64_t shape[] = {filters, channels, window.kernel[0], window.kernel[1]};
    int64_t out[] = {1, filters, build_windows(&window, 0, in[2]),
                     build_windows(&window, 1, in[3])};
    char name[GRAPH_NAME_SIZE];
    snprintf(name, sizeof name, "conv%d.weight", graph->node_count);
    float scale =
        sqrtf(2 / (float)reduction); /* He et al. (2015): keeps the variance through a Relu */
    int weights = build_constant(graph, name, 4, shape, scale, 0);
    snprintf(name, sizeof name, "conv%d.bias", graph->node_count);
    int bias = has_bias ? build_constant(graph, name, 1, shape, 0.3F, 0) : -1;
    build_node(graph, OPERATOR_CONV, 3, (int[]){from, weights, bias}, 4, out)->window = window;
    return graph->output;
}

/* A square window with the same padding on all sides. */
__attribute__((unused)) static struct window build_window(int kernel, int stride, int pad,
                                                          int groups)
{
    return (struct window){{kernel, kernel},     {stride, stride}, {1, 1},
                           {pad, pad, pad, pad}, groups,           false};
}

/* An operator with one input and an output of the same shape. */
__attribute__((unused)) static int build_unary(struct graph *graph, enum operator_type op, int from)
{
    const struct value *value = &graph->values[from];
    build_node(graph, op, 1, &from, value->rank, value->dims);
    return graph->output;
}

__attribute__((unused)) static int build_add(struct graph *graph, int left, int right)
{
    const struct value *value = &graph->values[left];
    build_node(graph, OPERATOR_ADD, 2, (int[]){left, right}, value->rank, value->dims);
    return graph->output;
}

/* Batch normalisation with positive variances. */
__attribute__((unused)) static int build_batch_norm(struct graph *graph, int from)
{
    int64_t channels = graph->values[from].dims[1];
    int inputs[5] = {from};
    for (int i = 1; i < 5; i++)
        inputs[i] = build_constant(graph, "norm", 1, &channels, i == 4 ? 0.05F : 0.3F,
                                   i == 1 || i == 4 ? 1.0F : 0);
    const struct value *value = &graph->values[from];
    build_node(graph, OPERATOR_BATCH_NORM, 5, inputs, value->rank, value->dims)->epsilon = 1e-5F;
    return graph->output;
}

__attribute__((unused)) static int build_pool(struct graph *graph, enum operator_type op, int from,
                                              struct window window)
{
    const int64_t *in = graph->values[from].dims;
    int64_t out[] = {1, in[1], build_windows(&window, 0, in[2]), build_windows(&window, 1, in[3])};
    build_node(graph, op, 1, &from, 4, out)->window = window;
    return graph->output;
}

__attribute__((unused)) static int build_global_pool(struct graph *graph, int from)
{
    int64_t out[] = {1, graph->values[from].dims[1], 1, 1};
    build_node(graph, OPERATOR_GLOBAL_AVERAGE_POOL, 1, &from, 4, out);
    return graph->output;
}

__attribute__((unused)) static int build_flatten(struct graph *graph, int from)
{
    int64_t out[] = {1, value_elements(&graph->values[from])};
    build_node(graph, OPERATOR_FLATTEN, 1, &from, 2, out);
    return graph->output;
}

/* A fully connected layer of a flattened value. */
__attribute__((unused)) static int build_gemm(struct graph *graph, int from, int outputs,
                                              bool transpose_b)
{
    int64_t inputs = value_elements(&graph->values[from]), count = outputs;
    int64_t shape[] = {transpose_b ? count : inputs, transpose_b ? inputs : count};
    int weights = build_constant(graph, "fc.weight", 2, shape, 0.1F, 0);
    int bias = build_constant(graph, "fc.bias", 1, &count, 0.3F, 0);
    int64_t out[] = {1, outputs};
    build_node(graph, OPERATOR_GEMM, 3, (int[]){from, weights, bias}, 2, out)->transpose_b =
        transpose_b;
    return graph->output;
}

/* A random input for the graph; the caller frees it. */
__attribute__((unused)) static float *build_input(const struct graph *graph)
{
    int64_t count = value_elements(&graph->values[graph->input]);
    float *input = malloc((size_t)count * sizeof *input);
    assert_non_null(input);
    for (int64_t i = 0; i < count; i++)
        input[i] = build_normal();
    return input;
}

#endif
