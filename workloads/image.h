/* RGB images of bytes, height x width x 3; private to the images dataset. */
#ifndef MANTIS_WORKLOADS_IMAGE_H
#define MANTIS_WORKLOADS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

struct image {
    int width, height;
    uint8_t *rgb; /* owned */
};

/* A JPEG as Pillow decodes it: accurate integer DCT, smoothed chroma, grey repeated to RGB. CMYK is
 * refused. */
bool image_decode_jpeg(const uint8_t *bytes, size_t size, struct image *image, struct err *err);

/* Its width and height alone. */
bool image_jpeg_size(const uint8_t *bytes, size_t size, int *width, int *height, struct err *err);

/* torchvision's Resize(int): the size with the shorter side `shorter`. */
void image_resized_size(int width, int height, int shorter, int *new_width, int *new_height);

/* Pillow's resize with the antialiased BILINEAR filter, bit for bit. */
bool image_resize(struct image *image, int width, int height, struct err *err);

/* torchvision's CenterCrop: the first row or column kept, int(round((extent - crop) / 2.)) with
 * Python's rounding of halves to even. */
int image_crop_offset(int extent, int crop);

void image_clear(struct image *image);

#endif
