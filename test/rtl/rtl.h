/* What the tests of the Verilog twins share: the C model in C++, and the operands they go through. */
#ifndef MANTIS_TEST_RTL_H
#define MANTIS_TEST_RTL_H

#include <string>
#include <vector>

/* In C++ a function named like its struct, as pe_descriptor is, hides the constructor. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "test/check.h"
#include "isa/format.h"
#include "pe/booth.h"
#include "pe/format.h"
#include "pe/pe.h"
}
#pragma GCC diagnostic pop

/* Every operand format of the families `first`..`last`. */
inline std::vector<struct format> formats_of(int first, int last)
{
    std::vector<struct format> formats;
    for (int family = first; family <= last; family++)
        for (int is_signed = 0; is_signed <= 1; is_signed++)
            for (int bits = 1; bits <= 8; bits++) {
                struct format format = {(uint8_t)family, (uint8_t)bits, is_signed == 1};
                if (format_is_operand(format))
                    formats.push_back(format);
            }
    return formats;
}

/* The low `bits` of `value`, as a port of that width shows them. */
inline uint32_t port(int64_t value, int bits)
{
    return (uint32_t)((uint64_t)value & (UINT64_MAX >> (64 - bits)));
}

inline std::string name_of(struct format format)
{
    char name[16];
    return format_print(format, name);
}

#endif
