#include "isa/program.h"

#include <stdlib.h>

#include "isa/packed.h"

#define NAME(id, name) name,
static const char *const kind_names[] = {TENSOR_KINDS(NAME)};
#undef NAME

const char *tensor_kind_name(int kind)
{
    return kind >= 0 && kind < TENSOR_KIND_COUNT ? kind_names[kind] : NULL;
}

bool tensor_is_constant(const struct dram_tensor *tensor)
{
    return tensor->kind == TENSOR_WEIGHTS || tensor->kind == TENSOR_PARAMETERS;
}

uint64_t tensor_elements(const struct dram_tensor *tensor)
{
    return (uint64_t)tensor->h * tensor->w * tensor->c;
}

uint64_t tensor_bytes(const struct dram_tensor *tensor)
{
    return packed_bytes(tensor_elements(tensor), format_code_bits(tensor->format));
}

void program_free(struct program *program)
{
    if (!program)
        return;
    if (program->tensors)
        for (uint32_t i = 0; i < program->tensor_count; i++)
            free(program->tensors[i].values);
    free(program->tensors);
    free(program->layers);
    free(program->instructions);
    free(program);
}
