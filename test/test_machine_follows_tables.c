/* Does the machine start, spend and count what the tables of docs/machine.md say? Random programs
 * without values. Starts follow from ends and tokens, durations of ARRAY and VECTOR and all
 * scratchpad counters from the fields of the instruction, MATMULs from the oracle. When a LOAD or
 * STORE ends is the DRAM's word (test_dram_obeys_constraints). */
#include "test/array_oracle.h"
#include "test/machine_program.h"

struct log {
    uint64_t start[MAX_INSTRUCTIONS], end[MAX_INSTRUCTIONS];
};

static void note(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    struct log *log = context;
    log->start[index] = start;
    log->end[index] = end;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

/* --- starts --- */

/* When the unit became free for the instruction: the end of the one before it on the same unit. */
static uint64_t free_at(const struct program *program, const struct log *log, uint32_t index)
{
    for (uint32_t i = index; i-- > 0;)
        if (instruction_unit(&program->instructions[i]) ==
            instruction_unit(&program->instructions[index]))
            return log->end[i];
    return 0;
}

/* When the first `count` instructions of a unit are complete. */
static uint64_t tokens_at(const struct program *program, const struct log *log, enum unit unit,
                          uint32_t count)
{
    uint64_t at = 0;
    for (uint32_t i = 0; count; i++)
        if (instruction_unit(&program->instructions[i]) == unit) {
            at = log->end[i];
            count--;
        }
    return at;
}

static uint64_t start_of(const struct program *program, const struct log *log, uint32_t index)
{
    const struct instruction *in = &program->instructions[index];
    uint64_t start = free_at(program, log, index);
    start = later(start, tokens_at(program, log, UNIT_LOAD, in->wait_load));
    start = later(start, tokens_at(program, log, UNIT_ARRAY, in->wait_array));
    start = later(start, tokens_at(program, log, UNIT_VECTOR, in->wait_vector));
    start = later(start, tokens_at(program, log, UNIT_STORE, in->wait_store));
    return later(start, tokens_at(program, log, UNIT_ARRAY2, in->wait_array2));
}

/* --- durations and counters, by opcode --- */

static void expect_transfer(const struct program *program, const struct instruction *in,
                            struct counters *counters)
{
    const struct transfer *t = &in->transfer;
    uint64_t bits = (uint64_t)t->count_y * t->count_x * t->count_c *
                    (unsigned)format_code_bits(program->tensors[t->tensor].format);
    if (in->opcode == OPCODE_STORE)
        counters->out_read_bits += bits;
    else if (t->pad == PAD_ACT)
        counters->act_write_bits += bits;
    else if (t->pad == PAD_WEIGHT)
        counters->weight_write_bits += bits;
    else
        counters->param_write_bits += bits;
}

static uint64_t expect_matmul(const struct program *program, const struct instruction *in,
                              struct counters *counters)
{
    struct array_oracle_work work = {.arch = &program->arch, .matmul = &in->matmul};
    struct array_oracle_counts counts = array_oracle_run(&work);
    struct counters of_core = {0};
#define ADD(name) of_core.name += counts.name;
    ARRAY_ORACLE_COUNTERS(ADD)
#undef ADD
    if (in->matmul.core) {
#define MOVE(name) of_core.array2_##name = of_core.name, of_core.name = 0;
        MOVE(pe_clocks) MOVE(idle_pe_clocks) MOVE(act_decodes) MOVE(weight_decodes)
#undef MOVE
    }
    counters_add(counters, &of_core);
    return counts.cycles;
}

static uint64_t expect_vector(const struct program *program, const struct instruction *in,
                              struct counters *counters)
{
    const struct vector *v = &in->vector;
    bool pools = v->op != VECTOR_REQUANTISE;
    uint64_t elements = (uint64_t)v->out_h * v->out_w * v->n;
    uint64_t area = pools ? (uint64_t)v->kernel_h * v->kernel_w : 1;
    if (pools)
        counters->act_read_bits += elements * area * (unsigned)format_code_bits(v->act_format);
    else
        counters->acc_read_bits += elements * program->arch.cores[0].accumulator_bits;
    if (v->has_residual)
        counters->act_read_bits += elements * (unsigned)format_code_bits(v->residual_format);
    counters->param_read_bits += (uint64_t)v->n * 4 * 32;
    counters->out_write_bits += elements * (unsigned)format_code_bits(v->out_format);
    counters->vector_ops += elements * area;
    return divide_up(elements * area, program->arch.vector_lanes) + program->arch.vector_latency;
}

static void expect_time(struct counters *counters, enum unit unit, uint64_t busy, uint64_t stall)
{
    uint64_t *const places[UNIT_COUNT][2] = {
        [UNIT_LOAD] = {&counters->load_busy, &counters->load_stall},
        [UNIT_ARRAY] = {&counters->array_busy, &counters->array_stall},
        [UNIT_VECTOR] = {&counters->vector_busy, &counters->vector_stall},
        [UNIT_STORE] = {&counters->store_busy, &counters->store_stall},
        [UNIT_ARRAY2] = {&counters->array2_busy, &counters->array2_stall},
    };
    *places[unit][0] += busy;
    *places[unit][1] += stall;
}

/* Checks one instruction's times; adds what it counts to its layer. */
static void expect_instruction(const struct program *program, const struct log *log, uint32_t index,
                               struct layer_stats *layer)
{
    const struct instruction *in = &program->instructions[index];
    uint64_t start = start_of(program, log, index), busy = log->end[index] - start;
    assert_int_equal(log->start[index], start);
    if (in->opcode == OPCODE_MATMUL)
        assert_int_equal(busy, expect_matmul(program, in, &layer->counters));
    else if (in->opcode == OPCODE_VECTOR)
        assert_int_equal(busy, expect_vector(program, in, &layer->counters));
    else
        expect_transfer(program, in, &layer->counters);
    expect_time(&layer->counters, instruction_unit(in), busy, start - free_at(program, log, index));
}

/* --- stats --- */

/* From the completion of all layers before it to its own. */
static void expect_cycles(const struct program *program, const struct log *log,
                          struct layer_stats *layers)
{
    uint64_t before = 0;
    for (uint32_t l = 0; l < program->layer_count; l++) {
        uint64_t done = before;
        for (uint32_t i = 0; i < program->instruction_count; i++)
            if (program->instructions[i].layer == l)
                done = later(done, log->end[i]);
        layers[l].cycles = done - before;
        before = done;
    }
}

static bool is_of_dram(const char *counter)
{
    return !strncmp(counter, "dram_", 5);
}

static void check_stats(const struct program *program, const struct log *log,
                        const struct stats *stats)
{
    struct layer_stats expected[LAYERS] = {0};
    for (uint32_t i = 0; i < program->instruction_count; i++)
        expect_instruction(program, log, i, &expected[program->instructions[i].layer]);
    expect_cycles(program, log, expected);
    uint64_t total = 0;
    for (int l = 0; l < LAYERS; l++) {
        assert_int_equal(stats->layers[l].cycles, expected[l].cycles);
        total += expected[l].cycles;
#define SAME(name, unit, help) \
    if (!is_of_dram(#name))    \
        assert_int_equal(stats->layers[l].counters.name, expected[l].counters.name);
        COUNTERS(SAME)
#undef SAME
    }
    assert_int_equal(stats->cycles, total);
}

static void random_programs(void **state)
{
    check_seed();
    for (int round = 0; round < 2000; round++) {
        struct program *program = random_program(round % 3 ? &small_program : &large_program);
        struct program bare = *program;
        bare.has_values = false;
        struct machine *machine =
            machine_new(&bare, &(struct machine_options){.clock = CLOCK_JUMP});
        struct log log = {0};
        machine_observe(machine, note, &log);
        machine_run(machine, NULL);
        check_stats(&bare, &log, machine_stats(machine));
        machine_free(machine);
        program_free(program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
