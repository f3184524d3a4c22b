/* What an evaluation found: everything that reports print. Figures that do not exist are NaN. */
#ifndef MANTIS_SIM_EVALUATION_H
#define MANTIS_SIM_EVALUATION_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/program.h"
#include "isa/stats.h"
#include "sim/energy.h"
#include "sim/fpga.h"

struct layer_result {
    char name[PROGRAM_NAME_SIZE], op[16], weight_format[32], act_format[16];
    uint64_t macs, weights, bops;
    struct layer_stats stats;
    uint64_t compute_cycles, stall_cycles;
    double utilization; /* 0..1, NaN in layers without MACs */
    double sqnr_db;     /* of the layer's output against the float reference */
    struct energy energy;
};

/* A price that the run used: where it is from, what it multiplied and what that came to. */
struct price_line {
    struct resolved_price price;
    const char *counter;   /* of the stats, or "part" for area */
    const char *component; /* energy_component_name, or "area" */
    double count;          /* events, or parts */
    struct bounded amount; /* J, or mm2 */
};

/* A scratchpad's macro beside the clock. */
struct pad_access {
    const char *name;
    double macro_bytes;
    int macro_bits;
    double access_ns;
};

struct evaluation {
    char model[PROGRAM_NAME_SIZE], arch[ARCH_NAME_SIZE], scheme[PROGRAM_NAME_SIZE];
    char technology[ARCH_NAME_SIZE];
    const char *engine;
    int batch;  /* images of one input: what is "of one input" is of all of them together */
    int images; /* accuracy was measured on; 0: it was not */
    double top1, top5, fp32_top1;  /* 0..1 */
    uint64_t macs, bops;           /* of one input */
    double model_bytes;            /* weights at the bits of their codes */
    bool has_timing;               /* the rest is filled; the float32 scheme has none */
    uint64_t stall_cycles;         /* sum over the layers */
    double latency_s, utilization; /* of one input */
    struct arch configuration;     /* of the machine */
    struct counters counters;      /* sum over the layers */
    uint64_t cycles;
    struct energy energy; /* of one input, as the counters and cycles above */
    struct area area;
    char unpriced[512]; /* counters and parts without a price; empty if there are none */
    bool has_fpga;      /* the next two are filled */
    struct fpga fpga;
    struct fpga_use fpga_use;
    struct pad_access pads[PAD_COUNT];
    double clock_period_ns;
    int price_count;
    struct price_line *prices; /* used by this run, those of the energy before those of the area */
    int layer_count;
    struct layer_result *layers;
};

/* Whether a scratchpad's macro is too slow for the clock. */
bool evaluation_pad_is_slow(const struct evaluation *evaluation, int pad);

void evaluation_free(struct evaluation *evaluation);

/* Fill everything that follows from the program and its stats: layers, cycles, energy, area, sizes.
 * Accuracy and SQNR stay NaN. */
void evaluation_fill(struct evaluation *evaluation, const struct program *program,
                     const struct stats *stats, const struct energy_model *model);

#endif
