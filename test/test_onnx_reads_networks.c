/* Does the reader give the graph that the ONNX file means? */
#include "test/onnx_graph.h"

#include <math.h>

static struct graph *read_or_fail(const char *path)
{
    struct err err = {""};
    struct graph *graph = onnx_read(path, &err);
    if (!graph)
        fail_msg("%s", err.text);
    return graph;
}

static uint64_t total_macs(const struct graph *graph)
{
    uint64_t macs = 0;
    for (int i = 0; i < graph->node_count; i++)
        macs += node_macs(graph, &graph->nodes[i]);
    return macs;
}

static int count_nodes(const struct graph *graph, enum operator_type op)
{
    int count = 0;
    for (int i = 0; i < graph->node_count; i++)
        count += graph->nodes[i].op == op;
    return count;
}

static void resnet18_is_20_convolutions_and_a_gemm(void **state)
{
    const char *path = SHARED_DIR "/data/imagenet/resnet18.onnx";
    SKIP_WITHOUT(path);
    struct graph *graph = read_or_fail(path);
    assert_well_formed(graph);
    ASSERT_SHAPE(&graph->values[graph->input], 1, 3, 224, 224);
    ASSERT_SHAPE(&graph->values[graph->output], 1, 1000);
    assert_int_equal(count_nodes(graph, OPERATOR_CONV), 20);
    assert_int_equal(count_nodes(graph, OPERATOR_BATCH_NORM), 20);
    assert_int_equal(count_nodes(graph, OPERATOR_RELU), 17);
    assert_int_equal(count_nodes(graph, OPERATOR_ADD), 8);
    assert_int_equal(count_nodes(graph, OPERATOR_MAX_POOL), 1);
    assert_int_equal(count_nodes(graph, OPERATOR_GEMM), 1);
    assert_int_equal(count_nodes(graph, OPERATOR_IDENTITY), 0);
    assert_int_equal(graph->node_count, 20 + 20 + 17 + 8 + 1 + 1 + 1 + 1);
    assert_true(total_macs(graph) == 1814073344); /* reference/peers/workload_resnet18_gemm.csv */
    graph_free(graph);
}

/* Sandler et al., "MobileNetV2" (2018), table 2: expansion, channels, repeats, stride of each
 * stage. */
static uint64_t mobilenetv2_macs(void)
{
    static const int stages[][4] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    uint64_t side = 112, in = 32, macs = side * side * 27 * in;
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (int repeat = 0; repeat < stages[s][2]; repeat++) {
            uint64_t wide = in * (uint64_t)stages[s][0], out = (uint64_t)stages[s][1];
            if (wide != in)
                macs += side * side * in * wide;
            side /= repeat ? 1 : (uint64_t)stages[s][3];
            macs += side * side * wide * 9 + side * side * wide * out;
            in = out;
        }
    return macs + side * side * in * 1280 + 1280 * 1000;
}

static void mobilenetv2_has_the_published_work(void **state)
{
    const char *path = SHARED_DIR "/data/imagenet/mobilenetv2.onnx";
    SKIP_WITHOUT(path);
    struct graph *graph = read_or_fail(path);
    assert_well_formed(graph);
    assert_int_equal(count_nodes(graph, OPERATOR_CONV), 53);
    assert_int_equal(count_nodes(graph, OPERATOR_CLIP), 35);
    assert_int_equal(count_nodes(graph, OPERATOR_ADD), 10);
    int depthwise = 0;
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        depthwise += node->op == OPERATOR_CONV && node->window.groups > 1;
        if (node->op == OPERATOR_CLIP)
            assert_true(node->clip_low == 0 && node->clip_high == 6);
    }
    assert_int_equal(depthwise, 17);
    assert_true(total_macs(graph) == mobilenetv2_macs());
    graph_free(graph);
}

/* He et al., "Deep residual learning" (2016), section 4.2: 3 stages of 6 convolutions 3x3; option A
 * adds none. */
static uint64_t resnet20_macs(void)
{
    uint64_t macs = 1024 * 27 * 16 + 64 * 10;
    for (uint64_t stage = 0, width = 16, pixels = 1024; stage < 3; stage++, width *= 2, pixels /= 4)
        macs += pixels * 9 * width * (5 * width + (stage ? width / 2 : width));
    return macs;
}

static void resnet20_folds_its_option_a_shortcuts(void **state)
{
    const char *path = SHARED_DIR "/data/cifar10/resnet20.onnx";
    SKIP_WITHOUT(path);
    struct graph *graph = read_or_fail(path);
    assert_well_formed(graph);
    assert_int_equal(count_nodes(graph, OPERATOR_CONV), 19);
    assert_int_equal(count_nodes(graph, OPERATOR_PAD), 2); /* the third pads by nothing */
    assert_int_equal(count_nodes(graph, OPERATOR_SLICE), 4);
    assert_int_equal(count_nodes(graph, OPERATOR_FLATTEN), 1);
    assert_int_equal(graph->node_count, 19 + 19 + 19 + 9 + 2 + 4 + 1 + 1 + 1);
    for (int i = 0, width = 16; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->op != OPERATOR_PAD)
            continue;
        assert_int_equal(node->pad_before[1], width / 2); /* F.pad(..., planes // 4 on each side) */
        assert_int_equal(node->pad_after[1], width / 2);
        width *= 2;
    }
    assert_true(total_macs(graph) == resnet20_macs());
    graph_free(graph);
}

/* Nodes in reverse order, as no exporter writes them but ONNX's readers should cope with. */
static void nodes_in_any_order_are_sorted(void **state)
{
    struct model model = {0};
    enum { DEPTH = 20000 }; /* deep enough to break a recursive sort */
    for (int i = DEPTH - 1; i > 0; i--) {
        char from[16], to[16];
        snprintf(from, sizeof from, i > 1 ? "v%d" : "x", i - 1);
        snprintf(to, sizeof to, "v%d", i);
        add_node(&model, "Relu", to, from, to, NULL);
    }
    add_image_input(&model, 1, 2, 2);
    char last[16];
    snprintf(last, sizeof last, "v%d", DEPTH - 1);
    add_output(&model, last);
    struct graph *graph = decode_or_fail(&model);
    assert_int_equal(graph->node_count, DEPTH - 1);
    assert_well_formed(graph);
    graph_free(graph);
}

static void long_names_stay_distinct(void **state)
{
    struct model model = {0};
    char first[300], second[300], line[700];
    memset(first, 'n', sizeof first);
    memset(second, 'n', sizeof second);
    first[298] = '1';
    second[298] = '2';
    first[299] = second[299] = 0;
    add_image_input(&model, 1, 2, 2);
    add_node(&model, "Relu", first, "x", first, NULL);
    add_node(&model, "Relu", second, "x", second, NULL);
    snprintf(line, sizeof line, "%s %s", first, second);
    add_node(&model, "Add", "", line, "y", NULL);
    add_output(&model, "y");
    struct graph *graph = decode_or_fail(&model);
    assert_string_not_equal(graph->nodes[0].name, graph->nodes[1].name);
    assert_string_equal(graph->nodes[2].name, "Add_2");
    graph_free(graph);
}

/* Written weights come back; what is not replaced stays as it was. */
static void written_weights_are_read_back(void **state)
{
    const char *path = SHARED_DIR "/data/cifar10/resnet20.onnx";
    char copy[] = "/tmp/mantis_test_onnx_XXXXXX";
    SKIP_WITHOUT(path);
    int descriptor = mkstemp(copy);
    assert_true(descriptor >= 0);
    close(descriptor);
    struct graph *graph = read_or_fail(path);
    struct err err = {""};
    for (int i = 0; i < graph->value_count; i++)
        for (int64_t k = 0; graph->values[i].data && k < value_elements(&graph->values[i]); k++)
            graph->values[i].data[k] = fabsf(graph->values[i].data[k]) + (float)i;
    if (!onnx_write_weights(path, graph, copy, &err))
        fail_msg("%s", err.text);
    struct graph *again = read_or_fail(copy);
    assert_int_equal(again->value_count, graph->value_count);
    for (int i = 0; i < graph->value_count; i++) {
        const struct value *a = &graph->values[i], *b = &again->values[i];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->data == NULL, b->data == NULL);
        if (a->data)
            assert_memory_equal(a->data, b->data, (size_t)value_elements(a) * sizeof *a->data);
    }
    graph_free(again);
    assert_false(onnx_write_weights(path, graph, "/no/such/folder/net.onnx", &err));
    assert_string_equal(err.text, "/no/such/folder/net.onnx: No such file or directory");
    graph_free(graph);
    unlink(copy);
}

static void the_dump_has_one_line_per_node(void **state)
{
    struct model model = {0};
    struct message attributes = {0};
    char text[512] = "";
    attribute_ints(&attributes, "kernel_shape", 2, (int64_t[]){3, 2});
    attribute_ints(&attributes, "strides", 2, (int64_t[]){2, 1});
    struct graph *graph = one_operator("AveragePool", &attributes, "x", &model);
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_true(graph_print(graph, file));
    fclose(file);
    assert_string_equal(text, "graph \ninput x [1x2x9x7]\n"
                              "AveragePool n (x) -> y [1x2x4x6] kernel 3x2 stride 2x1 pad 0,0,0,0\n"
                              "output y\n");
    graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet18_is_20_convolutions_and_a_gemm),
        cmocka_unit_test(mobilenetv2_has_the_published_work),
        cmocka_unit_test(resnet20_folds_its_option_a_shortcuts),
        cmocka_unit_test(nodes_in_any_order_are_sorted),
        cmocka_unit_test(long_names_stay_distinct),
        cmocka_unit_test(written_weights_are_read_back),
        cmocka_unit_test(the_dump_has_one_line_per_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
