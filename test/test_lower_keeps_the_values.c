/* Does a lowered program, executed in program order, give every activation that the network gives?
 * The interpreter below follows isa/instruction.h to the letter and nothing else: its scratchpads
 * are bits, so that tiles that overlap in hardware overlap here. */
#include "check.h"
#include "random_network.h"

/* --- bits --- */

static uint32_t bits_get(const uint8_t *bytes, uint64_t bit, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++, bit++)
        value |= (uint32_t)(bytes[bit / 8] >> (bit % 8) & 1) << i;
    return value;
}

static void bits_set(uint8_t *bytes, uint64_t bit, int count, uint32_t value)
{
    for (int i = 0; i < count; i++, bit++) {
        uint8_t mask = (uint8_t)(1 << (bit % 8));
        bytes[bit / 8] = (uint8_t)((bytes[bit / 8] & ~mask) | (value >> i & 1 ? mask : 0));
    }
}

/* --- the interpreter --- */

struct interpreter {
    const struct program *program;
    uint8_t *pads[PAD_COUNT];
    uint8_t **tensors; /* codes, format_host_bytes each */
};

static uint32_t pad_get(const struct interpreter *in, int pad, uint64_t element, int bits)
{
    assert_true((element + 1) * (unsigned)bits <= (uint64_t)in->program->arch.pads[pad].bytes * 8);
    return bits_get(in->pads[pad], element * (unsigned)bits, bits);
}

static void pad_set(struct interpreter *in, int pad, uint64_t element, int bits, uint32_t value)
{
    assert_true((element + 1) * (unsigned)bits <= (uint64_t)in->program->arch.pads[pad].bytes * 8);
    bits_set(in->pads[pad], element * (unsigned)bits, bits, value);
}

static int32_t pad_level(const struct interpreter *in, int pad, uint64_t element,
                         struct format format)
{
    return format_level(format, pad_get(in, pad, element, format_code_bits(format)));
}

static void run_transfer(struct interpreter *in, const struct transfer *t, bool is_load)
{
    const struct dram_tensor *tensor = &in->program->tensors[t->tensor];
    int bits = format_code_bits(tensor->format);
    size_t bytes = (size_t)format_host_bytes(tensor->format);
    uint64_t element = t->offset;
    for (int64_t i = 0; i < t->count_y; i++)
        for (int64_t j = 0; j < t->count_x; j++)
            for (int64_t k = 0; k < t->count_c; k++, element++) {
                int64_t y = t->y + i * t->stride_y, x = t->x + j * t->stride_x, c = t->c + k;
                bool inside =
                    y >= 0 && y < tensor->h && x >= 0 && x < tensor->w && c >= 0 && c < tensor->c;
                assert_true(is_load || inside);
                uint8_t *code = in->tensors[t->tensor] +
                                (size_t)(inside ? (y * tensor->w + x) * tensor->c + c : 0) * bytes;
                uint32_t value = t->pad_code;
                if (is_load && inside)
                    memcpy(&value, code, bytes);
                if (is_load)
                    pad_set(in, t->pad, element, bits, value);
                else
                    value = pad_get(in, t->pad, element, bits), memcpy(code, &value, bytes);
            }
}

#define ADDRESS(w, oy, ox, ky, kx, k)                                                      \
    ((w)->act_offset +                                                                     \
     (((uint64_t)(oy) * (w)->stride_y + (uint64_t)(ky) * (w)->dilation_y) * (w)->patch_w + \
      (uint64_t)(ox) * (w)->stride_x + (uint64_t)(kx) * (w)->dilation_x) *                 \
         (w)->patch_c +                                                                    \
     (w)->channel + (k))

static int64_t dot(const struct interpreter *in, const struct matmul *m, int oy, int ox, uint64_t g,
                   uint64_t j)
{
    int64_t sum = 0;
    uint64_t taps = (uint64_t)m->kernel_h * m->kernel_w * m->channels, kk = 0;
    for (int ky = 0; ky < m->kernel_h; ky++)
        for (int kx = 0; kx < m->kernel_w; kx++)
            for (uint64_t k = 0; k < m->channels; k++, kk++)
                sum +=
                    (int64_t)pad_level(in, PAD_ACT, ADDRESS(m, oy, ox, ky, kx, g * m->channels + k),
                                       m->act_format) *
                    pad_level(in, PAD_WEIGHT, m->weight_offset + (g * taps + kk) * m->n + j,
                              m->weight_format);
    return sum;
}

static void run_matmul(struct interpreter *in, const struct matmul *m)
{
    int bits = in->program->arch.cores[0].accumulator_bits;
    for (int oy = 0; oy < m->out_h; oy++)
        for (int ox = 0; ox < m->out_w; ox++)
            for (uint64_t g = 0; g < m->groups; g++)
                for (uint64_t j = 0; j < m->n; j++) {
                    uint64_t at = m->acc_offset +
                                  ((uint64_t)oy * m->out_w + (uint64_t)ox) * m->acc_pitch +
                                  g * m->n + j;
                    int64_t sum = dot(in, m, oy, ox, g, j);
                    if (m->accumulate)
                        sum += (int32_t)pad_get(in, PAD_ACC, at, bits);
                    assert_int_equal(
                        sum, (int32_t)sum); /* else the plain reference means something else */
                    pad_set(in, PAD_ACC, at, bits, (uint32_t)sum);
                }
}

static int64_t vector_value(const struct interpreter *in, const struct vector *v, int oy, int ox,
                            uint64_t j)
{
    if (v->op == VECTOR_REQUANTISE)
        return (int32_t)pad_get(
            in, PAD_ACC,
            v->acc_offset + ((uint64_t)oy * v->out_w + (uint64_t)ox) * v->acc_pitch + j, 32);
    int64_t sum = 0, most = INT64_MIN;
    for (int ky = 0; ky < v->kernel_h; ky++)
        for (int kx = 0; kx < v->kernel_w; kx++) {
            int32_t level = pad_level(in, PAD_ACT, ADDRESS(v, oy, ox, ky, kx, j), v->act_format);
            sum += level;
            most = level > most ? level : most;
        }
    return v->op == VECTOR_SUM ? sum : most;
}

/* The code of the level nearest to t/2, ties upwards. */
static uint32_t encode_half(struct format format, int64_t t)
{
    if (!format_is_operand(format)) /* int16; the clamp keeps it in range */
        return (uint16_t)((t + 1) >> 1);
    const struct grid *grid = format_grid(format);
    int index = grid->count - 1;
    while (index > 0 && grid->levels[index] + (int64_t)grid->levels[index - 1] > t)
        index--;
    return grid->codes[index];
}

static void run_vector(struct interpreter *in, const struct vector *v)
{
    for (int oy = 0; oy < v->out_h; oy++)
        for (int ox = 0; ox < v->out_w; ox++)
            for (uint64_t j = 0; j < v->n; j++) {
                uint64_t element = ((uint64_t)oy * v->out_w + (uint64_t)ox) * v->n + j;
                int32_t p[PARAM_WORDS];
                for (unsigned word = 0; word < PARAM_WORDS; word++)
                    p[word] = (int32_t)pad_get(in, PAD_PARAM,
                                               v->param_offset + PARAM_WORDS * j + word, 32);
                int64_t residual =
                    v->has_residual
                        ? pad_level(in, PAD_ACT, v->residual_offset + element, v->residual_format)
                        : 0;
                int64_t t = ((vector_value(in, v, oy, ox, j) + p[0]) * p[1] + residual * p[2]) >>
                            (p[3] - 1);
                t = t < 2 * (int64_t)v->clamp_low ? 2 * (int64_t)v->clamp_low : t;
                t = t > 2 * (int64_t)v->clamp_high ? 2 * (int64_t)v->clamp_high : t;
                pad_set(in, PAD_OUT, v->out_offset + element, format_code_bits(v->out_format),
                        encode_half(v->out_format, t));
            }
}

static void run(struct interpreter *in)
{
    for (uint32_t i = 0; i < in->program->instruction_count; i++) {
        const struct instruction *instruction = &in->program->instructions[i];
        switch ((enum opcode)instruction->opcode) {
        case OPCODE_LOAD:
        case OPCODE_STORE:
            run_transfer(in, &instruction->transfer, instruction->opcode == OPCODE_LOAD);
            break;
        case OPCODE_MATMUL:
            run_matmul(in, &instruction->matmul);
            break;
        case OPCODE_VECTOR:
            run_vector(in, &instruction->vector);
            break;
        case OPCODE_COUNT:
            fail();
        }
    }
}

static void interpreter_open(struct interpreter *in, const struct program *program,
                             const uint8_t *input)
{
    in->program = program;
    in->tensors = calloc(program->tensor_count, sizeof *in->tensors);
    for (int pad = 0; pad < PAD_COUNT; pad++) { /* stale contents must not matter */
        in->pads[pad] = malloc(program->arch.pads[pad].bytes);
        memset(in->pads[pad], 0xA5, program->arch.pads[pad].bytes);
    }
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        size_t bytes = tensor_elements(tensor) * (unsigned)format_host_bytes(tensor->format);
        in->tensors[i] = calloc(bytes, 1);
        if (tensor->values)
            memcpy(in->tensors[i], tensor->values, bytes);
        if (i == program->input)
            memcpy(in->tensors[i], input, bytes);
    }
}

static void interpreter_close(struct interpreter *in)
{
    for (int pad = 0; pad < PAD_COUNT; pad++)
        free(in->pads[pad]);
    for (uint32_t i = 0; i < in->program->tensor_count; i++)
        free(in->tensors[i]);
    free(in->tensors);
}

/* --- the comparison --- */

static void compare(const struct network *network, const struct program *program)
{
    uint8_t *input = random_input(network);
    void *expected[RANDOM_MAX_ACTIVATIONS];
    network_run_reference(network, input, expected);
    struct interpreter in;
    interpreter_open(&in, program, input);
    run(&in);
    for (int i = 0; i < network->activation_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        assert_memory_equal(in.tensors[i], expected[i],
                            tensor_elements(tensor) * (unsigned)format_host_bytes(tensor->format));
        free(expected[i]);
    }
    interpreter_close(&in);
    free(input);
}

/* What the random programs contain, so that nothing is left out unseen. */
struct coverage {
    int accumulating, grouped, residual, maximum, sum, strided, outside, mixed, second;
};

static void cover(struct coverage *coverage, const struct program *program)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        const struct transfer *transfer = &instruction->transfer;
        const struct vector *vector = &instruction->vector;
        if (instruction->opcode == OPCODE_MATMUL) {
            coverage->accumulating += instruction->matmul.accumulate;
            coverage->grouped += instruction->matmul.groups > 1;
            coverage->second += instruction->matmul.core == 1;
        } else if (instruction->opcode == OPCODE_VECTOR) {
            coverage->residual += vector->has_residual;
            coverage->maximum += vector->op == VECTOR_MAXIMUM;
            coverage->sum += vector->op == VECTOR_SUM;
            coverage->mixed +=
                vector->has_residual && vector->residual_format.bits != vector->act_format.bits;
        } else if (instruction->opcode == OPCODE_LOAD) {
            coverage->strided += transfer->stride_y > 1;
            coverage->outside += transfer->y < 0 || transfer->c < 0;
        }
    }
}

static void random_networks_on_random_arches(void **state)
{
    check_seed();
    int lowered = 0, instructions = 0, refused = 0;
    struct coverage seen = {0};
    for (int round = 0; round < 400; round++) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        if (round % 2 && random_second_core(&arch))
            random_second_network(network, &arch);
        struct err err = {0};
        struct program *program = lower_with_random_shares(network, &arch, &err);
        if (program) {
            if (!program_check(program, &err))
                fail_msg("%s", err.text);
            compare(network, program);
            cover(&seen, program);
            lowered++;
            instructions += (int)program->instruction_count;
        } else {
            assert_non_null(strstr(err.text, "too small"));
            refused++;
        }
        program_free(program);
        network_free(network);
    }
    printf("%d programs, %d instructions; %d networks did not fit\n", lowered, instructions,
           refused);
    printf("accumulating %d, grouped %d, residual %d, of another width %d, maximum %d, sum %d, "
           "strided loads %d, loads beyond the tensor %d, on a second core %d\n",
           seen.accumulating, seen.grouped, seen.residual, seen.mixed, seen.maximum, seen.sum,
           seen.strided, seen.outside, seen.second);
    assert_true(lowered > 200 && refused > 0);
    assert_true(seen.accumulating && seen.grouped && seen.residual && seen.mixed && seen.maximum &&
                seen.sum && seen.strided && seen.outside && seen.second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_networks_on_random_arches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
