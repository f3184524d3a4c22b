/* Does the mapping search find tilings that fit, that no other tiling beats by much, and that cost
 * what the machine then takes? */
#include "check.h"

#include <math.h>
#include <time.h>

#include "compiler/quantise.h"
#include "compiler/tile.h"
#include "random_network.h"
#include "sim/config.h"
#include "sim/machine.h"

static struct arch int8_32x32(void)
{
    struct arch arch;
    struct err err;
    if (!config_read_arch(TEST_SOURCE_DIR "/configs/arch/int8-32x32.cfg", &arch, &err))
        fail_msg("%s", err.text);
    return arch;
}

/* ResNet-18's convolutions (He et al. 2016, table 1), inputs padded, and its classifier. */
#define CONV(name, size, kernel, channels, filters, stride)                              \
    {                                                                                    \
        name, size, size, kernel, kernel, channels, filters, stride, 1, TOPOLOGY_WEIGHTS \
    }
static struct topology_layer resnet18_layers[] = {
    CONV("conv1", 229, 7, 3, 64, 2),
    CONV("l1a", 58, 3, 64, 64, 1),
    CONV("l1b", 58, 3, 64, 64, 1),
    CONV("l1c", 58, 3, 64, 64, 1),
    CONV("l1d", 58, 3, 64, 64, 1),
    CONV("l2a", 57, 3, 64, 128, 2),
    CONV("l2b", 30, 3, 128, 128, 1),
    CONV("l2ds", 55, 1, 64, 128, 2),
    CONV("l2c", 30, 3, 128, 128, 1),
    CONV("l2d", 30, 3, 128, 128, 1),
    CONV("l3a", 29, 3, 128, 256, 2),
    CONV("l3b", 16, 3, 256, 256, 1),
    CONV("l3ds", 27, 1, 128, 256, 2),
    CONV("l3c", 16, 3, 256, 256, 1),
    CONV("l3d", 16, 3, 256, 256, 1),
    CONV("l4a", 15, 3, 256, 512, 2),
    CONV("l4b", 9, 3, 512, 512, 1),
    CONV("l4ds", 13, 1, 256, 512, 2),
    CONV("l4c", 9, 3, 512, 512, 1),
    CONV("l4d", 9, 3, 512, 512, 1),
    {"fc", 1, 1, 1, 1, 512, 1000, 1, 1, TOPOLOGY_WEIGHTS}};

static struct network *resnet18(void)
{
    struct topology topology = {"resnet18", sizeof resnet18_layers / sizeof resnet18_layers[0],
                                resnet18_layers};
    struct quantise_config config = {
        .name = "int8", .weights = {8, 1, {FORMAT_INT}}, .activations = {8, 1, {FORMAT_INT}}};
    struct err err;
    struct network *network = network_from_topology(&topology, &config, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

static double milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

/* 20 convolutions and the classifier: 1 814 073 344 multiply-accumulates, counted in
 * shared/reference/peers/workload_resnet18_gemm.csv. */
static void resnet18_takes_what_was_estimated(void **state)
{
    struct arch arch = int8_32x32();
    struct network *network = resnet18();
    struct err err = {0};
    struct program *program = lower(network, &arch, &err);
    if (!program || !program_check(program, &err))
        fail_msg("%s", err.text);
    uint64_t macs = 0, estimate = 0;
    for (int i = 0; i < network->layer_count; i++) {
        struct tiling tiling;
        assert_true(tile_layer(network, &network->layers[i], &arch, &tiling, &err));
        estimate += tiling.estimated_cycles;
        macs += program->layers[i].macs;
    }
    assert_int_equal(macs, 1814073344);
    struct machine_options options = {CLOCK_JUMP, false};
    struct machine *machine = machine_new(program, &options);
    machine_run(machine, NULL);
    uint64_t cycles = machine_stats(machine)->cycles;
    double ideal = (double)macs / (32 * 32);
    printf("%u instructions, %llu cycles, estimated %llu, array at its peak %.0f\n",
           program->instruction_count, (unsigned long long)cycles, (unsigned long long)estimate,
           ideal);
    assert_true(fabs((double)cycles / (double)estimate - 1) < 0.02);
    assert_true((double)cycles >= ideal);
    machine_free(machine);
    program_free(program);
    network_free(network);
}

static void search_is_fast(void **state)
{
    struct arch arch = int8_32x32();
    struct network *network = resnet18();
    double least = INFINITY;
    for (int i = 0; i < 20; i++) {
        double start = milliseconds();
        program_free(lower(network, &arch, NULL));
        double took = milliseconds() - start;
        least = took < least ? took : least;
    }
    printf("ResNet-18: tiling and lowering in %.2f ms\n", least);
    assert_true(least < 50); /* 20 networks a second, sanitizers included */
    network_free(network);
}

/* --- against all tilings --- */

/* The best of all shares of the cores; with one core there is one. */
static double best_share(const struct tile_shape *shape, const struct arch *arch,
                         const struct tile_rates *rates, struct tiling tiling, double best)
{
    int unit = tiling.tile_n > shape->group_n ? shape->group_n : 1;
    enum scratchpad_id pad;
    uint64_t need;
    for (int first = shape->cores > 1 ? 0 : tiling.tile_n; first <= tiling.tile_n; first += unit) {
        struct tile_array_cycles array = {0};
        tiling.first_core_channels = first;
        if (tile_fits(shape, arch, &tiling, &pad, &need))
            best = fmin(best, tile_cost(shape, arch, rates, &tiling, best, &array));
    }
    return best;
}

static double exhaustive_cost(const struct tile_shape *shape, const struct arch *arch)
{
    struct tile_rates rates = tile_rates(shape, arch);
    double best = INFINITY;
    for (int h = 1; h <= shape->out_h; h++)
        for (int w = 1; w <= shape->out_w; w++)
            for (int n = 1; n <= shape->n; n++)
                for (int k = 1; k <= shape->channels; k++)
                    for (int order = 0; order < 2; order++) {
                        struct tiling tiling = {h, w, n, k, order, n, 0};
                        bool whole_groups = n % shape->group_n == 0 && k == shape->channels;
                        if (n <= shape->group_n || whole_groups)
                            best = best_share(shape, arch, &rates, tiling, best);
                    }
    return best;
}

static void no_tiling_is_much_better(void **state)
{
    const bool two_cores = *state;
    check_seed();
    double sum = 0, worst = 1;
    int count = 0;
    while (count < 60) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        if (two_cores && random_second_core(&arch))
            random_second_network(network, &arch);
        struct tile_shape shape = tile_shape_on(network, &network->layers[0], &arch);
        double points = (double)shape.out_h * shape.out_w * shape.n * shape.channels;
        points *= shape.cores > 1 ? shape.n : two_cores ? INFINITY : 1;
        struct tiling tiling;
        if (points < 20000 && tile_search(&shape, &arch, "layer", &tiling, NULL)) {
            double ratio = (double)tiling.estimated_cycles / ceil(exhaustive_cost(&shape, &arch));
            worst = fmax(worst, ratio);
            sum += log(ratio);
            count++;
        }
        network_free(network);
    }
    printf("%d layers: on average %.3f x the best of all tilings, at worst %.3f x\n", count,
           exp(sum / count), worst);
    assert_true(exp(sum / count) < 1.02 && worst < 1.45);
}

/* 12 x 12 pixels of 12 channels, copied to channels -offset .. of 13; records of 12 fit. */
static uint64_t padded_cycles(int offset, struct tiling *tiling)
{
    struct arch arch = int8_32x32();
    const struct format int8 = {FORMAT_INT, 8, true};
    struct activation activations[] = {{.name = "in", .h = 12, .w = 12, .c = 12, .format = int8},
                                       {.name = "out", .h = 12, .w = 12, .c = 13, .format = int8}};
    struct layer layer = {.name = "pad",
                          .kind = LAYER_SUM,
                          .output = 1,
                          .residual = -1,
                          .out_h = 12,
                          .out_w = 12,
                          .n = 13,
                          .kernel_h = 1,
                          .kernel_w = 1,
                          .stride_y = 1,
                          .stride_x = 1,
                          .dilation_y = 1,
                          .dilation_x = 1,
                          .groups = 1,
                          .channels = 1,
                          .clamp_low = -128,
                          .clamp_high = 127,
                          .channel_offset = offset};
    struct network network = {.model = "pad",
                              .scheme = "pad",
                              .activation_count = 2,
                              .activations = activations,
                              .layer_count = 1,
                              .layers = &layer,
                              .output = 1};
    struct err err;
    arch.pads[PAD_PARAM].bytes = 2 * 12 * RECORD_BITS / 8;
    struct program *program = NULL;
    if (!tile_layer(&network, &layer, &arch, tiling, &err) ||
        !(program = lower_tiled(&network, &arch, tiling, &err)))
        fail_msg("%s", err.text);
    struct machine *machine = machine_new(program, &(struct machine_options){CLOCK_JUMP, false});
    machine_run(machine, NULL);
    uint64_t cycles = machine_stats(machine)->cycles;
    printf("offset %d: %d channels a tile, %llu cycles, estimated %llu\n", offset, tiling->tile_n,
           (unsigned long long)cycles, (unsigned long long)tiling->estimated_cycles);
    machine_free(machine);
    program_free(program);
    return cycles;
}

/* Where a tile has all channels of the input, it reads one run; where zeros before them push the
 * last one out of the tile, a run for every pixel. */
static void added_channels_leave_pixels_whole(void **state)
{
    struct tiling whole, cut;
    uint64_t whole_cycles = padded_cycles(0, &whole), cut_cycles = padded_cycles(-1, &cut);
    assert_int_equal(whole.tile_n, 12);
    assert_true(whole_cycles < cut_cycles && whole.estimated_cycles < cut.estimated_cycles);
}

static void too_small_scratchpads_are_named(void **state)
{
    check_state = 2;
    for (int pad = 0; pad < PAD_COUNT; pad++) {
        struct arch arch = int8_32x32();
        struct network *network = resnet18();
        struct tiling tiling;
        struct err err = {0};
        arch.pads[pad].bytes = pad == PAD_PARAM ? 31 : pad == PAD_ACC ? 7 : pad == PAD_OUT ? 1 : 17;
        assert_false(tile_layer(network, &network->layers[0], &arch, &tiling, &err));
        char expected[64];
        snprintf(expected, sizeof expected, "layer conv1: scratchpad %s of %u bytes",
                 scratchpad_name(pad), arch.pads[pad].bytes);
        if (!strstr(err.text, expected))
            fail_msg("%s", err.text);
        network_free(network);
    }
}

int main(void)
{
    static bool two = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet18_takes_what_was_estimated),
        cmocka_unit_test(search_is_fast),
        cmocka_unit_test(no_tiling_is_much_better),
        cmocka_unit_test_prestate(no_tiling_is_much_better, &two),
        cmocka_unit_test(added_channels_leave_pixels_whole),
        cmocka_unit_test(too_small_scratchpads_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
