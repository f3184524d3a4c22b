/* Operators that work element by element. */
#include <math.h>
#include <string.h>

#include "compiler/reference_operators.h"

static int64_t output_elements(const struct reference *reference, const struct node *node)
{
    return value_elements(output_value(reference, node));
}

void reference_copy(struct reference *reference, const struct node *node)
{
    size_t bytes = (size_t)output_elements(reference, node) * sizeof(float);
    memcpy(node_output(reference, node), node_input(reference, node, 0), bytes);
}

void reference_relu(struct reference *reference, const struct node *node)
{
    const float *in = node_input(reference, node, 0);
    float *out = node_output(reference, node);
    for (int64_t i = 0, count = output_elements(reference, node); i < count; i++)
        out[i] = in[i] > 0 ? in[i] : 0;
}

void reference_clip(struct reference *reference, const struct node *node)
{
    const float *in = node_input(reference, node, 0);
    float *out = node_output(reference, node), low = node->clip_low, high = node->clip_high;
    for (int64_t i = 0, count = output_elements(reference, node); i < count; i++) {
        float raised = in[i] > low ? in[i] : low;
        out[i] = raised < high ? raised : high;
    }
}

/* scale * (x - mean) / sqrt(variance + epsilon) + bias, per channel: ONNX BatchNormalization,
 * inference form. */
void reference_batch_norm(struct reference *reference, const struct node *node)
{
    const float *in = node_input(reference, node, 0), *scale = node_input(reference, node, 1);
    const float *bias = node_input(reference, node, 2), *mean = node_input(reference, node, 3);
    const float *variance = node_input(reference, node, 4);
    struct image_shape shape = image_shape(output_value(reference, node));
    int64_t pixels = shape.height * shape.width;
    float *out = node_output(reference, node);
    for (int64_t c = 0; c < shape.channels; c++, in += pixels, out += pixels) {
        float factor = scale[c] / sqrtf(variance[c] + node->epsilon);
        float offset = bias[c] - mean[c] * factor;
        for (int64_t i = 0; i < pixels; i++)
            out[i] = in[i] * factor + offset;
    }
}

/* Strides with which an operand is read when broadcast to `out`: 0 along axes where it has one
 * element. */
static void broadcast_strides(const struct value *operand, const struct value *out,
                              int64_t strides[GRAPH_MAX_RANK])
{
    int64_t stride = 1;
    for (int axis = out->rank - 1; axis >= 0; axis--) {
        int own = axis - (out->rank - operand->rank);
        int64_t dim = own < 0 ? 1 : operand->dims[own];
        strides[axis] = dim == 1 ? 0 : stride;
        stride *= dim;
    }
}

/* Offset into a broadcast operand of output element `index`. */
static int64_t broadcast_offset(const struct value *out, const int64_t *strides, int64_t index)
{
    int64_t offset = 0;
    for (int axis = out->rank - 1; axis >= 0; axis--) {
        offset += index % out->dims[axis] * strides[axis];
        index /= out->dims[axis];
    }
    return offset;
}

void reference_add(struct reference *reference, const struct node *node)
{
    const struct value *left = input_value(reference, node, 0);
    const struct value *right = input_value(reference, node, 1);
    const struct value *sum = output_value(reference, node);
    const float *a = node_input(reference, node, 0), *b = node_input(reference, node, 1);
    float *out = node_output(reference, node);
    int64_t count = value_elements(sum), steps[2][GRAPH_MAX_RANK];
    if (value_elements(left) == count && value_elements(right) == count) {
        for (int64_t i = 0; i < count; i++)
            out[i] = a[i] + b[i];
        return;
    }
    broadcast_strides(left, sum, steps[0]);
    broadcast_strides(right, sum, steps[1]);
    for (int64_t i = 0; i < count; i++)
        out[i] = a[broadcast_offset(sum, steps[0], i)] + b[broadcast_offset(sum, steps[1], i)];
}

/* exp(x - max) / sum along one axis whose elements lie `stride` apart. */
static void softmax_line(const float *in, int64_t count, int64_t stride, float *out)
{
    float maximum = -INFINITY, sum = 0;
    for (int64_t i = 0; i < count; i++)
        maximum = fmaxf(maximum, in[i * stride]);
    for (int64_t i = 0; i < count; i++)
        sum += out[i * stride] = expf(in[i * stride] - maximum);
    for (int64_t i = 0; i < count; i++)
        out[i * stride] /= sum;
}

void reference_softmax(struct reference *reference, const struct node *node)
{
    const struct value *value = output_value(reference, node);
    int64_t count = value->dims[node->axis], stride = 1;
    for (int axis = node->axis + 1; axis < value->rank; axis++)
        stride *= value->dims[axis];
    const float *in = node_input(reference, node, 0);
    float *out = node_output(reference, node);
    for (int64_t i = 0, lines = value_elements(value) / count; i < lines; i++) {
        int64_t start = i / stride * stride * count + i % stride;
        softmax_line(in + start, count, stride, out + start);
    }
}
