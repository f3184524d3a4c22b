/* Programs in files. */
#include <stdlib.h>

#include "isa/host.h"
#include "isa/program.h"

struct program *program_read(const char *path, struct err *err)
{
    size_t size = 0;
    uint8_t *bytes = file_read(path, SIZE_MAX, &size, err);
    if (!bytes)
        return NULL;
    struct program *program = program_decode(bytes, size, path, err);
    free(bytes);
    return program;
}

bool program_write(const struct program *program, const char *path, struct err *err)
{
    size_t size;
    uint8_t *bytes = program_encode(program, &size, err);
    bool ok = bytes && file_replace(path, bytes, size, err);
    free(bytes);
    return ok;
}
