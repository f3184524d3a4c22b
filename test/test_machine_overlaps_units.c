/* Do units start when the rules of docs/machine.md say, and overlap as double buffering should?
 * Handmade programs on an ideal memory; every expected time is a formula of the arch's parameters.
 */
#include "test/check.h"

#include <string.h>

#include "isa/program.h"
#include "sim/machine.h"

enum { MAX_TILES = 16, SETUP = 5, LATENCY = 20, BUS = 16, LANES = 8, VECTOR_LATENCY = 3, SIDE = 8 };

struct times {
    uint64_t start[5 * MAX_TILES], end[5 * MAX_TILES];
};

static void note(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    struct times *times = context;
    times->start[index] = start;
    times->end[index] = end;
}

/* Tensors: 0 input, 1 weights, 2 parameters, 3 output; flat, timing only. */
struct setting {
    struct program program;
    struct dram_tensor tensors[4];
    struct program_layer layers[2];
    struct instruction instructions[5 * MAX_TILES];
    struct times times;
};

static const struct format int8 = {FORMAT_INT, 8, true};

static struct setting *setting_new(void)
{
    struct setting *s = calloc(1, sizeof *s);
    struct arch *arch = &s->program.arch;
    arch->clock_khz = 1000000;
    arch->core_count = 1;
    arch->cores[0] = (struct core){.pe = PE_INT8,
                                   .dataflow = OUTPUT_STATIONARY,
                                   .preload = EXPOSED,
                                   .fill = EXPOSED,
                                   .drain = EXPOSED,
                                   .accumulator_bits = 32,
                                   .rows = SIDE,
                                   .columns = SIDE};
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch->pads[pad] = (struct scratchpad_config){1 << 16, 16, 64, true};
    arch->vector_lanes = LANES;
    arch->vector_latency = VECTOR_LATENCY;
    arch->dma_setup = SETUP;
    arch->dram = (struct dram_config){.is_ideal = true,
                                      .ideal = {.clock_period_ps = 1000,
                                                .bytes_per_clock = BUS,
                                                .burst_bytes = BUS,
                                                .latency = LATENCY}};
    static const uint8_t kinds[] = {TENSOR_INPUT, TENSOR_WEIGHTS, TENSOR_PARAMETERS, TENSOR_OUTPUT};
    for (unsigned t = 0; t < 4; t++)
        s->tensors[t] =
            (struct dram_tensor){.kind = kinds[t],
                                 .format = t == 2 ? (struct format){FORMAT_INT, 32, true} : int8,
                                 .h = 1,
                                 .w = 1,
                                 .c = 1 << 16,
                                 .address = (uint64_t)t << 20,
                                 .scale = 1};
    for (unsigned l = 0; l < 2; l++)
        s->layers[l] = (struct program_layer){.weight_format = int8,
                                              .act_format = int8,
                                              .out_format = int8,
                                              .reduction = 1 << 12,
                                              .output = 3};
    s->program.tensors = s->tensors;
    s->program.layers = s->layers;
    s->program.instructions = s->instructions;
    s->program.tensor_count = 4;
    s->program.layer_count = 2;
    s->program.output = 3;
    return s;
}

static struct instruction *add(struct setting *s, struct instruction instruction)
{
    s->instructions[s->program.instruction_count] = instruction;
    return &s->instructions[s->program.instruction_count++];
}

static struct instruction load(uint8_t pad, uint16_t tensor, uint32_t bytes)
{
    uint32_t count = bytes / (tensor == 2 ? 4 : 1);
    return (struct instruction){.opcode = OPCODE_LOAD,
                                .transfer = {.tensor = tensor,
                                             .pad = pad,
                                             .count_y = 1,
                                             .count_x = 1,
                                             .count_c = count,
                                             .stride_y = 1,
                                             .stride_x = 1}};
}

static struct instruction store(uint32_t bytes)
{
    struct instruction instruction = load(PAD_OUT, 3, bytes);
    instruction.opcode = OPCODE_STORE;
    return instruction;
}

#define PIXEL_WINDOW(channels)                                                                 \
    .patch_w = 1, .patch_c = (channels), .out_h = 1, .out_w = 1, .kernel_h = 1, .kernel_w = 1, \
    .stride_y = 1, .stride_x = 1, .dilation_y = 1, .dilation_x = 1

/* 1 x k by k x 1: one fold. */
static struct instruction matmul(uint32_t k)
{
    return (struct instruction){.opcode = OPCODE_MATMUL,
                                .matmul = {PIXEL_WINDOW(k), .channels = k, .groups = 1, .n = 1,
                                           .acc_pitch = 1, .act_format = {FORMAT_INT, 8, true},
                                           .weight_format = {FORMAT_INT, 8, true}}};
}

static struct instruction vector(uint32_t n)
{
    return (struct instruction){
        .opcode = OPCODE_VECTOR,
        .vector = {PIXEL_WINDOW(n), .op = VECTOR_REQUANTISE, .n = n, .acc_pitch = n,
                   .clamp_low = -128, .clamp_high = 127, .act_format = {FORMAT_INT, 8, true},
                   .residual_format = {FORMAT_INT, 8, true}, .out_format = {FORMAT_INT, 8, true}}};
}

/* docs/machine.md: what each takes alone. */
static uint64_t load_cycles(uint32_t bytes)
{
    return SETUP + LATENCY + bytes / BUS;
}

static uint64_t matmul_cycles(uint32_t k)
{
    return k + 2 * (SIDE - 1) + SIDE; /* T + S + D */
}

static uint64_t vector_cycles(uint32_t n)
{
    return (n + LANES - 1) / LANES + VECTOR_LATENCY;
}

static const struct stats *run(struct setting *s, enum machine_clock clock,
                               struct machine **machine)
{
    *machine = machine_new(&s->program, &(struct machine_options){.clock = clock});
    machine_observe(*machine, note, &s->times);
    machine_run(*machine, NULL);
    return machine_stats(*machine);
}

static uint64_t total_cycles(struct setting *s)
{
    struct machine *machine;
    struct machine *stepping;
    uint64_t cycles = run(s, CLOCK_JUMP, &machine)->cycles;
    assert_int_equal(run(s, CLOCK_STEP, &stepping)->cycles, cycles);
    machine_free(machine);
    machine_free(stepping);
    return cycles;
}

static void each_instruction_alone(void **state)
{
    struct instruction alone[] = {load(PAD_ACT, 0, 4096), matmul(100), vector(50), store(512)};
    uint64_t cycles[] = {load_cycles(4096), matmul_cycles(100), vector_cycles(50),
                         load_cycles(512)};
    for (int i = 0; i < 4; i++) {
        struct setting *s = setting_new();
        add(s, alone[i]);
        assert_int_equal(total_cycles(s), cycles[i]);
        free(s);
    }
}

/* A chain of four: each starts in the cycle in which the one before completes. */
static void tokens_chain_units(void **state)
{
    struct setting *s = setting_new();
    add(s, load(PAD_ACT, 0, 1024));
    add(s, matmul(64))->wait_load = 1;
    add(s, vector(16))->wait_array = 1;
    add(s, store(256))->wait_vector = 1;
    uint64_t ends[] = {load_cycles(1024), matmul_cycles(64), vector_cycles(16), load_cycles(256)};
    uint64_t at = 0;
    assert_int_equal(total_cycles(s), ends[0] + ends[1] + ends[2] + ends[3]);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(s->times.start[i], at);
        at += ends[i];
        assert_int_equal(s->times.end[i], at);
    }
    free(s);
}

/* Without waits nothing stands in the way: all four start in cycle 0. */
static void free_units_start_at_once(void **state)
{
    struct setting *s = setting_new();
    add(s, load(PAD_ACT, 0, 1024));
    add(s, matmul(64));
    add(s, vector(16));
    total_cycles(s);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s->times.start[i], 0);
    free(s);
}

/* Double buffering: tile i may be loaded once tile i-2 is computed, computed once it is loaded. The
 * slower of the two sets the pace: total = load + (tiles - 1) * max(load, compute) + compute. With
 * one buffer nothing overlaps. */
static void double_buffering(void **state)
{
    const uint32_t ks[] = {16, 300, 1000};
    for (unsigned i = 0; i < 3; i++)
        for (uint32_t tiles = 1; tiles <= MAX_TILES; tiles += 5)
            for (uint32_t buffers = 1; buffers <= 2; buffers++) {
                struct setting *s = setting_new();
                for (uint32_t t = 0; t < tiles; t++) {
                    add(s, load(PAD_ACT, 0, 4096))->wait_array = t >= buffers ? t - buffers + 1 : 0;
                    add(s, matmul(ks[i]))->wait_load = t + 1;
                }
                uint64_t each_load = load_cycles(4096), each_matmul = matmul_cycles(ks[i]);
                uint64_t pace = buffers == 1              ? each_load + each_matmul
                                : each_load > each_matmul ? each_load
                                                          : each_matmul;
                assert_int_equal(total_cycles(s), each_load + (tiles - 1) * pace + each_matmul);
                free(s);
            }
}

/* busy and stall of the array in the case above, one buffer: it waits for every load. */
static void stalls_are_counted(void **state)
{
    struct setting *s = setting_new();
    for (uint32_t t = 0; t < 4; t++) {
        add(s, load(PAD_ACT, 0, 2048))->wait_array = t;
        add(s, matmul(80))->wait_load = t + 1;
    }
    struct machine *machine;
    const struct stats *stats = run(s, CLOCK_JUMP, &machine);
    assert_int_equal(stats->counters.array_busy, 4 * matmul_cycles(80));
    assert_int_equal(stats->counters.array_stall, 4 * load_cycles(2048));
    assert_int_equal(stats->counters.load_stall, 3 * matmul_cycles(80));
    assert_int_equal(stats->counters.load_busy, 4 * load_cycles(2048));
    machine_free(machine);
    free(s);
}

/* LOAD and STORE of the same size share the channel request by request: the bus is busy without
 * gap, and LOAD, which goes first, is done one request earlier. */
static void channel_is_shared(void **state)
{
    struct setting *s = setting_new();
    add(s, load(PAD_ACT, 0, 8192));
    add(s, store(8192));
    uint64_t all = load_cycles(2 * 8192), request = 4096 / BUS;
    assert_int_equal(total_cycles(s), all);
    assert_int_equal(s->times.end[0], all - request);
    assert_int_equal(s->times.end[1], all);
    free(s);
}

/* A layer lasts from the end of the layers before it to its own end; here layer 1's load hides
 * behind layer 0. */
static void layers_share_out_time(void **state)
{
    struct setting *s = setting_new();
    add(s, load(PAD_ACT, 0, 1024));
    add(s, matmul(900))->wait_load = 1;
    add(s, load(PAD_WEIGHT, 1, 1024))->layer = 1;
    struct instruction *last = add(s, matmul(200));
    last->layer = 1;
    last->wait_load = 2;
    struct machine *machine;
    const struct stats *stats = run(s, CLOCK_JUMP, &machine);
    assert_int_equal(stats->layers[0].cycles, load_cycles(1024) + matmul_cycles(900));
    assert_int_equal(stats->layers[1].cycles, matmul_cycles(200));
    machine_free(machine);
    free(s);
}

/* Traffic of one tile through all units. */
static void counters_of_a_tile(void **state)
{
    struct setting *s = setting_new();
    add(s, load(PAD_ACT, 0, 100));
    add(s, load(PAD_WEIGHT, 1, 200));
    add(s, load(PAD_PARAM, 2, 64 * 4));
    add(s, matmul(100));
    add(s, vector(16));
    add(s, store(16));
    struct machine *machine;
    const struct counters *c = &run(s, CLOCK_JUMP, &machine)->counters;
    assert_int_equal(c->act_write_bits, 8 * 100);
    assert_int_equal(c->weight_write_bits, 8 * 200);
    assert_int_equal(c->param_write_bits, 8 * 64 * 4);
    assert_int_equal(c->act_read_bits, 8 * 100);
    assert_int_equal(c->weight_read_bits, 8 * 100);
    assert_int_equal(c->acc_write_bits, 32);
    assert_int_equal(c->acc_read_bits, 16 * 32);
    assert_int_equal(c->param_read_bits, 16 * 4 * 32);
    assert_int_equal(c->out_write_bits, 16 * 8);
    assert_int_equal(c->out_read_bits, 16 * 8);
    assert_int_equal(c->vector_ops, 16);
    assert_int_equal(c->dram_read_bytes, 112 + 208 + 256); /* whole bursts of 16 */
    assert_int_equal(c->dram_write_bytes, 16);
    machine_free(machine);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instruction_alone),   cmocka_unit_test(tokens_chain_units),
        cmocka_unit_test(free_units_start_at_once), cmocka_unit_test(double_buffering),
        cmocka_unit_test(stalls_are_counted),       cmocka_unit_test(channel_is_shared),
        cmocka_unit_test(layers_share_out_time),    cmocka_unit_test(counters_of_a_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
