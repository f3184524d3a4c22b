/* Doing a sweep's jobs: a point's time, energy and area, or the accuracy over some images. Networks
 * are quantised once per scheme, by the first job that needs them. */
#ifndef MANTIS_SIM_SWEEP_WORK_H
#define MANTIS_SIM_SWEEP_WORK_H

#include "sim/sweep_plan.h"

/* What a job found, as plain data that another process can take: sweep_result_bytes() of it. */
struct sweep_result {
    int32_t job;                        /* index in the plan */
    char error[sizeof(struct err)];     /* why there is nothing below; else empty */
    double figures[SWEEP_FIGURE_COUNT]; /* of a point */
    int32_t images, top1, top5;         /* of an accuracy job: counts */
    int32_t layer_count;
    struct sweep_layer layers[]; /* of a point */
};

size_t sweep_result_bytes(int layer_count);

struct sweep_work;

/* NULL when out of memory. The plan must outlive it. */
struct sweep_work *sweep_work_new(const struct sweep_plan *plan);
void sweep_work_free(struct sweep_work *work);

/* Do a job; any number of threads may. A point or a scheme that does not work is a result with its
 * reason. NULL on errors of another kind (data that cannot be read, no memory) and where the user
 * interrupts. The caller frees the result. */
struct sweep_result *sweep_work_do(struct sweep_work *work, int job, struct err *err);

/* Quantise what the job needs, so that doing it takes no longer than doing its like. */
void sweep_work_prepare(struct sweep_work *work, int job);

#endif
