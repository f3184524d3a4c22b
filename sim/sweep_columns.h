/* The columns of a sweep's results: parameters (known beforehand), figures (of the simulated
 * point), accuracy (of network and scheme). The database, csv, json, constraints and Pareto fronts
 * all expand these tables. */
#ifndef MANTIS_SIM_SWEEP_COLUMNS_H
#define MANTIS_SIM_SWEEP_COLUMNS_H

#include "sim/columns.h"
#include "sim/energy.h"
#include "sim/evaluation.h"

/* What the parameters of a point derive from. */
struct sweep_view {
    const char *network, *scheme, *choices;
    const struct arch *arch;
    struct area area;
};

/* PEs of all cores. */
uint64_t sweep_pes(const struct arch *arch);

/* Which way a figure is better, for Pareto fronts. */
enum sweep_better { BETTER_NEITHER, BETTER_LESS, BETTER_MORE };

/* X(id, kind, better, unit, help, value): `value` is of `view` (struct sweep_view). */
#define SWEEP_PARAMETERS(X)                                                                       \
    X(network, TEXT, NEITHER, "", "model", view->network)                                         \
    X(scheme, TEXT, NEITHER, "", "quantisation scheme", view->scheme)                             \
    X(accelerator, TEXT, NEITHER, "", "accelerator that the point starts from", view->arch->name) \
    X(choices, TEXT, NEITHER, "", "values of what varies", view->choices)                         \
    X(technology, TEXT, NEITHER, "", "prices of energy and area", view->arch->technology)         \
    X(pe, TEXT, NEITHER, "", "type of the PEs", pe_name(view->arch->cores[0].pe))                 \
    X(dataflow, TEXT, NEITHER, "", "operand that stays in the array",                             \
      dataflow_name(view->arch->cores[0].dataflow))                                               \
    X(rows, INTEGER, NEITHER, "", "rows of PEs (4-bit PEs for ant)", view->arch->cores[0].rows)   \
    X(columns, INTEGER, NEITHER, "", "columns of PEs", view->arch->cores[0].columns)              \
    X(pes, INTEGER, LESS, "", "rows x columns, of all cores", sweep_pes(view->arch))              \
    X(accumulator_bits, INTEGER, LESS, "bits", "width of partial sums",                           \
      view->arch->cores[0].accumulator_bits)                                                      \
    X(clock_mhz, REAL, NEITHER, "MHz", "core clock", view->arch->clock_khz / 1e3)                 \
    X(act_kib, REAL, LESS, "KiB", "activation scratchpad",                                        \
      view->arch->pads[PAD_ACT].bytes / 1024.)                                                    \
    X(weight_kib, REAL, LESS, "KiB", "weight scratchpad",                                         \
      view->arch->pads[PAD_WEIGHT].bytes / 1024.)                                                 \
    X(param_kib, REAL, LESS, "KiB", "parameter scratchpad",                                       \
      view->arch->pads[PAD_PARAM].bytes / 1024.)                                                  \
    X(acc_kib, REAL, LESS, "KiB", "accumulator scratchpad",                                       \
      view->arch->pads[PAD_ACC].bytes / 1024.)                                                    \
    X(out_kib, REAL, LESS, "KiB", "output scratchpad", view->arch->pads[PAD_OUT].bytes / 1024.)   \
    X(vector_lanes, INTEGER, LESS, "", "lanes of the vector unit", view->arch->vector_lanes)      \
    X(dram, TEXT, NEITHER, "", "external memory", dram_config_name(&view->arch->dram))            \
    X(dram_gbps, REAL, NEITHER, "GB/s", "its data bus, without pauses",                           \
      dram_config_bytes_per_clock(&view->arch->dram) * 1e3 /                                      \
          dram_config_clock_ps(&view->arch->dram))                                                \
    X(dram_controller, TEXT, NEITHER, "", "what serves its requests",                             \
      view->arch->dram.is_ideal ? "" : dram_controller_name(view->arch->dram.controller))         \
    X(dram_mapping, TEXT, NEITHER, "", "order of an address's fields",                            \
      view->arch->dram.device.policy.mapping)                                                     \
    X(area_mm2, REAL, LESS, "mm2", "area of what the technology prices", view->area.total_mm2)    \
    X(area_low_mm2, REAL, LESS, "mm2", "with every price at its lower bound", view->area.low_mm2) \
    X(area_high_mm2, REAL, LESS, "mm2", "with every price at its upper bound",                    \
      view->area.high_mm2)                                                                        \
    X(area_pe_mm2, REAL, LESS, "mm2", "PEs and decoders", view->area.pe_mm2)                      \
    X(area_sram_mm2, REAL, LESS, "mm2", "scratchpads", view->area.sram_mm2)                       \
    X(area_other_mm2, REAL, LESS, "mm2", "vector unit", view->area.other_mm2)

/* The same of `evaluation` (struct evaluation). All are of one input. */
#define SWEEP_FIGURES(X)                                                                        \
    X(cycles, INTEGER, LESS, "cycles", "of one input", evaluation->cycles)                      \
    X(stall_cycles, INTEGER, LESS, "cycles", "sum over the layers", evaluation->stall_cycles)   \
    X(latency_s, REAL, LESS, "s", "cycles / clock", evaluation->latency_s)                      \
    X(utilization, REAL, MORE, "0..1", "clocks of PEs on real operands / (PEs x cycles)",       \
      evaluation->utilization)                                                                  \
    X(energy_j, REAL, LESS, "J", "of one input", evaluation->energy.total_j.value)              \
    X(energy_low_j, REAL, LESS, "J", "with every price at its lower bound",                     \
      evaluation->energy.total_j.low)                                                           \
    X(energy_high_j, REAL, LESS, "J", "with every price at its upper bound",                    \
      evaluation->energy.total_j.high)                                                          \
    X(energy_pe_j, REAL, LESS, "J", "PEs, decoders and vector unit",                            \
      evaluation->energy.component_j[ENERGY_PE])                                                \
    X(energy_sram_j, REAL, LESS, "J", "scratchpads, dynamic",                                   \
      evaluation->energy.component_j[ENERGY_SRAM])                                              \
    X(energy_dram_j, REAL, LESS, "J", "external memory, dynamic",                               \
      evaluation->energy.component_j[ENERGY_DRAM])                                              \
    X(energy_static_j, REAL, LESS, "J", "leakage, standby and refresh",                         \
      energy_static_j(&evaluation->energy))                                                     \
    X(edp_js, REAL, LESS, "J s", "energy x latency",                                            \
      evaluation->energy.total_j.value * evaluation->latency_s)                                 \
    X(dram_bytes, INTEGER, LESS, "bytes", "read from and written to DRAM, whole bursts",        \
      evaluation->counters.dram_read_bytes + evaluation->counters.dram_write_bytes)             \
    X(macs, INTEGER, NEITHER, "", "multiply-accumulates", evaluation->macs)                     \
    X(bops, INTEGER, LESS, "", "macs x bits of a weight's code x bits of an activation's code", \
      evaluation->bops)                                                                         \
    X(model_bytes, REAL, LESS, "bytes", "weights at the bits of their codes",                   \
      evaluation->model_bytes)

/* X(id, kind, better, unit, help): of network and scheme over the data. */
#define SWEEP_ACCURACIES(X)                                           \
    X(images, INTEGER, NEITHER, "", "images that it was measured on") \
    X(top1, REAL, MORE, "0..1", "share of images classified right")   \
    X(top5, REAL, MORE, "0..1", "share with the class among the first five")

#define SWEEP_PARAMETER_ENUMERATOR(id, kind, better, unit, help, value) SWEEP_##id,
enum sweep_parameter { SWEEP_PARAMETERS(SWEEP_PARAMETER_ENUMERATOR) SWEEP_PARAMETER_COUNT };
enum sweep_figure { SWEEP_FIGURES(SWEEP_PARAMETER_ENUMERATOR) SWEEP_FIGURE_COUNT };
#undef SWEEP_PARAMETER_ENUMERATOR

/* One column of the results, in this order: parameters, figures, accuracies, error. */
struct sweep_column {
    const char *name;
    enum cell_kind kind;
    enum sweep_better better;
    const char *unit, *help;
};

#define SWEEP_ONE(id, kind, better, unit, help) +1
enum {
    SWEEP_ACCURACY_COUNT = SWEEP_ACCURACIES(SWEEP_ONE),
    SWEEP_FIRST_FIGURE = SWEEP_PARAMETER_COUNT,
    SWEEP_FIRST_ACCURACY = SWEEP_FIRST_FIGURE + SWEEP_FIGURE_COUNT,
    SWEEP_ERROR = SWEEP_FIRST_ACCURACY + SWEEP_ACCURACY_COUNT,
    SWEEP_COLUMN_COUNT
};
#undef SWEEP_ONE
extern const struct sweep_column sweep_columns[SWEEP_COLUMN_COUNT];

/* The column of that name; -1 with an error that lists the first `count` where it is none of
 * them. */
int sweep_column_find(const char *name, int count, struct err *err);

struct cell sweep_parameter(enum sweep_parameter column, const struct sweep_view *view);
double sweep_figure(enum sweep_figure column, const struct evaluation *evaluation);

/* Columns of a layer's row: a choice of those in sim/columns.h. */
struct sweep_layer_column {
    const char *name;
    enum cell_kind kind;
};
enum { SWEEP_LAYER_TEXTS = 4, SWEEP_LAYER_NUMBERS = 18 };
extern const struct sweep_layer_column
    sweep_layer_columns[SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS]; /* texts first */

/* A layer's row as plain data. */
struct sweep_layer {
    char texts[SWEEP_LAYER_TEXTS][PROGRAM_NAME_SIZE];
    double numbers[SWEEP_LAYER_NUMBERS]; /* NaN: there is none */
};
void sweep_layer_fill(struct sweep_layer *row, const struct layer_result *layer);

#endif
