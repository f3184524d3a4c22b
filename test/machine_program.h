/* Random programs for the tests of the machine. Instructions are drawn at random, each valid on its
 * own; what they read and write is compared with everything before them, and the waits that this
 * calls for (read after write, write after read, write after write) are all the order there is. */
#ifndef MANTIS_TEST_MACHINE_PROGRAM_H
#define MANTIS_TEST_MACHINE_PROGRAM_H

#include <string.h>

#include "isa/program.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "sim/machine.h"
#include "test/check.h"

enum {
    LAYERS = 3,
    ACTIVATIONS = 4, /* tensor 0 is the input; each layer makes one more */
    TENSORS = ACTIVATIONS + 2 * LAYERS,
    WEIGHTS = 700,
    RECORDS = 24,
    MAX_INSTRUCTIONS = 120,
    MAX_SPANS = 4
};

/* --- what an instruction touches --- */

/* Bits begin..end - 1 of a scratchpad, or a whole DRAM tensor (space PAD_COUNT + tensor). */
struct span {
    int space;
    uint64_t begin, end;
    bool is_write;
};

struct spans {
    int count;
    struct span list[MAX_SPANS];
};

__attribute__((unused)) static void touch(struct spans *spans, int space, uint64_t offset,
                                          uint64_t count, int bits, bool is_write)
{
    assert_true(spans->count < MAX_SPANS);
    spans->list[spans->count++] =
        (struct span){space, offset * (unsigned)bits, (offset + count) * (unsigned)bits, is_write};
}

/* From the first to the last element of a window over a patch. */
#define WINDOW_EXTENT(w, channels_read)                   \
    ((((uint64_t)((w)->out_h - 1) * (w)->stride_y +       \
       (uint64_t)((w)->kernel_h - 1) * (w)->dilation_y) * \
          (w)->patch_w +                                  \
      (uint64_t)((w)->out_w - 1) * (w)->stride_x +        \
      (uint64_t)((w)->kernel_w - 1) * (w)->dilation_x) *  \
         (w)->patch_c +                                   \
     (w)->channel + (channels_read))

__attribute__((unused)) static struct spans spans_of(const struct program *program,
                                                     const struct instruction *instruction)
{
    struct spans spans = {0};
    const struct transfer *t = &instruction->transfer;
    const struct matmul *m = &instruction->matmul;
    const struct vector *v = &instruction->vector;
    int acc_bits = program->arch.core.accumulator_bits;
    uint64_t pixels;
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        touch(&spans, t->pad, t->offset, (uint64_t)t->count_y * t->count_x * t->count_c,
              format_code_bits(program->tensors[t->tensor].format),
              instruction->opcode == OPCODE_LOAD);
        touch(&spans, PAD_COUNT + t->tensor, 0, 1, 1, instruction->opcode == OPCODE_STORE);
        break;
    case OPCODE_MATMUL:
        pixels = (uint64_t)m->out_h * m->out_w;
        touch(&spans, PAD_ACT, m->act_offset, WINDOW_EXTENT(m, m->groups * m->channels),
              format_code_bits(m->act_format), false);
        touch(&spans, PAD_WEIGHT, m->weight_offset,
              (uint64_t)m->kernel_h * m->kernel_w * m->channels * m->groups * m->n,
              format_code_bits(m->weight_format), false);
        touch(&spans, PAD_ACC, m->acc_offset, (pixels - 1) * m->acc_pitch + m->groups * m->n,
              acc_bits, true);
        break;
    case OPCODE_VECTOR:
        pixels = (uint64_t)v->out_h * v->out_w;
        touch(&spans, PAD_PARAM, v->param_offset, (uint64_t)v->n * PARAM_WORDS, 32, false);
        touch(&spans, PAD_OUT, v->out_offset, pixels * v->n, format_code_bits(v->out_format), true);
        if (v->op == VECTOR_REQUANTISE)
            touch(&spans, PAD_ACC, v->acc_offset, (pixels - 1) * v->acc_pitch + v->n, acc_bits,
                  false);
        else
            touch(&spans, PAD_ACT, v->act_offset, WINDOW_EXTENT(v, v->n),
                  format_code_bits(v->act_format), false);
        if (v->has_residual)
            touch(&spans, PAD_ACT, v->residual_offset, pixels * v->n,
                  format_code_bits(v->residual_format), false);
        break;
    case OPCODE_COUNT:
        break;
    }
    return spans;
}

__attribute__((unused)) static bool conflict(const struct spans *a, const struct spans *b)
{
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < b->count; j++) {
            const struct span *x = &a->list[i], *y = &b->list[j];
            if (x->space == y->space && (x->is_write || y->is_write) && x->begin < y->end &&
                y->begin < x->end)
                return true;
        }
    return false;
}

/* Waits for every instruction before `index` that it conflicts with. */
__attribute__((unused)) static void set_waits(struct program *program, uint32_t index)
{
    struct instruction *instruction = &program->instructions[index];
    struct spans mine = spans_of(program, instruction);
    uint32_t issued[UNIT_COUNT] = {0}, waits[UNIT_COUNT] = {0};
    for (uint32_t i = 0; i < index; i++) {
        struct spans others = spans_of(program, &program->instructions[i]);
        enum unit unit = instruction_unit(&program->instructions[i]);
        issued[unit]++;
        if (conflict(&mine, &others))
            waits[unit] = issued[unit];
    }
    instruction->wait_load = waits[UNIT_LOAD];
    instruction->wait_array = waits[UNIT_ARRAY];
    instruction->wait_vector = waits[UNIT_VECTOR];
    instruction->wait_store = waits[UNIT_STORE];
}

/* --- formats, arch, tensors --- */

__attribute__((unused)) static struct format random_format(void)
{
    for (;;) {
        struct format format = {.family = (uint8_t)check_between(0, FORMAT_FAMILY_COUNT - 1),
                                .bits = (uint8_t)check_between(3, 8),
                                .is_signed = check_between(0, 1)};
        if (format_is_operand(format))
            return format;
    }
}

/* A pair that the PE takes and that leaves it an array. */
__attribute__((unused)) static void random_pair(int pe, struct format *act, struct format *weight)
{
    do {
        *act = random_format();
        *weight = random_format();
    } while (!pe_descriptor(pe)->accepts(*act, *weight, NULL) || format_code_bits(*act) > 8);
}

__attribute__((unused)) static struct dram_config random_dram(void)
{
    if (check_between(0, 2) == 0)
        return (struct dram_config){.clock_period_ps = (uint32_t)check_between(300, 3000),
                                    .bytes_per_clock = 16,
                                    .burst_bytes = 16,
                                    .latency = (uint16_t)check_between(0, 40)};
    return (struct dram_config){.clock_period_ps = (uint32_t)check_between(300, 3000),
                                .bytes_per_clock = 16,
                                .burst_bytes = 64,
                                .banks = 8,
                                .row_bytes = 512,
                                .latency = 17,
                                .tCWL = 12,
                                .tRCD = 17,
                                .tRP = 17,
                                .tRAS = 39,
                                .tCCD = 4,
                                .tRRD = 4,
                                .tFAW = 26,
                                .tWR = 18,
                                .tWTR = 9,
                                .tRTP = 9,
                                .tREFI = 2000,
                                .tRFC = 200};
}

__attribute__((unused)) static struct arch random_arch(void)
{
    struct arch arch = {.name = "random",
                        .technology = "none",
                        .clock_khz = (uint32_t)check_between(100000, 2000000),
                        .core = {.pe = (uint8_t)check_between(0, PE_COUNT - 1),
                                 .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                 .preload = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .fill = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .drain = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .accumulator_bits = (uint8_t)check_between(8, 32),
                                 .rows = (uint16_t)check_between(2, 12),
                                 .columns = (uint16_t)check_between(2, 12)},
                        .vector_lanes = (uint16_t)check_between(1, 16),
                        .vector_latency = (uint16_t)check_between(0, 5),
                        .dma_setup = (uint16_t)check_between(0, 10),
                        .dram = random_dram()};
    static const uint32_t bytes[PAD_COUNT] = {2048, 2048, 16 * RECORDS, 2048, 1024};
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad] = (struct scratchpad_config){bytes[pad], 2, 64, check_between(0, 1)};
    return arch;
}

__attribute__((unused)) static uint8_t *random_codes(struct format format, uint32_t count)
{
    size_t size = (size_t)format_host_bytes(format);
    uint8_t *codes = calloc(count, size);
    const struct grid *grid = format_grid(format);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = grid->codes[check_between(0, grid->count - 1)];
        memcpy(codes + i * size, &code, size);
    }
    return codes;
}

__attribute__((unused)) static uint8_t *random_params(void)
{
    int32_t *words = calloc(RECORDS * PARAM_WORDS, sizeof *words);
    for (int i = 0; i < RECORDS; i++) {
        words[PARAM_WORDS * i + 0] = check_between(-300, 300);
        words[PARAM_WORDS * i + 1] = check_between(1, 1 << 20);
        words[PARAM_WORDS * i + 2] = check_between(0, 1 << 20);
        words[PARAM_WORDS * i + 3] = check_between(10, 26);
    }
    return (uint8_t *)words;
}

/* Tensors and layers; tensors lie one after the other in DRAM. */
__attribute__((unused)) static void random_tensors(struct program *program)
{
    for (int l = 0; l < LAYERS; l++) {
        struct program_layer *layer = &program->layers[l];
        random_pair(program->arch.core.pe, &layer->act_format, &layer->weight_format);
        if (l && check_between(0, 2)) { /* so that layers read what others wrote */
            layer->act_format = program->layers[0].act_format;
            layer->weight_format = program->layers[0].weight_format;
        }
        layer->out_format = check_between(0, 1) ? program->layers[0].act_format : random_format();
        if (format_code_bits(layer->out_format) > 8)
            layer->out_format = program->layers[0].act_format;
        layer->reduction = check_between(0, 3) ? 1 << 12 : UINT64_C(1) << 40;
        layer->output = (uint32_t)l + 1;
        program->tensors[l + 1].format = layer->out_format;
        program->tensors[ACTIVATIONS + 2 * l] =
            (struct dram_tensor){.kind = TENSOR_WEIGHTS,
                                 .format = layer->weight_format,
                                 .h = 1,
                                 .w = 1,
                                 .c = WEIGHTS,
                                 .values = random_codes(layer->weight_format, WEIGHTS)};
        program->tensors[ACTIVATIONS + 2 * l + 1] =
            (struct dram_tensor){.kind = TENSOR_PARAMETERS,
                                 .format = {FORMAT_INT, 32, true},
                                 .h = 1,
                                 .w = 1,
                                 .c = RECORDS * PARAM_WORDS,
                                 .values = random_params()};
    }
    program->tensors[0].format = program->layers[0].act_format;
    uint64_t address = 0;
    for (int t = 0; t < TENSORS; t++) {
        struct dram_tensor *tensor = &program->tensors[t];
        if (t < ACTIVATIONS) {
            tensor->kind =
                t ? t == ACTIVATIONS - 1 ? TENSOR_OUTPUT : TENSOR_ACTIVATION : TENSOR_INPUT;
            tensor->h = (uint32_t)check_between(1, 9);
            tensor->w = (uint32_t)check_between(1, 9);
            tensor->c = (uint32_t)check_between(1, 20);
        }
        tensor->scale = 1;
        tensor->address = address;
        address += tensor_bytes(tensor) + (unsigned)check_between(0, 100);
    }
}

/* --- instructions --- */

/* An offset at which `count` elements fit the scratchpad, often 0; -1 if there is none. */
__attribute__((unused)) static int64_t
random_offset(const struct program *program, enum scratchpad_id pad, int bits, uint64_t count)
{
    int64_t room = (int64_t)program->arch.pads[pad].bytes * 8 / bits - (int64_t)count;
    return room <= 0 || check_between(0, 1) ? (room < 0 ? -1 : 0) : check_between(0, (int)room);
}

#define AT(field, pad, bits, count)                                 \
    do {                                                            \
        int64_t offset_ = random_offset(program, pad, bits, count); \
        if (offset_ < 0)                                            \
            return false;                                           \
        (field) = (uint32_t)offset_;                                \
    } while (0)

__attribute__((unused)) static bool random_constant_load(const struct program *program,
                                                         struct instruction *instruction)
{
    struct transfer *t = &instruction->transfer;
    bool is_params = check_between(0, 1);
    int unit = is_params ? PARAM_WORDS : 1;
    t->tensor = (uint16_t)(ACTIVATIONS + 2 * instruction->layer + is_params);
    t->pad = is_params ? PAD_PARAM : PAD_WEIGHT;
    int size = (int)program->tensors[t->tensor].c / unit;
    int first = check_between(0, 1) ? 0 : check_between(0, size - 1);
    t->c = first * unit;
    t->count_c = (uint32_t)(check_between(1, size - first) * unit);
    if (!is_params && !check_between(0, 9))
        t->c -= 5; /* sticks out: no tile of constants */
    AT(t->offset, t->pad, format_code_bits(program->tensors[t->tensor].format), t->count_c);
    t->offset -= t->offset % (unsigned)unit;
    return true;
}

__attribute__((unused)) static bool random_patch(const struct program *program,
                                                 struct instruction *instruction)
{
    struct transfer *t = &instruction->transfer;
    bool is_load = instruction->opcode == OPCODE_LOAD;
    t->tensor =
        (uint16_t)(is_load ? check_between(0, ACTIVATIONS - 1) : check_between(1, ACTIVATIONS - 1));
    t->pad = is_load ? PAD_ACT : PAD_OUT;
    t->pad_code = (uint8_t)check_between(0, 7);
    t->y = check_between(-2, 2);
    t->x = check_between(-2, 2);
    t->c = check_between(0, 2) ? 0 : check_between(-2, 5);
    t->stride_y = (uint16_t)(check_between(0, 3) ? 1 : 2);
    t->stride_x = (uint16_t)(check_between(0, 3) ? 1 : 2);
    t->count_y = (uint32_t)check_between(1, 12);
    t->count_x = (uint32_t)check_between(1, 12);
    t->count_c =
        check_between(0, 1) ? program->tensors[t->tensor].c : (uint32_t)check_between(1, 20);
    AT(t->offset, t->pad, format_code_bits(program->tensors[t->tensor].format),
       (uint64_t)t->count_y * t->count_x * t->count_c);
    return true;
}

#define RANDOM_WINDOW(w, channels_read)                                                  \
    do {                                                                                 \
        (w)->out_h = (uint16_t)check_between(1, 5);                                      \
        (w)->out_w = (uint16_t)check_between(1, 5);                                      \
        (w)->kernel_h = (uint16_t)check_between(1, 3);                                   \
        (w)->kernel_w = (uint16_t)check_between(1, 3);                                   \
        if (check_between(0, 2) == 0)                                                    \
            (w)->kernel_h = (w)->kernel_w = 1;                                           \
        (w)->stride_y = (uint16_t)check_between(1, 2);                                   \
        (w)->stride_x = (uint16_t)check_between(1, 2);                                   \
        (w)->dilation_y = (uint16_t)check_between(1, 2);                                 \
        (w)->dilation_x = (uint16_t)check_between(1, 2);                                 \
        (w)->channel = check_between(0, 1) ? 0 : (uint32_t)check_between(0, 3);          \
        (w)->patch_c = (w)->channel + (channels_read) + (check_between(0, 1) ? 0u : 2u); \
        (w)->patch_w = (uint32_t)((w)->out_w - 1) * (w)->stride_x +                      \
                       (uint32_t)((w)->kernel_w - 1) * (w)->dilation_x + 1 +             \
                       (check_between(0, 1) ? 0u : 1u);                                  \
    } while (0)

__attribute__((unused)) static bool random_matmul(const struct program *program,
                                                  struct instruction *instruction)
{
    struct matmul *m = &instruction->matmul;
    const struct program_layer *layer = &program->layers[instruction->layer];
    bool depthwise = check_between(0, 3) == 0;
    m->channels = depthwise ? 1 : (uint32_t)check_between(1, 7);
    m->groups = depthwise ? (uint32_t)check_between(2, 9) : (uint32_t)check_between(0, 2) ? 1 : 2;
    m->n = depthwise ? 1 : (uint32_t)check_between(1, 12);
    RANDOM_WINDOW(m, m->channels * m->groups);
    m->act_format = layer->act_format;
    m->weight_format = layer->weight_format;
    m->accumulate = (uint8_t)check_between(0, 1);
    m->acc_pitch = m->groups * m->n + (check_between(0, 1) ? 0u : 3u);
    uint64_t k = (uint64_t)m->kernel_h * m->kernel_w * m->channels;
    uint64_t pixels = (uint64_t)m->out_h * m->out_w;
    AT(m->act_offset, PAD_ACT, format_code_bits(m->act_format),
       WINDOW_EXTENT(m, m->channels * m->groups));
    AT(m->weight_offset, PAD_WEIGHT, format_code_bits(m->weight_format), k * m->groups * m->n);
    AT(m->acc_offset, PAD_ACC, program->arch.core.accumulator_bits,
       (pixels - 1) * m->acc_pitch + m->groups * m->n);
    return true;
}

__attribute__((unused)) static bool random_vector(const struct program *program,
                                                  struct instruction *instruction)
{
    struct vector *v = &instruction->vector;
    const struct program_layer *layer = &program->layers[instruction->layer];
    v->op =
        (uint8_t)(check_between(0, 1) ? VECTOR_REQUANTISE : check_between(0, VECTOR_OP_COUNT - 1));
    v->n = (uint32_t)check_between(1, RECORDS);
    RANDOM_WINDOW(v, v->n);
    v->acc_pitch = v->n + (check_between(0, 1) ? 0u : 3u);
    v->act_format = program->tensors[check_between(0, ACTIVATIONS - 1)].format;
    v->residual_format = program->tensors[check_between(0, ACTIVATIONS - 1)].format;
    v->out_format = layer->out_format;
    v->has_residual = (uint8_t)check_between(0, 1);
    v->param_offset = (uint32_t)(PARAM_WORDS * check_between(0, RECORDS - (int)v->n));
    const struct grid *grid = format_grid(v->out_format);
    v->clamp_low = grid->levels[0];
    v->clamp_high = grid->levels[grid->count - 1];
    uint64_t pixels = (uint64_t)v->out_h * v->out_w;
    if (v->op == VECTOR_REQUANTISE)
        AT(v->acc_offset, PAD_ACC, program->arch.core.accumulator_bits,
           (pixels - 1) * v->acc_pitch + v->n);
    else
        AT(v->act_offset, PAD_ACT, format_code_bits(v->act_format), WINDOW_EXTENT(v, v->n));
    if (v->has_residual)
        AT(v->residual_offset, PAD_ACT, format_code_bits(v->residual_format), pixels * v->n);
    AT(v->out_offset, PAD_OUT, format_code_bits(v->out_format), pixels * v->n);
    return true;
}

/* Requantise the sums of a MATMUL, as far as there are parameter records. */
__attribute__((unused)) static bool follow_matmul(const struct program *program,
                                                  const struct matmul *m,
                                                  struct instruction *instruction)
{
    struct vector *v = &instruction->vector;
    if (!random_vector(program, instruction))
        return false;
    v->op = VECTOR_REQUANTISE;
    v->n = m->groups * m->n < RECORDS ? m->groups * m->n : RECORDS;
    v->param_offset = 0;
    v->has_residual = 0;
    v->out_h = m->out_h;
    v->out_w = m->out_w;
    v->acc_offset = m->acc_offset;
    v->acc_pitch = m->acc_pitch;
    AT(v->out_offset, PAD_OUT, format_code_bits(v->out_format),
       (uint64_t)v->out_h * v->out_w * v->n);
    return true;
}

/* Store what a VECTOR made. */
__attribute__((unused)) static bool follow_vector(const struct program *program,
                                                  const struct vector *v,
                                                  struct instruction *instruction)
{
    instruction->transfer =
        (struct transfer){.tensor = (uint16_t)program->layers[instruction->layer].output,
                          .pad = PAD_OUT,
                          .offset = v->out_offset,
                          .count_y = v->out_h,
                          .count_x = v->out_w,
                          .count_c = v->n,
                          .stride_y = 1,
                          .stride_x = 1};
    return true;
}

__attribute__((unused)) static bool random_instruction(const struct program *program,
                                                       struct instruction *instruction)
{
    *instruction = (struct instruction){.opcode = (uint8_t)check_between(0, OPCODE_COUNT - 1),
                                        .layer = (uint16_t)check_between(0, LAYERS - 1)};
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        instruction->transfer.count_y = instruction->transfer.count_x = 1;
        instruction->transfer.stride_y = instruction->transfer.stride_x = 1;
        if (instruction->opcode == OPCODE_LOAD && check_between(0, 1))
            return random_constant_load(program, instruction);
        return random_patch(program, instruction);
    case OPCODE_MATMUL:
        return random_matmul(program, instruction);
    case OPCODE_VECTOR:
        return random_vector(program, instruction);
    case OPCODE_COUNT:
        break;
    }
    return false;
}

/* Often the instruction that makes use of the one before. */
__attribute__((unused)) static bool next_instruction(const struct program *program,
                                                     const struct instruction *before,
                                                     struct instruction *instruction)
{
    *instruction = (struct instruction){.layer = before->layer};
    if (before->opcode == OPCODE_MATMUL && check_between(0, 3)) {
        instruction->opcode = OPCODE_VECTOR;
        return follow_matmul(program, &before->matmul, instruction);
    }
    if (before->opcode == OPCODE_VECTOR && check_between(0, 3)) {
        instruction->opcode = OPCODE_STORE;
        return follow_vector(program, &before->vector, instruction);
    }
    return random_instruction(program, instruction);
}

/* A program that passes all checks. Its first instruction fills the param scratchpad. */
__attribute__((unused)) static struct program *random_program(void)
{
    struct program *program = calloc(1, sizeof *program);
    *program =
        (struct program){.arch = random_arch(),
                         .model = "random",
                         .scheme = "random",
                         .has_values = true,
                         .tensor_count = TENSORS,
                         .layer_count = LAYERS,
                         .output = ACTIVATIONS - 1,
                         .tensors = calloc(TENSORS, sizeof(struct dram_tensor)),
                         .layers = calloc(LAYERS, sizeof(struct program_layer)),
                         .instructions = calloc(MAX_INSTRUCTIONS, sizeof(struct instruction))};
    random_tensors(program);
    program->instructions[0] = (struct instruction){.opcode = OPCODE_LOAD,
                                                    .transfer = {.tensor = ACTIVATIONS + 1,
                                                                 .pad = PAD_PARAM,
                                                                 .count_y = 1,
                                                                 .count_x = 1,
                                                                 .count_c = RECORDS * PARAM_WORDS,
                                                                 .stride_y = 1,
                                                                 .stride_x = 1}};
    program->instruction_count = 1;
    uint32_t count = (uint32_t)check_between(1, MAX_INSTRUCTIONS);
    while (program->instruction_count < count) {
        uint32_t index = program->instruction_count;
        if (!next_instruction(program, &program->instructions[index - 1],
                              &program->instructions[index]))
            continue;
        set_waits(program, index);
        program->instruction_count++;
    }
    struct err err;
    if (!program_check(program, &err) || !machine_check(program, &err))
        fail_msg("%s", err.text);
    return program;
}

__attribute__((unused)) static uint8_t *random_input(const struct program *program)
{
    return random_codes(program->tensors[0].format,
                        (uint32_t)tensor_elements(&program->tensors[0]));
}

__attribute__((unused)) static size_t tensor_host_bytes(const struct dram_tensor *tensor)
{
    return (size_t)tensor_elements(tensor) * (size_t)format_host_bytes(tensor->format);
}

#endif
