#include "pe/pe.h"

#include <assert.h>

#include "pe/booth.h"

enum { HALF_BITS = 4, BISCALED_BITS = 6 };

static bool is_int(struct format format)
{
    return format.family == FORMAT_INT && format_is_operand(format);
}

static bool is_digits(struct format format)
{
    return format.family >= FORMAT_RSD_EB1 && format.family <= FORMAT_RSD_EB4;
}

static bool is_ant(struct format format)
{
    return format.family <= FORMAT_FLOAT_E4 && format_is_operand(format);
}

static bool is_biscaled(struct format format)
{
    return format.family >= FORMAT_BISCALED_S1 && format.family <= FORMAT_BISCALED_S4;
}

/* --- what a PE takes --- */

static bool refuse(struct err *err, const char *pe, const char *operand, struct format format,
                   const char *legal)
{
    char name[16];
    return err_set(err, "PE %s does not take %s of format %s; legal: %s", pe, operand,
                   format_print(format, name), legal);
}

/* For PEs that take the same formats from both sides. */
static bool both(bool (*takes)(struct format format), const char *pe, const char *legal,
                 struct format act, struct format weight, struct err *err)
{
    if (!takes(act))
        return refuse(err, pe, "activations", act, legal);
    return takes(weight) || refuse(err, pe, "weights", weight, legal);
}

static bool int8_accepts(struct format act, struct format weight, struct err *err)
{
    return both(is_int, "int8", "int of 2 to 8 bits", act, weight, err);
}

static bool int8x2_accepts(struct format act, struct format weight, struct err *err)
{
    return both(is_int, "int8x2", "int of 2 to 8 bits", act, weight, err);
}

static bool bitfusion_accepts(struct format act, struct format weight, struct err *err)
{
    return both(is_int, "bitfusion", "int of 2 to 8 bits", act, weight, err);
}

static bool olaccel_takes(struct format format)
{
    return is_int(format) || format.family == FORMAT_OUTLIER;
}

static bool olaccel_accepts(struct format act, struct format weight, struct err *err)
{
    return both(olaccel_takes, "olaccel", "int of 2 to 8 bits, outlier", act, weight, err);
}

static bool adafloat_takes(struct format format)
{
    return format.family == FORMAT_ADAFLOAT_E3;
}

static bool adafloat_accepts(struct format act, struct format weight, struct err *err)
{
    return both(adafloat_takes, "adafloat", "adafloat_e3", act, weight, err);
}

static bool biscaled_takes(struct format format)
{
    return (is_int(format) || is_biscaled(format)) && format.bits <= BISCALED_BITS;
}

static bool biscaled_accepts(struct format act, struct format weight, struct err *err)
{
    static const char legal[] = "int, biscaled_s1 to biscaled_s4, of up to 6 bits";
    return both(biscaled_takes, "biscaled", legal, act, weight, err);
}

static bool ant_accepts(struct format act, struct format weight, struct err *err)
{
    static const char legal[] = "int, flint, pot, float_e1 to float_e4, of up to 8 bits";
    return both(is_ant, "ant", legal, act, weight, err);
}

static bool serial_accepts(const char *pe, struct format act, struct format weight, struct err *err)
{
    if (!is_int(act))
        return refuse(err, pe, "activations", act, "int of 2 to 8 bits");
    if (!is_int(weight) && !is_digits(weight))
        return refuse(err, pe, "weights", weight, "rsd_eb1 to rsd_eb4, int of 2 to 8 bits");
    return true;
}

static bool msd_accepts(struct format act, struct format weight, struct err *err)
{
    return serial_accepts("msd", act, weight, err);
}

static bool msd_skip_accepts(struct format act, struct format weight, struct err *err)
{
    return serial_accepts("msd_skip", act, weight, err);
}

/* --- how it reshapes the array, and its clocks --- */

static int never_fuses(struct format operand)
{
    return 1;
}

/* Two 4-bit PEs along a direction take the two halves of a wider operand (ANT, MICRO 2022, section
 * 6; Bit Fusion, ISCA 2018). An outlier is none: its upper half goes to the PEs that
 * olaccel has for outliers. */
static int fuses_wide_operands(struct format operand)
{
    return operand.bits > HALF_BITS ? 2 : 1;
}

static int one_clock(struct format weight)
{
    return 1;
}

static int clock_per_digit(struct format weight)
{
    if (weight.family == FORMAT_INT)
        return booth_count(weight);
    return format_code_bits(weight) / HALF_BITS; /* the zero flag of rsd_eb1 is not a digit */
}

/* --- one multiply-accumulate, term by term; all sums modulo 2^64 --- */

static int64_t add(int64_t sum, int64_t product, int shift)
{
    return shift < 64 ? (int64_t)((uint64_t)sum + ((uint64_t)product << shift)) : sum;
}

static struct term one_term(struct format format, uint32_t code)
{
    struct term terms[FORMAT_MAX_TERMS];
    int count = format_family(format)->decode(format, code, terms);
    assert(count == 1);
    return terms[0];
}

static int64_t int8_multiply_accumulate(struct format act, uint32_t act_code, struct format weight,
                                        uint32_t weight_code, int64_t partial_sum)
{
    int product = one_term(act, act_code).mult * one_term(weight, weight_code).mult;
    return add(partial_sum, product, 0);
}

/* The 4-bit pieces of a decoded integer that fused PEs multiply: the high one keeps the sign. A
 * code of up to 4 bits decodes to up to 4 bits and stays whole. */
static int split_halves(struct format format, int mult, int halves[2])
{
    halves[0] = mult;
    if (format_code_bits(format) <= HALF_BITS)
        return 1;
    halves[1] = mult >> HALF_BITS;
    halves[0] = mult & ((1 << HALF_BITS) - 1);
    return 2;
}

/* (a << s) * (b << t) = (a * b) << (s + t), as 1, 2 or 4 products of 4-bit pieces (ANT, sections 5
 * and 6). */
static int64_t pieces_multiply_accumulate(struct format act, uint32_t act_code,
                                          struct format weight, uint32_t weight_code,
                                          int64_t partial_sum)
{
    struct term a = one_term(act, act_code), b = one_term(weight, weight_code);
    int a_halves[2], b_halves[2];
    int a_count = split_halves(act, a.mult, a_halves);
    int b_count = split_halves(weight, b.mult, b_halves);
    for (int i = 0; i < a_count; i++)
        for (int j = 0; j < b_count; j++)
            partial_sum = add(partial_sum, a_halves[i] * b_halves[j],
                              HALF_BITS * (i + j) + a.shift + b.shift);
    return partial_sum;
}

/* The same with whole multiplicands. */
static int64_t shifted_multiply_accumulate(struct format act, uint32_t act_code,
                                           struct format weight, uint32_t weight_code,
                                           int64_t partial_sum)
{
    struct term a = one_term(act, act_code), b = one_term(weight, weight_code);
    return add(partial_sum, a.mult * b.mult, a.shift + b.shift);
}

/* A clock a digit: the activation, negated, doubled or gated as the digit says, is shifted and
 * added. */
static int64_t msd_multiply_accumulate(struct format act, uint32_t act_code, struct format weight,
                                       uint32_t weight_code, int64_t partial_sum)
{
    int multiplicand = one_term(act, act_code).mult;
    if (weight.family == FORMAT_INT) {
        int8_t digits[BOOTH_MAX_DIGITS];
        int count = booth_recode(weight, weight_code, digits);
        for (int i = 0; i < count; i++)
            partial_sum = add(partial_sum, multiplicand * digits[i], 2 * i);
        return partial_sum;
    }
    struct term terms[FORMAT_MAX_TERMS];
    int count = format_family(weight)->decode(weight, weight_code, terms);
    for (int i = 0; i < count; i++)
        partial_sum = add(partial_sum, multiplicand * terms[i].mult, terms[i].shift);
    return partial_sum;
}

/* --- the table --- */

#define ROW_INT8                                                                 \
    .fusion = never_fuses, .clocks_per_mac = one_clock, .accepts = int8_accepts, \
    .multiply_accumulate = int8_multiply_accumulate
#define ROW_ANT                                                                       \
    .fusion = fuses_wide_operands, .clocks_per_mac = one_clock, .has_decoders = true, \
    .accepts = ant_accepts, .multiply_accumulate = pieces_multiply_accumulate
#define ROW_MSD                                                                       \
    .fusion = never_fuses, .clocks_per_mac = clock_per_digit, .accepts = msd_accepts, \
    .multiply_accumulate = msd_multiply_accumulate
#define ROW_MSD_SKIP                                                                     \
    .fusion = never_fuses, .clocks_per_mac = clock_per_digit, .skips_zero_digits = true, \
    .accepts = msd_skip_accepts, .multiply_accumulate = msd_multiply_accumulate
#define ROW_BITFUSION                                                                         \
    .fusion = fuses_wide_operands, .clocks_per_mac = one_clock, .accepts = bitfusion_accepts, \
    .multiply_accumulate = pieces_multiply_accumulate
#define ROW_OLACCEL                                                                         \
    .fusion = fuses_wide_operands, .clocks_per_mac = one_clock, .accepts = olaccel_accepts, \
    .multiply_accumulate = pieces_multiply_accumulate
#define ROW_ADAFLOAT                                                                 \
    .fusion = never_fuses, .clocks_per_mac = one_clock, .accepts = adafloat_accepts, \
    .multiply_accumulate = shifted_multiply_accumulate
#define ROW_BISCALED                                                                 \
    .fusion = never_fuses, .clocks_per_mac = one_clock, .accepts = biscaled_accepts, \
    .multiply_accumulate = shifted_multiply_accumulate
/* One DSP multiplies a weight by two activations that stand 18 bits apart in its wide operand: two
 * products a clock (Fu et al., "Deep Learning with INT8 Optimization on Xilinx Devices", WP486,
 * 2017). */
#define ROW_INT8X2                                                            \
    .fusion = never_fuses, .clocks_per_mac = one_clock, .packs_pixels = true, \
    .accepts = int8x2_accepts, .multiply_accumulate = int8_multiply_accumulate

const struct pe_descriptor *pe_descriptor(int pe_type)
{
#define ROW(id, text, explanation) [PE_##id] = {.name = text, .help = explanation, ROW_##id},
    static const struct pe_descriptor descriptors[PE_COUNT] = {PES(ROW)};
#undef ROW
    assert(pe_type >= 0 && pe_type < PE_COUNT);
    return &descriptors[pe_type];
}

int64_t accumulator_wrap(int64_t exact, int bits)
{
    assert(bits >= 1 && bits <= 64);
    int above = 64 - bits;
    return (int64_t)((uint64_t)exact << above) >> above;
}
