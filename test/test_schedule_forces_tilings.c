/* Do schedules say what they mean: does what is written read back, is what is listed used, and what
 * makes no sense refused by file, line and scratchpad? */
#include "check.h"

#include <string.h>

#include "compiler/schedule.h"
#include "compiler/tile.h"
#include "random_network.h"

#define HEADER "layer,tile_h,tile_w,tile_n,tile_k,weights_outer,first_core_channels\n"

static struct schedule *decode(const char *text, struct err *err)
{
    return schedule_decode(text, strlen(text), "s.csv", err);
}

static struct schedule *print_and_decode(const struct network *network,
                                         const struct tiling *tilings)
{
    char *text;
    size_t size;
    struct err err;
    FILE *file = open_memstream(&text, &size);
    assert_true(schedule_print(network, tilings, file));
    fclose(file);
    struct schedule *schedule = schedule_decode(text, size, "s.csv", &err);
    if (!schedule)
        fail_msg("%s: %s", err.text, text);
    free(text);
    return schedule;
}

static void rename_layers(struct network *network)
{
    static const char *const forms[] = {"plain%d", "a,b%d", "\"quoted\"%d", "# %d", "end\"%d"};
    for (int i = 0; i < network->layer_count; i++)
        snprintf(network->layers[i].name, sizeof network->layers[i].name, forms[i % 5], i);
}

/* Searched, written, read back and forced: the same tilings, and the same program but for nothing. */
static void what_is_written_is_what_is_read(void **state)
{
    check_seed();
    int networks = 0;
    for (int round = 0; round < 100; round++) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        struct tiling searched[RANDOM_MAX_LAYERS], forced[RANDOM_MAX_LAYERS];
        rename_layers(network);
        if (schedule_tilings(network, &arch, NULL, searched, NULL)) {
            struct schedule *schedule = print_and_decode(network, searched);
            assert_int_equal(schedule->count, network->layer_count);
            struct err err;
            if (!schedule_tilings(network, &arch, schedule, forced, &err))
                fail_msg("%s", err.text);
            for (int i = 0; i < network->layer_count; i++) {
#define SAME(field, most, help) assert_int_equal(searched[i].field, forced[i].field);
                TILING_COLUMNS(SAME)
#undef SAME
                assert_int_equal(searched[i].estimated_cycles, forced[i].estimated_cycles);
            }
            schedule_free(schedule);
            networks++;
        }
        network_free(network);
    }
    printf("%d networks\n", networks);
    assert_true(networks > 50);
}

/* X(name, text, what the error must say) */
#define REFUSED(X)                                                                           \
    X("", "s.csv:1: the first line must be layer,tile_h,")                                   \
    X("# only a comment\n", "the first line must be")                                        \
    X("layer,tile_h\n", "s.csv:1: the first line must be")                                   \
    X(HEADER "x,1,2,3,4,0\n", "s.csv:2: first_core_channels is missing")                     \
    X(HEADER "x,1,2,3,4,2,3\n", "s.csv:2: weights_outer: is not a whole number in 0..1")     \
    X(HEADER "x,1,2,-3,4,0,3\n", "s.csv:2: tile_n: is not a whole number")                   \
    X(HEADER "x,1,2,,4,0,3\n", "s.csv:2: tile_n: is not a whole number")                     \
    X(HEADER "x,1,2,3x,4,0,3\n", "s.csv:2: tile_n: is not a whole number")                   \
    X(HEADER "x,1,2,99999999999999999999,4,0,3\n", "s.csv:2: tile_n: is not a whole number") \
    X(HEADER "x,1,2,3,4,0,3,9\n", "s.csv:2: more columns than layer,")                       \
    X(HEADER "\n\"x,1,2,3,4,0,3\n", "s.csv:3: layer: the closing quote is missing")          \
    X(HEADER "\"x\"y,1,2,3,4,0,3\n", "s.csv:2: tile_h is missing")                           \
    X(HEADER "x,1,2,3,4,0,3\ny,1,2,3,4,0,3\nx,1,2,3,4,0,3\n",                                \
      "s.csv:4: layer \"x\" stands in line 2 already")

static void what_is_no_schedule_is_refused(void **state)
{
#define CASE(text, expected) {text, expected},
    static const char *const cases[][2] = {REFUSED(CASE)};
#undef CASE
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {{0}};
        assert_null(decode(cases[i][0], &err));
        if (!strstr(err.text, cases[i][1]))
            fail_msg("\"%s\" instead of \"%s\"", err.text, cases[i][1]);
    }
    char text[400] = HEADER;
    memset(text + strlen(text), 'n', PROGRAM_NAME_SIZE);
    struct err err;
    assert_null(decode(text, &err));
    assert_non_null(strstr(err.text, "s.csv:2: layer: longer than 95 characters"));
}

/* A 3 x 3 convolution of 8 x 8 x 6 in 2 groups to 8 channels, and an arch it fits. */
static struct layer grouped_layer = {.name = "conv",
                                     .kind = LAYER_MATMUL,
                                     .residual = -1,
                                     .output = 1,
                                     .out_h = 8,
                                     .out_w = 8,
                                     .n = 8,
                                     .kernel_h = 3,
                                     .kernel_w = 3,
                                     .stride_y = 1,
                                     .stride_x = 1,
                                     .dilation_y = 1,
                                     .dilation_x = 1,
                                     .pad_top = 1,
                                     .pad_left = 1,
                                     .groups = 2,
                                     .channels = 3,
                                     .weight_format = {FORMAT_INT, 8, true}};
static struct activation activations[] = {
    {.name = "in", .h = 8, .w = 8, .c = 6, .format = {FORMAT_INT, 8, true}, .scale = 1},
    {.name = "out", .h = 8, .w = 8, .c = 8, .format = {FORMAT_INT, 8, true}, .scale = 1}};
static struct network grouped = {.model = "net",
                                 .activation_count = 2,
                                 .layer_count = 1,
                                 .activations = activations,
                                 .layers = &grouped_layer,
                                 .output = 1};

static struct arch small_arch(void)
{
    check_state = 5;
    struct arch arch;
    do
        arch = random_arch();
    while (arch.cores[0].pe != PE_INT8);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad] = (struct scratchpad_config){4096, 1, 64, true};
    arch.pads[PAD_ACT].bytes = 600; /* 300 bytes a buffer: 50 pixels of 6 channels */
    return arch;
}

/* X(tile, what the error must say) */
#define SENSELESS(X)                                                                             \
    X("net,1,1,4,3,0,4", "s.csv:2: net has no layer \"net\"")                                    \
    X("conv,0,1,4,3,0,4", "s.csv:2: layer conv: tile_h: 0 is not in 1..8")                       \
    X("conv,1,9,4,3,0,4", "tile_w: 9 is not in 1..8")                                            \
    X("conv,1,1,9,3,0,9", "tile_n: 9 is not in 1..8")                                            \
    X("conv,1,1,4,4,0,4", "tile_k: 4 is not in 1..3")                                            \
    X("conv,1,1,6,3,0,6", "tile_n: 6 is no multiple of the 4 channels of a group")               \
    X("conv,1,1,8,2,0,8", "tile_k: must be 3 where a tile has several groups")                   \
    X("conv,1,1,4,3,0,3", "first_core_channels: must be tile_n, 4, as one core computes it all") \
    X("conv,6,5,8,3,0,8", "s.csv:2: layer conv: scratchpad act of 600 bytes is too small: this " \
                          "tile needs 672 (two buffers)")

/* A patch of (6 + 2) x (5 + 2) pixels of 6 channels is 336 bytes, and there are two. */
static void what_makes_no_sense_is_refused(void **state)
{
#define CASE(tile, expected) {HEADER tile, expected},
    static const char *const cases[][2] = {SENSELESS(CASE)};
#undef CASE
    struct arch arch = small_arch();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tiling tiling;
        struct err err = {{0}};
        struct schedule *schedule = decode(cases[i][0], &err);
        assert_non_null(schedule);
        assert_false(schedule_tilings(&grouped, &arch, schedule, &tiling, &err));
        if (!strstr(err.text, cases[i][1]))
            fail_msg("\"%s\" instead of \"%s\"", err.text, cases[i][1]);
        schedule_free(schedule);
    }
}

static void what_fits_is_used(void **state)
{
    struct arch arch = small_arch();
    struct tiling tiling;
    struct err err;
    struct schedule *schedule = decode(HEADER "conv,3,7,8,3,1,8", &err);
    if (!schedule_tilings(&grouped, &arch, schedule, &tiling, &err))
        fail_msg("%s", err.text);
    struct program *program = lower_tiled(&grouped, &arch, &tiling, &err);
    int matmuls = 0;
    for (uint32_t i = 0; i < program->instruction_count; i++)
        if (program->instructions[i].opcode == OPCODE_MATMUL) {
            assert_in_range(program->instructions[i].matmul.out_h, 2, 3); /* 3 + 3 + 2 */
            matmuls++;
        }
    assert_int_equal(matmuls, 3 * 2);
    program_free(program);
    schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_what_is_read),
        cmocka_unit_test(what_is_no_schedule_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(what_fits_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
