/* The names of the number formats. What they mean (levels, codes, terms) is in pe/format.h. */
#ifndef MANTIS_ISA_FORMAT_H
#define MANTIS_ISA_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* X(ENUMERATOR, name, digits, extra_bits): `digits` is the number of signed digits a code holds, 0
 * where a code is not made of digits; `extra_bits` are those of a code beside its digits or its
 * nominal width. The order is the binary encoding in programs: append only. */
#define FORMAT_FAMILIES(X)              \
    X(INT, "int", 0, 0)                 \
    X(FLINT, "flint", 0, 0)             \
    X(POT, "pot", 0, 0)                 \
    X(FLOAT_E1, "float_e1", 0, 0)       \
    X(FLOAT_E2, "float_e2", 0, 0)       \
    X(FLOAT_E3, "float_e3", 0, 0)       \
    X(FLOAT_E4, "float_e4", 0, 0)       \
    X(RSD_EB1, "rsd_eb1", 1, 1)         \
    X(RSD_EB2, "rsd_eb2", 2, 0)         \
    X(RSD_EB3, "rsd_eb3", 3, 0)         \
    X(RSD_EB4, "rsd_eb4", 4, 0)         \
    X(ADAFLOAT_E3, "adafloat_e3", 0, 0) \
    X(BISCALED_S1, "biscaled_s1", 0, 1) \
    X(BISCALED_S2, "biscaled_s2", 0, 1) \
    X(BISCALED_S3, "biscaled_s3", 0, 1) \
    X(BISCALED_S4, "biscaled_s4", 0, 1) \
    X(OUTLIER, "outlier", 0, 4)

#define FORMAT_ENUMERATOR(id, name, digits, extra_bits) FORMAT_##id,
enum format_family { FORMAT_FAMILIES(FORMAT_ENUMERATOR) FORMAT_FAMILY_COUNT };
#undef FORMAT_ENUMERATOR

/* One format: a family at a width. `bits` is the nominal width (8 for every rsd, that of the many
 * small numbers for outlier). INT also comes with 16 and 32 bits, for network outputs and
 * vector-unit parameters only. */
struct format {
    uint8_t family; /* enum format_family */
    uint8_t bits;
    bool is_signed;
};

/* Bits one code takes in DRAM and in a scratchpad: `bits`, or 4 per digit (sign and 3-bit shift)
 * for signed-digit formats; and the family's extra bits (a zero flag where there is but one digit,
 * which scale, the upper half of an outlier). */
int format_code_bits(struct format format);

/* Bytes one code takes in the simulator's own memory: 1, 2 or 4. */
int format_host_bytes(struct format format);

/* "int8", "uint4", "flint4", "uflint4", "float4_e2", "rsd_eb2": the spelling used in reports and
 * program listings. Writes at most 15 characters to `text`, and returns it. */
char *format_print(struct format format, char text[16]);

#endif
