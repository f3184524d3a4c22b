#include "compiler/fuse_window.h"

#include <limits.h>

/* A window of one element at stride 1 over `shape`, which is also the output. */
static void set_geometry(struct layer *layer, struct image_shape shape)
{
    layer->out_h = (int)shape.height;
    layer->out_w = (int)shape.width;
    layer->n = (int)shape.channels;
    layer->kernel_h = layer->kernel_w = 1;
    layer->stride_y = layer->stride_x = 1;
    layer->dilation_y = layer->dilation_x = 1;
    layer->groups = 1;
}

static void set_window(struct layer *layer, const struct window *window)
{
    layer->kernel_h = window->kernel[0];
    layer->kernel_w = window->kernel[1];
    layer->stride_y = window->stride[0];
    layer->stride_x = window->stride[1];
    layer->dilation_y = window->dilation[0];
    layer->dilation_x = window->dilation[1];
    layer->pad_top = window->pad[0];
    layer->pad_left = window->pad[1];
}

static bool constant_weights(const struct graph *graph, const struct node *node, struct err *err)
{
    for (int k = 1; k < node->input_count; k++)
        if (node->inputs[k] >= 0 && !graph->values[node->inputs[k]].data)
            return err_set(err, "weights and bias must be constants, \"%s\" is computed",
                           graph->values[node->inputs[k]].name);
    return true;
}

bool fuse_conv(const struct graph *graph, const struct node *node, struct image_shape in,
               struct image_shape out, struct fused_layer *fused, struct err *err)
{
    if (!constant_weights(graph, node, err))
        return false;
    struct layer *layer = &fused->layer;
    set_geometry(layer, out);
    set_window(layer, &node->window);
    layer->kind = LAYER_MATMUL;
    layer->groups = node->window.groups;
    layer->channels = (int)in.channels / layer->groups;
    fused->weights = node->inputs[1];
    fused->bias = has_input(node, 2) ? node->inputs[2] : -1;
    fused->weight_stride_n = (int64_t)layer->channels * layer->kernel_h * layer->kernel_w;
    fused->weight_stride_k = 1;
    return true;
}

/* The rows of a Gemm's weights count the flattened image in (c, y, x) order, just as a
 * convolution's weights whose kernel covers the image. */
bool fuse_gemm(const struct graph *graph, const struct node *node, struct image_shape in,
               struct fused_layer *fused, struct err *err)
{
    if (!constant_weights(graph, node, err))
        return false;
    const struct value *weights = &graph->values[node->inputs[1]];
    int64_t k = weights->dims[node->transpose_b ? 1 : 0];
    int64_t n = weights->dims[node->transpose_b ? 0 : 1];
    if (k != in.channels * in.height * in.width)
        return err_set(err,
                       "%lld inputs per output, but the input has %lld x %lld x %lld elements; "
                       "only one row at a "
                       "time is supported",
                       (long long)k, (long long)in.channels, (long long)in.height,
                       (long long)in.width);
    struct layer *layer = &fused->layer;
    set_geometry(layer, (struct image_shape){n, 1, 1});
    layer->kind = LAYER_MATMUL;
    layer->kernel_h = (int)in.height;
    layer->kernel_w = (int)in.width;
    layer->channels = (int)in.channels;
    fused->weights = node->inputs[1];
    fused->bias = has_input(node, 2) ? node->inputs[2] : -1;
    fused->weight_stride_n = node->transpose_b ? k : 1;
    fused->weight_stride_k = node->transpose_b ? 1 : n;
    return true;
}

/* Whether every window of an average divides by the whole kernel: none reaches beyond what the
 * average counts. */
static bool divides_evenly(const struct window *window, int axis, int64_t in, int64_t out)
{
    int64_t reach = (int64_t)(window->kernel[axis] - 1) * window->dilation[axis];
    int64_t last = (out - 1) * window->stride[axis] - window->pad[axis] + reach;
    int64_t before = window->count_include_pad ? window->pad[axis] : 0;
    int64_t after = window->count_include_pad ? window->pad[axis + 2] : 0;
    return window->pad[axis] <= before && last < in + after;
}

bool fuse_pool(const struct node *node, struct image_shape in, struct image_shape out,
               struct fused_layer *fused, struct err *err)
{
    struct layer *layer = &fused->layer;
    set_geometry(layer, out);
    if (node->op == OPERATOR_GLOBAL_AVERAGE_POOL) {
        layer->kernel_h = (int)in.height;
        layer->kernel_w = (int)in.width;
    } else {
        set_window(layer, &node->window);
    }
    layer->kind = node->op == OPERATOR_MAX_POOL ? LAYER_MAXIMUM : LAYER_SUM;
    fused->divisor = (double)layer->kernel_h * layer->kernel_w;
    bool even = divides_evenly(&node->window, 0, in.height, out.height) &&
                divides_evenly(&node->window, 1, in.width, out.width);
    if (node->op == OPERATOR_AVERAGE_POOL && !even)
        return err_set(
            err,
            "windows at the border average fewer elements than others; only count_include_pad = 1 "
            "without ceil_mode overhang, or no padding, is supported");
    return true;
}

void fuse_elementwise(struct image_shape in, struct fused_layer *fused)
{
    set_geometry(&fused->layer, in);
    fused->layer.kind = LAYER_SUM;
}

/* Slice and Pad place their output at in = out*stride - pad along each axis. */
static void set_copy(struct fused_layer *fused, struct image_shape out, const int64_t stride[4],
                     const int64_t pad[4])
{
    struct layer *layer = &fused->layer;
    set_geometry(layer, out);
    layer->kind = LAYER_SUM;
    layer->channel_offset = (int)-pad[1];
    layer->stride_y = (int)stride[2];
    layer->stride_x = (int)stride[3];
    layer->pad_top = (int)pad[2];
    layer->pad_left = (int)pad[3];
    fused->is_copy = true;
}

bool fuse_slice(const struct node *node, struct image_shape out, struct fused_layer *fused,
                struct err *err)
{
    int64_t stride[4] = {1, 1, 1, 1}, pad[4] = {0};
    for (int axis = 0; axis < 4; axis++) {
        stride[axis] = node->slice_step[axis];
        pad[axis] = -node->slice_start[axis];
        if (stride[axis] > UINT16_MAX)
            return err_set(err, "step %lld is not in 1..%d", (long long)stride[axis], UINT16_MAX);
    }
    if (stride[1] != 1 && out.channels > 1)
        return err_set(err, "step %lld along the channels; only 1 is supported",
                       (long long)stride[1]);
    if (pad[0])
        return err_set(err, "slices the batch axis");
    set_copy(fused, out, stride, pad);
    return true;
}

bool fuse_pad(const struct node *node, struct image_shape out, struct fused_layer *fused,
              struct err *err)
{
    if (node->pad_before[0] || node->pad_after[0])
        return err_set(err, "pads the batch axis");
    set_copy(fused, out, (int64_t[]){1, 1, 1, 1}, node->pad_before);
    return true;
}

/* One axis of a copy: in = out*stride - pad for out < size. */
struct axis_map {
    int64_t stride, pad, size;
};

/* in = (out*outer.stride - outer.pad)*inner.stride - inner.pad. Where `outer` reads beside the
 * inner copy it must read beside the original (of in_size) too, for both to see zero. */
static bool compose(struct axis_map inner, struct axis_map outer, int64_t in_size,
                    struct axis_map *both)
{
    int64_t last = (outer.size - 1) * outer.stride - outer.pad;
    if (outer.pad > 0 && -inner.stride - inner.pad >= 0)
        return false;
    if (last >= inner.size && inner.size * inner.stride - inner.pad < in_size)
        return false;
    *both = (struct axis_map){outer.stride * inner.stride, outer.pad * inner.stride + inner.pad,
                              outer.size};
    return both->stride <= UINT16_MAX && both->pad <= INT16_MAX && both->pad >= INT_MIN / 2;
}

static struct axis_map channel_map(const struct layer *layer)
{
    return (struct axis_map){1, -layer->channel_offset, layer->n};
}

static struct axis_map row_map(const struct layer *layer)
{
    return (struct axis_map){layer->stride_y, layer->pad_top, layer->out_h};
}

static struct axis_map column_map(const struct layer *layer)
{
    return (struct axis_map){layer->stride_x, layer->pad_left, layer->out_w};
}

bool fuse_copies(const struct fused_layer *inner, struct image_shape in, struct fused_layer *outer)
{
    struct axis_map c, y, x;
    const struct layer *first = &inner->layer;
    struct layer *layer = &outer->layer;
    if (!compose(channel_map(first), channel_map(layer), in.channels, &c) ||
        !compose(row_map(first), row_map(layer), in.height, &y) ||
        !compose(column_map(first), column_map(layer), in.width, &x))
        return false;
    layer->channel_offset = (int)-c.pad;
    layer->stride_y = (int)y.stride;
    layer->pad_top = (int)y.pad;
    layer->stride_x = (int)x.stride;
    layer->pad_left = (int)x.pad;
    layer->input = first->input;
    return true;
}
