#include <string.h>

#include "sim/machine_state.h"

#define COPY_FIELD(type, name) .name = from->name,
struct patch_window machine_window_matmul(const struct matmul *from)
{
    return (struct patch_window){WINDOW_FIELDS(COPY_FIELD)};
}

struct patch_window machine_window_vector(const struct vector *from)
{
    return (struct patch_window){WINDOW_FIELDS(COPY_FIELD)};
}
#undef COPY_FIELD

/* One row of the matrix: the codes under output pixel (oy, ox), kernel row by kernel row. */
static uint8_t *gather_pixel(const struct patch_window *window, const uint8_t *act,
                             uint64_t channels, uint64_t oy, uint64_t ox, uint8_t *row)
{
    for (uint64_t ky = 0; ky < window->kernel_h; ky++)
        for (uint64_t kx = 0; kx < window->kernel_w; kx++) {
            memcpy(row, act + window_at(window, oy, ox, ky, kx), channels);
            row += channels;
        }
    return row;
}

/* The same where all channels of neighbouring kernel positions lie side by side. */
static uint8_t *gather_whole_pixel(const struct patch_window *window, const uint8_t *act,
                                   uint64_t oy, uint64_t ox, uint8_t *row)
{
    const size_t length = (size_t)window->kernel_w * window->patch_c;
    for (uint64_t ky = 0; ky < window->kernel_h; ky++) {
        memcpy(row, act + window_at(window, oy, ox, ky, 0), length);
        row += length;
    }
    return row;
}

void machine_window_gather(const struct patch_window *window, const uint8_t *act, uint64_t channels,
                           uint64_t begin, uint64_t count, uint8_t *rows)
{
    bool whole = channels == window->patch_c && window->dilation_x == 1;
    uint64_t oy = begin / window->out_w, ox = begin % window->out_w;
    for (uint64_t i = 0; i < count; i++) {
        rows = whole ? gather_whole_pixel(window, act, oy, ox, rows)
                     : gather_pixel(window, act, channels, oy, ox, rows);
        if (++ox == window->out_w) {
            ox = 0;
            oy++;
        }
    }
}
