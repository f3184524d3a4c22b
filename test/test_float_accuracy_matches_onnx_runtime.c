/* Does the float reference classify real images as ONNX Runtime does? ResNet-20 on its 932 CIFAR-10
 * test images, of which ONNX Runtime gets 854 right (the data's README); rounding may turn one. */
#include "compiler/fold.h"
#include "compiler/reference.h"
#include "test/check.h"
#include "workloads/dataset.h"
#include "workloads/onnx.h"

#define MODEL SHARED_DIR "/data/cifar10/resnet20.onnx"
#define IMAGES SHARED_DIR "/data/cifar10/test932.bin"
enum { EXPECTED = 854, PIXELS = 3 * 32 * 32, CLASSES = 10 };

static struct dataset *open_images(void)
{
    struct dataset_config config = {.type = DATASET_CIFAR10,
                                    .channels_given = 3,
                                    .mean = {0.485F, 0.456F, 0.406F},
                                    .std = {0.229F, 0.224F, 0.225F}};
    snprintf(config.path, sizeof config.path, "%s", IMAGES);
    struct err err;
    struct dataset *dataset = dataset_open(&config, &err);
    if (!dataset)
        fail_msg("%s", err.text);
    return dataset;
}

static int largest(const float *values, int count)
{
    int best = 0;
    for (int i = 1; i < count; i++)
        best = values[i] > values[best] ? i : best;
    return best;
}

static int count_correct(const struct graph *graph)
{
    struct dataset *dataset = open_images();
    struct reference *reference = reference_new(graph);
    int correct = 0;
    for (int i = 0; i < dataset_count(dataset); i++) {
        float image[PIXELS];
        int label;
        struct err err;
        assert_true(dataset_read(dataset, i, image, &label, &err));
        reference_run(reference, image);
        correct += largest(reference_value(reference, graph->output), CLASSES) == label;
    }
    reference_free(reference);
    dataset_free(dataset);
    return correct;
}

static void resnet20_as_read_and_folded(void **state)
{
    SKIP_WITHOUT(MODEL);
    SKIP_WITHOUT(IMAGES);
    struct err err = {{0}};
    struct graph *graph = onnx_read(MODEL, &err);
    if (!graph)
        fail_msg("%s", err.text);
    assert_in_range(count_correct(graph), EXPECTED - 1, EXPECTED + 1);
    assert_true(fold(graph, &err));
    assert_in_range(count_correct(graph), EXPECTED - 1, EXPECTED + 1);
    graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(resnet20_as_read_and_folded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
