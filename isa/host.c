#include "isa/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *allocate(size_t count, size_t size, struct err *err)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        err_set(err, "not enough memory for %zu x %zu bytes", count, size);
    return memory;
}

static bool regular_size(FILE *file, const char *path, size_t limit, size_t *size, struct err *err)
{
    struct stat status;
    if (fstat(fileno(file), &status))
        return err_set(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s: not a regular file", path);
    if ((uint64_t)status.st_size > limit)
        return err_set(err, "%s: %lld bytes; at most %zu are read", path, (long long)status.st_size,
                       limit);
    *size = (size_t)status.st_size;
    return true;
}

static uint8_t *read_open(FILE *file, const char *path, size_t limit, size_t *size, struct err *err)
{
    if (!regular_size(file, path, limit, size, err))
        return NULL;
    uint8_t *bytes = malloc(*size + 1);
    if (!bytes) {
        err_set(err, "%s: not enough memory for %zu bytes", path, *size);
        return NULL;
    }
    if (fread(bytes, 1, *size, file) != *size) {
        err_set(err, "%s: %s", path, ferror(file) ? strerror(errno) : "ends while being read");
        free(bytes);
        return NULL;
    }
    bytes[*size] = 0;
    return bytes;
}

uint8_t *file_read(const char *path, size_t limit, size_t *size, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        err_set(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    uint8_t *bytes = read_open(file, path, limit, size, err);
    fclose(file);
    return bytes;
}

static bool write_all(int descriptor, const uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

bool file_replace(const char *path, const void *bytes, size_t size, struct err *err)
{
    struct stat there;
    if (!stat(path, &there) && !S_ISREG(there.st_mode))
        return err_set(err, "%s: not a regular file", path);
    size_t length = strlen(path) + 40;
    char *temporary = allocate(length, 1, err);
    if (!temporary)
        return false;
    snprintf(temporary, length, "%s.%ld.tmp", path, (long)getpid());
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (descriptor < 0) {
        err_set(err, "%s: %s", path, strerror(errno));
        free(temporary);
        return false;
    }
    bool ok = write_all(descriptor, bytes, size);
    int reason = errno;
    if (close(descriptor) && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && rename(temporary, path)) {
        ok = false;
        reason = errno;
    }
    if (!ok) {
        unlink(temporary);
        err_set(err, "%s: %s", path, strerror(reason));
    }
    free(temporary);
    return ok;
}
