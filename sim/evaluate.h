/* From a compiled program, or a float graph, to an evaluation: one timed run, accuracy over the
 * images, energy and area. */
#ifndef MANTIS_SIM_EVALUATE_H
#define MANTIS_SIM_EVALUATE_H

#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "sim/evaluation.h"
#include "sim/machine.h"
#include "sim/progress.h"
#include "workloads/dataset.h"
#include "workloads/graph.h"

/* X(ENUMERATOR, name, one line). */
#define ENGINES(X)                                     \
    X(FAST, "fast", CLOCK_JUMP, "from event to event") \
    X(STEP, "step", CLOCK_STEP, "one cycle at a time: the same results, for proof")

#define ENGINE_ENUMERATOR(id, name, clock, help) ENGINE_##id,
enum engine { ENGINES(ENGINE_ENUMERATOR) ENGINE_COUNT };
#undef ENGINE_ENUMERATOR

const char *engine_name(int engine);

struct evaluate_options {
    enum engine engine;
    const struct dataset *data; /* NULL: timing only */
    int images;                 /* of data, from the first on */
    int threads;
    struct progress *progress; /* or NULL */
    machine_observer observer; /* sees every instruction of the timed run; or NULL */
    void *observer_context;
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
