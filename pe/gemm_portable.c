/* Multiplying 8-bit matrices in plain C: exact on any CPU. */
#include <string.h>

#include "pe/clones.h"
#include "pe/gemm_parts.h"

enum { COLUMNS = 64, ROWS = 4 };

/* sums[r][j] for up to ROWS rows and COLUMNS columns. Rows share each weight that is loaded. */
LOOP_BODY void multiply_block(const void *act, bool act_is_signed, size_t row, int rows,
                              const struct plane *plane, int column, int columns, int32_t *sums)
{
    int32_t block[ROWS][COLUMNS] = {0};
    for (int kk = 0; kk < plane->k; kk++) {
        const int8_t *weights = plane->limbs + (size_t)kk * (size_t)plane->n + column;
        for (int r = 0; r < rows; r++) {
            size_t at = (row + (size_t)r) * (size_t)plane->k + (size_t)kk;
            int32_t level = act_is_signed ? ((const int8_t *)act)[at] : ((const uint8_t *)act)[at];
            for (int j = 0; j < columns; j++)
                block[r][j] += level * weights[j];
        }
    }
    for (int r = 0; r < rows; r++)
        memcpy(sums + (row + (size_t)r) * (size_t)plane->n + column, block[r],
               sizeof *sums * (size_t)columns);
}

VECTOR_CLONES static void multiply_full_block(const void *act, bool act_is_signed, size_t row,
                                              const struct plane *plane, int column, int32_t *sums)
{
    multiply_block(act, act_is_signed, row, ROWS, plane, column, COLUMNS, sums);
}

VECTOR_CLONES static void multiply_edge_block(const void *act, bool act_is_signed, size_t row,
                                              int rows, const struct plane *plane, int column,
                                              int columns, int32_t *sums)
{
    multiply_block(act, act_is_signed, row, rows, plane, column, columns, sums);
}

void portable_multiply(const void *act, bool act_is_signed, int m, const struct plane *plane,
                       int32_t *sums)
{
    for (int column = 0; column < plane->n; column += COLUMNS)
        for (int row = 0; row < m; row += ROWS) {
            int columns = plane->n - column < COLUMNS ? plane->n - column : COLUMNS;
            int rows = m - row < ROWS ? m - row : ROWS;
            if (rows == ROWS && columns == COLUMNS)
                multiply_full_block(act, act_is_signed, (size_t)row, plane, column, sums);
            else
                multiply_edge_block(act, act_is_signed, (size_t)row, rows, plane, column, columns,
                                    sums);
        }
}
