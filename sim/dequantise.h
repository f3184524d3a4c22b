/* Quantised weights written back: as codes and scales, or as floats in the original network. */
#ifndef MANTIS_SIM_DEQUANTISE_H
#define MANTIS_SIM_DEQUANTISE_H

#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "workloads/graph.h"

/* npz: input/scale, input/levels, and per layer
 *   <layer>/codes          [groups][K][n/groups], K = (ky, kx, channel); layers with weights
 *   <layer>/levels         of the same shape: the integers that the codes stand for
 *   <layer>/scales         [n]: real weight = level * scale
 *   <layer>/params         [n][4] int32: bias, multiplier, residual multiplier, shift
 *   <layer>/clamp          lowest and highest output level
 *   <layer>/output_levels  level of every output code; absent for 16- and 32-bit integers
 *   <layer>/output_scale   real output = level * scale */
bool quantised_write_npz(const struct network *network, const char *path, struct err *err);

/* The network at `source` with its weights replaced by quantised ones. `folded` is the graph that
 * was quantised: where a batch normalisation was folded into weights, its factor is taken out
 * again, so that the result, run in float, computes with exactly the quantised weights. */
bool quantised_write_onnx(const struct network *network, const struct graph *folded,
                          const char *source, const char *path, struct err *err);

#endif
