/* What the example platform runs: a compiled program and one input for it. */
#ifndef PLATFORM_WORKLOAD_H
#define PLATFORM_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"
#include "isa/program.h"

struct workload {
    uint8_t *file; /* the bytes of the .mprog */
    size_t file_size;
    struct program *program; /* what they say */
    uint8_t *input;          /* codes of the input tensor, format_host_bytes each */
    int label;               /* class of the image; -1 where unknown */
};

/* Read the program, and its input: image `image` of the data file `data`, else array "input" of the
 * npz `input` (as mantis golden writes it), else zeros. Free with workload_free, also on error. */
bool workload_read(struct workload *workload, const char *program, const char *data, int image,
                   const char *input, struct err *err);
void workload_free(struct workload *workload);

/* Bytes of DRAM that the program uses, from address 0 on. */
uint64_t workload_dram_bytes(const struct workload *workload);

/* Write the input and every layer's output, outputs[layer] being codes, as golden tensors: what
 * mantis verify compares with its own machine. */
bool workload_write_golden(const struct workload *workload, uint8_t *const *outputs,
                           const char *path, struct err *err);

#endif
