#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dataset_source.h"
#include "isa/host.h"

static const struct dataset_source *find_source(enum dataset_type type)
{
    switch (type) {
    case DATASET_IDX:
        return &idx_source;
    case DATASET_CIFAR10:
        return &cifar10_source;
    case DATASET_IMAGES:
        return &images_source;
    case DATASET_NPZ:
        return &npz_source;
    case DATASET_TYPE_COUNT:
        break;
    }
    return NULL;
}

bool dataset_set_shape(struct dataset *dataset, int64_t channels, int64_t height, int64_t width,
                       struct err *err)
{
    if (channels < 1 || channels > DATASET_MAX_CHANNELS || height < 1 || width < 1 ||
        height > DATASET_MAX_SIDE || width > DATASET_MAX_SIDE)
        return err_set(err,
                       "images of %lld channels, %lld x %lld; 1..%d channels and 1..%d rows and "
                       "columns are supported",
                       (long long)channels, (long long)height, (long long)width,
                       DATASET_MAX_CHANNELS, DATASET_MAX_SIDE);
    dataset->channels = (int)channels;
    dataset->height = (int)height;
    dataset->width = (int)width;
    return true;
}

size_t dataset_image_size(const struct dataset *dataset)
{
    return (size_t)dataset->channels * (size_t)dataset->height * (size_t)dataset->width;
}

bool dataset_read_memory(const struct dataset *dataset, int index, float *image, struct err *err)
{
    size_t size = dataset_image_size(dataset), offset = size * (size_t)index;
    if (dataset->floats) {
        memcpy(image, dataset->floats + offset, size * sizeof *image);
        return true;
    }
    for (size_t i = 0; i < size; i++)
        image[i] = (float)dataset->bytes[offset + i] / 255.0f;
    return true;
}

static bool check_normalisation(const struct dataset *dataset, struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    if (config->channels_given && config->channels_given != dataset->channels)
        return err_set(err, "%s: mean and std are given for %d channels, the images have %d",
                       config->path, config->channels_given, dataset->channels);
    for (int i = 0; i < config->channels_given; i++)
        if (!isfinite(config->mean[i]) || !isfinite(config->std[i]) || !(config->std[i] > 0))
            return err_set(err, "%s: mean %g, std %g of channel %d: std must be positive",
                           config->path, (double)config->mean[i], (double)config->std[i], i);
    return true;
}

static bool choose_range(struct dataset *dataset, struct err *err)
{
    struct dataset_config *config = &dataset->config;
    if (config->first < 0 || config->first >= dataset->total)
        return err_set(err, "%s: first %d is not in 0..%d", config->path, config->first,
                       dataset->total - 1);
    int most = dataset->total - config->first;
    if (config->count < 0 || config->count > most)
        return err_set(err, "%s: count %d from image %d on is not in 0..%d", config->path,
                       config->count, config->first, most);
    if (config->count == 0)
        config->count = most;
    return true;
}

struct dataset *dataset_open(const struct dataset_config *config, struct err *err)
{
    struct dataset *dataset = allocate(1, sizeof *dataset, err);
    if (!dataset)
        return NULL;
    dataset->config = *config;
    dataset->source = find_source(config->type);
    if (dataset->source->open(dataset, err) && choose_range(dataset, err) &&
        check_normalisation(dataset, err))
        return dataset;
    dataset_free(dataset);
    return NULL;
}

void dataset_clear(struct dataset *dataset)
{
    for (int i = 0; dataset->names && i < dataset->total; i++)
        free(dataset->names[i]);
    free(dataset->names);
    free(dataset->lines);
    free(dataset->labels);
    free(dataset->bytes);
    free(dataset->floats);
}

void dataset_free(struct dataset *dataset)
{
    if (!dataset)
        return;
    dataset_clear(dataset);
    free(dataset);
}

int dataset_count(const struct dataset *dataset)
{
    return dataset->config.count;
}

bool dataset_has_labels(const struct dataset *dataset)
{
    return dataset->labels;
}

void dataset_shape(const struct dataset *dataset, int *channels, int *height, int *width)
{
    *channels = dataset->channels;
    *height = dataset->height;
    *width = dataset->width;
}

bool dataset_read(const struct dataset *dataset, int index, float *image, int *label,
                  struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    int position = config->first + index;
    if (index < 0 || index >= config->count)
        return err_set(err, "%s: image %d is not in 0..%d", config->path, index, config->count - 1);
    if (!dataset->source->read(dataset, position, image, err))
        return false;
    size_t plane = (size_t)dataset->height * (size_t)dataset->width;
    for (int channel = 0; channel < config->channels_given; channel++)
        for (size_t i = 0; i < plane; i++) {
            float *value = &image[(size_t)channel * plane + i];
            *value = (*value - config->mean[channel]) / config->std[channel];
        }
    *label = dataset->labels ? dataset->labels[position] : -1;
    return true;
}
