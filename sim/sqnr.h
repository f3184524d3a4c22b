/* Signal to quantisation noise of every layer's output: what the machine computed against the float
 * reference. */
#ifndef MANTIS_SIM_SQNR_H
#define MANTIS_SIM_SQNR_H

#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "isa/program.h"
#include "sim/evaluation.h"
#include "workloads/dataset.h"
#include "workloads/graph.h"

enum { SQNR_IMAGES = 8 };

/* Over the first SQNR_IMAGES images, 10 log10(sum reference^2 / sum (machine - reference)^2).
 * Layers without noise, and without a counterpart in the graph, stay NaN. Layers of network and
 * program correspond. */
bool measure_sqnr(const struct program *program, const struct network *network,
                  const struct graph *graph, const struct dataset *data, int images,
                  struct evaluation *evaluation, struct err *err);

#endif
