/* A second, independent telling of docs/formats.md: codes by their drawings, digits by their
 * definitions. It shares no code with the simulator. */
#ifndef MANTIS_TEST_FORMAT_ORACLE_H
#define MANTIS_TEST_FORMAT_ORACLE_H

#include "isa/format.h"

/* The integer that a code stands for. */
int64_t format_oracle_level(struct format format, uint32_t code);

/* Bits that a code takes. */
int format_oracle_bits(struct format format);

/* Digits of a weight on a bit-serial PE: those stored in rsd, Booth digits of int. */
int format_oracle_digits(struct format weight);

/* How many of them are left where zero digits are skipped; may be 0. */
int format_oracle_nonzero_digits(struct format weight, uint32_t code);

#endif
