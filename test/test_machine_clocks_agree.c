/* Do jumping from event to event and stepping one cycle at a time give the same bytes? Random
 * programs: stats, the start and end of every instruction, and all tensors. */
#include "test/machine_program.h"

struct log {
    uint32_t count;
    struct {
        uint32_t index;
        uint64_t start, end;
    } entries[MAX_INSTRUCTIONS];
};

static void note(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    struct log *log = context;
    assert_true(log->count < MAX_INSTRUCTIONS);
    log->entries[log->count].index = index;
    log->entries[log->count].start = start;
    log->entries[log->count++].end = end;
}

static struct machine *run(const struct program *program, const uint8_t *input,
                           enum machine_clock clock, struct log *log)
{
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = clock});
    memset(log, 0, sizeof *log);
    machine_observe(machine, note, log);
    machine_run(machine, input);
    return machine;
}

static void same_stats(const struct stats *a, const struct stats *b)
{
    assert_int_equal(a->cycles, b->cycles);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
    assert_int_equal(a->layer_count, b->layer_count);
    assert_memory_equal(a->layers, b->layers, a->layer_count * sizeof a->layers[0]);
}

static void jump_is_step(void **state)
{
    check_seed();
    for (int round = 0; round < 300; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        static struct log jumps, steps;
        struct machine *jumping = run(program, input, CLOCK_JUMP, &jumps);
        struct machine *stepping = run(program, input, CLOCK_STEP, &steps);
        same_stats(machine_stats(jumping), machine_stats(stepping));
        assert_int_equal(jumps.count, program->instruction_count);
        assert_memory_equal(&jumps, &steps, sizeof jumps);
        for (uint32_t t = 0; t < program->tensor_count; t++)
            assert_memory_equal(machine_tensor(jumping, t), machine_tensor(stepping, t),
                                tensor_host_bytes(&program->tensors[t]));
        machine_free(jumping);
        machine_free(stepping);
        free(input);
        program_free(program);
    }
}

/* Without values: the same time, but for skipped digits, which need the weights. */
static void values_take_no_time(void **state)
{
    check_seed();
    for (int round = 0; round < 300; round++) {
        struct program *program = random_program(&small_program);
        if (program->arch.core.pe == PE_MSD_SKIP)
            program->arch.core.pe = PE_MSD;
        uint8_t *input = random_input(program);
        static struct log with, without;
        struct machine *valued = run(program, input, CLOCK_JUMP, &with);
        struct program bare = *program;
        bare.has_values = false;
        struct machine *timed = run(&bare, NULL, CLOCK_JUMP, &without);
        assert_memory_equal(&with, &without, sizeof with);
        struct stats stats = *machine_stats(timed);
        stats.counters.overflows = machine_stats(valued)->counters.overflows;
        for (uint32_t l = 0; l < stats.layer_count; l++)
            stats.layers[l].counters.overflows =
                machine_stats(valued)->layers[l].counters.overflows;
        same_stats(machine_stats(valued), &stats);
        machine_free(valued);
        machine_free(timed);
        free(input);
        program_free(program);
    }
}

/* Each unit's time is busy, stalled, or after its last instruction; the layers' cycles sum to the
 * total. */
static void time_adds_up(void **state)
{
    check_seed();
    for (int round = 0; round < 300; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        static struct log log;
        struct machine *machine = run(program, input, CLOCK_JUMP, &log);
        const struct stats *stats = machine_stats(machine);
        uint64_t last_end[UNIT_COUNT] = {0}, total = 0, layers = 0;
        for (uint32_t i = 0; i < log.count; i++) {
            enum unit unit = instruction_unit(&program->instructions[log.entries[i].index]);
            assert_true(log.entries[i].start >= last_end[unit]);
            last_end[unit] = log.entries[i].end;
            total = log.entries[i].end > total ? log.entries[i].end : total;
        }
        const struct counters *c = &stats->counters;
        assert_int_equal(c->load_busy + c->load_stall, last_end[UNIT_LOAD]);
        assert_int_equal(c->array_busy + c->array_stall, last_end[UNIT_ARRAY]);
        assert_int_equal(c->vector_busy + c->vector_stall, last_end[UNIT_VECTOR]);
        assert_int_equal(c->store_busy + c->store_stall, last_end[UNIT_STORE]);
        for (uint32_t l = 0; l < stats->layer_count; l++)
            layers += stats->layers[l].cycles;
        assert_int_equal(layers, total);
        assert_int_equal(stats->cycles, total);
        machine_free(machine);
        free(input);
        program_free(program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jump_is_step),
        cmocka_unit_test(values_take_no_time),
        cmocka_unit_test(time_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
