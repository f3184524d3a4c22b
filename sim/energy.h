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
#define ENERGY_COMPONENTS(X)                     \
    X(PE, "pe", "PEs, decoders and vector unit") \
    X(SRAM, "sram", "scratchpads, dynamic")      \
    X(DRAM, "dram", "external memory")           \
    X(STATIC, "static", "leakage of logic and scratchpads over the cycles")

#define COMPONENT_ENUMERATOR(id, name, help) ENERGY_##id,
enum energy_component { ENERGY_COMPONENTS(COMPONENT_ENUMERATOR) ENERGY_COMPONENT_COUNT };
#undef COMPONENT_ENUMERATOR

/* In joules. The components sum to total.value; total.low and total.high take every price at its
 * bound. */
struct energy {
    struct bounded total_j;
    double component_j[ENERGY_COMPONENT_COUNT];
};

/* In mm2. pe: the array with its decoders; other: vector unit. */
struct area {
    double total_mm2, pe_mm2, sram_mm2, other_mm2;
};

/* What one rule multiplies: how often an event happens, at which price. */
enum price_kind {
    PRICED_LOGIC,      /* a price of the technology */
    PRICED_SRAM_READ,  /* a bit read from a scratchpad */
    PRICED_SRAM_WRITE, /* a bit written to a scratchpad */
    PRICED_DRAM,       /* a byte to or from external memory */
    PRICED_ELSEWHERE   /* no event of its own; `why` says where its energy is */
};

struct energy_rule {
    const char *counter;
    size_t offset; /* in struct counters */
    enum price_kind kind;
    int which;     /* LOGIC: enum price_id; SRAM_*: enum scratchpad_id */
    double factor; /* events per count */
    int pe;        /* only on this enum pe_type; PE_COUNT: on all */
    const char *why;
};
extern const struct energy_rule energy_rules[]; /* ends with counter = NULL */

/* The prices of one accelerator in one technology, worked out once. */
struct energy_model {
    const struct arch *arch;
    const struct technology *technology;
    struct sram_cost pads[PAD_COUNT]; /* of one macro */
    int pad_macros[PAD_COUNT];
    struct bounded leakage_w;
    struct area area;
};

/* Both arguments must outlive the model. */
struct energy_model energy_model(const struct arch *arch, const struct technology *technology);

/* Energy of one layer. act and weight: its operand formats, which decide how many PEs fuse. */
struct energy energy_of(const struct energy_model *model, const struct layer_stats *stats,
                        struct format act, struct format weight);
void energy_add(struct energy *sum, const struct energy *term);

/* Names of counters that are not zero and have no price in the technology, and parts without an
 * area: "dram_read_bytes,
 * ...". Empty where everything is priced. Returns whether anything is unpriced. */
bool energy_unpriced(const struct energy_model *model, const struct counters *counters, char *text,
                     size_t size);

/* PEs of the array that work as one on these operands (4 where a 2x2 fuses). */
int energy_fused_pes(const struct arch *arch, struct format act, struct format weight);

const char *energy_component_name(int component);

#endif
