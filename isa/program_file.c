/* Programs in files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isa/program.h"

/* --- reading --- */

static uint8_t *read_all(FILE *file, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    if (bytes && fread(bytes, 1, size, file) == size)
        return bytes;
    free(bytes);
    return NULL;
}

static uint8_t *read_regular(const char *path, size_t *size, struct err *err)
{
    struct stat status;
    uint8_t *bytes = NULL;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status))
        err_set(err, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        err_set(err, "%s: not a regular file", path);
    else if (!(bytes = read_all(file, *size = (size_t)status.st_size)))
        err_set(err, "%s: cannot be read", path);
    if (file)
        fclose(file);
    return bytes;
}

struct program *program_read(const char *path, struct err *err)
{
    size_t size = 0;
    uint8_t *bytes = read_regular(path, &size, err);
    if (!bytes)
        return NULL;
    struct program *program = program_decode(bytes, size, path, err);
    free(bytes);
    return program;
}

/* --- writing --- */

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

/* mkstemp makes files private; what it replaces follows the process's mask. */
static bool publish(int descriptor)
{
    mode_t mask = umask(0);
    umask(mask);
    return !fchmod(descriptor, 0666 & ~mask);
}

static bool replace(const char *path, char *temporary, const uint8_t *bytes, size_t size)
{
    int descriptor = mkstemp(temporary);
    if (descriptor < 0)
        return false;
    bool ok = write_all(descriptor, bytes, size) && publish(descriptor);
    ok = !close(descriptor) && ok;
    ok = ok && !rename(temporary, path);
    if (!ok) {
        int reason = errno;
        unlink(temporary);
        errno = reason;
    }
    return ok;
}

bool program_write(const struct program *program, const char *path, struct err *err)
{
    size_t size;
    uint8_t *bytes = program_encode(program, &size, err);
    if (!bytes)
        return false;
    char *temporary = malloc(strlen(path) + sizeof ".XXXXXX");
    bool ok = false;
    if (temporary) {
        strcat(strcpy(temporary, path), ".XXXXXX");
        ok = replace(path, temporary, bytes, size) || err_set(err, "%s: %s", path, strerror(errno));
    } else {
        err_set(err, "%s: not enough memory", path);
    }
    free(temporary);
    free(bytes);
    return ok;
}
