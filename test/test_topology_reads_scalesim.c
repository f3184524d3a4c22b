/* Are SCALE-Sim's topology files read as SCALE-Sim means them? */
#include "test/check.h"

#include <string.h>

#include "workloads/topology.h"

#define CONV_HEADER                                                                              \
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, " \
    "Strides,\n"

static struct topology *read_or_fail(const char *path)
{
    struct err err = {""};
    struct topology *topology = topology_read(path, &err);
    if (!topology)
        fail_msg("%s", err.text);
    return topology;
}

static uint64_t total_macs(const struct topology *topology)
{
    uint64_t macs = 0;
    for (int i = 0; i < topology->count; i++)
        macs += topology_macs(&topology->layers[i]);
    return macs;
}

/* reference/README.md: ResNet-18 is 1 814 073 344 MACs, in either form. */
static void both_resnet18_files_are_the_same_work(void **state)
{
    struct topology *conv = read_or_fail(TEST_SOURCE_DIR "/workloads/topologies/resnet18.csv");
    struct topology *gemm = read_or_fail(TEST_SOURCE_DIR "/workloads/topologies/resnet18_gemm.csv");
    assert_int_equal(conv->count, 21);
    assert_int_equal(gemm->count, 21);
    assert_string_equal(conv->name, "resnet18");
    assert_true(total_macs(conv) == 1814073344);
    assert_true(total_macs(gemm) == 1814073344);
    for (int i = 0; i < 21; i++) {
        const struct topology_layer *a = &conv->layers[i], *b = &gemm->layers[i];
        assert_int_equal(topology_output_h(a) * topology_output_w(a), b->ifm_h);
        assert_int_equal(a->filter_h * a->filter_w * a->channels, b->channels);
        assert_int_equal(a->filters, b->filters);
    }
    topology_free(conv);
    topology_free(gemm);
}

static void the_gemm_file_is_the_peers_workload(void **state)
{
    const char *reference = SHARED_DIR "/reference/peers/workload_resnet18_gemm.csv";
    SKIP_WITHOUT(reference);
    struct topology *ours = read_or_fail(TEST_SOURCE_DIR "/workloads/topologies/resnet18_gemm.csv");
    struct topology *theirs = read_or_fail(reference);
    assert_int_equal(ours->count, theirs->count);
    assert_memory_equal(ours->layers, theirs->layers, (size_t)ours->count * sizeof *ours->layers);
    topology_free(ours);
    topology_free(theirs);
}

/* Output pixels of every conv row that SCALE-Sim itself was run on. */
static void outputs_have_scalesims_size(void **state)
{
    const char *path = SHARED_DIR "/reference/peers/scalesim_cycles.csv";
    SKIP_WITHOUT(path);
    FILE *file = fopen(path, "r");
    char line[512];
    int rows = 0;
    while (fgets(line, sizeof line, file)) {
        struct topology_layer layer = {.groups = 1};
        int m, n, k;
        long long macs;
        if (sscanf(line, "conv,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%lld", &layer.ifm_h, &layer.ifm_w,
                   &layer.filter_h, &layer.filter_w, &layer.channels, &layer.filters, &layer.stride,
                   &m, &n, &k, &macs) != 11)
            continue;
        assert_int_equal(topology_output_h(&layer) * topology_output_w(&layer), m);
        assert_true(topology_macs(&layer) == (uint64_t)macs);
        rows++;
    }
    fclose(file);
    assert_true(rows > 50);
}

static void depthwise_and_groups_are_understood(void **state)
{
    static const char text[] =
        "Layer, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
        "Strides, Groups,\r\n"
        "plain,10,10,3,3,8,16,1,1,\r\n\r\ngrouped, 10, 10, 3, 3, 8, 16, 1, 4\r\n";
    static const char depthwise[] = "\xef\xbb\xbf" CONV_HEADER "one_dw,10,10,3,3,8,1,1,\n"
                                    "each_dw,10,10,3,3,8,8,1,";
    struct err err = {""};
    struct topology *topology = topology_decode(text, sizeof text - 1, "dir/a.csv", &err);
    assert_non_null(topology);
    assert_string_equal(topology->name, "a");
    assert_int_equal(topology->count, 2);
    assert_true(topology_macs(&topology->layers[0]) == 64 * 16 * 9 * 8);
    assert_true(topology_macs(&topology->layers[1]) == 64 * 16 * 9 * 2);
    topology_free(topology);
    topology = topology_decode(depthwise, sizeof depthwise - 1, "b.csv", &err);
    assert_non_null(topology);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(topology->layers[i].groups, 8);
        assert_true(topology_macs(&topology->layers[i]) == 64 * 8 * 9);
    }
    topology_free(topology);
}

/* Products of activations take part in the MACs, not in the model. */
static void operands_tell_weights_from_activations(void **state)
{
    static const char text[] = "Layer name, M, N, K, Operands,\nproj,128,768,768,weights,\n"
                               "scores,128,128,64,Activations,\n";
    struct err err = {""};
    struct topology *topology = topology_decode(text, sizeof text - 1, "a.csv", &err);
    assert_non_null(topology);
    assert_int_equal(topology->layers[0].operands, TOPOLOGY_WEIGHTS);
    assert_int_equal(topology->layers[1].operands, TOPOLOGY_ACTIVATIONS);
    assert_true(topology_weights(&topology->layers[0]) == 768 * 768);
    assert_true(topology_weights(&topology->layers[1]) == 0);
    assert_true(topology_macs(&topology->layers[1]) == 128 * 128 * 64);
    topology_free(topology);
}

static const struct {
    const char *text, *message;
} hostile[] = {
    {"", "t.csv:1: column \"Layer name\" is missing"},
    {"Layer name, M, N, K,\n", "t.csv:1: no layers"},
    {"Layer name, M, N,\na,1,2,\n", "t.csv:1: column \"K\" is missing"},
    {"Layer name, M, M, N, K\n", "t.csv:1: column \"M\" is there twice"},
    {"Layer name, M, N, K, Strides\n", "t.csv:1: mixes columns of the conv and the gemm form"},
    {"Layer name, M, N, K, SparsityRatio,\n",
     "t.csv:1: column \"SparsityRatio\": sparsity is not supported"},
    {"Name, M, N, K\n", "t.csv:1: column \"Name\" is not known; conv: Layer name, IFMAP Height"},
    {"Layer name, M, N, K,\na,1,2,\n", "t.csv:2: 3 columns; the header has 4"},
    {"Layer name, M, N, K,\na,1,2,3,\nb,0,2,3,\n", "t.csv:3: M: \"0\" is not in 1..16777216"},
    {"Layer name, M, N, K,\na,1,2,3x,\n", "t.csv:2: K: \"3x\" is not in 1..16777216"},
    {"Layer name, M, N, K,\na,1,-2,3,\n", "t.csv:2: N: \"-2\" is not in 1..16777216"},
    {"Layer name, M, N, K,\na,99999999999999999999,2,3,\n", "is not in 1..16777216"},
    {"Layer name, M, N, K,\na,16777216,16777216,16777216,\n", "more than 2^31 elements"},
    {"Layer name, M, N, K, Operands\na,1,2,3,weight\n",
     "t.csv:2: Operands: \"weight\" is not one of weights, activations"},
    {"Layer name, M, N, K, Operands\na,1,2,3,\n", "t.csv:2: 4 columns; the header has 5"},
    {"Layer name, M, N, K, Groups\n", "t.csv:1: mixes columns of the conv and the gemm form"},
    {CONV_HEADER "a,8,8,9,1,3,4,1,\n", "t.csv:2: the 9 x 1 filter is larger than the 8 x 8 IFMAP"},
    {CONV_HEADER "a_dw,8,8,3,3,3,4,1,\n",
     "t.csv:2: 3 channels and 4 filters do not divide into 3 groups"},
};

static void broken_files_are_refused_with_their_line(void **state)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct err err = {""};
        assert_null(topology_decode(hostile[i].text, strlen(hostile[i].text), "t.csv", &err));
        if (!strstr(err.text, hostile[i].message) || strchr(err.text, '\n'))
            fail_msg("\"%s\" does not say \"%s\"", err.text, hostile[i].message);
    }
    struct err err = {""};
    assert_null(topology_read("none.csv", &err));
    assert_string_equal(err.text, "none.csv: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_resnet18_files_are_the_same_work),
        cmocka_unit_test(the_gemm_file_is_the_peers_workload),
        cmocka_unit_test(outputs_have_scalesims_size),
        cmocka_unit_test(depthwise_and_groups_are_understood),
        cmocka_unit_test(operands_tell_weights_from_activations),
        cmocka_unit_test(broken_files_are_refused_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
