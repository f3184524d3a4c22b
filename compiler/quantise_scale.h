/* The search for scales: which step size of a grid quantises given numbers with the least squared
 * error. */
#ifndef MANTIS_COMPILER_QUANTISE_SCALE_H
#define MANTIS_COMPILER_QUANTISE_SCALE_H

#include "compiler/quantise.h"
#include "pe/format.h"

/* Numbers and how often each occurs, ascending, with running sums: they give the squared error of
 * any grid at any scale in a time that depends on the grid's levels alone. */
struct distribution {
    int count, capacity;
    float *values;          /* [count], ascending */
    struct moments *before; /* [count + 1]: of all numbers below values[i] */
    int bucket_count,
        *buckets; /* [bucket_count + 1]: first value in each of equal parts of the range */
    double bucket_low, bucket_per_unit;
};

struct moments {
    double weight, sum, square;
};

/* Make `distribution` (zeroed, or used before) that of `count` numbers; weights NULL: each occurs
 * once, in any order. With weights the values must ascend. */
void distribution_set(struct distribution *distribution, const float *values, const double *weights,
                      int count);
void distribution_clear(struct distribution *distribution);

/* Sum of (x - scale * nearest level)^2 over the distribution. */
double quantisation_error(const struct distribution *distribution, const struct grid *grid,
                          double scale);

/* Share of the distribution's numbers whose nearest level is an outlier; 0 on grids that have
 * none. */
double outlier_share(const struct distribution *distribution, const struct grid *grid,
                     double scale);

/* What a scheme asks of scales: powers of two (as a shared exponent, or fixed point, has them), and
 * no more than a share of outliers. */
struct scale_rule {
    bool power_of_two;
    double most_outliers; /* 0..1 */
};
struct scale_rule quantise_scale_rule(const struct quantise_config *config);

/* The scale (> 0) with the least error that the rule allows; the error goes to *error. Candidates
 * are a sixteenth of an octave apart, from well above the scale that clips nothing (of `outlier`:
 * that has no outliers) to where clipping rules, then finer ones around the best; or all powers of
 * two there. Without any number other than zero the scale is 1. */
double search_scale_under(const struct distribution *distribution, const struct grid *grid,
                          struct scale_rule rule, double *error);

/* The same where anything is allowed. */
double search_scale(const struct distribution *distribution, const struct grid *grid,
                    double *error);

/* The operand formats of a choice that exist with that sign (or without, where a family has no
 * unsigned form). Returns their number, 0 where there are none. */
int choice_formats(const struct format_choice *choice, bool is_signed,
                   struct format formats[QUANTISE_MAX_FAMILIES]);

#endif
