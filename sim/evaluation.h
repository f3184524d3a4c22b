/* What an evaluation found: everything that reports print. Figures that do not exist are NaN. */
#ifndef MANTIS_SIM_EVALUATION_H
#define MANTIS_SIM_EVALUATION_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/program.h"
#include "isa/stats.h"
#include "sim/energy.h"

struct layer_result {
    char name[PROGRAM_NAME_SIZE], op[16], weight_format[16], act_format[16];
    uint64_t macs, weights, bops;
    struct layer_stats stats;
    uint64_t compute_cycles, stall_cycles;
    double utilization; /* 0..1, NaN in layers without MACs */
    double sqnr_db;     /* of the layer's output against the float reference */
    struct energy energy;
};

struct evaluation {
    char model[PROGRAM_NAME_SIZE], arch[ARCH_NAME_SIZE], scheme[PROGRAM_NAME_SIZE];
    char technology[ARCH_NAME_SIZE];
    const char *engine;
    int images;                    /* accuracy was measured on; 0: it was not */
    double top1, top5, fp32_top1;  /* 0..1 */
    uint64_t macs, bops;           /* of one input */
    double model_bytes;            /* weights at the bits of their codes */
    bool has_timing;               /* the rest is filled; the float32 scheme has none */
    uint64_t stall_cycles;         /* sum over the layers */
    double latency_s, utilization; /* of one input */
    struct counters counters;      /* sum over the layers */
    uint64_t cycles;
    struct energy energy; /* of one input */
    struct area area;
    char unpriced[512]; /* counters and parts without a price; empty if there are none */
    int layer_count;
    struct layer_result *layers;
};

void evaluation_free(struct evaluation *evaluation);

/* Fill everything that follows from the program and its stats: layers, cycles, energy, area, sizes.
 * Accuracy and SQNR stay NaN. */
void evaluation_fill(struct evaluation *evaluation, const struct program *program,
                     const struct stats *stats, const struct energy_model *model);

#endif
