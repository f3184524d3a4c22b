#include "compiler/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/reference.h"

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

static struct calibration *calibration_new(const struct network *network, int images)
{
    struct calibration *calibration = allocate(1, sizeof *calibration);
    calibration->count = network->activation_count;
    calibration->images = images;
    calibration->memo = scale_memo_new();
    calibration->observations =
        allocate((size_t)calibration->count, sizeof *calibration->observations);
    for (int a = 0; a < calibration->count; a++)
        calibration->observations[a].channel_means =
            allocate((size_t)network->activations[a].c, sizeof(double));
    return calibration;
}

static void add_channel_means(const struct activation *activation, const float *data, double share,
                              double *means)
{
    int64_t pixels = (int64_t)activation->h * activation->w;
    for (int c = 0; c < activation->c; c++, data += pixels) {
        float sum = 0;
        for (int64_t i = 0; i < pixels; i++)
            sum += data[i];
        means[c] += sum * share / (double)pixels;
    }
}

static bool observe(struct calibration *calibration, const struct reference *reference,
                    const struct network *network, struct err *err)
{
    for (int a = 0; a < calibration->count; a++) {
        const struct activation *activation = &network->activations[a];
        struct observation *observation = &calibration->observations[a];
        const float *data = reference_value(reference, activation->graph_value);
        int64_t count = (int64_t)activation->h * activation->w * activation->c;
        if (!histogram_add(&observation->histogram, data, count))
            return err_set(err, "value \"%s\" becomes infinite or NaN", activation->name);
        add_channel_means(activation, data, 1.0 / calibration->images, observation->channel_means);
    }
    return true;
}

struct calibration *calibrate(const struct graph *graph, const struct network *network,
                              calibration_reader reader, int images, quantise_progress progress,
                              void *context, struct err *err)
{
    struct calibration *calibration = calibration_new(network, images);
    struct reference *reference = reference_new(graph);
    size_t elements = (size_t)value_elements(&graph->values[graph->input]);
    float *image = allocate(elements, sizeof *image);
    bool ok = true;
    for (int i = 0; i < images && ok; i++) {
        ok = reader(context, i, image, err);
        if (!ok)
            break;
        reference_run(reference, image);
        ok = observe(calibration, reference, network, err) ||
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
    for (int a = 0; a < calibration->count; a++)
        free(calibration->observations[a].channel_means);
    free(calibration->observations);
    scale_memo_free(calibration->memo);
    free(calibration);
}
