/* Engines: ways to run one input through a machine for values and time together. All give the same values, cycles
 * and counters; the tests hold them to it. */
#ifndef MANTIS_SIM_ENGINE_H
#define MANTIS_SIM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"
#include "sim/machine.h"

/* A waveform to write beside the run; engines without registers refuse one. */
struct waveform_request {
    const char *path; /* NULL: none */
    uint64_t first_cycle, last_cycle;
};

struct engine {
    const char *name;
    const char *help; /* one line */
    bool has_waveform;
    /* Run `input` (codes of the input tensor; NULL for a timing-only program) to the end, leaving stats and
     * tensors in the machine. */
    bool (*run)(struct machine *machine, const void *input, const struct waveform_request *waveform,
                struct err *err);
};

extern const struct engine engine_fast;    /* from event to event */
extern const struct engine engine_step;    /* one cycle at a time */
extern const struct engine engine_clocked; /* registers, in SystemC: library mantis_clocked */

#endif
