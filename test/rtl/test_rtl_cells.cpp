/* Do the cells of PEs that have no array of their own in Verilog accumulate what the C model does,
 * for every pair of operand codes, from any sum; do they hand operands on a clock later, drain and
 * reset? */
#include "cells.h"

#include "Vtop_cell_adafloat.h"
#include "Vtop_cell_biscaled.h"
#include "Vtop_cell_int8x2.h"

/* A sum enters as from the cell above. */
template <class Top> static void enter_sum(Top &top, int32_t sum)
{
    top.drain = 1;
    top.sum_in = (uint32_t)sum;
    clock_once(top);
    top.drain = 0;
}

template <class Top>
static void check_sum(const Top &top, int64_t expected, const operand &act, const operand &weight)
{
    if (top.sum_24 == port(expected, 24) && top.sum_32 == port(expected, 32))
        return;
    fail_msg("%s code %u times %s code %u: sum %d, model %lld", name_of(act.format).c_str(),
             act.code, name_of(weight.format).c_str(), weight.code, (int)top.sum_32,
             (long long)accumulator_wrap(expected, 32));
}

template <class Top> static void check_reset(Top &top)
{
    top.reset = 1;
    clock_once(top);
    top.reset = 0;
    assert_true(top.sum_24 == 0 && top.sum_32 == 0 && top.weight_out == 0);
}

/* --- PEs of one sum --- */

/* {is_negative, significand[4:0], exponent[2:0]} */
static uint32_t adafloat_port(const operand &operand)
{
    int mult = operand.term.mult;
    return (uint32_t)(mult < 0) << 8 | (uint32_t)abs(mult) << 3 | operand.term.shift;
}

static void drive(Vtop_cell_adafloat &top, const operand &act, const operand &weight)
{
    top.act = (uint16_t)adafloat_port(act);
    top.weight = (uint16_t)adafloat_port(weight);
}

/* {is_wide, mult[6:0]}; the scale is that of the format, and of integers any. */
static uint32_t biscaled_port(const operand &operand, uint8_t &scale)
{
    bool is_int = operand.format.family == FORMAT_INT;
    scale =
        (uint8_t)(is_int ? check_between(1, 4) : operand.format.family - FORMAT_BISCALED_S1 + 1);
    bool is_wide = !is_int && operand.code >> operand.format.bits;
    return (uint32_t)is_wide << 7 | port(operand.term.mult, 7);
}

static void drive(Vtop_cell_biscaled &top, const operand &act, const operand &weight)
{
    top.act = (uint8_t)biscaled_port(act, top.act_scale);
    top.weight = (uint8_t)biscaled_port(weight, top.weight_scale);
}

/* Each pair from any sum, and what the next one finds: a second product is added to the first. */
template <class Top>
static void check_pair(Top &top, int pe_type, const operand &act, const operand &weight,
                       const std::vector<operand> &operands)
{
    int64_t sum = any_sum();
    enter_sum(top, (int32_t)sum);
    const operand *acts[] = {&act, &any_of(operands)};
    const operand *weights[] = {&weight, &any_of(operands)};
    for (int i = 0; i < 2; i++) {
        drive(top, *acts[i], *weights[i]);
        clock_once(top);
        sum = product_added(pe_type, *acts[i], *weights[i], sum);
        check_sum(top, sum, *acts[i], *weights[i]);
        assert_true(top.act_out == top.act && top.weight_out == top.weight);
    }
}

template <class Top> static void check_every_pair(int pe_type, size_t codes)
{
    static Top top;
    std::vector<operand> operands = operands_of(pe_type);
    assert_int_equal(operands.size(), codes);
    for (const operand &act : operands)
        for (const operand &weight : operands)
            check_pair(top, pe_type, act, weight, operands);
    check_reset(top);
}

/* Codes of 4 to 8 bits. */
static void test_adafloat(void **state)
{
    check_every_pair<Vtop_cell_adafloat>(PE_ADAFLOAT, 16 + 32 + 64 + 128 + 256);
}

/* Of either sign: integers of 2 to 6 bits; four scales of 3 to 6 bits and a flag. */
static void test_biscaled(void **state)
{
    check_every_pair<Vtop_cell_biscaled>(PE_BISCALED,
                                         2 * (4 + 8 + 16 + 32 + 64) + 4 * 2 * (16 + 32 + 64 + 128));
}

/* --- int8x2 --- */

static void drive(Vtop_cell_int8x2 &top, const operand &upper, const operand &lower,
                  const operand &weight)
{
    top.acts = port(lower.term.mult, 9) << 9 | port(upper.term.mult, 9);
    top.weight = (uint16_t)port(weight.term.mult, 9);
    clock_once(top);
    assert_true(top.acts_out == top.acts && top.weight_out == top.weight);
}

/* Sums leave the lower one first. */
static void check_rows(Vtop_cell_int8x2 &top, const int64_t sums[2], const operand &act,
                       const operand &weight)
{
    for (int row = 1; row >= 0; row--) {
        check_sum(top, sums[row], act, weight);
        if (top.packed_sum != port(sums[row], 32))
            fail_msg("packed: %s code %u times %s code %u: sum %d, model %lld",
                     name_of(act.format).c_str(), act.code, name_of(weight.format).c_str(),
                     weight.code, (int)top.packed_sum, (long long)accumulator_wrap(sums[row], 32));
        enter_sum(top, 0);
    }
}

/* Each pair in either row, beside an operand whose product may borrow from it: an end of the range
 * or any other. */
static void test_int8x2(void **state)
{
    static Vtop_cell_int8x2 top;
    static const struct format int8 = {FORMAT_INT, 8, true}, uint8 = {FORMAT_INT, 8, false};
    const operand ends[] = {
        {int8, 0x80, {-128, 0}}, {int8, 0x7f, {127, 0}}, {uint8, 0xff, {255, 0}}};
    std::vector<operand> operands = operands_of(PE_INT8X2);
    long pairs = 0;
    for (const operand &act : operands)
        for (const operand &weight : operands) {
            uint64_t random = check_random();
            const operand &other = random % 4 < 3 ? ends[random % 4] : any_of(operands);
            int row = random >> 8 & 1;
            const operand *acts[2] = {row ? &other : &act, row ? &act : &other};
            int64_t sums[2] = {any_sum(), any_sum()};
            enter_sum(top, (int32_t)sums[1]);
            enter_sum(top, (int32_t)sums[0]);
            drive(top, *acts[0], *acts[1], weight);
            for (int i = 0; i < 2; i++)
                sums[i] = product_added(PE_INT8X2, *acts[i], weight, sums[i]);
            check_rows(top, sums, act, weight);
            pairs++;
        }
    check_reset(top);
    assert_int_equal(pairs, 1016 * 1016); /* codes of 2 to 8 bits, of either sign */
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int8x2),
        cmocka_unit_test(test_adafloat),
        cmocka_unit_test(test_biscaled),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
