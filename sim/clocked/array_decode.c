/* The decoders at the array's edges, as tables: a code goes in, its terms come out. Made once for
 * each format that a program uses. */
#include "sim/clocked/array_state.h"

#include <stdlib.h>
#include <string.h>

static bool same_format(struct format a, struct format b)
{
    return a.family == b.family && a.bits == b.bits && a.is_signed == b.is_signed;
}

static struct decoded decode(const struct clocked_array *array, struct format format,
                             bool is_weight, uint32_t code)
{
    struct term terms[PE_MAX_CLOCKS];
    int count = 1;
    if (is_weight)
        count = pe_weight_terms(array->core->pe, format, code, terms);
    else
        terms[0] = pe_operand_term(format, code);
    struct decoded decoded = {.count = (uint8_t)count};
    memcpy(decoded.digit, terms, (size_t)count * sizeof terms[0]);
    return decoded;
}

static struct decoder *build(const struct clocked_array *array, struct format format,
                             bool is_weight)
{
    uint32_t codes = UINT32_C(1) << format_code_bits(format);
    struct decoder *decoder = calloc(1, sizeof *decoder + codes * sizeof decoder->of_code[0]);
    if (!decoder)
        return NULL;
    decoder->format = format;
    decoder->is_weight = is_weight;
    decoder->mask = codes - 1;
    for (uint32_t code = 0; code < codes; code++) {
        struct decoded *decoded = &decoder->of_code[code];
        *decoded = decode(array, format, is_weight, code);
        for (int i = 0; i < PE_MAX_CLOCKS; i++)
            if (decoded->digit[i].shift > decoder->max_shift)
                decoder->max_shift = decoded->digit[i].shift;
    }
    return decoder;
}

const struct decoder *array_decoder(struct clocked_array *array, struct format format,
                                    bool is_weight)
{
    for (struct decoder *known = array->decoders; known; known = known->next)
        if (known->is_weight == is_weight && same_format(known->format, format))
            return known;
    struct decoder *decoder = build(array, format, is_weight);
    if (!decoder)
        return NULL;
    decoder->next = array->decoders;
    array->decoders = decoder;
    return decoder;
}
