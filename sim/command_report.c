/* mantis report: one HTML file of runs and sweeps. */
#include <stdio.h>

#include "sim/command.h"
#include "sim/output.h"
#include "sim/sweep_report.h"

struct report_options {
    const char *output, *svg; /* svg: a folder, or NULL */
    char **sources;           /* in argv, `count` of them */
    int count;
};

enum { KEY_SVG = 0x100 };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct report_options *options = state->input;
    switch (key) {
    case 'o':
        options->output = argument;
        return 0;
    case KEY_SVG:
        options->svg = argument;
        return 0;
    case ARGP_KEY_ARGS:
        options->sources = state->argv + state->next;
        options->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!options->count)
            command_usage(state, "no SOURCE given (see %s --help)", state->name);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_option options_table[] = {
    {"output", 'o', "FILE", 0, "the report (default: report.html); - is standard output", 0},
    {"svg", KEY_SVG, "DIR", 0, "write the plots as .svg files into a folder, too", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp report_argp = {
    .options = options_table,
    .parser = parse,
    .args_doc = "SOURCE...",
    .doc =
        "Write runs as one HTML file that needs no network: Pareto fronts with filters, cycles, "
        "energy and utilisation per layer, rooflines, configuration and sources of prices.\v"
        "A SOURCE is a file of mantis run --json, or a database of mantis sweep. All points of a "
        "database are in the report; layers, of those on a Pareto front.",
};

static bool read_sources(struct report_data *data, const struct report_options *options,
                         struct err *err)
{
    bool ok = true;
    for (int i = 0; ok && i < options->count; i++) {
        const char *path = options->sources[i];
        ok = sweep_report_is_database(path) ? sweep_report_read(data, path, err)
                                            : report_data_read_json(data, path, err);
    }
    return ok;
}

static bool write_report(const struct report_data *data, const char *path, struct err *err)
{
    struct output output;
    if (!output_open(&output, path, err))
        return false;
    if (report_html(data, output.file, err))
        return output_commit(&output, err);
    output_discard(&output);
    return false;
}

int command_report(int argc, char **argv)
{
    struct report_options options = {.output = "report.html"};
    struct err err;
    command_parse(&report_argp, argc, argv, &options);
    struct report_data data = report_data_new();
    bool ok = read_sources(&data, &options, &err) && write_report(&data, options.output, &err) &&
              (!options.svg || report_svg(&data, options.svg, &err));
    report_data_free(&data);
    return ok ? EXIT_DONE : command_fail(&err);
}
