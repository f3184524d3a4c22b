#include "sim/golden_tiles.h"

#include <stdlib.h>
#include <string.h>

#include "pe/format.h"

/* The LOADs of which something is still in a scratchpad, in bits of it. */
enum { MAX_LIVE = 64 };
struct live_loads {
    int count;
    const struct transfer *loads[MAX_LIVE];
};

/* A layer's instructions as they pass by. */
struct walk {
    const struct program *program;
    int core;
    struct live_loads live[PAD_COUNT];
    struct golden_tile *tiles;
    uint32_t count;
    uint32_t summed, stored; /* tiles before these have their VECTOR, their STORE */
};

/* --- what lies in the scratchpads --- */

static uint64_t first_bit(const struct program *program, const struct transfer *load)
{
    int bits = format_code_bits(program->tensors[load->tensor].format);
    return (uint64_t)load->offset * (unsigned)bits;
}

static uint64_t end_bit(const struct program *program, const struct transfer *load)
{
    uint64_t count = (uint64_t)load->count_y * load->count_x * load->count_c;
    int bits = format_code_bits(program->tensors[load->tensor].format);
    return first_bit(program, load) + count * (unsigned)bits;
}

static void note_load(struct walk *walk, const struct transfer *load)
{
    struct live_loads *live = &walk->live[load->pad];
    const struct program *program = walk->program;
    int kept = 0;
    for (int i = 0; i < live->count; i++)
        if (end_bit(program, live->loads[i]) <= first_bit(program, load) ||
            first_bit(program, live->loads[i]) >= end_bit(program, load))
            live->loads[kept++] = live->loads[i];
    if (kept == MAX_LIVE)
        memmove(live->loads, live->loads + 1, (size_t)--kept * sizeof live->loads[0]);
    live->loads[kept++] = load;
    live->count = kept;
}

/* The LOAD that brought `count` elements from `offset` on, of codes as wide as the format's. */
static const struct transfer *find_load(const struct walk *walk, enum scratchpad_id pad,
                                        struct format format, uint64_t offset, uint64_t count)
{
    const struct live_loads *live = &walk->live[pad];
    unsigned bits = (unsigned)format_code_bits(format);
    for (int i = 0; i < live->count; i++) {
        const struct transfer *load = live->loads[i];
        const struct dram_tensor *tensor = &walk->program->tensors[load->tensor];
        if (format_code_bits(tensor->format) == (int)bits &&
            format_host_bytes(tensor->format) == format_host_bytes(format) &&
            load->offset <= offset && (offset + count) * bits <= end_bit(walk->program, load))
            return load;
    }
    return NULL;
}

/* --- tiles --- */

static void add_tile(struct walk *walk, const struct matmul *matmul)
{
    uint64_t area = (uint64_t)matmul->kernel_h * matmul->kernel_w;
    uint64_t codes = (uint64_t)matmul->groups * area * matmul->channels * matmul->n;
    walk->tiles[walk->count++] = (struct golden_tile){
        .matmul = matmul,
        .patch = find_load(walk, PAD_ACT, matmul->act_format, matmul->act_offset, 1),
        .weights = find_load(walk, PAD_WEIGHT, matmul->weight_format, matmul->weight_offset, codes),
    };
}

static void pass(struct walk *walk, const struct instruction *instruction)
{
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        note_load(walk, &instruction->transfer);
        break;
    case OPCODE_MATMUL:
        if (instruction->matmul.core == walk->core)
            add_tile(walk, &instruction->matmul);
        break;
    case OPCODE_VECTOR:
        while (walk->summed < walk->count)
            walk->tiles[walk->summed++].vector = &instruction->vector;
        break;
    case OPCODE_STORE:
        while (walk->stored < walk->count)
            walk->tiles[walk->stored++].output = &instruction->transfer;
        break;
    case OPCODE_COUNT:
        break;
    }
}

struct golden_tile *golden_tiles_make(const struct program *program, uint32_t layer, int core,
                                      uint32_t *count)
{
    struct walk walk = {.program = program, .core = core};
    uint32_t matmuls = 0;
    for (uint32_t i = 0; i < program->instruction_count; i++)
        matmuls += program->instructions[i].layer == layer &&
                   program->instructions[i].opcode == OPCODE_MATMUL;
    walk.tiles = calloc(matmuls + 1u, sizeof *walk.tiles);
    for (uint32_t i = 0; walk.tiles && i < program->instruction_count; i++)
        if (program->instructions[i].layer == layer)
            pass(&walk, &program->instructions[i]);
    *count = walk.count;
    return walk.tiles;
}

uint32_t golden_first_channel(const struct program *program, uint32_t layer)
{
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->layer == layer && instruction->opcode == OPCODE_STORE &&
            (uint32_t)instruction->transfer.c < first)
            first = (uint32_t)instruction->transfer.c;
    }
    return first;
}
