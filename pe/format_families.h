/* What the families of formats give to the table in format.c, and what only the grids need. */
#ifndef MANTIS_PE_FORMAT_FAMILIES_H
#define MANTIS_PE_FORMAT_FAMILIES_H

#include "pe/format.h"

/* Bits of a code beside its sign bit. */
static inline int format_magnitude_bits(struct format format)
{
    return format.bits - format.is_signed;
}

/* Signed codes of flint, pot and all floats are a sign bit above a magnitude code. */
static inline bool format_sign(struct format format, uint32_t code)
{
    return format.is_signed && code >> format_magnitude_bits(format) & 1;
}

/* Position of the first one: floor(log2(value)), value > 0. */
static inline int first_one(uint32_t value)
{
    return 31 - __builtin_clz(value);
}

int int_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t int_encode(struct format format, int32_t level);

int flint_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t flint_encode(struct format format, int32_t level);

int float_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t float_encode(struct format format, int32_t level);

int digits_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t digits_encode(struct format format, int32_t level);

int adafloat_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t adafloat_encode(struct format format, int32_t level);

int biscaled_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t biscaled_encode(struct format format, int32_t level);

int outlier_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS]);
uint32_t outlier_encode(struct format format, int32_t level);

/* Signed digits a code of `format` holds; 0 where its codes are not made of digits. */
int digits_per_code(struct format format);

/* The level that restricting `value` (-127..127) to the format's digits leaves. */
int32_t digits_restrict(struct format format, int32_t value);

/* The fewest digits +-2^0..2^7 that add up to `level` (any sum of FORMAT_MAX_TERMS digits). */
int digits_least(int32_t level);

/* Such digits: digits_least(level) terms that add up to `level`. */
enum { DIGITS_MAX_LEAST = FORMAT_MAX_TERMS };
int digits_recode(int32_t level, struct term terms[DIGITS_MAX_LEAST]);

#endif
