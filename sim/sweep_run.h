/* Doing all jobs of a sweep: workers take jobs at a desk and bring results there. The ledger is the
 * desk of this process; sim/sweep_mpi.h has one in another. */
#ifndef MANTIS_SIM_SWEEP_RUN_H
#define MANTIS_SIM_SWEEP_RUN_H

#include <pthread.h>

#include "sim/progress.h"
#include "sim/sweep_database.h"
#include "sim/sweep_plan.h"
#include "sim/sweep_work.h"

/* Any thread may call these. */
struct sweep_desk {
    void *context;
    int (*take)(void *context); /* a job; -1: there is none left */
    void (*give)(void *context, const struct sweep_result *result);
    void (*fail)(void *context, const struct err *err); /* no more jobs are given out */
};

/* Work with so many threads, the caller's among them, until the desk has no more jobs or the user
 * interrupts. */
void sweep_workers_run(struct sweep_work *work, int threads, const struct sweep_desk *desk);

/* Which jobs wait, and where results go. */
struct sweep_ledger {
    const struct sweep_plan *plan;
    struct sweep_database *database;
    struct progress *progress; /* or NULL */
    int waiting_count;
    int *waiting;         /* jobs without a result yet, in order */
    int points_waiting;   /* the points among them */
    pthread_mutex_t lock; /* guards everything below, and the database */
    int next, done;
    bool has_failed;
    struct err err;
};

/* Find what waits; where `retry`, rows with an error are done again. */
bool sweep_ledger_open(struct sweep_ledger *ledger, const struct sweep_plan *plan,
                       struct sweep_database *database, bool retry, struct err *err);
void sweep_ledger_close(struct sweep_ledger *ledger);

/* The ledger as a desk. */
struct sweep_desk sweep_ledger_desk(struct sweep_ledger *ledger);

/* After the work: false where it failed or was interrupted, with everything done kept. */
bool sweep_ledger_finish(struct sweep_ledger *ledger, struct err *err);

#endif
