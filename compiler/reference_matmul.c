/* Convolution and fully connected layers: im2col and oneDNN's sgemm, blocked so that the columns
 * stay in cache. */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#include "compiler/reference_operators.h"

enum { BLOCK_FLOATS = 1 << 18 }; /* 1 MiB of columns: fits the second-level cache */

/* One convolution: shapes of one group, and where its data lies. */
struct convolution {
    const struct window *window;
    struct image_shape in, out; /* whole tensors */
    int64_t channels, filters;  /* of one group */
    int64_t taps, reduction;    /* kernel positions; taps * channels */
};

static struct convolution convolution(const struct graph *graph, const struct node *node)
{
    const struct window *window = &node->window;
    struct convolution conv = {.window = window,
                               .in = image_shape(&graph->values[node->inputs[0]]),
                               .out = image_shape(&graph->values[node->output])};
    conv.channels = conv.in.channels / window->groups;
    conv.filters = conv.out.channels / window->groups;
    conv.taps = (int64_t)window->kernel[0] * window->kernel[1];
    conv.reduction = conv.taps * conv.channels;
    return conv;
}

static bool is_depthwise(const struct convolution *conv)
{
    return conv->channels == 1 && conv->filters == 1;
}

/* A 1x1 convolution at stride 1 reads the input as it lies: it is its own im2col. */
static bool is_pointwise(const struct convolution *conv)
{
    const struct window *window = conv->window;
    const int *pad = window->pad;
    return conv->taps == 1 && window->stride[0] == 1 && window->stride[1] == 1 &&
           !(pad[0] | pad[1] | pad[2] | pad[3]);
}

/* Output rows per block: as many as keep the columns within BLOCK_FLOATS, at least one. */
static int64_t block_rows(const struct convolution *conv)
{
    int64_t rows = BLOCK_FLOATS / (conv->reduction * conv->out.width);
    return rows < 1 ? 1 : rows < conv->out.height ? rows : conv->out.height;
}

size_t reference_columns_size(const struct graph *graph, const struct node *node)
{
    if (node->op != OPERATOR_CONV)
        return 0;
    struct convolution conv = convolution(graph, node);
    if (is_pointwise(&conv) || is_depthwise(&conv))
        return 0;
    return (size_t)(conv.reduction * conv.out.width * block_rows(&conv));
}

/* The output columns [*first, *past) that read inside an input row, for kernel column kx. */
static void valid_columns(const struct convolution *conv, int64_t kx, int64_t *first, int64_t *past)
{
    int64_t stride = conv->window->stride[1];
    int64_t offset = kx * conv->window->dilation[1] - conv->window->pad[1];
    *first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    *past = offset < conv->in.width ? (conv->in.width - 1 - offset) / stride + 1 : 0;
    *past = *past < conv->out.width ? *past : conv->out.width;
    *first = *first < *past ? *first : *past;
}

/* The input row that output row oy reads for kernel row ky; NULL where it lies in the padding. */
static const float *input_row(const struct convolution *conv, const float *plane, int64_t oy,
                              int64_t ky)
{
    const struct window *window = conv->window;
    int64_t y = oy * window->stride[0] + ky * window->dilation[0] - window->pad[0];
    return y < 0 || y >= conv->in.height ? NULL : plane + y * conv->in.width;
}

/* One row of one column: what kernel column kx meets along an output row. */
static void gather_row(const struct convolution *conv, const float *row, int64_t kx, float *to)
{
    int64_t first = 0, past = 0;
    if (row)
        valid_columns(conv, kx, &first, &past);
    memset(to, 0, (size_t)first * sizeof *to);
    memset(to + past, 0, (size_t)(conv->out.width - past) * sizeof *to);
    if (first == past)
        return;
    int64_t stride = conv->window->stride[1];
    const float *from = row + kx * conv->window->dilation[1] - conv->window->pad[1];
    if (stride == 1)
        memcpy(to + first, from + first, (size_t)(past - first) * sizeof *to);
    else
        for (int64_t ox = first; ox < past; ox++)
            to[ox] = from[ox * stride];
}

/* columns[channel, ky, kx][pixel] of output rows [oy, oy + rows). */
static void im2col(const struct convolution *conv, const float *in, int64_t oy, int64_t rows,
                   float *columns)
{
    const int *kernel = conv->window->kernel;
    for (int64_t c = 0; c < conv->channels; c++) {
        const float *plane = in + c * conv->in.height * conv->in.width;
        for (int64_t tap = 0; tap < conv->taps; tap++)
            for (int64_t r = 0; r < rows; r++, columns += conv->out.width)
                gather_row(conv, input_row(conv, plane, oy + r, tap / kernel[1]), tap % kernel[1],
                           columns);
    }
}

/* out (M x N, row pitch out_pitch) += a (M x K) * b (K x N, or N x K where transposed).
 * Signals wait meanwhile: where K is large, oneDNN 2.6's kernel has its stack pointer in a heap
 * buffer, and a handler's frame would be written over what lies below it. */
static void sgemm(int64_t m, int64_t n, int64_t k, const float *a, const float *b, bool transposed,
                  float *out, int64_t out_pitch)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    omp_set_num_threads(1); /* the caller's threads are the parallelism */
    dnnl_status_t status = dnnl_sgemm('N', transposed ? 'T' : 'N', m, n, k, 1.0F, a, k, b,
                                      transposed ? k : n, 1.0F, out, out_pitch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(status == dnnl_success);
    (void)status;
}

/* One group: filters x reduction weights times the columns, block by block. `out` holds the bias.
 */
static void convolve_group(const struct convolution *conv, const float *in, const float *weights,
                           float *columns, float *out)
{
    int64_t pixels = conv->out.height * conv->out.width, rows = block_rows(conv);
    if (is_pointwise(conv)) {
        sgemm(conv->filters, pixels, conv->reduction, weights, in, false, out, pixels);
        return;
    }
    for (int64_t oy = 0; oy < conv->out.height; oy += rows) {
        int64_t left = conv->out.height - oy, block = rows < left ? rows : left;
        im2col(conv, in, oy, block, columns);
        sgemm(conv->filters, block * conv->out.width, conv->reduction, weights, columns, false,
              out + oy * conv->out.width, pixels);
    }
}

/* One channel of a depthwise convolution, one kernel position after the other along whole rows. */
static void convolve_plane(const struct convolution *conv, const float *in, const float *weights,
                           float *out)
{
    int64_t stride = conv->window->stride[1];
    for (int64_t oy = 0; oy < conv->out.height; oy++, out += conv->out.width)
        for (int64_t tap = 0; tap < conv->taps; tap++) {
            int64_t kx = tap % conv->window->kernel[1], first, past;
            const float *row = input_row(conv, in, oy, tap / conv->window->kernel[1]);
            if (!row)
                continue;
            valid_columns(conv, kx, &first, &past);
            const float *from = row + kx * conv->window->dilation[1] - conv->window->pad[1];
            float weight = weights[tap];
            if (stride == 1)
                for (int64_t ox = first; ox < past; ox++)
                    out[ox] += weight * from[ox];
            else
                for (int64_t ox = first; ox < past; ox++)
                    out[ox] += weight * from[ox * stride];
        }
}

static void fill(float *out, int64_t count, float value)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = value;
}

void reference_conv(struct reference *reference, const struct node *node)
{
    struct convolution conv = convolution(reference->graph, node);
    const float *in = node_input(reference, node, 0), *weights = node_input(reference, node, 1);
    const float *bias = has_input(node, 2) ? node_input(reference, node, 2) : NULL;
    float *out = node_output(reference, node);
    int64_t in_pixels = conv.in.height * conv.in.width;
    int64_t out_pixels = conv.out.height * conv.out.width;
    for (int64_t n = 0; n < conv.out.channels; n++)
        fill(out + n * out_pixels, out_pixels, bias ? bias[n] : 0);
    for (int64_t g = 0; g < node->window.groups; g++) {
        const float *group_in = in + g * conv.channels * in_pixels;
        const float *group_weights = weights + g * conv.filters * conv.reduction;
        float *group_out = out + g * conv.filters * out_pixels;
        if (is_depthwise(&conv))
            convolve_plane(&conv, group_in, group_weights, group_out);
        else
            convolve_group(&conv, group_in, group_weights, reference->columns, group_out);
    }
}

/* data (M x K) * weights (K x N, or N x K) + bias (N, or one for all). */
void reference_gemm(struct reference *reference, const struct node *node)
{
    const struct value *weights = input_value(reference, node, 1);
    int64_t k = weights->dims[node->transpose_b ? 1 : 0];
    int64_t n = weights->dims[node->transpose_b ? 0 : 1];
    int64_t m = value_elements(input_value(reference, node, 0)) / k;
    float *out = node_output(reference, node);
    const float *bias = has_input(node, 2) ? node_input(reference, node, 2) : NULL;
    bool shared = bias && value_elements(input_value(reference, node, 2)) == 1;
    for (int64_t i = 0; i < m * n; i++)
        out[i] = !bias ? 0 : bias[shared ? 0 : i % n];
    sgemm(m, n, k, node_input(reference, node, 0), node_input(reference, node, 1),
          node->transpose_b, out, n);
}
