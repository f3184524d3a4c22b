#include "sim/clocked/dram_image.h"

#include <stdlib.h>

#include "isa/packed.h"

/* Addresses may lie anywhere in 48 bits: only tensors have memory, one behind the other. */
struct extent {
    uint64_t address, bytes;
    uint64_t offset; /* in `bytes` of the image */
    uint32_t tensor;
};

struct dram_image {
    const struct program *program;
    struct extent *extents; /* by address */
    uint32_t *extent_of_tensor;
    uint32_t count;
    uint8_t *bytes;
};

static int compare_addresses(const void *a, const void *b)
{
    const struct extent *left = a, *right = b;
    return (left->address > right->address) - (left->address < right->address);
}

/* Returns the bytes of all tensors. */
static uint64_t lay_out(struct dram_image *image)
{
    const struct program *program = image->program;
    for (uint32_t t = 0; t < image->count; t++)
        image->extents[t] = (struct extent){.address = program->tensors[t].address,
                                            .bytes = tensor_bytes(&program->tensors[t]),
                                            .tensor = t};
    qsort(image->extents, image->count, sizeof image->extents[0], compare_addresses);
    uint64_t bytes = 0;
    for (uint32_t e = 0; e < image->count; e++) {
        image->extents[e].offset = bytes;
        image->extent_of_tensor[image->extents[e].tensor] = e;
        bytes += image->extents[e].bytes;
    }
    return bytes;
}

static bool fill(struct dram_image *image)
{
    const struct program *program = image->program;
    image->count = program->has_values ? program->tensor_count : 0;
    image->extents = calloc(image->count + 1u, sizeof image->extents[0]);
    image->extent_of_tensor = calloc(image->count + 1u, sizeof image->extent_of_tensor[0]);
    if (!image->extents || !image->extent_of_tensor)
        return false;
    image->bytes = calloc(lay_out(image) + 1, 1);
    if (!image->bytes)
        return false;
    for (uint32_t t = 0; t < image->count; t++)
        if (program->tensors[t].values)
            dram_image_put(image, t, program->tensors[t].values);
    return true;
}

struct dram_image *dram_image_new(const struct program *program, struct err *err)
{
    struct dram_image *image = calloc(1, sizeof *image);
    if (image)
        image->program = program;
    if (image && fill(image))
        return image;
    dram_image_free(image);
    err_set(err, "not enough memory for the tensors in DRAM");
    return NULL;
}

void dram_image_free(struct dram_image *image)
{
    if (!image)
        return;
    free(image->extents);
    free(image->extent_of_tensor);
    free(image->bytes);
    free(image);
}

static uint8_t *bytes_of(const struct dram_image *image, uint32_t tensor)
{
    return image->bytes + image->extents[image->extent_of_tensor[tensor]].offset;
}

void dram_image_put(struct dram_image *image, uint32_t tensor, const void *codes)
{
    const struct dram_tensor *to = &image->program->tensors[tensor];
    packed_write(bytes_of(image, tensor), codes, tensor_elements(to), to->format);
}

void dram_image_get(const struct dram_image *image, uint32_t tensor, void *codes)
{
    const struct dram_tensor *from = &image->program->tensors[tensor];
    packed_read(bytes_of(image, tensor), codes, tensor_elements(from), from->format);
}

uint8_t *dram_image_at(struct dram_image *image, uint64_t address, uint64_t count)
{
    uint32_t low = 0,
             high = image->count; /* the last extent that begins at or before the address */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (image->extents[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    const struct extent *extent = &image->extents[low - 1];
    uint64_t skipped = address - extent->address;
    if (skipped > extent->bytes || count > extent->bytes - skipped)
        return NULL;
    return image->bytes + extent->offset + skipped;
}
