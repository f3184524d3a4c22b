/* Random programs for the tests of the machine. Instructions are drawn at random, each valid on its
 * own; what they read and write is compared with everything before them, and the waits that this
 * calls for (read after write, write after read, write after write) are all the order there is. */
#ifndef MANTIS_TEST_MACHINE_PROGRAM_H
#define MANTIS_TEST_MACHINE_PROGRAM_H

#include "sim/codes.h"
#include "sim/machine.h"
#include "test/machine_instructions.h"

enum { MAX_INSTRUCTIONS = 120 };

/* Waits for every instruction before `index` that it conflicts with. */
__attribute__((unused)) static void set_waits(struct program *program, uint32_t index)
{
    struct instruction *instruction = &program->instructions[index];
    struct touches mine = touches_of(program, instruction);
    uint32_t issued[UNIT_COUNT] = {0}, waits[UNIT_COUNT] = {0};
    for (uint32_t i = 0; i < index; i++) {
        struct touches others = touches_of(program, &program->instructions[i]);
        enum unit unit = instruction_unit(&program->instructions[i]);
        issued[unit]++;
        if (touches_conflict(&mine, &others, BY_TENSOR))
            waits[unit] = issued[unit];
    }
    instruction->wait_load = waits[UNIT_LOAD];
    instruction->wait_array = waits[UNIT_ARRAY];
    instruction->wait_vector = waits[UNIT_VECTOR];
    instruction->wait_store = waits[UNIT_STORE];
    instruction->wait_array2 = waits[UNIT_ARRAY2];
}

/* A program that passes all checks. Its first instruction fills the param scratchpad. */
__attribute__((unused)) static struct program *random_program(const struct program_size *size)
{
    assert_true(size->instructions <= MAX_INSTRUCTIONS);
    struct program *program = calloc(1, sizeof *program);
    *program =
        (struct program){.arch = random_arch(size),
                         .model = "random",
                         .scheme = "random",
                         .has_values = true,
                         .tensor_count = TENSORS,
                         .layer_count = LAYERS,
                         .output = ACTIVATIONS - 1,
                         .tensors = calloc(TENSORS, sizeof(struct dram_tensor)),
                         .layers = calloc(LAYERS, sizeof(struct program_layer)),
                         .instructions = calloc(MAX_INSTRUCTIONS, sizeof(struct instruction))};
    random_tensors(program, size);
    program->instructions[0] = (struct instruction){.opcode = OPCODE_LOAD,
                                                    .transfer = {.tensor = ACTIVATIONS + 1,
                                                                 .pad = PAD_PARAM,
                                                                 .count_y = 1,
                                                                 .count_x = 1,
                                                                 .count_c = RECORDS * PARAM_WORDS,
                                                                 .stride_y = 1,
                                                                 .stride_x = 1}};
    program->instruction_count = 1;
    uint32_t count = (uint32_t)check_between(1, size->instructions);
    while (program->instruction_count < count) {
        uint32_t index = program->instruction_count;
        if (!next_instruction(program, &program->instructions[index - 1],
                              &program->instructions[index]))
            continue;
        set_waits(program, index);
        program->instruction_count++;
    }
    struct err err;
    if (!program_check(program, &err) || !machine_check(program, &err))
        fail_msg("%s", err.text);
    return program;
}

__attribute__((unused)) static uint8_t *random_input(const struct program *program)
{
    return random_codes(program->tensors[0].format,
                        (uint32_t)tensor_elements(&program->tensors[0]));
}

#endif
