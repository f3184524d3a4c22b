/* mantis plan: its options. */
#include "sim/command_plan.h"

enum { MAX_IMAGES = 100000 };

enum {
    KEY_CANDIDATES = 0x200,
    KEY_LIMIT,
    KEY_SENSITIVITY,
    KEY_IMAGES,
    KEY_SHARE,
    KEY_TABLE,
    KEY_NETWORK,
    KEY_JSON,
    KEY_CSV
};

static const struct argp_option option_table[] = {
    {"candidates", KEY_CANDIDATES, "SCHEME", 0,
     "list of schemes to choose from (default int4,int8)", 1},
    {"limit", KEY_LIMIT, "RESOURCE=VALUE", 0,
     "size=4.5MB, bops=60G, latency=2ms, energy=1mJ; or a fraction of the way from the least to "
     "the greatest possible, as size=0.5; may be repeated",
     1},
    {"sensitivity", KEY_SENSITIVITY, "FILE", 0, "csv of sensitivities (default: measured)", 1},
    {"images", KEY_IMAGES, "N", 0, "to measure sensitivities on (default 32)", 1},
    {"share", KEY_SHARE, "LAYER,LAYER", 0, "these layers take one scheme; may be repeated", 1},
    {"table", KEY_TABLE, "FILE", 0, "plan from a csv of costs and sensitivities, without MODEL", 1},
    {"network", KEY_NETWORK, "NAME", 0, "of the table, where it has several", 1},
    {"output", 'o', "FILE", 0, "write the plan as a quantisation file, for --quant", 1},
    {"json", KEY_JSON, "FILE", 0, "write everything found; - is standard output", 1},
    {"csv", KEY_CSV, "FILE", 0, "write a line per layer, which --table reads; - is standard output",
     1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static void add_limit(const struct argp_state *state, struct plan_options *options,
                      const char *argument)
{
    struct err err;
    if (options->limit_count == PLAN_MAX_LIMITS)
        command_usage(state, "--limit: more than %d", PLAN_MAX_LIMITS);
    if (!plan_limit_parse(argument, &options->limits[options->limit_count++], &err))
        command_usage(state, "%s", err.text);
}

static void check(const struct argp_state *state, const struct plan_options *options)
{
    const struct model_options *model = &options->model;
    if (!options->table == !model->model)
        command_usage(state, "one of MODEL and --table is needed (see %s --help)", state->name);
    if (!options->limit_count)
        command_usage(state, "--limit is needed, such as size=0.5 or latency=2ms");
    if (options->network && !options->table)
        command_usage(state, "--network names one of a table; give --table too");
    if (options->table && (options->output || options->sensitivity || options->images ||
                           model->arch || model->names.data || model->names.calib || model->quant))
        command_usage(state, "--table has costs and sensitivities; it goes with --candidates, "
                             "--limit, --network, --share, --json and --csv");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct plan_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model;
        return 0;
    case ARGP_KEY_END:
        check(state, options);
        return 0;
    case KEY_CANDIDATES:
        options->candidates = argument;
        return 0;
    case KEY_LIMIT:
        add_limit(state, options, argument);
        return 0;
    case KEY_SENSITIVITY:
        options->sensitivity = argument;
        return 0;
    case KEY_IMAGES:
        options->images = command_number(state, "--images", argument, 1, MAX_IMAGES);
        return 0;
    case KEY_SHARE:
        if (options->share_count == PLAN_MAX_SHARES)
            command_usage(state, "--share: more than %d", PLAN_MAX_SHARES);
        options->shares[options->share_count++] = argument;
        return 0;
    case KEY_TABLE:
        options->table = argument;
        return 0;
    case KEY_NETWORK:
        options->network = argument;
        return 0;
    case 'o':
        options->output = argument;
        return 0;
    case KEY_JSON:
        options->json = argument;
        return 0;
    case KEY_CSV:
        options->csv = argument;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

const struct argp plan_argp = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "MODEL",
    .doc = "Choose a quantisation scheme for every layer of MODEL (.onnx, or a .csv topology with "
           "--sensitivity): the least sensitivity within limits of size, bit operations, simulated "
           "latency and energy.\v--quant is what "
           "the written file has from no candidate: calibration and output. docs/planner.md tells "
           "more.",
    .children = model_children,
};
