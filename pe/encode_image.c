#include <math.h>
#include <string.h>

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

uint32_t format_nearest_code(struct format format, double value)
{
    if (format_is_operand(format)) {
        const struct grid *grid = format_grid(format);
        return grid->codes[grid_nearest(grid, value)];
    }
    double low = format.is_signed ? -ldexp(1, format.bits - 1) : 0;
    double high = ldexp(1, format.bits - format.is_signed) - 1;
    int64_t level = (int64_t)fmin(fmax(floor(value + 0.5), low), high);
    return format_family(format)->encode(format, (int32_t)level);
}

void format_encode_image(struct format format, double scale, const float *image, size_t pixels,
                         size_t channels, void *codes)
{
    uint8_t *to = codes;
    if (format.family == FORMAT_INT && format.bits <= 8) {
        uint32_t unused = format.bits < 8 ? 0xFFu << format.bits : 0;
        encode_int(format_grid(format), scale, image, pixels, channels, to);
        for (size_t i = 0; unused && i < pixels * channels; i++)
            to[i] &= (uint8_t)~unused;
        return;
    }
    size_t bytes = (size_t)format_host_bytes(format);
    for (size_t i = 0; i < pixels * channels; i++, to += bytes) {
        double value = (double)image[i % channels * pixels + i / channels] / scale;
        uint32_t code = format_nearest_code(format, value);
        memcpy(to, &code, bytes); /* little-endian */
    }
}
