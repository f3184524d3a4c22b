#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "workloads/dataset_source.h"
#include "isa/host.h"

/* idx (LeCun's MNIST page): two zero bytes, element type (8 = unsigned byte), rank, then the
 * extents as big-endian 32-bit numbers, then the data. */

enum { IDX_BYTE = 8, IDX_MAX_BYTES = 1 << 30, GZ_CHUNK = 1 << 20 };

/* The whole of a plain or gz file; memory grows with what really comes out of it. */
static uint8_t *inflate_all(gzFile file, const char *path, size_t *size, struct err *err)
{
    uint8_t *bytes = NULL;
    size_t capacity = 0;
    *size = 0;
    while (true) {
        if (*size + GZ_CHUNK > capacity) {
            capacity = capacity ? capacity * 2 : 2 * GZ_CHUNK;
            uint8_t *larger = realloc(bytes, capacity);
            if (!larger) {
                err_set(err, "%s: not enough memory for %zu bytes", path, capacity);
                break;
            }
            bytes = larger;
        }
        int got = gzread(file, bytes + *size, GZ_CHUNK);
        if (got < 0) {
            int code;
            const char *text = gzerror(file, &code);
            err_set(err, "%s: %s", path, code == Z_ERRNO ? strerror(errno) : text);
            break;
        }
        *size += (size_t)got;
        if (got == 0)
            return bytes;
        if (*size > IDX_MAX_BYTES) {
            err_set(err, "%s: more than %d bytes", path, IDX_MAX_BYTES);
            break;
        }
    }
    free(bytes);
    return NULL;
}

static uint8_t *read_gz(const char *path, size_t *size, struct err *err)
{
    gzFile file = gzopen(path, "rb");
    if (!file) {
        err_set(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    uint8_t *bytes = inflate_all(file, path, size, err);
    bool is_cut = bytes && gzeof(file) && gzclose(file) == Z_BUF_ERROR;
    if (!bytes)
        gzclose(file);
    if (is_cut) {
        err_set(err, "%s: the gz stream is cut off", path);
        free(bytes);
        return NULL;
    }
    return bytes;
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Extents and data of an idx file of `rank`; NULL on error. */
static const uint8_t *parse(const uint8_t *bytes, size_t size, int rank, uint32_t extents[3],
                            struct err *err)
{
    size_t header = 4 + 4 * (size_t)rank;
    if (size < 4 || bytes[0] || bytes[1] || bytes[2] != IDX_BYTE || bytes[3] != rank) {
        err_set(err, "not an idx file of unsigned bytes with %d dimension(s)", rank);
        return NULL;
    }
    if (size < header) {
        err_set(err, "the idx header is cut off");
        return NULL;
    }
    uint64_t elements = 1;
    bool too_many = false;
    for (int i = 0; i < rank; i++) {
        extents[i] = big_endian(bytes + 4 + 4 * i);
        too_many |= __builtin_mul_overflow(elements, (uint64_t)extents[i], &elements);
    }
    if (too_many || elements != size - header) {
        err_set(err, "the header says %s%llu bytes of data, there are %zu",
                too_many ? "more than " : "", (unsigned long long)elements, size - header);
        return NULL;
    }
    return bytes + header;
}

static bool check_total(uint32_t total, struct err *err)
{
    if (total < 1 || total > DATASET_MAX_IMAGES)
        return err_set(err, "%u images; 1..%d are supported", total, DATASET_MAX_IMAGES);
    return true;
}

bool idx_decode_images(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err)
{
    uint32_t extents[3];
    const uint8_t *data = parse(bytes, size, 3, extents, err);
    if (!data || !check_total(extents[0], err) ||
        !dataset_set_shape(dataset, 1, extents[1], extents[2], err))
        return false;
    dataset->total = (int)extents[0];
    size_t length = dataset_image_size(dataset) * extents[0];
    dataset->bytes = allocate(length, 1, err);
    if (!dataset->bytes)
        return false;
    memcpy(dataset->bytes, data, length);
    return true;
}

bool idx_decode_labels(struct dataset *dataset, const uint8_t *bytes, size_t size, struct err *err)
{
    uint32_t extent[3];
    const uint8_t *data = parse(bytes, size, 1, extent, err);
    if (!data)
        return false;
    if (extent[0] != (uint32_t)dataset->total)
        return err_set(err, "%u labels for %d images", extent[0], dataset->total);
    dataset->labels = allocate(extent[0], sizeof *dataset->labels, err);
    for (uint32_t i = 0; dataset->labels && i < extent[0]; i++)
        dataset->labels[i] = data[i];
    return dataset->labels;
}

static bool read_part(struct dataset *dataset, const char *path,
                      bool (*decode)(struct dataset *, const uint8_t *, size_t, struct err *),
                      struct err *err)
{
    size_t size;
    uint8_t *bytes = read_gz(path, &size, err);
    if (!bytes)
        return false;
    bool ok = decode(dataset, bytes, size, err) || err_prefix(err, "%s", path);
    free(bytes);
    return ok;
}

static bool idx_open(struct dataset *dataset, struct err *err)
{
    const struct dataset_config *config = &dataset->config;
    if (!read_part(dataset, config->path, idx_decode_images, err))
        return false;
    return !*config->labels || read_part(dataset, config->labels, idx_decode_labels, err);
}

const struct dataset_source idx_source = {idx_open, dataset_read_memory};
