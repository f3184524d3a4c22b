#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/image.h"

/* Pillow's resampling of 8-bit images (its src/libImaging/Resample.c): a triangle filter whose
 * support grows with the reduction, first along rows, then along columns, each pass rounded to
 * bytes; weights in fixed point with 22 fraction bits. */

enum { WEIGHT_BITS = 32 - 8 - 2 };

/* Output position i sums weights[i*size ..] x input[first[i] .. first[i] + count[i] - 1]. */
struct filter {
    int size;
    int *first, *count;
    int32_t *weights;
};

static void filter_free(struct filter *filter)
{
    free(filter->first);
    free(filter->count);
    free(filter->weights);
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/* One output position: the triangle around its centre in the input, cut off at the edges, of sum 1.
 */
static void fill_position(struct filter *filter, int position, int in, double scale,
                          double filter_scale, double *weights)
{
    double centre = (position + 0.5) * scale, total = 0;
    int first = (int)(centre - filter_scale + 0.5), end = (int)(centre + filter_scale + 0.5);
    first = first < 0 ? 0 : first;
    end = end > in ? in : end;
    for (int i = 0; i < end - first; i++) {
        weights[i] = triangle((i + first - centre + 0.5) * (1 / filter_scale));
        total += weights[i];
    }
    filter->first[position] = first;
    filter->count[position] = end - first;
    int32_t *fixed = filter->weights + (size_t)position * (size_t)filter->size;
    for (int i = 0; i < end - first; i++) {
        double weight = total != 0 ? weights[i] / total : weights[i];
        fixed[i] = (int32_t)(0.5 + weight * (1 << WEIGHT_BITS)); /* never negative */
    }
}

static bool filter_make(struct filter *filter, int in, int out, struct err *err)
{
    double scale = (double)in / out, filter_scale = scale < 1 ? 1 : scale;
    filter->size = (int)ceil(filter_scale) * 2 + 1; /* the triangle reaches filter_scale each way */
    filter->first = allocate((size_t)out, sizeof *filter->first, err);
    filter->count = allocate((size_t)out, sizeof *filter->count, err);
    filter->weights = allocate((size_t)out * (size_t)filter->size, sizeof *filter->weights, err);
    double *weights = allocate((size_t)filter->size, sizeof *weights, err);
    bool ok = filter->first && filter->count && filter->weights && weights;
    for (int i = 0; ok && i < out; i++)
        fill_position(filter, i, in, scale, filter_scale, weights);
    free(weights);
    return ok;
}

/* The weighted sum for one output byte; `step` bytes lie between neighbours along the axis. */
static uint8_t weigh(const uint8_t *first, size_t step, const int32_t *weights, int count)
{
    int32_t sum = 1 << (WEIGHT_BITS - 1);
    for (int i = 0; i < count; i++)
        sum += first[(size_t)i * step] * weights[i];
    sum >>= WEIGHT_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Resample one axis of lines x extent x step bytes: along rows step is 3, along columns the row's
 * length. */
static bool resample(uint8_t **rgb, size_t lines, int in, int out, size_t step, struct err *err)
{
    struct filter filter = {0};
    uint8_t *result = allocate(lines * (size_t)out, step, err);
    bool ok = result && filter_make(&filter, in, out, err);
    for (size_t line = 0; ok && line < lines; line++)
        for (int position = 0; position < out; position++) {
            const int32_t *weights = filter.weights + (size_t)position * (size_t)filter.size;
            const uint8_t *source =
                *rgb + (line * (size_t)in + (size_t)filter.first[position]) * step;
            uint8_t *target = result + (line * (size_t)out + (size_t)position) * step;
            for (size_t i = 0; i < step; i++)
                target[i] = weigh(source + i, step, weights, filter.count[position]);
        }
    filter_free(&filter);
    if (!ok) {
        free(result);
        return false;
    }
    free(*rgb);
    *rgb = result;
    return true;
}

bool image_resize(struct image *image, int width, int height, struct err *err)
{
    if (width != image->width &&
        !resample(&image->rgb, (size_t)image->height, image->width, width, 3, err))
        return false;
    image->width = width;
    if (height != image->height &&
        !resample(&image->rgb, 1, image->height, height, (size_t)width * 3, err))
        return false;
    image->height = height;
    return true;
}

void image_resized_size(int width, int height, int shorter, int *new_width, int *new_height)
{
    *new_width = width <= height ? shorter : (int)((int64_t)shorter * width / height);
    *new_height = width <= height ? (int)((int64_t)shorter * height / width) : shorter;
}

int image_crop_offset(int extent, int crop)
{
    int half = (extent - crop) / 2;
    return (extent - crop) % 2 ? half + half % 2 : half;
}
