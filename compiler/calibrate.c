#include "compiler/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/reference.h"
#include "compiler/reference_operators.h"

/* ---- histograms ---- */

/* Twice the range: bins 2i and 2i + 1, counted from the middle, become one. */
static void double_range(struct histogram *histogram)
{
    uint64_t merged[HISTOGRAM_BINS] = {0};
    for (int i = 0; i < HISTOGRAM_BINS; i++)
        merged[HISTOGRAM_BINS / 4 + i / 2] += histogram->counts[i];
    memcpy(histogram->counts, merged, sizeof merged);
    histogram->range *= 2;
}

/* Make room for numbers up to `magnitude` (> 0). */
static void cover(struct histogram *histogram, double magnitude)
{
    int exponent;
    frexp(magnitude, &exponent);
    if (histogram->range == 0)
        histogram->range = ldexp(1, exponent);
    while (histogram->range < magnitude)
        double_range(histogram);
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The least and greatest number, by the order of their bits, which vectorises: among numbers of one
 * sign larger bits are larger magnitudes, and infinities and NaNs come last. */
static bool find_range(const float *values, int64_t count, double *minimum, double *maximum)
{
    uint32_t negative = 0;
    int32_t positive = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        positive = bits > positive ? bits : positive;
        negative = (uint32_t)bits > negative ? (uint32_t)bits : negative;
    }
    bool has_negative = negative > UINT32_C(1) << 31;
    *maximum = float_of_bits((uint32_t)positive);
    *minimum = has_negative ? float_of_bits(negative) : 0;
    return isfinite(*maximum) && isfinite(*minimum);
}

bool histogram_add(struct histogram *histogram, const float *values, int64_t count)
{
    double minimum, maximum;
    if (!find_range(values, count, &minimum, &maximum))
        return false;
    histogram->minimum = fmin(histogram->minimum, minimum);
    histogram->maximum = fmax(histogram->maximum, maximum);
    double magnitude = fmax(-minimum, maximum);
    if (magnitude == 0)
        return true;
    cover(histogram, magnitude);
    float bins_per_unit = (float)(HISTOGRAM_BINS / 2 / histogram->range);
    for (int64_t i = 0; i < count; i++) {
        if (values[i] == 0)
            continue;
        int bin = (int)(values[i] * bins_per_unit + HISTOGRAM_BINS / 2);
        histogram->counts[bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1]++;
    }
    return true;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    histogram->minimum = fmin(histogram->minimum, other->minimum);
    histogram->maximum = fmax(histogram->maximum, other->maximum);
    if (other->range == 0)
        return;
    struct histogram widened = *other;
    cover(histogram, other->range);
    cover(&widened, histogram->range);
    for (int i = 0; i < HISTOGRAM_BINS; i++)
        histogram->counts[i] += widened.counts[i];
}

void histogram_distribution(const struct histogram *histogram, struct distribution *distribution)
{
    float middles[HISTOGRAM_BINS];
    double weights[HISTOGRAM_BINS], width = histogram->range / (HISTOGRAM_BINS / 2);
    int count = 0;
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        if (!histogram->counts[i])
            continue;
        middles[count] = (float)((i - HISTOGRAM_BINS / 2 + 0.5) * width);
        weights[count++] = (double)histogram->counts[i];
    }
    distribution_set(distribution, middles, weights, count);
}

/* ---- running the network ---- */

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

static struct calibration *calibration_new(const struct graph *graph, const bool *observed,
                                           int images)
{
    struct calibration *calibration = allocate(1, sizeof *calibration);
    size_t count = (size_t)graph->value_count;
    calibration->value_count = graph->value_count;
    calibration->images = images;
    calibration->histograms = allocate(count, sizeof *calibration->histograms);
    calibration->channel_means = allocate(count, sizeof *calibration->channel_means);
    for (int i = 0; i < graph->value_count; i++) {
        if (!observed[i])
            continue;
        size_t channels = (size_t)image_shape(&graph->values[i]).channels;
        calibration->histograms[i] = allocate(1, sizeof *calibration->histograms[i]);
        calibration->channel_means[i] = allocate(channels, sizeof *calibration->channel_means[i]);
    }
    return calibration;
}

static void add_channel_means(const struct value *value, const float *data, double share,
                              double *means)
{
    struct image_shape shape = image_shape(value);
    int64_t pixels = shape.height * shape.width;
    for (int64_t c = 0; c < shape.channels; c++, data += pixels) {
        float sum = 0;
        for (int64_t i = 0; i < pixels; i++)
            sum += data[i];
        means[c] += sum * share / (double)pixels;
    }
}

static bool observe(struct calibration *calibration, const struct reference *reference,
                    const struct graph *graph, struct err *err)
{
    for (int i = 0; i < graph->value_count; i++) {
        struct histogram *histogram = calibration->histograms[i];
        const struct value *value = &graph->values[i];
        if (!histogram)
            continue;
        const float *data = reference_value(reference, i);
        if (!histogram_add(histogram, data, value_elements(value)))
            return err_set(err, "value \"%s\" becomes infinite or NaN", value->name);
        add_channel_means(value, data, 1.0 / calibration->images, calibration->channel_means[i]);
    }
    return true;
}

struct calibration *calibrate(const struct graph *graph, const bool *observed,
                              calibration_reader reader, int images, quantise_progress progress,
                              void *context, struct err *err)
{
    struct calibration *calibration = calibration_new(graph, observed, images);
    struct reference *reference = reference_new(graph);
    size_t elements = (size_t)value_elements(&graph->values[graph->input]);
    float *image = allocate(elements, sizeof *image);
    bool ok = true;
    for (int i = 0; i < images && ok; i++) {
        ok = reader(context, i, image, err);
        if (!ok)
            break;
        reference_run(reference, image);
        ok = observe(calibration, reference, graph, err) ||
             err_prefix(err, "calibration image %d", i);
        if (progress)
            progress(context, "calibrate", i + 1, images);
    }
    free(image);
    reference_free(reference);
    if (ok)
        return calibration;
    calibration_free(calibration);
    return NULL;
}

void calibration_free(struct calibration *calibration)
{
    if (!calibration)
        return;
    for (int i = 0; i < calibration->value_count; i++) {
        free(calibration->histograms[i]);
        free(calibration->channel_means[i]);
    }
    free(calibration->histograms);
    free(calibration->channel_means);
    free(calibration);
}
