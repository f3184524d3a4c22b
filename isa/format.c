#include "isa/format.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define NAME(id, name, digits, extra_bits) name,
    FORMAT_FAMILIES(NAME)
#undef NAME
};

static const uint8_t digits[] = {
#define DIGITS(id, name, digits, extra_bits) digits,
    FORMAT_FAMILIES(DIGITS)
#undef DIGITS
};

static const uint8_t extra_bits[] = {
#define EXTRA_BITS(id, name, digits, extra_bits) extra_bits,
    FORMAT_FAMILIES(EXTRA_BITS)
#undef EXTRA_BITS
};

enum { BITS_PER_DIGIT = 4 }; /* sign and 3-bit shift: MSD (FCCM 2023), section 3 */

int format_code_bits(struct format format)
{
    assert(format.family < FORMAT_FAMILY_COUNT);
    int count = digits[format.family];
    return (count ? BITS_PER_DIGIT * count : format.bits) + extra_bits[format.family];
}

int format_host_bytes(struct format format)
{
    int bits = format_code_bits(format);
    return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

char *format_print(struct format format, char text[16])
{
    assert(format.family < FORMAT_FAMILY_COUNT);
    const char *name = names[format.family];
    int base = (int)strcspn(name, "_"); /* the width goes before "_e2" */
    if (digits[format.family]) /* every rsd is signed and 8 bits wide: the name says it all */
        snprintf(text, 16, "%s", name);
    else
        snprintf(text, 16, "%s%.*s%d%s", format.is_signed ? "" : "u", base, name, format.bits,
                 name + base);
    return text;
}
