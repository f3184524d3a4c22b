/* rsd_eb<k>, restricted signed digit: an 8-bit integer cut to k digits +-2^s (MSD, FCCM 2023,
 * section 3). A code holds k digits of 4 bits, the first in the lowest bits: sign above a 3-bit
 * shift s. All k digits are there, whatever the level: one with fewer has digits split, and zero is
 * digits that cancel. A single digit cannot cancel, so rsd_eb1 alone has a fifth bit that says
 * zero. */
#include "pe/format_families.h"

#include <assert.h>
#include <stdlib.h>

enum {
    DIGIT_BITS = 4,
    SHIFT_BITS = 3,
    MAX_SHIFT = (1 << SHIFT_BITS) - 1,
    ZERO_FLAG = 1 << DIGIT_BITS
};

struct digits {
    int count;
    struct term digit[FORMAT_MAX_TERMS];
};

int digits_per_code(struct format format)
{
#define DIGITS(id, name, digits, extra_bits) [FORMAT_##id] = digits,
    static const uint8_t digits[FORMAT_FAMILY_COUNT] = {FORMAT_FAMILIES(DIGITS)};
#undef DIGITS
    return digits[format.family];
}

/* floor(log2) or one more: the power of two nearest to `magnitude` > 0, ties to the smaller. */
static int nearest_shift(uint32_t magnitude)
{
    int shift = first_one(magnitude);
    uint32_t below = magnitude - (1u << shift), above = (2u << shift) - magnitude;
    return below > above ? shift + 1 : shift;
}

/* Greedy: take the nearest power of two, go on with what is left, k digits at most. */
static struct digits greedy(struct format format, int32_t value)
{
    struct digits digits = {0};
    while (value && digits.count < digits_per_code(format)) {
        int sign = value < 0 ? -1 : 1;
        int shift = nearest_shift((uint32_t)(sign * value));
        digits.digit[digits.count++] =
            (struct term){.mult = (int16_t)sign, .shift = (uint8_t)shift};
        value -= sign * (1 << shift);
    }
    return digits;
}

/* One digit more, same sum: 2^s = 2^(s-1) + 2^(s-1), 1 = 2 - 1. */
static void split_last(struct digits *digits)
{
    struct term *last = &digits->digit[digits->count - 1];
    struct term more = *last;
    if (last->shift) {
        last->shift--;
        more.shift--;
    } else {
        last->shift++;
        more.mult = (int16_t)-more.mult;
    }
    digits->digit[digits->count++] = more;
}

int32_t digits_restrict(struct format format, int32_t value)
{
    struct digits digits = greedy(format, value);
    int32_t level = 0;
    for (int i = 0; i < digits.count; i++)
        level += digits.digit[i].mult * (1 << digits.digit[i].shift);
    return level;
}

int digits_decode(struct format format, uint32_t code, struct term terms[FORMAT_MAX_TERMS])
{
    int count = digits_per_code(format);
    for (int i = 0; i < count && i < FORMAT_MAX_TERMS; i++) {
        uint32_t digit = code >> (DIGIT_BITS * i);
        terms[i] =
            (struct term){.mult = digit >> SHIFT_BITS & 1 ? -1 : 1, .shift = digit & MAX_SHIFT};
    }
    if (count == 1 && code & ZERO_FLAG)
        terms[0] = (struct term){0};
    return count;
}

uint32_t digits_encode(struct format format, int32_t level)
{
    int count = digits_per_code(format);
    if (count == 1 && !level)
        return ZERO_FLAG;
    struct digits digits = greedy(format, level);
    if (!digits.count) { /* zero is 1 - 1 */
        digits.digit[0] = (struct term){.mult = 1};
        digits.digit[1] = (struct term){.mult = -1};
        digits.count = 2;
    }
    while (digits.count < count)
        split_last(&digits);
    uint32_t code = 0;
    for (int i = 0; i < count; i++) {
        uint32_t sign = digits.digit[i].mult < 0;
        assert(digits.digit[i].shift <= MAX_SHIFT);
        code |= (sign << SHIFT_BITS | digits.digit[i].shift) << (DIGIT_BITS * i);
    }
    return code;
}

/* least(v, s), digits of weight 2^s and up for v * 2^s: an even v needs none at s, an odd one a
 * digit of either sign; at the last shift every unit is a digit. */
static int least_from(int32_t value, int shift)
{
    if (!value || shift == MAX_SHIFT)
        return abs(value);
    if (value % 2 == 0)
        return least_from(value / 2, shift + 1);
    int up = least_from((value + 1) / 2, shift + 1), down = least_from((value - 1) / 2, shift + 1);
    return 1 + (up < down ? up : down);
}

int digits_least(int32_t level)
{
    return least_from(level, 0);
}

/* The non-adjacent form has the fewest digits (Reitwiesner, "Binary arithmetic", 1960): an odd rest
 * takes the digit that leaves a multiple of four. Below the last shift, where two units are two
 * digits, it is the one that leaves less. */
int digits_recode(int32_t level, struct term terms[DIGITS_MAX_LEAST])
{
    int count = 0;
    for (int shift = 0; level; shift++, level /= 2) {
        bool is_last = shift == MAX_SHIFT, is_odd = level % 2 != 0;
        bool is_negative = shift >= MAX_SHIFT - 1 ? level < 0 : (level & 3) == 3;
        struct term digit = {.mult = is_negative ? -1 : 1, .shift = (uint8_t)shift};
        for (int left = is_last ? abs(level) : is_odd; left > 0; left--) {
            assert(count < DIGITS_MAX_LEAST);
            terms[count++] = digit;
            level -= digit.mult;
        }
    }
    return count;
}
