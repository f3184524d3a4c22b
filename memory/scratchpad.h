/* What scratchpads hold. Their timing (ports) is the array's, their capacity the program check's
 * business. */
#ifndef MANTIS_MEMORY_SCRATCHPAD_H
#define MANTIS_MEMORY_SCRATCHPAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/arch.h"

enum { SCRATCHPAD_MAX_BITS = 32 };

/* The elements of one scratchpad, one host slot each. Offset o of elements of b bits is bit b*o of
 * the hardware, so elements of different widths live apart here: what does not overlap in hardware
 * then never does here either. */
struct scratchpad {
    uint8_t *elements[SCRATCHPAD_MAX_BITS + 1]; /* by width; NULL where not reserved */
};

/* Make room for elements of `bits`, host_bytes each, all 0. Once reserved a width keeps its
 * host_bytes. False when out of memory. */
bool scratchpad_reserve(struct scratchpad *pad, const struct scratchpad_config *config, int bits,
                        int host_bytes);
void scratchpad_clear(struct scratchpad *pad);

#endif
