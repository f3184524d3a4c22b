/* Radix-4 Booth digits: how a digit-serial PE takes an integer weight, one digit a clock. */
#ifndef MANTIS_PE_BOOTH_H
#define MANTIS_PE_BOOTH_H

#include <stdint.h>

#include "isa/format.h"

enum { BOOTH_MAX_DIGITS = 5 };

/* Digits of an integer of this format (up to 8 bits): ceil(bits/2); an unsigned one has a zero
 * above its top bit, so bits/2 + 1. */
int booth_count(struct format format);

/* digits[i] in -2..2, level = sum of digits[i] * 4^i. Returns booth_count. */
int booth_recode(struct format format, uint32_t code, int8_t digits[BOOTH_MAX_DIGITS]);

#endif
