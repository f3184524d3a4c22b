/* What the tests of cells share: operands of a PE, the C model's sums, a clock. */
#ifndef MANTIS_TEST_RTL_CELLS_H
#define MANTIS_TEST_RTL_CELLS_H

#include "rtl.h"

struct operand {
    struct format format;
    uint32_t code;
    struct term term;
};

/* Every code of every format that the PE takes, from either side. */
inline std::vector<operand> operands_of(int pe_type)
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

inline const operand &any_of(const std::vector<operand> &operands)
{
    return operands[check_random() % operands.size()];
}

/* Every other one an end of a width or a neighbour, else random. */
inline int32_t any_sum()
{
    static const uint32_t ends[] = {0, INT32_MAX, 0x7fffff, 0x3ffff, 0x55555555};
    uint64_t random = check_random();
    if (random >> 63)
        return (int32_t)random;
    return (int32_t)(ends[(random >> 8) % (sizeof ends / sizeof *ends)] + (uint32_t)(random & 3) -
                     1);
}

inline int64_t product_added(int pe_type, const operand &act, const operand &weight, int64_t sum)
{
    return pe_descriptor(pe_type)->multiply_accumulate(act.format, act.code, weight.format,
                                                       weight.code, sum);
}

template <class Top> void clock_once(Top &top)
{
    top.clock = 0;
    top.eval();
    top.clock = 1;
    top.eval();
}

#endif
