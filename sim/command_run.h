/* Options of mantis run. */
#ifndef MANTIS_SIM_COMMAND_RUN_H
#define MANTIS_SIM_COMMAND_RUN_H

#include <stdbool.h>

#include "sim/command.h"
#include "sim/engine.h"

struct run_options {
    struct model_options model;
    struct schedule_options schedule;
    const char *json, *csv, *trace;
    const char *fpga; /* or NULL */
    int batch;        /* images of one input */
    int images;       /* 0: all */
    int threads;
    int activity_images; /* 0: operands are not looked at */
    const struct engine *engine;
    struct waveform_request waveform;
    bool traces_dram;
    bool no_reference, explains_energy;
};

/* One thread per core, the fast engine, a waveform without bounds. */
struct run_options run_options_default(void);

/* Ends with NULL. run_argp's input is a struct run_options. */
extern const struct engine *const run_engines[];

#endif
