/* What the tests of hostile ONNX models share: one good model, of which each hostile one replaces a
 * part. */
#ifndef MANTIS_TEST_ONNX_HOSTILE_H
#define MANTIS_TEST_ONNX_HOSTILE_H

#include "test/check.h"

#include <string.h>

#include "test/onnx_model.h"
#include "workloads/onnx.h"

/* 3 x 8 x 8 -> Conv to 4 -> Relu -> pool -> MatMul to 5; nodes 0 to 4 where all parts are there. */
enum part { INPUT = 1, WEIGHTS = 2, CONV = 4, TAIL = 8, OUTPUT = 16, ALL = 31 };

UNUSED_IS_FINE struct message same_padding(void)
{
    struct message attributes = {0};
    attribute_ints(&attributes, "pads", 4, (int64_t[]){1, 1, 1, 1});
    return attributes;
}

UNUSED_IS_FINE void build(struct model *model, unsigned parts)
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

struct hostile_case {
    const char *name;
    void (*build)(struct model *model);
    const char *text; /* what the error must say */
};

UNUSED_IS_FINE void check_one_line(const struct err *err)
{
    assert_null(strchr(err->text, '\n'));
    assert_memory_equal(err->text, "net.onnx: ", 10);
}

UNUSED_IS_FINE void check_hostile_case(const struct hostile_case *hostile)
{
    struct model model = {0};
    struct err err = {""};
    hostile->build(&model);
    struct message bytes = finish_model(&model);
    struct graph *graph = onnx_decode(bytes.data, bytes.size, "net.onnx", &err);
    if (graph || !strstr(err.text, hostile->text))
        fail_msg("%s: \"%s\" does not say \"%s\"", hostile->name, err.text, hostile->text);
    check_one_line(&err);
    free(bytes.data);
}

/* Cases up to one without name. */
UNUSED_IS_FINE void each_hostile_model_is_refused_by_name(void **state)
{
    for (const struct hostile_case *hostile = *state; hostile->name; hostile++)
        check_hostile_case(hostile);
}

/* The whole test program. */
UNUSED_IS_FINE int run_hostile_cases(struct hostile_case *cases)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(each_hostile_model_is_refused_by_name, cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
