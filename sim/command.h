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

/* X(ENUMERATOR, code, meaning) */
#define EXIT_CODES(X)                     \
    X(DONE, 0, "done")                    \
    X(DIFFERS, 1, "a comparison failed")  \
    X(BAD_INPUT, 2, "bad usage or input") \
    X(INTERNAL, 3, "internal")

#define EXIT_ENUMERATOR(id, code, meaning) EXIT_##id = (code),
enum exit_code { EXIT_CODES(EXIT_ENUMERATOR) };
#undef EXIT_ENUMERATOR

/* X(name, one line of help): each has command_<name>() and its options, <name>_argp. Help, manual
 * page and completion follow from these. What an option takes is told by its name there: see
 * sim/command_completion.c. */
#define COMMANDS(X)                                                              \
    X(run, "compile and simulate a model: accuracy, cycles, energy, area")       \
    X(compile, "write the program that a model compiles to")                     \
    X(schedule, "find tiles and split of least cost by a published model")       \
    X(disasm, "print a program as text")                                         \
    X(quantize, "write quantised weights; print format, scale, error per layer") \
    X(verify, "compare a program's layers with golden tensors")                  \
    X(golden, "write a program's golden tensors, layer by layer")                \
    X(dram, "run traces of requests through a DRAM: clocks, commands, energy")   \
    X(sweep, "simulate many accelerators and schemes; database, Pareto fronts")  \
    X(plan, "choose formats by layer: least sensitivity within limits")          \
    X(report, "write runs and sweeps as one HTML file with interactive plots")   \
    X(list, "print what there is: formats, pes, ops, columns, archs, ...")       \
    X(completion, "print the script that completes mantis in bash")              \
    X(man, "print the manual page")

#define COMMAND_DECLARATION(name, help)        \
    int command_##name(int argc, char **argv); \
    extern const struct argp name##_argp;
COMMANDS(COMMAND_DECLARATION)
#undef COMMAND_DECLARATION

struct command {
    const char *name;
    const char *help;
    int (*run)(int argc, char **argv); /* argv[0] is "mantis NAME"; returns an exit_code */
    const struct argp *argp;
};
extern const struct command commands[]; /* ends with name = NULL */

/* Print "mantis: text" on standard error and return EXIT_BAD_INPUT. */
int command_fail(const struct err *err);

/* argp_parse with one-line errors and exit code 2. */
void command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Call `visit` with every option that a parser and its children show. */
void command_options(const struct argp *argp,
                     void (*visit)(void *context, const struct argp_option *option), void *context);

/* Whether the option may also be given as "-key". */
bool command_has_letter(const struct argp_option *option);

/* Report a usage error on one line and end the process. */
__attribute__((format(printf, 2, 3), noreturn)) void command_usage(const struct argp_state *state,
                                                                   const char *format, ...);

/* A whole number in low..high given to `option`. */
int command_number(const struct argp_state *state, const char *option, const char *text, int low,
                   int high);

/* Options that several commands share: what to compile, on what data, how to show progress. */
struct model_options {
    const char *model; /* MODEL */
    bool is_optional;  /* set before parsing: MODEL may be left out */
    const char *arch, *quant;
    struct data_names names; /* --data, --calib */
    bool quiet;
};
extern const struct argp_child model_children[]; /* their input is a struct model_options */

/* The same, and --schedule and --write-schedule, for commands that lower: the second child's input
 * is a struct schedule_options. */
struct schedule_options {
    const char *given, *written;
};
extern const struct argp_child lowering_children[];

/* Write the schedule of what was compiled to options->written, where that is given. */
bool write_schedule(const struct schedule_options *options, const struct compiled *compiled,
                    struct err *err);

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

#endif
