/* Golden tensors as $readmemh files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/golden.h"
#include "sim/output.h"

/* Bytes of an array's element as unsigned, little-endian. */
static uint32_t element(const struct array *array, int bytes, int64_t index)
{
    const uint8_t *from = (const uint8_t *)array->data + index * bytes;
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)from[i] << (8 * i);
    return value;
}

bool golden_path(const char *folder, const char *name, const char *extension,
                 char path[GOLDEN_PATH_SIZE], struct err *err)
{
    char flat[ARRAY_NAME_SIZE];
    snprintf(flat, sizeof flat, "%s", name);
    for (char *c = flat; *c; c++)
        if (*c == '/')
            *c = '.';
    int length = snprintf(path, GOLDEN_PATH_SIZE, "%s/%s.%s", folder, flat, extension);
    return length < GOLDEN_PATH_SIZE || err_set(err, "%.64s...: the path is too long", folder);
}

static bool write_array(const struct array *array, const char *folder, struct err *err)
{
    char path[GOLDEN_PATH_SIZE];
    if (!golden_path(folder, array->name, "hex", path, err))
        return false;
    struct output output;
    if (!output_open(&output, path, err))
        return false;
    int64_t elements = array_elements(array);
    int bytes = elements ? (int)(array_bytes(array) / (size_t)elements) : 1;
    fprintf(output.file, "// %s:", array->name);
    for (int i = 0; i < array->rank; i++)
        fprintf(output.file, " %lld", (long long)array->dims[i]);
    fputc('\n', output.file);
    for (int64_t i = 0; i < elements; i++)
        fprintf(output.file, "%0*x\n", 2 * bytes, element(array, bytes, i));
    return output_commit(&output, err);
}

bool golden_write_hex(const struct npz *golden, const char *folder, struct err *err)
{
    if (mkdir(folder, 0777) && errno != EEXIST)
        return err_set(err, "%s: cannot be made: %s", folder, strerror(errno));
    for (int i = 0; i < golden->count; i++) {
        const struct array *array = &golden->arrays[i];
        if (array->type != ARRAY_FLOAT64 && !write_array(array, folder, err))
            return false;
    }
    return true;
}
