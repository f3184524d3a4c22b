#include "sim/sweep_run.h"

#include <stdlib.h>

enum { MAX_THREADS = 1024 };

/* --- workers --- */

struct team {
    struct sweep_work *work;
    const struct sweep_desk *desk;
};

static void *work_on(void *argument)
{
    const struct team *team = argument;
    const struct sweep_desk *desk = team->desk;
    for (int job; !interrupt_pending() && (job = desk->take(desk->context)) >= 0;) {
        struct err err;
        struct sweep_result *result = sweep_work_do(team->work, job, &err);
        if (result)
            desk->give(desk->context, result);
        else if (!interrupt_pending())
            desk->fail(desk->context, &err);
        free(result);
    }
    return NULL;
}

void sweep_workers_run(struct sweep_work *work, int threads, const struct sweep_desk *desk)
{
    pthread_t others[MAX_THREADS];
    struct team team = {work, desk};
    int started = 0;
    while (started < threads - 1 && started < MAX_THREADS)
        if (pthread_create(&others[started], NULL, work_on, &team))
            break;
        else
            started++;
    work_on(&team);
    for (int i = 0; i < started; i++)
        pthread_join(others[i], NULL);
}

/* --- the ledger --- */

bool sweep_ledger_open(struct sweep_ledger *ledger, const struct sweep_plan *plan,
                       struct sweep_database *database, bool retry, struct err *err)
{
    *ledger = (struct sweep_ledger){
        .plan = plan, .database = database, .lock = PTHREAD_MUTEX_INITIALIZER};
    ledger->waiting = malloc(((size_t)plan->job_count + 1) * sizeof *ledger->waiting);
    if (!ledger->waiting)
        return err_set(err, "out of memory");
    for (int job = 0; job < plan->job_count; job++) {
        bool has = false;
        if (database && !sweep_database_has(database, plan, job, retry, &has, err))
            return false;
        if (has)
            continue;
        ledger->waiting[ledger->waiting_count++] = job;
        ledger->points_waiting += plan->jobs[job].kind == SWEEP_JOB_POINT;
    }
    return true;
}

void sweep_ledger_close(struct sweep_ledger *ledger)
{
    free(ledger->waiting);
    ledger->waiting = NULL;
}

static int take(void *context)
{
    struct sweep_ledger *ledger = context;
    pthread_mutex_lock(&ledger->lock);
    bool more = !ledger->has_failed && !interrupt_pending() && ledger->next < ledger->waiting_count;
    int job = more ? ledger->waiting[ledger->next++] : -1;
    pthread_mutex_unlock(&ledger->lock);
    return job;
}

static void give(void *context, const struct sweep_result *result)
{
    struct sweep_ledger *ledger = context;
    pthread_mutex_lock(&ledger->lock);
    if (!ledger->has_failed &&
        !sweep_database_put(ledger->database, ledger->plan, result, &ledger->err))
        ledger->has_failed = true;
    progress_update(ledger->progress, ++ledger->done);
    pthread_mutex_unlock(&ledger->lock);
}

static void fail(void *context, const struct err *err)
{
    struct sweep_ledger *ledger = context;
    pthread_mutex_lock(&ledger->lock);
    if (!ledger->has_failed)
        ledger->err = *err;
    ledger->has_failed = true;
    pthread_mutex_unlock(&ledger->lock);
}

struct sweep_desk sweep_ledger_desk(struct sweep_ledger *ledger)
{
    return (struct sweep_desk){ledger, take, give, fail};
}

bool sweep_ledger_finish(struct sweep_ledger *ledger, struct err *err)
{
    if (ledger->has_failed) {
        *err = ledger->err;
        return false;
    }
    return ledger->done == ledger->waiting_count ||
           err_set(err, "interrupted after %d of %d jobs; the same command goes on from here",
                   ledger->done, ledger->waiting_count);
}
