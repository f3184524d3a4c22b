/* Is the lockstep model's cost of a layer the sum over its tiles, taken one by one, with every
 * assumption on and off? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "compiler/lockstep.h"
#include "sim/config.h"

/* --- an independent count: tile by tile, fold by fold --- */

struct size {
    int h, w, n, k, first;
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static double fold_clocks(const struct lockstep *m, const struct lockstep_array *array,
                          const struct tile_shape *s, struct size size, int channels, int bits)
{
    double clocks = 0;
    for (int p = 0; p < size.h * size.w; p += array->rows * array->macs)
        for (int c = 0; c < channels; c += array->columns)
            clocks += (array->is_serial ? bits : 1) * size.k * s->kernel_h * s->kernel_w +
                      (m->skew_ignored ? 0 : array->rows + array->columns - 2);
    return clocks;
}

static double compute(const struct lockstep *m, const struct tile_shape *s, struct size size,
                      int bits)
{
    if (m->array_count == 1)
        return fold_clocks(m, &m->arrays[0], s, size, size.n, bits);
    return fmax(fold_clocks(m, &m->arrays[0], s, size, size.first, bits),
                fold_clocks(m, &m->arrays[1], s, size, size.n - size.first, bits));
}

/* Rows or columns of the input that so many of the output touch, from the first to the last; where
 * gaps are not loaded, those touched. */
static int touched(const struct lockstep *m, int out, int kernel, int stride)
{
    int last = (out - 1) * stride + kernel, count = 0;
    for (int i = 0; i < last; i++)
        count += m->gaps_loaded || kernel > 1 || i % stride == 0;
    return count;
}

static double load(const struct lockstep *m, const struct tile_shape *s, struct size size, int bits)
{
    int first = m->array_count == 1 ? size.n : size.first, per = size.k * s->kernel_h * s->kernel_w;
    int wide[2];
    for (int i = 0; i < 2; i++)
        wide[i] = m->arrays[i].is_serial ? 4 * bits : 8;
    double weights = ceil(first * per * wide[0] / 8.) + ceil((size.n - first) * per * wide[1] / 8.);
    int channels = lockstep_is_depthwise(s) ? size.n : size.k;
    double patch =
        ceil(channels * touched(m, size.h, s->kernel_h, s->stride_y * s->load_stride_y) *
             touched(m, size.w, s->kernel_w, s->stride_x * s->load_stride_x) * s->act.bits / 8.);
    double bytes = m->loads_in_parallel ? fmax(weights, patch) : weights + patch;
    double cycles = ceil(bytes / m->bytes_per_cycle);
    return m->short_loads_slow && cycles < 16 ? cycles * 1.2 : cycles;
}

static double store(const struct lockstep *m, const struct tile_shape *s, struct size size)
{
    return ceil(ceil(size.h * size.w * size.n * s->out.bits / 8.) / m->bytes_per_cycle);
}

static double output_tile(const struct lockstep *m, const struct tile_shape *s, struct size size,
                          int tile_k, int bits)
{
    double time = 0;
    for (int k = 0; k < s->channels; k += tile_k) {
        size.k = m->edges_whole ? tile_k : least(tile_k, s->channels - k);
        double pass = fmax(compute(m, s, size, bits), load(m, s, size, bits));
        bool stores = m->stores_every_pass || k + tile_k >= s->channels;
        time += stores ? fmax(pass, store(m, s, size)) : pass;
    }
    return time;
}

static double walk(const struct lockstep *m, const struct tile_shape *s,
                   const struct lockstep_tiling *t, int bits)
{
    bool depthwise = lockstep_is_depthwise(s);
    int channels = depthwise ? s->groups : s->group_n, groups = depthwise ? 1 : s->groups;
    struct size whole = {t->h, t->w, t->n, t->k, t->first};
    double time = load(m, s, whole, bits) + store(m, s, whole);
    for (int g = 0; g < groups; g++)
        for (int n = 0; n < channels; n += t->n)
            for (int y = 0; y < s->out_h; y += t->h)
                for (int x = 0; x < s->out_w; x += t->w) {
                    struct size size = {least(t->h, s->out_h - y), least(t->w, s->out_w - x),
                                        least(t->n, channels - n), 0, 0};
                    size.first = size.n * t->first / t->n;
                    time += output_tile(m, s, m->edges_whole ? whole : size, t->k, bits);
                }
    return time;
}

/* --- random machines, layers, tilings --- */

static struct lockstep random_machine(void)
{
    struct lockstep machine = {.array_count = check_between(1, 2),
                               .bytes_per_cycle = check_between(1, 16)};
    for (int i = 0; i < 2; i++)
        machine.arrays[i] = (struct lockstep_array){.rows = check_between(1, 6),
                                                    .columns = check_between(1, 6),
                                                    .macs = check_between(1, 2),
                                                    .is_serial = check_between(0, 1),
                                                    .bram18 = {1, 1, 1}};
#define RANDOM(field, help) machine.field = check_between(0, 1);
    LOCKSTEP_ASSUMPTIONS(RANDOM)
#undef RANDOM
    return machine;
}

static struct tile_shape random_shape(void)
{
    bool depthwise = !check_between(0, 2);
    int kernel = check_between(1, 3), stride = check_between(1, 3);
    struct tile_shape shape = {
        .kind = LAYER_MATMUL,
        .out_h = check_between(1, 12),
        .out_w = check_between(1, 12),
        .groups = depthwise ? check_between(2, 20) : check_between(1, 3),
        .group_n = depthwise ? 1 : check_between(1, 20),
        .channels = depthwise ? 1 : check_between(1, 20),
        .kernel_h = kernel,
        .kernel_w = kernel,
        .stride_y = kernel == 1 ? 1 : stride,
        .stride_x = kernel == 1 ? 1 : stride,
        .load_stride_y = kernel == 1 ? stride : 1,
        .load_stride_x = kernel == 1 ? stride : 1,
        .dilation_y = 1,
        .dilation_x = 1,
        .act = {FORMAT_INT, (uint8_t)check_between(3, 8), true},
        .out = {FORMAT_INT, (uint8_t)check_between(3, 8), true},
    };
    shape.n = shape.groups * shape.group_n;
    return shape;
}

static struct lockstep_tiling random_tiling(const struct tile_shape *shape)
{
    int channels = lockstep_is_depthwise(shape) ? shape->groups : shape->group_n;
    struct lockstep_tiling tiling = {
        .h = check_between(1, shape->out_h),
        .w = check_between(1, shape->out_w),
        .n = check_between(1, channels),
        .k = check_between(1, shape->channels),
    };
    tiling.first = check_between(0, tiling.n);
    return tiling;
}

static void a_layer_is_the_sum_of_its_tiles(void **state)
{
    (void)state;
    check_seed();
    for (int i = 0; i < 5000; i++) {
        struct lockstep machine = random_machine();
        struct tile_shape shape = random_shape();
        struct lockstep_tiling tiling = random_tiling(&shape);
        int bits = check_between(1, 4);
        double expected = walk(&machine, &shape, &tiling, bits);
        double cycles = lockstep_cost(&machine, &shape, &tiling, bits).cycles;
        if (fabs(cycles - expected) > 1e-6) /* 1.2 is no binary fraction */
            fail_msg("case %d: %f cycles, tile by tile %f", i, cycles, expected);
    }
}

/* Switching an assumption off that idealises makes nothing faster, and one that coarsens nothing
 * slower. */
static void assumptions_point_one_way(void **state)
{
    (void)state;
    check_seed();
    for (int i = 0; i < 2000; i++) {
        struct lockstep machine = random_machine();
        struct tile_shape shape = random_shape();
        struct lockstep_tiling tiling = random_tiling(&shape);
        struct lockstep without;
#define CYCLES(m) lockstep_cost(&(m), &shape, &tiling, 2).cycles
#define CHECK(field, relation) \
    machine.field = true;      \
    without = machine;         \
    without.field = false;     \
    assert_true(CYCLES(without) relation CYCLES(machine))
        CHECK(short_loads_slow, <=);
        machine.short_loads_slow = false; /* else 16 cycles would be less than 15 */
        CHECK(skew_ignored, >=);
        CHECK(loads_in_parallel, >=);
        CHECK(gaps_loaded, <=);
        CHECK(stores_every_pass, <=);
        CHECK(edges_whole, <=);
#undef CHECK
#undef CYCLES
    }
}

/* --- the group of an arch --- */

static void an_arch_has_the_assumptions(void **state)
{
    (void)state;
    char path[] = "/tmp/lockstepXXXXXX.cfg";
    struct err err = {""};
    struct arch arch;
    struct lockstep machine;
    int file = mkstemps(path, 4);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "w");
    fprintf(stream, "extends = \"" TEST_SOURCE_DIR "/configs/arch/int8-32x32.cfg\";\n"
                    "lockstep = { bytes_per_cycle = 8; skew_ignored = false;"
                    " core = { activations = 3; weights = 2; outputs = 5; }; };\n");
    fclose(stream);
    if (!config_read_lockstep(path, &arch, &machine, &err))
        fail_msg("%s", err.text);
    unlink(path);
    assert_int_equal(machine.array_count, 1);
    assert_int_equal(machine.bytes_per_cycle, 8);
    assert_int_equal(machine.arrays[0].rows, 32);
    assert_int_equal(machine.arrays[0].bram18.weights, 2);
    assert_false(machine.skew_ignored || machine.arrays[0].is_serial);
    assert_true(machine.edges_whole && machine.square_tiles);
}

static void an_arch_without_the_group_is_refused(void **state)
{
    (void)state;
    struct err err = {""};
    struct arch arch;
    struct lockstep machine;
    assert_false(config_read_lockstep("int8-32x32", &arch, &machine, &err));
    assert_non_null(strstr(err.text, "lockstep"));
    const char text[] = "lockstep = { bytes_per_cycle = 70000; };\n";
    assert_false(config_decode_arch(text, sizeof text - 1, "a.cfg", &arch, &err));
    assert_non_null(strstr(err.text, "bytes_per_cycle"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_is_the_sum_of_its_tiles),
        cmocka_unit_test(assumptions_point_one_way),
        cmocka_unit_test(an_arch_has_the_assumptions),
        cmocka_unit_test(an_arch_without_the_group_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
