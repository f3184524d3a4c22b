/* Calibration and post-training quantisation: float graph to quantised network.
 * docs/quantisation.md. */
#ifndef MANTIS_COMPILER_QUANTISE_H
#define MANTIS_COMPILER_QUANTISE_H

#include "compiler/network.h"
#include "workloads/graph.h"

enum { QUANTISE_MAX_FAMILIES = 8, QUANTISE_MAX_OVERRIDES = 512 };

/* Formats to choose from for one kind of tensor: the family with the least squared error wins (ANT,
 * section 5.2). bits = 0: inherit. */
struct format_choice {
    int bits;
    int family_count;
    uint8_t families[QUANTISE_MAX_FAMILIES]; /* enum format_family */
};

/* Per-layer override: the first whose pattern (fnmatch; of a table's row, the very name) matches the
 * layer's name applies. */
struct quantise_override {
    char pattern[PROGRAM_NAME_SIZE];
    bool is_name;
    struct format_choice weights, activations, second_weights;
};

/* A row of a table of widths that published schemes give to the layers of networks. */
struct layer_precision {
    char network[PROGRAM_NAME_SIZE], layer[PROGRAM_NAME_SIZE];
    int weight_bits, activation_bits;
};

/* What a quantisation file (--quant Q.cfg) says; sim/config.c reads it. */
struct quantise_config {
    char name[ARCH_NAME_SIZE];
    bool is_float; /* the float32 scheme: nothing is quantised */
    struct format_choice weights, activations;
    struct format_choice edge_weights, edge_activations; /* first and last MATMUL layer */
    struct format_choice second_weights; /* of an accelerator's second core; int8 unless given */
    int cores; /* of the accelerator, set by who knows it: with 2, weights are made for both */
    int output_bits; /* network output (logits): int16 unless said otherwise */
    int calibration_images;
    bool bias_correction;     /* take the mean shift that weight errors cause out of the biases */
    bool tensor_scales;       /* one scale for all weights of a layer, not one per output channel */
    bool power_of_two_scales; /* but that of the network's output */
    double outlier_percent;   /* of a tensor's numbers, most that `outlier` formats may have */
    int override_count;
    struct quantise_override *overrides;
    char
        precisions_network[PROGRAM_NAME_SIZE]; /* whose rows apply; "": those of the model's name */
    int precision_count;
    struct layer_precision *precisions; /* of one scheme, all networks: sim/config_precisions.c */
};

/* What a scheme lets a layer of that name choose from: its override, else, where it is the first or
 * last MATMUL layer, the edge, else the common choice; each says bits and families on its own. A
 * second core's weights know no edge. */
enum quantise_operand { OPERAND_WEIGHTS, OPERAND_ACTIVATIONS, OPERAND_SECOND_WEIGHTS };
struct format_choice quantise_choice(const struct quantise_config *config, const char *layer,
                                     bool is_edge, enum quantise_operand operand);

/* Supplies calibration image `index` (NCHW floats); false at an error. */
typedef bool (*calibration_reader)(void *context, int index, float *image, struct err *err);
typedef void (*quantise_progress)(void *context, const char *phase, int done, int total);

/* Observe the activations of the graph, which must be folded, over the images. It is the same for all
 * schemes. NULL on error; free with calibration_free (compiler/calibrate.h). progress may be NULL. */
struct calibration;
struct calibration *quantise_observe(const struct graph *graph, calibration_reader reader,
                                     int images, quantise_progress progress, void *context,
                                     struct err *err);

/* Quantise. The graph must be folded. calibration NULL: activation scales are 1 (timing only is
 * meaningful). progress may be NULL. NULL on error. */
struct network *quantise_observed(const struct graph *graph, const struct quantise_config *config,
                                  const struct calibration *calibration, quantise_progress progress,
                                  void *context, struct err *err);

/* Both in one. reader NULL or images = 0: without calibration. */
struct network *quantise(const struct graph *graph, const struct quantise_config *config,
                         calibration_reader reader, int images, quantise_progress progress,
                         void *context, struct err *err);

#endif
