/* What an instruction reads and writes, from its own fields, and whether two may swap. */
#ifndef MANTIS_TEST_INSTRUCTION_TOUCHES_H
#define MANTIS_TEST_INSTRUCTION_TOUCHES_H

#include "isa/program.h"
#include "test/check.h"

/* Bits begin[0]..end[0] - 1 of a scratchpad, or rows x columns x channels of a tensor in DRAM. */
struct touch {
    bool in_dram, is_write;
    int place; /* scratchpad or tensor */
    int64_t begin[3], end[3];
    int64_t width, pitch; /* of a scratchpad, where pitch > 0: only `width` bits of every `pitch` */
};

enum { MAX_TOUCHES = 4 };
struct touches {
    int count;
    struct touch of[MAX_TOUCHES];
};

__attribute__((unused)) static void touch_add(struct touches *touches, struct touch touch)
{
    assert_true(touches->count < MAX_TOUCHES);
    touches->of[touches->count++] = touch;
}

__attribute__((unused)) static void touch_pad(struct touches *touches, int pad, uint64_t offset,
                                              uint64_t count, int bits, bool is_write)
{
    struct touch touch = {.place = pad, .is_write = is_write};
    touch.begin[0] = (int64_t)offset * bits;
    touch.end[0] = (int64_t)(offset + count) * bits;
    touch_add(touches, touch);
}

__attribute__((unused)) static void touch_transfer(struct touches *touches,
                                                   const struct program *program,
                                                   const struct transfer *t, bool is_load)
{
    const struct dram_tensor *tensor = &program->tensors[t->tensor];
    touch_pad(touches, t->pad, t->offset, (uint64_t)t->count_y * t->count_x * t->count_c,
              format_code_bits(tensor->format), is_load);
    struct touch touch = {
        .in_dram = true, .is_write = !is_load, .place = t->tensor, .begin = {t->y, t->x, t->c}};
    touch.end[0] = t->y + (int64_t)(t->count_y - 1) * t->stride_y + 1;
    touch.end[1] = t->x + (int64_t)(t->count_x - 1) * t->stride_x + 1;
    touch.end[2] = t->c + (int64_t)t->count_c;
    touch_add(touches, touch);
}

/* Partial sums: `width` of every `pitch`. */
__attribute__((unused)) static void touch_sums(struct touches *touches,
                                               const struct program *program, uint32_t offset,
                                               uint64_t pixels, uint64_t width, uint64_t pitch,
                                               bool is_write)
{
    int bits = program->arch.cores[0].accumulator_bits;
    touch_pad(touches, PAD_ACC, offset, (pixels - 1) * pitch + width, bits, is_write);
    touches->of[touches->count - 1].width = (int64_t)width * bits;
    touches->of[touches->count - 1].pitch = (int64_t)pitch * bits;
}

/* Whether touches of one scratchpad meet in a bit, row by row. */
__attribute__((unused)) static bool rows_meet(const struct touch *s, const struct touch *t)
{
    int64_t s_pitch = s->pitch ? s->pitch : s->end[0] - s->begin[0];
    int64_t t_pitch = t->pitch ? t->pitch : t->end[0] - t->begin[0];
    int64_t s_width = s->pitch ? s->width : s_pitch, t_width = t->pitch ? t->width : t_pitch;
    for (int64_t a = s->begin[0]; a < s->end[0]; a += s_pitch)
        for (int64_t b = t->begin[0]; b < t->end[0]; b += t_pitch)
            if (a < b + t_width && b < a + s_width)
                return true;
    return false;
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

__attribute__((unused)) static void
touch_matmul(struct touches *touches, const struct program *program, const struct matmul *m)
{
    uint64_t k = (uint64_t)m->kernel_h * m->kernel_w * m->channels;
    uint64_t pixels = (uint64_t)m->out_h * m->out_w;
    touch_pad(touches, PAD_ACT, m->act_offset, WINDOW_EXTENT(m, (uint64_t)m->channels * m->groups),
              format_code_bits(m->act_format), false);
    touch_pad(touches, PAD_WEIGHT, m->weight_offset, k * m->groups * m->n,
              format_code_bits(m->weight_format), false);
    touch_sums(touches, program, m->acc_offset, pixels, (uint64_t)m->groups * m->n, m->acc_pitch,
               true);
}

__attribute__((unused)) static void
touch_vector(struct touches *touches, const struct program *program, const struct vector *v)
{
    uint64_t pixels = (uint64_t)v->out_h * v->out_w;
    if (v->op == VECTOR_REQUANTISE)
        touch_sums(touches, program, v->acc_offset, pixels, v->n, v->acc_pitch, false);
    else
        touch_pad(touches, PAD_ACT, v->act_offset, WINDOW_EXTENT(v, v->n),
                  format_code_bits(v->act_format), false);
    touch_pad(touches, PAD_PARAM, v->param_offset, (uint64_t)v->n * PARAM_WORDS, 32, false);
    touch_pad(touches, PAD_OUT, v->out_offset, pixels * v->n, format_code_bits(v->out_format),
              true);
    if (v->has_residual)
        touch_pad(touches, PAD_ACT, v->residual_offset, pixels * v->n,
                  format_code_bits(v->residual_format), false);
}

__attribute__((unused)) static struct touches touches_of(const struct program *program,
                                                         const struct instruction *instruction)
{
    struct touches touches = {0};
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        touch_transfer(&touches, program, &instruction->transfer,
                       instruction->opcode == OPCODE_LOAD);
        break;
    case OPCODE_MATMUL:
        touch_matmul(&touches, program, &instruction->matmul);
        break;
    case OPCODE_VECTOR:
        touch_vector(&touches, program, &instruction->vector);
        break;
    case OPCODE_COUNT:
        fail();
    }
    return touches;
}

/* How finely tensors in DRAM are compared: in so many of their dimensions. */
enum dram_grain { BY_TENSOR = 0, BY_ROW = 1, BY_ELEMENT = 3 };

/* Whether two instructions may not swap: they touch the same bits and one of them writes. */
__attribute__((unused)) static bool touches_conflict(const struct touches *a,
                                                     const struct touches *b, enum dram_grain grain)
{
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < b->count; j++) {
            const struct touch *s = &a->of[i], *t = &b->of[j];
            if (s->in_dram != t->in_dram || s->place != t->place || !(s->is_write || t->is_write))
                continue;
            bool apart = false;
            for (int d = 0; d < (s->in_dram ? (int)grain : 1); d++)
                apart = apart || s->end[d] <= t->begin[d] || t->end[d] <= s->begin[d];
            if (!apart && (s->in_dram || rows_meet(s, t)))
                return true;
        }
    return false;
}

#endif
