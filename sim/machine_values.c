/* The memory that values live in: scratchpads, DRAM tensors, working space. None is allocated while
 * running. */
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

/* --- working space --- */

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
    if (allocate_tensors(values, program) && machine_pads_reserve(&values->pads, program) &&
        allocate_working_space(values, program) && machine_weights_find(values, program))
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
    machine_pads_clear(&values->pads);
    free(values->window);
    free(values->row);
    if (values->gemm)
        gemm_context_free(values->gemm);
    machine_weights_free(values);
    free(values);
}
