/* The command line: a table of commands, each with its own argp parser. */
#ifndef MANTIS_SIM_COMMAND_H
#define MANTIS_SIM_COMMAND_H

#include <argp.h>
#include <stdbool.h>

#include "isa/err.h"
#include "sim/compiled.h"
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
    const char *arch, *quant;
    struct data_names names; /* --data, --calib */
    bool quiet;
};
extern const struct argp_child model_children[]; /* their input is a struct model_options */

/* The same and -o, for commands that write one file of a model; the parser of their options. */
struct model_output_options {
    struct model_options model;
    const char *output;
};
error_t parse_model_output(int key, char *argument, struct argp_state *state);

/* The scheme of --quant, which must be one that quantises. Free with quantise_config_free. */
bool model_scheme(const struct model_options *options, struct quantise_config *scheme,
                  struct err *err);

/* "need --arch: one of ..." */
bool arch_needed(const char *why, struct err *err);

int command_run(int argc, char **argv);
int command_compile(int argc, char **argv);
int command_disasm(int argc, char **argv);
int command_quantize(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_golden(int argc, char **argv);
int command_dram(int argc, char **argv);
int command_list(int argc, char **argv);

#endif
