#include "sim/columns.h"

#include <math.h>
#include <stddef.h>

#define TEXT_GETTER(function, value)                              \
    static struct cell function(const struct layer_result *layer) \
    {                                                             \
        return (struct cell){.kind = CELL_TEXT, .text = (value)}; \
    }
#define INTEGER_GETTER(function, value)                                 \
    static struct cell function(const struct layer_result *layer)       \
    {                                                                   \
        return (struct cell){.kind = CELL_INTEGER, .integer = (value)}; \
    }
#define REAL_GETTER(function, value)                              \
    static struct cell function(const struct layer_result *layer) \
    {                                                             \
        return (struct cell){.kind = CELL_REAL, .real = (value)}; \
    }

TEXT_GETTER(get_name, layer->name)
TEXT_GETTER(get_op, layer->op)
TEXT_GETTER(get_weight_format, layer->weight_format)
TEXT_GETTER(get_act_format, layer->act_format)

INTEGER_GETTER(get_weights, layer->weights)
INTEGER_GETTER(get_bops, layer->bops)
INTEGER_GETTER(get_cycles, layer->stats.cycles)
INTEGER_GETTER(get_compute_cycles, layer->compute_cycles)
INTEGER_GETTER(get_stall_cycles, layer->stall_cycles)
INTEGER_GETTER(get_dram_bytes,
               layer->stats.counters.dram_read_bytes + layer->stats.counters.dram_write_bytes)
REAL_GETTER(get_utilization, layer->utilization)
REAL_GETTER(get_sqnr, layer->sqnr_db)
REAL_GETTER(get_energy, layer->energy.total_j.value)
REAL_GETTER(get_energy_low, layer->energy.total_j.low)
REAL_GETTER(get_energy_high, layer->energy.total_j.high)

REAL_GETTER(get_energy_static, energy_static_j(&layer->energy))

#define COMPONENT_GETTER(id, name, help) \
    REAL_GETTER(get_energy_##id, layer->energy.component_j[ENERGY_##id])
ENERGY_COMPONENTS(COMPONENT_GETTER)

#define COUNTER_GETTER(name, unit, help) INTEGER_GETTER(get_##name, layer->stats.counters.name)
COUNTERS(COUNTER_GETTER)

#define HIDDEN(name, unit, help, get)        \
    {                                        \
        name, unit, help, get, 0, 0, 1, NULL \
    }
#define COMPONENT_COLUMN(id, name, help) HIDDEN("energy_" name "_j", "J", help, get_energy_##id),
#define COUNTER_COLUMN(name, unit, help) HIDDEN(#name, unit, help, get_##name),

/* name, unit, help, getter, width, decimals, scale, heading */
const struct column columns[] = {
    {"name", "", "layer", get_name, 15, 0, 1, "layer\n"},
    {"op", "", "operator", get_op, 7, 0, 1, "op\n"},
    {"weight_format", "", "number format of the weights", get_weight_format, 7, 0, 1, "weights\n"},
    {"act_format", "", "number format of the input activations", get_act_format, 7, 0, 1, "acts\n"},
    {"cycles", "cycles", "from the end of all layers before it to its own end", get_cycles, 9, 0, 1,
     "cycles\n"},
    {"compute_cycles", "cycles", "array busy; vector unit busy in layers without MACs",
     get_compute_cycles, 0, 0, 1, NULL},
    {"stall_cycles", "cycles", "cycles - compute_cycles, at least 0", get_stall_cycles, 8, 0, 1,
     "stalls\n"},
    {"utilization", "0..1",
     "clocks of PEs on real operands / (PEs x cycles); fused PEs count as one", get_utilization, 5,
     1, 100, "util\n%"},
    {"energy_j", "J", "energy of one input", get_energy, 8, 3, 1e6, "energy\nuJ"},
    {"sqnr_db", "dB", "output: float reference / (machine - float reference), first images",
     get_sqnr, 6, 1, 1, "SQNR\ndB"},

    HIDDEN("weights", "", "number of weights", get_weights),
    HIDDEN("bops", "", "macs x bits of a weight's code x bits of an activation's code", get_bops),
    HIDDEN("dram_bytes", "bytes", "read from and written to DRAM, whole bursts", get_dram_bytes),
    HIDDEN("energy_low_j", "J", "energy with every price at its lower bound", get_energy_low),
    HIDDEN("energy_high_j", "J", "energy with every price at its upper bound", get_energy_high),
    HIDDEN("energy_static_j", "J", "the three static parts together", get_energy_static),
    ENERGY_COMPONENTS(COMPONENT_COLUMN)
        COUNTERS(COUNTER_COLUMN){NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
