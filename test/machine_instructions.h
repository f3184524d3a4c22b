/* Random instructions, each valid on its own, over the tensors of machine_tensors.h. */
#ifndef MANTIS_TEST_MACHINE_INSTRUCTIONS_H
#define MANTIS_TEST_MACHINE_INSTRUCTIONS_H

#include "test/instruction_touches.h"
#include "test/machine_tensors.h"

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
    int bits = format_code_bits(program->tensors[t->tensor].format);
    t->pad_code = (uint8_t)(check_random() >> (64 - bits));
    t->y = check_between(-2, 2);
    t->x = check_between(-2, 2);
    t->c = check_between(0, 2) ? 0 : check_between(-2, 5);
    t->stride_y = (uint16_t)(check_between(0, 3) ? 1 : 2);
    t->stride_x = (uint16_t)(check_between(0, 3) ? 1 : 2);
    t->count_y = (uint32_t)check_between(1, 12);
    t->count_x = (uint32_t)check_between(1, 12);
    t->count_c =
        check_between(0, 1) ? program->tensors[t->tensor].c : (uint32_t)random_side(MAX_SIDE);
    AT(t->offset, t->pad, bits, (uint64_t)t->count_y * t->count_x * t->count_c);
    return true;
}

/* Up to MAX_SIDE output pixels; kernels of up to 3 x 3, now and then up to 7 x 7. */
#define RANDOM_WINDOW(w)                                                                    \
    do {                                                                                    \
        int pixels_ = random_side(MAX_SIDE);                                                \
        (w)->out_w = (uint16_t)(check_between(0, 2) ? check_between(1, pixels_) : pixels_); \
        (w)->out_h = (uint16_t)(pixels_ / (w)->out_w);                                      \
        int kernel_ = check_between(0, 7) ? 3 : 7;                                          \
        bool is_point_ = check_between(0, 2) == 0;                                          \
        (w)->kernel_h = (uint16_t)(is_point_ ? 1 : check_between(1, kernel_));              \
        (w)->kernel_w = (uint16_t)(is_point_ ? 1 : check_between(1, kernel_));              \
        (w)->stride_y = (uint16_t)check_between(1, 2);                                      \
        (w)->stride_x = (uint16_t)check_between(1, 2);                                      \
        (w)->dilation_y = (uint16_t)check_between(1, 2);                                    \
        (w)->dilation_x = (uint16_t)check_between(1, 2);                                    \
    } while (0)

/* The patch below a window, often a little larger than what it reads. */
#define RANDOM_PATCH(w, channels_read)                                                   \
    do {                                                                                 \
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
    RANDOM_WINDOW(m);
    int taps = m->kernel_h * m->kernel_w, reduction = random_side(MAX_SIDE);
    m->channels = depthwise || reduction < taps ? 1 : (uint32_t)(reduction / taps);
    m->groups = depthwise ? (uint32_t)random_side(MAX_SIDE) : (uint32_t)check_between(0, 2) ? 1 : 2;
    m->n = depthwise ? 1 : (uint32_t)random_side(MAX_SIDE);
    RANDOM_PATCH(m, m->channels * m->groups);
    m->act_format = layer->act_format;
    m->weight_format = layer->weight_format;
    if (program->arch.core_count > 1 && layer->second_weight_format.bits && check_between(0, 1)) {
        m->core = 1;
        m->weight_format = layer->second_weight_format;
    }
    m->accumulate = (uint8_t)check_between(0, 1);
    m->acc_pitch = m->groups * m->n + (check_between(0, 1) ? 0u : 3u);
    uint64_t k = (uint64_t)m->kernel_h * m->kernel_w * m->channels;
    uint64_t pixels = (uint64_t)m->out_h * m->out_w;
    AT(m->act_offset, PAD_ACT, format_code_bits(m->act_format),
       WINDOW_EXTENT(m, m->channels * m->groups));
    AT(m->weight_offset, PAD_WEIGHT, format_code_bits(m->weight_format), k * m->groups * m->n);
    AT(m->acc_offset, PAD_ACC, program->arch.cores[0].accumulator_bits,
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
    v->n = (uint32_t)random_side(RECORDS);
    RANDOM_WINDOW(v);
    RANDOM_PATCH(v, v->n);
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
        AT(v->acc_offset, PAD_ACC, program->arch.cores[0].accumulator_bits,
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

#endif
