/* Does every broken model give one clear line that names file and place? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "test/onnx_model.h"
#include "workloads/onnx.h"

/* The model that all the others differ from: 3 x 8 x 8 -> Conv to 4 -> Relu -> pool -> Gemm to 5.
 */

enum part { INPUT = 1, WEIGHTS = 2, CONV = 4, TAIL = 8, OUTPUT = 16, ALL = 31 };

static struct message same_padding(void)
{
    struct message attributes = {0};
    attribute_ints(&attributes, "pads", 4, (int64_t[]){1, 1, 1, 1});
    return attributes;
}

static void build(struct model *model, unsigned parts)
{
    struct message pads = same_padding();
    if (parts & INPUT)
        add_image_input(model, 3, 8, 8);
    if (parts & WEIGHTS) {
        add_weights(model, "w", 4, (int64_t[]){4, 3, 3, 3});
        add_weights(model, "b", 1, (int64_t[]){4});
        add_weights(model, "fw", 2, (int64_t[]){4, 5});
    }
    if (parts & CONV)
        add_node(model, "Conv", "layer1.0", "x w b", "c", &pads);
    free(pads.data);
    if (parts & TAIL) {
        add_node(model, "Relu", "relu", "c", "r", NULL);
        add_node(model, "GlobalAveragePool", "", "r", "g", NULL);
        add_node(model, "Flatten", "flat", "g", "f", NULL);
        add_node(model, "MatMul", "fc", "f fw", "y", NULL);
    }
    if (parts & OUTPUT)
        add_output(model, "y");
}

static void unknown_operator(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Foo", "layer2.0", "x", "c", NULL);
}

static void foreign_domain(struct model *model)
{
    struct message domain = {0};
    build(model, ALL & ~CONV);
    put_text(&domain, 7, "com.example");
    add_node(model, "Relu", "mine", "x", "c", &domain);
}

static void cycle(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Add", "loop", "x r", "c", NULL);
}

static void missing_input(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Relu", "lost", "nowhere", "c", NULL);
}

static void defined_twice(struct model *model)
{
    build(model, ALL);
    add_node(model, "Relu", "again", "x", "c", NULL);
}

static void initializer_twice(struct model *model)
{
    build(model, ALL);
    add_weights(model, "w", 1, (int64_t[]){1});
}

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

static void no_output(struct model *model)
{
    build(model, ALL & ~OUTPUT);
}

static void two_outputs(struct model *model)
{
    build(model, ALL);
    add_output(model, "f");
}

static void undefined_output(struct model *model)
{
    build(model, ALL & ~OUTPUT);
    add_output(model, "z");
}

static void two_inputs(struct model *model)
{
    build(model, ALL);
    add_info(model, 11, "x2", TYPE_FLOAT, 4, (int64_t[]){1, 3, 8, 8});
}

static void integer_input(struct model *model)
{
    build(model, ALL & ~INPUT);
    add_info(model, 11, "x", TYPE_INT64, 4, (int64_t[]){1, 3, 8, 8});
}

static void dynamic_height(struct model *model)
{
    build(model, ALL & ~INPUT);
    add_info(model, 11, "x", TYPE_FLOAT, 4, (int64_t[]){1, 3, -1, 8});
}

static void fixed_batch(struct model *model)
{
    build(model, ALL & ~INPUT);
    add_info(model, 11, "x", TYPE_FLOAT, 4, (int64_t[]){16, 3, 8, 8});
}

static void huge_input(struct model *model)
{
    build(model, ALL & ~INPUT);
    add_image_input(model, 3, INT64_C(1) << 40, INT64_C(1) << 40);
}

static void output_is_constant(struct model *model)
{
    build(model, INPUT | WEIGHTS);
    add_node(model, "Identity", "id", "w", "y", NULL);
    add_output(model, "y");
}

static void output_is_input(struct model *model)
{
    build(model, INPUT);
    add_node(model, "Identity", "id", "x", "y", NULL);
    add_output(model, "y");
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

static void impossible_reshape(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "shape", 2, (int64_t[]){1, 100});
    add_node(model, "Reshape", "view", "x shape", "c", NULL);
}

static void channel_shuffle(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "shape", 4, (int64_t[]){1, 8, 3, 8});
    add_node(model, "Reshape", "view", "x shape", "c", NULL);
}

static void backward_slice(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "from", 1, (int64_t[]){-1});
    add_ints(model, "to", 1, (int64_t[]){INT64_MIN});
    add_ints(model, "axis", 1, (int64_t[]){3});
    add_ints(model, "step", 1, (int64_t[]){INT64_MIN});
    add_node(model, "Slice", "flip", "x from to axis step", "c", NULL);
}

static void empty_slice(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "from", 1, (int64_t[]){5});
    add_ints(model, "to", 1, (int64_t[]){5});
    add_ints(model, "axis", 1, (int64_t[]){3});
    add_node(model, "Slice", "none", "x from to axis", "c", NULL);
}

static void reflected_padding(struct model *model)
{
    struct message attributes = {0};
    build(model, ALL & ~CONV);
    attribute_text(&attributes, "mode", "reflect");
    add_ints(model, "pads", 8, (int64_t[]){0, 0, 1, 1, 0, 0, 1, 1});
    add_node(model, "Pad", "mirror", "x pads", "c", &attributes);
}

static void endless_constant(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "million", 2, (int64_t[]){40000, 40000});
    add_node(model, "ConstantOfShape", "fill", "million", "big", NULL);
    add_node(model, "Conv", "bomb", "x big", "c", NULL);
}

static void divided_by_zero(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "one", 1, (int64_t[]){1});
    add_ints(model, "zero", 1, (int64_t[]){0});
    add_node(model, "Div", "quotient", "one zero", "q", NULL);
    add_node(model, "Reshape", "view", "x q", "c", NULL);
}

static void gather_outside(struct model *model)
{
    build(model, ALL & ~CONV);
    add_ints(model, "seven", 0, (int64_t[]){7});
    add_node(model, "Shape", "shape", "x", "s", NULL);
    add_node(model, "Gather", "pick", "s seven", "q", NULL);
    add_node(model, "Reshape", "view", "x q", "c", NULL);
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

static void secondary_output(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Dropout", "drop", "x", "d mask", NULL);
    add_node(model, "Relu", "masked", "mask", "c", NULL);
}

static void old_opset(struct model *model)
{
    build(model, ALL);
    model->opset = 6;
}

static void line_feed_in_name(struct model *model)
{
    build(model, ALL & ~CONV);
    add_node(model, "Foo\nBar", "two\nlines", "x", "c", NULL);
}

static const struct {
    const char *name;
    void (*build)(struct model *model);
    const char *text;
} cases[] = {
    {"unknown operator", unknown_operator,
     "node 4 (Foo \"layer2.0\"): operator Foo is not supported; supported: Conv, Gemm, MatMul, "},
    {"foreign domain", foreign_domain, "node 4 (Relu \"mine\"): operator Relu is not supported"},
    {"cycle", cycle, "it depends on its own output: the graph has a cycle"},
    {"missing input", missing_input,
     "node 4 (Relu \"lost\"): input 0, \"nowhere\", is defined by no node, initializer or network "
     "input"},
    {"defined twice", defined_twice, "\"c\" is defined twice: by node 0 and by node 5"},
    {"initializer twice", initializer_twice,
     "\"w\" is defined twice: by an initializer and by an initializer"},
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
    {"no output", no_output, "the network has 0 outputs; exactly 1 is supported"},
    {"two outputs", two_outputs, "the network has 2 outputs; exactly 1 is supported"},
    {"undefined output", undefined_output, "output \"z\" is defined by no node"},
    {"two inputs", two_inputs, "the network has 2 inputs; exactly 1 is supported"},
    {"integer input", integer_input, "input \"x\": has element type 7; only float (1)"},
    {"dynamic height", dynamic_height, "input \"x\": dimension 2 is not fixed"},
    {"fixed batch", fixed_batch, "input \"x\": its batch is fixed at 16"},
    {"huge input", huge_input, "has more than 2^31 elements"},
    {"output is constant", output_is_constant, "the output is not computed from the input"},
    {"output is input", output_is_input, "the output is not computed from the input"},
    {"different shapes added", different_shapes_added,
     "adds [1, 3, 8, 8] and [1, 3, 1, 1]; broadcasting is not supported"},
    {"inner dimensions differ", inner_dimensions_differ,
     "multiplies [1, 256] by [4, 5]: the inner dimensions differ"},
    {"transposed A", transposed_a, "transA is not supported"},
    {"impossible reshape", impossible_reshape, "cannot reshape [1, 3, 8, 8] to [1, 100]"},
    {"channel shuffle", channel_shuffle,
     "reshapes [1, 3, 8, 8] to [1, 8, 3, 8]; only reshapes to one row are supported"},
    {"backward slice", backward_slice, "on axis 3; only positive steps"},
    {"empty slice", empty_slice, "shape [1, 3, 8, 0] has a dimension of 0"},
    {"reflected padding", reflected_padding, "only padding with zeros is supported"},
    {"endless constant", endless_constant,
     "node 4 (ConstantOfShape \"fill\"): constant folding makes far more elements"},
    {"divided by zero", divided_by_zero, "node 4 (Div \"quotient\"): overflow or division by zero"},
    {"gather outside", gather_outside, "node 5 (Gather \"pick\"): index 7 is not in -4..3"},
    {"negative variance", negative_variance,
     "variance -0.5 of channel 0 plus epsilon 1e-05 is not"},
    {"empty clip", empty_clip, "clips to 6..0, which is empty"},
    {"secondary output", secondary_output, "is a secondary output of its node"},
    {"old opset", old_opset, "operator set 6 is not in 7..22"},
    {"line feed in name", line_feed_in_name, "operator Foo_Bar~"},
};

static void check_one_line(const struct err *err)
{
    assert_null(strchr(err->text, '\n'));
    assert_memory_equal(err->text, "net.onnx: ", 10);
}

static void each_hostile_model_is_refused_by_name(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model model = {0};
        struct err err = {""};
        cases[i].build(&model);
        struct message bytes = finish_model(&model);
        struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
        if (graph || !strstr(err.text, cases[i].text))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].name, err.text, cases[i].text);
        check_one_line(&err);
        free(bytes.data);
    }
}

static struct message good_model(void)
{
    struct model model = {0};
    build(&model, ALL);
    return finish_model(&model);
}

static void the_model_they_differ_from_is_read(void **state)
{
    struct message bytes = good_model();
    struct err err = {""};
    struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
    if (!graph)
        fail_msg("%s", err.text);
    assert_int_equal(graph->node_count, 5);
    graph_free(graph);
    free(bytes.data);
}

/* Nothing that the output does not need is looked at. */
static void what_is_not_needed_may_be_broken(void **state)
{
    struct model model = {0};
    struct err err = {""};
    build(&model, ALL);
    add_node(&model, "Foo", "unused", "nowhere", "u", NULL);
    struct message bytes = finish_model(&model);
    struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
    assert_non_null(graph);
    assert_int_equal(graph->node_count, 5);
    graph_free(graph);
    free(bytes.data);
}

/* The operator set comes last, and has no default. */
static void every_truncation_is_refused(void **state)
{
    struct message bytes = good_model();
    for (size_t length = 0; length < bytes.size; length++) {
        struct err err = {""};
        uint8_t *part = malloc(length + 1); /* exact, so that sanitizers see any read beyond */
        memcpy(part, bytes.data, length);
        struct graph *graph = onnx_decode(part, length, "net.onnx", &err);
        if (graph)
            fail_msg("the first %zu of %zu bytes are read", length, bytes.size);
        check_one_line(&err);
        free(part);
    }
    free(bytes.data);
}

static void every_flipped_bit_is_read_or_refused(void **state)
{
    struct message bytes = good_model();
    for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
        struct err err = {""};
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
        if (!graph)
            check_one_line(&err);
        graph_free(graph);
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(bytes.data);
}

/* A subgraph in an attribute of a node in a subgraph ..., 10000 deep: the unpacker must not follow
 * it down the stack. */
static void deep_nesting_is_refused(void **state)
{
    struct message graph = {0};
    for (int depth = 0; depth < 10000; depth++) {
        struct message node = {0}, attribute = {0};
        put_message(&attribute, 6, &graph);
        put_message(&node, 5, &attribute);
        put_message(&graph, 1, &node);
    }
    struct model model = {.graph = graph};
    struct message bytes = finish_model(&model);
    struct err err = {""};
    assert_null(onnx_decode(bytes.data, bytes.size, "net.onnx", &err));
    assert_non_null(strstr(err.text, "messages nested more than 32 deep"));
    check_one_line(&err);
    free(bytes.data);
}

/* Two bytes on the wire become a structure of over a hundred: millions of them must not be
 * unpacked. */
static void swarms_of_empty_messages_are_refused(void **state)
{
    struct model model = {0};
    for (int i = 0; i < 2000000; i++)
        put_raw(&model.graph, "\x0a\x00", 2);
    struct message bytes = finish_model(&model);
    struct err err = {""};
    assert_null(onnx_decode(bytes.data, bytes.size, "net.onnx", &err));
    assert_non_null(strstr(err.text, "unpacking takes far more memory than the file's size"));
    check_one_line(&err);
    free(bytes.data);
}

static void files_that_are_not_there_are_named(void **state)
{
    struct err err = {""};
    assert_null(onnx_read("no/such/net.onnx", &err));
    assert_string_equal(err.text, "no/such/net.onnx: No such file or directory");
    assert_null(onnx_read(TEST_SOURCE_DIR, &err));
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_null(onnx_read(TEST_SOURCE_DIR "/LICENSE", &err));
    assert_non_null(strstr(err.text, "not an ONNX file"));
}

static void a_real_network_cut_anywhere_is_refused(void **state)
{
    const char *path = SHARED_DIR "/data/cifar10/resnet20.onnx";
    SKIP_WITHOUT(path);
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    uint8_t *bytes = malloc(size);
    rewind(file);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    for (int part = 0; part < 64; part++) {
        struct err err = {""};
        assert_null(onnx_decode(bytes, size * (size_t)part / 64, "net.onnx", &err));
        check_one_line(&err);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_they_differ_from_is_read),
        cmocka_unit_test(each_hostile_model_is_refused_by_name),
        cmocka_unit_test(what_is_not_needed_may_be_broken),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_bit_is_read_or_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(swarms_of_empty_messages_are_refused),
        cmocka_unit_test(files_that_are_not_there_are_named),
        cmocka_unit_test(a_real_network_cut_anywhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
