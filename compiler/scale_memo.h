/* Scales of weights that were found before. They depend on a layer's weights, the grid and the rule
 * alone, so that schemes which differ elsewhere - the widths of a sweep, the candidates of a plan -
 * search once for all. */
#ifndef MANTIS_COMPILER_SCALE_MEMO_H
#define MANTIS_COMPILER_SCALE_MEMO_H

#include <stdbool.h>

#include "compiler/quantise_scale.h"

/* What a search was for: which layer of the graph, and how. */
struct scale_question {
    int layer;
    struct format format;
    struct scale_rule rule;
    bool tensor_scales; /* one scale for all output channels */
};

struct scale_memo;
struct scale_memo *scale_memo_new(void);
void scale_memo_free(struct scale_memo *memo);

/* The scales [channels] and the squared error of an earlier search; false where there was none. From
 * any thread, as the next. */
bool scale_memo_recall(struct scale_memo *memo, const struct scale_question *question,
                       double *scales, int channels, double *error);
void scale_memo_keep(struct scale_memo *memo, const struct scale_question *question,
                     const double *scales, int channels, double error);

#endif
