/* Walks over all formats that an operand of a PE can have. */
#ifndef MANTIS_TEST_OPERAND_FORMATS_H
#define MANTIS_TEST_OPERAND_FORMATS_H

#include <stdbool.h>

#include "pe/format.h"

/* Steps to the next format with a grid; start from {0}. False after the last. */
__attribute__((unused)) static bool next_operand_format(struct format *format)
{
    for (;;) {
        if (!format->is_signed) {
            format->is_signed = true;
        } else {
            format->is_signed = false;
            if (++format->bits > 32) {
                format->bits = 0;
                if (++format->family >= FORMAT_FAMILY_COUNT)
                    return false;
            }
        }
        if (format_is_operand(*format))
            return true;
    }
}

#endif
