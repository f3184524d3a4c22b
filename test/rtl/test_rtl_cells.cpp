/* Do the cells of PEs that have no array of their own in Verilog accumulate what the C model does, for
 * every pair of operand codes, from any sum; do they hand operands on a clock later, drain and reset? */
#include "rtl.h"

#include "Vtop_cell_adafloat.h"
#include "Vtop_cell_biscaled.h"
#include "Vtop_cell_bitfusion.h"
#include "Vtop_cell_int8x2.h"

struct operand {
    struct format format;
    uint32_t code;
    struct term term;
};

/* Every code of every format that the PE takes, from either side. */
static std::vector<operand> operands_of(int pe_type)
{
    std::vector<operand> operands;
    struct err err;
    for (struct format format : formats_of(FORMAT_INT, FORMAT_FAMILY_COUNT - 1)) {
        if (!pe_descriptor(pe_type)->accepts(format, format, &err))
            continue;
        for (uint32_t code = 0; code < 1u << format_code_bits(format); code++) {
            struct term terms[FORMAT_MAX_TERMS];
            assert_int_equal(format_family(format)->decode(format, code, terms), 1);
            operands.push_back({format, code, terms[0]});
        }
    }
    return operands;
}

static const operand &any_of(const std::vector<operand> &operands)
{
    return operands[check_random() % operands.size()];
}

/* Every other one an end of a width or a neighbour, else random. */
static int32_t any_sum()
{
    static const uint32_t ends[] = {0, INT32_MAX, 0x7fffff, 0x3ffff, 0x55555555};
    uint64_t random = check_random();
    if (random >> 63)
        return (int32_t)random;
    return (int32_t)(ends[(random >> 8) % (sizeof ends / sizeof *ends)] + (uint32_t)(random & 3) -
                     1);
}

static int64_t product_added(int pe_type, const operand &act, const operand &weight, int64_t sum)
{
    return pe_descriptor(pe_type)->multiply_accumulate(act.format, act.code, weight.format,
                                                       weight.code, sum);
}

template <class Top> static void clock_once(Top &top)
{
    top.clock = 0;
    top.eval();
    top.clock = 1;
    top.eval();
}

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

/* Each pair in either row, beside an operand whose product may borrow from it: an end of the range or
 * any other. */
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

/* --- bitfusion --- */

/* The 2 x 2 as the effective array it is once fused: what its PEs should hold, and the operands on
 * their way. Operands enter row r and column c together; PE (r, c) meets them c and r clocks later. */
struct fused {
    bool fuses_rows, fuses_columns;
    const operand *acts[2], *weights[2]; /* that passed the first column, the first row; or NULL */
    int64_t sums[2][2];

    int rows() const
    {
        return fuses_rows ? 1 : 2;
    }
    int columns() const
    {
        return fuses_columns ? 1 : 2;
    }

    void clock_once(const operand *const act_in[2], const operand *const weight_in[2])
    {
        for (int r = 0; r < rows(); r++)
            for (int c = 0; c < columns(); c++) {
                const operand *act = c ? acts[r] : act_in[r];
                const operand *weight = r ? weights[c] : weight_in[c];
                if (act && weight)
                    sums[r][c] = product_added(PE_BITFUSION, *act, *weight, sums[r][c]);
            }
        std::copy(act_in, act_in + 2, acts);
        std::copy(weight_in, weight_in + 2, weights);
    }
};

/* Two lanes of 5 bits: two operands, or the halves of a wide one. */
static uint16_t lanes(const operand *const in[2], bool is_wide)
{
    int first = in[0] ? in[0]->term.mult : 0, second = in[1] ? in[1]->term.mult : 0;
    if (is_wide)
        return (uint16_t)(port(first >> 4, 5) << 5 | port(first, 4));
    return (uint16_t)(port(second, 5) << 5 | port(first, 5));
}

static void clock_both(Vtop_cell_bitfusion &top, fused &model, const operand *const acts[2],
                       const operand *const weights[2])
{
    top.acts = lanes(acts, model.fuses_rows);
    top.weights = lanes(weights, model.fuses_columns);
    uint16_t acts_out = model.fuses_columns ? top.acts : lanes(model.acts, model.fuses_rows);
    uint16_t weights_out =
        model.fuses_rows ? top.weights : lanes(model.weights, model.fuses_columns);
    clock_once(top);
    model.clock_once(acts, weights);
    assert_true(top.acts_out == acts_out && top.weights_out == weights_out);
}

/* The sums at the bottom are those of a row. */
static void check_row(const Vtop_cell_bitfusion &top, const fused &model, int row)
{
    for (int c = 0; c < model.columns(); c++) {
        int64_t expected = model.sums[row][c];
        if (port((int64_t)(top.sums_24 >> 24 * c), 24) != port(expected, 24) ||
            port((int64_t)(top.sums_32 >> 32 * c), 32) != port(expected, 32))
            fail_msg("fused rows %d columns %d: sum (%d, %d) is %d, model %lld", model.fuses_rows,
                     model.fuses_columns, row, c, (int)(uint32_t)(top.sums_32 >> 32 * c),
                     (long long)accumulator_wrap(expected, 32));
    }
}

/* The sums leave row by row, and any others enter. */
static void drain(Vtop_cell_bitfusion &top, fused &model)
{
    static const operand *const none[2] = {NULL, NULL};
    int64_t entering[2][2];
    top.drain = 1;
    for (int row = model.rows() - 1; row >= 0; row--) {
        check_row(top, model, row);
        for (int64_t &sum : entering[row])
            sum = any_sum();
        top.sums_in = (uint64_t)(uint32_t)entering[row][1] << 32 | (uint32_t)entering[row][0];
        clock_both(top, model, none, none);
    }
    top.drain = 0;
    std::copy(entering[0], entering[0] + 4, model.sums[0]);
}

/* Every weight with that activation in the last row's first PE, which it reaches a clock later where
 * there are two rows; any operands in the others. */
static void stream(Vtop_cell_bitfusion &top, fused &model, const operand &act,
                   const std::vector<operand> &all_acts, const std::vector<operand> &all_weights)
{
    for (size_t i = 0; i <= all_weights.size(); i++) {
        const operand &weight = i < all_weights.size() ? all_weights[i] : any_of(all_weights);
        const operand *acts[2] = {&any_of(all_acts), &any_of(all_acts)};
        const operand *weights[2] = {&weight, &any_of(all_weights)};
        acts[model.rows() - 1] = &act;
        clock_both(top, model, acts, weights);
        check_row(top, model, model.rows() - 1);
    }
    drain(top, model);
}

static void test_bitfusion(void **state)
{
    static Vtop_cell_bitfusion top;
    std::vector<operand> operands[2]; /* of one PE, of two */
    for (const operand &operand : operands_of(PE_BITFUSION))
        operands[pe_descriptor(PE_BITFUSION)->fusion(operand.format) - 1].push_back(operand);
    assert_true(operands[0].size() == 2 * 28 && operands[1].size() == 2 * 480);
    for (int mode = 0; mode < 4; mode++) {
        fused model = {(mode & 1) != 0, (mode & 2) != 0, {NULL, NULL}, {NULL, NULL}, {}};
        const std::vector<operand> &acts = operands[mode & 1], &weights = operands[mode >> 1];
        top.fuse_rows = model.fuses_rows;
        top.fuse_columns = model.fuses_columns;
        top.reset = 1;
        clock_once(top);
        top.reset = 0;
        drain(top, model);
        for (const operand &act : acts)
            stream(top, model, act, acts, weights);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int8x2),
        cmocka_unit_test(test_adafloat),
        cmocka_unit_test(test_biscaled),
        cmocka_unit_test(test_bitfusion),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
