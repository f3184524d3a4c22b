#include "memory/scratchpad.h"

#include <assert.h>
#include <stdlib.h>

bool scratchpad_reserve(struct scratchpad *pad, const struct scratchpad_config *config, int bits,
                        int host_bytes)
{
    assert(bits > 0 && bits <= SCRATCHPAD_MAX_BITS);
    if (pad->elements[bits])
        return true;
    size_t capacity = (size_t)config->bytes * 8 / (unsigned)bits; /* both halves */
    pad->elements[bits] = calloc(capacity + 1, (size_t)host_bytes);
    return pad->elements[bits] != NULL;
}

void scratchpad_clear(struct scratchpad *pad)
{
    for (int bits = 0; bits <= SCRATCHPAD_MAX_BITS; bits++) {
        free(pad->elements[bits]);
        pad->elements[bits] = NULL;
    }
}
