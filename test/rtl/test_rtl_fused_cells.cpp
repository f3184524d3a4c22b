/* Do groups of PEs that fuse, bitfusion and olaccel, accumulate what the C model does, fused in
 * each way, for every pair of operand codes, and with every pair of outliers? */
#include "cells.h"

#include <type_traits>

#include "Vtop_cell_bitfusion.h"
#include "Vtop_cell_olaccel.h"

/* --- ports: words of 32 bits, however wide --- */

static uint32_t word(uint64_t bits, int i)
{
    return i < 2 ? (uint32_t)(bits >> 32 * i) : 0;
}

template <std::size_t WORDS> static uint32_t word(const VlWide<WORDS> &bits, int i)
{
    return i < (int)WORDS ? bits[(size_t)i] : 0;
}

template <class Bits> static uint32_t lane(const Bits &bits, int width, int i)
{
    int from = i * width;
    uint64_t both = (uint64_t)word(bits, from / 32 + 1) << 32 | word(bits, from / 32);
    return port((int64_t)(both >> from % 32), width);
}

static void set_word(uint64_t &bits, int i, uint32_t value)
{
    bits = (bits & ~((uint64_t)UINT32_MAX << 32 * i)) | (uint64_t)value << 32 * i;
}

template <std::size_t WORDS> static void set_word(VlWide<WORDS> &bits, int i, uint32_t value)
{
    bits[(size_t)i] = value;
}

/* --- the model --- */

/* One product that the PE for outliers takes over; row -1: none. */
struct outlier {
    int row, column;
    const operand *act, *weight;
};

/* SIZE x SIZE PEs as the effective array that they are once fused: what its PEs should hold, and
 * the operands on their way. Operands enter row r and column c together; PE (r, c) meets them c and
 * r clocks later. */
template <int SIZE> struct fused {
    int pe_type;
    bool fuses_rows, fuses_columns;
    const operand *acts[SIZE][SIZE], *weights[SIZE][SIZE]; /* that a PE hands on; NULL: 0 */
    int64_t sums[SIZE][SIZE];
    bool drains; /* operands go on, products are lost */

    int rows() const
    {
        return fuses_rows ? SIZE / 2 : SIZE;
    }
    int columns() const
    {
        return fuses_columns ? SIZE / 2 : SIZE;
    }

    /* The last PE first, so that each still finds what its neighbours handed on a clock ago. */
    void clock_once(const operand *const act_in[], const operand *const weight_in[],
                    const outlier &outlier)
    {
        for (int r = rows() - 1; r >= 0; r--)
            for (int c = columns() - 1; c >= 0; c--) {
                const operand *act = c ? acts[r][c - 1] : act_in[r];
                const operand *weight = r ? weights[r - 1][c] : weight_in[c];
                acts[r][c] = act;
                weights[r][c] = weight;
                if (r == outlier.row && c == outlier.column)
                    add(sums[r][c], outlier.act, outlier.weight);
                else if (act && weight)
                    add(sums[r][c], act, weight);
            }
    }

    void add(int64_t &sum, const operand *act, const operand *weight) const
    {
        if (!drains)
            sum = product_added(pe_type, *act, *weight, sum);
    }
};

/* Verilator's type of SIZE lanes. */
template <int SIZE> using port_of = std::conditional_t<(5 * SIZE > 16), uint32_t, uint16_t>;

/* Lanes of 5 bits: an operand each, or the halves of a wide one in two. */
static uint32_t lanes(const operand *const in[], int count, bool is_wide)
{
    uint32_t bits = 0;
    for (int i = 0; i < count; i++) {
        int mult = in[i] ? in[i]->term.mult : 0;
        if (is_wide)
            bits |= (port(mult >> 4, 5) << 5 | port(mult, 4)) << 10 * i;
        else
            bits |= port(mult, 5) << 5 * i;
    }
    return bits;
}

/* --- group and model, clock by clock --- */

static void drive_outlier(Vtop_cell_bitfusion &top, const outlier &outlier)
{
    assert_true(outlier.row < 0);
}

static void drive_outlier(Vtop_cell_olaccel &top, const outlier &outlier)
{
    top.has_outlier = outlier.row >= 0;
    top.outlier_place = (uint8_t)(outlier.row * 4 + outlier.column) & 15;
    top.outlier_act = (uint16_t)port(outlier.act ? outlier.act->term.mult : -1, 9);
    top.outlier_weight = (uint16_t)port(outlier.weight ? outlier.weight->term.mult : -1, 9);
}

static const outlier no_outlier = {-1, 0, NULL, NULL};

template <class Top, int SIZE>
static void clock_both(Top &top, fused<SIZE> &model, const operand *const acts[],
                       const operand *const weights[], const outlier &outlier = no_outlier)
{
    int rows = model.rows(), columns = model.columns();
    const operand *acts_out[SIZE];
    top.acts = (port_of<SIZE>)lanes(acts, rows, model.fuses_rows);
    top.weights = (port_of<SIZE>)lanes(weights, columns, model.fuses_columns);
    drive_outlier(top, outlier);
    clock_once(top);
    model.clock_once(acts, weights, outlier);
    for (int r = 0; r < rows; r++)
        acts_out[r] = model.acts[r][columns - 1];
    assert_int_equal(top.acts_out, lanes(acts_out, rows, model.fuses_rows));
    assert_int_equal(top.weights_out, lanes(model.weights[rows - 1], columns, model.fuses_columns));
}

/* The sums at the bottom are those of that row. */
template <class Top, int SIZE>
static void check_row(const Top &top, const fused<SIZE> &model, int row)
{
    for (int c = 0; c < model.columns(); c++) {
        int64_t expected = model.sums[row][c];
        int place = model.fuses_columns ? 2 * c : c;
        if (lane(top.sums_24, 24, place) != port(expected, 24) ||
            lane(top.sums_32, 32, place) != port(expected, 32))
            fail_msg("fused rows %d columns %d: sum (%d, %d) is %d, model %lld", model.fuses_rows,
                     model.fuses_columns, row, c, (int)lane(top.sums_32, 32, place),
                     (long long)accumulator_wrap(expected, 32));
    }
}

/* The sums leave row by row, and any others enter. */
template <class Top, int SIZE> static void drain(Top &top, fused<SIZE> &model)
{
    static const operand *const none[SIZE] = {};
    int64_t entering[SIZE][SIZE];
    top.drain = model.drains = true;
    for (int row = model.rows() - 1; row >= 0; row--) {
        check_row(top, model, row);
        for (int i = 0; i < SIZE; i++)
            set_word(top.sums_in, i, (uint32_t)any_sum());
        for (int c = 0; c < model.columns(); c++)
            entering[row][c] = (int32_t)word(top.sums_in, model.fuses_columns ? 2 * c : c);
        clock_both(top, model, none, none);
    }
    top.drain = model.drains = false;
    for (int row = 0; row < model.rows(); row++)
        std::copy(entering[row], entering[row] + model.columns(), model.sums[row]);
}

template <class Top, int SIZE> static void begin(Top &top, fused<SIZE> &model)
{
    top.fuse_rows = model.fuses_rows;
    top.fuse_columns = model.fuses_columns;
    top.reset = 1;
    clock_once(top);
    top.reset = 0;
    drain(top, model);
}

/* --- the tests --- */

/* Every weight with that activation in the last row's first PE, which weights reach a clock a row
 * later; any operands in the others. */
template <class Top, int SIZE>
static void stream(Top &top, fused<SIZE> &model, const operand &act,
                   const std::vector<operand> &all_acts, const std::vector<operand> &all_weights)
{
    const operand *acts[SIZE], *weights[SIZE];
    for (size_t i = 0; i < all_weights.size() + (size_t)model.rows() - 1; i++) {
        for (int lane = 0; lane < SIZE; lane++) {
            acts[lane] = &any_of(all_acts);
            weights[lane] = &any_of(all_weights);
        }
        acts[model.rows() - 1] = &act;
        if (i < all_weights.size())
            weights[0] = &all_weights[i];
        clock_both(top, model, acts, weights);
        check_row(top, model, model.rows() - 1);
    }
    drain(top, model);
}

/* The integers of one PE, and of two. */
static std::vector<operand> integers_of(int pe_type, int fusion)
{
    std::vector<operand> integers;
    for (const operand &operand : operands_of(pe_type))
        if (operand.format.family == FORMAT_INT &&
            pe_descriptor(pe_type)->fusion(operand.format) == fusion)
            integers.push_back(operand);
    return integers;
}

template <class Top, int SIZE> static void check_integers(int pe_type)
{
    static Top top;
    const std::vector<operand> operands[] = {integers_of(pe_type, 1), integers_of(pe_type, 2)};
    assert_true(operands[0].size() == 2 * 28 && operands[1].size() == 2 * 480);
    for (int mode = 0; mode < 4; mode++) {
        fused<SIZE> model = {pe_type, (mode & 1) != 0, (mode & 2) != 0, {}, {}, {}, false};
        const std::vector<operand> &acts = operands[mode & 1], &weights = operands[mode >> 1];
        begin(top, model);
        for (const operand &act : acts)
            stream(top, model, act, acts, weights);
    }
}

static void test_bitfusion(void **state)
{
    check_integers<Vtop_cell_bitfusion, 2>(PE_BITFUSION);
}

static void test_olaccel(void **state)
{
    check_integers<Vtop_cell_olaccel, 4>(PE_OLACCEL);
}

/* Every pair of `outlier` codes in some PE, while the others go on with their integers. */
static void test_outliers(void **state)
{
    enum { CLOCKS = 16 }; /* from drain to drain */
    static Vtop_cell_olaccel top;
    const std::vector<operand> integers = integers_of(PE_OLACCEL, 1);
    std::vector<operand> outliers;
    for (const operand &operand : operands_of(PE_OLACCEL))
        if (operand.format.family == FORMAT_OUTLIER)
            outliers.push_back(operand);
    assert_int_equal(outliers.size(), 2 * 256);
    fused<4> model = {PE_OLACCEL, false, false, {}, {}, {}, false};
    begin(top, model);
    for (size_t i = 0; i < outliers.size() * outliers.size(); i++) {
        const operand *acts[4], *weights[4];
        for (int lane = 0; lane < 4; lane++) {
            acts[lane] = &any_of(integers);
            weights[lane] = &any_of(integers);
        }
        int place = check_between(0, 15);
        clock_both(
            top, model, acts, weights,
            {place / 4, place % 4, &outliers[i / outliers.size()], &outliers[i % outliers.size()]});
        if (i % CLOCKS == CLOCKS - 1)
            drain(top, model);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bitfusion),
        cmocka_unit_test(test_olaccel),
        cmocka_unit_test(test_outliers),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
