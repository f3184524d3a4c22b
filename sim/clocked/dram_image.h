/* The DRAM of a program as bytes: every tensor's codes packed at its address (isa/packed.h). */
#ifndef MANTIS_SIM_CLOCKED_DRAM_IMAGE_H
#define MANTIS_SIM_CLOCKED_DRAM_IMAGE_H

#include <stdint.h>

#include "isa/err.h"
#include "isa/program.h"

struct dram_image;

/* Constants in their places, all else 0; of a program without values no byte is held. The
 * program must have passed program_check and outlive the image. NULL, with the error set, when
 * out of memory. */
struct dram_image *dram_image_new(const struct program *program, struct err *err);
void dram_image_free(struct dram_image *image);

/* The codes of a tensor, h*w*c x format_host_bytes. */
void dram_image_put(struct dram_image *image, uint32_t tensor, const void *codes);
void dram_image_get(const struct dram_image *image, uint32_t tensor, void *codes);

/* Bytes address .. address + count - 1; NULL unless all of them are one tensor's. */
uint8_t *dram_image_at(struct dram_image *image, uint64_t address, uint64_t count);

#endif
