/* What readers and writers ask of the host: whole files in, whole files out, memory. */
#ifndef MANTIS_ISA_HOST_H
#define MANTIS_ISA_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* The bytes of a regular file of at most `limit` bytes, a zero byte behind them; the caller frees.
 * NULL on error. */
uint8_t *file_read(const char *path, size_t limit, size_t *size, struct err *err);

/* Whether a rename to `path` replaces nothing but a regular file, if anything. */
bool file_replaceable(const char *path, struct err *err);

/* A fresh empty file beside `path`, to be written and renamed to `path` when complete: its name,
 * which the caller frees. NULL with errno set on error. */
char *file_temporary(const char *path);

/* Put `size` bytes at `path`: written to a temporary file beside it, which is renamed when
 * complete. Refused where that is not file_replaceable. */
bool file_replace(const char *path, const void *bytes, size_t size, struct err *err);

/* calloc whose failure is an error of the input that asked for the memory. */
void *allocate(size_t count, size_t size, struct err *err);

#endif
