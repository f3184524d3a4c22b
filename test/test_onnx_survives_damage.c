/* Does the ONNX reader survive bytes that are cut off, flipped, or made to exhaust it? */
#include "test/onnx_hostile.h"

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
