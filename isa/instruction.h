/* The instruction set: four tile-level instructions, one per unit. docs/isa.md draws the binary
 * layout; field lists below are the one place where the fields are named, and expand into the
 * struct, the binary form and the listing.
 *
 * DEPENDENCY TOKENS. A unit executes its own instructions in program order, and gives out one token
 * when each completes. An instruction starts when its unit is free and, for every unit u, at least
 * `wait_<u>` tokens of u have been given out since the program started (that is, the first wait_<u>
 * instructions of u have completed). A program is valid only if every wait_<u> is at most the
 * number of u's instructions before it in program order; a valid program therefore cannot deadlock,
 * and executing it in program order gives the same values as any order the machine chooses,
 * provided that waits cover every read-after-write and write-after-read.
 *
 * ADDRESSES. Offsets into scratchpads count elements (codes or partial sums), not bytes. DRAM is
 * addressed by tensor and coordinate (y, x, c) in height-width-channel order. */
#ifndef MANTIS_ISA_INSTRUCTION_H
#define MANTIS_ISA_INSTRUCTION_H

#include <stdint.h>

#include "isa/format.h"

#define UNITS(X)                                                       \
    X(LOAD, "load", "DMA from DRAM into a scratchpad")                 \
    X(ARRAY, "array", "systolic array")                                \
    X(VECTOR, "vector", "bias, requantisation, residual add, pooling") \
    X(STORE, "store", "DMA from the out scratchpad to DRAM")           \
    X(ARRAY2, "array2", "systolic array of the second core")

#define UNIT_ENUMERATOR(id, name, help) UNIT_##id,
enum unit { UNITS(UNIT_ENUMERATOR) UNIT_COUNT };
#undef UNIT_ENUMERATOR

/* X(ENUMERATOR, mnemonic, unit, FIELDS). A MATMUL names its core: the second's is UNIT_ARRAY2. */
#define OPCODES(X)                                  \
    X(LOAD, "load", UNIT_LOAD, TRANSFER_FIELDS)     \
    X(MATMUL, "matmul", UNIT_ARRAY, MATMUL_FIELDS)  \
    X(VECTOR, "vector", UNIT_VECTOR, VECTOR_FIELDS) \
    X(STORE, "store", UNIT_STORE, TRANSFER_FIELDS)

#define OPCODE_ENUMERATOR(id, mnemonic, unit, fields) OPCODE_##id,
enum opcode { OPCODES(OPCODE_ENUMERATOR) OPCODE_COUNT };
#undef OPCODE_ENUMERATOR

/* Every instruction. F(C type, name). */
#define COMMON_FIELDS(F)                                                \
    F(uint8_t, opcode)                                                  \
    F(uint16_t, layer) /* index into program.layers, for attribution */ \
    F(uint32_t, wait_load)                                              \
    F(uint32_t, wait_array)                                             \
    F(uint32_t, wait_vector)                                            \
    F(uint32_t, wait_store)                                             \
    F(uint32_t, wait_array2)

/* LOAD copies count_y x count_x x count_c elements of a DRAM tensor into scratchpad `pad` from
 * `offset` on, packed in that order. Element (i, j, k) comes from tensor coordinate
 *   (y + i*stride_y, x + j*stride_x, c + k);
 * coordinates outside the tensor are not read and give the code `pad_code`. STORE copies the other
 * way, from PAD_OUT, and skips coordinates outside the tensor (there are none in compiled
 * programs). */
#define TRANSFER_FIELDS(F) \
    F(uint16_t, tensor)    \
    F(uint8_t, pad)        \
    F(uint8_t, pad_code)   \
    F(uint32_t, offset)    \
    F(int32_t, y)          \
    F(int32_t, x)          \
    F(int32_t, c)          \
    F(uint32_t, count_y)   \
    F(uint32_t, count_x)   \
    F(uint32_t, count_c)   \
    F(uint16_t, stride_y)  \
    F(uint16_t, stride_x)

/* The window over an activation patch [*][patch_w][patch_c] that starts at act_offset in PAD_ACT:
 * output pixel (oy, ox), kernel position (ky, kx), channel k read
 *   act_offset + ((oy*stride_y + ky*dilation_y)*patch_w + ox*stride_x + kx*dilation_x)*patch_c
 *              + channel + k. */
#define WINDOW_FIELDS(F)    \
    F(uint32_t, act_offset) \
    F(uint32_t, patch_w)    \
    F(uint32_t, patch_c)    \
    F(uint32_t, channel)    \
    F(uint16_t, out_h)      \
    F(uint16_t, out_w)      \
    F(uint16_t, kernel_h)   \
    F(uint16_t, kernel_w)   \
    F(uint16_t, stride_y)   \
    F(uint16_t, stride_x)   \
    F(uint16_t, dilation_y) \
    F(uint16_t, dilation_x)

/* MATMUL multiplies, for each group g < groups, the M x K matrix of the window's pixels by a
 * K x n weight tile:
 *   M = out_h*out_w, K = kernel_h*kernel_w*channels, reduction order (ky, kx, k);
 *   group g reads window channels channel + g*channels .. + channels - 1,
 *   weights PAD_WEIGHT[weight_offset + (g*K + kk)*n + j],
 *   and writes (accumulate = 0) or adds to (1) partial sums
 *   PAD_ACC[acc_offset + m*acc_pitch + g*n + j].
 * `core` is the index of the core whose array does it. */
#define MATMUL_FIELDS(F)            \
    WINDOW_FIELDS(F)                \
    F(uint32_t, channels)           \
    F(uint32_t, groups)             \
    F(uint32_t, n)                  \
    F(uint32_t, weight_offset)      \
    F(uint32_t, acc_offset)         \
    F(uint32_t, acc_pitch)          \
    F(uint8_t, accumulate)          \
    F(struct format, act_format)    \
    F(struct format, weight_format) \
    F(uint8_t, core)

/* What the vector unit does with each of m = out_h*out_w pixels x n channels. */
#define VECTOR_OPS(X)                                                                     \
    X(REQUANTISE, "requantise", "partial sums [m][acc_pitch] from acc_offset in PAD_ACC") \
    X(MAXIMUM, "maximum", "largest level in the window over PAD_ACT")                     \
    X(SUM, "sum",                                                                         \
      "sum of the levels in the window over PAD_ACT; average pooling, or 1x1 to copy and rescale")

#define VECTOR_ENUMERATOR(id, name, help) VECTOR_##id,
enum vector_op { VECTOR_OPS(VECTOR_ENUMERATOR) VECTOR_OP_COUNT };
#undef VECTOR_ENUMERATOR

/* VECTOR computes, per pixel and channel j, value v (see VECTOR_OPS; REQUANTISE first wraps the
 * partial sum at the accumulator width and counts an overflow where that changed it), then with the
 * parameter record p of channel j,
 *   PAD_PARAM[param_offset + 4*j ..] = {bias, multiplier, residual multiplier, shift},
 * in 64 bits and with an arithmetic shift:
 *   t = ((v + bias)*multiplier + residual*residual_multiplier) >> (shift - 1)
 * t is the output in units of half a level. It is clamped to [2*clamp_low, 2*clamp_high] and
 * encoded to the nearest level of out_format, ties towards plus infinity (pe/requantise.h), and
 * written to
 *   PAD_OUT[out_offset + pixel*n + j].
 * `residual` is the level of PAD_ACT[residual_offset + pixel*n + j] where has_residual, else 0. */
#define VECTOR_FIELDS(F)              \
    F(uint8_t, op)                    \
    WINDOW_FIELDS(F)                  \
    F(uint32_t, n)                    \
    F(uint32_t, acc_offset)           \
    F(uint32_t, acc_pitch)            \
    F(uint32_t, param_offset)         \
    F(uint8_t, has_residual)          \
    F(uint32_t, residual_offset)      \
    F(uint32_t, out_offset)           \
    F(int32_t, clamp_low)             \
    F(int32_t, clamp_high)            \
    F(struct format, act_format)      \
    F(struct format, residual_format) \
    F(struct format, out_format)

#define STRUCT_FIELD(type, name) type name;
struct transfer {
    TRANSFER_FIELDS(STRUCT_FIELD)
};
struct matmul {
    MATMUL_FIELDS(STRUCT_FIELD)
};
struct vector {
    VECTOR_FIELDS(STRUCT_FIELD)
};
struct instruction {
    COMMON_FIELDS(STRUCT_FIELD)
    union {
        struct transfer transfer; /* LOAD, STORE */
        struct matmul matmul;
        struct vector vector;
    };
};
#undef STRUCT_FIELD

enum { PARAM_WORDS = 4 }; /* 32-bit words in a parameter record */

enum unit instruction_unit(const struct instruction *instruction);
/* Tokens of `unit` that the instruction waits for. */
uint32_t instruction_wait(const struct instruction *instruction, enum unit unit);
const char *unit_name(int unit);
const char *opcode_name(int opcode);
const char *vector_op_name(int op);

#endif
