#include "isa/instruction.h"

#include <assert.h>
#include <stddef.h>

#define NAME(id, name, help) name,
static const char *const unit_names[] = {UNITS(NAME)};
static const char *const vector_op_names[] = {VECTOR_OPS(NAME)};
#undef NAME

#define NAME(id, mnemonic, unit, fields) mnemonic,
static const char *const opcode_names[] = {OPCODES(NAME)};
#undef NAME

#define UNIT(id, mnemonic, unit, fields) unit,
static const uint8_t unit_of_opcode[] = {OPCODES(UNIT)};
#undef UNIT

enum unit instruction_unit(const struct instruction *instruction)
{
    assert(instruction->opcode < OPCODE_COUNT);
    if (instruction->opcode == OPCODE_MATMUL && instruction->matmul.core)
        return UNIT_ARRAY2;
    return unit_of_opcode[instruction->opcode];
}

uint32_t instruction_wait(const struct instruction *instruction, enum unit unit)
{
    switch (unit) {
    case UNIT_LOAD:
        return instruction->wait_load;
    case UNIT_ARRAY:
        return instruction->wait_array;
    case UNIT_VECTOR:
        return instruction->wait_vector;
    case UNIT_STORE:
        return instruction->wait_store;
    case UNIT_ARRAY2:
        return instruction->wait_array2;
    case UNIT_COUNT:
        break;
    }
    assert(!"no such unit");
    return 0;
}

const char *unit_name(int unit)
{
    return unit >= 0 && unit < UNIT_COUNT ? unit_names[unit] : NULL;
}

const char *opcode_name(int opcode)
{
    return opcode >= 0 && opcode < OPCODE_COUNT ? opcode_names[opcode] : NULL;
}

const char *vector_op_name(int op)
{
    return op >= 0 && op < VECTOR_OP_COUNT ? vector_op_names[op] : NULL;
}
