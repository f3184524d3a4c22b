/* Do the Verilog decoders and digit extractors give the terms of the C model, for every code of
 * every format? */
#include "rtl.h"

#include "Vtop_decoders.h"

static Vtop_decoders top;

/* A digit port {is_zero, is_negative, shift} as the digit's value. */
static int digit_value(uint32_t digit)
{
    int magnitude = 1 << (digit & 15);
    if (digit >> 5 & 1)
        return 0;
    return digit >> 4 & 1 ? -magnitude : magnitude;
}

static struct term only_term(struct format format, uint32_t code)
{
    struct term terms[FORMAT_MAX_TERMS];
    assert_int_equal(format_family(format)->decode(format, code, terms), 1);
    return terms[0];
}

static void check_term(struct format format, uint32_t code, uint32_t mult, uint32_t shift)
{
    struct term expected = only_term(format, code);
    if (mult != port(expected.mult, 9) || shift != expected.shift)
        fail_msg("%s code %u: decoder gives mult %d shift %u, model %d shift %d",
                 name_of(format).c_str(), code, (int)accumulator_wrap(mult, 9), shift,
                 expected.mult, expected.shift);
}

/* Shows the decoders a code, with other bits above it. */
static void drive(struct format format, uint32_t code, uint32_t above)
{
    top.family = format.family;
    top.is_signed = format.is_signed;
    top.bits = format.bits;
    top.code = (uint16_t)(code | above << format.bits);
    top.eval();
}

static int check_decoders(int first, int last)
{
    int count = 0;
    for (struct format format : formats_of(first, last))
        for (uint32_t code = 0; code < 1u << format_code_bits(format); code++, count++) {
            drive(format, code, 0);
            check_term(format, code, top.mult, top.shift);
        }
    return count;
}

static void test_decoders(void **state)
{
    printf("decoder_int, _flint, _pot, _float: %d codes\n",
           check_decoders(FORMAT_INT, FORMAT_FLOAT_E4));
    printf("decoder_adafloat: %d codes\n", check_decoders(FORMAT_ADAFLOAT_E3, FORMAT_ADAFLOAT_E3));
    printf("decoder_biscaled: %d codes\n", check_decoders(FORMAT_BISCALED_S1, FORMAT_BISCALED_S4));
}

/* The decoder at the array edge takes 4 bits out of 8: whatever is above them. */
static void test_ant_decoder(void **state)
{
    int count = 0;
    for (struct format format : formats_of(FORMAT_INT, FORMAT_POT)) {
        if (format.bits != 4 && format.bits != 8)
            continue;
        for (uint32_t above = 0; above < (format.bits == 4 ? 16 : 1); above++)
            for (uint32_t code = 0; code < 1u << format.bits; code++, count++) {
                drive(format, code, above);
                check_term(format, code, top.ant_mult, top.ant_shift);
            }
    }
    printf("decoder_ant: %d codes\n", count);
}

/* All eight indices of an integer: those above its last digit are 0. */
static void test_booth_digits(void **state)
{
    int count = 0;
    for (struct format format : formats_of(FORMAT_INT, FORMAT_INT))
        for (uint32_t code = 0; code < 1u << format.bits; code++) {
            int8_t digits[8] = {0};
            booth_recode(format, code, digits);
            top.code = (uint8_t)format_level(format, code);
            top.is_signed = format.is_signed;
            for (int i = 0; i < 8; i++, count++) {
                top.index = (uint8_t)i;
                top.eval();
                if (digit_value(top.booth_digit) != digits[i] * (1 << 2 * i))
                    fail_msg("%s code %u digit %d: %d, model %d", name_of(format).c_str(), code, i,
                             digit_value(top.booth_digit), digits[i] * (1 << 2 * i));
            }
        }
    printf("digit_booth: %d digits\n", count);
}

static void test_rsd_digits(void **state)
{
    int count = 0;
    for (struct format format : formats_of(FORMAT_RSD_EB1, FORMAT_RSD_EB4))
        for (uint32_t code = 0; code < 1u << format_code_bits(format); code++) {
            struct term terms[FORMAT_MAX_TERMS];
            int digits = format_family(format)->decode(format, code, terms);
            top.code = (uint16_t)code;
            top.is_zero = format.family == FORMAT_RSD_EB1 && code >> 4;
            for (int i = 0; i < digits; i++, count++) {
                top.index = (uint8_t)i;
                top.eval();
                if (digit_value(top.rsd_digit) != terms[i].mult * (1 << terms[i].shift))
                    fail_msg("%s code %u digit %d: %d, model %d", name_of(format).c_str(), code, i,
                             digit_value(top.rsd_digit), terms[i].mult * (1 << terms[i].shift));
            }
        }
    printf("digit_rsd: %d digits\n", count);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoders),
        cmocka_unit_test(test_ant_decoder),
        cmocka_unit_test(test_booth_digits),
        cmocka_unit_test(test_rsd_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
