/* The operands of a PE, clock by clock: digit-serial PEs take the digits of a weight one after the
 * other. */
#include "pe/pe_clock.h"

#include <assert.h>

#include "isa/arch.h"
#include "pe/booth.h"
#include "pe/format_families.h"

struct term pe_operand_term(struct format format, uint32_t code)
{
    struct term terms[FORMAT_MAX_TERMS];
    int count = format_family(format)->decode(format, code, terms);
    assert(count == 1);
    return terms[0];
}

/* Radix-4 digits, those of value 0 among them: digit i counts 4^i. */
static int booth_terms(struct format format, uint32_t code, struct term terms[PE_MAX_CLOCKS])
{
    static_assert((int)BOOTH_MAX_DIGITS <= (int)PE_MAX_CLOCKS, "a clock a digit");
    int8_t digits[BOOTH_MAX_DIGITS];
    int count = booth_recode(format, code, digits);
    for (int i = 0; i < count; i++)
        terms[i] = (struct term){.mult = digits[i], .shift = (uint8_t)(2 * i)};
    return count;
}

/* All digits of a weight, as PE msd takes them. */
static int all_digits(struct format format, uint32_t code, struct term terms[PE_MAX_CLOCKS])
{
    static_assert((int)FORMAT_MAX_TERMS <= (int)PE_MAX_CLOCKS, "a clock a digit");
    if (format.family == FORMAT_INT)
        return booth_terms(format, code, terms);
    return format_family(format)->decode(format, code, terms);
}

static int drop_zeros(struct term *terms, int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (terms[i].mult)
            terms[kept++] = terms[i];
    return kept;
}

/* The digits PE msd_skip takes: of an integer the Booth digits that are not zero; signed digits are
 * first recoded to the fewest of the same sum. */
static int digits_not_zero(struct format format, uint32_t code, struct term terms[PE_MAX_CLOCKS])
{
    int count;
    if (format.family == FORMAT_INT)
        count = drop_zeros(terms, booth_terms(format, code, terms));
    else
        count = digits_recode(format_level(format, code), terms);
    if (count)
        return count;
    terms[0] = (struct term){0};
    return 1;
}

int pe_weight_terms(int pe_type, struct format format, uint32_t code,
                    struct term terms[PE_MAX_CLOCKS])
{
    switch ((enum pe_type)pe_type) {
    case PE_INT8:
    case PE_INT8X2:
    case PE_ANT:
    case PE_BITFUSION:
    case PE_OLACCEL:
    case PE_ADAFLOAT:
    case PE_BISCALED:
        terms[0] = pe_operand_term(format, code);
        return 1;
    case PE_MSD:
        return all_digits(format, code, terms);
    case PE_MSD_SKIP:
        return digits_not_zero(format, code, terms);
    case PE_COUNT:
        break;
    }
    assert(!"no such PE");
    return 0;
}
