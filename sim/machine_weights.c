/* Where each MATMUL's weights come from. In most programs they are one tile that one LOAD brought:
 * then the tile is packed for gemm once, however often it is loaded. */
#include <assert.h>
#include <stdlib.h>

#include "sim/machine_state.h"

/* What lies in the weight scratchpad, in program order: elements begin .. end - 1 of `bits` are
 * `codes`, constants that one LOAD brought. A bounded list; forgetting an entry costs speed, never
 * correctness. */
enum { MAX_EXTENTS = 64 };
struct extent {
    int bits;
    uint64_t begin, end;
    const uint8_t *codes;
};
struct extents {
    int count;
    struct extent list[MAX_EXTENTS];
};

/* The constants a LOAD brings, if they are flat and whole; else NULL. */
static const uint8_t *loaded_codes(const struct transfer *transfer,
                                   const struct dram_tensor *tensor)
{
    bool is_constant =
        tensor->kind == TENSOR_WEIGHTS && tensor->values && tensor->h == 1 && tensor->w == 1;
    bool is_flat =
        transfer->count_y == 1 && transfer->count_x == 1 && transfer->y == 0 && transfer->x == 0;
    bool is_whole = transfer->c >= 0 && (uint64_t)transfer->c + transfer->count_c <= tensor->c;
    if (!is_constant || !is_flat || !is_whole)
        return NULL;
    return tensor->values + (size_t)transfer->c * (unsigned)format_host_bytes(tensor->format);
}

static void forget_overlapped(struct extents *extents, int bits, uint64_t begin, uint64_t end)
{
    int kept = 0;
    for (int i = 0; i < extents->count; i++) {
        const struct extent *extent = &extents->list[i];
        if (extent->bits != bits || extent->end <= begin || extent->begin >= end)
            extents->list[kept++] = *extent;
    }
    extents->count = kept;
}

static void note_load(struct extents *extents, const struct transfer *transfer,
                      const struct dram_tensor *tensor)
{
    uint64_t count = (uint64_t)transfer->count_y * transfer->count_x * transfer->count_c;
    struct extent extent = {
        .bits = format_code_bits(tensor->format),
        .begin = transfer->offset,
        .end = transfer->offset + count,
        .codes = loaded_codes(transfer, tensor),
    };
    forget_overlapped(extents, extent.bits, extent.begin, extent.end);
    if (!extent.codes)
        return;
    if (extents->count == MAX_EXTENTS) {
        for (int i = 1; i < MAX_EXTENTS; i++)
            extents->list[i - 1] = extents->list[i];
        extents->count--;
    }
    extents->list[extents->count++] = extent;
}

static struct weight_tile tile_of(const struct extents *extents, const struct matmul *matmul)
{
    struct weight_tile tile = {
        .k = matmul->kernel_h * matmul->kernel_w * (int)matmul->channels,
        .n = (int)matmul->n,
        .groups = (int)matmul->groups,
        .format = matmul->weight_format,
    };
    uint64_t begin = matmul->weight_offset;
    uint64_t end = begin + (uint64_t)tile.groups * (unsigned)tile.k * (unsigned)tile.n;
    int bits = format_code_bits(tile.format);
    for (int i = 0; i < extents->count; i++) {
        const struct extent *extent = &extents->list[i];
        if (extent->bits == bits && extent->begin <= begin && end <= extent->end)
            tile.codes =
                extent->codes + (begin - extent->begin) * (unsigned)format_host_bytes(tile.format);
    }
    return tile;
}

/* --- tiles, each once --- */

static bool same_tile(const struct weight_tile *a, const struct weight_tile *b)
{
    return a->codes == b->codes && a->k == b->k && a->n == b->n && a->groups == b->groups &&
           a->format.family == b->format.family && a->format.bits == b->format.bits &&
           a->format.is_signed == b->format.is_signed;
}

/* Open addressing: `slots` holds tile indices, a power of two of them, at most half used. */
static uint32_t add_tile(struct machine_values *values, uint32_t *slots, size_t slot_count,
                         const struct weight_tile *tile)
{
    size_t slot =
        ((uintptr_t)tile->codes * 0x9E3779B97F4A7C15u) >> 20; /* Fibonacci hashing, Knuth 6.4 */
    for (;; slot++) {
        uint32_t *index = &slots[slot & (slot_count - 1)];
        if (*index == NO_TILE) {
            *index = values->tile_count++;
            values->tiles[*index] = *tile;
            return *index;
        }
        if (same_tile(&values->tiles[*index], tile))
            return *index;
    }
}

static bool allocate_tiles(struct machine_values *values, const struct program *program,
                           uint32_t **slots, size_t *slot_count)
{
    uint32_t matmuls = 0;
    for (uint32_t i = 0; i < program->instruction_count; i++)
        matmuls += program->instructions[i].opcode == OPCODE_MATMUL;
    *slot_count = 16;
    while (*slot_count < 2 * (size_t)matmuls)
        *slot_count *= 2;
    *slots = malloc(*slot_count * sizeof **slots);
    values->tiles = calloc(matmuls + 1u, sizeof values->tiles[0]);
    values->tile_of_instruction = malloc((program->instruction_count + 1u) * sizeof(uint32_t));
    if (!*slots || !values->tiles || !values->tile_of_instruction) {
        free(*slots);
        return false;
    }
    for (size_t i = 0; i < *slot_count; i++)
        (*slots)[i] = NO_TILE;
    return true;
}

bool machine_weights_find(struct machine_values *values, const struct program *program)
{
    uint32_t *slots;
    size_t slot_count;
    if (!allocate_tiles(values, program, &slots, &slot_count))
        return false;
    struct extents extents = {0};
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        values->tile_of_instruction[i] = NO_TILE;
        if (instruction->opcode == OPCODE_LOAD && instruction->transfer.pad == PAD_WEIGHT)
            note_load(&extents, &instruction->transfer,
                      &program->tensors[instruction->transfer.tensor]);
        if (instruction->opcode != OPCODE_MATMUL)
            continue;
        struct weight_tile tile = tile_of(&extents, &instruction->matmul);
        if (tile.codes)
            values->tile_of_instruction[i] = add_tile(values, slots, slot_count, &tile);
        else
            values->copy_weights = true;
    }
    free(slots);
    return true;
}

void machine_weights_free(struct machine_values *values)
{
    for (uint32_t t = 0; t < values->tile_count; t++) {
        struct weight_tile *tile = &values->tiles[t];
        for (int g = 0; tile->packed && g < tile->groups; g++)
            gemm_weights_free(tile->packed[g]);
        free(tile->packed);
    }
    free(values->tiles);
    free(values->tile_of_instruction);
}

struct gemm_weights *machine_weights_packed(struct weight_tile *tile, int group)
{
    if (!tile->packed) {
        tile->packed = calloc((size_t)tile->groups, sizeof tile->packed[0]);
        if (!tile->packed)
            abort(); /* as gemm_pack does */
    }
    if (!tile->packed[group]) {
        size_t group_bytes =
            (size_t)tile->k * (size_t)tile->n * (unsigned)format_host_bytes(tile->format);
        tile->packed[group] =
            gemm_pack(tile->codes + (size_t)group * group_bytes, tile->format, tile->k, tile->n);
    }
    return tile->packed[group];
}
