/* Does the listing say what a program holds, and only what means something? The program and its
 * listing are written by hand. */
#include "check.h"

#include <string.h>

#include "isa/program.h"

#define INT8                \
    {                       \
        FORMAT_INT, 8, true \
    }
#define UINT8                \
    {                        \
        FORMAT_INT, 8, false \
    }

static struct dram_tensor tensors[] = {
    {.name = "image", .kind = TENSOR_INPUT, .format = UINT8, .h = 4, .w = 6, .c = 3, .scale = 0.5},
    {.name = "scores",
     .kind = TENSOR_OUTPUT,
     .format = INT8,
     .h = 2,
     .w = 6,
     .c = 8,
     .address = 4096,
     .scale = 0.25},
    {.name = "conv.weights",
     .kind = TENSOR_WEIGHTS,
     .format = {FORMAT_FLINT, 4, true},
     .h = 1,
     .w = 1,
     .c = 216,
     .address = 8192,
     .scale = 1},
    {.name = "conv.parameters",
     .kind = TENSOR_PARAMETERS,
     .format = {FORMAT_INT, 32, true},
     .h = 1,
     .w = 1,
     .c = 32,
     .address = 12288,
     .scale = 1},
};

static struct program_layer layers[] = {
    {.name = "conv",
     .op = "Conv",
     .macs = 2592,
     .weights = 216,
     .channels = 8,
     .reduction = 27,
     .weight_format = {FORMAT_FLINT, 4, true},
     .act_format = UINT8,
     .out_format = INT8,
     .output = 1},
    {.name = "pool",
     .op = "MaxPool",
     .channels = 8,
     .reduction = 4,
     .weight_format = UINT8,
     .act_format = UINT8,
     .out_format = INT8,
     .output = 1},
};

static struct instruction instructions[] = {
    {.opcode = OPCODE_LOAD,
     .transfer = {.tensor = 2,
                  .pad = PAD_WEIGHT,
                  .count_y = 1,
                  .count_x = 1,
                  .count_c = 216,
                  .stride_y = 1,
                  .stride_x = 1}},
    {.opcode = OPCODE_LOAD,
     .wait_array = 0,
     .transfer = {.tensor = 0,
                  .pad = PAD_ACT,
                  .pad_code = 7,
                  .offset = 16,
                  .y = -1,
                  .x = -1,
                  .count_y = 5,
                  .count_x = 8,
                  .count_c = 3,
                  .stride_y = 2,
                  .stride_x = 1}},
    {.opcode = OPCODE_MATMUL,
     .wait_load = 2,
     .matmul = {.act_offset = 16,
                .patch_w = 8,
                .patch_c = 3,
                .out_h = 2,
                .out_w = 6,
                .kernel_h = 3,
                .kernel_w = 3,
                .stride_y = 1,
                .stride_x = 1,
                .dilation_y = 1,
                .dilation_x = 1,
                .channels = 3,
                .groups = 1,
                .n = 8,
                .acc_offset = 64,
                .acc_pitch = 8,
                .accumulate = 1,
                .act_format = UINT8,
                .weight_format = {FORMAT_FLINT, 4, true}}},
    {.opcode = OPCODE_VECTOR,
     .wait_load = 1,
     .wait_array = 1,
     .vector = {.op = VECTOR_REQUANTISE,
                .out_h = 2,
                .out_w = 6,
                .n = 8,
                .acc_offset = 64,
                .acc_pitch = 8,
                .param_offset = 4,
                .has_residual = 1,
                .residual_offset = 200,
                .residual_format = INT8,
                .out_format = INT8,
                .clamp_low = 0,
                .clamp_high = 127}},
    {.opcode = OPCODE_VECTOR,
     .layer = 1,
     .wait_load = 2,
     .wait_store = 0,
     .vector = {.op = VECTOR_MAXIMUM,
                .act_offset = 16,
                .patch_w = 8,
                .patch_c = 3,
                .out_h = 2,
                .out_w = 3,
                .kernel_h = 2,
                .kernel_w = 2,
                .stride_y = 2,
                .stride_x = 2,
                .dilation_y = 1,
                .dilation_x = 2,
                .n = 3,
                .param_offset = 0,
                .act_format = UINT8,
                .out_format = INT8,
                .out_offset = 96,
                .clamp_low = -128,
                .clamp_high = 127}},
    {.opcode = OPCODE_STORE,
     .layer = 1,
     .wait_vector = 1,
     .transfer = {.tensor = 1,
                  .pad = PAD_OUT,
                  .count_y = 2,
                  .count_x = 6,
                  .count_c = 8,
                  .stride_y = 1,
                  .stride_x = 1}},
};

static const char expected[] =
    "program toy, scheme ant4, timing only\n"
    "arch tiny: ant 8x16 ws, accumulator 24 bits, 500000 kHz\n"
    "  pad act         1024 bytes    2 x 64 bits  double\n"
    "  pad weight       512 bytes    2 x 64 bits  double\n"
    "  pad param        256 bytes    1 x 128 bits\n"
    "  pad acc         2048 bytes    4 x 64 bits  double\n"
    "  pad out          512 bytes    1 x 64 bits\n"
    "  dram ideal, clock 1000 ps, 8 bytes per clock, bursts of 64 bytes, latency 20\n"
    "input t0, output t1\n"
    "tensors 4\n"
    "    0  input      uint8     4x6x3 at 0x0 scale 0.5  \"image\"\n"
    "    1  output     int8      2x6x8 at 0x1000 scale 0.25  \"scores\"\n"
    "    2  weights    flint4    1x1x216 at 0x2000  \"conv.weights\"\n"
    "    3  parameters int32     1x1x32 at 0x3000  \"conv.parameters\"\n"
    "layers 2\n"
    "    0  Conv       uint8 x flint4 -> int8 t1, channels 8, reduction 27, macs 2592, weights 216"
    "  \"conv\"\n"
    "    1  MaxPool    uint8 -> int8 t1, channels 8, reduction 4  \"pool\"\n"
    "instructions 6\n"
    "    0  load   L0 | weight@0 from t2 (0,0,0) 1x1x216\n"
    "    1  load   L0 | act@16 from t0 (-1,-1,0) 5x8x3 stride 2x1 pad 7\n"
    "    2  matmul L0 wait load>=2 | out 2x6 act@16 patch *x8x3 kernel 3x3 channels 0+3 n 8 "
    "weight@0 acc@64/8 accumulate uint8 x flint4\n"
    "    3  vector L0 wait load>=1 array>=1 | requantise out 2x6 n 8 acc@64/8 param@4 "
    "residual@200 int8 -> out@0 int8 clamp 0..127\n"
    "    4  vector L1 wait load>=2 | maximum out 2x3 n 3 act@16 patch *x8x3 kernel 2x2 stride 2x2 "
    "dilation 1x2 channels 0+3 uint8 param@0 -> out@96 int8 clamp -128..127\n"
    "    5  store  L1 wait vector>=1 | out@0 to t1 (0,0,0) 2x6x8\n";

static void listing_is_the_golden_text(void **state)
{
    struct program program = {.model = "toy",
                              .scheme = "ant4",
                              .tensor_count = 4,
                              .layer_count = 2,
                              .instruction_count = 6,
                              .input = 0,
                              .output = 1,
                              .tensors = tensors,
                              .layers = layers,
                              .instructions = instructions};
    program.arch = (struct arch){
        .name = "tiny",
        .clock_khz = 500000,
        .core_count = 1,
        .dram = {.is_ideal = true, .ideal = {"", 1000, 8, 64, 20}},
    };
    program.arch.cores[0] = (struct core){.pe = PE_ANT,
                                          .dataflow = WEIGHT_STATIONARY,
                                          .rows = 8,
                                          .columns = 16,
                                          .accumulator_bits = 24};
    program.arch.pads[PAD_ACT] = (struct scratchpad_config){1024, 2, 64, true};
    program.arch.pads[PAD_WEIGHT] = (struct scratchpad_config){512, 2, 64, true};
    program.arch.pads[PAD_PARAM] = (struct scratchpad_config){256, 1, 128, false};
    program.arch.pads[PAD_ACC] = (struct scratchpad_config){2048, 4, 64, true};
    program.arch.pads[PAD_OUT] = (struct scratchpad_config){512, 1, 64, false};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_true(program_print(&program, file));
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(listing_is_the_golden_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
