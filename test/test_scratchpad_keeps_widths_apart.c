/* Do elements of different widths that do not overlap in hardware leave each other alone? */
#include "test/check.h"

#include <string.h>

#include "memory/scratchpad.h"

static void widths_are_apart(void **state)
{
    const struct scratchpad_config config = {.bytes = 64, .banks = 1, .bank_bits = 8};
    struct scratchpad pad = {0};
    const int widths[] = {3, 4, 8, 16, 32}, host[] = {1, 1, 1, 2, 4};
    for (int w = 0; w < 5; w++)
        assert_true(scratchpad_reserve(&pad, &config, widths[w], host[w]));
    /* fill each width with its own byte to the last element, then look at all of them */
    for (int w = 0; w < 5; w++)
        memset(pad.elements[widths[w]], widths[w], (size_t)(64 * 8 / widths[w] * host[w]));
    for (int w = 0; w < 5; w++)
        for (int i = 0; i < 64 * 8 / widths[w] * host[w]; i++)
            assert_int_equal(pad.elements[widths[w]][i], widths[w]);
    /* reserving again keeps what is there */
    uint8_t *before = pad.elements[8];
    assert_true(scratchpad_reserve(&pad, &config, 8, 1));
    assert_ptr_equal(pad.elements[8], before);
    assert_int_equal(before[63], 8);
    scratchpad_clear(&pad);
    assert_null(pad.elements[8]);
}

static void elements_start_at_zero(void **state)
{
    const struct scratchpad_config config = {.bytes = 1000, .banks = 1, .bank_bits = 8};
    struct scratchpad pad = {0};
    assert_true(scratchpad_reserve(&pad, &config, 8, 1));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pad.elements[8][i], 0);
    scratchpad_clear(&pad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_apart),
        cmocka_unit_test(elements_start_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
