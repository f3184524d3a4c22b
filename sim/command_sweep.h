/* Options of mantis sweep. */
#ifndef MANTIS_SIM_COMMAND_SWEEP_H
#define MANTIS_SIM_COMMAND_SWEEP_H

#include "sim/command.h"
#include "sim/sweep_plan.h"

enum { SWEEP_MAX_JOBS = 1024 };

struct sweep_options {
    const char *csv, *json, *pareto;
    char database[SWEEP_PATH_SIZE]; /* empty: the sweep's name */
    int threads;                    /* 0: not given */
    struct sweep_shard shard;
    bool dry_run, merge, retry, quiet;
    int name_count;
    char **names; /* the sweep; or databases to merge */
};

#endif
