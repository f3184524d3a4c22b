/* Between real numbers and the codes that a program's tensors hold. */
#ifndef MANTIS_SIM_CODES_H
#define MANTIS_SIM_CODES_H

#include <stddef.h>
#include <stdint.h>

#include "isa/program.h"

/* Bytes the codes of a tensor take in the simulator's memory. */
size_t tensor_host_bytes(const struct dram_tensor *tensor);

/* Code number `index` of an array of format_host_bytes(format) each. */
uint32_t code_at(const void *codes, struct format format, size_t index);

/* Level of a code; integers of any width. */
int64_t code_level(struct format format, uint32_t code);

/* A float image (C x H x W) as codes of the program's input tensor (H x W x C). */
void encode_input(const struct program *program, const float *image, void *codes);

/* Code of the level zero for all elements of the input: what a program runs on where there is no
 * data. */
void encode_zeros(const struct program *program, void *codes);

#endif
