#include "isa/packed.h"

#include <string.h>

uint64_t packed_bytes(uint64_t count, int bits)
{
    return (count * (unsigned)bits + 7) / 8;
}

void packed_write(uint8_t *bytes, const void *codes, uint64_t count, struct format format)
{
    const int bits = format_code_bits(format);
    const size_t size = (size_t)format_host_bytes(format);
    uint64_t window = 0;
    int held = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t code = 0;
        memcpy(&code, (const uint8_t *)codes + i * size, size);
        window |= (uint64_t)code << held;
        for (held += bits; held >= 8; held -= 8, window >>= 8)
            *bytes++ = (uint8_t)window;
    }
    if (held)
        *bytes = (uint8_t)window;
}

void packed_read(const uint8_t *bytes, void *codes, uint64_t count, struct format format)
{
    const int bits = format_code_bits(format);
    const size_t size = (size_t)format_host_bytes(format);
    uint64_t window = 0, mask = (UINT64_C(1) << bits) - 1;
    int held = 0;
    for (uint64_t i = 0; i < count; i++) {
        for (; held < bits; held += 8)
            window |= (uint64_t)*bytes++ << held;
        uint32_t code = (uint32_t)(window & mask);
        memcpy((uint8_t *)codes + i * size, &code, size);
        window >>= bits;
        held -= bits;
    }
}

uint32_t packed_get(const uint8_t *bytes, uint64_t bit, int bits)
{
    uint64_t window = 0;
    const uint8_t *first = bytes + bit / 8;
    const unsigned skipped = bit % 8;
    for (unsigned i = 0; 8 * i < skipped + (unsigned)bits; i++)
        window |= (uint64_t)first[i] << (8 * i);
    return (uint32_t)((window >> skipped) & ((UINT64_C(1) << bits) - 1));
}

void packed_put(const struct packed_part *part, uint64_t bit, int bits, uint32_t code)
{
    const unsigned skipped = bit % 8;
    uint64_t window = (uint64_t)code << skipped;
    uint64_t mask = ((UINT64_C(1) << bits) - 1) << skipped;
    for (uint64_t byte = bit / 8; mask; byte++, window >>= 8, mask >>= 8) {
        if (byte < part->first || byte - part->first >= part->count)
            continue;
        uint64_t i = byte - part->first;
        part->bytes[i] = (uint8_t)((part->bytes[i] & ~mask) | (window & mask));
        part->known[i] |= (uint8_t)mask;
    }
}
