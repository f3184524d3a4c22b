#include <assert.h>
#include <math.h>

#include "pe/clones.h"
#include "pe/format.h"

/* On an int grid the nearest level is the value rounded, halves up, and clamped. The fraction is
 * compared, not added to, so that no sum rounds. */
VECTOR_CLONES static void encode_int(const struct grid *grid, double scale, const float *image,
                                     size_t pixels, size_t channels, uint8_t *codes)
{
    double lowest = grid->levels[0], highest = grid->levels[grid->count - 1];
    for (size_t c = 0; c < channels; c++)
        for (size_t pixel = 0; pixel < pixels; pixel++) {
            double value = (double)image[c * pixels + pixel] / scale;
            double below = floor(value);
            double level = value - below >= 0.5 ? below + 1 : below;
            level = level < lowest ? lowest : level > highest ? highest : level;
            codes[pixel * channels + c] = (uint8_t)(int32_t)level;
        }
}

void format_encode_image(struct format format, double scale, const float *image, size_t pixels,
                         size_t channels, uint8_t *codes)
{
    const struct grid *grid = format_grid(format);
    assert(format_host_bytes(format) == 1);
    if (format.family == FORMAT_INT) {
        uint32_t unused = format.bits < 8 ? 0xFFu << format.bits : 0;
        encode_int(grid, scale, image, pixels, channels, codes);
        for (size_t i = 0; unused && i < pixels * channels; i++)
            codes[i] &= (uint8_t)~unused;
        return;
    }
    for (size_t i = 0; i < pixels * channels; i++) {
        double value = (double)image[i % channels * pixels + i / channels] / scale;
        codes[i] = (uint8_t)grid->codes[grid_nearest(grid, value)];
    }
}
