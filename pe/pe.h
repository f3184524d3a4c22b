/* PEs: a PE is a cost. What operands each takes, how it reshapes the array, and how many clocks a
 * multiply-accumulate takes. The arithmetic of all PEs is the same and exact: the sum of products
 * of terms. */
#ifndef MANTIS_PE_PE_H
#define MANTIS_PE_PE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/arch.h"
#include "isa/err.h"
#include "isa/format.h"
#include "pe/format.h"

/* One row of the table of PEs. */
struct pe_descriptor {
    const char *name;
    const char *help;
    /* PEs that fuse along one direction for an operand of this format (1, or 2 for wide operands on
     * `ant`). */
    int (*fusion)(struct format operand);
    /* Clocks of one multiply-accumulate with a weight of this format, zero digits not skipped. */
    int (*clocks_per_mac)(struct format weight);
    /* Works on two output pixels at once, which share a weight: two rows of the effective array to a
     * row of PEs (only in os do rows hold pixels). */
    bool packs_pixels;
    bool skips_zero_digits;
    bool has_decoders; /* operands pass ANT decoders at the array edge */
    /* Whether the PE takes the pair of operand formats. On false fills err with the legal choices.
     */
    bool (*accepts)(struct format act, struct format weight, struct err *err);
    /* One multiply-accumulate, term by term: the definition that every fast path is proven against.
     */
    int64_t (*multiply_accumulate)(struct format act, uint32_t act_code, struct format weight,
                                   uint32_t weight_code, int64_t partial_sum);
};

const struct pe_descriptor *pe_descriptor(int pe_type);

/* Output pixels that a PE works on at once. */
static inline unsigned pe_pixels(const struct pe_descriptor *pe)
{
    return pe->packs_pixels ? 2 : 1;
}

/* Sign-extended low `bits` (8..63) of `exact`: what an accumulator of that width holds. */
int64_t accumulator_wrap(int64_t exact, int bits);

#endif
