/* Can any bytes make the npz reader crash, leak, overflow, or take memory beyond measure? */
#include "workloads/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static volatile uint8_t sink; /* so that the data are really read */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct npz *npz = npz_decode(bytes, size, "fuzz.npz", &err);
    for (int i = 0; npz && i < npz->count; i++)
        for (size_t k = 0; k < array_bytes(&npz->arrays[i]); k++)
            sink = ((const uint8_t *)npz->arrays[i].data)[k];
    npz_free(npz);
    return 0;
}
