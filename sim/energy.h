/* Energy = counters x prices, and area = parts x prices, outside the machine. docs/energy.md. */
#ifndef MANTIS_SIM_ENERGY_H
#define MANTIS_SIM_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/arch.h"
#include "isa/format.h"
#include "isa/stats.h"
#include "sim/technology.h"

/* X(ENUMERATOR, name, what it covers) */
#define ENERGY_COMPONENTS(X)                                                          \
    X(PE, "pe", "PEs, decoders and vector unit")                                      \
    X(SRAM, "sram", "scratchpads, dynamic")                                           \
    X(DRAM, "dram", "external memory, dynamic")                                       \
    X(STATIC_LOGIC, "static_logic", "leakage of PEs, decoders and vector unit")       \
    X(STATIC_SRAM, "static_sram", "leakage of the scratchpads, over cycles as above") \
    X(STATIC_DRAM, "static_dram", "standby and refresh of external memory, likewise")

#define COMPONENT_ENUMERATOR(id, name, help) ENERGY_##id,
enum energy_component { ENERGY_COMPONENTS(COMPONENT_ENUMERATOR) ENERGY_COMPONENT_COUNT };
#undef COMPONENT_ENUMERATOR

/* In joules. The components sum to total_j.value; total_j.low and total_j.high take every price at
 * its bound. */
struct energy {
    struct bounded total_j;
    double component_j[ENERGY_COMPONENT_COUNT];
};

/* The three static components together: what flows whether anything happens or not. */
double energy_static_j(const struct energy *energy);

/* In mm2. pe: the array with its decoders; other: vector unit. low and high bound the total. */
struct area {
    double total_mm2, low_mm2, high_mm2;
    double pe_mm2, sram_mm2, other_mm2;
};

/* One requantised element: the multiplication, the bias and the rounding or residual addition. */
enum { ADDS_PER_VECTOR_OP = 2 };

/* What one rule multiplies: how often an event happens, at which price. */
enum price_kind {
    PRICED_LOGIC,           /* a price of the technology */
    PRICED_PE,              /* a clock of a PE that has a price of its own, in place of LOGIC */
    PRICED_SRAM_READ,       /* a bit read from a scratchpad */
    PRICED_SRAM_WRITE,      /* a bit written to a scratchpad */
    PRICED_OPERAND,         /* an operand's bit at every multiply-accumulate, where priced */
    PRICED_MOVING_SUM,      /* a partial sum at every multiply-accumulate, where priced */
    PRICED_DRAM_READ,       /* a byte from external memory */
    PRICED_DRAM_WRITE,      /* a byte to it */
    PRICED_LOGIC_LEAKAGE,   /* a second of the logic's area */
    PRICED_SRAM_LEAKAGE,    /* a second of a scratchpad's macros */
    PRICED_DRAM_BACKGROUND, /* a second of external memory */
    PRICED_DRAM_COMMAND, /* a command, or a clock of standby, from the device's currents: in place
                               of the three kinds above */
    PRICED_ELSEWHERE     /* no event of its own; `why` says where its energy is */
};

struct energy_rule {
    const char *counter;
    size_t offset; /* in struct counters; rules over "cycles" have none */
    enum price_kind kind;
    int which;     /* LOGIC: enum price_id; PE: enum part_price_id; SRAM_*, OPERAND: scratchpad;
                      DRAM_COMMAND: offset in struct dram_energy */
    double factor; /* events per count */
    int pe;        /* only on this enum pe_type; PE_COUNT: on all */
    int core;      /* the index of the core whose PEs these are */
    const char *why;
};

enum { ENERGY_MAX_RULES = 96 };
extern const struct energy_rule energy_rules[]; /* ends with counter = NULL */

/* A price as one accelerator in one technology resolves it. */
struct resolved_price {
    char name[64];         /* "mac_8x8", "act, 16 macros of 16 KiB x 64: read" */
    const char *unit;      /* of figure */
    const char *event;     /* what the count counts: "clocks", "bits" */
    struct bounded figure; /* NaN: there is none */
    double events;         /* per count of the rule's counter (seconds for cycles) */
    double unit_j;         /* joules of an event at figure = 1 */
    int node_nm;           /* 0: it belongs to no node */
    double volts;          /* 0: its source does not say */
    char provenance[16];
    char source[TECHNOLOGY_SOURCE_SIZE];
};

/* The prices of one accelerator, worked out once. */
struct energy_model {
    const struct arch *arch;
    const struct technology *technology;
    struct sram_cost pads[PAD_COUNT]; /* of one macro */
    bool has_dram_currents;           /* external memory is priced by its device's currents */
    double macro_bytes[PAD_COUNT];
    int pad_macros[PAD_COUNT];
    struct area area;
    struct resolved_price prices[ENERGY_MAX_RULES]; /* one per rule */
};

/* Both arguments must outlive the model. */
struct energy_model energy_model(const struct arch *arch, const struct technology *technology);

/* What one rule charges for: events, and their energy. */
struct charge {
    double events;
    struct bounded joules;
};

/* A layer's operand formats, which decide how many PEs fuse; second: weights of the second core,
 * which has second_share of the output channels. */
struct energy_formats {
    struct format act, weight, second;
    double second_share;
};

/* Charges of one layer, one per rule of energy_rules; those without a price have no joules. */
void energy_charges(const struct energy_model *model, const struct layer_stats *stats,
                    const struct energy_formats *formats, struct charge charges[ENERGY_MAX_RULES]);

/* The same, summed by component. */
struct energy energy_of(const struct energy_model *model, const struct layer_stats *stats,
                        const struct energy_formats *formats);
void energy_add(struct energy *sum, const struct energy *term);

/* The component that a rule's energy belongs to. */
enum energy_component energy_rule_component(const struct energy_rule *rule);

/* Prices that a technology need not have; NULL where it has none: a clock (area, ...) of the
 * accelerator's PEs, an operand's bit from that scratchpad, a partial sum in its dataflow. */
const struct price *energy_pe_price(const struct energy_model *model, const struct core *core,
                                    enum part_price_id id);
const struct price *energy_operand_price(const struct energy_model *model, int pad);
const struct price *energy_moving_sum_price(const struct energy_model *model);

/* Whether a rule charges anything on this accelerator. */
bool energy_rule_applies(const struct energy_model *model, const struct energy_rule *rule);

/* Names of counters that are not zero and have no price in the technology, and parts without an
 * area: "dram_read_bytes, ...". Empty where everything is priced. Returns whether anything is
 * unpriced. */
bool energy_unpriced(const struct energy_model *model, const struct counters *counters, char *text,
                     size_t size);

enum area_group { AREA_PE, AREA_SRAM, AREA_OTHER };

/* A part of the area: so many of one price. */
struct area_line {
    const char *name;            /* "PEs", or the scratchpad's */
    struct resolved_price price; /* in um2 (logic) or mm2 (macros) */
    enum area_group group;
    int count;
    struct bounded mm2; /* NaN where there is no price */
};
enum { AREA_MAX_LINES = 2 + 2 * ARCH_MAX_CORES + PAD_COUNT };

/* All parts of an accelerator; returns how many. */
int area_lines(const struct energy_model *model, struct area_line lines[AREA_MAX_LINES]);

/* PEs of a core's array that work as one on these operands (4 where a 2x2 fuses). */
int energy_fused_pes(const struct core *core, struct format act, struct format weight);

const char *energy_component_name(int component);

#endif
