/* Networks: shapes and formats from topology tables, inputs encoded to the nearest level, the text
 * dump. */
#include "check.h"

#include <math.h>

#include "compiler/quantise.h"
#include "random_network.h"

static struct quantise_config ant_config(void)
{
    return (struct quantise_config){
        .name = "ant4",
        .weights = {4, 2, {FORMAT_FLINT, FORMAT_POT}},
        .activations = {4, 1, {FORMAT_FLINT}},
        .edge_weights = {8, 1, {FORMAT_INT}},
        .edge_activations = {8, 0, {0}}, /* families inherited */
    };
}

static struct topology_layer layers[] = {
    {"conv", 15, 15, 5, 5, 3, 6, 3, 1,
     TOPOLOGY_WEIGHTS}, /* SCALE-Sim gives M = 25 (peers/scalesim_cycles.csv) */
    {"conv2", 9, 9, 3, 3, 4, 8, 2, 1, TOPOLOGY_WEIGHTS}, /* M = 16 */
    {"block_dw", 14, 14, 3, 3, 16, 16, 1, 16, TOPOLOGY_WEIGHTS},
    {"gemm", 100, 1, 1, 1, 50, 7, 1, 1, TOPOLOGY_WEIGHTS},
};
enum { LAYERS = sizeof layers / sizeof layers[0] };

static struct network *table_network(void)
{
    struct topology topology = {"table", LAYERS, layers};
    struct quantise_config config = ant_config();
    struct err err;
    struct network *network = network_from_topology(&topology, &config, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

static void shapes_follow_the_table(void **state)
{
    static const int expected[LAYERS][4] = {/* out_h, out_w, channels, groups */
                                            {5, 5, 3, 1},
                                            {4, 4, 4, 1},
                                            {12, 12, 1, 16},
                                            {100, 1, 50, 1}};
    struct network *network = table_network();
    assert_int_equal(network->layer_count, LAYERS);
    for (int i = 0; i < LAYERS; i++) {
        const struct layer *layer = &network->layers[i];
        const struct activation *in = &network->activations[layer->input];
        const struct activation *out = &network->activations[layer->output];
        assert_int_equal(layer->out_h, expected[i][0]);
        assert_int_equal(layer->out_w, expected[i][1]);
        assert_int_equal(layer->channels, expected[i][2]);
        assert_int_equal(layer->groups, expected[i][3]);
        assert_int_equal(in->h, layers[i].ifm_h);
        assert_int_equal(in->c, layers[i].channels);
        assert_int_equal(out->c, layers[i].filters);
        assert_int_equal(out->w, layer->out_w);
        assert_null(layer->weight_codes);
    }
    assert_string_equal(network->layers[3].op, "Gemm");
    network_free(network);
}

static void edges_have_their_own_formats(void **state)
{
    struct network *network = table_network();
    for (int i = 0; i < LAYERS; i++) {
        bool is_edge = i == 0 || i == LAYERS - 1;
        struct format weight = network->layers[i].weight_format;
        struct format act = network->activations[network->layers[i].input].format;
        assert_int_equal(weight.family, is_edge ? FORMAT_INT : FORMAT_FLINT);
        assert_int_equal(weight.bits, is_edge ? 8 : 4);
        assert_int_equal(act.family, FORMAT_FLINT);
        assert_int_equal(act.bits, is_edge ? 8 : 4);
    }
    network_free(network);
}

static void impossible_tables_are_refused(void **state)
{
    static const struct topology_layer bad[] = {
        {"tall", 3, 9, 5, 5, 3, 6, 1, 1, TOPOLOGY_WEIGHTS},
        {"empty", 9, 9, 3, 3, 0, 6, 1, 1, TOPOLOGY_WEIGHTS},
        {"still", 9, 9, 3, 3, 4, 6, 0, 1, TOPOLOGY_WEIGHTS},
        {"odd", 9, 9, 3, 3, 4, 6, 1, 3, TOPOLOGY_WEIGHTS},
        {"uneven", 9, 9, 3, 3, 4, 7, 1, 2, TOPOLOGY_WEIGHTS},
        {"none", 9, 9, 3, 3, 4, 6, 1, 0, TOPOLOGY_WEIGHTS},
        {"huge", INT32_MAX, 9, 3, 3, 4, 6, 1, 1, TOPOLOGY_WEIGHTS},
    };
    struct quantise_config config = ant_config();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct topology_layer layer = bad[i];
        struct topology topology = {"bad.csv", 1, &layer};
        struct err err = {0};
        assert_null(network_from_topology(&topology, &config, &err));
        char expected[128];
        snprintf(expected, sizeof expected, "bad.csv: %s: ", layer.name);
        assert_memory_equal(err.text, expected, strlen(expected));
    }
}

/* Against a search over all levels of the format, for values between, on and beyond them. */
static void inputs_go_to_the_nearest_level(void **state)
{
    check_seed();
    for (int round = 0; round < 50; round++) {
        struct network *network = random_network(PE_ANT);
        struct activation *in = &network->activations[network->input];
        in->scale = 0.25; /* so that level * scale and midpoints are exact */
        const struct grid *grid = format_grid(in->format);
        size_t pixels = (size_t)in->h * (size_t)in->w, channels = (size_t)in->c;
        float *image = malloc(pixels * channels * sizeof *image);
        uint8_t *codes = malloc(pixels * channels);
        int reach = 2 * grid->levels[grid->count - 1] + 3;
        for (size_t i = 0; i < pixels * channels; i++)
            image[i] = (float)check_between(-reach, reach) * 0.125F;
        network_encode_input(network, image, codes);
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++) {
                double level = image[c * pixels + p] / in->scale;
                int best = 0;
                for (int i = 1; i < grid->count; i++)
                    if (fabs(grid->levels[i] - level) <= fabs(grid->levels[best] - level))
                        best = i;
                assert_int_equal(codes[p * channels + c], grid->codes[best]);
            }
        free(image);
        free(codes);
        network_free(network);
    }
}

static const char golden[] =
    "network table, scheme ant4, timing only\n"
    "input a0, output a7\n"
    "activations 8\n"
    "    0  flint8    15x15x3 scale 1  \"conv.input\"\n"
    "    1  flint8    5x5x6 scale 1  \"conv.output\"\n"
    "    2  flint4    9x9x4 scale 1  \"conv2.input\"\n"
    "    3  flint4    4x4x8 scale 1  \"conv2.output\"\n"
    "    4  flint4    14x14x16 scale 1  \"block_dw.input\"\n"
    "    5  flint4    12x12x16 scale 1  \"block_dw.output\"\n"
    "    6  flint8    100x1x50 scale 1  \"gemm.input\"\n"
    "    7  flint8    100x1x7 scale 1  \"gemm.output\"\n"
    "layers 4\n"
    "    0  Conv       a0 -> a1 5x5x6 kernel 5x5 stride 3x3 channels 3 groups 1 weights int8 clamp "
    "-4096..4096  \"conv\"\n"
    "    1  Conv       a2 -> a3 4x4x8 kernel 3x3 stride 2x2 channels 4 groups 1 weights flint4 "
    "clamp -16..16  \"conv2\"\n"
    "    2  Conv       a4 -> a5 12x12x16 kernel 3x3 channels 1 groups 16 weights flint4 clamp "
    "-16..16  \"block_dw\"\n"
    "    3  Gemm       a6 -> a7 100x1x7 kernel 1x1 channels 50 groups 1 weights int8 clamp "
    "-4096..4096  \"gemm\"\n";

static void dump_is_stable(void **state)
{
    struct network *network = table_network();
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_true(network_print(network, file));
    fclose(file);
    assert_string_equal(text, golden);
    free(text);
    network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_follow_the_table),
        cmocka_unit_test(edges_have_their_own_formats),
        cmocka_unit_test(impossible_tables_are_refused),
        cmocka_unit_test(inputs_go_to_the_nearest_level),
        cmocka_unit_test(dump_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
