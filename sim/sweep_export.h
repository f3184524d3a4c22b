/* A sweep's results as csv, json, and Pareto fronts. */
#ifndef MANTIS_SIM_SWEEP_EXPORT_H
#define MANTIS_SIM_SWEEP_EXPORT_H

#include <stdio.h>

#include "sim/sweep_database.h"

enum { SWEEP_MAX_OBJECTIVES = 8 };

/* Columns to be good at, and which way. */
struct sweep_objectives {
    int count;
    int columns[SWEEP_MAX_OBJECTIVES];
    bool more[SWEEP_MAX_OBJECTIVES]; /* the greater the better */
};

/* "cycles,energy_j,top1:max": a column without :min or :max goes the way its table says. */
bool sweep_objectives_parse(const char *text, struct sweep_objectives *objectives, struct err *err);

/* Which of `count` rows no other row is as good as in all objectives and better in one.
 * values: [count][objectives]; rows with a NaN are on no front. False when out of memory. */
bool sweep_front(const struct sweep_objectives *objectives, const double *values, int64_t count,
                 bool *on_front);

/* What to write; where objectives, rows also tell whether they are on the front. */
struct sweep_export {
    struct sweep_database *database;
    const struct sweep_plan *plan;
    const struct sweep_objectives *objectives; /* or NULL */
    const bool *on_front;                      /* one per row of the plan in the database */
};

/* Find the front; the caller frees *on_front. */
bool sweep_export_front(struct sweep_export *export, bool **on_front, struct err *err);

bool sweep_export_csv(const struct sweep_export *export, FILE *file, struct err *err);
bool sweep_export_json(const struct sweep_export *export, FILE *file, struct err *err);

/* The front, sorted by its first objective, one row per line. */
bool sweep_export_terminal(const struct sweep_export *export, FILE *file, struct err *err);

#endif
