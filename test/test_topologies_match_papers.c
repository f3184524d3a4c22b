/* Are the shipped layer tables the published networks? Totals against published counts, layer by
 * layer against three papers' own tables. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "workloads/topology.h"

static struct topology *read_or_fail(const char *network)
{
    char path[512];
    struct err err = {""};
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/workloads/topologies/%s.csv", network);
    struct topology *topology = topology_read(path, &err);
    if (!topology)
        fail_msg("%s", err.text);
    return topology;
}

/* --- totals --- */

/* What a published count of parameters holds beside the weights of the table:
 *   BATCH_NORM  scale and shift per channel of every convolution; the last layer has biases
 *   BIASES      one per output channel of every layer
 *   ENCODER     biases and two layer norms per encoder of 768 channels */
enum extras { BATCH_NORM, BIASES, ENCODERS };

/* Parameters as torchvision 0.15 gives them in its `_COMMON_META["num_params"]`, MACs as its
 * `_ops` (GFLOPS, which counts multiply-accumulates), to the digits printed there; others:
 *   inceptionv3   torchvision's 27161264 less the auxiliary classifier's 3326696
 *   mobilenetv1   4231976 is pytorchcv's mobilenet_w1; 569 million MACs: Howard et al., table 4
 *   *_v1, _w1     pytorchcv: same parameters as v1.5; 88 more than torchvision's MobileNetV2, which
 *                 has a bias in its classifier; HAWQ-V3's zoo gives 3951 GBOPS at 32 x 32 bits
 *   regnetx_600m  6196040 is timm's regnetx_006; 0.6 GMACs: Radosavovic et al., table 2
 *   vit_b16       less class token 768, position embedding 197 x 768, last layer norm 1536
 *   bert_base     109482240 (Hugging Face's bert-base-uncased) less the embeddings' 23837184;
 *                 MACs by hand: 12 x (128 x 7077888 + 2 x 128 x 128 x 768) + 768 x 768 */
static const struct published {
    const char *network;
    uint64_t parameters;
    enum extras extras;
    int layers;
    double gmacs, precision; /* half of the last digit printed; 0: exact */
} published[] = {
    {"alexnet", 61100840, BIASES, 8, 0.71, 0.005},
    {"vgg16", 138357544, BIASES, 16, 15.47, 0.005},
    {"resnet18", 11689512, BATCH_NORM, 21, 1.814073344, 0},
    {"resnet34", 21797672, BATCH_NORM, 37, 3.66, 0.005},
    {"resnet50", 25557032, BATCH_NORM, 54, 4.09, 0.005},
    {"resnet50_v1", 25557032, BATCH_NORM, 54, 3951 / 1024., 0.0005},
    {"resnet101", 44549160, BATCH_NORM, 105, 7.80, 0.005},
    {"resnet101_v1", 44549160, BATCH_NORM, 105, 7.570194432, 0},
    {"resnet152", 60192808, BATCH_NORM, 156, 11.51, 0.005},
    {"inceptionv3", 27161264 - 3326696, BATCH_NORM, 95, 5.71, 0.005},
    {"mobilenetv1", 4231976, BATCH_NORM, 28, 0.569, 0.0005},
    {"mobilenetv2", 3504872, BATCH_NORM, 53, 0.30, 0.005},
    {"mobilenetv2_w1", 3504960 + 1000, BATCH_NORM, 54, 0.300774272 + 32 * 32 * 112 * 112 * 1e-9, 0},
    {"regnetx_600m", 6196040, BATCH_NORM, 54, 0.6, 0.05},
    {"vit_b16", 86567656 - 768 - 197 * 768 - 1536, ENCODERS, 74, 17.56, 0.005},
    {"bert_base", 109482240 - 23837184, ENCODERS, 97, 11.174215680, 0},
};

static uint64_t extra_parameters(const struct topology *topology, enum extras extras)
{
    uint64_t count = 0;
    for (int i = 0; i < topology->count; i++) {
        const struct topology_layer *layer = &topology->layers[i];
        bool is_last = i == topology->count - 1;
        if (layer->operands == TOPOLOGY_ACTIVATIONS)
            continue;
        count += (uint64_t)layer->filters * (extras == BATCH_NORM && !is_last ? 2 : 1);
    }
    return count + (extras == ENCODERS ? 12 * 2 * 2 * 768 : 0);
}

static void totals_are_the_published_ones(void **state)
{
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct published *row = &published[i];
        struct topology *topology = read_or_fail(row->network);
        uint64_t macs = 0, parameters = extra_parameters(topology, row->extras);
        for (int l = 0; l < topology->count; l++) {
            macs += topology_macs(&topology->layers[l]);
            parameters += topology_weights(&topology->layers[l]);
        }
        double error = fabs((double)macs * 1e-9 - row->gmacs);
        if (topology->count != row->layers || parameters != row->parameters ||
            error > row->precision + 1e-12)
            fail_msg("%s: %d layers, %llu parameters, %llu MACs", row->network, topology->count,
                     (unsigned long long)parameters, (unsigned long long)macs);
        topology_free(topology);
    }
}

/* --- layer by layer --- */

/* One row of a paper's table. Sizes are of the unpadded input. */
struct reference_layer {
    int in_h, in_w, channels, filters, kernel_h, kernel_w, stride;
};

/* Inputs are padded by less than the kernel in our tables, and never larger than that. */
static void assert_same_layer(const struct topology_layer *ours, const struct reference_layer *row,
                              const char *what)
{
    int channels = ours->channels / ours->groups;
    bool is_inner = ours->ifm_h < row->in_h + ours->filter_h &&
                    ours->ifm_h + ours->stride > row->in_h - ours->filter_h;
    if (channels != row->channels || ours->filters != row->filters ||
        ours->filter_h != row->kernel_h || ours->filter_w != row->kernel_w ||
        (row->stride && ours->stride != row->stride) || (row->in_h && !is_inner))
        fail_msg("%s: %s is %dx%d, %d to %d channels, kernel %dx%d, stride %d", what, ours->name,
                 ours->ifm_h, ours->ifm_w, channels, ours->filters, ours->filter_h, ours->filter_w,
                 ours->stride);
}

static FILE *open_reference(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, SHARED_DIR "/reference/%s", name);
    SKIP_WITHOUT(path);
    return fopen(path, "r");
}

static const struct topology_layer *next_weights(const struct topology *topology, int *at)
{
    while (*at < topology->count && topology->layers[*at].operands == TOPOLOGY_ACTIVATIONS)
        ++*at;
    assert_true(*at < topology->count);
    return &topology->layers[(*at)++];
}

/* ANT's eight networks (MICRO 2022, artifact). Its ViT has no patch embedding, its BERTs are ours
 * and a classifier of the task. */
static void ant_networks_have_these_layers(void **state)
{
    static const struct {
        const char *theirs, *ours;
        int skipped, compared;
    } networks[] = {{"vgg16", "vgg16", 0, 16},       {"resnet18", "resnet18", 0, 21},
                    {"resnet50", "resnet50", 0, 54}, {"inceptionv3", "inceptionv3", 0, 95},
                    {"vit", "vit_b16", 1, 49},       {"mnli", "bert_base", 0, 73},
                    {"cola", "bert_base", 0, 73},    {"sst_2", "bert_base", 0, 73}};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        FILE *file = open_reference("ant_layers.csv");
        struct topology *topology = read_or_fail(networks[i].ours);
        char line[512], name[64];
        int at = networks[i].skipped, compared = 0;
        while (fgets(line, sizeof line, file)) {
            struct reference_layer row;
            if (sscanf(line, "%63[^,],%*d,%*[^,],%d,%d,%d,%d,%d,%d,%d", name, &row.channels,
                       &row.in_h, &row.in_w, &row.filters, &row.kernel_h, &row.kernel_w,
                       &row.stride) != 8 ||
                strcmp(name, networks[i].theirs) || compared == networks[i].compared)
                continue;
            assert_same_layer(next_weights(topology, &at), &row, networks[i].theirs);
            compared++;
        }
        fclose(file);
        assert_int_equal(compared, networks[i].compared);
        assert_true(at == topology->count);
        topology_free(topology);
    }
}

/* MSD's (FCCM 2023, artifact). Its ResNet-50 lists the shortcut first and gives some strides as 1:
 * its rows are looked for by channels and kernel only. */
static void msd_networks_have_these_layers(void **state)
{
    static const char *const names[] = {"mobilenetv2", "resnet18", "vgg16"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        FILE *file = open_reference("msd_layers.csv");
        struct topology *topology = read_or_fail(names[i]);
        char line[512], name[64];
        int at = 0;
        while (fgets(line, sizeof line, file)) {
            struct reference_layer row;
            if (sscanf(line, "%63[^,],%*[^,],%d,%d,%d,%d,%d,%d,%d", name, &row.in_h, &row.in_w,
                       &row.kernel_h, &row.kernel_w, &row.channels, &row.filters,
                       &row.stride) == 8 &&
                !strcmp(name, names[i]))
                assert_same_layer(next_weights(topology, &at), &row, names[i]);
        }
        fclose(file);
        assert_int_equal(at, topology->count);
        topology_free(topology);
    }
}

static void msd_resnet50_has_these_layers(void **state)
{
    FILE *file = open_reference("msd_layers.csv");
    struct topology *topology = read_or_fail("resnet50");
    bool *is_taken = calloc((size_t)topology->count, sizeof *is_taken);
    char line[512], name[64];
    int rows = 0;
    while (fgets(line, sizeof line, file)) {
        int kernel, channels, filters, i = 0;
        if (sscanf(line, "resnet50,%63[^,],%*d,%*d,%d,%*d,%d,%d", name, &kernel, &channels,
                   &filters) != 4)
            continue;
        for (; i < topology->count; i++) {
            const struct topology_layer *layer = &topology->layers[i];
            if (!is_taken[i] && layer->filter_h == kernel && layer->channels == channels &&
                layer->filters == filters)
                break;
        }
        if (i == topology->count)
            fail_msg("%s: no such layer", name);
        is_taken[i] = true;
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, topology->count);
    free(is_taken);
    topology_free(topology);
}

/* HAWQ-V3's integer program: all but the first and the last layer. Parameters of ResNet-18 in
 * units of 2^20, of ResNet-50 in millions; ResNet-50 has its strides in the first 1x1. */
static void hawq_layers_have_these_counts(void **state)
{
    static const struct {
        const char *theirs, *ours;
        double million;
    } networks[] = {{"resnet18", "resnet18", 1 << 20}, {"resnet50", "resnet50_v1", 1e6}};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        FILE *file = open_reference("hawq_ilp_inputs.csv");
        struct topology *topology = read_or_fail(networks[i].ours);
        char line[512], name[64];
        int rows = 0, index;
        double parameters, mmacs;
        while (fgets(line, sizeof line, file)) {
            if (sscanf(line, "%63[^,],%d,%*f,%*f,%*f,%lf,%lf", name, &index, &parameters, &mmacs) !=
                    4 ||
                strcmp(name, networks[i].theirs))
                continue;
            const struct topology_layer *layer = &topology->layers[index + 1];
            assert_true(fabs((double)topology_weights(layer) - parameters * networks[i].million) <
                        1e-3);
            assert_true(fabs((double)topology_macs(layer) - mmacs * 1e6) < 1e-3);
            rows++;
        }
        fclose(file);
        assert_int_equal(rows, topology->count - 2);
        topology_free(topology);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_the_published_ones),
        cmocka_unit_test(ant_networks_have_these_layers),
        cmocka_unit_test(msd_networks_have_these_layers),
        cmocka_unit_test(msd_resnet50_has_these_layers),
        cmocka_unit_test(hawq_layers_have_these_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
