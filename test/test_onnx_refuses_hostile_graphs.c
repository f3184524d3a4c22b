/* Does every network that is broken as a whole (its names, inputs, outputs, shape arithmetic) give
 * one clear line? */
#include "test/onnx_hostile.h"

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

static struct hostile_case cases[] = {
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
    {"secondary output", secondary_output, "is a secondary output of its node"},
    {"old opset", old_opset, "operator set 6 is not in 7..22"},
    {"line feed in name", line_feed_in_name, "operator Foo_Bar~"},
    {NULL, NULL, NULL},
};

int main(void)
{
    return run_hostile_cases(cases);
}
