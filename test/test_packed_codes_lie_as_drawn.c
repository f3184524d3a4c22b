/* Does bit i of a packed tensor lie where isa/packed.h says, whole, one code at a time and in
 * parts? The expectation is a list of single bits. */
#include "test/check.h"

#include <string.h>

#include "isa/packed.h"
#include "isa/program.h"
#include "pe/format.h"
#include "sim/clocked/dram_image.h"

enum { CODES = 61, MAX_BITS = 32, GUARD = 0xa5 };

static uint32_t code_at(const uint8_t *codes, int i, struct format format)
{
    uint32_t code = 0;
    memcpy(&code, codes + i * format_host_bytes(format), (size_t)format_host_bytes(format));
    return code;
}

/* Any bits: packing does not ask whether they are a code of the format. */
static void random_bits(uint8_t *codes, struct format format)
{
    for (int i = 0; i < CODES; i++) {
        uint32_t code = (uint32_t)(check_random() >> (64 - format_code_bits(format)));
        memcpy(codes + i * format_host_bytes(format), &code, (size_t)format_host_bytes(format));
    }
}

static void expect_bits(const uint8_t *bytes, const uint8_t *codes, struct format format)
{
    const int bits = format_code_bits(format);
    for (int i = 0; i < CODES * bits; i++)
        assert_int_equal(bytes[i / 8] >> i % 8 & 1,
                         code_at(codes, i / bits, format) >> i % bits & 1);
    for (int i = CODES * bits; i % 8; i++)
        assert_int_equal(bytes[i / 8] >> i % 8 & 1, 0);
}

static void in_parts(const uint8_t *whole, uint32_t size, const uint8_t *codes,
                     struct format format)
{
    const int bits = format_code_bits(format);
    for (uint32_t first = 0; first < size;) {
        uint32_t count = (uint32_t)check_between(1, (int)(size - first));
        uint8_t bytes[CODES * MAX_BITS / 8 + 1], known[sizeof bytes] = {0};
        memset(bytes, GUARD, sizeof bytes);
        struct packed_part part = {.first = first, .count = count, .bytes = bytes, .known = known};
        for (int i = 0; i < CODES; i++)
            packed_put(&part, (uint64_t)(i * bits), bits, code_at(codes, i, format));
        uint32_t tail = (uint32_t)(CODES * bits % 8);
        bool is_cut = tail && first + count == size;
        assert_memory_equal(bytes, whole + first, count - is_cut);
        if (is_cut) { /* bits behind the last code keep what they had */
            assert_int_equal(known[count - 1], (1 << tail) - 1);
            assert_int_equal(bytes[count - 1], whole[size - 1] | (GUARD & ~((1 << tail) - 1)));
        }
        for (uint32_t i = 0; i < count - is_cut; i++)
            assert_int_equal(known[i], 0xff);
        assert_int_equal(bytes[count], GUARD);
        first += count;
    }
}

static void every_width(void **state)
{
    check_seed();
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++)
        for (int bits = 3; bits <= MAX_BITS; bits++) {
            struct format format = {(uint8_t)family, (uint8_t)bits, true};
            if (!format_exists(format))
                continue;
            uint8_t codes[CODES * 4], bytes[CODES * MAX_BITS / 8 + 1], back[sizeof codes];
            random_bits(codes, format);
            memset(bytes, GUARD, sizeof bytes);
            packed_write(bytes, codes, CODES, format);
            uint32_t size = (uint32_t)packed_bytes(CODES, format_code_bits(format));
            expect_bits(bytes, codes, format);
            assert_int_equal(bytes[size], GUARD);
            packed_read(bytes, back, CODES, format);
            assert_memory_equal(back, codes, (size_t)(CODES * format_host_bytes(format)));
            for (int i = 0; i < CODES; i++)
                assert_int_equal(packed_get(bytes, (uint64_t)(i * format_code_bits(format)),
                                            format_code_bits(format)),
                                 code_at(codes, i, format));
            in_parts(bytes, size, codes, format);
        }
}

/* Tensors out of order and far apart: each has its bytes at its address, and nothing else has
 * any. */
static void images_hold_tensors(void **state)
{
    check_seed();
    uint8_t constants[CODES], codes[CODES], back[CODES], packed[CODES];
    const struct format five = {FORMAT_INT, 5, true}, eight = {FORMAT_INT, 8, true};
    random_bits(constants, five);
    struct dram_tensor tensors[] = {
        {.kind = TENSOR_INPUT, .format = eight, .h = 1, .w = 1, .c = CODES, .address = 1 << 20},
        {.kind = TENSOR_WEIGHTS, .format = five, .h = 1, .w = 1, .c = CODES, .address = 100},
        {.kind = TENSOR_OUTPUT,
         .format = five,
         .h = 1,
         .w = 1,
         .c = CODES,
         .address = PROGRAM_MAX_ADDRESS - CODES},
    };
    tensors[1].values = constants;
    struct program program = {.has_values = true, .tensor_count = 3, .tensors = tensors};
    struct dram_image *image = dram_image_new(&program, NULL);
    packed_write(packed, constants, CODES, five);
    uint64_t size = tensor_bytes(&tensors[1]);
    assert_memory_equal(dram_image_at(image, 100, size), packed, size);
    assert_null(dram_image_at(image, 99, 1));
    assert_null(dram_image_at(image, 100, size + 1));
    assert_null(dram_image_at(image, 100 + size, 1));
    assert_null(dram_image_at(image, UINT64_MAX, 2));
    random_bits(codes, eight);
    dram_image_put(image, 0, codes);
    assert_memory_equal(dram_image_at(image, (1 << 20) + 7, 5), codes + 7, 5);
    dram_image_get(image, 0, back);
    assert_memory_equal(back, codes, CODES);
    dram_image_get(image, 1, back);
    assert_memory_equal(back, constants, CODES);
    dram_image_free(image);
    program.has_values = false;
    image = dram_image_new(&program, NULL);
    assert_null(dram_image_at(image, 100, 1));
    dram_image_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_width),
        cmocka_unit_test(images_hold_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
