#include "sim/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/schedule.h"
#include "sim/output.h"

#define COMMAND(name, help) {#name, help, command_##name, &name##_argp},
const struct command commands[] = {COMMANDS(COMMAND){NULL, NULL, NULL, NULL}};
#undef COMMAND

int command_fail(const struct err *err)
{
    fprintf(stderr, "mantis: %s\n", err->text);
    return EXIT_BAD_INPUT;
}

void command_usage(const struct argp_state *state, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", state->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_BAD_INPUT);
}

/* The parser that argp runs: the command's, with argp's second line ("Try ... --help") silenced. */
struct quiet_parse {
    const struct argp *argp;
    void *input;
    FILE *silence;
};

static error_t parse_quietly(int key, char *argument, struct argp_state *state)
{
    struct quiet_parse *parse = state->input;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    if (parse->silence)
        state->err_stream = parse->silence;
    state->child_inputs[0] = parse->input;
    return 0;
}

void command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    struct quiet_parse parse = {argp, input, fopen("/dev/null", "w")};
    struct argp_child children[] = {{argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    struct argp outer = {.parser = parse_quietly,
                         .args_doc = argp->args_doc,
                         .doc = argp->doc,
                         .children = children};
    struct argp inner = *argp;
    inner.args_doc = inner.doc = NULL; /* shown once */
    children[0].argp = &inner;
    argp_err_exit_status = EXIT_BAD_INPUT;
    error_t failed = argp_parse(&outer, argc, argv, 0, NULL, &parse);
    if (parse.silence)
        fclose(parse.silence);
    if (failed) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(failed));
        exit(EXIT_BAD_INPUT);
    }
}

void command_options(const struct argp *argp,
                     void (*visit)(void *context, const struct argp_option *option), void *context)
{
    for (const struct argp_option *option = argp->options; option && option->name; option++)
        if (!(option->flags & OPTION_HIDDEN))
            visit(context, option);
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        command_options(child->argp, visit, context);
}

bool command_has_letter(const struct argp_option *option)
{
    return option->key > ' ' && option->key < 0x7f;
}

int command_number(const struct argp_state *state, const char *option, const char *text, int low,
                   int high)
{
    char *rest;
    errno = 0;
    long value = strtol(text, &rest, 10);
    if (errno || rest == text || *rest || value < low || value > high)
        command_usage(state, "%s: \"%.32s\" is not a whole number in %d..%d", option, text, low,
                      high);
    return (int)value;
}

enum { KEY_ARCH = 'a', KEY_QUANT = 'q', KEY_DATA = 'd', KEY_CALIB = 'c', KEY_QUIET = 0x100 };

static const struct argp_option model_option_table[] = {
    {"arch", KEY_ARCH, "ARCH", 0, "accelerator: a name (see mantis list archs) or a .cfg file", 0},
    {"quant", KEY_QUANT, "SCHEME", 0, "quantisation scheme: a name or a .cfg file (default int8)",
     0},
    {"data", KEY_DATA, "DATA", 0, "images and labels: a name or a .cfg file", 0},
    {"calib", KEY_CALIB, "DATA", 0, "images to calibrate on (default: DATA-calib, else the data)",
     0},
    {"quiet", KEY_QUIET, NULL, 0, "no progress", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_model_option(int key, char *argument, struct argp_state *state)
{
    struct model_options *options = state->input;
    switch (key) {
    case KEY_ARCH:
        options->arch = argument;
        return 0;
    case KEY_QUANT:
        options->quant = argument;
        return 0;
    case KEY_DATA:
        options->names.data = argument;
        return 0;
    case KEY_CALIB:
        options->names.calib = argument;
        return 0;
    case KEY_QUIET:
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->model)
            command_usage(state, "%.64s: one MODEL at a time, and %.64s is given already", argument,
                          options->model);
        options->model = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->model && !options->is_optional)
            command_usage(state, "no MODEL given (see %s --help)", state->name);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp model_argp = {.options = model_option_table, .parser = parse_model_option};
const struct argp_child model_children[] = {{&model_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

enum { KEY_SCHEDULE = 0x110, KEY_WRITE_SCHEDULE };

static const struct argp_option schedule_option_table[] = {
    {"schedule", KEY_SCHEDULE, "SCHEDULE", 0,
     "tilings of the layers that the file lists; the others are searched", 1},
    {"write-schedule", KEY_WRITE_SCHEDULE, "FILE", 0, "write the tilings used, as such a file", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_schedule_option(int key, char *argument, struct argp_state *state)
{
    struct schedule_options *options = state->input;
    switch (key) {
    case KEY_SCHEDULE:
        options->given = argument;
        return 0;
    case KEY_WRITE_SCHEDULE:
        options->written = argument;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp tilings_argp = {.options = schedule_option_table,
                                         .parser = parse_schedule_option};
const struct argp_child lowering_children[] = {
    {&model_argp, 0, NULL, 0}, {&tilings_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

bool write_schedule(const struct schedule_options *options, const struct compiled *compiled,
                    struct err *err)
{
    struct output output;
    if (!options->written)
        return true;
    if (!output_open(&output, options->written, err))
        return false;
    if (schedule_print(compiled->network, compiled->tilings, output.file))
        return output_commit(&output, err);
    output_discard(&output);
    return err_set(err, "%s: cannot be written", options->written);
}

error_t parse_model_output(int key, char *argument, struct argp_state *state)
{
    struct model_output_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model;
        return 0;
    case 'o':
        options->output = argument;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

bool model_scheme(const struct model_options *options, struct quantise_config *scheme,
                  struct err *err)
{
    if (!config_read_quantise(options->quant ? options->quant : "int8", scheme, err))
        return false;
    if (!scheme->is_float)
        return true;
    quantise_config_free(scheme);
    return err_set(err, "%s: quantises nothing", options->quant);
}

bool arch_needed(const char *why, struct err *err)
{
    char legal[300];
    config_names_list(HOME_ARCH, legal, sizeof legal);
    return err_set(err, "%s: --arch is needed, one of %s, or a .cfg file", why, legal);
}
