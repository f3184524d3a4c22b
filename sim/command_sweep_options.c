/* mantis sweep: its options. */
#include <stdio.h>
#include <string.h>

#include "sim/command_sweep.h"

enum { MAX_SHARDS = 100000 };

enum {
    KEY_JOBS = 'j',
    KEY_DATABASE = 0x200,
    KEY_DRY_RUN,
    KEY_CSV,
    KEY_JSON,
    KEY_PARETO,
    KEY_SHARD,
    KEY_MERGE,
    KEY_RETRY,
    KEY_QUIET
};

static const struct argp_option option_table[] = {
    {"jobs", KEY_JOBS, "N", 0, "threads (default: one per core; one per process under mpirun)", 0},
    {"db", KEY_DATABASE, "FILE", 0, "database of results (default: SWEEP.db here)", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "count the points, and estimate the time they take", 0},
    {"csv", KEY_CSV, "FILE", 0, "write a line per point; - is standard output", 0},
    {"json", KEY_JSON, "FILE", 0, "write all points; - is standard output", 0},
    {"pareto", KEY_PARETO, "COLUMNS", 0,
     "print the front over these, as cycles,energy_j,top1:max; csv and json mark it", 0},
    {"shard", KEY_SHARD, "I/N", 0, "do part I of N only, into its own database", 0},
    {"merge", KEY_MERGE, NULL, 0, "OUT.db IN.db...: join the databases of shards", 0},
    {"retry", KEY_RETRY, NULL, 0, "do points that failed again", 0},
    {"quiet", KEY_QUIET, NULL, 0, "no progress and no summary", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static struct sweep_shard parse_shard(const struct argp_state *state, const char *text)
{
    struct sweep_shard shard;
    char rest;
    if (sscanf(text, "%d/%d%c", &shard.index, &shard.count, &rest) != 2 || shard.count < 1 ||
        shard.count > MAX_SHARDS || shard.index < 1 || shard.index > shard.count)
        command_usage(state, "--shard: \"%.32s\" is not I/N with I in 1..N", text);
    return shard;
}

static void check_names(const struct argp_state *state, const struct sweep_options *options)
{
    if (options->merge && options->name_count < 2)
        command_usage(state, "--merge: needs OUT.db and at least one IN.db");
    if (!options->merge && options->name_count != 1)
        command_usage(state, "give one SWEEP: a name (see mantis list sweeps) or a .cfg file");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct sweep_options *options = state->input;
    switch (key) {
    case KEY_JOBS:
        options->threads = command_number(state, "-j", argument, 1, SWEEP_MAX_JOBS);
        return 0;
    case KEY_DATABASE:
        if (strlen(argument) >= sizeof options->database)
            command_usage(state, "--db: the path is too long");
        memcpy(options->database, argument, strlen(argument) + 1);
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_CSV:
        options->csv = argument;
        return 0;
    case KEY_JSON:
        options->json = argument;
        return 0;
    case KEY_PARETO:
        options->pareto = argument;
        return 0;
    case KEY_SHARD:
        options->shard = parse_shard(state, argument);
        return 0;
    case KEY_MERGE:
        options->merge = true;
        return 0;
    case KEY_RETRY:
        options->retry = true;
        return 0;
    case KEY_QUIET:
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* come all at once, below */
    case ARGP_KEY_ARGS:
        options->names = state->argv + state->next;
        options->name_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        check_names(state, options);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

const struct argp sweep_argp = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "SWEEP\n--merge OUT.db IN.db...",
    .doc = "Simulate every point of SWEEP, a name or a .cfg file. What the database has already is "
           "not done again: a sweep that was stopped, or that has grown, goes on.",
};
