/* Do jumping from event to event and stepping one cycle at a time give the same bytes? Random
 * programs: stats, the start and end of every instruction, and all tensors. */
#include "test/machine_program.h"
#include "test/machine_runs.h"

static void jump_is_step(void **state)
{
    check_seed();
    for (int round = 0; round < 300; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        struct machine_run jumping = run_on(&engine_fast, program, input);
        struct machine_run stepping = run_on(&engine_step, program, input);
        assert_true(same_runs(&jumping, &stepping));
        run_free(&jumping);
        run_free(&stepping);
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
        for (int core = 0; core < program->arch.core_count; core++)
            if (program->arch.cores[core].pe == PE_MSD_SKIP)
                program->arch.cores[core].pe = PE_MSD;
        uint8_t *input = random_input(program);
        struct program bare = *program;
        bare.has_values = false;
        struct machine_run valued = run_on(&engine_fast, program, input);
        struct machine_run timed = run_on(&engine_fast, &bare, NULL);
        assert_true(same_times(&valued, &timed));
        for (uint32_t l = 0; l < program->layer_count; l++) {
            struct counters with = machine_stats(valued.machine)->layers[l].counters;
            struct counters without = machine_stats(timed.machine)->layers[l].counters;
            with.overflows = without.overflows = 0;
            assert_true(same_counters("layer", l, &with, &without));
        }
        run_free(&valued);
        run_free(&timed);
        free(input);
        program_free(program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jump_is_step),
        cmocka_unit_test(values_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
