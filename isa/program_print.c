/* The text listing: one line per tensor, layer and instruction, with the fields that mean
 * something. */
#include <inttypes.h>

#include "isa/program.h"

#define FORMAT(format) format_print(format, (char[16]){0})

/* --- header --- */

static void print_dram(const struct dram_config *dram, FILE *file)
{
    const struct dram_policy *policy = &dram->device.policy;
    fprintf(file, "  dram %s, clock %u ps, %u bytes per clock, bursts of %u bytes",
            dram_config_name(dram), dram_config_clock_ps(dram), dram_config_bytes_per_clock(dram),
            dram_config_burst_bytes(dram));
    if (dram->is_ideal)
        fprintf(file, ", latency %d\n", dram->ideal.latency);
    else
        fprintf(file, ", mapping %s, refresh %s, controller %s\n", policy->mapping,
                dram_refresh_name(policy->refresh), dram_controller_name(dram->controller));
}

static void print_arch(const struct arch *arch, FILE *file)
{
    fprintf(file, "arch %s:", arch->name);
    for (int i = 0; i < arch->core_count; i++) {
        const struct core *core = &arch->cores[i];
        fprintf(file, "%s %s %dx%d %s", i ? " +" : "", pe_name(core->pe), core->rows, core->columns,
                dataflow_name(core->dataflow));
    }
    fprintf(file, ", accumulator %d bits, %u kHz\n", arch->cores[0].accumulator_bits,
            arch->clock_khz);
    for (int i = 0; i < PAD_COUNT; i++) {
        const struct scratchpad_config *pad = &arch->pads[i];
        fprintf(file, "  pad %-6s %9u bytes  %3d x %d bits%s\n", scratchpad_name(i), pad->bytes,
                pad->banks, pad->bank_bits, pad->double_buffered ? "  double" : "");
    }
    print_dram(&arch->dram, file);
}

static void print_tensor(const struct dram_tensor *tensor, uint32_t index, FILE *file)
{
    fprintf(file, "%5u  %-10s %-9s %ux%ux%u at 0x%" PRIx64, index, tensor_kind_name(tensor->kind),
            FORMAT(tensor->format), tensor->h, tensor->w, tensor->c, tensor->address);
    if (!tensor_is_constant(tensor))
        fprintf(file, " scale %.9g", tensor->scale);
    fprintf(file, "  \"%s\"\n", tensor->name);
}

static void print_layer(const struct program_layer *layer, uint32_t index, FILE *file)
{
    fprintf(file, "%5u  %-10s %s", index, layer->op, FORMAT(layer->act_format));
    if (layer->macs)
        fprintf(file, " x %s", FORMAT(layer->weight_format));
    if (layer->second_channels)
        fprintf(file, " and %s for %u channels", FORMAT(layer->second_weight_format),
                layer->second_channels);
    fprintf(file, " -> %s t%u, channels %u, reduction %" PRIu64, FORMAT(layer->out_format),
            layer->output, layer->channels, layer->reduction);
    if (layer->macs)
        fprintf(file, ", macs %" PRIu64 ", weights %" PRIu64, layer->macs, layer->weights);
    fprintf(file, "  \"%s\"\n", layer->name);
}

/* --- instructions --- */

static void print_waits(const struct instruction *instruction, FILE *file)
{
    const char *separator = " wait ";
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (!wait)
            continue;
        fprintf(file, "%s%s>=%u", separator, unit_name(u), wait);
        separator = " ";
    }
}

static void print_transfer(const struct transfer *transfer, bool is_load, FILE *file)
{
    fprintf(file, is_load ? "%s@%u from" : "%s@%u to", scratchpad_name(transfer->pad),
            transfer->offset);
    fprintf(file, " t%u (%d,%d,%d) %ux%ux%u", transfer->tensor, transfer->y, transfer->x,
            transfer->c, transfer->count_y, transfer->count_x, transfer->count_c);
    if (transfer->stride_y != 1 || transfer->stride_x != 1)
        fprintf(file, " stride %dx%d", transfer->stride_y, transfer->stride_x);
    if (is_load && transfer->pad_code)
        fprintf(file, " pad %d", transfer->pad_code);
}

/* The window's fields, which struct matmul and struct vector share by name. */
#define PRINT_WINDOW(part, channels)                                                            \
    do {                                                                                        \
        fprintf(file, "act@%u patch *x%ux%u kernel %dx%d", (part)->act_offset, (part)->patch_w, \
                (part)->patch_c, (part)->kernel_h, (part)->kernel_w);                           \
        if ((part)->stride_y != 1 || (part)->stride_x != 1)                                     \
            fprintf(file, " stride %dx%d", (part)->stride_y, (part)->stride_x);                 \
        if ((part)->dilation_y != 1 || (part)->dilation_x != 1)                                 \
            fprintf(file, " dilation %dx%d", (part)->dilation_y, (part)->dilation_x);           \
        fprintf(file, " channels %u+%u", (part)->channel, channels);                            \
    } while (0)

static void print_matmul(const struct matmul *matmul, FILE *file)
{
    if (matmul->core)
        fprintf(file, "core %d ", matmul->core);
    fprintf(file, "out %dx%d ", matmul->out_h, matmul->out_w);
    PRINT_WINDOW(matmul, matmul->channels);
    if (matmul->groups != 1)
        fprintf(file, " groups %u", matmul->groups);
    fprintf(file, " n %u weight@%u acc@%u/%u%s %s x %s", matmul->n, matmul->weight_offset,
            matmul->acc_offset, matmul->acc_pitch, matmul->accumulate ? " accumulate" : "",
            FORMAT(matmul->act_format), FORMAT(matmul->weight_format));
}

static void print_vector(const struct vector *vector, FILE *file)
{
    fprintf(file, "%s out %dx%d n %u ", vector_op_name(vector->op), vector->out_h, vector->out_w,
            vector->n);
    if (vector->op == VECTOR_REQUANTISE) {
        fprintf(file, "acc@%u/%u", vector->acc_offset, vector->acc_pitch);
    } else {
        PRINT_WINDOW(vector, vector->n);
        fprintf(file, " %s", FORMAT(vector->act_format));
    }
    fprintf(file, " param@%u", vector->param_offset);
    if (vector->has_residual)
        fprintf(file, " residual@%u %s", vector->residual_offset, FORMAT(vector->residual_format));
    fprintf(file, " -> out@%u %s clamp %d..%d", vector->out_offset, FORMAT(vector->out_format),
            vector->clamp_low, vector->clamp_high);
}

static void print_instruction(const struct instruction *instruction, uint32_t index, FILE *file)
{
    fprintf(file, "%5u  %-6s L%d", index, opcode_name(instruction->opcode), instruction->layer);
    print_waits(instruction, file);
    fputs(" | ", file);
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        print_transfer(&instruction->transfer, true, file);
        break;
    case OPCODE_MATMUL:
        print_matmul(&instruction->matmul, file);
        break;
    case OPCODE_VECTOR:
        print_vector(&instruction->vector, file);
        break;
    case OPCODE_STORE:
        print_transfer(&instruction->transfer, false, file);
        break;
    case OPCODE_COUNT:
        break;
    }
    fputc('\n', file);
}

bool program_print(const struct program *program, FILE *file)
{
    fprintf(file, "program %s, scheme %s, %s\n", program->model, program->scheme,
            program->has_values ? "with values" : "timing only");
    print_arch(&program->arch, file);
    fprintf(file, "input t%u, output t%u\n", program->input, program->output);
    fprintf(file, "tensors %u\n", program->tensor_count);
    for (uint32_t i = 0; i < program->tensor_count; i++)
        print_tensor(&program->tensors[i], i, file);
    fprintf(file, "layers %u\n", program->layer_count);
    for (uint32_t i = 0; i < program->layer_count; i++)
        print_layer(&program->layers[i], i, file);
    fprintf(file, "instructions %u\n", program->instruction_count);
    for (uint32_t i = 0; i < program->instruction_count; i++)
        print_instruction(&program->instructions[i], i, file);
    return !ferror(file);
}
