/* Limits of a plan: "size=4.5MB", "latency=2ms", or a fraction, "bops=0.5". */
#ifndef MANTIS_SIM_PLAN_LIMIT_H
#define MANTIS_SIM_PLAN_LIMIT_H

#include "compiler/plan.h"

struct plan_limit {
    enum plan_resource resource;
    bool
        is_fraction; /* of the way from the least to the greatest that any choice costs (HAWQ-V3) */
    double value;    /* the fraction, or in the resource's unit */
};

enum { PLAN_MAX_LIMITS = 16 };

bool plan_limit_parse(const char *text, struct plan_limit *limit, struct err *err);

/* The limit in the resource's unit. */
double plan_limit_value(const struct plan_limit *limit, const struct plan *plan);

/* All limits by resource, INFINITY where there is none: the tightest of each. False where the plan
 * does not know a resource's costs. */
bool plan_limits_of(const struct plan_limit *limits, int count, const struct plan *plan,
                    double values[PLAN_RESOURCE_COUNT], struct err *err);

/* "limit size=3 MB cannot be met: the least possible is 4.1 MB"; false. */
bool plan_limits_refuse(const double values[PLAN_RESOURCE_COUNT], const struct plan *plan,
                        struct err *err);

/* An amount with its unit, three to four digits: "4.512 MB". */
void plan_amount(enum plan_resource resource, double amount, char *text, size_t size);

#endif
