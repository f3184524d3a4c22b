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

bool file_replaceable(const char *path, struct err *err)
{
    struct stat there;
    return stat(path, &there) || S_ISREG(there.st_mode) ||
           err_set(err, "%s: not a regular file", path);
}

/* Not mkstemp, which makes private files: a result should have the rights that any new file has. */
char *file_temporary(const char *path)
{
    enum { ATTEMPTS = 1000 };
    size_t size = strlen(path) + 40;
    char *name = malloc(size);
    int descriptor = -1;
    for (int i = 0; name && descriptor < 0 && i < ATTEMPTS; i++) {
        snprintf(name, size, "%s.%ld-%d.tmp", path, (long)getpid(), i);
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (descriptor < 0 && errno != EEXIST)
            break;
    }
    if (descriptor >= 0) {
        close(descriptor);
        return name;
    }
    int reason = errno;
    free(name);
    errno = reason;
    return NULL;
}

static bool write_all(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool ok = fwrite(bytes, 1, size, file) == size;
    int reason = errno;
    if (!fclose(file) && ok)
        return true;
    if (!ok)
        errno = reason;
    return false;
}

bool file_replace(const char *path, const void *bytes, size_t size, struct err *err)
{
    if (!file_replaceable(path, err))
        return false;
    char *temporary = file_temporary(path);
    if (!temporary)
        return err_set(err, "%s: %s", path, strerror(errno));
    bool ok = write_all(temporary, bytes, size) && !rename(temporary, path);
    if (!ok) {
        err_set(err, "%s: %s", path, strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return ok;
}
