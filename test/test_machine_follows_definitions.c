/* Does the machine compute what isa/instruction.h defines? Random programs against an interpreter
 * that takes the definitions element by element, in program order, with plain integers. */
#include "test/machine_program.h"

#include "pe/gemm.h"
#include "pe/requantise.h"

enum { PAD_ELEMENTS = 1 << 17 }; /* codes of 3 bits in the largest scratchpad */

/* Codes by scratchpad and width: an element is read at the width it was written. */
struct interpreter {
    const struct program *program;
    uint32_t pads[PAD_COUNT][33][PAD_ELEMENTS];
    int64_t sums[2][PAD_ELEMENTS]; /* by whether the layer's sums may leave 32 bits */
    bool wide[LAYERS];
    uint8_t *tensors[TENSORS];
    uint64_t overflows;
};

static uint32_t get(const uint8_t *codes, struct format format, uint64_t index)
{
    uint32_t code = 0;
    size_t size = (size_t)format_host_bytes(format);
    memcpy(&code, codes + index * size, size);
    return code;
}

static void put(uint8_t *codes, struct format format, uint64_t index, uint32_t code)
{
    size_t size = (size_t)format_host_bytes(format);
    memcpy(codes + index * size, &code, size);
}

static void interpret_transfer(struct interpreter *in, const struct instruction *instruction)
{
    const struct transfer *t = &instruction->transfer;
    const struct dram_tensor *tensor = &in->program->tensors[t->tensor];
    uint32_t *pad = in->pads[t->pad][format_code_bits(tensor->format)] + t->offset;
    for (int64_t i = 0; i < t->count_y; i++)
        for (int64_t j = 0; j < t->count_x; j++)
            for (int64_t k = 0; k < t->count_c; k++, pad++) {
                int64_t y = t->y + i * t->stride_y, x = t->x + j * t->stride_x, c = t->c + k;
                bool inside =
                    y >= 0 && y < tensor->h && x >= 0 && x < tensor->w && c >= 0 && c < tensor->c;
                uint64_t at = inside ? (uint64_t)((y * tensor->w + x) * tensor->c + c) : 0;
                if (instruction->opcode == OPCODE_LOAD)
                    *pad = inside ? get(in->tensors[t->tensor], tensor->format, at) : t->pad_code;
                else if (inside)
                    put(in->tensors[t->tensor], tensor->format, at, *pad);
            }
}

/* Offset in PAD_ACT of what output pixel (oy, ox) reads at kernel position (ky, kx), channel k. */
#define WINDOW_OFFSET(w, oy, ox, ky, kx, k)                                                   \
    ((w)->act_offset +                                                                        \
     (((oy) * (w)->stride_y + (ky) * (w)->dilation_y) * (w)->patch_w + (ox) * (w)->stride_x + \
      (kx) * (w)->dilation_x) *                                                               \
         (w)->patch_c +                                                                       \
     (w)->channel + (k))

static void interpret_matmul(struct interpreter *in, const struct instruction *instruction)
{
    const struct matmul *m = &instruction->matmul;
    const uint32_t *act = in->pads[PAD_ACT][format_code_bits(m->act_format)];
    const uint32_t *weights =
        in->pads[PAD_WEIGHT][format_code_bits(m->weight_format)] + m->weight_offset;
    int64_t *sums = in->sums[in->wide[instruction->layer]] + m->acc_offset;
    for (uint64_t g = 0; g < m->groups; g++)
        for (uint64_t pixel = 0; pixel < (uint64_t)m->out_h * m->out_w; pixel++)
            for (uint64_t j = 0; j < m->n; j++) {
                int64_t *sum = &sums[pixel * m->acc_pitch + g * m->n + j];
                int64_t total = m->accumulate ? *sum : 0;
                uint64_t kk = g * m->kernel_h * m->kernel_w * m->channels;
                for (uint64_t ky = 0; ky < m->kernel_h; ky++)
                    for (uint64_t kx = 0; kx < m->kernel_w; kx++)
                        for (uint64_t k = 0; k < m->channels; k++, kk++) {
                            uint32_t a = act[WINDOW_OFFSET(m, pixel / m->out_w, pixel % m->out_w,
                                                           ky, kx, g * m->channels + k)];
                            total += (int64_t)format_level(m->act_format, a) *
                                     format_level(m->weight_format, weights[kk * m->n + j]);
                        }
                *sum = total;
            }
}

/* What goes into requantisation for one element. */
static int64_t source_value(const struct interpreter *in, const struct instruction *instruction,
                            uint64_t pixel, uint64_t j)
{
    const struct vector *v = &instruction->vector;
    if (v->op == VECTOR_REQUANTISE)
        return in->sums[in->wide[instruction->layer]][v->acc_offset + pixel * v->acc_pitch + j];
    const uint32_t *act = in->pads[PAD_ACT][format_code_bits(v->act_format)];
    int64_t sum = 0, largest = INT64_MIN;
    for (uint64_t ky = 0; ky < v->kernel_h; ky++)
        for (uint64_t kx = 0; kx < v->kernel_w; kx++) {
            uint32_t code = act[WINDOW_OFFSET(v, pixel / v->out_w, pixel % v->out_w, ky, kx, j)];
            int64_t level = format_level(v->act_format, code);
            sum += level;
            largest = level > largest ? level : largest;
        }
    return v->op == VECTOR_SUM ? sum : largest;
}

static void interpret_vector(struct interpreter *in, const struct instruction *instruction)
{
    const struct vector *v = &instruction->vector;
    struct requantise_rule rule = {.residual_format = v->residual_format,
                                   .out_format = v->out_format,
                                   .clamp_low = v->clamp_low,
                                   .clamp_high = v->clamp_high};
    if (v->op == VECTOR_REQUANTISE)
        rule.accumulator_bits = in->program->arch.cores[0].accumulator_bits;
    for (uint64_t pixel = 0; pixel < (uint64_t)v->out_h * v->out_w; pixel++)
        for (uint64_t j = 0; j < v->n; j++) {
            const int32_t *record =
                (const int32_t *)&in->pads[PAD_PARAM][32][v->param_offset + PARAM_WORDS * j];
            struct requantise_param param = {record[0], record[1], record[2], record[3]};
            uint32_t residual = 0;
            if (v->has_residual)
                residual = in->pads[PAD_ACT][format_code_bits(v->residual_format)]
                                   [v->residual_offset + pixel * v->n + j];
            bool overflow = false;
            in->pads[PAD_OUT][format_code_bits(v->out_format)][v->out_offset + pixel * v->n + j] =
                requantise_reference(&rule, &param, source_value(in, instruction, pixel, j),
                                     residual, v->has_residual, &overflow);
            in->overflows += overflow;
        }
}

static struct interpreter *interpret(const struct program *program, const uint8_t *input)
{
    struct interpreter *in = calloc(1, sizeof *in);
    in->program = program;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        uint16_t l = program->instructions[i].layer;
        const struct matmul *m = &program->instructions[i].matmul;
        if (program->instructions[i].opcode == OPCODE_MATMUL)
            in->wide[l] |=
                gemm_is_wide(m->act_format, m->weight_format, program->layers[l].reduction);
    }
    for (int t = 0; t < TENSORS; t++) {
        size_t bytes = tensor_host_bytes(&program->tensors[t]);
        in->tensors[t] = calloc(bytes, 1);
        if (t == 0 || program->tensors[t].values)
            memcpy(in->tensors[t], t ? program->tensors[t].values : input, bytes);
    }
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_MATMUL)
            interpret_matmul(in, instruction);
        else if (instruction->opcode == OPCODE_VECTOR)
            interpret_vector(in, instruction);
        else
            interpret_transfer(in, instruction);
    }
    return in;
}

static void interpreter_free(struct interpreter *in)
{
    for (int t = 0; t < TENSORS; t++)
        free(in->tensors[t]);
    free(in);
}

static void compare(const struct machine *machine, const struct interpreter *in,
                    uint64_t overflows_before)
{
    for (uint32_t t = 0; t < TENSORS; t++)
        assert_memory_equal(machine_tensor(machine, t), in->tensors[t],
                            tensor_host_bytes(&in->program->tensors[t]));
    assert_int_equal(machine_stats(machine)->counters.overflows - overflows_before, in->overflows);
}

/* A timed run, then a run for values alone, in a fresh machine each as scratchpads and tensors keep
 * what they hold. */
static void follow(const struct program_size *size, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        struct program *program = random_program(size);
        uint8_t *input = random_input(program);
        struct interpreter *in = interpret(program, input);
        for (int way = 0; way < 3; way++) {
            struct machine_options options = {.clock = CLOCK_JUMP,
                                              .reference_arithmetic = way == 2};
            struct machine *machine = machine_new(program, &options);
            if (way == 1)
                machine_run_values(machine, input);
            else
                machine_run(machine, input);
            compare(machine, in, 0);
            machine_free(machine);
        }
        interpreter_free(in);
        free(input);
        program_free(program);
    }
}

static void random_programs(void **state)
{
    check_seed();
    follow(&small_program, 400);
    follow(&large_program, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
