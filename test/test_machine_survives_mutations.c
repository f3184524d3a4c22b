/* Does every program that passes the checks run to its end? Random programs with a few fields
 * overwritten at random: most are refused; what is not refused must run, in every way, without
 * touching memory it should not (the sanitizers watch). */
#include "test/machine_program.h"

/* Fields worth breaking are small numbers, so most new values are near the old or near a power of
 * two. */
static uint32_t odd_number(uint32_t old)
{
    switch (check_between(0, 4)) {
    case 0:
        return old + (uint32_t)check_between(-3, 3);
    case 1:
        return 0;
    case 2:
        return (uint32_t)1 << check_between(0, 31);
    case 3:
        return (uint32_t)check_between(0, 300);
    default:
        return (uint32_t)check_random();
    }
}

#define FIELD(type, name) \
    count++ == which ? (void)(part->name = (type)odd_number((uint32_t)part->name)) : (void)0;

/* The fields of each instruction that are numbers; formats are broken separately. */
static void mutate_transfer(struct transfer *part, int which)
{
    int count = 0;
    TRANSFER_FIELDS(FIELD)
}

static void mutate_window(struct matmul *part, int which)
{
    int count = 0;
    WINDOW_FIELDS(FIELD)
}

static void mutate_matmul(struct matmul *part, int which)
{
    uint32_t *const fields[] = {&part->channels,      &part->groups,     &part->n,
                                &part->weight_offset, &part->acc_offset, &part->acc_pitch};
    *fields[which % 6] = odd_number(*fields[which % 6]);
}

static void mutate_vector(struct vector *part, int which)
{
    uint32_t *const fields[] = {
        &part->n,          &part->acc_offset,      &part->acc_pitch,  &part->param_offset,
        &part->out_offset, &part->residual_offset, &part->act_offset, &part->patch_w};
    *fields[which % 8] = odd_number(*fields[which % 8]);
    if (which % 3 == 0)
        part->op = (uint8_t)check_between(0, VECTOR_OP_COUNT);
}

static void mutate(struct program *program)
{
    struct instruction *instruction =
        &program->instructions[check_between(0, (int)program->instruction_count - 1)];
    int which = check_between(0, 11);
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        mutate_transfer(&instruction->transfer, which);
        break;
    case OPCODE_MATMUL:
        if (check_between(0, 1))
            mutate_matmul(&instruction->matmul, which);
        else
            mutate_window(&instruction->matmul, which);
        break;
    case OPCODE_VECTOR:
        mutate_vector(&instruction->vector, which);
        break;
    case OPCODE_COUNT:
        break;
    }
    if (check_between(0, 3) == 0) /* races are no crime */
        instruction->wait_load = instruction->wait_vector = instruction->wait_store = 0;
    if (check_between(0, 9) == 0)
        program->layers[instruction->layer].weight_format = random_format();
}

static void run_every_way(struct program *program, const uint8_t *input)
{
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    assert_non_null(machine);
    machine_run(machine, input);
    machine_run_values(machine, input);
    machine_free(machine);
}

static void mutated_programs(void **state)
{
    check_seed();
    int ran = 0;
    for (int round = 0; round < 1500; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        for (int mutations = check_between(1, 3); mutations; mutations--)
            mutate(program);
        struct err err;
        if (program_check(program, &err) && machine_check(program, &err)) {
            run_every_way(program, input);
            ran++;
        }
        free(input);
        program_free(program);
    }
    printf("%d of 1500 were not refused\n", ran);
    assert_true(ran > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
