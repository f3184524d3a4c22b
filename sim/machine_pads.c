#include "sim/machine_pads.h"

#include <stdlib.h>

#include "pe/gemm.h"

static bool find_wide_layers(struct machine_pads *pads, const struct program *program)
{
    pads->layer_is_wide = calloc(program->layer_count + 1u, sizeof pads->layer_is_wide[0]);
    if (!pads->layer_is_wide)
        return false;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_MATMUL && !pads->layer_is_wide[instruction->layer])
            pads->layer_is_wide[instruction->layer] =
                gemm_is_wide(instruction->matmul.act_format, instruction->matmul.weight_format,
                             program->layers[instruction->layer].reduction);
    }
    return true;
}

/* --- what instructions use --- */

static bool reserve(struct machine_pads *pads, const struct arch *arch, enum scratchpad_id pad,
                    struct format format)
{
    return scratchpad_reserve(&pads->of[pad], &arch->pads[pad], format_code_bits(format),
                              format_host_bytes(format));
}

static bool reserve_sums(struct machine_pads *pads, const struct arch *arch, uint16_t layer)
{
    const struct scratchpad_config *config = &arch->pads[PAD_ACC];
    int bits = arch->cores[0].accumulator_bits;
    if (pads->layer_is_wide[layer])
        return scratchpad_reserve(&pads->wide_sums, config, bits, sizeof(int64_t));
    return scratchpad_reserve(&pads->of[PAD_ACC], config, bits, sizeof(int32_t));
}

static bool reserve_vector(struct machine_pads *pads, const struct arch *arch,
                           const struct instruction *instruction)
{
    const struct vector *vector = &instruction->vector;
    const struct format words = {.family = FORMAT_INT, .bits = 32, .is_signed = true};
    bool done =
        reserve(pads, arch, PAD_PARAM, words) && reserve(pads, arch, PAD_OUT, vector->out_format);
    if (vector->has_residual)
        done = done && reserve(pads, arch, PAD_ACT, vector->residual_format);
    if (vector->op == VECTOR_REQUANTISE)
        return done && reserve_sums(pads, arch, instruction->layer);
    return done && reserve(pads, arch, PAD_ACT, vector->act_format);
}

static bool reserve_for(struct machine_pads *pads, const struct program *program,
                        const struct instruction *instruction)
{
    const struct arch *arch = &program->arch;
    const struct transfer *transfer = &instruction->transfer;
    const struct matmul *matmul = &instruction->matmul;
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        return reserve(pads, arch, transfer->pad, program->tensors[transfer->tensor].format);
    case OPCODE_STORE:
        return reserve(pads, arch, PAD_OUT, program->tensors[transfer->tensor].format);
    case OPCODE_MATMUL:
        return reserve(pads, arch, PAD_ACT, matmul->act_format) &&
               reserve(pads, arch, PAD_WEIGHT, matmul->weight_format) &&
               reserve_sums(pads, arch, instruction->layer);
    case OPCODE_VECTOR:
        return reserve_vector(pads, arch, instruction);
    case OPCODE_COUNT:
        break;
    }
    return false;
}

static bool reserve_scratchpads(struct machine_pads *pads, const struct program *program)
{
    for (uint32_t i = 0; i < program->instruction_count; i++)
        if (!reserve_for(pads, program, &program->instructions[i]))
            return false;
    return true;
}

bool machine_pads_reserve(struct machine_pads *pads, const struct program *program)
{
    pads->accumulator_bits = program->arch.cores[0].accumulator_bits;
    return find_wide_layers(pads, program) && reserve_scratchpads(pads, program);
}

void machine_pads_clear(struct machine_pads *pads)
{
    for (int pad = 0; pad < PAD_COUNT; pad++)
        scratchpad_clear(&pads->of[pad]);
    scratchpad_clear(&pads->wide_sums);
    free(pads->layer_is_wide);
    pads->layer_is_wide = NULL;
}

void *machine_pads_sums(const struct machine_pads *pads, uint16_t layer, uint64_t offset)
{
    int bits = pads->accumulator_bits;
    if (pads->layer_is_wide[layer])
        return (int64_t *)(void *)pads->wide_sums.elements[bits] + offset;
    return (int32_t *)(void *)pads->of[PAD_ACC].elements[bits] + offset;
}
