/* A program as bytes: magic, version, sections, checksum. docs/isa.md draws the layout. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "isa/program.h"
#include "isa/program_code.h"

enum { MAGIC_SIZE = 8, PROGRAM_VERSION = 2, TAG_SIZE = 4, CHECKSUM_SIZE = 4 };

/* Every tensor, layer and instruction takes at least so many bytes: what a count may be at most. */
enum { ITEM_MIN_BYTES = 32 };

static const uint8_t magic[MAGIC_SIZE] = "MANTISPG";

/* X(tag, function): the order in the file. */
#define SECTIONS(X)              \
    X("PROG", code_header)       \
    X("ARCH", code_arch_section) \
    X("TENS", code_tensors)      \
    X("LAYR", code_layers)       \
    X("INST", code_instructions) \
    X("DATA", code_data)

/* --- sections --- */

static void code_header(struct coder *coder, struct program *program)
{
    code_text(coder, program->model, sizeof program->model);
    code_text(coder, program->scheme, sizeof program->scheme);
    CODE(coder, program->has_values);
    CODE(coder, program->tensor_count);
    CODE(coder, program->layer_count);
    CODE(coder, program->instruction_count);
    CODE(coder, program->input);
    CODE(coder, program->output);
}

static void code_arch_section(struct coder *coder, struct program *program)
{
    code_arch(coder, &program->arch);
}

/* On reading: memory for `count` items, once it is sure that the file can hold them. */
static bool make_room(struct coder *coder, void **items, uint32_t count, size_t item_size)
{
    if (coder->failed || coder->is_writing)
        return !coder->failed;
    if (count <= (coder->size - coder->position) / ITEM_MIN_BYTES)
        *items = calloc((size_t)count + 1, item_size);
    coder->failed = !*items;
    return !coder->failed;
}

#define DEFINE_ITEMS(function, code_item, items, count)                         \
    static void function(struct coder *coder, struct program *program)          \
    {                                                                           \
        void *room = program->items;                                            \
        if (!make_room(coder, &room, program->count, sizeof program->items[0])) \
            return;                                                             \
        program->items = room;                                                  \
        for (uint32_t i = 0; i < program->count && !coder->failed; i++)         \
            code_item(coder, &program->items[i]);                               \
    }
DEFINE_ITEMS(code_tensors, code_tensor, tensors, tensor_count)
DEFINE_ITEMS(code_layers, code_layer, layers, layer_count)
DEFINE_ITEMS(code_instructions, code_instruction, instructions, instruction_count)
#undef DEFINE_ITEMS

/* Whether the file can hold the tensor's codes; their count bounds the memory they need. */
static bool values_fit(const struct coder *coder, const struct dram_tensor *tensor)
{
    uint64_t pixels = (uint64_t)tensor->h * tensor->w;
    if (tensor->format.family >= FORMAT_FAMILY_COUNT || tensor->format.bits > 32 || !pixels ||
        !tensor->c || pixels > PROGRAM_MAX_ELEMENTS || pixels * tensor->c > PROGRAM_MAX_ELEMENTS ||
        !format_code_bits(tensor->format))
        return false;
    return tensor_bytes(tensor) <= coder->size - coder->position;
}

static void code_values(struct coder *coder, struct dram_tensor *tensor)
{
    if (!coder->is_writing && !values_fit(coder, tensor)) {
        coder->failed = true;
        return;
    }
    uint64_t count = tensor_elements(tensor);
    if (!coder->is_writing)
        tensor->values = malloc((size_t)count * (unsigned)format_host_bytes(tensor->format));
    if (tensor->values)
        code_packed(coder, tensor->values, count, tensor->format);
    else
        coder->failed = true;
}

static void code_data(struct coder *coder, struct program *program)
{
    if (!program->has_values)
        return;
    for (uint32_t i = 0; i < program->tensor_count && !coder->failed; i++)
        if (tensor_is_constant(&program->tensors[i]))
            code_values(coder, &program->tensors[i]);
}

struct section {
    char tag[TAG_SIZE + 1];
    void (*code)(struct coder *coder, struct program *program);
};

#define SECTION(tag, function) {tag, function},
static const struct section sections[] = {SECTIONS(SECTION)};
#undef SECTION
enum { SECTION_COUNT = sizeof sections / sizeof sections[0] };

/* --- writing --- */

static void write_section(struct coder *coder, const struct section *section,
                          struct program *program)
{
    uint8_t *tag = coder_take(coder, TAG_SIZE);
    if (tag)
        memcpy(tag, section->tag, TAG_SIZE);
    size_t at = coder->position;
    uint64_t length = 0;
    CODE(coder, length);
    section->code(coder, program);
    if (coder->failed)
        return;
    length = coder->position - at - sizeof length;
    struct coder patch = {
        .is_writing = true, .bytes = coder->bytes, .position = at, .capacity = coder->capacity};
    CODE(&patch, length);
}

static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, size);
}

uint8_t *program_encode(const struct program *program, size_t *size, struct err *err)
{
    struct coder coder = {.is_writing = true};
    uint8_t *start = coder_take(&coder, MAGIC_SIZE);
    if (start)
        memcpy(start, magic, MAGIC_SIZE);
    uint32_t version = PROGRAM_VERSION;
    CODE(&coder, version);
    for (int i = 0; i < SECTION_COUNT; i++) /* a writing coder changes nothing of the program */
        write_section(&coder, &sections[i], (struct program *)program);
    uint32_t sum = coder.failed ? 0 : checksum(coder.bytes, coder.position);
    CODE(&coder, sum);
    if (coder.failed) {
        free(coder.bytes);
        err_set(err, "not enough memory to write the program");
        return NULL;
    }
    *size = coder.position;
    return coder.bytes;
}

/* --- reading --- */

static bool envelope_check(const uint8_t *bytes, size_t size, struct err *err)
{
    if (size < MAGIC_SIZE + sizeof(uint32_t) + CHECKSUM_SIZE || memcmp(bytes, magic, MAGIC_SIZE))
        return err_set(err, "not a compiled program");
    struct coder coder = {.bytes = (uint8_t *)bytes, .size = size, .position = MAGIC_SIZE};
    uint32_t version = 0, sum = 0;
    CODE(&coder, version);
    if (version != PROGRAM_VERSION)
        return err_set(err, "program version %u; this reads version %d", version, PROGRAM_VERSION);
    coder.position = size - CHECKSUM_SIZE;
    CODE(&coder, sum);
    if (sum != checksum(bytes, size - CHECKSUM_SIZE))
        return err_set(err, "damaged: the checksum does not match");
    return true;
}

static bool read_section(struct coder *coder, const struct section *section,
                         struct program *program, struct err *err)
{
    const uint8_t *tag = coder_take(coder, TAG_SIZE);
    uint64_t length = 0;
    CODE(coder, length);
    if (coder->failed || memcmp(tag, section->tag, TAG_SIZE))
        return err_set(err, "section %s is missing", section->tag);
    if (length > coder->size - coder->position)
        return err_set(err, "section %s: %llu bytes; only %zu are left", section->tag,
                       (unsigned long long)length, coder->size - coder->position);
    struct coder inside = *coder;
    inside.size = coder->position + (size_t)length;
    section->code(&inside, program);
    coder->position = inside.position;
    if (inside.failed || inside.position != inside.size)
        return err_set(err, "section %s: damaged at byte %zu", section->tag, inside.position);
    return true;
}

static bool read_sections(struct coder *coder, struct program *program, struct err *err)
{
    for (int i = 0; i < SECTION_COUNT; i++)
        if (!read_section(coder, &sections[i], program, err))
            return false;
    if (coder->position != coder->size)
        return err_set(err, "%zu bytes behind the last section", coder->size - coder->position);
    return program_check(program, err);
}

struct program *program_decode(const uint8_t *bytes, size_t size, const char *name, struct err *err)
{
    if (!envelope_check(bytes, size, err)) {
        err_prefix(err, "%s", name);
        return NULL;
    }
    struct program *program = calloc(1, sizeof *program);
    if (!program) {
        err_set(err, "%s: not enough memory", name);
        return NULL;
    }
    struct coder coder = {.bytes = (uint8_t *)bytes,
                          .size = size - CHECKSUM_SIZE,
                          .position = MAGIC_SIZE + sizeof(uint32_t)};
    if (read_sections(&coder, program, err))
        return program;
    err_prefix(err, "%s", name);
    program_free(program);
    return NULL;
}
