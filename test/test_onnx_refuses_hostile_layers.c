/* Does every layer with wrong weights, attributes or shapes give one clear line that names it? */
#include "test/onnx_hostile.h"

#include <math.h>

static void no_weights_input(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Conv", "bare", "x", "c", NULL);
}

static void computed_weights(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Conv", "dynamic", "x x", "c", NULL);
}

static void wrong_weight_rank(struct model *model)
{
    build(model, ALL & ~CONV);
    add_weights(model, "w1", 3, (int64_t[]){4, 3, 3});
    add_node(model, "Conv", "one_d", "x w1", "c", NULL);
}

static void wrong_channels(struct model *model)
{
    build(model, ALL & ~CONV);
    add_weights(model, "w5", 4, (int64_t[]){4, 5, 3, 3});
    add_node(model, "Conv", "wide", "x w5", "c", NULL);
}

static void wrong_bias(struct model *model)
{
    build(model, ALL & ~CONV);
    add_weights(model, "b7", 1, (int64_t[]){7});
    add_node(model, "Conv", "biased", "x w b7", "c", NULL);
}

static void zero_groups(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_int(&attributes, "group", 0);
    add_node(model, "Conv", "grouped", "x w", "c", &attributes);
}

static void huge_stride(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_ints(&attributes, "strides", 2, (int64_t[]){1, INT64_MAX});
    add_node(model, "Conv", "strided", "x w", "c", &attributes);
}

static void zero_stride(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_ints(&attributes, "strides", 2, (int64_t[]){0, 1});
    add_node(model, "Conv", "stuck", "x w", "c", &attributes);
}

static void one_stride(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_ints(&attributes, "strides", 1, (int64_t[]){1});
    add_node(model, "Conv", "line", "x w", "c", &attributes);
}

static void unknown_attribute(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_int(&attributes, "bogus", 1);
    add_node(model, "Conv", "odd", "x w", "c", &attributes);
}

static void wrong_attribute_type(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_text(&attributes, "group", "two");
    add_node(model, "Conv", "typed", "x w", "c", &attributes);
}

static void window_too_large(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_ints(&attributes, "dilations", 2, (int64_t[]){9, 1});
    add_node(model, "Conv", "wide", "x w", "c", &attributes);
}

static void pool_of_padding(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_ints(&attributes, "kernel_shape", 2, (int64_t[]){2, 2});
    attribute_ints(&attributes, "pads", 4, (int64_t[]){2, 0, 0, 0});
    add_node(model, "MaxPool", "pool", "x", "c", &attributes);
}

static void weights_with(struct model *model, float number)
{
    float data[108] = {0};
    data[107] = number;
    build(model, ALL & ~CONV);
    add_floats(model, "bad.weight", 4, (int64_t[]){4, 3, 3, 3}, data, 108);
    add_node(model, "Conv", "poisoned", "x bad.weight", "c", NULL);
}

static void nan_weights(struct model *model)
{
    weights_with(model, NAN);
}

static void infinite_weights(struct model *model)
{
    weights_with(model, -INFINITY);
}

static void weights_of_dims(struct model *model, int64_t first, size_t bytes)
{
    static const uint8_t zeros[64];
    struct message tensor =
        make_tensor("big", TYPE_FLOAT, 4, (int64_t[]){first, 3, 3, 3}, zeros, bytes);
    build(model, ALL & ~CONV);
    put_message(&model->graph, 5, &tensor);
    add_node(model, "Conv", "big", "x big", "c", NULL);
}

static void huge_dims(struct model *model)
{
    weights_of_dims(model, INT64_C(1) << 62, 64);
}

static void negative_dims(struct model *model)
{
    weights_of_dims(model, -4, 64);
}

static void short_data(struct model *model)
{
    weights_of_dims(model, 4, 64);
}

static void zero_dims(struct model *model)
{
    weights_of_dims(model, 0, 0);
}

static void text_weights(struct model *model)
{
    struct message tensor = make_tensor("words", TYPE_STRING, 4, (int64_t[]){1, 1, 1, 1}, "w", 1);
    build(model, ALL & ~CONV);
    put_message(&model->graph, 5, &tensor);
    add_node(model, "Conv", "texts", "x words", "c", NULL);
}

static void external_data(struct model *model)
{
    struct message tensor = make_tensor("far", TYPE_FLOAT, 4, (int64_t[]){4, 3, 3, 3}, "", 0);
    build(model, ALL & ~CONV);
    put_int(&tensor, 14, 1);
    put_message(&model->graph, 5, &tensor);
    add_node(model, "Conv", "remote", "x far", "c", NULL);
}

static void integer_weights(struct model *model)
{
    static const int64_t data[108];
    struct message tensor =
        make_tensor("wi", TYPE_INT64, 4, (int64_t[]){4, 3, 3, 3}, data, sizeof data);
    build(model, ALL & ~CONV);
    put_message(&model->graph, 5, &tensor);
    add_node(model, "Conv", "whole", "x wi", "c", NULL);
}

static void different_shapes_added(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "GlobalAveragePool", "gap", "x", "p", NULL);
    add_node(model, "Add", "sum", "x p", "c", NULL);
}

static void inner_dimensions_differ(struct model *model)
{
    build(model, ALL & ~TAIL);
    add_node(model, "Flatten", "flat", "c", "f", NULL);
    add_node(model, "MatMul", "fc", "f fw", "y", NULL);
}

static void transposed_a(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~TAIL);
    attribute_int(&attributes, "transA", 1);
    add_node(model, "GlobalAveragePool", "gap", "c", "g", NULL);
    add_node(model, "Flatten", "flat", "g", "f", NULL);
    add_node(model, "Gemm", "fc", "f fw", "y", &attributes);
}

static void negative_variance(struct model *model)
{
    build(model, ALL & ~CONV);
    add_weights(model, "stat", 1, (int64_t[]){3});
    add_node(model, "BatchNormalization", "bn", "x stat stat stat stat", "c", NULL);
}

static void empty_clip(struct model *model)
{
    build(model, ALL & ~CONV);
    add_floats(model, "six", 0, NULL, (float[]){6}, 1);
    add_floats(model, "nil", 0, NULL, (float[]){0}, 1);
    add_node(model, "Clip", "clamp", "x six nil", "c", NULL);
}

static struct hostile_case cases[] = {
    {"no weights", no_weights_input, "node 4 (Conv \"bare\"): has 1 inputs; Conv takes 2..3"},
    {"computed weights", computed_weights,
     "node 4 (Conv \"dynamic\"): input 1, \"x\", is computed at run time; a constant is needed"},
    {"weights of rank 3", wrong_weight_rank,
     "node 4 (Conv \"one_d\"): weights have shape [4, 3, 3]; rank 4 (O, I/group, H, W) is needed"},
    {"wrong channels", wrong_channels,
     "weights [4, 5, 3, 3] in 1 group(s) do not fit an input of shape [1, 3, 8, 8]"},
    {"wrong bias", wrong_bias, "node 4 (Conv \"biased\"): bias has 7 elements for 4 channels"},
    {"zero groups", zero_groups, "in 0 group(s) do not fit"},
    {"huge stride", huge_stride, "strides: 9223372036854775807 is not in 1..65535"},
    {"zero stride", zero_stride, "strides: 0 is not in 1..65535"},
    {"one stride", one_stride, "strides has 1 entries; a 2-D window needs 2"},
    {"unknown attribute", unknown_attribute, "attribute \"bogus\" is not known; legal: auto_pad "},
    {"wrong attribute type", wrong_attribute_type, "attribute group is not an integer"},
    {"window too large", window_too_large, "the window covers 19 rows, the padded input has 8"},
    {"pool of padding", pool_of_padding, "padding 2 is not smaller than the window, 2 x 2"},
    {"NaN weights", nan_weights,
     "node 4 (Conv \"poisoned\"): initializer \"bad.weight\": element [3, 2, 2, 2] is NaN"},
    {"infinite weights", infinite_weights,
     "initializer \"bad.weight\": element [3, 2, 2, 2] is infinite"},
    {"huge dims", huge_dims, "initializer \"big\": shape [4611686018427387904, 3, 3, 3] has more"},
    {"negative dims", negative_dims, "shape [-4, 3, 3, 3] has a negative dimension"},
    {"short data", short_data,
     "initializer \"big\": its shape needs 108 elements, its data holds 64 bytes of FLOAT"},
    {"zero dims", zero_dims, "weights have shape [0, 3, 3, 3]"},
    {"text weights", text_weights, "initializer \"words\": its type is 8; supported: float"},
    {"external data", external_data,
     "initializer \"far\": its data lie in another file (external data)"},
    {"integer weights", integer_weights, "input 1, \"wi\", holds integers; reals are needed"},
    {"different shapes added", different_shapes_added,
     "adds [1, 3, 8, 8] and [1, 3, 1, 1]; broadcasting is not supported"},
    {"inner dimensions differ", inner_dimensions_differ,
     "multiplies [1, 256] by [4, 5]: the inner dimensions differ"},
    {"transposed A", transposed_a, "transA is not supported"},
    {"negative variance", negative_variance,
     "variance -0.5 of channel 0 plus epsilon 1e-05 is not"},
    {"empty clip", empty_clip, "clips to 6..0, which is empty"},
    {NULL, NULL, NULL},
};

int main(void)
{
    return run_hostile_cases(cases);
}
