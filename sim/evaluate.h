/* From a compiled program, or a float graph, to an evaluation: one timed run, accuracy over the
 * images, energy and area. */
#ifndef MANTIS_SIM_EVALUATE_H
#define MANTIS_SIM_EVALUATE_H

#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "memory/dram.h"
#include "sim/engine.h"
#include "sim/evaluation.h"
#include "sim/machine.h"
#include "sim/progress.h"
#include "workloads/dataset.h"
#include "workloads/graph.h"

struct evaluate_options {
    const struct engine *engine;      /* of the timed run */
    struct waveform_request waveform; /* of the timed run; path NULL: none */
    const struct dataset *data;       /* NULL: timing only */
    int images;                       /* of data, from the first on */
    int threads;
    int activity_images; /* of data, whose operands are looked at for the energy of PEs; 0: none */
    struct progress *progress;         /* or NULL */
    machine_observer observer;         /* sees every instruction of the timed run; or NULL */
    dram_event_observer dram_observer; /* sees what the DRAM does then; or NULL */
    void *observer_context;            /* of both */
};

/* Run a program. Where network and graph are given (both or none), each layer's SQNR is measured
 * against the float reference. fp32_top1 is left NaN: see evaluate_float. Free the result with
 * evaluation_free. */
bool evaluate_program(const struct program *program, const struct network *network,
                      const struct graph *graph, const struct evaluate_options *options,
                      struct evaluation *evaluation, struct err *err);

/* Run the float reference: accuracy, sizes and work, no time. */
bool evaluate_float(const struct graph *graph, const char *model,
                    const struct evaluate_options *options, struct evaluation *evaluation,
                    struct err *err);

#endif
