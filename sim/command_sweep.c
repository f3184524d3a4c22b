/* mantis sweep: all points of a file, on all cores or many machines, into a database. */
#define _GNU_SOURCE /* sched_getaffinity */
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command_sweep.h"
#include "sim/output.h"
#include "sim/sweep_estimate.h"
#include "sim/sweep_export.h"
#include "sim/sweep_mpi.h"

/* Everything a sweep holds. */
struct sweep {
    struct sweep_options options;
    struct sweep_objectives objectives;
    struct sweep_ranks ranks;
    struct progress progress;
    struct sweep_config *config;
    struct sweep_plan *plan;
    struct sweep_work *work;
    struct sweep_database *database;
    struct sweep_ledger ledger;
};

/* --- before the work --- */

static int cores(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    return count < SWEEP_MAX_JOBS ? count : SWEEP_MAX_JOBS;
}

/* fashion.cfg has fashion.db, its part 2 of 3 fashion.2of3.db. */
static void name_database(struct sweep_options *options)
{
    char name[256], part[32] = "";
    if (*options->database)
        return;
    subject_name(options->names[0], name, sizeof name);
    if (options->shard.count > 1)
        snprintf(part, sizeof part, ".%dof%d", options->shard.index, options->shard.count);
    snprintf(options->database, sizeof options->database, "%s%s.db", name, part);
}

static bool make_plan(struct sweep *sweep, struct err *err)
{
    const struct sweep_options *options = &sweep->options;
    if (options->pareto && !sweep_objectives_parse(options->pareto, &sweep->objectives, err))
        return err_prefix(err, "--pareto");
    sweep->config = config_read_sweep(options->names[0], err);
    if (!sweep->config)
        return false;
    sweep->plan = sweep_plan_new(sweep->config, options->shard, err);
    sweep->work = sweep->plan ? sweep_work_new(sweep->plan) : NULL;
    return sweep->work || (sweep->plan && err_set(err, "out of memory"));
}

static bool file_exists(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file)
        fclose(file);
    return file;
}

/* A dry run makes no database, but counts what one has. */
static bool open_ledger(struct sweep *sweep, struct err *err)
{
    const struct sweep_options *options = &sweep->options;
    if (!options->dry_run || file_exists(options->database)) {
        sweep->database = sweep_database_open(options->database, err);
        if (!sweep->database)
            return false;
    }
    return sweep_ledger_open(&sweep->ledger, sweep->plan, sweep->database, options->retry, err);
}

/* --- the work --- */

static void print_left_out(const struct sweep_plan *plan, FILE *file)
{
    for (int i = 0; i < plan->reason_count; i++)
        fprintf(file, "  left out %lld: %s\n", (long long)plan->reasons[i].count,
                plan->reasons[i].reason);
}

static bool dry_run(struct sweep *sweep, struct err *err)
{
    double seconds;
    const struct sweep_ledger *ledger = &sweep->ledger;
    if (!sweep_estimate(ledger, sweep->work, sweep->options.threads, &seconds, err))
        return false;
    int accuracies = ledger->waiting_count - ledger->points_waiting;
    printf("%d points, %d of them to do, and accuracy on %d blocks of up to %d images\n",
           sweep->plan->point_count, ledger->points_waiting, accuracies, SWEEP_IMAGES_AT_ONCE);
    print_left_out(sweep->plan, stdout);
    printf("about %.0f s with %d threads\n", ceil(seconds), sweep->options.threads);
    return true;
}

static bool do_work(struct sweep *sweep, struct err *err)
{
    struct sweep_ledger *ledger = &sweep->ledger;
    bool quiet = sweep->options.quiet;
    if (!quiet && ledger->waiting_count < sweep->plan->job_count)
        fprintf(stderr, "%s: %d of %d jobs are done already\n", sweep->options.database,
                sweep->plan->job_count - ledger->waiting_count, sweep->plan->job_count);
    progress_init(&sweep->progress, quiet ? NULL : stderr);
    ledger->progress = &sweep->progress;
    progress_begin(&sweep->progress, "sweep", ledger->waiting_count, "jobs");
    if (sweep->ranks.count > 1) {
        sweep_mpi_serve(ledger, sweep->ranks);
    } else {
        struct sweep_desk desk = sweep_ledger_desk(ledger);
        sweep_workers_run(sweep->work, sweep->options.threads, &desk);
    }
    progress_end(&sweep->progress);
    return sweep_ledger_finish(ledger, err);
}

/* --- after the work --- */

static bool is_stdout(const char *path)
{
    return path && !strcmp(path, "-");
}

static bool write_file(const struct sweep_export *export, const char *path,
                       bool (*write)(const struct sweep_export *export, FILE *file,
                                     struct err *err),
                       struct err *err)
{
    struct output output;
    if (!path)
        return true;
    if (!output_open(&output, path, err))
        return false;
    if (write(export, output.file, err))
        return output_commit(&output, err);
    output_discard(&output);
    return false;
}

/* How the points came out. */
struct summary {
    int64_t points, failed;
    char example[160]; /* of a failure */
};

static bool add_to_summary(void *context, const struct cell cells[SWEEP_COLUMN_COUNT],
                           struct err *err)
{
    struct summary *summary = context;
    summary->points++;
    if (!*cells[SWEEP_ERROR].text)
        return true;
    if (!summary->failed++)
        snprintf(summary->example, sizeof summary->example, "%s", cells[SWEEP_ERROR].text);
    return true;
}

static bool print_summary(const struct sweep *sweep, struct err *err)
{
    struct summary summary = {0};
    const struct sweep_options *options = &sweep->options;
    if (options->quiet || is_stdout(options->csv) || is_stdout(options->json))
        return true;
    if (!sweep_database_read(sweep->database, sweep->plan, add_to_summary, &summary, err))
        return false;
    printf("%s: %lld points, %d of them new\n", options->database, (long long)summary.points,
           sweep->ledger.points_waiting);
    if (summary.failed)
        printf("  failed %lld, such as: %s\n", (long long)summary.failed, summary.example);
    print_left_out(sweep->plan, stdout);
    return true;
}

static bool export_all(const struct sweep *sweep, struct err *err)
{
    const struct sweep_options *options = &sweep->options;
    struct sweep_export export = {.database = sweep->database, .plan = sweep->plan};
    bool *on_front = NULL, ok = true;
    if (options->pareto) {
        export.objectives = &sweep->objectives;
        ok = sweep_export_front(&export, &on_front, err);
    }
    ok = ok && write_file(&export, options->csv, sweep_export_csv, err) &&
         write_file(&export, options->json, sweep_export_json, err) && print_summary(sweep, err);
    if (ok && options->pareto && !is_stdout(options->csv) && !is_stdout(options->json))
        ok = sweep_export_terminal(&export, stdout, err);
    free(on_front);
    return ok;
}

/* --- the command --- */

static void release(struct sweep *sweep)
{
    sweep_ledger_close(&sweep->ledger);
    sweep_work_free(sweep->work);
    sweep_plan_free(sweep->plan);
    sweep_config_free(sweep->config);
}

/* Errors that another process tells are silent in this one. */
static bool fail_silently(struct err *err)
{
    err->text[0] = '\0';
    return false;
}

/* Rank 0, or the only process. The other ranks wait for it to agree, whatever has happened. */
static bool lead(struct sweep *sweep, struct err *err)
{
    bool ok = make_plan(sweep, err) && open_ledger(sweep, err);
    if (sweep->ranks.count > 1 && sweep_mpi_agree(ok ? sweep->plan : NULL) == SWEEP_OTHERS_FAILED)
        ok = fail_silently(err);
    if (ok && sweep->options.dry_run)
        ok = dry_run(sweep, err);
    else if (ok)
        ok = do_work(sweep, err) && export_all(sweep, err);
    if (sweep->database && !sweep_database_close(sweep->database, ok ? err : NULL))
        ok = false;
    return ok;
}

/* Any other rank. What goes wrong in all of them is for rank 0 to say. */
static bool follow(struct sweep *sweep, struct err *err)
{
    bool ok = make_plan(sweep, err);
    switch (sweep_mpi_agree(ok ? sweep->plan : NULL)) {
    case SWEEP_AGREED:
        break;
    case SWEEP_LEADER_FAILED:
    case SWEEP_OTHERS_FAILED:
        return fail_silently(err);
    case SWEEP_DISAGREES:
        if (ok)
            err_set(err, "%s: other inputs than on rank 0; are all files the same on all nodes?",
                    sweep->config->path);
        return err_prefix(err, "rank %d", sweep->ranks.rank);
    }
    if (!sweep->options.dry_run)
        sweep_mpi_work(sweep->work, sweep->options.threads);
    return true;
}

static int sweep_all(struct sweep *sweep)
{
    struct err err;
    name_database(&sweep->options);
    if (!sweep->options.threads)
        sweep->options.threads = sweep_mpi_is_launched() ? 1 : cores();
    if (!sweep_mpi_begin(&sweep->ranks, &sweep->options.threads, &err))
        return command_fail(&err);
    bool ok = sweep->ranks.rank ? follow(sweep, &err) : lead(sweep, &err);
    int status = ok ? EXIT_DONE : *err.text ? command_fail(&err) : EXIT_BAD_INPUT;
    release(sweep);
    sweep_mpi_end(); /* after the message: mpirun ends all processes once one has failed */
    return status;
}

static int merge_all(const struct sweep_options *options)
{
    struct err err;
    int64_t added, total = 0;
    struct sweep_database *database = sweep_database_open(options->names[0], &err);
    bool ok = database;
    for (int i = 1; ok && i < options->name_count; i++) {
        ok = sweep_database_merge(database, options->names[i], &added, &err);
        total += added;
    }
    if (database && !sweep_database_close(database, ok ? &err : NULL))
        ok = false;
    if (ok && !options->quiet)
        printf("%s: %lld points added\n", options->names[0], (long long)total);
    return ok ? EXIT_DONE : command_fail(&err);
}

int command_sweep(int argc, char **argv)
{
    struct sweep sweep = {.options = {.shard = {1, 1}}};
    command_parse(&sweep_argp, argc, argv, &sweep.options);
    return sweep.options.merge ? merge_all(&sweep.options) : sweep_all(&sweep);
}
