/* Evaluations as text: terminal (at most 80 columns), csv, json. All per-layer figures come from
 * the table of columns. */
#ifndef MANTIS_SIM_REPORT_H
#define MANTIS_SIM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "isa/err.h"
#include "sim/columns.h"
#include "sim/evaluation.h"

/* One evaluation: per-layer table and totals. */
void report_terminal(const struct evaluation *evaluation, FILE *file);

/* The prices that an evaluation used, with sources, counts and shares; nothing where it has no
 * timing. */
void report_prices(const struct evaluation *evaluation, FILE *file);

/* Several evaluations of one model, one line each. */
void report_comparison(const struct evaluation *evaluations, int count, FILE *file);

/* One line per layer of every evaluation, after a header line. */
void report_csv(const struct evaluation *evaluations, int count, FILE *file);

/* One object, or an array of them where count > 1. Figures that do not exist are null. */
bool report_json(const struct evaluation *evaluations, int count, FILE *file, struct err *err);

/* One field of csv, and one value of json: what does not exist is empty, or null. */
void report_csv_cell(struct cell cell, FILE *file);
struct json_t *report_json_cell(struct cell cell);

/* `mantis list columns`. */
void report_columns(FILE *file);

#endif
