/* Tables of layers (csv) that the planner takes: costs and sensitivities by layer and candidate.
 * One header line names the columns; lines that begin with # are comments. CAND stands for the name
 * of a candidate, a quantisation scheme ("int4"; "w4" is read as "int4", as HAWQ-V3 writes it). */
#ifndef MANTIS_SIM_PLAN_TABLE_H
#define MANTIS_SIM_PLAN_TABLE_H

#include "compiler/plan.h"

/* X(ENUMERATOR, name, what it says of a layer) */
#define PLAN_TEXTS(X)                                             \
    X(NETWORK, "network", "the network it belongs to")            \
    X(LAYER, "layer", "its name")                                 \
    X(LAYER_INDEX, "index", "the same, where layers are counted") \
    X(GROUP, "group", "layers of one group share a candidate")    \
    X(CHOICE, "choice", "ignored: what a plan chose")

/* X(ENUMERATOR, name, factor, what it says of a layer) */
#define PLAN_NUMBERS(X)                                                \
    X(PARAMS, "params", 1, "weights")                                  \
    X(PARAMS_MILLIONS, "params_millions", 1e6, "the same in millions") \
    X(MACS, "macs", 1, "multiply-accumulates of one input")            \
    X(MMACS, "mmacs", 1e6, "the same in millions")                     \
    X(TRACE, "hessian_trace", 1, "of the loss, with respect to its weights")

/* X(ENUMERATOR, text before CAND, text behind it, factor, what it says of a layer and candidate) */
#define PLAN_QUANTITIES(X)                                                         \
    X(SENSITIVITY, "sensitivity_", "", 1, "what the sum of is minimised")          \
    X(DELTA, "delta_", "_sq", 1,                                                   \
      "squared error of the weights; hessian_trace times it is the "               \
      "sensitivity")                                                               \
    X(SIZE, "size_", "_bytes", 1, "weights, in bytes; else params x bits of CAND") \
    X(BOPS, "bops_", "", 1, "bit operations; else macs x bits of CAND")            \
    X(LATENCY, "latency_", "_ms", 1e-3, "of one input")                            \
    X(ENERGY, "energy_", "_mj", 1e-3, "of one input")

#define PLAN_TEXT_ENUMERATOR(id, name, help) PLAN_TEXT_##id,
enum plan_text { PLAN_TEXTS(PLAN_TEXT_ENUMERATOR) PLAN_TEXT_COUNT };
#undef PLAN_TEXT_ENUMERATOR
#define PLAN_NUMBER_ENUMERATOR(id, name, factor, help) PLAN_NUMBER_##id,
enum plan_number { PLAN_NUMBERS(PLAN_NUMBER_ENUMERATOR) PLAN_NUMBER_COUNT };
#undef PLAN_NUMBER_ENUMERATOR
#define PLAN_QUANTITY_ENUMERATOR(id, before, behind, factor, help) PLAN_QUANTITY_##id,
enum plan_quantity { PLAN_QUANTITIES(PLAN_QUANTITY_ENUMERATOR) PLAN_QUANTITY_COUNT };
#undef PLAN_QUANTITY_ENUMERATOR

struct plan_row {
    int line;
    char texts[PLAN_TEXT_COUNT][PROGRAM_NAME_SIZE]; /* "" where there is no such column */
    double numbers[PLAN_NUMBER_COUNT];
    double quantities[PLAN_QUANTITY_COUNT][PLAN_MAX_CANDIDATES];
};

struct plan_table {
    char path[256]; /* for messages */
    int candidate_count, row_count;
    char candidates[PLAN_MAX_CANDIDATES][ARCH_NAME_SIZE]; /* in order of first appearance */
    bool has_text[PLAN_TEXT_COUNT], has_number[PLAN_NUMBER_COUNT];
    bool has_quantity[PLAN_QUANTITY_COUNT][PLAN_MAX_CANDIDATES];
    struct plan_row *rows;
};

/* NULL on error, which names file and line. Numbers must be finite and, all but the Hessian's
 * trace, not negative. Free with plan_table_free. */
struct plan_table *plan_table_read(const char *path, struct err *err);
struct plan_table *plan_table_decode(const char *text, size_t size, const char *path,
                                     struct err *err);
void plan_table_free(struct plan_table *table);

/* The table's candidate of that name, -1 if there is none. */
int plan_table_candidate(const struct plan_table *table, const char *name);

/* The sensitivity of a row to a candidate: the column of it, else trace x squared error. False where the table
 * has neither. */
bool plan_table_sensitivity(const struct plan_table *table, const struct plan_row *row,
                            int candidate, double *sensitivity);

/* A plan of one network of the table (NULL: the only one) and of some of its candidates (count 0:
 * all); layers of a "group" share. NULL on error. */
struct plan *plan_of_table(const struct plan_table *table, const char *network,
                           char (*candidates)[ARCH_NAME_SIZE], int count, struct err *err);

/* Take the plan's sensitivities from the table: every layer and candidate of the plan must be
 * there, and every layer of the table in the plan. */
bool plan_take_sensitivities(struct plan *plan, const struct plan_table *table, struct err *err);

#endif
