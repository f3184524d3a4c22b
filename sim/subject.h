/* MODEL on the command line: a network, a topology or a compiled program, and what is compiled from
 * it. */
#ifndef MANTIS_SIM_SUBJECT_H
#define MANTIS_SIM_SUBJECT_H

#include <stdbool.h>

#include "compiler/network.h"
#include "compiler/quantise.h"
#include "isa/arch.h"
#include "isa/err.h"
#include "isa/program.h"
#include "sim/progress.h"
#include "workloads/dataset.h"
#include "workloads/graph.h"
#include "workloads/topology.h"

/* Exactly one of the three is there. */
struct subject {
    char path[1024];
    struct graph *graph;               /* .onnx, batch normalisation folded */
    struct topology *topology;         /* .csv */
    struct program *program;           /* .mprog */
    struct observations *observations; /* calibrations made so far: the same for all schemes */
};

/* Read MODEL; its suffix tells what it is. */
bool subject_open(struct subject *subject, const char *path, struct err *err);
void subject_close(struct subject *subject);

/* The model's file name without folder and suffix: its name in reports. */
void subject_name(const char *path, char *name, size_t size);

/* Calibrate on the first `images` of `calib` (NULL: none, timing only is meaningful) and quantise.
 * Calibration is done once per `calib_name` and number of images. From any thread. Not for
 * programs. */
struct network *subject_quantise(const struct subject *subject,
                                 const struct quantise_config *scheme, const struct dataset *calib,
                                 const char *calib_name, int images, struct progress *progress,
                                 struct err *err);

#endif
