/* What a PE does in one clock. The register-level array of sim/clocked is made of these functions;
 * summed over the clocks of a multiply-accumulate they equal the PE's definition in pe/pe.c
 * (test/test_pe_clocks_add_up.c). */
#ifndef MANTIS_PE_PE_CLOCK_H
#define MANTIS_PE_PE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/format.h"
#include "pe/format.h"

/* Most clocks of one multiply-accumulate: Booth digits of an unsigned 8-bit integer. */
enum { PE_MAX_CLOCKS = 5 };

/* The term that stands for an operand of a bit-parallel PE, or for the activation of a serial one:
 * what the decoder at the array edge sends into the array. */
struct term pe_operand_term(struct format format, uint32_t code);

/* The terms a weight sends into the array of PE `pe_type`, one a clock: returns their number, which
 * is clocks_per_mac, or for PEs that skip zero digits max(1, grid->digits_of_code) (a zero weight
 * is one term of mult 0). */
int pe_weight_terms(int pe_type, struct format format, uint32_t code,
                    struct term terms[PE_MAX_CLOCKS]);

/* One clock of one PE, modulo 2^64: multiply what stands in its two operand registers, align,
 * add. */
static inline int64_t pe_clock(struct term act, struct term weight, int64_t sum)
{
    int64_t product = (int64_t)act.mult * weight.mult;
    return (int64_t)((uint64_t)sum + ((uint64_t)product << (act.shift + weight.shift)));
}

#endif
