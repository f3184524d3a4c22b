/* The order of instructions: every read waits for the writes, every write for the reads and writes
 * before it of the same bits, and for nothing else. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lower_state.h"

struct draft draft_begin(struct lowering *lowering, enum opcode opcode, int layer)
{
    struct draft draft;
    memset(&draft, 0, sizeof draft);
    draft.lowering = lowering;
    draft.instruction.opcode = (uint8_t)opcode;
    draft.instruction.layer = (uint16_t)layer;
    draft.unit = instruction_unit(&draft.instruction);
    return draft;
}

struct draft draft_begin_matmul(struct lowering *lowering, int layer, int core)
{
    struct draft draft = draft_begin(lowering, OPCODE_MATMUL, layer);
    draft.instruction.matmul.core = (uint8_t)core;
    draft.unit = instruction_unit(&draft.instruction);
    return draft;
}

static void wait_for(struct draft *draft, enum unit unit, uint32_t token)
{
    if (draft->waits[unit] < token)
        draft->waits[unit] = token;
}

/* Whether bits begin .. end - 1 meet any of the access. */
static bool meets(const struct access *access, uint64_t begin, uint64_t end)
{
    if (end <= access->begin || access->end <= begin)
        return false;
    if (!access->width)
        return true;
    uint64_t from = begin > access->begin ? begin - access->begin : 0;
    uint64_t row = from / access->pitch * access->pitch; /* the one that begins at or before it */
    bool reaches_next = access->begin + row + access->pitch < end &&
                        access->begin + row + access->pitch < access->end;
    return from - row < access->width || reaches_next;
}

static bool overlap(const struct access *a, const struct access *b)
{
    if (!a->width || !meets(b, a->begin, a->end))
        return meets(b, a->begin, a->end);
    for (uint64_t row = a->begin; row < a->end; row += a->pitch)
        if (meets(b, row, row + a->width))
            return true;
    return false;
}

static bool covers(const struct access *outer, const struct access *inner)
{
    bool same = outer->begin == inner->begin && outer->end == inner->end &&
                outer->width == inner->width && outer->pitch == inner->pitch;
    return same || (!outer->width && outer->begin <= inner->begin && inner->end <= outer->end);
}

/* Whether waiting for `later` makes waiting for `earlier` needless: a write that waited for it, or
 * the same unit's later access of the same kind. */
static bool supersedes(const struct access *later, const struct access *earlier)
{
    bool same_kind = later->unit == earlier->unit && later->is_write == earlier->is_write;
    return (later->is_write || same_kind) && covers(later, earlier);
}

static void remember(struct lowering *lowering, struct accesses *accesses, struct access access)
{
    if (accesses->count == accesses->capacity) {
        int capacity = accesses->capacity * 2 + 16;
        struct access *list = realloc(accesses->list, (size_t)capacity * sizeof *list);
        if (!list) {
            lowering->out_of_memory = true;
            return;
        }
        accesses->list = list;
        accesses->capacity = capacity;
    }
    accesses->list[accesses->count++] = access;
}

static void touch(struct draft *draft, enum scratchpad_id pad, struct access access)
{
    struct lowering *lowering = draft->lowering;
    struct accesses *accesses = &lowering->pads[pad];
    access.unit = draft->unit;
    access.token = lowering->issued[draft->unit] + 1;
    int kept = 0;
    for (int i = 0; i < accesses->count; i++) {
        struct access *earlier = &accesses->list[i];
        if ((access.is_write || earlier->is_write) && overlap(earlier, &access))
            wait_for(draft, earlier->unit, earlier->token);
        if (!supersedes(&access, earlier))
            accesses->list[kept++] = *earlier;
    }
    accesses->count = kept;
    remember(lowering, accesses, access);
}

void draft_touch(struct draft *draft, enum scratchpad_id pad, uint64_t offset, uint64_t count,
                 int bits, bool is_write)
{
    touch(draft, pad,
          (struct access){.begin = offset * (unsigned)bits,
                          .end = (offset + count) * (unsigned)bits,
                          .is_write = is_write});
}

void draft_touch_rows(struct draft *draft, enum scratchpad_id pad, const struct draft_rows *rows,
                      int bits, bool is_write)
{
    uint64_t count = (rows->rows - 1) * rows->pitch + rows->width;
    struct access access = {.begin = rows->offset * (unsigned)bits,
                            .end = (rows->offset + count) * (unsigned)bits,
                            .is_write = is_write};
    if (rows->width < rows->pitch && rows->rows > 1) {
        access.width = rows->width * (unsigned)bits;
        access.pitch = rows->pitch * (unsigned)bits;
    }
    touch(draft, pad, access);
}

void draft_load_rows(struct draft *draft, int activation, int64_t first, int64_t count)
{
    const uint32_t *stored = draft->lowering->rows_stored[activation];
    int64_t height = draft->lowering->network->activations[activation].h;
    int64_t end = first + count < height ? first + count : height;
    if (!stored)
        return;
    for (int64_t row = first > 0 ? first : 0; row < end; row++)
        wait_for(draft, UNIT_STORE, stored[row]);
}

void draft_store_rows(struct draft *draft, int activation, int first, int count)
{
    struct lowering *lowering = draft->lowering;
    uint32_t **stored = &lowering->rows_stored[activation];
    int height = lowering->network->activations[activation].h;
    assert(first >= 0 && first + count <= height);
    if (!*stored)
        *stored = calloc((size_t)height, sizeof **stored);
    if (!*stored) {
        lowering->out_of_memory = true;
        return;
    }
    for (int row = first; row < first + count; row++)
        (*stored)[row] = lowering->issued[UNIT_STORE] + 1;
}

static struct instruction *room(struct lowering *lowering)
{
    struct program *program = lowering->program;
    if (program->instruction_count == lowering->capacity) {
        uint32_t capacity = lowering->capacity * 2 + 256;
        struct instruction *instructions =
            realloc(program->instructions, capacity * sizeof *instructions);
        if (!instructions) {
            lowering->out_of_memory = true;
            return NULL;
        }
        program->instructions = instructions;
        lowering->capacity = capacity;
    }
    return &program->instructions[program->instruction_count++];
}

void draft_commit(struct draft *draft)
{
    struct lowering *lowering = draft->lowering;
    draft->waits[draft->unit] = 0; /* a unit's own instructions complete in order */
    draft->instruction.wait_load = draft->waits[UNIT_LOAD];
    draft->instruction.wait_array = draft->waits[UNIT_ARRAY];
    draft->instruction.wait_vector = draft->waits[UNIT_VECTOR];
    draft->instruction.wait_store = draft->waits[UNIT_STORE];
    draft->instruction.wait_array2 = draft->waits[UNIT_ARRAY2];
    struct instruction *place = room(lowering);
    if (place)
        *place = draft->instruction;
    lowering->issued[draft->unit]++;
}
