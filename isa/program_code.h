/* The binary form, byte by byte. One function for each kind of item both writes and reads it, so
 * that the two cannot differ. docs/isa.md draws the layout. */
#ifndef MANTIS_ISA_PROGRAM_CODE_H
#define MANTIS_ISA_PROGRAM_CODE_H

#include "isa/program.h"

/* Bytes being written (growing) or read (fixed). After the first failure all further items are
 * ignored. */
struct coder {
    bool is_writing, failed;
    uint8_t *bytes;
    size_t size, position, capacity;
};

/* The next `size` bytes; NULL, and failed, where there are none. */
uint8_t *coder_take(struct coder *coder, size_t size);

void code_u8(struct coder *coder, uint8_t *value);
void code_u16(struct coder *coder, uint16_t *value);
void code_u32(struct coder *coder, uint32_t *value);
void code_i32(struct coder *coder, int32_t *value);
void code_u64(struct coder *coder, uint64_t *value);
void code_bool(struct coder *coder, bool *value);
void code_double(struct coder *coder, double *value);
void code_format(struct coder *coder, struct format *value);

/* Length and characters of a text in an array of `size` <= 256 characters. */
void code_text(struct coder *coder, char *text, size_t size);

/* `count` codes, packed (isa/packed.h); in memory format_host_bytes(format) each. */
void code_packed(struct coder *coder, uint8_t *values, uint64_t count, struct format format);

#define CODE(coder, field)                \
    _Generic((field), uint8_t             \
             : code_u8, uint16_t          \
             : code_u16, uint32_t         \
             : code_u32, int32_t          \
             : code_i32, uint64_t         \
             : code_u64, bool             \
             : code_bool, double          \
             : code_double, struct format \
             : code_format)(coder, &(field))

void code_arch(struct coder *coder, struct arch *arch);
void code_tensor(struct coder *coder, struct dram_tensor *tensor);
void code_layer(struct coder *coder, struct program_layer *layer);
void code_instruction(struct coder *coder, struct instruction *instruction);

#endif
