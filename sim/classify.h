/* Accuracy: images through a network by several threads, the machine's codes or the float reference
 * alike. */
#ifndef MANTIS_SIM_CLASSIFY_H
#define MANTIS_SIM_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"
#include "isa/program.h"
#include "sim/progress.h"
#include "workloads/dataset.h"
#include "workloads/graph.h"

struct score {
    int images, top1, top5;
    uint64_t overflows;        /* of the machine, over all images */
    uint64_t *layer_overflows; /* NULL, or one per layer of the program: added to */
};

/* What turns an image (C x H x W floats) into one score per class. A worker belongs to one thread.
 */
struct classifier {
    const void *subject;
    int channels, height, width, classes;
    void *(*open)(const struct classifier *classifier);
    void (*run)(void *worker, const float *image, double *scores);
    void (*close)(void *worker, struct score *score); /* adds its overflows */
};

struct classifier classifier_of_program(const struct program *program);

/* The graph needs an input of rank 4 (1 x C x H x W) or of less, read from the right. */
struct classifier classifier_of_graph(const struct graph *graph);

/* Whether the data fits the network's input; the error names both shapes. */
bool classifier_fits(const struct classifier *classifier, const struct dataset *data,
                     struct err *err);

/* Classify `count` images from `first` on, in the calling thread; false where interrupted, too. */
bool classify_range(const struct classifier *classifier, const struct dataset *data, int first,
                    int count, struct score *score, struct err *err);

/* Classify the first `images` images. Top-k: fewer than k classes score higher, or equal with a
 * lower index. */
bool classify(const struct classifier *classifier, const struct dataset *data, int images,
              int threads, struct progress *progress, struct score *score, struct err *err);

#endif
