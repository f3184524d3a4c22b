#include "workloads/npy.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"

/* A .npy file (numpy.lib.format):
 *
 *   "\x93NUMPY" | major | minor | header length (2 bytes, from version 2 on 4) | header | data
 *
 * where the header is a Python dictionary literal padded with spaces to a multiple of 64 bytes,
 * such as
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "written for little-endian hosts");

enum { MAGIC_SIZE = 6, ALIGNMENT = 64 };
static const char magic[] = "\x93NUMPY";

static const struct {
    const char *descr;
    size_t bytes;
} types[] = {
#define ARRAY_TYPE_ROW(id, descr, bytes) {descr, bytes},
    ARRAY_TYPES(ARRAY_TYPE_ROW)
#undef ARRAY_TYPE_ROW
};

bool npy_is(const uint8_t *bytes, size_t size)
{
    return size >= MAGIC_SIZE && !memcmp(bytes, magic, MAGIC_SIZE);
}

int64_t array_elements(const struct array *array)
{
    int64_t elements = 1;
    for (int axis = 0; axis < array->rank; axis++)
        elements *= array->dims[axis];
    return elements;
}

size_t array_bytes(const struct array *array)
{
    return (size_t)array_elements(array) * types[array->type].bytes;
}

/* Reads the header from `at` on. */
struct cursor {
    const char *at, *end;
    struct err *err;
};

static bool malformed(const struct cursor *cursor, const char *what)
{
    return err_set(cursor->err, "npy header: %s", what);
}

static void skip_space(struct cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n'))
        cursor->at++;
}

/* Skips spaces before the character looked for. */
static bool accept(struct cursor *cursor, char character)
{
    skip_space(cursor);
    if (cursor->at == cursor->end || *cursor->at != character)
        return false;
    cursor->at++;
    return true;
}

static bool accept_word(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    skip_space(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length))
        return false;
    cursor->at += length;
    return true;
}

/* 'text' or "text", printable and short. */
static bool read_text(struct cursor *cursor, char text[32])
{
    char quote = accept(cursor, '\'') ? '\'' : '"';
    if (quote == '"' && !accept(cursor, '"'))
        return malformed(cursor, "a quoted word is missing");
    size_t length = 0;
    while (cursor->at < cursor->end && *cursor->at != quote) {
        if (length == 31 || *cursor->at < ' ' || *cursor->at > '~')
            return malformed(cursor, "a quoted word is too long or not printable");
        text[length++] = *cursor->at++;
    }
    text[length] = 0;
    return accept(cursor, quote) || malformed(cursor, "a quote is not closed");
}

static bool read_type(struct cursor *cursor, struct array *array)
{
    char descr[32], legal[128] = "";
    skip_space(cursor);
    if (cursor->at < cursor->end && *cursor->at == '[')
        return malformed(cursor, "structured types are not supported");
    if (!read_text(cursor, descr))
        return false;
    for (int type = 0; type < ARRAY_TYPE_COUNT; type++) {
        if (!strcmp(descr, types[type].descr)) {
            array->type = (enum array_type)type;
            return true;
        }
        size_t length = strlen(legal);
        snprintf(legal + length, sizeof legal - length, " %s", types[type].descr);
    }
    return err_set(cursor->err, "npy header: type '%s' is not one of%s", descr, legal);
}

static bool read_order(struct cursor *cursor)
{
    if (accept_word(cursor, "False"))
        return true;
    if (accept_word(cursor, "True"))
        return malformed(cursor, "column-major order (fortran_order) is not supported; save "
                                 "numpy.ascontiguousarray of it");
    return malformed(cursor, "fortran_order is neither True nor False");
}

static bool read_extent(struct cursor *cursor, int64_t *extent)
{
    *extent = 0;
    const char *first = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        *extent = *extent * 10 + (*cursor->at++ - '0');
        if (*extent > INT64_C(1) << 40)
            return malformed(cursor, "a dimension is too large");
    }
    return cursor->at > first || malformed(cursor, "shape holds something other than numbers");
}

/* (), (3,), (3, 4) */
static bool read_shape(struct cursor *cursor, struct array *array)
{
    int64_t elements = 1;
    array->rank = 0;
    if (!accept(cursor, '('))
        return malformed(cursor, "shape is not a tuple");
    while (!accept(cursor, ')')) {
        int64_t extent;
        if (array->rank == ARRAY_MAX_RANK)
            return err_set(cursor->err, "npy header: more than %d dimensions", ARRAY_MAX_RANK);
        if (!read_extent(cursor, &extent))
            return false;
        if (__builtin_mul_overflow(elements, extent, &elements) || elements > INT64_C(1) << 40)
            return malformed(cursor, "shape has too many elements");
        array->dims[array->rank++] = extent;
        if (!accept(cursor, ',') && !(cursor->at < cursor->end && *cursor->at == ')'))
            return malformed(cursor, "shape is not closed");
    }
    return true;
}

enum { HAS_TYPE = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

static bool read_entry(struct cursor *cursor, struct array *array, unsigned *seen)
{
    char key[32];
    if (!read_text(cursor, key))
        return false;
    if (!accept(cursor, ':'))
        return malformed(cursor, "a colon is missing");
    if (!strcmp(key, "descr")) {
        *seen |= HAS_TYPE;
        return read_type(cursor, array);
    }
    if (!strcmp(key, "fortran_order")) {
        *seen |= HAS_ORDER;
        return read_order(cursor);
    }
    if (!strcmp(key, "shape")) {
        *seen |= HAS_SHAPE;
        return read_shape(cursor, array);
    }
    return err_set(cursor->err, "npy header: key '%s' is not descr, fortran_order or shape", key);
}

static bool read_header(struct cursor *cursor, struct array *array)
{
    unsigned seen = 0;
    if (!accept(cursor, '{'))
        return malformed(cursor, "not a dictionary");
    while (!accept(cursor, '}')) {
        if (!read_entry(cursor, array, &seen))
            return false;
        skip_space(cursor);
        if (!accept(cursor, ',') && !(cursor->at < cursor->end && *cursor->at == '}'))
            return malformed(cursor, "the dictionary is not closed");
    }
    skip_space(cursor);
    if (cursor->at != cursor->end)
        return malformed(cursor, "something follows the dictionary");
    if (seen != HAS_ALL)
        return malformed(cursor, "descr, fortran_order or shape is missing");
    return true;
}

/* The header's place, and where the data begin. */
static bool find_header(const uint8_t *bytes, size_t size, struct cursor *cursor)
{
    if (!npy_is(bytes, size) || size < MAGIC_SIZE + 4)
        return err_set(cursor->err, "not a npy array");
    int major = bytes[MAGIC_SIZE];
    if (major < 1 || major > 3)
        return err_set(cursor->err, "npy version %d is not in 1..3", major);
    size_t start = MAGIC_SIZE + 2 + (major == 1 ? 2 : 4);
    if (size < start)
        return malformed(cursor, "cut off");
    size_t length = bytes[MAGIC_SIZE + 2] | (size_t)bytes[MAGIC_SIZE + 3] << 8;
    if (major > 1)
        length |= (size_t)bytes[MAGIC_SIZE + 4] << 16 | (size_t)bytes[MAGIC_SIZE + 5] << 24;
    if (length > size - start)
        return malformed(cursor, "cut off");
    cursor->at = (const char *)bytes + start;
    cursor->end = cursor->at + length;
    return true;
}

bool npy_decode(const uint8_t *bytes, size_t size, struct array *array, struct err *err)
{
    struct cursor cursor = {.err = err};
    if (!find_header(bytes, size, &cursor) || !read_header(&cursor, array))
        return false;
    size_t held = size - (size_t)((const uint8_t *)cursor.end - bytes);
    if (array_bytes(array) != held)
        return err_set(err, "shape and type need %zu bytes of data, there are %zu",
                       array_bytes(array), held);
    array->data = allocate(held, 1, err);
    if (!array->data)
        return false;
    memcpy(array->data, cursor.end, held);
    return true;
}

static int print_header(const struct array *array, char text[256])
{
    int length = snprintf(text, 256, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                          types[array->type].descr);
    for (int axis = 0; axis < array->rank; axis++)
        length += snprintf(text + length, 256 - (size_t)length, "%s%" PRId64, axis ? ", " : "",
                           array->dims[axis]);
    return length +
           snprintf(text + length, 256 - (size_t)length, "%s), }", array->rank == 1 ? "," : "");
}

uint8_t *npy_encode(const struct array *array, size_t *size, struct err *err)
{
    char header[256];
    int length = print_header(array, header);
    assert(length < (int)sizeof header);
    size_t before = MAGIC_SIZE + 4;
    size_t padded = (before + (size_t)length + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t header_size = padded - before;
    *size = padded + array_bytes(array);
    uint8_t *bytes = allocate(*size, 1, err);
    if (!bytes)
        return NULL;
    memcpy(bytes, magic, MAGIC_SIZE);
    bytes[MAGIC_SIZE] = 1;
    bytes[MAGIC_SIZE + 2] = (uint8_t)header_size;
    bytes[MAGIC_SIZE + 3] = (uint8_t)(header_size >> 8);
    memset(bytes + before, ' ', header_size);
    memcpy(bytes + before, header, (size_t)length);
    bytes[padded - 1] = '\n';
    if (array_bytes(array))
        memcpy(bytes + padded, array->data, array_bytes(array));
    return bytes;
}
