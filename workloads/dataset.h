/* Datasets: labelled images as normalised float tensors. */
#ifndef MANTIS_WORKLOADS_DATASET_H
#define MANTIS_WORKLOADS_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

#define DATASET_TYPES(X)                                                       \
    X(IDX, "idx", "idx images and labels (MNIST, Fashion-MNIST), plain or gz") \
    X(CIFAR10, "cifar10", "CIFAR-10 binary records")                           \
    X(IMAGES, "images", "JPEG files named, with their class, in a text file")  \
    X(NPZ, "npz",                                                              \
      "arrays `images` (N,C,H,W) and `labels` (N); uint8 is divided by 255, float is taken as is")

#define DATASET_ENUMERATOR(id, name, help) DATASET_##id,
enum dataset_type { DATASET_TYPES(DATASET_ENUMERATOR) DATASET_TYPE_COUNT };
#undef DATASET_ENUMERATOR

enum { DATASET_PATH_SIZE = 1024, DATASET_MAX_CHANNELS = 4 };

/* What a data file (--data D.cfg) says; sim/config.c reads it. Paths are already resolved. */
struct dataset_config {
    enum dataset_type type;
    char path[DATASET_PATH_SIZE];   /* idx: image file; cifar10: record file; images: folder; npz:
                                       file */
    char labels[DATASET_PATH_SIZE]; /* idx: label file; images: text file of `name class` lines;
                                       else empty */
    int channels_given;             /* entries in mean and std; 0 = 0 and 1 */
    float mean[DATASET_MAX_CHANNELS], std[DATASET_MAX_CHANNELS]; /* of values scaled to 0..1 */
    int resize; /* images: shorter side to this (bilinear with antialias, as torchvision's Resize);
                   0 = no */
    int crop;   /* images: centre crop (torchvision's CenterCrop rounding); 0 = no */
    int first, count; /* range of images; count 0 = to the end */
};

struct dataset;

struct dataset *dataset_open(const struct dataset_config *config, struct err *err);
void dataset_free(struct dataset *dataset);
int dataset_count(const struct dataset *dataset);
bool dataset_has_labels(const struct dataset *dataset);

/* Shape of every image, C x H x W (images of type `images` without crop must agree; reading reports
 * otherwise). */
void dataset_shape(const struct dataset *dataset, int *channels, int *height, int *width);

/* Image `index` as (x/255 - mean)/std (floats of an npz: (x - mean)/std), C x H x W floats, and its
 * class (-1 where there are no labels). Thread-safe: JPEGs are decoded here, into memory of the
 * call. */
bool dataset_read(const struct dataset *dataset, int index, float *image, int *label,
                  struct err *err);

#endif
