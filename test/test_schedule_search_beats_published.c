/* Does the search under the lockstep model find schedules no worse than the published ones, fast,
 * and is it exact? */
#include "test/check.h"

#include <math.h>
#include <time.h>

#include "test/msd_tables.h"

enum { MOST_SECONDS = 10 }; /* for a network, on one core */

static double searched_cycles(const struct lockstep *machine, const struct tile_shape *shape,
                              int bits)
{
    struct lockstep_tiling tiling;
    assert_true(lockstep_search(machine, shape, bits, &tiling));
    assert_true(lockstep_fits(machine, shape, &tiling, bits));
    return lockstep_cost(machine, shape, &tiling, bits).cycles;
}

/* Rows of one network (and effectual bits, where the table has several). */
static void compare_network(const struct msd_table *table, const struct lockstep *machine,
                            const char *network, int bits)
{
    double published = 0, found = 0;
    clock_t start = clock();
    for (int row = 0; row < table->rows; row++) {
        if (strcmp(msd_text(table, row, "network"), network) ||
            msd_number(table, row, "effectual_bits") != bits)
            continue;
        struct tile_shape shape = msd_shape(network, msd_text(table, row, "layer"));
        double cycles = searched_cycles(machine, &shape, bits);
        assert_true(cycles <= msd_number(table, row, "cycles")); /* every layer, not only in sum */
        published += msd_number(table, row, "cycles");
        found += cycles;
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("%s, %d effectual bits: %.0f cycles, published %.0f, in %.3f s\n", network, bits, found,
           published, seconds);
    assert_true(published > 0 && found <= published);
    assert_true(seconds < MOST_SECONDS);
}

static void no_network_is_worse(void **state)
{
    (void)state;
    static struct msd_table table;
    msd_read(TEST_SOURCE_DIR "/results/published/msd_schedules.csv", &table);
    static const char *const networks[] = {"mobilenetv2", "resnet18", "resnet50", "vgg16"};
    for (int i = 0; i < 4; i++)
        compare_network(&table, &msd_ultra96, networks[i], 2);
}

static void no_effectual_bits_are_worse(void **state)
{
    (void)state;
    static struct msd_table table;
    struct lockstep machine = msd_by_effectual_bits();
    msd_read(TEST_SOURCE_DIR "/results/published/msd_cycles_by_eb.csv", &table);
    static const char *const networks[] = {"resnet18", "resnet50", "vgg16"};
    for (int i = 0; i < 3; i++)
        for (int bits = 1; bits <= 3; bits++)
            compare_network(&table, &machine, networks[i], bits);
}

/* --- exactness, on tiny shapes --- */

static struct lockstep_array random_array(bool is_serial)
{
    return (struct lockstep_array){
        .rows = check_between(1, 4),
        .columns = check_between(1, 4),
        .macs = check_between(1, 2),
        .is_serial = is_serial,
        .bram18 = {1, 1, 1},
    };
}

static struct lockstep random_machine(void)
{
    struct lockstep machine = {
        .array_count = check_between(1, 2),
        .arrays = {random_array(check_between(0, 3)), random_array(!check_between(0, 3))},
        .bytes_per_cycle = check_between(1, 4),
        .skew_ignored = check_between(0, 1),
        .loads_in_parallel = check_between(0, 1),
        .short_loads_slow = check_between(0, 1),
        .gaps_loaded = check_between(0, 1),
        .stores_every_pass = check_between(0, 1),
        .edges_whole = true,
        .windows_unrolled = check_between(0, 1),
    };
    return machine;
}

static struct tile_shape random_shape(void)
{
    bool depthwise = !check_between(0, 2);
    int kernel = check_between(1, 3), stride = check_between(1, 2);
    struct tile_shape shape = {
        .kind = LAYER_MATMUL,
        .out_h = check_between(1, 7),
        .out_w = check_between(1, 7),
        .kernel_h = kernel,
        .kernel_w = kernel,
        .stride_y = kernel == 1 ? 1 : stride,
        .stride_x = kernel == 1 ? 1 : stride,
        .load_stride_y = kernel == 1 ? stride : 1,
        .load_stride_x = kernel == 1 ? stride : 1,
        .dilation_y = 1,
        .dilation_x = 1,
        .act = {FORMAT_INT, (uint8_t)check_between(4, 8), true},
        .out = {FORMAT_INT, (uint8_t)check_between(4, 8), true},
    };
    shape.groups = depthwise ? check_between(2, 12) : check_between(1, 2);
    shape.group_n = depthwise ? 1 : check_between(1, 12);
    shape.channels = depthwise ? 1 : check_between(1, 9);
    shape.n = shape.groups * shape.group_n;
    shape.in_h = shape.out_h * stride + kernel, shape.in_w = shape.out_w * stride + kernel;
    shape.in_c = shape.groups * shape.channels;
    return shape;
}

/* The least of all tilings that fit. */
static double exhaustive(const struct lockstep *machine, const struct tile_shape *shape, int bits)
{
    double best = INFINITY;
    int channels = lockstep_is_depthwise(shape) ? shape->groups : shape->group_n;
    struct lockstep_tiling t;
    for (t.n = 1; t.n <= channels; t.n++)
        for (t.k = 1; t.k <= shape->channels; t.k++)
            for (t.h = 1; t.h <= shape->out_h; t.h++)
                for (t.w = 1; t.w <= shape->out_w; t.w++)
                    for (t.first = machine->array_count == 1 ? t.n : 0; t.first <= t.n; t.first++)
                        if (lockstep_fits(machine, shape, &t, bits))
                            best = fmin(best, lockstep_cost(machine, shape, &t, bits).cycles);
    return best;
}

static void no_tiling_of_a_small_layer_is_better(void **state)
{
    (void)state;
    check_seed();
    for (int i = 0; i < 300; i++) {
        struct lockstep machine = random_machine();
        struct tile_shape shape = random_shape();
        int bits = check_between(1, 4);
        assert_true(searched_cycles(&machine, &shape, bits) == exhaustive(&machine, &shape, bits));
        machine.square_tiles = true;
        struct lockstep_tiling tiling;
        assert_true(lockstep_search(&machine, &shape, bits, &tiling));
        assert_true(tiling.h == tiling.w || tiling.h == shape.out_h || tiling.w == shape.out_w);
    }
}

/* Where buffers bind: 1 BRAM18 a bank, one bank, and layers that need more. */
static void tilings_of_larger_layers_keep_to_the_buffers(void **state)
{
    (void)state;
    check_seed();
    int unfit = 0;
    for (int i = 0; i < 40; i++) {
        struct lockstep machine = random_machine();
        machine.arrays[0].columns = machine.arrays[1].columns = 1;
        machine.windows_unrolled = true;
        struct tile_shape shape = random_shape();
        if (lockstep_is_depthwise(&shape))
            continue;
        shape.kernel_h = shape.kernel_w = check_between(10, 20);
        struct lockstep_tiling all = {.h = shape.out_h,
                                      .w = shape.out_w,
                                      .n = shape.group_n,
                                      .k = shape.channels,
                                      .first = shape.group_n};
        unfit += !lockstep_fits(&machine, &shape, &all, 2);
        assert_true(searched_cycles(&machine, &shape, 2) == exhaustive(&machine, &shape, 2));
    }
    assert_true(unfit > 5);
}

static void a_layer_too_large_has_no_tiling(void **state)
{
    (void)state;
    struct tile_shape shape = msd_shape("vgg16", "Conv2");
    struct lockstep_tiling tiling;
    shape.kernel_h = shape.kernel_w = 1000; /* one window is more than all banks hold */
    assert_false(lockstep_search(&msd_ultra96, &shape, 2, &tiling));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_network_is_worse),
        cmocka_unit_test(no_effectual_bits_are_worse),
        cmocka_unit_test(no_tiling_of_a_small_layer_is_better),
        cmocka_unit_test(tilings_of_larger_layers_keep_to_the_buffers),
        cmocka_unit_test(a_layer_too_large_has_no_tiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
