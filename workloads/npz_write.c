#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "isa/host.h"
#include "workloads/npy.h"
#include "workloads/npz.h"

/* libzip holds the arrays until it is closed, then writes a temporary file of its own and renames
 * it to ours, which is itself renamed once libzip says that every byte is on it. Ours is there from
 * the start: only when it closes would libzip find out whether a file can be made. */
struct npz_writer {
    zip_t *zip;
    char *path, *temporary;
};

static bool zip_failed(struct npz_writer *writer, struct err *err)
{
    return err_set(err, "%s: %s", writer->path, zip_strerror(writer->zip));
}

static void free_writer(struct npz_writer *writer)
{
    if (writer->temporary)
        unlink(writer->temporary); /* gone already where it was renamed */
    free(writer->path);
    free(writer->temporary);
    free(writer);
}

static bool open_zip(struct npz_writer *writer, const char *path, struct err *err)
{
    int code = 0;
    if (!file_replaceable(path, err))
        return false;
    writer->path = strdup(path);
    writer->temporary = file_temporary(path);
    if (!writer->path || !writer->temporary)
        return err_set(err, "%s: %s", path, strerror(errno));
    writer->zip = zip_open(writer->temporary, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (writer->zip)
        return true;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    err_set(err, "%s: %s", path, zip_error_strerror(&error));
    zip_error_fini(&error);
    return false;
}

struct npz_writer *npz_writer_open(const char *path, struct err *err)
{
    struct npz_writer *writer = allocate(1, sizeof *writer, err);
    if (!writer)
        return NULL;
    if (open_zip(writer, path, err))
        return writer;
    free_writer(writer);
    return NULL;
}

/* The oldest date that zip knows, so that equal arrays make equal files. */
enum { DOS_DATE_1980_01_01 = 1 << 5 | 1, DOS_TIME_MIDNIGHT = 0 };

bool npz_writer_add(struct npz_writer *writer, const struct array *array, struct err *err)
{
    assert(array->rank <= ARRAY_MAX_RANK);
    char entry[ARRAY_NAME_SIZE + 8];
    size_t size;
    snprintf(entry, sizeof entry, "%s.npy", array->name);
    if (zip_name_locate(writer->zip, entry, 0) >= 0)
        return err_set(err, "%s: array \"%s\" is there already", writer->path, array->name);
    uint8_t *bytes = npy_encode(array, &size, err);
    if (!bytes)
        return false;
    zip_source_t *source = zip_source_buffer(writer->zip, bytes, size, 1);
    if (!source) {
        free(bytes);
        return zip_failed(writer, err);
    }
    zip_int64_t index = zip_file_add(writer->zip, entry, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return zip_failed(writer, err);
    }
    if (zip_set_file_compression(writer->zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, 6) ||
        zip_file_set_dostime(writer->zip, (zip_uint64_t)index, DOS_TIME_MIDNIGHT,
                             DOS_DATE_1980_01_01, 0))
        return zip_failed(writer, err);
    return true;
}

bool npz_writer_close(struct npz_writer *writer, struct err *err)
{
    bool ok = true;
    if (zip_get_num_entries(writer->zip, 0) == 0)
        ok = err_set(err, "%s: no arrays to write", writer->path);
    else if (zip_close(writer->zip))
        ok = zip_failed(writer, err);
    if (!ok) {
        npz_writer_abort(writer);
        return false;
    }
    if (rename(writer->temporary, writer->path))
        ok = err_set(err, "%s: %s", writer->path, strerror(errno));
    free_writer(writer);
    return ok;
}

void npz_writer_abort(struct npz_writer *writer)
{
    if (!writer)
        return;
    zip_discard(writer->zip);
    free_writer(writer);
}
