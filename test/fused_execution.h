/* Fused layers executed from their definition (compiler/network.h), in plain double precision. */
#ifndef MANTIS_TEST_FUSED_EXECUTION_H
#define MANTIS_TEST_FUSED_EXECUTION_H

#include <math.h>

#include "compiler/fuse.h"
#include "compiler/reference.h"
#include "test/build_graph.h"

struct execution {
    const struct graph *graph;
    const struct fused_graph *fused;
    double **values; /* height-width-channel */
};

static double input_at(const struct execution *execution, int value, int64_t y, int64_t x,
                       int64_t c, double outside)
{
    struct image_shape shape = execution->fused->shapes[value];
    bool inside =
        y >= 0 && y < shape.height && x >= 0 && x < shape.width && c >= 0 && c < shape.channels;
    return inside ? execution->values[value][(y * shape.width + x) * shape.channels + c] : outside;
}

static double layer_at(const struct execution *execution, const struct fused_layer *fused,
                       const float *row, int oy, int ox, int n)
{
    const struct layer *layer = &fused->layer;
    bool is_matmul = layer->kind == LAYER_MATMUL, is_maximum = layer->kind == LAYER_MAXIMUM;
    int channels = is_matmul ? layer->channels : 1;
    int first = is_matmul ? n / (layer->n / layer->groups) * channels : n + layer->channel_offset;
    double sum = 0, maximum = -INFINITY;
    for (int ky = 0; ky < layer->kernel_h; ky++)
        for (int kx = 0; kx < layer->kernel_w; kx++)
            for (int c = 0; c < channels; c++) {
                int y = oy * layer->stride_y - layer->pad_top + ky * layer->dilation_y;
                int x = ox * layer->stride_x - layer->pad_left + kx * layer->dilation_x;
                double value =
                    input_at(execution, layer->input, y, x, first + c, is_maximum ? -INFINITY : 0);
                sum += value * (is_matmul ? *row++ : 1);
                maximum = fmax(maximum, value);
            }
    double result = is_maximum ? maximum : sum / fused->divisor;
    if (fused->bias >= 0)
        result += execution->graph->values[fused->bias].data[n];
    if (layer->residual >= 0)
        result += input_at(execution, layer->residual, oy, ox, n, NAN);
    return fmin(fmax(result, fused->clip_low), fused->clip_high);
}

static void execute_layer(struct execution *execution, const struct fused_layer *fused)
{
    const struct layer *layer = &fused->layer;
    struct image_shape shape = execution->fused->shapes[layer->output];
    size_t count = (size_t)(shape.channels * shape.height * shape.width);
    if (!execution->values[layer->output])
        execution->values[layer->output] = calloc(count, sizeof(double));
    float *row =
        calloc((size_t)(layer->kernel_h * layer->kernel_w * layer->channels) + 1, sizeof *row);
    assert_true(row && execution->values[layer->output]);
    for (int n = 0; n < layer->n; n++) {
        if (layer->kind == LAYER_MATMUL)
            fused_channel_weights(execution->graph, fused, n, row);
        for (int oy = 0; oy < layer->out_h; oy++)
            for (int ox = 0; ox < layer->out_w; ox++)
                execution->values[layer->output][(oy * shape.width + ox) * shape.channels +
                                                 layer->output_channel + n] =
                    layer_at(execution, fused, row, oy, ox, n);
    }
    free(row);
}

/* A height-width-channel copy of an NCHW image. */
static double *transposed(const float *image, struct image_shape shape)
{
    double *copy = calloc((size_t)(shape.channels * shape.height * shape.width), sizeof *copy);
    assert_non_null(copy);
    for (int64_t c = 0; c < shape.channels; c++)
        for (int64_t i = 0; i < shape.height * shape.width; i++)
            copy[i * shape.channels + c] = *image++;
    return copy;
}

static void assert_same(const struct execution *execution, const struct reference *reference,
                        int value)
{
    struct image_shape shape = execution->fused->shapes[value];
    double *expected = transposed(reference_value(reference, value), shape);
    for (int64_t i = 0; i < shape.channels * shape.height * shape.width; i++)
        assert_true(fabs(expected[i] - execution->values[value][i]) <
                    1e-4 * (1 + fabs(expected[i])));
    free(expected);
}

/* Fuse, execute, compare every layer's output; the caller looks at the layers and frees. */
static struct fused_graph *fuse_and_compare(const struct graph *graph, int layers)
{
    struct err err = {{0}};
    struct fused_graph *fused = fuse(graph, &err);
    if (!fused)
        fail_msg("%s", err.text);
    assert_int_equal(fused->layer_count, layers);
    struct execution execution = {graph, fused, calloc(BUILD_MAX, sizeof(double *))};
    assert_non_null(execution.values);
    float *input = build_input(graph);
    struct reference *reference = reference_new(graph);
    reference_run(reference, input);
    execution.values[graph->input] = transposed(input, fused->shapes[graph->input]);
    for (int i = 0; i < fused->layer_count; i++)
        execute_layer(&execution, &fused->layers[i]);
    for (int i = 0; i < fused->layer_count; i++)
        assert_same(&execution, reference, fused->layers[i].layer.output);
    for (int i = 0; i < BUILD_MAX; i++)
        free(execution.values[i]);
    free(execution.values);
    free(input);
    reference_free(reference);
    return fused;
}

static void release(struct graph *graph, struct fused_graph *fused)
{
    fused_graph_free(fused);
    graph_free(graph);
}

#endif
