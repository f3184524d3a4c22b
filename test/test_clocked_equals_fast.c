/* Are the fast and the clocked machine the same machine? Random programs, large and small, with and
 * without values: every tensor, all cycles and counters, start and end of every instruction. */
#include "test/machine_program.h"
#include "test/machine_runs.h"

#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 200 };
#else
enum { ROUNDS = 1600 };
#endif

/* For a look at it: mantis disasm, mantis run. */
static void keep(const struct program *program, int round)
{
    char path[400];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/disagreement-%d.mprog", TEST_BINARY_DIR, round);
    bool written = program_write(program, path, &err);
    printf("round %d: %s\n", round, written ? path : err.text);
}

/* Every fifth program without values: only the time is known. */
static struct program *next_program(int round)
{
    struct program *program = random_program(round % 3 ? &small_program : &large_program);
    if (round % 5 == 0) {
        program->has_values = false;
        for (uint32_t t = 0; t < program->tensor_count; t++) {
            free(program->tensors[t].values);
            program->tensors[t].values = NULL;
        }
    }
    return program;
}

/* Which M, K and N came up, and how many MATMULs each PE did on each core. */
static bool seen[3][MAX_SIDE + 1];
static int matmuls[ARCH_MAX_CORES][PE_COUNT];

static void note_shapes(const struct program *program)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct matmul *m = &program->instructions[i].matmul;
        if (program->instructions[i].opcode != OPCODE_MATMUL)
            continue;
        matmuls[m->core][program->arch.cores[m->core].pe]++;
        seen[0][m->out_h * m->out_w] = true;
        seen[1][m->kernel_h * m->kernel_w * m->channels] = true;
        seen[2][m->n] = true;
    }
}

static void print_matmuls(void)
{
    for (int core = 0; core < ARCH_MAX_CORES; core++) {
        printf("MATMULs of core %d:", core);
        for (int pe = 0; pe < PE_COUNT; pe++)
            if (matmuls[core][pe])
                printf(" %s %d", pe_name(pe), matmuls[core][pe]);
        printf("\n");
    }
}

static void random_programs(void **state)
{
    check_seed();
    uint64_t cycles = 0, instructions = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct program *program = next_program(round);
        uint8_t *input = program->has_values ? random_input(program) : NULL;
        struct machine_run fast = run_on(&engine_fast, program, input);
        struct machine_run clocked = run_on(&engine_clocked, program, input);
        bool same = same_runs(&fast, &clocked);
        if (!same)
            keep(program, round);
        assert_true(same);
        note_shapes(program);
        cycles += machine_stats(fast.machine)->cycles;
        instructions += program->instruction_count;
        run_free(&fast);
        run_free(&clocked);
        free(input);
        program_free(program);
    }
    print_matmuls();
    for (int side = 1; ROUNDS >= 1600 && side <= MAX_SIDE; side++)
        assert_true(seen[0][side] && seen[1][side] && seen[2][side]);
    assert_true(matmuls[0][PE_INT8X2] && matmuls[1][PE_INT8X2] && matmuls[1][PE_MSD_SKIP]);
    printf("%d programs, %llu instructions, %llu cycles\n", ROUNDS,
           (unsigned long long)instructions, (unsigned long long)cycles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
