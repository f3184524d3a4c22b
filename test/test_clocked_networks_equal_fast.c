/* Are the fast and the clocked machine the same machine on real networks? The shipped network on
 * each kind of accelerator, and ResNet-18: every tensor, all cycles and counters, start and end of
 * every instruction. */
#include "sim/compiled.h"
#include "test/machine_runs.h"

#define FASHION_IMAGES "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
#define RESNET18 SHARED_DIR "/data/imagenet/resnet18.onnx"

struct network_case {
    const char *model, *data, *scheme, *arch;
};

static void read_configurations(const struct network_case *c, struct quantise_config *scheme,
                                struct arch *arch)
{
    struct err err;
    if (!config_read_quantise(c->scheme, scheme, &err) || !config_read_arch(c->arch, arch, &err))
        fail_msg("%s", err.text);
    if (scheme->calibration_images > 8)
        scheme->calibration_images = 8; /* it is not accuracy that is looked at */
}

/* Free network and program with compiled_free. */
static struct compiled compile(const struct network_case *c)
{
    struct quantise_config scheme;
    struct arch arch;
    struct subject subject;
    struct compiled compiled = {0};
    struct err err;
    read_configurations(c, &scheme, &arch);
    struct data_names names = {.data = c->data};
    if (!subject_open(&subject, c->model, &err) ||
        !compiled_make(&compiled, &subject, &scheme, &arch, &names, NULL, &err))
        fail_msg("%s", err.text);
    subject_close(&subject);
    quantise_config_free(&scheme);
    return compiled;
}

/* Image 0 as codes of the input. */
static uint8_t *first_image(const struct network_case *c, const struct program *program)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    float *image = malloc(tensor_elements(input) * sizeof *image);
    uint8_t *codes = malloc(tensor_host_bytes(input));
    struct err err;
    int label;
    struct dataset *data = data_open(c->data, &err);
    if (!data || !dataset_read(data, 0, image, &label, &err))
        fail_msg("%s", err.text);
    encode_input(program, image, codes);
    dataset_free(data);
    free(image);
    return codes;
}

static void compare(const struct network_case *c)
{
    struct compiled compiled = compile(c);
    uint8_t *input = first_image(c, compiled.program);
    struct machine_run fast = run_on(&engine_fast, compiled.program, input);
    struct machine_run clocked = run_on(&engine_clocked, compiled.program, input);
    assert_true(same_runs(&fast, &clocked));
    printf("%s on %s: %u layers, %u instructions, %llu cycles\n", c->scheme, c->arch,
           compiled.program->layer_count, compiled.program->instruction_count,
           (unsigned long long)machine_stats(fast.machine)->cycles);
    run_free(&fast);
    run_free(&clocked);
    free(input);
    compiled_free(&compiled);
}

/* A scheme on each kind of accelerator. */
static void compare_all(const char *model, const char *data)
{
    static const char *const pairs[][2] = {
        {"int8", "int8-32x32"},    {"ant4", "ant-64x64"},          {"ant4", "ant-64x64-ws"},
        {"rsd8_eb2", "msd-40x40"}, {"rsd8_eb2", "msd-40x40-skip"}, {"msd_eb2", "msd-ultra96"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        compare(&(struct network_case){model, data, pairs[i][0], pairs[i][1]});
}

static void shipped_network(void **state)
{
    SKIP_WITHOUT(FASHION_IMAGES);
    compare_all(TEST_SOURCE_DIR "/workloads/models/fashion-resnet.onnx", "fashion-mnist");
}

static void resnet18(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    printf("SKIPPED: too long under sanitizers\n");
    skip();
#endif
    SKIP_WITHOUT(RESNET18);
    assert_int_equal(setenv("MANTIS_SHARED", SHARED_DIR, 1), 0);
    compare_all(RESNET18, TEST_SOURCE_DIR "/test/data/imagenet-test.cfg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_network),
        cmocka_unit_test(resnet18),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
