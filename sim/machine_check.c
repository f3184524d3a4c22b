#include "pe/array.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "sim/machine_state.h"

enum { MAX_WINDOW_BYTES = 1 << 30 };

static bool operand_check(struct format format, const char *what, struct err *err)
{
    char name[16];
    return format_is_operand(format) ||
           err_set(err, "%s: there is no operand format %s", what, format_print(format, name));
}

/* The PE takes the formats, and PEs that fuse for them leave an array. */
static bool matmul_check(const struct arch *arch, const struct matmul *matmul, struct err *err)
{
    const struct core *core = &arch->cores[matmul->core];
    if (!operand_check(matmul->act_format, "activations", err) ||
        !operand_check(matmul->weight_format, "weights", err) ||
        !pe_descriptor(core->pe)->accepts(matmul->act_format, matmul->weight_format, err))
        return false;
    uint32_t rows, columns;
    array_shape(core, matmul->act_format, matmul->weight_format, &rows, &columns);
    if (!rows || !columns)
        return err_set(err, "%d x %d PEs are too few to fuse for these formats", core->rows,
                       core->columns);
    struct patch_window window = machine_window_matmul(matmul);
    if (window_area(&window) * matmul->channels * matmul->groups > MAX_WINDOW_BYTES)
        return err_set(err, "a window of more than %d codes", MAX_WINDOW_BYTES);
    return true;
}

static bool vector_check(const struct vector *vector, struct err *err)
{
    char name[16];
    if (!format_exists(vector->out_format))
        return err_set(err, "output: there is no format %s",
                       format_print(vector->out_format, name));
    if (vector->has_residual && !operand_check(vector->residual_format, "residual", err))
        return false;
    return vector->op == VECTOR_REQUANTISE || operand_check(vector->act_format, "activations", err);
}

bool machine_check(const struct program *program, struct err *err)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        bool ok = true;
        if (instruction->opcode == OPCODE_MATMUL)
            ok = matmul_check(&program->arch, &instruction->matmul, err);
        else if (instruction->opcode == OPCODE_VECTOR)
            ok = vector_check(&instruction->vector, err);
        if (!ok)
            return err_prefix(err, "instruction %u (%s)", i, opcode_name(instruction->opcode));
    }
    return true;
}

struct program *machine_read_program(const char *path, struct err *err)
{
    struct program *program = program_read(path, err);
    if (!program || machine_check(program, err))
        return program;
    err_prefix(err, "%s", path);
    program_free(program);
    return NULL;
}
