/* Graph to graph: batch normalisation folded into the convolution or Gemm before it, identities
 * removed, dead values dropped. The result computes the same function. */
#ifndef MANTIS_COMPILER_FOLD_H
#define MANTIS_COMPILER_FOLD_H

#include "workloads/graph.h"

bool fold(struct graph *graph, struct err *err);

#endif
