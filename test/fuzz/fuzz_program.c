/* Compiled programs: whatever the bytes, reading ends in a program that can be run or in one line.
 * The checksum is made right first, so that mutations reach what lies behind it. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "isa/program.h"

static void put_checksum(uint8_t *bytes, size_t size)
{
    uint32_t sum = (uint32_t)crc32_z(0, bytes, size - 4);
    for (size_t i = 0; i < 4; i++)
        bytes[size - 4 + i] = (uint8_t)(sum >> (8 * i));
}

/* Written again and read again it is the same program. */
static void check_round_trip(const struct program *program)
{
    struct err err;
    size_t size, again_size;
    uint8_t *bytes = program_encode(program, &size, &err);
    struct program *again = bytes ? program_decode(bytes, size, "again", &err) : NULL;
    uint8_t *again_bytes = again ? program_encode(again, &again_size, &err) : NULL;
    if (!again_bytes || again_size != size || memcmp(bytes, again_bytes, size))
        abort();
    free(bytes);
    free(again_bytes);
    program_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct err err;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    program_free(program_decode(data, size, "input", &err));
    if (size < 4)
        return 0;
    uint8_t *repaired = malloc(size);
    memcpy(repaired, data, size);
    put_checksum(repaired, size);
    struct program *program = program_decode(repaired, size, "input", &err);
    if (program) {
        program_print(program, nowhere);
        check_round_trip(program);
    }
    program_free(program);
    free(repaired);
    return 0;
}
