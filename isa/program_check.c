/* Everything the machine relies on. Arithmetic on numbers of the program saturates, so that none
 * can wrap into range. */
#include "isa/program_check.h"

/* --- saturating arithmetic --- */

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* --- formats --- */

bool format_check(struct format format, const char *what, struct err *err)
{
    if (format.family >= FORMAT_FAMILY_COUNT)
        return err_set(err, "%s: format family %d is not in 0..%d", what, format.family,
                       FORMAT_FAMILY_COUNT - 1);
    bool is_wide_int = format.family == FORMAT_INT && (format.bits == 16 || format.bits == 32);
    if ((format.bits < 2 || format.bits > 8) && !is_wide_int)
        return err_set(err, "%s: %d bits; legal are 2..8, and 16 and 32 for int", what,
                       format.bits);
    return true;
}

static bool formats_equal(struct format a, struct format b)
{
    return a.family == b.family && a.bits == b.bits && a.is_signed == b.is_signed;
}

/* A format of at most `max_bits` per code. */
static bool operand_check(struct format format, int max_bits, const char *what, struct err *err)
{
    if (!format_check(format, what, err))
        return false;
    if (format_code_bits(format) <= max_bits)
        return true;
    return err_set(err, "%s: codes of %d bits; at most %d", what, format_code_bits(format),
                   max_bits);
}

static bool layer_format_check(struct format format, struct format of_layer, const char *what,
                               struct err *err)
{
    return formats_equal(format, of_layer) ||
           err_set(err, "%s: the format is not its layer's", what);
}

/* --- ranges of scratchpads --- */

static bool range_check(const struct program *program, enum scratchpad_id pad, int bits,
                        uint64_t offset, uint64_t count, struct err *err)
{
    uint64_t capacity = (uint64_t)program->arch.pads[pad].bytes * 8 / (unsigned)bits;
    if (plus(offset, count) <= capacity)
        return true;
    return err_set(err, "%llu elements from %llu do not fit scratchpad %s, which holds %llu",
                   (unsigned long long)count, (unsigned long long)offset, scratchpad_name(pad),
                   (unsigned long long)capacity);
}

/* The window's place: the fields that struct matmul and struct vector share. */
struct window_place {
    uint64_t offset, patch_w, patch_c, channel, channels;
    uint64_t out_h, out_w, kernel_h, kernel_w, stride_y, stride_x, dilation_y, dilation_x;
};

#define WINDOW_PLACE(part, channels_read)                                                       \
    (struct window_place)                                                                       \
    {                                                                                           \
        (part)->act_offset, (part)->patch_w, (part)->patch_c, (part)->channel, channels_read,   \
            (part)->out_h, (part)->out_w, (part)->kernel_h, (part)->kernel_w, (part)->stride_y, \
            (part)->stride_x, (part)->dilation_y, (part)->dilation_x                            \
    }

/* The last row, column and channel that the window reads lie inside the patch, the patch inside the
 * scratchpad. */
static bool window_check(const struct program *program, struct window_place at, int bits,
                         struct err *err)
{
    if (!at.kernel_h || !at.kernel_w || !at.stride_y || !at.stride_x || !at.dilation_y ||
        !at.dilation_x)
        return err_set(err, "window: a kernel, stride or dilation of 0");
    uint64_t row = (at.out_h - 1) * at.stride_y + (at.kernel_h - 1) * at.dilation_y;
    uint64_t column = (at.out_w - 1) * at.stride_x + (at.kernel_w - 1) * at.dilation_x;
    if (column >= at.patch_w)
        return err_set(err, "window: column %llu of a patch %llu wide", (unsigned long long)column,
                       (unsigned long long)at.patch_w);
    if (plus(at.channel, at.channels) > at.patch_c)
        return err_set(
            err, "window: channels %llu..%llu of a patch with %llu", (unsigned long long)at.channel,
            (unsigned long long)plus(at.channel, at.channels) - 1, (unsigned long long)at.patch_c);
    uint64_t pixels = plus(times(row, at.patch_w), column);
    uint64_t count = plus(times(pixels, at.patch_c), at.channel + at.channels);
    return range_check(program, PAD_ACT, bits, at.offset, count, err);
}

/* --- instructions --- */

/* Which kinds of tensor each scratchpad is loaded from, and how wide their codes may be. */
static bool load_route_check(const struct transfer *transfer, const struct dram_tensor *tensor,
                             struct err *err)
{
    static const struct {
        bool loaded, constant;
        uint8_t kind, max_bits;
    } routes[PAD_COUNT] = {
        [PAD_ACT] = {true, false, TENSOR_ACTIVATION, 8},
        [PAD_WEIGHT] = {true, true, TENSOR_WEIGHTS, 16},
        [PAD_PARAM] = {true, true, TENSOR_PARAMETERS, 32},
    };
    if (transfer->pad >= PAD_COUNT || !routes[transfer->pad].loaded)
        return err_set(err, "scratchpad %d is not loaded; act, weight and param are",
                       transfer->pad);
    const char *pad = scratchpad_name(transfer->pad);
    bool fits = routes[transfer->pad].constant ? tensor->kind == routes[transfer->pad].kind
                                               : !tensor_is_constant(tensor);
    if (!fits)
        return err_set(err, "scratchpad %s is not loaded from %s tensors", pad,
                       tensor_kind_name(tensor->kind));
    if (!operand_check(tensor->format, routes[transfer->pad].max_bits, pad, err))
        return false;
    if (transfer->pad == PAD_PARAM &&
        (transfer->offset % PARAM_WORDS || transfer->c % PARAM_WORDS ||
         transfer->count_c % PARAM_WORDS))
        return err_set(err, "parameter records are moved in parts");
    if (transfer->pad == PAD_PARAM &&
        (transfer->y || transfer->x || transfer->count_y != 1 || transfer->count_x != 1 ||
         transfer->c < 0 || plus((uint64_t)transfer->c, transfer->count_c) > tensor->c))
        return err_set(err, "parameter records outside the tensor");
    return true;
}

static bool store_route_check(const struct transfer *transfer, const struct dram_tensor *tensor,
                              struct err *err)
{
    if (transfer->pad != PAD_OUT)
        return err_set(err, "scratchpad %d is not stored from; out is", transfer->pad);
    if (tensor->kind != TENSOR_ACTIVATION && tensor->kind != TENSOR_OUTPUT)
        return err_set(err, "%s tensors are not stored to", tensor_kind_name(tensor->kind));
    return operand_check(tensor->format, 16, "out", err);
}

static bool transfer_check(const struct program *program, const struct transfer *transfer,
                           bool is_load, struct err *err)
{
    if (transfer->tensor >= program->tensor_count)
        return err_set(err, "tensor %d of %u", transfer->tensor, program->tensor_count);
    const struct dram_tensor *tensor = &program->tensors[transfer->tensor];
    if (!(is_load ? load_route_check : store_route_check)(transfer, tensor, err))
        return false;
    if (!transfer->count_y || !transfer->count_x || !transfer->count_c)
        return err_set(err, "a count of 0");
    if (!transfer->stride_y || !transfer->stride_x)
        return err_set(err, "a stride of 0");
    int bits = format_code_bits(tensor->format);
    if (bits < 8 && transfer->pad_code >> bits)
        return err_set(err, "pad code %d is not a code of %d bits", transfer->pad_code, bits);
    uint64_t count = times(times(transfer->count_y, transfer->count_x), transfer->count_c);
    return range_check(program, (enum scratchpad_id)transfer->pad, bits, transfer->offset, count,
                       err);
}

static bool matmul_check(const struct program *program, const struct program_layer *layer,
                         const struct matmul *matmul, struct err *err)
{
    if (!matmul->out_h || !matmul->out_w || !matmul->channels || !matmul->groups || !matmul->n)
        return err_set(err, "an output, channel or group count of 0");
    if (!operand_check(matmul->act_format, 8, "activations", err) ||
        !operand_check(matmul->weight_format, 16, "weights", err) ||
        !layer_format_check(matmul->act_format, layer->act_format, "activations", err) ||
        !layer_format_check(matmul->weight_format,
                            matmul->core ? layer->second_weight_format : layer->weight_format,
                            "weights", err))
        return false;
    if (matmul->accumulate > 1)
        return err_set(err, "accumulate is %d, neither 0 nor 1", matmul->accumulate);
    uint64_t m = (uint64_t)matmul->out_h * matmul->out_w;
    uint64_t columns = times(matmul->groups, matmul->n);
    uint64_t k = times((uint64_t)matmul->kernel_h * matmul->kernel_w, matmul->channels);
    if (columns > matmul->acc_pitch)
        return err_set(err, "%llu partial sums to a pixel, %u apart", (unsigned long long)columns,
                       matmul->acc_pitch);
    if (k > layer->reduction)
        return err_set(err, "reduces over %llu; its layer over %llu", (unsigned long long)k,
                       (unsigned long long)layer->reduction);
    uint64_t channels = times(matmul->groups, matmul->channels);
    return window_check(program, WINDOW_PLACE(matmul, channels),
                        format_code_bits(matmul->act_format), err) &&
           range_check(program, PAD_WEIGHT, format_code_bits(matmul->weight_format),
                       matmul->weight_offset, times(times(matmul->groups, k), matmul->n), err) &&
           range_check(program, PAD_ACC, program->arch.cores[0].accumulator_bits,
                       matmul->acc_offset, plus(times(m - 1, matmul->acc_pitch), columns), err);
}

/* Where a vector instruction takes its values from. */
static bool vector_source_check(const struct program *program, const struct vector *vector,
                                struct err *err)
{
    uint64_t m = (uint64_t)vector->out_h * vector->out_w;
    switch ((enum vector_op)vector->op) {
    case VECTOR_REQUANTISE:
        if (vector->n > vector->acc_pitch)
            return err_set(err, "%u partial sums to a pixel, %u apart", vector->n,
                           vector->acc_pitch);
        return range_check(program, PAD_ACC, program->arch.cores[0].accumulator_bits,
                           vector->acc_offset, plus(times(m - 1, vector->acc_pitch), vector->n),
                           err);
    case VECTOR_MAXIMUM:
    case VECTOR_SUM:
        return operand_check(vector->act_format, 8, "activations", err) &&
               window_check(program, WINDOW_PLACE(vector, vector->n),
                            format_code_bits(vector->act_format), err);
    case VECTOR_OP_COUNT:
        break;
    }
    return err_set(err, "op %d is not in 0..%d", vector->op, VECTOR_OP_COUNT - 1);
}

static bool residual_check(const struct program *program, const struct vector *vector,
                           struct err *err)
{
    if (vector->has_residual > 1)
        return err_set(err, "has_residual is %d, neither 0 nor 1", vector->has_residual);
    if (!vector->has_residual)
        return true;
    uint64_t count = times((uint64_t)vector->out_h * vector->out_w, vector->n);
    return operand_check(vector->residual_format, 8, "residual", err) &&
           range_check(program, PAD_ACT, format_code_bits(vector->residual_format),
                       vector->residual_offset, count, err);
}

static bool vector_check(const struct program *program, const struct program_layer *layer,
                         const struct vector *vector, struct err *err)
{
    if (!vector->out_h || !vector->out_w || !vector->n)
        return err_set(err, "an output or channel count of 0");
    if (!operand_check(vector->out_format, 16, "output", err) ||
        !layer_format_check(vector->out_format, layer->out_format, "output", err))
        return false;
    if (vector->clamp_low > vector->clamp_high)
        return err_set(err, "clamps to %d..%d", vector->clamp_low, vector->clamp_high);
    if (vector->param_offset % PARAM_WORDS)
        return err_set(err, "param_offset %u is not at a record", vector->param_offset);
    uint64_t count = times((uint64_t)vector->out_h * vector->out_w, vector->n);
    return vector_source_check(program, vector, err) && residual_check(program, vector, err) &&
           range_check(program, PAD_PARAM, 32, vector->param_offset, times(vector->n, PARAM_WORDS),
                       err) &&
           range_check(program, PAD_OUT, format_code_bits(vector->out_format), vector->out_offset,
                       count, err);
}

/* Tokens that exist before the instruction: those of the instructions that stand before it. */
static bool wait_check(const struct instruction *instruction, const uint32_t issued[UNIT_COUNT],
                       struct err *err)
{
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (wait > issued[u])
            return err_set(err, "waits for %s %u; only %u stand before it", unit_name(u), wait,
                           issued[u]);
    }
    return true;
}

static bool body_check(const struct program *program, const struct instruction *instruction,
                       struct err *err)
{
    const struct program_layer *layer = &program->layers[instruction->layer];
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        return transfer_check(program, &instruction->transfer, true, err);
    case OPCODE_MATMUL:
        return matmul_check(program, layer, &instruction->matmul, err);
    case OPCODE_VECTOR:
        return vector_check(program, layer, &instruction->vector, err);
    case OPCODE_STORE:
        return transfer_check(program, &instruction->transfer, false, err);
    case OPCODE_COUNT:
        break;
    }
    return false;
}

static bool instruction_check(const struct program *program, const struct instruction *instruction,
                              const uint32_t issued[UNIT_COUNT], struct err *err)
{
    if (instruction->layer >= program->layer_count)
        return err_set(err, "layer %d of %u", instruction->layer, program->layer_count);
    if (instruction->opcode == OPCODE_MATMUL &&
        instruction->matmul.core >= program->arch.core_count)
        return err_set(err, "core %d of %d", instruction->matmul.core, program->arch.core_count);
    return wait_check(instruction, issued, err) && body_check(program, instruction, err);
}

static bool instructions_check(const struct program *program, struct err *err)
{
    uint32_t issued[UNIT_COUNT] = {0};
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode >= OPCODE_COUNT)
            return err_set(err, "instruction %u: opcode %d is not in 0..%d", i, instruction->opcode,
                           OPCODE_COUNT - 1);
        if (!instruction_check(program, instruction, issued, err))
            return err_prefix(err, "instruction %u (%s)", i, opcode_name(instruction->opcode));
        issued[instruction_unit(instruction)]++;
    }
    return true;
}

bool program_check(const struct program *program, struct err *err)
{
    return arch_valid(&program->arch, err) && program_tensors_check(program, err) &&
           program_layers_check(program, err) && instructions_check(program, err) &&
           program_params_check(program, err);
}
