#include <stdlib.h>
#include <string.h>

#include "workloads/dataset_source.h"
#include "isa/host.h"

/* CIFAR-10 binary version (Krizhevsky's page): records of one label byte and 3 x 32 x 32 bytes, red
 * plane first. */

enum {
    SIDE = 32,
    PIXELS = 3 * SIDE * SIDE,
    RECORD = 1 + PIXELS,
    CLASSES = 10,
    MAX_BYTES = 1 << 30
};

bool cifar10_decode(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err)
{
    if (size == 0 || size % RECORD)
        return err_set(err, "%zu bytes are not a number of CIFAR-10 records of %d bytes", size,
                       RECORD);
    size_t total = size / RECORD;
    dataset->bytes = allocate(total, PIXELS, err);
    dataset->labels = allocate(total, sizeof *dataset->labels, err);
    if (!dataset->bytes || !dataset->labels)
        return false;
    for (size_t i = 0; i < total; i++) {
        const uint8_t *record = bytes + i * RECORD;
        if (record[0] >= CLASSES)
            return err_set(err, "record %zu: class %d is not in 0..%d", i, record[0], CLASSES - 1);
        dataset->labels[i] = record[0];
        memcpy(dataset->bytes + i * PIXELS, record + 1, PIXELS);
    }
    dataset->total = (int)total;
    return dataset_set_shape(dataset, 3, SIDE, SIDE, err);
}

static bool cifar10_open(struct dataset *dataset, struct err *err)
{
    size_t size;
    uint8_t *bytes = file_read(dataset->config.path, MAX_BYTES, &size, err);
    if (!bytes)
        return false;
    bool ok =
        cifar10_decode(dataset, bytes, size, err) || err_prefix(err, "%s", dataset->config.path);
    free(bytes);
    return ok;
}

const struct dataset_source cifar10_source = {cifar10_open, dataset_read_memory};
