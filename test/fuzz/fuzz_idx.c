/* Can any bytes make the readers of idx, CIFAR-10, image lists and JPEG crash, leak or overflow?
 * The first byte chooses the reader. */
#include "workloads/dataset_source.h"

#include <stdlib.h>
#include <string.h>

#include "workloads/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_list(struct dataset *dataset, const uint8_t *bytes, size_t size)
{
    struct err err;
    char *text = malloc(size + 1);
    if (size)
        memcpy(text, bytes, size);
    text[size] = 0;
    image_list_decode(dataset, text, size, "fuzz.txt", &err);
    free(text);
}

static void read_jpeg(const uint8_t *bytes, size_t size)
{
    enum { LARGE = 1 << 20 }; /* pixels; larger ones are only slow */
    struct err err;
    struct image image = {0};
    int width, height;
    if (!image_jpeg_size(bytes, size, &width, &height, &err) || width * height > LARGE)
        return;
    if (image_decode_jpeg(bytes, size, &image, &err))
        image_resize(&image, width > 8 ? width / 2 : 9, 7, &err);
    image_clear(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct dataset dataset = {0};
    if (!size)
        return 0;
    switch (*bytes) {
    case 0:
        idx_decode_images(&dataset, bytes + 1, size - 1, &err);
        break;
    case 1:
        dataset.total = 3;
        idx_decode_labels(&dataset, bytes + 1, size - 1, &err);
        break;
    case 2:
        cifar10_decode(&dataset, bytes + 1, size - 1, &err);
        break;
    case 3:
        read_list(&dataset, bytes + 1, size - 1);
        break;
    case 4:
        read_jpeg(bytes + 1, size - 1);
        break;
    }
    dataset_clear(&dataset);
    return 0;
}
