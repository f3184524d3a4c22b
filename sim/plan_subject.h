/* A plan of a model: its candidates compiled and simulated, sensitivities measured, the chosen mix
 * as a quantisation file. */
#ifndef MANTIS_SIM_PLAN_SUBJECT_H
#define MANTIS_SIM_PLAN_SUBJECT_H

#include "compiler/plan.h"
#include "sim/compiled.h"
#include "sim/config.h"
#include "sim/progress.h"
#include "sim/subject.h"

struct planner {
    const struct subject *subject;
    const struct data_names *names; /* where both are NULL the networks have no values */
    const struct arch *arch;        /* NULL: size and BOPS only */
    struct progress *progress;
    int count;                                           /* candidates */
    struct quantise_config schemes[PLAN_MAX_CANDIDATES]; /* read by the caller */
    struct compiled compiled[PLAN_MAX_CANDIDATES];
    struct plan *plan;
    int *layer_of; /* of the plan's layers, in the networks */
};

/* Compile every candidate for the whole network, run it once where there is an accelerator, and
 * make the plan of all layers with weights: costs, and who shares. Other layers' cycles and energy
 * go to the layer that reads what they write, else to the one that writes what they read, else they are
 * fixed, at the dearest candidate's. Close in any case. */
bool planner_open(struct planner *planner, struct err *err);
void planner_close(struct planner *planner);

/* Sensitivities on the first *images of the calibration data; where it has fewer, *images becomes
 * their number. */
bool planner_measure(struct planner *planner, int *images, struct err *err);

/* The choice as the text of a quantisation file, which the caller frees: every planned layer by
 * name, all else as `base` has it. `heading` (lines without #) opens it. NULL on error. */
char *planner_scheme(const struct planner *planner, const int *choice,
                     const struct quantise_config *base, const char *heading, struct err *err);

/* Compile and run a quantisation file's text whole: all its costs. */
bool planner_simulate(const struct planner *planner, const char *scheme,
                      double costs[PLAN_RESOURCE_COUNT], struct err *err);

#endif
