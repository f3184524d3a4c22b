/* Does a float image become the codes of the nearest levels, in pixel-major order, in every format?
 */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "pe/format.h"
#include "test/operand_formats.h"

enum { PIXELS = 37, CHANNELS = 3, COUNT = PIXELS * CHANNELS };

/* Values on, beside and between levels, and far outside. */
static void fill(const struct grid *grid, double scale, float *image)
{
    for (int i = 0; i < COUNT; i++) {
        int at = check_between(0, grid->count - 1);
        double level = grid->levels[at], next = grid->levels[at + 1 < grid->count ? at + 1 : at];
        double value = check_between(0, 3) ? (level + next) / 2 : level;
        value += 0.25 * check_between(-1, 1);
        image[i] = (float)((check_between(0, 19) ? value : 1e6 * value) * scale);
    }
}

static void check_format(struct format format)
{
    const struct grid *grid = format_grid(format);
    float image[COUNT];
    uint8_t codes[COUNT + 1];
    double scale = 0.5; /* exact, so that ties stay ties */
    fill(grid, scale, image);
    codes[COUNT] = 0xA5;
    format_encode_image(format, scale, image, PIXELS, CHANNELS, codes);
    assert_int_equal(codes[COUNT], 0xA5);
    for (int pixel = 0; pixel < PIXELS; pixel++)
        for (int c = 0; c < CHANNELS; c++) {
            int level = grid_nearest(grid, (double)image[c * PIXELS + pixel] / scale);
            assert_int_equal(codes[pixel * CHANNELS + c], grid->codes[level]);
        }
}

static void every_format(void **state)
{
    check_seed();
    struct format format = {0};
    int checked = 0;
    while (next_operand_format(&format)) {
        if (format_code_bits(format) > 8)
            continue;
        for (int round = 0; round < 50; round++)
            check_format(format);
        checked++;
    }
    printf("%d formats\n", checked);
    assert_true(checked > 60);
}

/* Program files may bring inputs of more than a byte: signed digits, and integers without a grid. */
static void wide_codes(void **state)
{
    const float image[] = {-1e9F, -3.5F, 0, 2.5F, 40000, 1e9F}; /* 2 channels of 3 pixels */
    const int16_t expected[] = {-32768, 3, -3, 32767, 0, 32767};
    int16_t codes[6];
    format_encode_image((struct format){FORMAT_INT, 16, true}, 1, image, 3, 2, codes);
    assert_memory_equal(codes, expected, sizeof codes);
    struct format digits = {FORMAT_RSD_EB3, 8, true};
    uint16_t digit_codes[6];
    format_encode_image(digits, 1, image, 3, 2, digit_codes);
    const struct grid *grid = format_grid(digits);
    for (int i = 0; i < 6; i++) {
        double value = (double)image[i % 2 * 3 + i / 2];
        assert_int_equal(digit_codes[i], grid->codes[grid_nearest(grid, value)]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_format),
                                       cmocka_unit_test(wide_codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
