/* The program: instructions, the DRAM tensors they move, the layers they belong to, the constant
 * data they load, and the arch they were compiled for. */
#ifndef MANTIS_ISA_PROGRAM_H
#define MANTIS_ISA_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "isa/arch.h"
#include "isa/err.h"
#include "isa/format.h"
#include "isa/instruction.h"

#define TENSOR_KINDS(X)         \
    X(INPUT, "input")           \
    X(OUTPUT, "output")         \
    X(ACTIVATION, "activation") \
    X(WEIGHTS, "weights")       \
    X(PARAMETERS, "parameters")

#define TENSOR_KIND_ENUMERATOR(id, name) TENSOR_##id,
enum tensor_kind { TENSOR_KINDS(TENSOR_KIND_ENUMERATOR) TENSOR_KIND_COUNT };
#undef TENSOR_KIND_ENUMERATOR

enum { PROGRAM_NAME_SIZE = 96 };

/* A tensor in DRAM, h x w x c codes in height-width-channel order, packed at format_code_bits() per
 * code from byte `address` on. Weights and parameters are flat: h = w = 1, arranged tile by tile as
 * the program loads them. */
struct dram_tensor {
    char name[PROGRAM_NAME_SIZE];
    uint8_t kind; /* enum tensor_kind */
    struct format format;
    uint32_t h, w, c;
    uint64_t address;
    double scale;    /* real value = level * scale (activations; 1 for weights and parameters) */
    uint8_t *values; /* constants: h*w*c codes, little-endian, format_host_bytes() each; or NULL */
};

/* One layer of the network: the unit of reports. */
struct program_layer {
    char name[PROGRAM_NAME_SIZE];
    char op[16]; /* "Conv", "Gemm", "MaxPool", ... for reports */
    uint64_t macs;
    uint64_t weights;   /* number of weights, for model bytes; 0 for a product of activations */
    uint32_t channels;  /* output channels (biases) */
    uint64_t reduction; /* K over all tiles and kernel positions: bounds the exact partial sum */
    struct format weight_format, act_format, out_format;
    uint32_t output;                    /* DRAM tensor index */
    struct format second_weight_format; /* of the channels that the second core computes */
    uint32_t second_channels;           /* so many of `channels`; 0 with one core */
};

struct program {
    struct arch arch;
    char model[PROGRAM_NAME_SIZE], scheme[PROGRAM_NAME_SIZE];
    bool has_values; /* false: timing only, constants are NULL */
    uint32_t tensor_count, layer_count, instruction_count;
    uint32_t input, output; /* tensor indices */
    struct dram_tensor *tensors;
    struct program_layer *layers;
    struct instruction *instructions;
};

void program_free(struct program *program);
const char *tensor_kind_name(int kind);

/* Weights and parameters: constants of the program, never stored to. */
bool tensor_is_constant(const struct dram_tensor *tensor);
uint64_t tensor_elements(const struct dram_tensor *tensor);

/* Bytes the tensor takes in DRAM. */
uint64_t tensor_bytes(const struct dram_tensor *tensor);

/* What lies beyond these is refused, so that no program makes the host allocate without bound. */
#define PROGRAM_MAX_ELEMENTS (UINT64_C(1) << 31) /* of one tensor */
#define PROGRAM_MAX_ACTIVATION \
    (UINT64_C(1) << 28) /* elements of all activations of a program with values */
#define PROGRAM_MAX_ADDRESS (UINT64_C(1) << 48) /* bytes of DRAM */
enum {
    PROGRAM_MAX_TENSORS = 65536,
    PROGRAM_MAX_LAYERS = 65536,
    PROGRAM_MAX_INSTRUCTIONS = 1 << 24
};

/* Check everything the machine relies on: indices, waits (deadlock freedom), every scratchpad range
 * within its capacity, every tensor coordinate, formats the PE accepts, DRAM address ranges. A
 * program that passes can be run without any further check. Errors name the instruction:
 * "instruction 17 (matmul): ...". */
bool program_check(const struct program *program, struct err *err);

/* The part of it that depends on the accelerator's DRAM device: whether every tensor lies in it. The
 * ideal memory has no end. */
bool program_fits_dram(const struct program *program, struct err *err);

/* Binary form (docs/isa.md). Reading validates everything, program_check included; NULL on error.
 * Writing goes to a temporary file beside `path` that is renamed when complete. */
struct program *program_read(const char *path, struct err *err);
struct program *program_decode(const uint8_t *bytes, size_t size, const char *name,
                               struct err *err);
uint8_t *program_encode(const struct program *program, size_t *size, struct err *err);
bool program_write(const struct program *program, const char *path, struct err *err);

/* Text listing: arch, tensors, layers, one line per instruction. */
bool program_print(const struct program *program, FILE *file);

#endif
