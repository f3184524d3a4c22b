/* Does the binary form keep programs exactly, and is everything else refused in one line? */
#define _GNU_SOURCE /* memmem */
#include "check.h"

#include <sys/stat.h>
#include <zlib.h>

#include "isa/program.h"
#include "random_network.h"

static struct program *random_program(void)
{
    for (;;) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        if (check_between(0, 1) && random_second_core(&arch))
            random_second_network(network, &arch);
        network->has_values = check_between(0, 3) > 0;
        struct program *program = lower(network, &arch, NULL);
        network_free(network);
        if (program)
            return program;
    }
}

/* A program of a few hundred bytes. */
static struct program *small_program(void)
{
    struct program *best = NULL;
    for (int i = 0; i < 40; i++) {
        struct program *program = random_program();
        bool smaller = !best || program->instruction_count < best->instruction_count;
        if (smaller && program->has_values) {
            program_free(best);
            best = program;
        } else {
            program_free(program);
        }
    }
    assert_non_null(best);
    return best;
}

static char *listing(const struct program *program, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    assert_true(program_print(program, file));
    fclose(file);
    return text;
}

static void assert_same(const struct program *a, const struct program *b)
{
    size_t size_a, size_b;
    char *text_a = listing(a, &size_a), *text_b = listing(b, &size_b);
    assert_string_equal(text_a, text_b);
    free(text_a);
    free(text_b);
    assert_memory_equal(&a->arch, &b->arch, sizeof a->arch);
    for (uint32_t i = 0; i < a->tensor_count; i++) {
        const struct dram_tensor *tensor = &a->tensors[i];
        assert_true(!tensor->values == !b->tensors[i].values);
        if (tensor->values)
            assert_memory_equal(tensor->values, b->tensors[i].values,
                                tensor_elements(tensor) *
                                    (unsigned)format_host_bytes(tensor->format));
    }
}

static void reading_gives_what_was_written(void **state)
{
    check_seed();
    for (int round = 0; round < 60; round++) {
        struct program *program = random_program();
        struct err err = {0};
        size_t size, again_size;
        uint8_t *bytes = program_encode(program, &size, &err);
        assert_non_null(bytes);
        struct program *read = program_decode(bytes, size, "p.mprog", &err);
        if (!read)
            fail_msg("%s", err.text);
        assert_same(program, read);
        uint8_t *again = program_encode(read, &again_size, &err);
        assert_int_equal(size, again_size);
        assert_memory_equal(bytes, again, size);
        free(bytes);
        free(again);
        program_free(read);
        program_free(program);
    }
}

static void files_are_replaced_whole(void **state)
{
    struct program *program = random_program();
    struct err err = {0};
    const char *path = TEST_BINARY_DIR "/test_program_binary.mprog";
    assert_true(program_write(program, path, &err));
    assert_true(program_write(program, path, &err));
    struct program *read = program_read(path, &err);
    assert_non_null(read);
    assert_same(program, read);
    program_free(read);
    unlink(path);
    assert_null(program_read(path, &err));
    assert_non_null(strstr(err.text, path));
    assert_null(program_read(TEST_BINARY_DIR, &err));
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_false(program_write(program, TEST_BINARY_DIR "/no/such/folder/p.mprog", &err));
    assert_false(program_write(program, TEST_BINARY_DIR, &err));
    assert_string_equal(err.text, TEST_BINARY_DIR ": not a regular file");
    program_free(program);
}

/* The INST section is as long as docs/isa.md draws it. */
static void instructions_have_their_drawn_sizes(void **state)
{
    static const size_t sizes[OPCODE_COUNT] = {
        [OPCODE_LOAD] = 36, [OPCODE_MATMUL] = 64, [OPCODE_VECTOR] = 75, [OPCODE_STORE] = 36};
    check_state = 8;
    for (int round = 0; round < 20; round++) {
        struct program *program = random_program();
        size_t size, drawn = 0;
        uint8_t *bytes = program_encode(program, &size, NULL);
        const uint8_t *section = memmem(bytes, size, "INST", 4);
        assert_non_null(section);
        uint64_t length;
        memcpy(&length, section + 4, sizeof length);
        for (uint32_t i = 0; i < program->instruction_count; i++)
            drawn += 23 + sizes[program->instructions[i].opcode];
        assert_int_equal(length, drawn);
        assert_memory_equal(section + 12 + length, "DATA", 4);
        free(bytes);
        program_free(program);
    }
}

static void put_checksum(uint8_t *bytes, size_t size)
{
    uint32_t sum = (uint32_t)crc32_z(0, bytes, size - 4);
    for (int i = 0; i < 4; i++)
        bytes[size - 4 + (size_t)i] = (uint8_t)(sum >> (8 * i));
}

/* As a reader of a file of exactly `size` bytes, so that the sanitizer sees any step beyond them.
 */
static struct program *decode_exactly(const uint8_t *bytes, size_t size, bool repair,
                                      struct err *err)
{
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    if (repair && size > 4)
        put_checksum(copy, size);
    struct program *program = program_decode(copy, size, "p.mprog", err);
    free(copy);
    return program;
}

static void truncation_is_refused_at_every_byte(void **state)
{
    check_state = 3;
    struct program *program = small_program();
    struct err err;
    size_t size;
    uint8_t *bytes = program_encode(program, &size, &err);
    for (size_t length = 0; length < size; length++)
        for (int repair = 0; repair < 2; repair++) {
            err.text[0] = 0;
            assert_null(decode_exactly(bytes, length, repair, &err));
            assert_memory_equal(err.text, "p.mprog: ", 9);
            assert_null(strchr(err.text, '\n'));
        }
    printf("%zu lengths\n", size);
    free(bytes);
    program_free(program);
}

static void every_flipped_bit_is_noticed(void **state)
{
    check_state = 4;
    struct program *program = small_program();
    struct err err;
    size_t size;
    uint8_t *bytes = program_encode(program, &size, &err);
    int legal = 0;
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_null(decode_exactly(bytes, size, false, &err));
        struct program *read = decode_exactly(bytes, size, true, &err); /* must not crash */
        if (read) {
            assert_true(program_check(read, &err));
            legal++;
        }
        program_free(read);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    printf("%zu flips, %d of them another legal program once the checksum is repaired\n", size * 8,
           legal);
    free(bytes);
    program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_gives_what_was_written),
        cmocka_unit_test(instructions_have_their_drawn_sizes),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(truncation_is_refused_at_every_byte),
        cmocka_unit_test(every_flipped_bit_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
