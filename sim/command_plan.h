/* Options of mantis plan. */
#ifndef MANTIS_SIM_COMMAND_PLAN_H
#define MANTIS_SIM_COMMAND_PLAN_H

#include "sim/command.h"
#include "sim/plan_limit.h"

enum { PLAN_MAX_SHARES = 256 };

struct plan_options {
    struct model_options model; /* MODEL may be absent: then there is a table */
    const char *candidates, *sensitivity, *table, *network, *output, *json, *csv;
    int images;
    int limit_count, share_count;
    struct plan_limit limits[PLAN_MAX_LIMITS];
    const char *shares[PLAN_MAX_SHARES]; /* "A,B" each */
};

#endif
