/* A batch of images of a topology: is it the same work as its images, does it share their weights,
 * and does it read what they read? */
#include "machine_runs.h"

#include "compiler/lower.h"
#include "sim/config.h"
#include "workloads/topology.h"

static const struct quantise_config scheme = {
    .name = "int8", .weights = {8, 1, {FORMAT_INT}}, .activations = {8, 1, {FORMAT_INT}}};

static struct arch read_arch(const char *name)
{
    struct arch arch;
    struct err err;
    if (!config_read_arch(name, &arch, &err))
        fail_msg("%s", err.text);
    return arch;
}

/* The stats of one layer alone; its totals are the layer's. */
static struct layer_stats timed(struct topology_layer layer, int batch, const struct arch *arch)
{
    struct topology topology = {"batch", 1, &layer};
    struct err err;
    struct network *network = NULL;
    struct program *program = NULL;
    if (topology_batch(&topology, batch, &err))
        network = network_from_topology(&topology, &scheme, &err);
    if (network)
        program = lower(network, arch, &err);
    if (!program)
        fail_msg("%s", err.text);
    struct machine_run run = run_on(&engine_fast, program, NULL);
    struct layer_stats stats = machine_stats(run.machine)->layers[0];
    run_free(&run);
    program_free(program);
    network_free(network);
    return stats;
}

static const char *const archs[] = {"int8-32x32", "ant-64x64-ws"};

/* A batch of N of M x K by K x n is N*M x K by K x n, to the last counter. */
static void batch_of_a_gemm_is_a_taller_gemm(void **state)
{
    check_seed();
    for (int i = 0; i < 60; i++) {
        struct arch arch = read_arch(archs[i % 2]);
        int m = check_between(1, 300), batch = check_between(1, 64);
        struct topology_layer layer = {.name = "gemm",
                                       .ifm_h = m,
                                       .ifm_w = 1,
                                       .filter_h = 1,
                                       .filter_w = 1,
                                       .channels = check_between(1, 400),
                                       .filters = check_between(1, 400),
                                       .stride = 1,
                                       .groups = 1};
        struct layer_stats batched = timed(layer, batch, &arch);
        layer.ifm_h = m * batch;
        struct layer_stats taller = timed(layer, 1, &arch);
        assert_int_equal(batched.cycles, taller.cycles);
        assert_true(same_counters("gemm", (uint64_t)i, &batched.counters, &taller.counters));
    }
}

static struct topology_layer random_conv(void)
{
    struct topology_layer layer = {.name = "conv", .groups = 1};
    layer.filter_h = check_between(1, 5), layer.filter_w = check_between(1, 5);
    layer.stride = check_between(1, 3);
    layer.ifm_h = (check_between(4, 20) - 1) * layer.stride + layer.filter_h;
    layer.ifm_w = (check_between(4, 20) - 1) * layer.stride + layer.filter_w;
    layer.channels = check_between(1, 40), layer.filters = check_between(1, 40);
    return layer;
}

/* Row y of image i is row i * output height + y, and reads from row i * pitch + y * stride on. */
static void rows_of_images_follow_each_other(void **state)
{
    check_seed();
    for (int i = 0; i < 1000; i++) {
        struct topology_layer layer = random_conv(), tall = layer;
        struct topology topology = {"batch", 1, &tall};
        int batch = check_between(1, 64), height = topology_output_h(&layer);
        assert_true(topology_batch(&topology, batch, NULL));
        assert_int_equal(topology_output_h(&tall), batch * height);
        assert_int_equal(topology_output_w(&tall), topology_output_w(&layer));
        assert_int_equal(topology_macs(&tall), (uint64_t)batch * topology_macs(&layer));
        int pitch = height * layer.stride, overlap = layer.filter_h - layer.stride;
        assert_int_equal(tall.ifm_h, batch * pitch + overlap);
        assert_int_equal(layer.ifm_h, pitch + overlap);
    }
}

/* Where everything fits, weights are read once a batch, results written once an image, and of
 * activations what the images hold, but for `filter - stride` rows between two of them. */
static void weights_are_read_once(void **state)
{
    struct arch arch = read_arch("int8-32x32");
    enum { BATCH = 4, OUT = 8, K = 3, CHANNELS = 16, FILTERS = 32, ROW = (OUT + K - 1) * CHANNELS };
    struct topology_layer layer = {.name = "conv",
                                   .ifm_h = OUT + K - 1,
                                   .ifm_w = OUT + K - 1,
                                   .filter_h = K,
                                   .filter_w = K,
                                   .channels = CHANNELS,
                                   .filters = FILTERS,
                                   .stride = 1,
                                   .groups = 1};
    struct layer_stats one = timed(layer, 1, &arch), all = timed(layer, BATCH, &arch);
    const struct counters *single = &one.counters, *batch = &all.counters;
    assert_int_equal(batch->macs, BATCH * single->macs);
    assert_int_equal(batch->dram_write_bytes, BATCH * single->dram_write_bytes);
    assert_int_equal(single->weight_write_bits, 8 * K * K * CHANNELS * FILTERS);
    assert_int_equal(batch->weight_write_bits, single->weight_write_bits);
    /* however it is cut into tiles: at least the tall image, at most its images */
    uint64_t tall = 8 * (BATCH * OUT + K - 1) * ROW;
    assert_true(single->act_write_bits >= 8 * (OUT + K - 1) * ROW);
    assert_true(batch->act_write_bits >= tall);
    assert_true(batch->act_write_bits <= BATCH * single->act_write_bits);
}

static void too_many_images_are_refused(void **state)
{
    struct topology_layer layer = {.name = "conv",
                                   .ifm_h = 226,
                                   .ifm_w = 226,
                                   .filter_h = 3,
                                   .filter_w = 3,
                                   .channels = 64,
                                   .filters = 64,
                                   .stride = 1,
                                   .groups = 1};
    struct topology topology = {"batch", 1, &layer};
    struct err err;
    struct topology_layer unchanged = layer;
    assert_false(topology_batch(&topology, TOPOLOGY_MAX_BATCH, &err));
    assert_string_equal(err.text, "layer conv: a batch of 65536 has more than 2^31 elements");
    topology.layers = &unchanged;
    assert_true(topology_batch(&topology, 1, &err));
    assert_int_equal(unchanged.ifm_h, 226);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_of_a_gemm_is_a_taller_gemm),
        cmocka_unit_test(rows_of_images_follow_each_other),
        cmocka_unit_test(weights_are_read_once),
        cmocka_unit_test(too_many_images_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
