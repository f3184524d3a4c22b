/* Do the waits of lowered programs cover every hazard, and nothing but hazards? Independent of how
 * lowering finds them: the ranges come from the instructions' own fields, every pair of
 * instructions is looked at. */
#include "check.h"
#include "random_network.h"

/* --- what an instruction touches --- */

/* Bits begin..end - 1 of a scratchpad, or rows x columns x channels of a tensor. */
struct touch {
    bool in_dram, is_write;
    int place; /* scratchpad or tensor */
    int64_t begin[3], end[3];
};

enum { MAX_TOUCHES = 5 };
struct touches {
    int count;
    struct touch of[MAX_TOUCHES];
};

static void touch_pad(struct touches *touches, int pad, uint64_t offset, uint64_t count, int bits,
                      bool is_write)
{
    struct touch touch = {.place = pad, .is_write = is_write, .end = {0, 1, 1}};
    touch.begin[0] = (int64_t)offset * bits;
    touch.end[0] = (int64_t)(offset + count) * bits;
    touches->of[touches->count++] = touch;
}

static void touch_transfer(struct touches *touches, const struct program *program,
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
    touches->of[touches->count++] = touch;
}

#define WINDOW_COUNT(w, channels_read)                    \
    ((((uint64_t)((w)->out_h - 1) * (w)->stride_y +       \
       (uint64_t)((w)->kernel_h - 1) * (w)->dilation_y) * \
          (w)->patch_w +                                  \
      (uint64_t)((w)->out_w - 1) * (w)->stride_x +        \
      (uint64_t)((w)->kernel_w - 1) * (w)->dilation_x) *  \
         (w)->patch_c +                                   \
     (w)->channel + (channels_read))

static void touch_matmul(struct touches *touches, const struct program *program,
                         const struct matmul *m)
{
    uint64_t k = (uint64_t)m->kernel_h * m->kernel_w * m->channels;
    uint64_t pixels = (uint64_t)m->out_h * m->out_w;
    touch_pad(touches, PAD_ACT, m->act_offset, WINDOW_COUNT(m, (uint64_t)m->channels * m->groups),
              format_code_bits(m->act_format), false);
    touch_pad(touches, PAD_WEIGHT, m->weight_offset, k * m->groups * m->n,
              format_code_bits(m->weight_format), false);
    touch_pad(touches, PAD_ACC, m->acc_offset,
              (pixels - 1) * m->acc_pitch + (uint64_t)m->groups * m->n,
              program->arch.core.accumulator_bits, true);
}

static void touch_vector(struct touches *touches, const struct program *program,
                         const struct vector *v)
{
    uint64_t pixels = (uint64_t)v->out_h * v->out_w;
    if (v->op == VECTOR_REQUANTISE)
        touch_pad(touches, PAD_ACC, v->acc_offset, (pixels - 1) * v->acc_pitch + v->n,
                  program->arch.core.accumulator_bits, false);
    else
        touch_pad(touches, PAD_ACT, v->act_offset, WINDOW_COUNT(v, v->n),
                  format_code_bits(v->act_format), false);
    touch_pad(touches, PAD_PARAM, v->param_offset, (uint64_t)v->n * PARAM_WORDS, 32, false);
    touch_pad(touches, PAD_OUT, v->out_offset, pixels * v->n, format_code_bits(v->out_format),
              true);
    if (v->has_residual)
        touch_pad(touches, PAD_ACT, v->residual_offset, pixels * v->n,
                  format_code_bits(v->residual_format), false);
}

static struct touches touches_of(const struct program *program,
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

/* Whether two instructions may not swap. DRAM tensors are compared in `dimensions` of their three
 * dimensions: waits are by rows, hazards by elements. */
static bool conflict(const struct touches *a, const struct touches *b, int dimensions)
{
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < b->count; j++) {
            const struct touch *s = &a->of[i], *t = &b->of[j];
            if (s->in_dram != t->in_dram || s->place != t->place || !(s->is_write || t->is_write))
                continue;
            bool apart = false;
            for (int d = 0; d < dimensions; d++)
                apart = apart || s->end[d] <= t->begin[d] || t->end[d] <= s->begin[d];
            if (!apart)
                return true;
        }
    return false;
}

/* --- what the waits guarantee --- */

/* When an instruction starts, at least done[u] instructions of unit u have completed. */
struct clock {
    uint32_t done[UNIT_COUNT];
    uint32_t token; /* its own */
    enum unit unit;
};

static void clock_join(struct clock *clock, const struct clock *completed)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        if (clock->done[u] < completed->done[u])
            clock->done[u] = completed->done[u];
    if (clock->done[completed->unit] < completed->token)
        clock->done[completed->unit] = completed->token;
}

struct history {
    const struct program *program;
    struct clock *clocks;
    struct touches *touches;
    uint32_t *of_unit[UNIT_COUNT]; /* instruction that gave out token t + 1 */
    uint32_t issued[UNIT_COUNT];
};

static void history_add(struct history *history, uint32_t index)
{
    const struct instruction *instruction = &history->program->instructions[index];
    struct clock clock = {.unit = instruction_unit(instruction)};
    uint32_t *issued = &history->issued[clock.unit];
    if (*issued)
        clock_join(&clock, &history->clocks[history->of_unit[clock.unit][*issued - 1]]);
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (wait)
            clock_join(&clock, &history->clocks[history->of_unit[u][wait - 1]]);
    }
    history->of_unit[clock.unit][*issued] = index;
    clock.token = ++*issued;
    history->clocks[index] = clock;
    history->touches[index] = touches_of(history->program, instruction);
}

static void check_hazards(const struct history *history, uint32_t index)
{
    const struct clock *clock = &history->clocks[index];
    for (uint32_t earlier = 0; earlier < index; earlier++) {
        const struct clock *before = &history->clocks[earlier];
        if (clock->done[before->unit] < before->token &&
            conflict(&history->touches[earlier], &history->touches[index], 3))
            fail_msg("instruction %u may run before %u has completed", index, earlier);
    }
}

/* Each wait is for an instruction that there is a reason to wait for. */
static void check_needed(const struct history *history, uint32_t index)
{
    const struct instruction *instruction = &history->program->instructions[index];
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (wait && !conflict(&history->touches[history->of_unit[u][wait - 1]],
                              &history->touches[index], 1))
            fail_msg("instruction %u waits for %s %u without need", index, unit_name(u), wait);
    }
}

static void check_program(const struct program *program)
{
    uint32_t count = program->instruction_count;
    struct history history = {.program = program,
                              .clocks = calloc(count, sizeof(struct clock)),
                              .touches = calloc(count, sizeof(struct touches))};
    for (int u = 0; u < UNIT_COUNT; u++)
        history.of_unit[u] = calloc(count, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        history_add(&history, i);
        check_hazards(&history, i);
        check_needed(&history, i);
    }
    for (int u = 0; u < UNIT_COUNT; u++)
        free(history.of_unit[u]);
    free(history.clocks);
    free(history.touches);
}

static void waits_cover_hazards_and_no_more(void **state)
{
    check_seed();
    int programs = 0;
    for (int round = 0; round < 400; round++) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.core.pe);
        struct program *program = lower(network, &arch, NULL);
        if (program && program->instruction_count < 3000) {
            check_program(program);
            programs++;
        }
        program_free(program);
        network_free(network);
    }
    printf("%d programs\n", programs);
    assert_true(programs > 200);
}

/* Two buffers let a LOAD start while the MATMUL before still reads the other: its wait is for the
 * MATMUL two tiles back. */
static void double_buffers_overlap(void **state)
{
    check_state = 7;
    int overlapping = 0, alone = 0;
    for (int round = 0; round < 200; round++) {
        struct arch arch = random_arch();
        for (int pad = 0; pad < PAD_COUNT; pad++)
            arch.pads[pad].double_buffered = round % 2;
        struct network *network = random_network(arch.core.pe);
        struct program *program = lower(network, &arch, NULL);
        uint32_t issued[UNIT_COUNT] = {0};
        for (uint32_t i = 0; program && i < program->instruction_count; i++) {
            const struct instruction *instruction = &program->instructions[i];
            if (instruction->opcode == OPCODE_LOAD && instruction->wait_array)
                *(round % 2 ? &overlapping : &alone) +=
                    instruction->wait_array < issued[UNIT_ARRAY];
            issued[instruction_unit(instruction)]++;
        }
        program_free(program);
        network_free(network);
    }
    printf("loads beside the last matmul: %d with two buffers, %d with one\n", overlapping, alone);
    assert_true(overlapping > 10 * (alone + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(waits_cover_hazards_and_no_more),
                                       cmocka_unit_test(double_buffers_overlap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
