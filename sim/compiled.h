/* From a model, a scheme and an accelerator to a program: calibration data, quantisation, lowering.
 */
#ifndef MANTIS_SIM_COMPILED_H
#define MANTIS_SIM_COMPILED_H

#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "isa/program.h"
#include "sim/config.h"
#include "sim/progress.h"
#include "sim/subject.h"

/* Names of the files that compiling takes: --data, --calib, --schedule. Each may be NULL. */
struct data_names {
    const char *data, *calib, *schedule;
};

struct compiled {
    struct network *network;
    struct program *program; /* NULL where only quantised */
    struct tiling *tilings;  /* that it was lowered with, one per layer */
    char note[160];          /* where calibration had to use the data itself; else empty */
};

/* Quantise on calib, else on <data>-calib, else on data itself, else without (timing only is
 * meaningful); where arch is given lower, with the tilings that names->schedule gives. progress may be NULL. Free with compiled_free, on success
 * only. */
bool compiled_make(struct compiled *compiled, const struct subject *subject,
                   const struct quantise_config *scheme, const struct arch *arch,
                   const struct data_names *names, struct progress *progress, struct err *err);
void compiled_free(struct compiled *compiled);

/* The data file to calibrate on: calib, else <data>-calib, else data itself, else an empty name. */
void calibration_name(const struct data_names *names, char name[CONFIG_PATH_SIZE]);

/* Open the data file of that name. */
struct dataset *data_open(const char *name, struct err *err);

#endif
