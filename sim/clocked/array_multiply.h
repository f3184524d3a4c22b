/* One clock of all PEs as loops over rows of registers; the definition is pe_clock
 * (pe/pe_clock.h). */
#ifndef MANTIS_SIM_CLOCKED_ARRAY_MULTIPLY_H
#define MANTIS_SIM_CLOCKED_ARRAY_MULTIPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Terms, a plane of each part. */
struct terms {
    int16_t *mult;
    uint8_t *shift;
};

/* Rows of registers: row i lies at ((first + i * step) & mask) * pitch. */
struct row_walk {
    uint32_t first, step, mask;
    size_t pitch;
};

/* sums[i][j] += a[i][j] * b[i >> packing][j], modulo 2^32, or 2^64 where wide. */
struct row_products {
    struct terms a, b;
    struct row_walk a_rows, b_rows, sum_rows;
    void *sums; /* uint32_t, or uint64_t where wide */
    uint32_t rows, columns;
    uint8_t packing; /* 1 where two rows share an operand, else 0 */
    bool is_wide;
    bool
        has_shifts; /* else no operand has one; narrow sums take shifts up to 31, wide ones to 63 */
};

void array_multiply_rows(const struct row_products *products);

#endif
