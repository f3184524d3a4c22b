/* Packed codes: as tensors lie in DRAM and in program files. Element e of codes of b bits takes
 * bits e*b .. e*b + b - 1; bit i is bit i % 8, counted from the lowest, of byte i / 8. */
#ifndef MANTIS_ISA_PACKED_H
#define MANTIS_ISA_PACKED_H

#include <stdint.h>

#include "isa/format.h"

/* Bytes that `count` codes of `bits` take. */
uint64_t packed_bytes(uint64_t count, int bits);

/* Between packed bytes and `count` codes as the host holds them: format_host_bytes(format) each,
 * little-endian. Bits behind the last code are written 0, and not looked at. */
void packed_write(uint8_t *bytes, const void *codes, uint64_t count, struct format format);
void packed_read(const uint8_t *bytes, void *codes, uint64_t count, struct format format);

/* One code of `bits` (1..32) that begins at bit `bit` of `bytes`. */
uint32_t packed_get(const uint8_t *bytes, uint64_t bit, int bits);

/* Some bytes of a packed array on their way to memory, and which of their bits are known. */
struct packed_part {
    uint64_t first; /* byte of the array */
    uint32_t count;
    uint8_t *bytes, *known;
};

/* Put a code of `bits` that begins at bit `bit` of the array: those of its bits that the part
 * has. */
void packed_put(const struct packed_part *part, uint64_t bit, int bits, uint32_t code);

#endif
