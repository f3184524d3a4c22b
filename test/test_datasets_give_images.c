/* Do idx, CIFAR-10 and npz datasets give the right pixels and labels, and refuse what is broken? */
#include "test/datasets.h"

#include "workloads/npz.h"

#define FASHION "/usr/share/datasets/fashion-mnist/"

/* The data set's own page: 10 classes, balanced, and the first test image is an ankle boot (9).
 * Mean and deviation of the training pixels are the widely quoted 0.2860 and 0.3530. */
static void fashion_mnist_is_what_its_authors_describe(void **state)
{
    SKIP_WITHOUT(FASHION "t10k-images-idx3-ubyte.gz");
    struct dataset_config config = configure(DATASET_IDX, FASHION "t10k-images-idx3-ubyte.gz",
                                             FASHION "t10k-labels-idx1-ubyte.gz");
    struct dataset *dataset = open_or_fail(&config);
    int channels, height, width, label, histogram[10] = {0};
    float image[784];
    struct err err;
    double sum = 0;
    dataset_shape(dataset, &channels, &height, &width);
    assert_true(channels == 1 && height == 28 && width == 28);
    assert_int_equal(dataset_count(dataset), 10000);
    assert_true(dataset_has_labels(dataset));
    for (int i = 0; i < 10000; i++) {
        assert_true(dataset_read(dataset, i, image, &label, &err));
        histogram[label]++;
        for (int k = 0; k < 784; k++)
            sum += (double)image[k];
        if (i == 0)
            assert_int_equal(label, 9);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(histogram[i], 1000);
    assert_true(fabs(sum / 7840000 - 0.286) < 0.002);
    assert_false(dataset_read(dataset, 10000, image, &label, &err));
    dataset_free(dataset);
}

static void a_range_and_normalisation_apply(void **state)
{
    uint8_t images[16 + 12] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2};
    uint8_t labels[8 + 3] = {0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7};
    for (int i = 0; i < 12; i++)
        images[16 + i] = (uint8_t)(20 * i);
    write_file("i", images, sizeof images);
    write_file("l", labels, sizeof labels);
    struct dataset_config config = configure(DATASET_IDX, "i", "l");
    config.first = 1;
    config.channels_given = 1;
    config.mean[0] = 0.25f;
    config.std[0] = 0.5f;
    struct dataset *dataset = open_or_fail(&config);
    assert_int_equal(dataset_count(dataset), 2);
    for (int i = 0; i < 2; i++) {
        float image[4];
        int label;
        struct err err;
        assert_true(dataset_read(dataset, i, image, &label, &err));
        assert_int_equal(label, 6 + i);
        for (int k = 0; k < 4; k++)
            assert_true(image[k] == ((float)(20 * (4 * (i + 1) + k)) / 255.0f - 0.25f) / 0.5f);
    }
    dataset_free(dataset);
    config.count = 3;
    assert_refused(&config, "count 3 from image 1 on is not in 0..2");
    config.count = 0;
    config.first = 3;
    assert_refused(&config, "first 3 is not in 0..2");
    config.first = 0;
    config.channels_given = 3;
    assert_refused(&config, "mean and std are given for 3 channels, the images have 1");
    config.channels_given = 1;
    config.std[0] = 0;
    assert_refused(&config, "std must be positive");
}

static void broken_idx_files_are_refused(void **state)
{
    const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 7};
    const uint8_t huge[] = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t none[] = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1};
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 2};
    struct dataset_config config = configure(DATASET_IDX, "images", "labels");
    write_file("images", images, sizeof images - 1);
    assert_refused(&config, "images: the header says 2 bytes of data, there are 1");
    write_file("images", images, 9);
    assert_refused(&config, "images: the idx header is cut off");
    write_file("images", "text", 4);
    assert_refused(&config, "images: not an idx file of unsigned bytes with 3 dimension(s)");
    write_file("images", huge, sizeof huge);
    assert_refused(&config, "images: the header says more than");
    write_file("images", none, sizeof none);
    assert_refused(&config, "images: 0 images; 1..");
    write_file("images", images, sizeof images);
    assert_refused(&config, "labels: No such file or directory");
    write_file("labels", labels, sizeof labels);
    assert_refused(&config, "labels: 2 labels for 1 images");
    write_file("labels", images, sizeof images);
    assert_refused(&config, "labels: not an idx file of unsigned bytes with 1 dimension(s)");
    write_file("images", "\x1f\x8b\x08\0\0\0\0\0\0\3garbage", 17);
    assert_refused(&config, "images: ");
}

static void cifar_records_are_planes(void **state)
{
    enum { RECORD = 3073 };
    static uint8_t records[2 * RECORD];
    for (int i = 0; i < 2 * RECORD; i++)
        records[i] = (uint8_t)(i * 7);
    records[0] = 3;
    records[RECORD] = 9;
    write_file("c.bin", records, sizeof records);
    struct dataset_config config = configure(DATASET_CIFAR10, "c.bin", NULL);
    struct dataset *dataset = open_or_fail(&config);
    float image[3072];
    int label;
    struct err err;
    assert_int_equal(dataset_count(dataset), 2);
    assert_true(dataset_read(dataset, 1, image, &label, &err));
    assert_int_equal(label, 9);
    for (int i = 0; i < 3072; i++)
        assert_true(image[i] == (float)records[RECORD + 1 + i] / 255.0f);
    dataset_free(dataset);
    records[RECORD] = 10;
    write_file("c.bin", records, sizeof records);
    assert_refused(&config, "c.bin: record 1: class 10 is not in 0..9");
    write_file("c.bin", records, sizeof records - 1);
    assert_refused(&config, "c.bin: 6145 bytes are not a number of CIFAR-10 records of 3073 bytes");
}

static void write_npz(const char *name, const struct array *arrays, int count)
{
    char path[300];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct npz_writer *writer = npz_writer_open(path, &err);
    assert_non_null(writer);
    for (int i = 0; i < count; i++)
        assert_true(npz_writer_add(writer, &arrays[i], &err));
    assert_true(npz_writer_close(writer, &err));
}

static void npz_bytes_are_scaled_and_floats_are_not(void **state)
{
    uint8_t bytes[8] = {0, 1, 2, 3, 100, 200, 254, 255};
    float reals[8] = {0, 1, -2, 3, 100, 0.5f, 7, 8};
    int64_t classes[2] = {4, 2};
    struct array arrays[2] = {
        {.name = "images", .type = ARRAY_UINT8, .rank = 4, .dims = {2, 1, 2, 2}, .data = bytes},
        {.name = "labels", .type = ARRAY_INT64, .rank = 1, .dims = {2}, .data = classes},
    };
    struct dataset_config config = configure(DATASET_NPZ, "d.npz", NULL);
    float image[4];
    int label;
    struct err err;
    for (int is_real = 0; is_real < 2; is_real++) {
        arrays[0].type = is_real ? ARRAY_FLOAT32 : ARRAY_UINT8;
        arrays[0].data = is_real ? (void *)reals : (void *)bytes;
        write_npz("d.npz", arrays, is_real ? 1 : 2);
        struct dataset *dataset = open_or_fail(&config);
        assert_true(dataset_read(dataset, 1, image, &label, &err));
        assert_int_equal(label, is_real ? -1 : 2);
        assert_int_equal(dataset_has_labels(dataset), !is_real);
        for (int i = 0; i < 4; i++)
            assert_true(image[i] == (is_real ? reals[4 + i] : (float)bytes[4 + i] / 255.0f));
        dataset_free(dataset);
    }
    reals[5] = NAN;
    write_npz("d.npz", arrays, 2);
    assert_refused(&config, "array \"images\": image 1 holds a number that is not finite");
    arrays[0].rank = 3;
    write_npz("d.npz", arrays, 2);
    assert_refused(&config, "array \"images\": rank 3; 4 (N, C, H, W) is needed");
    write_npz("d.npz", &arrays[1], 1);
    assert_refused(&config, "array \"images\" is missing");
    arrays[0] = (struct array){
        .name = "images", .type = ARRAY_UINT8, .rank = 4, .dims = {2, 1, 2, 2}, .data = bytes};
    classes[1] = -1;
    write_npz("d.npz", arrays, 2);
    assert_refused(&config, "array \"labels\": element 1, -1, is not in 0..");
    arrays[1].dims[0] = 1;
    write_npz("d.npz", arrays, 2);
    assert_refused(&config, "array \"labels\": not one label for each of 2 images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fashion_mnist_is_what_its_authors_describe),
        cmocka_unit_test(a_range_and_normalisation_apply),
        cmocka_unit_test(broken_idx_files_are_refused),
        cmocka_unit_test(cifar_records_are_planes),
        cmocka_unit_test(npz_bytes_are_scaled_and_floats_are_not),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
