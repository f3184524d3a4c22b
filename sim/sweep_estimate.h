/* How long a sweep will take: a few of its jobs are done, timed and thrown away. */
#ifndef MANTIS_SIM_SWEEP_ESTIMATE_H
#define MANTIS_SIM_SWEEP_ESTIMATE_H

#include "sim/sweep_run.h"

/* Seconds of all that waits in the ledger, on so many cores. False where interrupted or a job
 * cannot be done. */
bool sweep_estimate(const struct sweep_ledger *ledger, struct sweep_work *work, int threads,
                    double *seconds, struct err *err);

#endif
