#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dataset_source.h"
#include "isa/host.h"
#include "workloads/image.h"

enum { LIST_MAX_BYTES = 1 << 28, JPEG_MAX_BYTES = 1 << 28, FILE_PATH_SIZE = 2 * DATASET_PATH_SIZE };

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

/* `name class`; names may hold spaces, so the class is the last word. */
static bool read_line(struct dataset *dataset, char *line, int number, struct err *err)
{
    size_t length = strlen(line);
    while (length && strchr(" \t\r", line[length - 1]))
        line[--length] = 0;
    if (!length)
        return true;
    char *word = line + length;
    while (word > line && !strchr(" \t", word[-1]))
        word--;
    char *end;
    long label = strtol(word, &end, 10);
    if (word == line || *end || label < 0 || label > DATASET_MAX_CLASS)
        return err_set(err, "not `name class` with a class in 0..%d", DATASET_MAX_CLASS);
    while (word > line && strchr(" \t", word[-1]))
        word--;
    *word = 0;
    if (!*line || strlen(line) >= DATASET_PATH_SIZE)
        return err_set(err, "the name is empty or longer than %d characters",
                       DATASET_PATH_SIZE - 1);
    dataset->names[dataset->total] = strdup(line);
    if (!dataset->names[dataset->total])
        return err_set(err, "not enough memory");
    dataset->lines[dataset->total] = number;
    dataset->labels[dataset->total++] = (int)label;
    return true;
}

bool image_list_decode(struct dataset *dataset, char *text, size_t size, const char *path,
                       struct err *err)
{
    size_t lines = count_lines(text, size);
    dataset->names = allocate(lines, sizeof *dataset->names, err);
    dataset->labels = allocate(lines, sizeof *dataset->labels, err);
    dataset->lines = allocate(lines, sizeof *dataset->lines, err);
    if (!dataset->names || !dataset->labels || !dataset->lines)
        return false;
    char *line = text;
    for (int number = 1; line; number++) {
        char *newline = memchr(line, '\n', size - (size_t)(line - text));
        if (newline)
            *newline = 0;
        if (!read_line(dataset, line, number, err))
            return err_prefix(err, "%s:%d", path, number);
        if (dataset->total > DATASET_MAX_IMAGES)
            return err_set(err, "%s:%d: more than %d images", path, number, DATASET_MAX_IMAGES);
        line = newline ? newline + 1 : NULL;
    }
    return dataset->total || err_set(err, "%s: no images", path);
}

static void image_path(const struct dataset *dataset, int index, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%s/%s", dataset->config.path, dataset->names[index]);
}

/* A missing file is found here rather than in the middle of a run. */
static bool check_files(const struct dataset *dataset, struct err *err)
{
    char path[FILE_PATH_SIZE];
    for (int i = 0; i < dataset->total; i++) {
        image_path(dataset, i, path);
        if (access(path, R_OK))
            return err_set(err, "%s:%d: %s: %s", dataset->config.labels, dataset->lines[i], path,
                           strerror(errno));
    }
    return true;
}

/* The size after resizing; the shape of the dataset unless it crops. */
static bool find_shape(struct dataset *dataset, struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    if (config->resize < 0 || config->resize > DATASET_MAX_SIDE || config->crop < 0 ||
        config->crop > DATASET_MAX_SIDE)
        return err_set(err, "%s: resize %d or crop %d is not in 0..%d", config->path,
                       config->resize, config->crop, DATASET_MAX_SIDE);
    if (config->crop)
        return dataset_set_shape(dataset, 3, config->crop, config->crop, err);
    char path[FILE_PATH_SIZE];
    int width = 0, height = 0;
    size_t size;
    image_path(dataset, 0, path);
    uint8_t *bytes = file_read(path, JPEG_MAX_BYTES, &size, err);
    if (!bytes)
        return false;
    bool ok = image_jpeg_size(bytes, size, &width, &height, err);
    free(bytes);
    if (ok && config->resize)
        image_resized_size(width, height, config->resize, &width, &height);
    return (ok && dataset_set_shape(dataset, 3, height, width, err)) || err_prefix(err, "%s", path);
}

static bool images_open(struct dataset *dataset, struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    if (!*config->labels)
        return err_set(err, "%s: images need a text file of `name class` lines (labels)",
                       config->path);
    size_t size;
    uint8_t *text = file_read(config->labels, LIST_MAX_BYTES, &size, err);
    if (!text)
        return false;
    bool ok = image_list_decode(dataset, (char *)text, size, config->labels, err);
    free(text);
    return ok && check_files(dataset, err) && find_shape(dataset, err);
}

static bool fit(const struct dataset *dataset, struct image *image, struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    int width = image->width, height = image->height;
    if (config->resize)
        image_resized_size(width, height, config->resize, &width, &height);
    if (width > DATASET_MAX_SIDE || height > DATASET_MAX_SIDE)
        return err_set(err, "%d x %d after resizing; at most %d a side", width, height,
                       DATASET_MAX_SIDE);
    if (!image_resize(image, width, height, err))
        return false;
    if (config->crop && (width < config->crop || height < config->crop))
        return err_set(err, "%d x %d is smaller than the crop, %d", width, height, config->crop);
    if (!config->crop && (width != dataset->width || height != dataset->height))
        return err_set(err, "%d x %d, but the first image is %d x %d; give crop to make them alike",
                       width, height, dataset->width, dataset->height);
    return true;
}

/* The centre of the image, bytes to 0..1, pixels to planes. */
static void to_planes(const struct dataset *dataset, const struct image *image, float *planes)
{
    int top = image_crop_offset(image->height, dataset->height);
    int left = image_crop_offset(image->width, dataset->width);
    size_t plane = (size_t)dataset->height * (size_t)dataset->width;
    for (int y = 0; y < dataset->height; y++) {
        const uint8_t *row =
            image->rgb + ((size_t)(top + y) * (size_t)image->width + (size_t)left) * 3;
        float *target = planes + (size_t)y * (size_t)dataset->width;
        for (int x = 0; x < dataset->width; x++)
            for (int channel = 0; channel < 3; channel++)
                target[(size_t)channel * plane + (size_t)x] = (float)row[3 * x + channel] / 255.0f;
    }
}

static bool images_read(const struct dataset *dataset, int index, float *planes, struct err *err)
{
    char path[FILE_PATH_SIZE];
    size_t size;
    struct image image = {0};
    image_path(dataset, index, path);
    uint8_t *bytes = file_read(path, JPEG_MAX_BYTES, &size, err);
    if (!bytes)
        return false;
    bool ok = image_decode_jpeg(bytes, size, &image, err) && fit(dataset, &image, err);
    free(bytes);
    if (ok)
        to_planes(dataset, &image, planes);
    image_clear(&image);
    return ok || err_prefix(err, "%s", path);
}

const struct dataset_source images_source = {images_open, images_read};
