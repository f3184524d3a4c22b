/* mantis run: its options. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "sim/command_run.h"

enum { MAX_IMAGES = 100000000, MAX_JOBS = 256, MAX_CYCLE = 2000000000 };

#define NO_LAST_CYCLE UINT64_MAX

enum {
    KEY_IMAGES = 'n',
    KEY_JOBS = 'j',
    KEY_ENGINE = 0x200,
    KEY_VCD,
    KEY_FROM_CYCLE,
    KEY_TO_CYCLE,
    KEY_JSON,
    KEY_CSV,
    KEY_TRACE,
    KEY_TRACE_DRAM,
    KEY_ALONE,
    KEY_EXPLAIN,
    KEY_FPGA,
    KEY_BATCH,
    KEY_ACTIVITY
};

static const struct argp_option option_table[] = {
    {"images", KEY_IMAGES, "N", 0, "of the data, from the first on (default: all)", 1},
    {"batch", KEY_BATCH, "N", 0, "images in one input; of a topology (default: 1)", 1},
    {"engine", KEY_ENGINE, "ENGINE", 0,
     "fast (default), step: one cycle at a time, or clocked: registers, in SystemC", 1},
    {"vcd", KEY_VCD, "FILE", 0, "write the waveform of one input (with --engine clocked)", 1},
    {"from-cycle", KEY_FROM_CYCLE, "N", 0, "where the waveform begins (default: 0)", 1},
    {"to-cycle", KEY_TO_CYCLE, "N", 0, "where it ends (default: with the run)", 1},
    {"json", KEY_JSON, "FILE", 0, "write everything found; - is standard output", 1},
    {"csv", KEY_CSV, "FILE", 0, "write a line per layer; - is standard output", 1},
    {"trace", KEY_TRACE, "FILE", 0, "write a gzipped Perfetto timeline of one input", 1},
    {"trace-dram", KEY_TRACE_DRAM, NULL, 0, "and what the DRAM does, command by command", 1},
    {"explain-energy", KEY_EXPLAIN, NULL, 0, "print every price used, with its source and share",
     1},
    {"activity", KEY_ACTIVITY, "N", 0,
     "look for zero operands in the first N images, and price PEs by them", 1},
    {"fpga", KEY_FPGA, "PLATFORM", 0, "print what the accelerator takes of an FPGA platform", 1},
    {"jobs", KEY_JOBS, "N", 0, "threads (default: one per core)", 1},
    {"no-reference", KEY_ALONE, NULL, 0, "skip the float32 accuracy beside the scheme's", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct engine *const run_engines[] = {&engine_fast, &engine_step, &engine_clocked, NULL};

static const struct engine *parse_engine(const struct argp_state *state, const char *name)
{
    for (const struct engine *const *engine = run_engines; *engine; engine++)
        if (!strcmp((*engine)->name, name))
            return *engine;
    command_usage(state, "--engine: \"%.32s\" is not one of fast, step, clocked", name);
}

/* A waveform needs an engine that has one, and its cycles an order. */
static void check_waveform(const struct argp_state *state, const struct run_options *options)
{
    const struct waveform_request *waveform = &options->waveform;
    if (!waveform->path && (waveform->first_cycle || waveform->last_cycle != NO_LAST_CYCLE))
        command_usage(state, "--from-cycle and --to-cycle bound a waveform; give --vcd too");
    if (waveform->path && !options->engine->has_waveform)
        command_usage(state, "--vcd: engine %s has no registers to show; give --engine clocked",
                      options->engine->name);
    if (waveform->first_cycle > waveform->last_cycle)
        command_usage(state, "--from-cycle: %llu is after --to-cycle %llu",
                      (unsigned long long)waveform->first_cycle,
                      (unsigned long long)waveform->last_cycle);
}

static void check_trace(const struct argp_state *state, const struct run_options *options)
{
    if (options->traces_dram && !options->trace)
        command_usage(state, "--trace-dram adds to a timeline; give --trace too");
    if (options->traces_dram && options->engine == &engine_clocked)
        command_usage(state, "--trace-dram: engine clocked shows its DRAM in a waveform, --vcd");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct run_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model;
        state->child_inputs[1] = &options->schedule;
        return 0;
    case ARGP_KEY_END:
        check_waveform(state, options);
        check_trace(state, options);
        return 0;
    case KEY_IMAGES:
        options->images = command_number(state, "--images", argument, 1, MAX_IMAGES);
        return 0;
    case KEY_BATCH:
        options->batch = command_number(state, "--batch", argument, 1, TOPOLOGY_MAX_BATCH);
        return 0;
    case KEY_JOBS:
        options->threads = command_number(state, "-j", argument, 1, MAX_JOBS);
        return 0;
    case KEY_ENGINE:
        options->engine = parse_engine(state, argument);
        return 0;
    case KEY_VCD:
        options->waveform.path = argument;
        return 0;
    case KEY_FROM_CYCLE:
        options->waveform.first_cycle =
            (uint64_t)command_number(state, "--from-cycle", argument, 0, MAX_CYCLE);
        return 0;
    case KEY_TO_CYCLE:
        options->waveform.last_cycle =
            (uint64_t)command_number(state, "--to-cycle", argument, 0, MAX_CYCLE);
        return 0;
    case KEY_JSON:
        options->json = argument;
        return 0;
    case KEY_CSV:
        options->csv = argument;
        return 0;
    case KEY_TRACE:
        options->trace = argument;
        return 0;
    case KEY_TRACE_DRAM:
        options->traces_dram = true;
        return 0;
    case KEY_ALONE:
        options->no_reference = true;
        return 0;
    case KEY_ACTIVITY:
        options->activity_images = command_number(state, "--activity", argument, 1, MAX_IMAGES);
        return 0;
    case KEY_FPGA:
        options->fpga = argument;
        return 0;
    case KEY_EXPLAIN:
        options->explains_energy = true;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

const struct argp run_argp = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "MODEL",
    .doc = "Compile MODEL (.onnx, .csv topology, or a compiled .mprog) and run it on the modelled "
           "accelerator.\v--quant takes a list to compare: int8,ant4@ant-64x64 runs int8 on --arch "
           "and ant4 on ant-64x64.",
    .children = lowering_children,
};

struct run_options run_options_default(void)
{
    return (struct run_options){
        .engine = &engine_fast,
        .batch = 1,
        .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .waveform.last_cycle = NO_LAST_CYCLE,
    };
}
