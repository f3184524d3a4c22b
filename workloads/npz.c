#include "workloads/npz.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "isa/host.h"
#include "workloads/npy.h"

/* Deflate makes at most 1032 bytes of one (zlib's technical notes): no honest archive says it holds
 * more. */
enum { DEFLATE_LIMIT = 1032, NPZ_MAX_ARRAYS = 65536 };
static const size_t npz_max_bytes = (size_t)1 << 32;

void npz_free(struct npz *npz)
{
    if (!npz)
        return;
    for (int i = 0; i < npz->count; i++)
        free(npz->arrays[i].data);
    free(npz->arrays);
    free(npz);
}

const struct array *npz_find(const struct npz *npz, const char *name)
{
    for (int i = 0; i < npz->count; i++)
        if (!strcmp(npz->arrays[i].name, name))
            return &npz->arrays[i];
    return NULL;
}

/* "dir/name.npy" -> "dir/name" */
static bool set_name(const struct npz *npz, struct array *array, const char *entry, struct err *err)
{
    size_t length = strlen(entry);
    if (length >= 4 && !strcmp(entry + length - 4, ".npy"))
        length -= 4;
    if (length >= ARRAY_NAME_SIZE)
        return err_set(err, "array name of %zu characters; at most %d", length,
                       ARRAY_NAME_SIZE - 1);
    memcpy(array->name, entry, length);
    array->name[length] = 0;
    for (char *at = array->name; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '_';
    if (npz_find(npz, array->name))
        return err_set(err, "array \"%s\" is there twice", array->name);
    return true;
}

static bool check_entry(const zip_stat_t *status, uint64_t budget, struct err *err)
{
    const uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    if ((status->valid & needed) != needed)
        return err_set(err, "has no name or size");
    if (status->comp_method != ZIP_CM_STORE && status->comp_method != ZIP_CM_DEFLATE)
        return err_set(err, "compression method %d; only stored (0) and deflated (8) are read",
                       (int)status->comp_method);
    if (status->size > budget)
        return err_set(err, "claims %" PRIu64 " bytes, more than the file can hold", status->size);
    return true;
}

static bool inflate_entry(zip_t *zip, zip_uint64_t index, uint8_t *bytes, uint64_t size,
                          struct err *err)
{
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    if (!file)
        return err_set(err, "%s", zip_strerror(zip));
    uint64_t done = 0;
    zip_int64_t got = 1;
    while (done < size && (got = zip_fread(file, bytes + done, size - done)) > 0)
        done += (uint64_t)got;
    uint8_t beyond;
    bool ok =
        done == size && zip_fread(file, &beyond, 1) == 0; /* the checksum is tested at the end */
    if (!ok)
        err_set(err, "damaged: %s", got < 0 ? zip_file_strerror(file) : "size or checksum differ");
    zip_fclose(file);
    return ok;
}

static bool read_entry(zip_t *zip, zip_uint64_t index, struct npz *npz, uint64_t *budget,
                       struct err *err)
{
    zip_stat_t status;
    struct array *array = &npz->arrays[npz->count];
    zip_stat_init(&status);
    if (zip_stat_index(zip, index, 0, &status))
        return err_set(err, "entry %d: %s", (int)index, zip_strerror(zip));
    if (!check_entry(&status, *budget, err))
        return err_prefix(err, "entry %d", (int)index);
    if (!set_name(npz, array, status.name, err))
        return err_prefix(err, "entry %d", (int)index);
    *budget -= status.size;
    uint8_t *bytes = allocate(status.size, 1, err);
    bool ok = bytes && inflate_entry(zip, index, bytes, status.size, err) &&
              npy_decode(bytes, status.size, array, err);
    free(bytes);
    if (ok)
        npz->count++;
    return ok || err_prefix(err, "array \"%s\"", array->name);
}

static bool read_entries(zip_t *zip, size_t file_size, struct npz *npz, struct err *err)
{
    zip_int64_t entries = zip_get_num_entries(zip, 0);
    if (entries < 1 || entries > NPZ_MAX_ARRAYS)
        return err_set(err, "%" PRId64 " arrays; 1..%d are read", (int64_t)entries, NPZ_MAX_ARRAYS);
    npz->arrays = allocate((size_t)entries, sizeof *npz->arrays, err);
    if (!npz->arrays)
        return false;
    uint64_t budget = (uint64_t)file_size * DEFLATE_LIMIT;
    for (zip_int64_t i = 0; i < entries; i++)
        if (!read_entry(zip, (zip_uint64_t)i, npz, &budget, err))
            return false;
    return true;
}

static bool read_zip(const uint8_t *bytes, size_t size, struct npz *npz, struct err *err)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    bool ok = false;
    if (zip) {
        ok = read_entries(zip, size, npz, err);
        zip_discard(zip);
    } else {
        err_set(err, "not a npz or npy file: %s", zip_error_strerror(&error));
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return ok;
}

static bool read_npy(const uint8_t *bytes, size_t size, struct npz *npz, struct err *err)
{
    npz->arrays = allocate(1, sizeof *npz->arrays, err);
    if (!npz->arrays)
        return false;
    strcpy(npz->arrays[0].name, "array");
    npz->count = npy_decode(bytes, size, &npz->arrays[0], err);
    return npz->count == 1;
}

struct npz *npz_decode(const uint8_t *bytes, size_t size, const char *path, struct err *err)
{
    struct npz *npz = allocate(1, sizeof *npz, err);
    if (!npz)
        return NULL;
    bool ok =
        npy_is(bytes, size) ? read_npy(bytes, size, npz, err) : read_zip(bytes, size, npz, err);
    if (ok)
        return npz;
    err_prefix(err, "%s", path);
    npz_free(npz);
    return NULL;
}

struct npz *npz_read(const char *path, struct err *err)
{
    size_t size;
    uint8_t *bytes = file_read(path, npz_max_bytes, &size, err);
    if (!bytes)
        return NULL;
    struct npz *npz = npz_decode(bytes, size, path, err);
    free(bytes);
    return npz;
}
