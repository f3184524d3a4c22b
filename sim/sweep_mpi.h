/* A sweep under mpirun: rank 0 gives out jobs and alone writes the database, all other ranks work.
 * Built where Open MPI is; the functions are there in either case. */
#ifndef MANTIS_SIM_SWEEP_MPI_H
#define MANTIS_SIM_SWEEP_MPI_H

#include <stdbool.h>

#include "sim/sweep_run.h"

/* Whether a launcher (mpirun, srun) started this process as one of several. */
bool sweep_mpi_is_launched(void);

/* This process's place; 0 of 1 where it was not launched. An error where it was, and mantis is
 * built without MPI. *threads is lowered to 1 where MPI takes calls from one thread only. */
struct sweep_ranks {
    int rank, count;
};
bool sweep_mpi_begin(struct sweep_ranks *ranks, int *threads, struct err *err);
void sweep_mpi_end(void);

/* Whether all ranks have rank 0's plan. Every rank calls it, with NULL where it has none. */
enum sweep_agreement {
    SWEEP_AGREED,
    SWEEP_LEADER_FAILED, /* rank 0 has no plan */
    SWEEP_DISAGREES,     /* rank 0 has one, this rank has another or none */
    SWEEP_OTHERS_FAILED  /* this rank has it, another has not */
};
enum sweep_agreement sweep_mpi_agree(const struct sweep_plan *plan);

/* Rank 0: serve the ledger until all others are done. */
void sweep_mpi_serve(struct sweep_ledger *ledger, struct sweep_ranks ranks);

/* Other ranks: work. */
void sweep_mpi_work(struct sweep_work *work, int threads);

#endif
