/* Are JPEG files decoded, resized and cropped as Pillow and torchvision do it? */
#include "test/datasets.h"

#include <pthread.h>

#include <jpeglib.h>

#include "workloads/image.h"

/* Colour planes that vary slowly, so that JPEG at full quality keeps them to a few levels. */
static void ideal_pixel(int x, int y, int rgb[3])
{
    rgb[0] = x;
    rgb[1] = y;
    rgb[2] = (x + y) / 2;
}

static void write_jpeg(const char *name, int width, int height, J_COLOR_SPACE space)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr manager;
    int components = space == JCS_GRAYSCALE ? 1 : space == JCS_CMYK ? 4 : 3;
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = components;
    jpeg.in_color_space = space;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    uint8_t *row = malloc((size_t)width * 4);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int rgb[3];
            ideal_pixel(x, y, rgb);
            for (int i = 0; i < components; i++)
                row[components * x + i] = (uint8_t)rgb[i % 3];
        }
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    fclose(file);
}

static struct dataset_config image_list(const char *text)
{
    write_file("list.txt", text, strlen(text));
    struct dataset_config config = configure(DATASET_IMAGES, "/", "list.txt");
    snprintf(config.path, sizeof config.path, "%s", folder);
    return config;
}

/* Compare plane by plane with the picture that was encoded, shifted by the crop. */
static void assert_pixels(const struct dataset *dataset, int index, int left, int top,
                          int tolerance, bool is_grey)
{
    int channels, height, width, label;
    struct err err = {""};
    dataset_shape(dataset, &channels, &height, &width);
    float *image = malloc((size_t)(channels * height * width) * sizeof *image);
    if (!dataset_read(dataset, index, image, &label, &err))
        fail_msg("%s", err.text);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int channel = 0; channel < 3; channel++) {
                int rgb[3];
                ideal_pixel(left + x, top + y, rgb);
                float value = image[(channel * height + y) * width + x] * 255;
                assert_true(fabsf(value - (float)rgb[is_grey ? 0 : channel]) <= (float)tolerance);
            }
    free(image);
}

static void jpegs_are_decoded_and_cropped_at_the_centre(void **state)
{
    write_jpeg("colour.jpg", 227, 227, JCS_RGB);
    write_jpeg("grey image.jpg", 229, 226, JCS_GRAYSCALE);
    struct dataset_config config = image_list("colour.jpg 7\n\ngrey image.jpg\t 8 \r\n");
    config.crop = 224;
    struct dataset *dataset = open_or_fail(&config);
    assert_int_equal(dataset_count(dataset), 2);
    assert_pixels(dataset, 0, 2, 2, 4, false); /* round(1.5) = 2 */
    assert_pixels(dataset, 1, 2, 1, 4, true);  /* round(2.5) = 2, round(1) = 1 */
    dataset_free(dataset);
}

/* Python rounds halves to even: (h - crop) / 2 of 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5 */
static void crops_are_rounded_as_python_rounds(void **state)
{
    static const int expected[] = {0, 0, 1, 2, 2, 2, 3, 4};
    for (int i = 0; i < 8; i++)
        assert_int_equal(image_crop_offset(224 + i, 224), expected[i]);
}

static void resized_sizes_are_torchvisions(void **state)
{
    static const int cases[][5] = {/* width, height, shorter, new width, new height */
                                   {500, 375, 256, 341, 256},
                                   {375, 500, 256, 256, 341},
                                   {227, 227, 256, 256, 256},
                                   {1000, 3, 4, 1333, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int width, height;
        image_resized_size(cases[i][0], cases[i][1], cases[i][2], &width, &height);
        assert_int_equal(width, cases[i][3]);
        assert_int_equal(height, cases[i][4]);
    }
}

/* A slow resize in double precision straight from the definition: mean of the inputs weighted by a
 * triangle as wide as the reduction. Fixed point may differ from it by one level per pass. */
static double ideal_resize(const uint8_t *row, int in, int out, int position)
{
    double scale = (double)in / out, reach = scale > 1 ? scale : 1;
    double centre = (position + 0.5) * scale, sum = 0, total = 0;
    for (int i = 0; i < in; i++) {
        double weight = 1 - fabs((i + 0.5 - centre) / reach);
        if (weight <= 0)
            continue;
        sum += weight * row[i];
        total += weight;
    }
    return sum / total;
}

static void resizing_is_an_antialiased_triangle(void **state)
{
    for (int round = 0; round < 300; round++) {
        int in = check_between(1, 60), out = check_between(1, 60);
        bool is_column = round % 2;
        uint8_t line[60];
        struct err err;
        struct image image = {.width = is_column ? 1 : in, .height = is_column ? in : 1};
        image.rgb = malloc((size_t)in * 3);
        for (int i = 0; i < in; i++) {
            line[i] = (uint8_t)check_between(0, 255);
            memset(image.rgb + 3 * i, line[i], 3);
        }
        assert_true(image_resize(&image, is_column ? 1 : out, is_column ? out : 1, &err));
        for (int i = 0; i < 3 * out; i++)
            assert_true(fabs(image.rgb[i] - ideal_resize(line, in, out, i / 3)) <= 0.5 + 1e-3);
        image_clear(&image);
    }
}

/* Pillow, where it is installed, must agree in every byte: decode, resize to 256, crop to 224. */
static void pillow_agrees_in_every_byte(void **state)
{
    const char *list = SHARED_DIR "/data/imagenet/val1300/labels.txt";
    SKIP_WITHOUT(list);
    if (system("/usr/bin/python3 -c 'import numpy, PIL' 2>/dev/null")) {
        printf("SKIPPED: no NumPy and Pillow for /usr/bin/python3\n");
        skip();
    }
    enum { IMAGES = 8, SIDE = 224, PIXELS = 3 * SIDE * SIDE };
    char command[1024];
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c \"\n"
             "import numpy as np; from PIL import Image\n"
             "root = '%s/data/imagenet/val1300/'\n"
             "with open('%s/pillow', 'wb') as out:\n"
             "  for line in list(open(root + 'labels.txt'))[:%d]:\n"
             "    i = Image.open(root + line.split()[0]).convert('RGB')\n"
             "    i = i.resize((256, 256), Image.BILINEAR).crop((16, 16, 240, 240))\n"
             "    out.write(np.asarray(i).transpose(2, 0, 1).tobytes())\"",
             SHARED_DIR, folder, IMAGES);
    assert_int_equal(system(command), 0);
    struct dataset_config config = configure(DATASET_IMAGES, "/", list);
    snprintf(config.path, sizeof config.path, "%s/data/imagenet/val1300", SHARED_DIR);
    snprintf(config.labels, sizeof config.labels, "%s", list);
    config.resize = 256;
    config.crop = SIDE;
    struct dataset *dataset = open_or_fail(&config);
    assert_int_equal(dataset_count(dataset), 1300);
    snprintf(command, sizeof command, "%s/pillow", folder);
    FILE *file = fopen(command, "rb");
    uint8_t *expected = malloc(PIXELS);
    float *image = malloc(PIXELS * sizeof *image);
    for (int i = 0; i < IMAGES; i++) {
        int label, differing = 0;
        struct err err;
        assert_int_equal(fread(expected, 1, PIXELS, file), PIXELS);
        assert_true(dataset_read(dataset, i, image, &label, &err));
        for (int k = 0; k < PIXELS; k++)
            differing += image[k] != (float)expected[k] / 255.0f;
        assert_int_equal(differing, 0);
    }
    fclose(file);
    free(expected);
    free(image);
    dataset_free(dataset);
}

static void cut_file(const char *name, const char *source, long size)
{
    char path[300];
    uint8_t bytes[65536];
    snprintf(path, sizeof path, "%s/%s", folder, source);
    FILE *file = fopen(path, "rb");
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(size < (long)length);
    write_file(name, bytes, (size_t)size);
}

static void assert_unreadable(const struct dataset_config *config, int index, const char *message)
{
    static float image[3 * 300 * 300];
    struct err err = {""};
    int label;
    struct dataset *dataset = open_or_fail(config);
    assert_false(dataset_read(dataset, index, image, &label, &err));
    if (!strstr(err.text, message) || strchr(err.text, '\n'))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
    dataset_free(dataset);
}

static void broken_images_and_lists_are_refused(void **state)
{
    write_jpeg("a.jpg", 40, 30, JCS_RGB);
    write_jpeg("b.jpg", 41, 30, JCS_RGB);
    write_jpeg("cmyk.jpg", 40, 30, JCS_CMYK);
    cut_file("cut.jpg", "a.jpg", 700);
    write_file("text.jpg", "not a picture", 13);
    struct dataset_config config =
        image_list("a.jpg 0\nb.jpg 1\ncmyk.jpg 2\ncut.jpg 3\ntext.jpg 4\n");
    assert_unreadable(&config, 1, "b.jpg: 41 x 30, but the first image is 40 x 30");
    config.crop = 30;
    assert_unreadable(&config, 2, "cmyk.jpg: JPEG: CMYK images are not supported");
    assert_unreadable(&config, 3, "cut.jpg: JPEG: ");
    assert_unreadable(&config, 4, "text.jpg: JPEG: Not a JPEG file");
    config.crop = 31;
    assert_unreadable(&config, 0, "a.jpg: 40 x 30 is smaller than the crop, 31");
    config = image_list("a.jpg 0\n\nmissing.jpg 1\n");
    assert_refused(&config, "list.txt:3: ");
    assert_refused(&config, "missing.jpg: No such file or directory");
    config = image_list("a.jpg 0\na.jpg\n");
    assert_refused(&config, "list.txt:2: not `name class` with a class in 0..");
    config = image_list("a.jpg -1\n");
    assert_refused(&config, "list.txt:1: not `name class`");
    config = image_list("a.jpg 1x\n");
    assert_refused(&config, "list.txt:1: not `name class`");
    config = image_list("\n");
    assert_refused(&config, "list.txt: no images");
    config.labels[0] = 0;
    assert_refused(&config, "images need a text file of `name class` lines");
}

struct reading {
    const struct dataset *dataset;
    const float *expected;
    bool ok;
};

static void *read_many(void *argument)
{
    struct reading *reading = argument;
    float image[3 * 30 * 30];
    reading->ok = true;
    for (int i = 0; i < 200; i++) {
        int label;
        struct err err;
        reading->ok &= dataset_read(reading->dataset, 0, image, &label, &err) &&
                       !memcmp(image, reading->expected, sizeof image);
    }
    return NULL;
}

static void threads_may_read_at_once(void **state)
{
    enum { THREADS = 4 };
    write_jpeg("t.jpg", 61, 47, JCS_RGB);
    struct dataset_config config = image_list("t.jpg 0\n");
    config.resize = 33;
    config.crop = 30;
    struct dataset *dataset = open_or_fail(&config);
    float expected[3 * 30 * 30];
    int label;
    struct err err;
    assert_true(dataset_read(dataset, 0, expected, &label, &err));
    pthread_t threads[THREADS];
    struct reading readings[THREADS];
    for (int i = 0; i < THREADS; i++) {
        readings[i] = (struct reading){.dataset = dataset, .expected = expected};
        assert_int_equal(pthread_create(&threads[i], NULL, read_many, &readings[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(readings[i].ok);
    }
    dataset_free(dataset);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpegs_are_decoded_and_cropped_at_the_centre),
        cmocka_unit_test(crops_are_rounded_as_python_rounds),
        cmocka_unit_test(resized_sizes_are_torchvisions),
        cmocka_unit_test(resizing_is_an_antialiased_triangle),
        cmocka_unit_test(pillow_agrees_in_every_byte),
        cmocka_unit_test(broken_images_and_lists_are_refused),
        cmocka_unit_test(threads_may_read_at_once),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
