/* Does program_check find each kind of violation? Every case plants one in a legal program and
 * names a word of the message. */
#include "check.h"

#include "isa/program.h"
#include "random_network.h"

/* A convolution with residual, then a maximum: every kind of instruction, one tile each. */
static struct network *legal_network(void)
{
    check_state = 11;
    struct network *network = calloc(1, sizeof *network);
    struct format int8 = {FORMAT_INT, 8, true};
    network->activations = calloc(RANDOM_MAX_ACTIVATIONS, sizeof *network->activations);
    network->layers = calloc(RANDOM_MAX_LAYERS, sizeof *network->layers);
    snprintf(network->model, sizeof network->model, "legal");
    network->has_values = true;
    network->input = random_activation(network, 6, 6, 4, int8);
    struct layer conv = {.kind = LAYER_MATMUL,
                         .input = 0,
                         .residual = 0,
                         .out_h = 6,
                         .out_w = 6,
                         .n = 4,
                         .kernel_h = 3,
                         .kernel_w = 3,
                         .stride_y = 1,
                         .stride_x = 1,
                         .dilation_y = 1,
                         .dilation_x = 1,
                         .pad_top = 1,
                         .pad_left = 1,
                         .groups = 1,
                         .channels = 4,
                         .weight_format = int8};
    conv.output = random_activation(network, 6, 6, 4, int8);
    random_weights(&conv);
    random_params(network, &conv, 1000);
    random_add(network, conv);
    struct layer pool = {.kind = LAYER_MAXIMUM,
                         .input = 1,
                         .residual = -1,
                         .out_h = 3,
                         .out_w = 3,
                         .n = 4,
                         .kernel_h = 2,
                         .kernel_w = 2,
                         .stride_y = 2,
                         .stride_x = 2,
                         .dilation_y = 1,
                         .dilation_x = 1,
                         .clamp_low = -128,
                         .clamp_high = 127};
    pool.output = network->output = random_activation(network, 3, 3, 4, int8);
    random_add(network, pool);
    return network;
}

static struct arch legal_arch(void)
{
    struct arch arch = random_arch();
    arch.cores[0].pe = PE_INT8;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad].bytes = 4096;
    return arch;
}

static struct program *legal_program(void)
{
    struct network *network = legal_network();
    struct arch arch = legal_arch();
    struct program *program = lower(network, &arch, NULL);
    network_free(network);
    assert_non_null(program);
    return program;
}

/* The n-th instruction with that opcode. */
static struct instruction *nth(struct program *program, enum opcode opcode, int n)
{
    for (uint32_t i = 0; i < program->instruction_count; i++)
        if (program->instructions[i].opcode == opcode && n-- == 0)
            return &program->instructions[i];
    fail();
    return NULL;
}

static struct vector *vector_of(struct program *program, enum vector_op op)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_VECTOR && instruction->vector.op == op)
            return &instruction->vector;
    }
    fail();
    return NULL;
}

static struct transfer *load_of(struct program *program, int pad)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        struct instruction *instruction = &program->instructions[i];
        if (instruction->opcode == OPCODE_LOAD && instruction->transfer.pad == pad)
            return &instruction->transfer;
    }
    fail();
    return NULL;
}

static struct dram_tensor *constant(struct program *program, int kind)
{
    for (uint32_t i = 0; i < program->tensor_count; i++)
        if (program->tensors[i].kind == kind)
            return &program->tensors[i];
    fail();
    return NULL;
}

/* X(name, what to change, word of the message) */
#define MATMUL(p) nth(p, OPCODE_MATMUL, 0)->matmul
#define REQUANTISE(p) (*vector_of(p, VECTOR_REQUANTISE))
#define MAXIMUM(p) (*vector_of(p, VECTOR_MAXIMUM))
#define STORE(p) nth(p, OPCODE_STORE, 0)->transfer
#define VIOLATIONS(X)                                                                          \
    X(no_rows, p->arch.cores[0].rows = 0, "rows")                                              \
    X(too_many_columns, p->arch.cores[0].columns = 1025, "columns")                            \
    X(no_such_pe, p->arch.cores[0].pe = PE_COUNT, "pe")                                        \
    X(no_such_dataflow, p->arch.cores[0].dataflow = DATAFLOW_COUNT, "dataflow")                \
    X(wide_accumulator, p->arch.cores[0].accumulator_bits = 33, "accumulator_bits")            \
    X(tiny_pad, p->arch.pads[PAD_ACC].bytes = 15, "scratchpads.acc")                           \
    X(no_banks, p->arch.pads[PAD_ACT].banks = 0, "banks")                                      \
    X(access_wider_than_pad, p->arch.pads[PAD_OUT].banks = 1024, "one access")                 \
    X(no_clock, p->arch.clock_khz = 0, "clock_khz")                                            \
    X(no_lanes, p->arch.vector_lanes = 0, "vector_lanes")                                      \
    X(part_of_a_clock, p->arch.dram.ideal.burst_bytes = 65, "burst_bytes")                     \
    X(no_device, p->arch.dram.is_ideal = false, "dram.: tCK")                                  \
    X(no_such_controller, p->arch.dram.is_ideal = false;                                       \
      p->arch.dram.controller = 2, "controller")                                               \
    X(nameless_arch, memset(p->arch.name, 'x', sizeof p->arch.name), "name")                   \
    X(no_such_kind, p->tensors[1].kind = TENSOR_KIND_COUNT, "kind")                            \
    X(no_such_family, p->tensors[1].format.family = FORMAT_FAMILY_COUNT, "family")             \
    X(odd_width, p->tensors[1].format.bits = 9, "bits")                                        \
    X(wide_flint, p->tensors[1].format = ((struct format){FORMAT_FLINT, 16, true}), "bits")    \
    X(empty_tensor, p->tensors[1].h = 0, "empty")                                              \
    X(huge_tensor, p->tensors[1].h = p->tensors[1].w = UINT32_MAX, "elements")                 \
    X(huge_activations, p->tensors[1].h = 1 << 24; p->tensors[1].address = 1 << 30, "at most") \
    X(far_address, p->tensors[1].address = UINT64_MAX - 8, "DRAM")                             \
    X(overlapping_tensors, p->tensors[1].address = p->tensors[0].address + 1, "overlap")       \
    X(no_scale, p->tensors[1].scale = 0, "scale")                                              \
    X(nan_scale, p->tensors[1].scale = 0.0 / 0.0, "scale")                                     \
    X(nameless_tensor, memset(p->tensors[1].name, 'x', PROGRAM_NAME_SIZE), "name")             \
    X(values_of_an_activation, p->tensors[1].values = calloc(144, 1), "values")                \
    X(constant_without_values, free(constant(p, TENSOR_WEIGHTS)->values);                      \
      constant(p, TENSOR_WEIGHTS)->values = NULL, "without values")                            \
    X(constant_not_flat, constant(p, TENSOR_WEIGHTS)->h = 2, "flat")                           \
    X(narrow_parameters, constant(p, TENSOR_PARAMETERS)->format.bits = 8, "int32")             \
    X(part_of_a_record, constant(p, TENSOR_PARAMETERS)->c = 15, "whole")                       \
    X(shift_of_0, constant(p, TENSOR_PARAMETERS)->values[12] = 0, "shift")                     \
    X(shift_of_63, constant(p, TENSOR_PARAMETERS)->values[12] = 63, "shift")                   \
    X(input_is_no_input, p->input = 1, "input")                                                \
    X(no_such_output, p->output = p->tensor_count, "output")                                   \
    X(layer_without_output, p->layers[0].output = 1000, "layer 0")                             \
    X(layer_format, p->layers[0].out_format.bits = 1, "layer 0")                               \
    X(no_such_opcode, p->instructions[0].opcode = OPCODE_COUNT, "opcode")                      \
    X(no_such_layer, p->instructions[0].layer = 2, "layer")                                    \
    X(waits_for_itself, nth(p, OPCODE_MATMUL, 0)->wait_array = 1, "waits for array")           \
    X(waits_for_the_future, nth(p, OPCODE_MATMUL, 0)->wait_load = 1000, "waits for load")      \
    X(waits_for_a_later_store, nth(p, OPCODE_VECTOR, 0)->wait_store = 1, "waits for store")    \
    X(no_such_tensor, STORE(p).tensor = 1000, "tensor")                                        \
    X(load_into_acc, load_of(p, PAD_ACT)->pad = PAD_ACC, "not loaded")                         \
    X(load_into_nothing, load_of(p, PAD_ACT)->pad = PAD_COUNT, "not loaded")                   \
    X(weights_from_activations, load_of(p, PAD_WEIGHT)->tensor = 0, "weight")                  \
    X(activations_from_weights, load_of(p, PAD_ACT)->tensor = load_of(p, PAD_WEIGHT)->tensor,  \
      "act")                                                                                   \
    X(params_from_weights, load_of(p, PAD_PARAM)->tensor = load_of(p, PAD_WEIGHT)->tensor,     \
      "param")                                                                                 \
    X(load_of_nothing, load_of(p, PAD_ACT)->count_x = 0, "count")                              \
    X(load_without_stride, load_of(p, PAD_ACT)->stride_y = 0, "stride")                        \
    X(load_beyond_the_pad, load_of(p, PAD_ACT)->offset = 4096, "do not fit")                   \
    X(load_that_wraps, load_of(p, PAD_ACT)->offset = UINT32_MAX, "do not fit")                 \
    X(load_of_everything,                                                                      \
      load_of(p, PAD_ACT)->count_y = load_of(p, PAD_ACT)->count_x = UINT32_MAX, "do not fit")  \
    X(shifted_record, load_of(p, PAD_PARAM)->offset = 1, "parts")                              \
    X(record_outside, load_of(p, PAD_PARAM)->c = 4, "outside")                                 \
    X(negative_record, load_of(p, PAD_PARAM)->c = -4, "outside")                               \
    X(store_to_input, STORE(p).tensor = 0, "not stored")                                       \
    X(store_to_weights, STORE(p).tensor = load_of(p, PAD_WEIGHT)->tensor, "not stored")        \
    X(store_from_act, STORE(p).pad = PAD_ACT, "not stored")                                    \
    X(store_beyond_the_pad, STORE(p).offset = 4096, "do not fit")                              \
    X(no_output_rows, MATMUL(p).out_h = 0, "0")                                                \
    X(no_groups, MATMUL(p).groups = 0, "0")                                                    \
    X(no_kernel, MATMUL(p).kernel_w = 0, "window")                                             \
    X(no_dilation, MATMUL(p).dilation_y = 0, "window")                                         \
    X(window_wider_than_patch, MATMUL(p).patch_w -= 1, "column")                               \
    X(window_deeper_than_patch, MATMUL(p).channel = 1, "channels")                             \
    X(patch_beyond_the_pad, MATMUL(p).act_offset = 4096 - 100, "do not fit")                   \
    X(patch_that_wraps, MATMUL(p).patch_c = UINT32_MAX, "do not fit")                          \
    X(weights_beyond_the_pad, MATMUL(p).weight_offset = 4096, "do not fit")                    \
    X(narrow_pitch, MATMUL(p).acc_pitch = 3, "apart")                                          \
    X(sums_beyond_the_pad, MATMUL(p).acc_offset = 1024, "do not fit")                          \
    X(accumulates_twice, MATMUL(p).accumulate = 2, "accumulate")                               \
    X(another_act_format, MATMUL(p).act_format.bits = 7, "format")                             \
    X(another_weight_format, MATMUL(p).weight_format.bits = 7, "format")                       \
    X(longer_reduction, p->layers[0].reduction = 35, "reduces")                                \
    X(no_channels, REQUANTISE(p).n = 0, "0")                                                   \
    X(no_such_vector_op, REQUANTISE(p).op = VECTOR_OP_COUNT, "op")                             \
    X(pitch_below_n, REQUANTISE(p).acc_pitch = 1, "apart")                                     \
    X(values_beyond_the_pad, REQUANTISE(p).acc_offset = 1024, "do not fit")                    \
    X(clamps_crossed, REQUANTISE(p).clamp_low = 128, "clamps")                                 \
    X(part_record_read, REQUANTISE(p).param_offset += 1, "param_offset")                       \
    X(records_beyond_the_pad, REQUANTISE(p).param_offset = 1024, "do not fit")                 \
    X(records_never_loaded, REQUANTISE(p).param_offset += 64, "parameter record")              \
    X(records_not_waited_for, nth(p, OPCODE_VECTOR, 0)->wait_load = 0, "parameter record")     \
    X(half_a_residual, REQUANTISE(p).has_residual = 2, "has_residual")                         \
    X(residual_beyond_the_pad, REQUANTISE(p).residual_offset = 4090, "do not fit")             \
    X(output_beyond_the_pad, REQUANTISE(p).out_offset = 4090, "do not fit")                    \
    X(another_out_format, REQUANTISE(p).out_format.bits = 7, "format")                         \
    X(maximum_beyond_the_patch, MAXIMUM(p).kernel_w = 3, "column")                             \
    X(wide_activations, MAXIMUM(p).act_format = ((struct format){FORMAT_INT, 16, true}), "at most")

#define VIOLATION(name, change, word)                               \
    static void name(void **state)                                  \
    {                                                               \
        struct program *p = legal_program();                        \
        struct err err = {0};                                       \
        if (!program_check(p, &err))                                \
            fail_msg("%s", err.text);                               \
        change;                                                     \
        assert_false(program_check(p, &err));                       \
        if (!strstr(err.text, word))                                \
            fail_msg("\"%s\" does not say \"%s\"", err.text, word); \
        program_free(p);                                            \
    }
VIOLATIONS(VIOLATION)

int main(void)
{
#define TEST(name, change, word) cmocka_unit_test(name),
    const struct CMUnitTest tests[] = {VIOLATIONS(TEST)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
