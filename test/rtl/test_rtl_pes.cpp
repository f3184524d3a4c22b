/* Do the Verilog PEs accumulate what the C model does, for every pair of operand codes of every
 * pair of formats they take, from any sum, and is their register held, cleared and enabled as
 * told? */
#include "rtl.h"

#include "Vtop_ant.h"
#include "Vtop_ant_fused.h"
#include "Vtop_int8.h"
#include "Vtop_msd.h"

struct operand {
    struct format format;
    uint32_t code;
    struct term term; /* of formats that have one */
};

static void append_codes(std::vector<operand> &operands, struct format format)
{
    for (uint32_t code = 0; code < 1u << format_code_bits(format); code++) {
        struct term terms[FORMAT_MAX_TERMS];
        format_family(format)->decode(format, code, terms);
        operands.push_back({format, code, terms[0]});
    }
}

enum role { ACT, WEIGHT };

static bool takes(int pe_type, enum role role, struct format format)
{
    static const struct format int8 = {FORMAT_INT, 8, true}; /* which every PE takes */
    struct err err;
    return pe_descriptor(pe_type)->accepts(role == ACT ? format : int8,
                                           role == WEIGHT ? format : int8, &err);
}

/* Every code of every format that the PE takes in that role and that is `wanted`. */
static std::vector<operand> operands_of(int pe_type, enum role role,
                                        bool (*wanted)(struct format format))
{
    std::vector<operand> operands;
    for (struct format format : formats_of(FORMAT_INT, FORMAT_RSD_EB4))
        if (takes(pe_type, role, format) && wanted(format))
            append_codes(operands, format);
    return operands;
}

static bool any(struct format format)
{
    return true;
}

static bool is_narrow(struct format format)
{
    return pe_descriptor(PE_ANT)->fusion(format) == 1;
}

static bool has_four_digits(struct format format)
{
    return format.family == FORMAT_RSD_EB4;
}

static bool has_fewer_digits(struct format format)
{
    return !has_four_digits(format);
}

/* Sums to start from: every other one an end of a width or a neighbour, else random. */
static int64_t any_sum()
{
    static const int32_t ends[] = {0,         INT32_MAX, INT32_MIN, INT16_MAX,
                                   INT16_MIN, 0x7fffff,  -0x800000, 0x3ffff,
                                   -0x40000,  0x7f,      -1,        0x55555555};
    uint64_t random = check_random();
    if (random >> 63)
        return (int32_t)random;
    return (int32_t)((uint32_t)ends[(random >> 8) % (sizeof ends / sizeof ends[0])] +
                     (uint32_t)(random & 3) - 1);
}

/* --- operands on the ports --- */

static void drive(Vtop_int8 &top, const operand &act, const operand &weight)
{
    top.act = (uint16_t)port(act.term.mult, 9);
    top.weight = (uint16_t)port(weight.term.mult, 9);
}

static void drive(Vtop_ant &top, const operand &act, const operand &weight)
{
    top.act = (uint8_t)port(act.term.mult, 5);
    top.act_shift = act.term.shift;
    top.weight = (uint8_t)port(weight.term.mult, 5);
    top.weight_shift = weight.term.shift;
}

static void drive(Vtop_ant_fused &top, const operand &act, const operand &weight)
{
    const struct pe_descriptor *pe = pe_descriptor(PE_ANT);
    top.act = (uint16_t)port(act.term.mult, 9);
    top.act_shift = act.term.shift;
    top.act_is_wide = pe->fusion(act.format) == 2;
    top.weight = (uint16_t)port(weight.term.mult, 9);
    top.weight_shift = weight.term.shift;
    top.weight_is_wide = pe->fusion(weight.format) == 2;
}

static void drive(Vtop_msd &top, const operand &act, const operand &weight)
{
    bool is_int = weight.format.family == FORMAT_INT;
    int32_t extended = is_int ? format_level(weight.format, weight.code) : 0;
    top.act = (uint16_t)port(act.term.mult, 9);
    top.weight = is_int ? (uint8_t)extended : (uint16_t)weight.code;
    top.is_booth = is_int;
    top.is_signed = weight.format.is_signed;
    top.is_zero = weight.format.family == FORMAT_RSD_EB1 && weight.code >> 4;
}

/* What changes from clock to clock: the index of a serial PE's digit. */
template <class Top> static void drive_clock(Top &top, int clock)
{
}

static void drive_clock(Vtop_msd &top, int clock)
{
    top.index = (uint8_t)clock;
}

/* --- one PE on the bench --- */

template <class Top> struct bench {
    const char *name;
    const struct pe_descriptor *pe;
    Top top;
    int64_t sum = 0; /* what the PE's register should hold, modulo 2^64 */
    long pairs = 0;

    bench(const char *module, int pe_type) : name(module), pe(pe_descriptor(pe_type))
    {
        set_controls(true, false);
        clock_once();
        set_controls(false, true);
    }

    void set_controls(bool clear, bool enable)
    {
        top.clear = clear;
        top.enable = enable;
    }

    void clock_once()
    {
        top.clock = 0;
        top.eval();
        top.clock = 1;
        top.eval();
    }

    bool register_is(int64_t expected)
    {
        return top.sum_24 == port(expected, 24) && top.sum_32 == port(expected, 32);
    }

    bool next_is(int64_t expected)
    {
        return top.next_19 == port(expected, 19) && top.next_24 == port(expected, 24) &&
               top.next_32 == port(expected, 32);
    }

    /* One multiply-accumulate in as many clocks as the model says: on from any sum, where the sum
     * of one clock goes into the next, and on from what the register holds. */
    void check(const operand &act, const operand &weight)
    {
        int64_t from = any_sum();
        drive(top, act, weight);
        top.sum_in = (uint32_t)from;
        for (int clock = 0, clocks = pe->clocks_per_mac(weight.format); clock < clocks; clock++) {
            if (clock)
                top.sum_in = top.next_32;
            drive_clock(top, clock);
            clock_once();
        }
        int64_t expected =
            pe->multiply_accumulate(act.format, act.code, weight.format, weight.code, from);
        sum = (int64_t)((uint64_t)sum + (uint64_t)expected - (uint64_t)from);
        if (!next_is(expected) || !register_is(sum))
            fail_msg("%s code %u times %s code %u from %lld: %lld, model %lld; register %lld, "
                     "model %lld",
                     name_of(act.format).c_str(), act.code, name_of(weight.format).c_str(),
                     weight.code, (long long)from, (long long)(int32_t)top.next_32,
                     (long long)accumulator_wrap(expected, 32), (long long)(int32_t)top.sum_32,
                     (long long)accumulator_wrap(sum, 32));
        pairs++;
    }

    void check_all(const std::vector<operand> &acts, const std::vector<operand> &weights)
    {
        for (const operand &act : acts)
            for (const operand &weight : weights)
                check(act, weight);
    }

    /* A clock with any operands and controls: clear goes before enable, and with neither, as
     * between the clocks' edges, the register holds. */
    void check_controls(const operand &act, const operand &weight)
    {
        bool clear = check_between(0, 7) == 0, enable = check_between(0, 1);
        drive(top, act, weight);
        drive_clock(top, check_between(0, pe->clocks_per_mac(weight.format) - 1));
        set_controls(clear, enable);
        top.sum_in = top.sum_32;
        top.clock = 0;
        top.eval();
        assert_true(register_is(sum));
        int64_t next = (int32_t)top.next_32;
        top.clock = 1;
        top.eval();
        sum = clear ? 0 : enable ? next : sum;
        assert_true(register_is(sum));
    }

    void check_random_controls(const std::vector<operand> &acts,
                               const std::vector<operand> &weights)
    {
        enum { CLOCKS = 100000 };
        sum = accumulator_wrap(sum, 32);
        for (int i = 0; i < CLOCKS; i++)
            check_controls(acts[check_random() % acts.size()],
                           weights[check_random() % weights.size()]);
        printf("%s: %ld pairs of operand codes, then %d clocks of random controls\n", name, pairs,
               (int)CLOCKS);
    }
};

/* --- the tests --- */

static void test_int8(void **state)
{
    std::vector<operand> acts = operands_of(PE_INT8, ACT, any);
    std::vector<operand> weights = operands_of(PE_INT8, WEIGHT, any);
    bench<Vtop_int8> bench("pe_int8", PE_INT8);
    bench.check_all(acts, weights);
    bench.check_random_controls(acts, weights);
}

static void test_ant(void **state)
{
    std::vector<operand> acts = operands_of(PE_ANT, ACT, is_narrow);
    std::vector<operand> weights = operands_of(PE_ANT, WEIGHT, is_narrow);
    bench<Vtop_ant> bench("pe_ant", PE_ANT);
    bench.check_all(acts, weights);
    bench.check_random_controls(acts, weights);
}

static void test_ant_fused(void **state)
{
    std::vector<operand> acts = operands_of(PE_ANT, ACT, any);
    std::vector<operand> weights = operands_of(PE_ANT, WEIGHT, any);
    bench<Vtop_ant_fused> bench("pe_ant_fused", PE_ANT);
    bench.check_all(acts, weights);
    bench.check_random_controls(acts, weights);
}

/* Integer weights and those of up to 3 signed digits. */
static void test_msd(void **state)
{
    std::vector<operand> acts = operands_of(PE_MSD, ACT, any);
    std::vector<operand> weights = operands_of(PE_MSD, WEIGHT, has_fewer_digits);
    bench<Vtop_msd> bench("pe_msd", PE_MSD);
    bench.check_all(acts, weights);
    bench.check_random_controls(acts, weights);
}

/* Every activation with all 65536 codes would be 264 million clocks, and none would have a pair of
 * activation and digit that rsd_eb1 lacks. So each code meets the ends of the integers and some
 * activations at random. */
static void test_msd_four_digits(void **state)
{
    enum { RANDOM_ACTS = 10 };
    std::vector<operand> acts = operands_of(PE_MSD, ACT, any);
    std::vector<operand> weights = operands_of(PE_MSD, WEIGHT, has_four_digits);
    std::vector<operand> ends = {{{FORMAT_INT, 8, true}, 0x80, {-128, 0}},
                                 {{FORMAT_INT, 8, true}, 0x7f, {127, 0}},
                                 {{FORMAT_INT, 8, true}, 0xff, {-1, 0}},
                                 {{FORMAT_INT, 8, false}, 0xff, {255, 0}}};
    bench<Vtop_msd> bench("pe_msd, four digits", PE_MSD);
    bench.check_all(ends, weights);
    for (const operand &weight : weights)
        for (int i = 0; i < RANDOM_ACTS; i++)
            bench.check(acts[check_random() % acts.size()], weight);
    bench.check_random_controls(acts, weights);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int8),
        cmocka_unit_test(test_ant),
        cmocka_unit_test(test_ant_fused),
        cmocka_unit_test(test_msd),
        cmocka_unit_test(test_msd_four_digits),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
