#include "sim/sweep_mpi.h"

#include <stdlib.h>
#include <string.h>

static bool is_several(const char *variable)
{
    const char *value = getenv(variable);
    return value && atoi(value) > 1;
}

/* Open MPI's mpirun tells every process how many there are, and so do launchers that speak PMI;
 * srun with PMIx tells the rank, and SLURM the number of tasks. */
bool sweep_mpi_is_launched(void)
{
    return is_several("OMPI_COMM_WORLD_SIZE") || is_several("PMI_SIZE") ||
           (getenv("PMIX_RANK") && is_several("SLURM_NTASKS"));
}

#ifdef MANTIS_MPI

#include <mpi.h>
#include <time.h>

/* What workers send to rank 0, and it to them. */
enum tag { TAG_TAKE = 1, TAG_JOB, TAG_RESULT, TAG_FAILURE, TAG_DONE };

bool sweep_mpi_begin(struct sweep_ranks *ranks, int *threads, struct err *err)
{
    int provided;
    *ranks = (struct sweep_ranks){0, 1};
    if (!sweep_mpi_is_launched())
        return true;
    int needed = *threads > 1 ? MPI_THREAD_SERIALIZED : MPI_THREAD_SINGLE;
    if (MPI_Init_thread(NULL, NULL, needed, &provided) != MPI_SUCCESS)
        return err_set(err, "MPI cannot be started");
    if (provided < needed)
        *threads = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
    return true;
}

void sweep_mpi_end(void)
{
    int was_started;
    MPI_Initialized(&was_started);
    if (was_started)
        MPI_Finalize();
}

/* A plan's digest, behind a byte that says whether there is one. */
enum sweep_agreement sweep_mpi_agree(const struct sweep_plan *plan)
{
    uint8_t mine[1 + SWEEP_KEY_BYTES] = {plan != NULL}, leader[sizeof mine];
    if (plan)
        memcpy(mine + 1, sweep_plan_digest(plan).bytes, SWEEP_KEY_BYTES);
    memcpy(leader, mine, sizeof leader);
    MPI_Bcast(leader, sizeof leader, MPI_BYTE, 0, MPI_COMM_WORLD);
    int same = plan && !memcmp(mine, leader, sizeof mine), all_same;
    MPI_Allreduce(&same, &all_same, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (all_same)
        return SWEEP_AGREED;
    if (!leader[0])
        return SWEEP_LEADER_FAILED;
    return same ? SWEEP_OTHERS_FAILED : SWEEP_DISAGREES;
}

/* --- rank 0 --- */

static void send_job(int rank, int job)
{
    MPI_Send(&job, 1, MPI_INT, rank, TAG_JOB, MPI_COMM_WORLD);
}

/* A result's size says how many layers it has. */
static void receive_result(const struct sweep_desk *desk, int rank, int size)
{
    struct sweep_result *result = malloc((size_t)size);
    if (!result)
        abort();
    MPI_Recv(result, size, MPI_BYTE, rank, TAG_RESULT, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    desk->give(desk->context, result);
    free(result);
}

static void receive_failure(const struct sweep_desk *desk, int rank)
{
    struct err err;
    MPI_Recv(&err, sizeof err, MPI_BYTE, rank, TAG_FAILURE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    err_prefix(&err, "rank %d", rank);
    desk->fail(desk->context, &err);
}

static void receive_nothing(int rank, enum tag tag)
{
    MPI_Recv(NULL, 0, MPI_BYTE, rank, (int)tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* The next message, waited for without using a core: MPI's own waiting spins. */
static MPI_Status await_message(void)
{
    const struct timespec pause = {.tv_nsec = 100000};
    MPI_Status status;
    for (int is_there = 0;;) {
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &status);
        if (is_there)
            return status;
        nanosleep(&pause, NULL);
    }
}

void sweep_mpi_serve(struct sweep_ledger *ledger, struct sweep_ranks ranks)
{
    const struct sweep_desk desk = sweep_ledger_desk(ledger);
    for (int working = ranks.count - 1; working;) {
        MPI_Status status = await_message();
        int rank = status.MPI_SOURCE, size;
        switch ((enum tag)status.MPI_TAG) {
        case TAG_TAKE:
            receive_nothing(rank, TAG_TAKE);
            send_job(rank, desk.take(desk.context));
            break;
        case TAG_RESULT:
            MPI_Get_count(&status, MPI_BYTE, &size);
            receive_result(&desk, rank, size);
            break;
        case TAG_FAILURE:
            receive_failure(&desk, rank);
            break;
        case TAG_DONE:
            receive_nothing(rank, TAG_DONE);
            working--;
            break;
        case TAG_JOB:
            abort(); /* only rank 0 sends these */
        }
    }
}

/* --- the others --- */

/* One call at a time: MPI_THREAD_SERIALIZED. Rank 0 answers at once, so that waiting for an answer
 * keeps nobody else long. */
static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;

static int take(void *context)
{
    int job;
    pthread_mutex_lock(&calls);
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_TAKE, MPI_COMM_WORLD);
    MPI_Recv(&job, 1, MPI_INT, 0, TAG_JOB, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&calls);
    return job;
}

static void give(void *context, const struct sweep_result *result)
{
    pthread_mutex_lock(&calls);
    MPI_Send(result, (int)sweep_result_bytes(result->layer_count), MPI_BYTE, 0, TAG_RESULT,
             MPI_COMM_WORLD);
    pthread_mutex_unlock(&calls);
}

static void fail(void *context, const struct err *err)
{
    pthread_mutex_lock(&calls);
    MPI_Send(err, sizeof *err, MPI_BYTE, 0, TAG_FAILURE, MPI_COMM_WORLD);
    pthread_mutex_unlock(&calls);
}

void sweep_mpi_work(struct sweep_work *work, int threads)
{
    static const struct sweep_desk desk = {NULL, take, give, fail};
    sweep_workers_run(work, threads, &desk);
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_DONE, MPI_COMM_WORLD);
}

#else

bool sweep_mpi_begin(struct sweep_ranks *ranks, int *threads, struct err *err)
{
    *ranks = (struct sweep_ranks){0, 1};
    return !sweep_mpi_is_launched() ||
           err_set(err, "started by mpirun or srun, but built without MPI: install libopenmpi-dev "
                        "and build again, or use --shard");
}

void sweep_mpi_end(void)
{
}

enum sweep_agreement sweep_mpi_agree(const struct sweep_plan *plan)
{
    return plan ? SWEEP_AGREED : SWEEP_LEADER_FAILED;
}

void sweep_mpi_serve(struct sweep_ledger *ledger, struct sweep_ranks ranks)
{
}

void sweep_mpi_work(struct sweep_work *work, int threads)
{
}

#endif
