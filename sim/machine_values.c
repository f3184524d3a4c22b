/* The memory that values live in: scratchpads, DRAM tensors, working space. All of it is allocated
 * here, none while running. */
#include <stdlib.h>

#include "sim/machine_state.h"

/* Gathered rows are multiplied a buffer at a time, so that they stay in the host's cache. */
enum { WINDOW_BYTES = 1 << 19 };

static size_t host_bytes(const struct dram_tensor *tensor)
{
    return (size_t)tensor->h * tensor->w * tensor->c * (unsigned)format_host_bytes(tensor->format);
}

/* Constants are the program's own and are only read; everything else gets memory. */
static bool is_constant(const struct dram_tensor *tensor)
{
    return tensor->values != NULL;
}

static bool allocate_tensors(struct machine_values *values, const struct program *program)
{
    values->tensors = calloc(program->tensor_count + 1u, sizeof values->tensors[0]);
    for (uint32_t t = 0; values->tensors && t < program->tensor_count; t++) {
        const struct dram_tensor *tensor = &program->tensors[t];
        values->tensors[t] =
            is_constant(tensor) ? tensor->values : calloc(host_bytes(tensor) + 1, 1);
        if (!values->tensors[t])
            return false;
    }
    return values->tensors != NULL;
}

/* --- scratchpads: one store for each width of element that the program uses --- */

static bool reserve(struct machine_values *values, const struct arch *arch, enum scratchpad_id pad,
                    struct format format)
{
    return scratchpad_reserve(&values->pads[pad], &arch->pads[pad], format_code_bits(format),
                              format_host_bytes(format));
}

static bool reserve_sums(struct machine_values *values, const struct arch *arch, uint16_t layer)
{
    const struct scratchpad_config *config = &arch->pads[PAD_ACC];
    int bits = arch->core.accumulator_bits;
    if (values->layer_is_wide[layer])
        return scratchpad_reserve(&values->wide_sums, config, bits, sizeof(int64_t));
    return scratchpad_reserve(&values->pads[PAD_ACC], config, bits, sizeof(int32_t));
}

static bool reserve_vector(struct machine_values *values, const struct arch *arch,
                           const struct instruction *instruction)
{
    const struct vector *vector = &instruction->vector;
    const struct format words = {.family = FORMAT_INT, .bits = 32, .is_signed = true};
    bool done = reserve(values, arch, PAD_PARAM, words) &&
                reserve(values, arch, PAD_OUT, vector->out_format);
    if (vector->has_residual)
        done = done && reserve(values, arch, PAD_ACT, vector->residual_format);
    if (vector->op == VECTOR_REQUANTISE)
        return done && reserve_sums(values, arch, instruction->layer);
    return done && reserve(values, arch, PAD_ACT, vector->act_format);
}

static bool reserve_for(struct machine_values *values, const struct program *program,
                        const struct instruction *instruction)
{
    const struct arch *arch = &program->arch;
    const struct transfer *transfer = &instruction->transfer;
    const struct matmul *matmul = &instruction->matmul;
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        return reserve(values, arch, transfer->pad, program->tensors[transfer->tensor].format);
    case OPCODE_STORE:
        return reserve(values, arch, PAD_OUT, program->tensors[transfer->tensor].format);
    case OPCODE_MATMUL:
        return reserve(values, arch, PAD_ACT, matmul->act_format) &&
               reserve(values, arch, PAD_WEIGHT, matmul->weight_format) &&
               reserve_sums(values, arch, instruction->layer);
    case OPCODE_VECTOR:
        return reserve_vector(values, arch, instruction);
    case OPCODE_COUNT:
        break;
    }
    return false;
}

static bool reserve_scratchpads(struct machine_values *values, const struct program *program)
{
    for (uint32_t i = 0; i < program->instruction_count; i++)
        if (!reserve_for(values, program, &program->instructions[i]))
            return false;
    return true;
}

/* --- what depends on the instructions --- */

static bool find_wide_layers(struct machine_values *values, const struct program *program)
{
    values->layer_is_wide = calloc(program->layer_count + 1u, sizeof values->layer_is_wide[0]);
    if (!values->layer_is_wide)
        return false;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_MATMUL && !values->layer_is_wide[instruction->layer])
            values->layer_is_wide[instruction->layer] =
                gemm_is_wide(instruction->matmul.act_format, instruction->matmul.weight_format,
                             program->layers[instruction->layer].reduction);
    }
    return true;
}

static size_t window_row_bytes(const struct matmul *matmul)
{
    struct patch_window window = machine_window_matmul(matmul);
    size_t channels = matmul->channels == 1 && matmul->n == 1 ? matmul->groups : matmul->channels;
    return window_area(&window) * channels;
}

static bool allocate_working_space(struct machine_values *values, const struct program *program)
{
    size_t row_elements = 0;
    values->window_bytes = WINDOW_BYTES;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_MATMUL) {
            size_t bytes = window_row_bytes(&instruction->matmul);
            values->window_bytes = bytes > values->window_bytes ? bytes : values->window_bytes;
        } else if (instruction->opcode == OPCODE_VECTOR && instruction->vector.n > row_elements) {
            row_elements = instruction->vector.n;
        }
    }
    values->window = malloc(values->window_bytes);
    values->row = malloc((row_elements + 1) * sizeof(int64_t));
    values->gemm = gemm_context_new();
    return values->window && values->row && values->gemm;
}

struct machine_values *machine_values_new(const struct program *program)
{
    struct machine_values *values = calloc(1, sizeof *values);
    if (!values)
        return NULL;
    if (allocate_tensors(values, program) && find_wide_layers(values, program) &&
        reserve_scratchpads(values, program) && allocate_working_space(values, program) &&
        machine_weights_find(values, program))
        return values;
    machine_values_free(values, program);
    return NULL;
}

void machine_values_free(struct machine_values *values, const struct program *program)
{
    if (!values)
        return;
    for (uint32_t t = 0; values->tensors && t < program->tensor_count; t++)
        if (!is_constant(&program->tensors[t]))
            free(values->tensors[t]);
    free(values->tensors);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        scratchpad_clear(&values->pads[pad]);
    scratchpad_clear(&values->wide_sums);
    free(values->layer_is_wide);
    free(values->window);
    free(values->row);
    if (values->gemm)
        gemm_context_free(values->gemm);
    machine_weights_free(values);
    free(values);
}
