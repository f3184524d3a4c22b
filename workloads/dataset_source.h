/* What the kinds of dataset share; private to workloads/dataset*.c and image*.c. */
#ifndef MANTIS_WORKLOADS_DATASET_SOURCE_H
#define MANTIS_WORKLOADS_DATASET_SOURCE_H

#include <stddef.h>

#include "workloads/dataset.h"

/* One kind of dataset. open() fills shape, total and what read() needs; read() gives image `index`
 * of the file as values before normalisation, 0..1 where they were bytes. read() is called by many
 * threads at once and changes nothing. */
struct dataset_source {
    bool (*open)(struct dataset *dataset, struct err *err);
    bool (*read)(const struct dataset *dataset, int index, float *image, struct err *err);
};
extern const struct dataset_source idx_source, cifar10_source, images_source, npz_source;

struct dataset {
    struct dataset_config config;
    const struct dataset_source *source;
    int channels, height, width;
    int total;      /* images in the file; config.first and config.count choose among them */
    int *labels;    /* per image of the file; NULL if there are none */
    uint8_t *bytes; /* idx, cifar10, npz of uint8: image after image, C x H x W */
    float *floats;  /* npz of floats */
    char **names;   /* images: file names relative to config.path */
    int *lines;     /* images: where each is in the label file */
};

enum { DATASET_MAX_IMAGES = 1 << 24, DATASET_MAX_SIDE = 16384, DATASET_MAX_CLASS = 1 << 24 };

/* Bytes of one image; false where a dimension is out of range. */
bool dataset_set_shape(struct dataset *dataset, int64_t channels, int64_t height, int64_t width,
                       struct err *err);
size_t dataset_image_size(const struct dataset *dataset);

/* read() of the sources that keep all images in memory. */
bool dataset_read_memory(const struct dataset *dataset, int index, float *image, struct err *err);

/* Parts of readers, on bytes in memory: what the fuzzers call. Errors have no file name yet. */
bool idx_decode_images(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err);
bool idx_decode_labels(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err);
bool cifar10_decode(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err);
/* Lines of `name class`; `text` ends in a zero byte and is changed. Errors begin with "path:line".
 */
bool image_list_decode(struct dataset *dataset, char *text, size_t size, const char *path,
                       struct err *err);

void dataset_clear(struct dataset *dataset);

#endif
