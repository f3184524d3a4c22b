/* The command line: a table of commands, each with its own argp parser. */
#ifndef MANTIS_SIM_COMMAND_H
#define MANTIS_SIM_COMMAND_H

#include <argp.h>
#include <stdbool.h>

#include "compiler/network.h"
#include "isa/err.h"
#include "isa/program.h"
#include "sim/config.h"
#include "sim/progress.h"
#include "sim/subject.h"

enum exit_code { EXIT_DONE = 0, EXIT_DIFFERS = 1, EXIT_BAD_INPUT = 2, EXIT_INTERNAL = 3 };

struct command {
    const char *name;
    const char *help;
    int (*run)(int argc, char **argv); /* argv[0] is "mantis NAME"; returns an exit_code */
};
extern const struct command commands[]; /* ends with name = NULL */

/* Print "mantis: text" on standard error and return EXIT_BAD_INPUT. */
int command_fail(const struct err *err);

/* argp_parse with one-line errors and exit code 2. */
void command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Report a usage error on one line and end the process. */
__attribute__((format(printf, 2, 3), noreturn)) void command_usage(const struct argp_state *state,
                                                                   const char *format, ...);

/* A whole number in low..high given to `option`. */
int command_number(const struct argp_state *state, const char *option, const char *text, int low,
                   int high);

/* Options that several commands share: what to compile, on what data, how to show progress. */
struct model_options {
    const char *model; /* MODEL */
    const char *arch, *quant, *data, *calib;
    bool quiet;
};
extern const struct argp model_argp; /* a child parser; its input is a struct model_options */

/* Calibration data: --calib, else <data>-calib, else the data itself. */
struct calibration_data {
    struct dataset *data; /* NULL: none */
    int images;
    char note[160]; /* says so where it is the data itself; else empty */
};
bool calibration_open(struct calibration_data *calibration, const struct model_options *options,
                      const struct quantise_config *scheme, struct err *err);
void calibration_close(struct calibration_data *calibration);

/* Open the data file of that name. */
struct dataset *data_open(const char *name, struct err *err);

/* "need --arch: one of ..." */
bool arch_needed(const char *why, struct err *err);

int command_run(int argc, char **argv);
int command_compile(int argc, char **argv);
int command_disasm(int argc, char **argv);
int command_quantize(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_golden(int argc, char **argv);
int command_list(int argc, char **argv);

#endif
