#include "isa/program_code.h"

#include <stdlib.h>
#include <string.h>

#include "isa/arch_numbers.h"
#include "isa/packed.h"

/* --- bytes --- */

static bool grow(struct coder *coder, size_t size)
{
    if (coder->capacity - coder->position >= size)
        return true;
    size_t capacity = coder->capacity * 2 + size + 4096;
    uint8_t *bytes = realloc(coder->bytes, capacity);
    if (!bytes)
        return false;
    coder->bytes = bytes;
    coder->capacity = capacity;
    return true;
}

uint8_t *coder_take(struct coder *coder, size_t size)
{
    if (!coder->failed)
        coder->failed =
            coder->is_writing ? !grow(coder, size) : coder->size - coder->position < size;
    if (coder->failed)
        return NULL;
    uint8_t *bytes = coder->bytes + coder->position;
    coder->position += size;
    return bytes;
}

/* --- numbers, little-endian --- */

static void code_bytes(struct coder *coder, uint64_t *value, size_t size)
{
    uint8_t *bytes = coder_take(coder, size);
    if (!bytes)
        return;
    if (!coder->is_writing)
        *value = 0;
    for (size_t i = 0; i < size; i++) {
        if (coder->is_writing)
            bytes[i] = (uint8_t)(*value >> (8 * i));
        else
            *value |= (uint64_t)bytes[i] << (8 * i);
    }
}

#define DEFINE_CODE(suffix, type, wire_type)             \
    void code_##suffix(struct coder *coder, type *value) \
    {                                                    \
        uint64_t number = (wire_type)*value;             \
        code_bytes(coder, &number, sizeof(wire_type));   \
        *value = (type)(wire_type)number;                \
    }
DEFINE_CODE(u8, uint8_t, uint8_t)
DEFINE_CODE(u16, uint16_t, uint16_t)
DEFINE_CODE(u32, uint32_t, uint32_t)
DEFINE_CODE(i32, int32_t, uint32_t)
DEFINE_CODE(u64, uint64_t, uint64_t)
#undef DEFINE_CODE

void code_bool(struct coder *coder, bool *value)
{
    uint8_t number = *value;
    code_u8(coder, &number);
    if (number > 1)
        coder->failed = true;
    *value = number == 1;
}

void code_double(struct coder *coder, double *value)
{
    uint64_t number;
    memcpy(&number, value, sizeof number);
    code_u64(coder, &number);
    memcpy(value, &number, sizeof number);
}

void code_format(struct coder *coder, struct format *value)
{
    code_u8(coder, &value->family);
    code_u8(coder, &value->bits);
    code_bool(coder, &value->is_signed);
}

void code_text(struct coder *coder, char *text, size_t size)
{
    uint8_t length = coder->is_writing ? (uint8_t)strnlen(text, size - 1) : 0;
    code_u8(coder, &length);
    if (length >= size)
        coder->failed = true;
    uint8_t *bytes = coder_take(coder, length);
    if (!bytes)
        return;
    if (coder->is_writing) {
        memcpy(bytes, text, length);
        return;
    }
    memset(text, 0, size);
    memcpy(text, bytes, length);
    if (strnlen(text, size) != length)
        coder->failed = true;
}

/* --- packed codes --- */

void code_packed(struct coder *coder, uint8_t *values, uint64_t count, struct format format)
{
    size_t size = (size_t)packed_bytes(count, format_code_bits(format));
    uint8_t *bytes = coder_take(coder, size);
    if (!bytes)
        return;
    if (coder->is_writing)
        packed_write(bytes, values, count, format);
    else
        packed_read(bytes, values, count, format);
}

/* --- items --- */

#define CODE_NUMBER(field, min, max) CODE(coder, part->field);

static void code_core(struct coder *coder, struct core *part)
{
    CORE_NUMBERS(CODE_NUMBER)
}

static void code_scratchpad(struct coder *coder, struct scratchpad_config *part)
{
    SCRATCHPAD_NUMBERS(CODE_NUMBER)
}

static void code_ideal(struct coder *coder, struct dram_ideal *part)
{
    code_text(coder, part->name, sizeof part->name);
    IDEAL_NUMBERS(CODE_NUMBER)
}

#define CODE_PARAMETER(field, initial, least, most, help) CODE(coder, part->field);

static void code_geometry(struct coder *coder, struct dram_geometry *part)
{
    DRAM_GEOMETRY(CODE_PARAMETER)
}

static void code_timing(struct coder *coder, struct dram_timing *part)
{
    DRAM_TIMINGS(CODE_PARAMETER)
}

static void code_currents(struct coder *coder, struct dram_currents *part)
{
    DRAM_CURRENTS(CODE_PARAMETER)
}

static void code_policy(struct coder *coder, struct dram_policy *part)
{
    code_text(coder, part->mapping, sizeof part->mapping);
    CODE(coder, part->row);
    CODE(coder, part->scheduler);
    CODE(coder, part->drain);
    CODE(coder, part->refresh);
    CODE(coder, part->dual_command);
    DRAM_QUEUES(CODE_PARAMETER)
}

static void code_device(struct coder *coder, struct dram_device *part)
{
    code_text(coder, part->name, sizeof part->name);
    DRAM_CLOCK(CODE_PARAMETER)
    code_geometry(coder, &part->geometry);
    code_timing(coder, &part->timing);
    code_currents(coder, &part->currents);
    code_policy(coder, &part->policy);
}

static void code_dram(struct coder *coder, struct dram_config *part)
{
    CODE(coder, part->is_ideal);
    CODE(coder, part->controller);
    if (part->is_ideal)
        code_ideal(coder, &part->ideal);
    else
        code_device(coder, &part->device);
}

void code_arch(struct coder *coder, struct arch *part)
{
    code_text(coder, part->name, sizeof part->name);
    code_text(coder, part->technology, sizeof part->technology);
    ARCH_NUMBERS(CODE_NUMBER)
    if (part->core_count > ARCH_MAX_CORES)
        coder->failed = true;
    for (int core = 0; !coder->failed && core < part->core_count; core++)
        code_core(coder, &part->cores[core]);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        code_scratchpad(coder, &part->pads[pad]);
    code_dram(coder, &part->dram);
}

void code_tensor(struct coder *coder, struct dram_tensor *tensor)
{
    code_text(coder, tensor->name, sizeof tensor->name);
    CODE(coder, tensor->kind);
    CODE(coder, tensor->format);
    CODE(coder, tensor->h);
    CODE(coder, tensor->w);
    CODE(coder, tensor->c);
    CODE(coder, tensor->address);
    CODE(coder, tensor->scale);
}

void code_layer(struct coder *coder, struct program_layer *layer)
{
    code_text(coder, layer->name, sizeof layer->name);
    code_text(coder, layer->op, sizeof layer->op);
    CODE(coder, layer->macs);
    CODE(coder, layer->weights);
    CODE(coder, layer->channels);
    CODE(coder, layer->reduction);
    CODE(coder, layer->weight_format);
    CODE(coder, layer->act_format);
    CODE(coder, layer->out_format);
    CODE(coder, layer->output);
    CODE(coder, layer->second_weight_format);
    CODE(coder, layer->second_channels);
}

#define CODE_FIELD(type, name) CODE(coder, part->name);

static void code_transfer(struct coder *coder, struct transfer *part)
{
    TRANSFER_FIELDS(CODE_FIELD)
}

static void code_matmul(struct coder *coder, struct matmul *part)
{
    MATMUL_FIELDS(CODE_FIELD)
}

static void code_vector(struct coder *coder, struct vector *part)
{
    VECTOR_FIELDS(CODE_FIELD)
}

void code_instruction(struct coder *coder, struct instruction *part)
{
    COMMON_FIELDS(CODE_FIELD)
    if (part->opcode >= OPCODE_COUNT) {
        coder->failed = true;
        return;
    }
    switch ((enum opcode)part->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        code_transfer(coder, &part->transfer);
        return;
    case OPCODE_MATMUL:
        code_matmul(coder, &part->matmul);
        return;
    case OPCODE_VECTOR:
        code_vector(coder, &part->vector);
        return;
    case OPCODE_COUNT:
        break;
    }
}
