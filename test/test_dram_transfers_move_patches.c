/* Does a transfer ask for exactly the bytes its patch covers, and move exactly its codes? Random
 * patches that stick out of random tensors, against the definition in isa/instruction.h taken
 * element by element. */
#include "test/check.h"

#include <string.h>

#include "memory/dma.h"

enum { MAX_ELEMENTS = 4096, BASE = 1000 };

struct scene {
    struct dram_tensor tensor;
    struct transfer transfer;
    size_t size; /* host bytes of a code */
};

static struct scene random_scene(void)
{
    static const uint8_t bits[] = {3, 4, 5, 8, 16, 32};
    struct scene scene = {
        .tensor = {.format = {FORMAT_INT, bits[check_between(0, 5)], true},
                   .h = (uint32_t)check_between(1, 9),
                   .w = (uint32_t)check_between(1, 9),
                   .c = (uint32_t)check_between(1, 40),
                   .address = (uint64_t)(BASE + check_between(0, 100))},
        .transfer = {.pad_code = (uint8_t)check_between(0, 7),
                     .y = check_between(-3, 4),
                     .x = check_between(-3, 4),
                     .c = check_between(0, 3) ? 0 : check_between(-5, 20),
                     .count_y = (uint32_t)check_between(1, 8),
                     .count_x = (uint32_t)check_between(1, 8),
                     .count_c = (uint32_t)check_between(1, 40),
                     .stride_y = (uint16_t)check_between(1, 3),
                     .stride_x = (uint16_t)check_between(1, 3)},
    };
    if (!check_between(0, 2)) { /* whole pixels, often whole rows */
        scene.transfer.x = 0;
        scene.transfer.count_x = scene.tensor.w;
        scene.transfer.count_c = scene.tensor.c;
        scene.transfer.stride_x = scene.transfer.stride_y = 1;
    }
    scene.size = (size_t)format_host_bytes(scene.tensor.format);
    return scene;
}

/* Tensor element of patch element (i, j, k), or -1 outside. */
static int64_t element(const struct scene *s, int64_t i, int64_t j, int64_t k)
{
    int64_t y = s->transfer.y + i * s->transfer.stride_y,
            x = s->transfer.x + j * s->transfer.stride_x;
    int64_t c = s->transfer.c + k;
    bool inside =
        y >= 0 && y < s->tensor.h && x >= 0 && x < s->tensor.w && c >= 0 && c < s->tensor.c;
    return inside ? (y * s->tensor.w + x) * s->tensor.c + c : -1;
}

#define FOR_EACH(s, i, j, k)                               \
    for (int64_t i = 0; i < (s).transfer.count_y; i++)     \
        for (int64_t j = 0; j < (s).transfer.count_x; j++) \
            for (int64_t k = 0; k < (s).transfer.count_c; k++)

static void requests_cover_the_patch(void **state)
{
    check_seed();
    static bool wanted[BASE + 200 + 4 * MAX_ELEMENTS + 8], got[sizeof wanted];
    for (int round = 0; round < 20000; round++) {
        struct scene s = random_scene();
        memset(wanted, 0, sizeof wanted);
        memset(got, 0, sizeof got);
        uint64_t bits = (uint64_t)format_code_bits(s.tensor.format);
        FOR_EACH(s, i, j, k)
        {
            int64_t at = element(&s, i, j, k);
            for (uint64_t bit = 0; at >= 0 && bit < bits; bit++)
                wanted[s.tensor.address + ((uint64_t)at * bits + bit) / 8] = true;
        }
        struct dma_runs runs = dma_runs_of(&s.transfer, &s.tensor);
        struct dma_request request;
        uint64_t end = 0;
        while (dma_next(&runs, &request)) {
            assert_true(request.bytes > 0);
            /* ascending, and never two where one would do */
            assert_true(request.address > end ||
                        (request.address == end && end % DRAM_REQUEST_BYTES == 0));
            end = request.address + request.bytes;
            assert_int_equal(request.address / DRAM_REQUEST_BYTES, (end - 1) / DRAM_REQUEST_BYTES);
            memset(got + request.address, true, request.bytes);
        }
        assert_memory_equal(got, wanted, sizeof wanted);
    }
}

static uint32_t code_at(const uint8_t *codes, size_t size, int64_t index)
{
    uint32_t code = 0;
    memcpy(&code, codes + (size_t)index * size, size);
    return code;
}

static void codes_move(void **state)
{
    check_seed();
    static uint8_t codes[4 * MAX_ELEMENTS], stored[sizeof codes], pad[4 * MAX_ELEMENTS + 8];
    for (int round = 0; round < 20000; round++) {
        struct scene s = random_scene();
        for (size_t i = 0; i < sizeof codes; i++)
            codes[i] = (uint8_t)check_random();
        memset(pad, 0xA5, sizeof pad);
        dma_load(&s.transfer, &s.tensor, codes, pad);
        int64_t at = 0;
        FOR_EACH(s, i, j, k)
        {
            int64_t from = element(&s, i, j, k);
            uint32_t expected = from >= 0 ? code_at(codes, s.size, from) : s.transfer.pad_code;
            assert_int_equal(code_at(pad, s.size, at++), expected);
        }
        for (size_t i = 0; i < 8; i++) /* nothing behind the patch */
            assert_int_equal(pad[(size_t)at * s.size + i], 0xA5);

        /* storing what was loaded changes nothing; storing something else changes the patch alone
         */
        memcpy(stored, codes, sizeof codes);
        dma_store(&s.transfer, &s.tensor, stored, pad);
        assert_memory_equal(stored, codes, sizeof codes);
        for (int64_t i = 0; i < at * (int64_t)s.size; i++)
            pad[i] ^= 0xFF;
        dma_store(&s.transfer, &s.tensor, stored, pad);
        FOR_EACH(s, i, j, k)
        {
            int64_t to = element(&s, i, j, k);
            for (size_t b = 0; to >= 0 && b < s.size; b++)
                codes[(size_t)to * s.size + b] ^= 0xFF;
        }
        assert_memory_equal(stored, codes, sizeof codes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_cover_the_patch),
        cmocka_unit_test(codes_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
