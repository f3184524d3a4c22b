/* Pooling: windows over each channel. Window positions beyond the input are left out of maxima and
 * sums. */
#include <math.h>

#include "compiler/reference_operators.h"

/* One axis of one window: input positions first, first + step, ... below past (all inside the
 * input), and how many positions lie inside the input with its padding. */
struct span {
    int64_t first, past, step, padded_count;
};

static struct span window_span(const struct window *window, int axis, int64_t out_position,
                               int64_t size)
{
    int64_t step = window->dilation[axis];
    int64_t start = out_position * window->stride[axis] - window->pad[axis];
    struct span span = {-1, 0, step, 0};
    for (int k = 0; k < window->kernel[axis]; k++) {
        int64_t position = start + k * step;
        span.padded_count += position < size + window->pad[axis + 2];
        if (position < 0 || position >= size)
            continue;
        span.first = span.first < 0 ? position : span.first;
        span.past = position + 1;
    }
    span.first = span.first < 0 ? 0 : span.first;
    return span;
}

static float window_maximum(const float *plane, int64_t width, struct span y, struct span x)
{
    float maximum = -INFINITY;
    for (int64_t row = y.first; row < y.past; row += y.step)
        for (int64_t column = x.first; column < x.past; column += x.step) {
            float element = plane[row * width + column];
            maximum = element > maximum ? element : maximum;
        }
    return maximum;
}

/* ONNX AveragePool: the sum over the window divided by the number of its positions inside the
 * input, or, where count_include_pad, inside the padded input. */
static float window_mean(const float *plane, int64_t width, struct span y, struct span x,
                         bool count_padding)
{
    float sum = 0;
    int64_t count = 0;
    for (int64_t row = y.first; row < y.past; row += y.step)
        for (int64_t column = x.first; column < x.past; column += x.step, count++)
            sum += plane[row * width + column];
    return sum / (float)(count_padding ? y.padded_count * x.padded_count : count);
}

static void pool(struct reference *reference, const struct node *node)
{
    const struct window *window = &node->window;
    struct image_shape in = image_shape(input_value(reference, node, 0));
    struct image_shape out = image_shape(output_value(reference, node));
    const float *plane = node_input(reference, node, 0);
    float *to = node_output(reference, node);
    for (int64_t c = 0; c < out.channels; c++, plane += in.height * in.width)
        for (int64_t oy = 0; oy < out.height; oy++) {
            struct span y = window_span(window, 0, oy, in.height);
            for (int64_t ox = 0; ox < out.width; ox++) {
                struct span x = window_span(window, 1, ox, in.width);
                *to++ = node->op == OPERATOR_MAX_POOL
                            ? window_maximum(plane, in.width, y, x)
                            : window_mean(plane, in.width, y, x, window->count_include_pad);
            }
        }
}

void reference_max_pool(struct reference *reference, const struct node *node)
{
    pool(reference, node);
}

void reference_average_pool(struct reference *reference, const struct node *node)
{
    pool(reference, node);
}

void reference_global_average_pool(struct reference *reference, const struct node *node)
{
    struct image_shape in = image_shape(input_value(reference, node, 0));
    const float *plane = node_input(reference, node, 0);
    float *out = node_output(reference, node);
    int64_t pixels = in.height * in.width;
    for (int64_t c = 0; c < in.channels; c++, plane += pixels) {
        float sum = 0;
        for (int64_t i = 0; i < pixels; i++)
            sum += plane[i];
        out[c] = sum / (float)pixels;
    }
}
