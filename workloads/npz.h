/* NumPy arrays: .npy and .npz (zip of .npy), little-endian, C order. */
#ifndef MANTIS_WORKLOADS_NPZ_H
#define MANTIS_WORKLOADS_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

enum { ARRAY_MAX_RANK = 8, ARRAY_NAME_SIZE = 128 };

#define ARRAY_TYPES(X)   \
    X(UINT8, "|u1", 1)   \
    X(INT8, "|i1", 1)    \
    X(UINT16, "<u2", 2)  \
    X(INT16, "<i2", 2)   \
    X(INT32, "<i4", 4)   \
    X(INT64, "<i8", 8)   \
    X(FLOAT32, "<f4", 4) \
    X(FLOAT64, "<f8", 8)

#define ARRAY_TYPE_ENUMERATOR(id, descr, bytes) ARRAY_##id,
enum array_type { ARRAY_TYPES(ARRAY_TYPE_ENUMERATOR) ARRAY_TYPE_COUNT };
#undef ARRAY_TYPE_ENUMERATOR

struct array {
    char name[ARRAY_NAME_SIZE]; /* without ".npy" */
    enum array_type type;
    int rank;
    int64_t dims[ARRAY_MAX_RANK];
    void *data; /* owned */
};

struct npz {
    int count;
    struct array *arrays;
};

struct npz *npz_read(const char *path,
                     struct err *err); /* also a lone .npy, under the name "array" */
struct npz *npz_decode(const uint8_t *bytes, size_t size, const char *path, struct err *err);
void npz_free(struct npz *npz);
const struct array *npz_find(const struct npz *npz, const char *name); /* NULL if absent */
int64_t array_elements(const struct array *array);
size_t array_bytes(const struct array *array);

/* Deflated zip, written beside `path` and renamed when complete. */
struct npz_writer;
struct npz_writer *npz_writer_open(const char *path, struct err *err);
bool npz_writer_add(struct npz_writer *writer, const struct array *array, struct err *err);
bool npz_writer_close(struct npz_writer *writer,
                      struct err *err); /* frees the writer, also on error */
void npz_writer_abort(struct npz_writer *writer);

#endif
