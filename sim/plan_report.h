/* What a plan prints: terminal, csv, json, quantisation file. */
#ifndef MANTIS_SIM_PLAN_REPORT_H
#define MANTIS_SIM_PLAN_REPORT_H

#include <stdio.h>

#include "compiler/plan.h"
#include "sim/plan_limit.h"

/* A solved plan. */
struct plan_result {
    const struct plan *plan;
    const int *choice;
    double limits[PLAN_RESOURCE_COUNT]; /* INFINITY where there is none */
    bool is_simulated;                  /* the next is filled: the chosen mix, simulated whole */
    double simulated[PLAN_RESOURCE_COUNT];
    char source[160]; /* of the sensitivities, in words */
};

void plan_report_terminal(const struct plan_result *result, FILE *file);

/* A line per layer, as `mantis plan --table` reads it again, with what was chosen. */
void plan_report_csv(const struct plan_result *result, FILE *file);
bool plan_report_json(const struct plan_result *result, FILE *file, struct err *err);

#endif
