/* Inside of quantise(): the state its steps share. */
#ifndef MANTIS_COMPILER_QUANTISE_STATE_H
#define MANTIS_COMPILER_QUANTISE_STATE_H

#include "compiler/calibrate.h"
#include "compiler/fuse.h"
#include "compiler/quantise.h"

/* With this limit (value + bias) * multiplier, all of 32 bits, stays within 64. */
enum { QUANTISE_BIAS_LIMIT = 1 << 30 };

struct quantiser {
    const struct graph *graph;
    const struct quantise_config *config;
    struct fused_graph *fused;
    const struct calibration *calibration; /* NULL: timing only */
    struct network *network;
    double *biases; /* of the layer at hand, [n], real values; NULL where it has none */
    int *leader;    /* per activation: the one whose format and scale it shares, or itself */
};

/* The network's activations and layers from the fused graph: shapes and geometry. */
void quantise_skeleton(struct quantiser *quantiser);

/* leader[a]: the activation whose format and scale activation a shares, or a itself. Max pooling and
 * plain copies only pass levels on: their output keeps the format and scale of their input. */
void quantise_find_leaders(const struct network *network, int *leader);

/* Format and scale of every activation. */
bool quantise_activations(struct quantiser *quantiser, struct err *err);

/* Format, scales and codes of one MATMUL layer's weights for a core, and its biases, corrected where
 * the configuration says so. */
bool quantise_weights(struct quantiser *quantiser, int layer, int core,
                      struct core_weights *weights, struct err *err);

/* Parameter records of one layer with these weights (scales NULL in layers without), and its clamp
 * levels. */
bool quantise_parameters(struct quantiser *quantiser, int layer, struct core_weights *weights,
                         struct err *err);

/* What the configuration chooses from for a MATMUL layer: an override by name, the edge's choice
 * for the first and the last, or the common one; what a choice leaves open (bits 0, no families)
 * comes from the common one. */
struct format_choice quantise_weight_choice(const struct quantiser *quantiser, int layer, int core);
struct format_choice quantise_activation_choice(const struct quantiser *quantiser, int layer);

#endif
