/* Calibration: what values the activations of the float network take on a few images. */
#ifndef MANTIS_COMPILER_CALIBRATE_H
#define MANTIS_COMPILER_CALIBRATE_H

#include "compiler/quantise_scale.h"
#include "compiler/scale_memo.h"

enum { HISTOGRAM_BINS = 1 << 14 };

/* Counts of nonzero numbers in equal bins over [-range, range]; range is a power of two and
 * doubles, with pairs of bins merged, when larger numbers arrive: the result does not depend on
 * their order. Zeros are on every grid and left out. */
struct histogram {
    double range; /* 0: no number yet */
    double minimum, maximum;
    uint64_t counts[HISTOGRAM_BINS];
};

/* Add numbers; false, and nothing added, where one is infinite or NaN. */
bool histogram_add(struct histogram *histogram, const float *values, int64_t count);

/* Add the counts of `other`. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The numbers as a distribution over the middles of the bins. */
void histogram_distribution(const struct histogram *histogram, struct distribution *distribution);

/* What calibration knows of one activation of the network. */
struct observation {
    struct histogram histogram;
    double *channel_means; /* [c]: mean over images and pixels */
};

struct calibration {
    int count, images;
    struct observation *observations; /* per activation */
    struct scale_memo *memo;          /* of the graph's weights, filled by those who quantise */
};

/* Run the float reference over the images and observe every activation of the network (only shapes
 * and graph values are used of it). NULL on error. */
struct calibration *calibrate(const struct graph *graph, const struct network *network,
                              calibration_reader reader, int images, quantise_progress progress,
                              void *context, struct err *err);
void calibration_free(struct calibration *calibration);

#endif
