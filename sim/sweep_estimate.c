#include "sim/sweep_estimate.h"

#include <stdlib.h>
#include <time.h>

/* Jobs timed of each network: of each kind so many, or for so long. */
enum { MOST_SAMPLES = 12 };
static const double most_seconds = 3;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Jobs of one network and one kind. */
struct sample {
    int waiting, done;
    double seconds;
};

static int subject_of(const struct sweep_plan *plan, const struct sweep_job *job)
{
    return job->kind == SWEEP_JOB_POINT ? plan->points[job->index].subject
                                        : plan->accuracies[job->index].subject;
}

static int scheme_of(const struct sweep_plan *plan, const struct sweep_job *job)
{
    return job->kind == SWEEP_JOB_POINT ? plan->points[job->index].scheme
                                        : plan->accuracies[job->index].scheme;
}

static bool time_job(struct sweep_work *work, int job, struct sample *sample, struct err *err)
{
    double start = now();
    struct sweep_result *result = sweep_work_do(work, job, err);
    sample->seconds += now() - start;
    sample->done++;
    free(result);
    return result;
}

/* Networks quantised so far, and what that took. */
struct quantising {
    uint8_t *is_wanted, *is_done; /* [subject][scheme] */
    int wanted, done;
    double seconds;
};

static void prepare(struct sweep_work *work, int job, int pair, struct quantising *quantising)
{
    if (quantising->is_done[pair])
        return;
    double start = now();
    sweep_work_prepare(work, job);
    quantising->seconds += now() - start;
    quantising->is_done[pair] = 1;
    quantising->done++;
}

static bool sample_jobs(const struct sweep_ledger *ledger, struct sweep_work *work,
                        struct sample *samples, struct quantising *quantising, struct err *err)
{
    const struct sweep_plan *plan = ledger->plan;
    for (int i = 0; i < ledger->waiting_count; i++) {
        const struct sweep_job *job = &plan->jobs[ledger->waiting[i]];
        int subject = subject_of(plan, job);
        int pair = subject * plan->config->scheme_count + scheme_of(plan, job);
        struct sample *sample = &samples[2 * subject + (int)job->kind];
        sample->waiting++;
        quantising->wanted += !quantising->is_wanted[pair];
        quantising->is_wanted[pair] = 1;
        if (sample->done == MOST_SAMPLES || sample->seconds > most_seconds ||
            (!quantising->is_done[pair] && quantising->seconds > most_seconds))
            continue;
        prepare(work, ledger->waiting[i], pair, quantising);
        if (!time_job(work, ledger->waiting[i], sample, err))
            return false;
    }
    return true;
}

/* Samples that were not taken (their scheme would have had to be quantised) count as nothing. */
static double sum_up(const struct sample *samples, int count, const struct quantising *quantising)
{
    double seconds =
        quantising->done ? quantising->seconds / quantising->done * quantising->wanted : 0;
    for (int i = 0; i < count; i++)
        if (samples[i].done)
            seconds += samples[i].seconds / samples[i].done * samples[i].waiting;
    return seconds;
}

bool sweep_estimate(const struct sweep_ledger *ledger, struct sweep_work *work, int threads,
                    double *seconds, struct err *err)
{
    const struct sweep_plan *plan = ledger->plan;
    size_t pairs = (size_t)plan->subject_count * (size_t)plan->config->scheme_count;
    struct sample *samples = calloc(2 * (size_t)plan->subject_count, sizeof *samples);
    struct quantising quantising = {calloc(pairs, 1), calloc(pairs, 1), 0, 0, 0};
    bool ok =
        (samples && quantising.is_wanted && quantising.is_done) || err_set(err, "out of memory");
    ok = ok && sample_jobs(ledger, work, samples, &quantising, err);
    if (ok)
        *seconds = sum_up(samples, 2 * plan->subject_count, &quantising) / threads;
    free(samples);
    free(quantising.is_wanted);
    free(quantising.is_done);
    return ok;
}
