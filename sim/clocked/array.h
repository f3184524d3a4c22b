/* The systolic array at register level: operand and partial-sum registers in every PE, skewed
 * edges, decoders at the edges, digit-serial sequencing, preload, fill, drain. One call is one
 * clock. It knows nothing of the formulas in pe/array.c: cycles are what the registers and the
 * controller need, and test/test_clocked_array_agrees.c holds both to the same numbers. */
#ifndef MANTIS_SIM_CLOCKED_ARRAY_H
#define MANTIS_SIM_CLOCKED_ARRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/arch.h"
#include "isa/instruction.h"
#include "isa/stats.h"
#include "pe/format.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A MATMUL and the scratchpad memory it works on. In timing-only runs act, weights and sums are
 * NULL: operands are null terms, and no digit is taken to be zero. */
struct clocked_array_task {
    const struct matmul *matmul;
    const uint8_t *act;     /* element 0 of the act scratchpad, codes of act_format */
    const uint8_t *weights; /* element matmul->weight_offset of the weight scratchpad */
    void *sums;             /* element matmul->acc_offset of the acc scratchpad */
    bool wide;              /* sums are int64_t, else int32_t */
};

struct clocked_array;

/* For a core of `arch` (0 the first), its scratchpad ports and latencies; the arch must outlive it.
 * NULL when out of memory. */
struct clocked_array *clocked_array_new(const struct arch *arch, int core);
void clocked_array_free(struct clocked_array *array);

/* Take up a MATMUL; the array must be idle. False when out of memory. */
bool clocked_array_begin(struct clocked_array *array, const struct clocked_array_task *task);

/* One clock. Counts what happens in it (macs, pe_clocks, idle_pe_clocks, decodes, scratchpad
 * traffic; of a second core under its own names where it has some). True in the MATMUL's last clock: one begun in cycle t whose n-th clock returns true
 * completes at t + n. */
bool clocked_array_clock(struct clocked_array *array, struct counters *counters);

/* What the last clock showed on the array's edges, for waveforms. */
struct clocked_array_signals {
    bool busy, preloading, streaming, filling, draining;
    uint32_t fold;           /* of this MATMUL, the one streaming or else the last one */
    uint16_t rows, columns;  /* of the effective array: lengths of the edges below */
    const struct term *left; /* operand entering row i */
    const struct term *top;  /* operand entering column j */
    const int64_t *bottom;   /* sum leaving column j */
    const bool *bottom_valid;
};
struct clocked_array_signals clocked_array_look(const struct clocked_array *array);

#ifdef __cplusplus
}
#endif

#endif
