/* Whole files in, whole files out. Private to workloads. */
#ifndef MANTIS_WORKLOADS_FILE_H
#define MANTIS_WORKLOADS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* The bytes of a regular file of at most `limit` bytes, a zero byte behind them; the caller frees.
 * NULL on error. */
uint8_t *file_read(const char *path, size_t limit, size_t *size, struct err *err);

/* Put `size` bytes at `path`: written to a temporary file beside it, which is renamed when
 * complete. */
bool file_replace(const char *path, const void *bytes, size_t size, struct err *err);

/* calloc whose failure is an error of the input that asked for the memory. */
void *allocate(size_t count, size_t size, struct err *err);

#endif
