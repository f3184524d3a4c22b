/* Do the waits of lowered programs cover every hazard, and nothing but hazards? Independent of how
 * lowering finds them: the ranges come from the instructions' own fields, every pair of
 * instructions is looked at. */
#include "check.h"
#include "random_network.h"
#include "test/instruction_touches.h"

/* --- what the waits guarantee --- */

/* When an instruction starts, at least done[u] instructions of unit u have completed. */
struct clock {
    uint32_t done[UNIT_COUNT];
    uint32_t token; /* its own */
    enum unit unit;
};

static void clock_join(struct clock *clock, const struct clock *completed)
{
    for (int u = 0; u < UNIT_COUNT; u++)
        if (clock->done[u] < completed->done[u])
            clock->done[u] = completed->done[u];
    if (clock->done[completed->unit] < completed->token)
        clock->done[completed->unit] = completed->token;
}

struct history {
    const struct program *program;
    struct clock *clocks;
    struct touches *touches;
    uint32_t *of_unit[UNIT_COUNT]; /* instruction that gave out token t + 1 */
    uint32_t issued[UNIT_COUNT];
};

static void history_add(struct history *history, uint32_t index)
{
    const struct instruction *instruction = &history->program->instructions[index];
    struct clock clock = {.unit = instruction_unit(instruction)};
    uint32_t *issued = &history->issued[clock.unit];
    if (*issued)
        clock_join(&clock, &history->clocks[history->of_unit[clock.unit][*issued - 1]]);
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (wait)
            clock_join(&clock, &history->clocks[history->of_unit[u][wait - 1]]);
    }
    history->of_unit[clock.unit][*issued] = index;
    clock.token = ++*issued;
    history->clocks[index] = clock;
    history->touches[index] = touches_of(history->program, instruction);
}

static void check_hazards(const struct history *history, uint32_t index)
{
    const struct clock *clock = &history->clocks[index];
    for (uint32_t earlier = 0; earlier < index; earlier++) {
        const struct clock *before = &history->clocks[earlier];
        if (clock->done[before->unit] < before->token &&
            touches_conflict(&history->touches[earlier], &history->touches[index], BY_ELEMENT))
            fail_msg("instruction %u may run before %u has completed", index, earlier);
    }
}

/* Each wait is for an instruction that there is a reason to wait for: lowering keeps DRAM apart by
 * rows. */
static void check_needed(const struct history *history, uint32_t index)
{
    const struct instruction *instruction = &history->program->instructions[index];
    for (int u = 0; u < UNIT_COUNT; u++) {
        uint32_t wait = instruction_wait(instruction, (enum unit)u);
        if (wait && !touches_conflict(&history->touches[history->of_unit[u][wait - 1]],
                                      &history->touches[index], BY_ROW))
            fail_msg("instruction %u waits for %s %u without need", index, unit_name(u), wait);
    }
}

static void check_program(const struct program *program)
{
    uint32_t count = program->instruction_count;
    struct history history = {.program = program,
                              .clocks = calloc(count, sizeof(struct clock)),
                              .touches = calloc(count, sizeof(struct touches))};
    for (int u = 0; u < UNIT_COUNT; u++)
        history.of_unit[u] = calloc(count, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        history_add(&history, i);
        check_hazards(&history, i);
        check_needed(&history, i);
    }
    for (int u = 0; u < UNIT_COUNT; u++)
        free(history.of_unit[u]);
    free(history.clocks);
    free(history.touches);
}

static void waits_cover_hazards_and_no_more(void **state)
{
    check_seed();
    int programs = 0;
    for (int round = 0; round < 400; round++) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        if (round % 2 && random_second_core(&arch))
            random_second_network(network, &arch);
        struct program *program = lower_with_random_shares(network, &arch, NULL);
        if (program && program->instruction_count < 3000) {
            check_program(program);
            programs++;
        }
        program_free(program);
        network_free(network);
    }
    printf("%d programs\n", programs);
    assert_true(programs > 200);
}

/* Two buffers let a LOAD start while the MATMUL before still reads the other: its wait is for the
 * MATMUL two tiles back. */
static void double_buffers_overlap(void **state)
{
    check_state = 7;
    int overlapping = 0, alone = 0;
    for (int round = 0; round < 200; round++) {
        struct arch arch = random_arch();
        for (int pad = 0; pad < PAD_COUNT; pad++)
            arch.pads[pad].double_buffered = round % 2;
        struct network *network = random_network(arch.cores[0].pe);
        struct program *program = lower(network, &arch, NULL);
        uint32_t issued[UNIT_COUNT] = {0};
        for (uint32_t i = 0; program && i < program->instruction_count; i++) {
            const struct instruction *instruction = &program->instructions[i];
            if (instruction->opcode == OPCODE_LOAD && instruction->wait_array)
                *(round % 2 ? &overlapping : &alone) +=
                    instruction->wait_array < issued[UNIT_ARRAY];
            issued[instruction_unit(instruction)]++;
        }
        program_free(program);
        network_free(network);
    }
    printf("loads beside the last matmul: %d with two buffers, %d with one\n", overlapping, alone);
    assert_true(overlapping > 10 * (alone + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(waits_cover_hazards_and_no_more),
                                       cmocka_unit_test(double_buffers_overlap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
