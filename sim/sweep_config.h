/* What a sweep file says (configs/sweep/NAME.cfg): networks, schemes, accelerators with values that
 * vary, constraints. sim/config_sweep*.c read it. */
#ifndef MANTIS_SIM_SWEEP_CONFIG_H
#define MANTIS_SIM_SWEEP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/quantise.h"
#include "isa/arch.h"
#include "isa/err.h"

enum {
    SWEEP_PATH_SIZE = 1024,
    SWEEP_PLACE_SIZE = 1100,
    SWEEP_NAME_SIZE = 96,
    SWEEP_MAX_VALUES = 4096,    /* of one axis */
    SWEEP_MAX_POINTS = 4000000, /* of one sweep, before constraints */
};

/* A model and what its accuracy is measured on. Empty texts: not given. */
struct sweep_network {
    char place[SWEEP_PLACE_SIZE]; /* "s.cfg:3", for messages */
    char path[SWEEP_PATH_SIZE];
    char data[SWEEP_PATH_SIZE], calib[SWEEP_PATH_SIZE];
    int images; /* 0: all */
};

/* One value of an axis: an arch (clock_khz in MHz) and which of its bytes the value sets. */
struct sweep_value {
    char label[SWEEP_NAME_SIZE];
    struct arch arch;
    uint8_t given[sizeof(struct arch)];
};

/* A value of the accelerator that varies, or several that vary together. */
struct sweep_axis {
    char name[SWEEP_NAME_SIZE]; /* "core.rows" */
    int count;
    struct sweep_value *values;
};

enum sweep_comparison {
    SWEEP_LESS,
    SWEEP_LESS_EQUAL,
    SWEEP_GREATER,
    SWEEP_GREATER_EQUAL,
    SWEEP_EQUAL,
    SWEEP_DIFFERENT
};

/* "area_mm2 <= 5", "dataflow = os", "rows <= columns": a column, a comparison, and a number, a text
 * or another column. */
struct sweep_constraint {
    char text[SWEEP_NAME_SIZE];
    int column; /* of sweep_parameters */
    enum sweep_comparison comparison;
    int other;                  /* a column, or -1 */
    double number;              /* where other < 0 and the column is a number */
    char name[SWEEP_NAME_SIZE]; /* where other < 0 and the column is a text */
};

struct sweep_constraints {
    int count;
    struct sweep_constraint *list;
};

/* An accelerator to start from, and what varies. */
struct sweep_accelerator {
    char place[SWEEP_PLACE_SIZE];
    struct arch base; /* the values that do not vary; clock_khz in MHz */
    int axis_count;
    struct sweep_axis *axes; /* later ones prevail */
    int64_t combinations;
    struct sweep_constraints constraints;
    uint8_t *takes_scheme; /* one flag per scheme of the sweep */
};

struct sweep_config {
    char path[SWEEP_PATH_SIZE];
    int network_count, scheme_count, accelerator_count;
    struct sweep_network *networks;
    struct quantise_config *schemes;
    struct sweep_accelerator *accelerators;
    struct sweep_constraints constraints;
};

void sweep_config_free(struct sweep_config *config);

/* The accelerator's combination `index` (0..combinations - 1), clock_khz in kHz. `choices` becomes
 * "core.rows=4 core.dataflow=os", of the axes with several values; cut where it is too long. */
struct arch sweep_arch(const struct sweep_accelerator *accelerator, int64_t index, char *choices,
                       size_t size);

/* Read a constraint; an error lists the legal names. */
bool sweep_constraint_parse(const char *text, struct sweep_constraint *constraint, struct err *err);

#endif
