/* The table of report columns: what is known of a layer. The terminal, csv, json and `mantis list
 * columns` all expand it. Adding a column is adding a row. */
#ifndef MANTIS_SIM_COLUMNS_H
#define MANTIS_SIM_COLUMNS_H

#include <stdint.h>

#include "sim/evaluation.h"

enum cell_kind { CELL_TEXT, CELL_INTEGER, CELL_REAL };

/* One figure. Empty texts and NaN stand for "there is none". */
struct cell {
    enum cell_kind kind;
    const char *text;
    uint64_t integer;
    double real;
};

struct column {
    const char *name; /* in csv and json */
    const char *unit;
    const char *help;
    struct cell (*get)(const struct layer_result *layer);
    int width;           /* on the terminal; 0: not there */
    int decimals;        /* on the terminal */
    double scale;        /* factor on the terminal */
    const char *heading; /* on the terminal, two lines split by '\n' */
};

extern const struct column columns[]; /* ends with name = NULL */

#endif
