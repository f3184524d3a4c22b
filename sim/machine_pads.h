/* The scratchpads of a machine as its values see them: one store for each width of element that the
 * program uses, and which layers need wide partial sums. */
#ifndef MANTIS_SIM_MACHINE_PADS_H
#define MANTIS_SIM_MACHINE_PADS_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/program.h"
#include "memory/scratchpad.h"

struct machine_pads {
    struct scratchpad of[PAD_COUNT]; /* PAD_ACC: int32_t sums */
    struct scratchpad wide_sums;     /* PAD_ACC: int64_t, for layers whose sums may leave 32 bits */
    bool *layer_is_wide;
    int accumulator_bits;
};

/* Reserve all that the program uses, all 0. False when out of memory; to be cleared all the
 * same. */
bool machine_pads_reserve(struct machine_pads *pads, const struct program *program);
void machine_pads_clear(struct machine_pads *pads);

/* The element at `offset` of a scratchpad, format_host_bytes(format) wide. */
static inline uint8_t *machine_pads_at(const struct machine_pads *pads, enum scratchpad_id pad,
                                       struct format format, uint64_t offset)
{
    return pads->of[pad].elements[format_code_bits(format)] +
           offset * (unsigned)format_host_bytes(format);
}

/* Partial sums of a layer from `offset` on: int64_t where it is wide, else int32_t. */
void *machine_pads_sums(const struct machine_pads *pads, uint16_t layer, uint64_t offset);

#endif
