#include <inttypes.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Convolution and pooling. */

enum {
    WINDOW_LIMIT = 65535
}; /* of kernel, stride, dilation and padding: the instruction's fields hold 16 bits */

static bool one_to_limit(struct call *call, const char *name, const struct int_list *list, int size,
                         int64_t low, int *result)
{
    if (list->count != size)
        return err_set(call->err, "%s has %d entries; a 2-D window needs %d", name, list->count,
                       size);
    for (int i = 0; i < size; i++) {
        if (list->items[i] < low || list->items[i] > WINDOW_LIMIT)
            return err_set(call->err, "%s: %" PRId64 " is not in %" PRId64 "..%d", name,
                           list->items[i], low, WINDOW_LIMIT);
        result[i] = (int)list->items[i];
    }
    return true;
}

static bool read_ints(struct call *call, const char *name, int size, int64_t low, int *result)
{
    struct int_list list;
    if (!call_int_list(call, -1, name, &list))
        return false;
    return !list.present || one_to_limit(call, name, &list, size, low, result);
}

static int64_t covered(const struct window *window, int axis)
{
    return (int64_t)(window->kernel[axis] - 1) * window->dilation[axis] + 1;
}

/* SAME_UPPER, SAME_LOWER: output = ceil(input / stride); an odd padding's extra row goes below
 * (upper) or above (lower). */
static bool pad_same(struct call *call, const struct value *input, bool extra_first,
                     struct window *window)
{
    for (int axis = 0; axis < 2; axis++) {
        int64_t in = input->dims[2 + axis], stride = window->stride[axis];
        int64_t out = (in - 1) / stride + 1;
        int64_t total = (out - 1) * stride + covered(window, axis) - in;
        if (total < 0)
            total = 0;
        if (total > WINDOW_LIMIT)
            return err_set(call->err, "auto_pad needs %" PRId64 " of padding; at most %d", total,
                           WINDOW_LIMIT);
        int64_t before = extra_first ? total - total / 2 : total / 2;
        window->pad[axis] = (int)before;
        window->pad[2 + axis] = (int)(total - before);
    }
    return true;
}

static bool apply_auto_pad(struct call *call, const struct value *input, struct window *window)
{
    char mode[32];
    if (!call_attribute_text(call, "auto_pad", "NOTSET", mode))
        return false;
    if (!strcmp(mode, "NOTSET"))
        return true;
    for (int i = 0; i < 4; i++)
        if (window->pad[i])
            return err_set(call->err, "both pads and auto_pad %s are given", mode);
    if (!strcmp(mode, "VALID"))
        return true;
    if (!strcmp(mode, "SAME_UPPER") || !strcmp(mode, "SAME_LOWER"))
        return pad_same(call, input, !strcmp(mode, "SAME_LOWER"), window);
    return err_set(call->err, "auto_pad is not one of NOTSET, VALID, SAME_UPPER, SAME_LOWER");
}

static bool is_image(struct call *call, const struct value *input)
{
    char text[SHAPE_TEXT_SIZE];
    if (input->rank == 4)
        return true;
    return err_set(call->err, "input has shape %s; only 2-D images (rank 4) are supported",
                   shape_text(text, input->rank, input->dims));
}

/* Fill the window from the attributes; kernel must be preset, or given by kernel_shape. */
static bool read_window(struct call *call, const struct value *input, struct window *window)
{
    int kernel[2] = {window->kernel[0], window->kernel[1]};
    if (!read_ints(call, "kernel_shape", 2, 1, kernel))
        return false;
    if (window->kernel[0] && memcmp(kernel, window->kernel, sizeof kernel))
        return err_set(call->err, "kernel_shape %d x %d differs from the weights' %d x %d",
                       kernel[0], kernel[1], window->kernel[0], window->kernel[1]);
    memcpy(window->kernel, kernel, sizeof kernel);
    if (!kernel[0])
        return err_set(call->err, "attribute kernel_shape is missing");
    return read_ints(call, "strides", 2, 1, window->stride) &&
           read_ints(call, "dilations", 2, 1, window->dilation) &&
           read_ints(call, "pads", 4, 0, window->pad) && apply_auto_pad(call, input, window);
}

/* out = floor((in + pads - covered) / stride) + 1. ceil_mode rounds up, but a last window that
 * would start in the padding behind the input is left out (ONNX AveragePool-19; PyTorch likewise).
 */
static bool window_output(struct call *call, const struct value *input, const struct window *window,
                          bool ceil_mode, int64_t dims[4])
{
    dims[0] = input->dims[0];
    for (int axis = 0; axis < 2; axis++) {
        int64_t in = input->dims[2 + axis], stride = window->stride[axis];
        int64_t padded = in + window->pad[axis] + window->pad[2 + axis];
        int64_t room = padded - covered(window, axis);
        if (room < 0)
            return err_set(call->err,
                           "the window covers %" PRId64 " %s, the padded input has %" PRId64,
                           covered(window, axis), axis ? "columns" : "rows", padded);
        int64_t steps = ceil_mode ? (room + stride - 1) / stride : room / stride;
        if (ceil_mode && steps * stride >= in + window->pad[axis])
            steps--;
        dims[2 + axis] = steps + 1;
    }
    return true;
}

static bool check_conv_channels(struct call *call, const struct value *input,
                                const struct constant *weights, int64_t groups)
{
    char data[SHAPE_TEXT_SIZE], text[SHAPE_TEXT_SIZE];
    shape_text(data, input->rank, input->dims);
    shape_text(text, weights->rank, weights->dims);
    if (weights->rank != 4)
        return err_set(call->err, "weights have shape %s; rank 4 (O, I/group, H, W) is needed",
                       text);
    for (int axis = 0; axis < 4; axis++)
        if (weights->dims[axis] < 1 || (axis > 1 && weights->dims[axis] > WINDOW_LIMIT))
            return err_set(call->err, "weights have shape %s; 1..%d rows and columns are needed",
                           text, WINDOW_LIMIT);
    if (groups < 1 || groups > input->dims[1] || weights->dims[1] * groups != input->dims[1] ||
        weights->dims[0] % groups)
        return err_set(call->err,
                       "weights %s in %" PRId64 " group(s) do not fit an input of shape %s", text,
                       groups, data);
    return true;
}

/* Convolution's and Gemm's bias: one number per output channel. */
static bool add_bias_input(struct call *call, struct node *node, int64_t channels)
{
    if (!call_has(call, 2))
        return true;
    const struct constant *bias = call_constant(call, 2);
    if (!bias)
        return false;
    if (bias->rank != 1 || bias->count != channels)
        return err_set(call->err, "bias has %" PRId64 " elements for %" PRId64 " channels",
                       bias->count, channels);
    node->inputs[2] = call_weights(call, 2, 1, 1, &channels);
    node->input_count = 3;
    return node->inputs[2] >= 0;
}

bool conv_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_CONV);
    struct value input = *call_activation(call, 0);
    const struct constant *weights = call_constant(call, 1);
    int64_t groups, dims[4];
    if (!weights || !is_image(call, &input) || !call_attribute_int(call, "group", 1, &groups) ||
        !check_conv_channels(call, &input, weights, groups))
        return false;
    node.window.groups = (int)groups;
    node.window.kernel[0] = (int)weights->dims[2];
    node.window.kernel[1] = (int)weights->dims[3];
    if (!read_window(call, &input, &node.window) ||
        !window_output(call, &input, &node.window, false, dims))
        return false;
    dims[1] = weights->dims[0];
    node.inputs[1] = call_weights(call, 1, 1, 4, weights->dims);
    node.input_count = 2;
    return node.inputs[1] >= 0 && add_bias_input(call, &node, dims[1]) &&
           call_emit(call, &node, 4, dims);
}

/* Every window must hold at least one element of the input, or its maximum and mean are undefined.
 */
static bool check_pool_padding(struct call *call, const struct window *window)
{
    for (int i = 0; i < 4; i++) {
        if (window->pad[i] >= window->kernel[i % 2])
            return err_set(call->err, "padding %d is not smaller than the window, %d x %d",
                           window->pad[i], window->kernel[0], window->kernel[1]);
        if (window->pad[i] && window->dilation[i % 2] != 1)
            return err_set(call->err, "dilated pooling with padding is not supported");
    }
    return true;
}

static bool pool_rule(struct call *call, enum operator_type op)
{
    struct node node = call_node(call, op);
    struct value input = *call_activation(call, 0);
    int64_t ceil_mode, include_pad, dims[4];
    node.window.kernel[0] = node.window.kernel[1] = 0;
    if (!is_image(call, &input) || !call_attribute_int(call, "ceil_mode", 0, &ceil_mode) ||
        !call_attribute_int(call, "count_include_pad", 0, &include_pad) ||
        !read_window(call, &input, &node.window) || !check_pool_padding(call, &node.window) ||
        !window_output(call, &input, &node.window, ceil_mode != 0, dims))
        return false;
    node.window.count_include_pad = include_pad != 0;
    dims[1] = input.dims[1];
    return call_emit(call, &node, 4, dims);
}

bool max_pool_rule(struct call *call)
{
    return pool_rule(call, OPERATOR_MAX_POOL);
}

bool average_pool_rule(struct call *call)
{
    return pool_rule(call, OPERATOR_AVERAGE_POOL);
}

bool global_average_pool_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_GLOBAL_AVERAGE_POOL);
    const struct value *input = call_activation(call, 0);
    if (!is_image(call, input))
        return false;
    return call_emit(call, &node, 4, (int64_t[]){input->dims[0], input->dims[1], 1, 1});
}

static bool is_height_and_width(const struct int_list *axes)
{
    if (axes->count != 2)
        return false;
    int64_t first = axes->items[0] < 0 ? axes->items[0] + 4 : axes->items[0];
    int64_t second = axes->items[1] < 0 ? axes->items[1] + 4 : axes->items[1];
    return (first == 2 && second == 3) || (first == 3 && second == 2);
}

/* The mean over height and width is global average pooling; without keepdims it is flattened as
 * well. Axes are an attribute up to opset 17, an input from opset 18. */
bool reduce_mean_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_GLOBAL_AVERAGE_POOL);
    struct value input = *call_activation(call, 0);
    struct int_list axes;
    int64_t keep;
    if (!is_image(call, &input) || !call_int_list(call, 1, "axes", &axes) ||
        !call_attribute_int(call, "keepdims", 1, &keep))
        return false;
    if (!is_height_and_width(&axes))
        return err_set(call->err, "only the mean over height and width (axes 2 and 3) is "
                                  "supported");
    int64_t dims[4] = {input.dims[0], input.dims[1], 1, 1};
    if (keep)
        return call_emit(call, &node, 4, dims);
    struct node flatten = call_node(call, OPERATOR_FLATTEN);
    flatten.inputs[0] = call_emit_inner(call, &node, 4, dims);
    return flatten.inputs[0] >= 0 && call_emit(call, &flatten, 2, dims);
}
