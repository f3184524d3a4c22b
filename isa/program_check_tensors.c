#include "isa/program_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool text_check(const char *text, size_t size, struct err *err)
{
    return memchr(text, 0, size) || err_set(err, "a name without end");
}

/* --- tensors --- */

static bool shape_check(const struct dram_tensor *tensor, struct err *err)
{
    uint64_t pixels = (uint64_t)tensor->h * tensor->w;
    if (!pixels || !tensor->c)
        return err_set(err, "%u x %u x %u is empty", tensor->h, tensor->w, tensor->c);
    if (pixels > PROGRAM_MAX_ELEMENTS || pixels * tensor->c > PROGRAM_MAX_ELEMENTS)
        return err_set(err, "%u x %u x %u has more than %llu elements", tensor->h, tensor->w,
                       tensor->c, (unsigned long long)PROGRAM_MAX_ELEMENTS);
    if (tensor_is_constant(tensor) && pixels != 1)
        return err_set(err, "constants are flat, this is %u x %u x %u", tensor->h, tensor->w,
                       tensor->c);
    return true;
}

/* Every record shifts by 1..62. */
static bool records_check(const struct dram_tensor *tensor, struct err *err)
{
    if (!tensor->values)
        return true;
    for (uint32_t i = PARAM_WORDS - 1; i < tensor->c; i += PARAM_WORDS) {
        int32_t shift;
        memcpy(&shift, tensor->values + (size_t)i * sizeof shift, sizeof shift);
        if (shift < 1 || shift > 62)
            return err_set(err, "record %u: shift %d is not in 1..62", i / PARAM_WORDS, shift);
    }
    return true;
}

static bool parameters_check(const struct dram_tensor *tensor, struct err *err)
{
    if (tensor->format.family != FORMAT_INT || tensor->format.bits != 32 ||
        !tensor->format.is_signed)
        return err_set(err, "parameters are int32");
    if (tensor->c % PARAM_WORDS)
        return err_set(err, "%u words are not whole parameter records", tensor->c);
    return records_check(tensor, err);
}

static bool tensor_check(const struct dram_tensor *tensor, bool has_values, struct err *err)
{
    if (tensor->kind >= TENSOR_KIND_COUNT)
        return err_set(err, "kind %d is not in 0..%d", tensor->kind, TENSOR_KIND_COUNT - 1);
    if (!text_check(tensor->name, sizeof tensor->name, err) ||
        !format_check(tensor->format, "elements", err) || !shape_check(tensor, err))
        return false;
    if (tensor->address > PROGRAM_MAX_ADDRESS ||
        tensor->address + tensor_bytes(tensor) > PROGRAM_MAX_ADDRESS)
        return err_set(err, "ends beyond DRAM address 2^48");
    if (!isfinite(tensor->scale) || tensor->scale <= 0)
        return err_set(err, "scale %g is not a positive number", tensor->scale);
    bool needs_values = has_values && tensor_is_constant(tensor);
    if (needs_values != (tensor->values != NULL))
        return err_set(err, needs_values ? "constant without values" : "values where none belong");
    return tensor->kind != TENSOR_PARAMETERS || parameters_check(tensor, err);
}

struct extent {
    uint64_t begin, end;
    uint32_t tensor;
};

static int compare_extents(const void *a, const void *b)
{
    const struct extent *left = a, *right = b;
    return (left->begin > right->begin) - (left->begin < right->begin);
}

/* No two tensors share a byte of DRAM. */
static bool addresses_check(const struct program *program, struct err *err)
{
    struct extent *extents = malloc((program->tensor_count + 1) * sizeof *extents);
    if (!extents)
        return err_set(err, "not enough memory for %u tensors", program->tensor_count);
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        extents[i] = (struct extent){tensor->address, tensor->address + tensor_bytes(tensor), i};
    }
    qsort(extents, program->tensor_count, sizeof *extents, compare_extents);
    bool ok = true;
    for (uint32_t i = 1; ok && i < program->tensor_count; i++)
        if (extents[i].begin < extents[i - 1].end)
            ok = err_set(err, "tensors %u and %u overlap in DRAM", extents[i - 1].tensor,
                         extents[i].tensor);
    free(extents);
    return ok;
}

bool program_fits_dram(const struct program *program, struct err *err)
{
    const struct dram_config *dram = &program->arch.dram;
    if (dram->is_ideal)
        return true;
    const uint64_t capacity = dram_capacity(&dram->device.geometry);
    uint64_t end = 0;
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        uint64_t past = tensor->address + tensor_bytes(tensor);
        end = past > end ? past : end;
    }
    return end <= capacity ||
           err_set(err, "tensors take %.1f MiB of DRAM: %s holds %.1f MiB", (double)end / (1 << 20),
                   dram_config_name(dram), (double)capacity / (1 << 20));
}

static bool input_output_check(const struct program *program, struct err *err)
{
    if (program->input >= program->tensor_count ||
        program->tensors[program->input].kind != TENSOR_INPUT)
        return err_set(err, "input: tensor %u is not an input tensor", program->input);
    if (program->output >= program->tensor_count ||
        tensor_is_constant(&program->tensors[program->output]))
        return err_set(err, "output: tensor %u is not an activation", program->output);
    return true;
}

bool program_tensors_check(const struct program *program, struct err *err)
{
    if (program->tensor_count > PROGRAM_MAX_TENSORS)
        return err_set(err, "%u tensors; at most %d", program->tensor_count, PROGRAM_MAX_TENSORS);
    uint64_t activations = 0;
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        if (!tensor_check(tensor, program->has_values, err))
            return err_prefix(err, "tensor %u", i);
        activations += tensor_is_constant(tensor) ? 0 : tensor_elements(tensor);
    }
    if (program->has_values && activations > PROGRAM_MAX_ACTIVATION)
        return err_set(err, "activations of %llu elements; at most %llu",
                       (unsigned long long)activations, (unsigned long long)PROGRAM_MAX_ACTIVATION);
    return input_output_check(program, err) && addresses_check(program, err) &&
           program_fits_dram(program, err);
}

/* --- layers --- */

static bool layer_check(const struct program *program, const struct program_layer *layer,
                        struct err *err)
{
    if (!text_check(layer->name, sizeof layer->name, err) ||
        !text_check(layer->op, sizeof layer->op, err))
        return false;
    if (layer->output >= program->tensor_count)
        return err_set(err, "output: tensor %u of %u", layer->output, program->tensor_count);
    if (layer->second_channels > layer->channels)
        return err_set(err, "%u channels of %u on the second core", layer->second_channels,
                       layer->channels);
    if (layer->second_channels && program->arch.core_count < 2)
        return err_set(err, "channels on a second core, which the arch has not");
    return (!layer->second_channels ||
            format_check(layer->second_weight_format, "weights of the second core", err)) &&
           format_check(layer->weight_format, "weights", err) &&
           format_check(layer->act_format, "activations", err) &&
           format_check(layer->out_format, "output", err);
}

bool program_layers_check(const struct program *program, struct err *err)
{
    if (!text_check(program->model, sizeof program->model, err) ||
        !text_check(program->scheme, sizeof program->scheme, err))
        return false;
    if (program->layer_count > PROGRAM_MAX_LAYERS)
        return err_set(err, "%u layers; at most %d", program->layer_count, PROGRAM_MAX_LAYERS);
    for (uint32_t i = 0; i < program->layer_count; i++)
        if (!layer_check(program, &program->layers[i], err))
            return err_prefix(err, "layer %u", i);
    return true;
}

/* --- parameter records --- */

/* For each record of PAD_PARAM the LOAD that first filled it: its token, 0 where there was none. As
 * all LOADs bring whole valid records, a record once filled is valid for good. */
struct records {
    uint32_t *filled_by;
    uint32_t loads;      /* so far */
    uint32_t waited_for; /* LOADs that the vector unit has waited for so far */
};

static void fill_records(struct records *records, const struct transfer *transfer)
{
    uint32_t first = transfer->offset / PARAM_WORDS;
    for (uint32_t i = 0; i < transfer->count_c / PARAM_WORDS; i++)
        if (!records->filled_by[first + i])
            records->filled_by[first + i] = records->loads;
}

static bool use_records(struct records *records, const struct instruction *instruction,
                        struct err *err)
{
    const struct vector *vector = &instruction->vector;
    if (records->waited_for < instruction->wait_load)
        records->waited_for = instruction->wait_load;
    uint32_t first = vector->param_offset / PARAM_WORDS;
    for (uint32_t i = first; i < first + vector->n; i++)
        if (!records->filled_by[i] || records->filled_by[i] > records->waited_for)
            return err_set(err, "parameter record %u: no LOAD waited for has filled it", i);
    return true;
}

bool program_params_check(const struct program *program, struct err *err)
{
    uint64_t capacity = program->arch.pads[PAD_PARAM].bytes / (sizeof(int32_t) * PARAM_WORDS);
    struct records records = {calloc(capacity + 1, sizeof(uint32_t)), 0, 0};
    if (!records.filled_by)
        return err_set(err, "not enough memory for %llu parameter records",
                       (unsigned long long)capacity);
    bool ok = true;
    for (uint32_t i = 0; ok && i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_LOAD)
            records.loads++;
        if (instruction->opcode == OPCODE_LOAD && instruction->transfer.pad == PAD_PARAM)
            fill_records(&records, &instruction->transfer);
        if (instruction->opcode == OPCODE_VECTOR && !use_records(&records, instruction, err))
            ok = err_prefix(err, "instruction %u (vector)", i);
    }
    free(records.filled_by);
    return ok;
}
