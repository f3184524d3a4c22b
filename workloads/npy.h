/* The .npy form of one array, as numpy.lib.format defines it; private to the npz reader and writer.
 */
#ifndef MANTIS_WORKLOADS_NPY_H
#define MANTIS_WORKLOADS_NPY_H

#include "workloads/npz.h"

bool npy_is(const uint8_t *bytes, size_t size);

/* Type, shape and a copy of the data; the name is left alone. */
bool npy_decode(const uint8_t *bytes, size_t size, struct array *array, struct err *err);

/* Version 1.0 bytes; the caller frees. NULL on error. */
uint8_t *npy_encode(const struct array *array, size_t *size, struct err *err);

#endif
