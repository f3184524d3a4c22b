#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dataset_source.h"
#include "isa/host.h"
#include "workloads/npz.h"

static bool take_shape(struct dataset *dataset, const struct array *images, struct err *err)
{
    if (images->rank != 4)
        return err_set(err, "array \"images\": rank %d; 4 (N, C, H, W) is needed", images->rank);
    if (images->dims[0] < 1 || images->dims[0] > DATASET_MAX_IMAGES)
        return err_set(err, "array \"images\": %" PRId64 " images; 1..%d are supported",
                       images->dims[0], DATASET_MAX_IMAGES);
    if (!dataset_set_shape(dataset, images->dims[1], images->dims[2], images->dims[3], err))
        return err_prefix(err, "array \"images\"");
    dataset->total = (int)images->dims[0];
    return true;
}

static bool take_floats(struct dataset *dataset, const struct array *images, struct err *err)
{
    int64_t count = array_elements(images);
    dataset->floats = allocate((size_t)count, sizeof *dataset->floats, err);
    if (!dataset->floats)
        return false;
    for (int64_t i = 0; i < count; i++) {
        double number = images->type == ARRAY_FLOAT64 ? ((const double *)images->data)[i]
                                                      : (double)((const float *)images->data)[i];
        if (!(fabs(number) <= (double)3.4028234663852886e38f))
            return err_set(err,
                           "array \"images\": image %" PRId64 " holds a number that is not "
                           "finite",
                           i / (int64_t)dataset_image_size(dataset));
        dataset->floats[i] = (float)number;
    }
    return true;
}

static bool take_images(struct dataset *dataset, struct array *images, struct err *err)
{
    if (!take_shape(dataset, images, err))
        return false;
    if (images->type == ARRAY_FLOAT32 || images->type == ARRAY_FLOAT64)
        return take_floats(dataset, images, err);
    if (images->type != ARRAY_UINT8)
        return err_set(err, "array \"images\": type is not uint8, float32 or float64");
    dataset->bytes = images->data;
    images->data = NULL; /* it is the dataset's now */
    return true;
}

static bool label_at(const struct array *labels, int64_t i, int64_t *label)
{
    switch (labels->type) {
    case ARRAY_UINT8:
        *label = ((const uint8_t *)labels->data)[i];
        return true;
    case ARRAY_INT8:
        *label = ((const int8_t *)labels->data)[i];
        return true;
    case ARRAY_UINT16:
        *label = ((const uint16_t *)labels->data)[i];
        return true;
    case ARRAY_INT16:
        *label = ((const int16_t *)labels->data)[i];
        return true;
    case ARRAY_INT32:
        *label = ((const int32_t *)labels->data)[i];
        return true;
    case ARRAY_INT64:
        *label = ((const int64_t *)labels->data)[i];
        return true;
    case ARRAY_FLOAT32:
    case ARRAY_FLOAT64:
    case ARRAY_TYPE_COUNT:
        break;
    }
    return false;
}

static bool take_labels(struct dataset *dataset, const struct array *labels, struct err *err)
{
    if (labels->rank != 1 || labels->dims[0] != dataset->total)
        return err_set(err, "array \"labels\": not one label for each of %d images",
                       dataset->total);
    dataset->labels = allocate((size_t)dataset->total, sizeof *dataset->labels, err);
    if (!dataset->labels)
        return false;
    for (int i = 0; i < dataset->total; i++) {
        int64_t label;
        if (!label_at(labels, i, &label))
            return err_set(err, "array \"labels\": type is not an integer");
        if (label < 0 || label > DATASET_MAX_CLASS)
            return err_set(err, "array \"labels\": element %d, %" PRId64 ", is not in 0..%d", i,
                           label, DATASET_MAX_CLASS);
        dataset->labels[i] = (int)label;
    }
    return true;
}

static bool take_arrays(struct dataset *dataset, struct npz *npz, struct err *err)
{
    for (int i = 0; i < npz->count; i++)
        if (!strcmp(npz->arrays[i].name, "images") && !take_images(dataset, &npz->arrays[i], err))
            return false;
    if (!dataset->total)
        return err_set(err, "array \"images\" is missing");
    const struct array *labels = npz_find(npz, "labels");
    return !labels || take_labels(dataset, labels, err);
}

static bool npz_open(struct dataset *dataset, struct err *err)
{
    struct npz *npz = npz_read(dataset->config.path, err);
    if (!npz)
        return false;
    bool ok = take_arrays(dataset, npz, err) || err_prefix(err, "%s", dataset->config.path);
    npz_free(npz);
    return ok;
}

const struct dataset_source npz_source = {npz_open, dataset_read_memory};
