#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "isa/host.h"
#include "workloads/image.h"

/* libjpeg reports errors through a function that must not return: it jumps back to where decoding
 * began. */

enum { JPEG_MAX_SIDE = 16384, JPEG_MAX_PIXELS = 1 << 26 };

struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr manager; /* jpeg.err points here */
    jmp_buf failed;
    struct err *err;
};

static void fail(j_common_ptr common)
{
    struct decoder *decoder = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    err_set(decoder->err, "JPEG: %s", text);
    longjmp(decoder->failed, 1);
}

/* Missing data are grey to libjpeg, with a warning; here they are an error. Other warnings (stray
 * bytes) are not. */
static void warn(j_common_ptr common, int level)
{
    int code = common->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER))
        fail(common);
}

static void ignore_message(j_common_ptr common)
{
}

/* Read the header and check what it says. Jumps to decoder->failed, or returns false, on error. */
static bool begin(struct decoder *decoder, const uint8_t *bytes, size_t size)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    jpeg_mem_src(jpeg, bytes, size);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return err_set(decoder->err, "JPEG: CMYK images are not supported; grey or colour is");
    if (jpeg->image_width > JPEG_MAX_SIDE || jpeg->image_height > JPEG_MAX_SIDE ||
        (uint64_t)jpeg->image_width * jpeg->image_height > JPEG_MAX_PIXELS)
        return err_set(decoder->err, "JPEG: %u x %u pixels; at most 2^26, %d a side",
                       jpeg->image_width, jpeg->image_height, JPEG_MAX_SIDE);
    return true;
}

static void prepare(struct decoder *decoder, struct err *err)
{
    memset(decoder, 0, sizeof *decoder);
    decoder->err = err;
    decoder->jpeg.err = jpeg_std_error(&decoder->manager);
    decoder->manager.error_exit = fail;
    decoder->manager.emit_message = warn;
    decoder->manager.output_message = ignore_message;
    decoder->jpeg.client_data = decoder;
}

bool image_jpeg_size(const uint8_t *bytes, size_t size, int *width, int *height, struct err *err)
{
    struct decoder decoder;
    prepare(&decoder, err);
    if (setjmp(decoder.failed)) {
        jpeg_destroy_decompress(&decoder.jpeg);
        return false;
    }
    jpeg_create_decompress(&decoder.jpeg);
    bool ok = begin(&decoder, bytes, size);
    *width = (int)decoder.jpeg.image_width;
    *height = (int)decoder.jpeg.image_height;
    jpeg_destroy_decompress(&decoder.jpeg);
    return ok;
}

/* image->rgb is the caller's to free even where this jumps. */
static bool decode(struct decoder *decoder, const uint8_t *bytes, size_t size, struct image *image)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    if (!begin(decoder, bytes, size))
        return false;
    jpeg->out_color_space = JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(jpeg);
    image->width = (int)jpeg->output_width;
    image->height = (int)jpeg->output_height;
    size_t pitch = (size_t)image->width * 3;
    image->rgb = allocate((size_t)image->height, pitch, decoder->err);
    if (!image->rgb)
        return false;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = image->rgb + jpeg->output_scanline * pitch;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return true;
}

bool image_decode_jpeg(const uint8_t *bytes, size_t size, struct image *image, struct err *err)
{
    struct decoder decoder;
    *image = (struct image){0};
    prepare(&decoder, err);
    bool ok = false;
    if (!setjmp(decoder.failed)) {
        jpeg_create_decompress(&decoder.jpeg);
        ok = decode(&decoder, bytes, size, image);
        jpeg_destroy_decompress(&decoder.jpeg);
        if (!ok)
            image_clear(image);
        return ok;
    }
    jpeg_destroy_decompress(&decoder.jpeg);
    image_clear(image);
    return false;
}

void image_clear(struct image *image)
{
    free(image->rgb);
    *image = (struct image){0};
}
