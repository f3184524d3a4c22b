/* mantis dram: traces of requests through a DRAM. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command.h"
#include "sim/config_table.h"
#include "sim/dram_replay.h"
#include "sim/output.h"

struct dram_options {
    char **traces; /* in argv, `count` of them */
    int count;
    const char *device, *commands;
    enum dram_controller_kind controller;
    bool every_clock, csv;
};

enum { KEY_STEP = 0x100, KEY_COMMANDS, KEY_CSV, KEY_CONTROLLER };

static enum dram_controller_kind parse_controller(const char *name, struct argp_state *state)
{
    char legal[64];
    for (int i = 0; dram_controller_name(i); i++)
        if (!strcmp(name, dram_controller_name(i)))
            return (enum dram_controller_kind)i;
    names_join(dram_controller_name, legal, sizeof legal);
    command_usage(state, "--controller: \"%.40s\" is not one of %s", name, legal);
    return DRAM_CONTROLLER_QUEUED;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct dram_options *options = state->input;
    switch (key) {
    case 'd':
        options->device = argument;
        return 0;
    case KEY_CONTROLLER:
        options->controller = parse_controller(argument, state);
        return 0;
    case KEY_STEP:
        options->every_clock = true;
        return 0;
    case KEY_COMMANDS:
        options->commands = argument;
        return 0;
    case KEY_CSV:
        options->csv = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->traces = state->argv + state->next;
        options->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!options->count)
            command_usage(state, "no TRACE given (see %s --help)", state->name);
        if (options->commands && options->count > 1)
            command_usage(state, "--commands: of one TRACE at a time");
        if (options->controller == DRAM_CONTROLLER_IN_ORDER &&
            (options->commands || options->every_clock))
            command_usage(state, "--commands and --step are the queued controller's");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_option options_table[] = {
    {"device", 'd', "DEVICE", 0, "DRAM device: a name (see mantis list drams) or a .cfg file", 0},
    {"controller", KEY_CONTROLLER, "NAME", 0,
     "queued (default), or in-order: the faster one of machines", 0},
    {"csv", KEY_CSV, NULL, 0, "a line of comma-separated values per trace", 0},
    {"commands", KEY_COMMANDS, "FILE", 0, "write every command: clock, channel, command, bank, row",
     0},
    {"step", KEY_STEP, NULL, 0, "run every clock instead of jumping over idle ones: same results",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp dram_argp = {
    .options = options_table,
    .parser = parse,
    .args_doc = "TRACE...",
    .doc =
        "Run traces of requests through a DRAM: clocks, commands, energy.\v"
        "A TRACE is text, plain or gzip, a request per line: address in hexadecimal, R or W, the "
        "clock before which it may not come.",
};

/* --- printing --- */

static uint64_t column_commands(const struct dram_command_counts *counts)
{
    uint64_t sum = 0;
    for (int command = 0; command < DRAM_COMMAND_COUNT; command++)
        if (dram_is_column((enum dram_command)command))
            sum += counts->commands[command];
    return sum;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* Base name without ".gz" and ".txt". */
static void trace_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash ? slash + 1 : path);
    for (char *dot; (dot = strrchr(name, '.')) && (!strcmp(dot, ".gz") || !strcmp(dot, ".txt"));)
        *dot = '\0';
}

static void print_csv_header(void)
{
    printf("device,trace,requests,clocks");
#define COMMAND(id, name, help) printf(",%s", name);
    DRAM_COMMANDS(COMMAND)
#undef COMMAND
    printf(",read_row_hits,write_row_hits,read_latency_avg,read_latency_max");
#define ENERGY(field, help) printf("," #field "_pJ");
    DRAM_ENERGIES(ENERGY)
#undef ENERGY
    printf(",total_pJ\n");
}

static void print_csv(const struct dram_device *device, const char *name,
                      const struct dram_replay *replay)
{
    printf("%s,%s,%" PRIu64 ",%" PRIu64, device->name, name, replay->reads + replay->writes,
           replay->clocks);
    for (int command = 0; command < DRAM_COMMAND_COUNT; command++)
        printf(",%" PRIu64, replay->counts.commands[command]);
    printf(",%" PRIu64 ",%" PRIu64 ",%.2f,%" PRIu64, replay->counts.read_row_hits,
           replay->counts.write_row_hits,
           ratio((double)replay->read_latency, (double)replay->reads), replay->read_latency_max);
#define ENERGY(field, help) printf(",%.1f", replay->energy.field);
    DRAM_ENERGIES(ENERGY)
#undef ENERGY
    printf(",%.1f\n", dram_energy_total(&replay->energy));
}

static void print_device(const struct dram_device *device)
{
    const struct dram_geometry *geometry = &device->geometry;
    const struct dram_policy *policy = &device->policy;
    printf("%s: %" PRIu64 " MiB, %u x %u bits, clock %g ns, bursts of %u bytes\n", device->name,
           dram_capacity(geometry) >> 20, geometry->channels, geometry->bus_width, device->tCK,
           dram_burst_bytes(geometry));
    printf("  mapping %s, row %s, scheduler %s, row_hit_cap %u, dual_command %s\n", policy->mapping,
           dram_row_policy_name(policy->row), dram_scheduler_name(policy->scheduler),
           policy->row_hit_cap, policy->dual_command ? "true" : "false");
    printf("  read_queue %u, write_buffer %u, bank_queue %u, drain %s %u..%u, refresh %s\n",
           policy->read_queue, policy->write_buffer, policy->bank_queue,
           dram_drain_name(policy->drain), policy->drain_low, policy->drain_high,
           dram_refresh_name(policy->refresh));
}

static void print_energy(const struct dram_replay *replay, double bytes)
{
    double total = dram_energy_total(&replay->energy);
    printf("  energy %.4g uJ, %.2f pJ/bit:", total * 1e-6, ratio(total, bytes * 8));
#define ENERGY(field, help) printf(" " #field " %.1f %%", 100 * ratio(replay->energy.field, total));
    DRAM_ENERGIES(ENERGY)
#undef ENERGY
    printf("\n");
}

static void print_text(const struct dram_device *device, const char *name,
                       const struct dram_replay *replay)
{
    const struct dram_command_counts *counts = &replay->counts;
    uint64_t columns = column_commands(counts);
    double bytes = (double)(replay->reads + replay->writes) * dram_burst_bytes(&device->geometry);
    double time_ns = (double)replay->clocks * device->tCK;
    printf("\n%s: %" PRIu64 " clocks, %.4g us, %.4g GB/s\n", name, replay->clocks, time_ns * 1e-3,
           ratio(bytes, time_ns));
    printf("  %" PRIu64 " reads, %" PRIu64 " writes; %" PRIu64 " forwarded, %" PRIu64
           " merged; latency of a read %.1f, at most %" PRIu64 " clocks\n",
           replay->reads, replay->writes, counts->forwarded_reads,
           counts->merged_reads + counts->merged_writes,
           ratio((double)replay->read_latency, (double)replay->reads), replay->read_latency_max);
    printf("  commands:");
    for (int command = 0; command < DRAM_COMMAND_COUNT; command++)
        if (counts->commands[command])
            printf(" %s %" PRIu64, dram_command_name((enum dram_command)command),
                   counts->commands[command]);
    printf("; row hits %.1f %%\n",
           100 * ratio((double)(counts->read_row_hits + counts->write_row_hits), (double)columns));
    print_energy(replay, bytes);
}

/* --- running --- */

static void write_command(void *file, const struct dram_issued *issued)
{
    fprintf(file, "%" PRIu64 " %u %s %u %u\n", issued->clock, issued->channel,
            dram_command_name(issued->command), issued->bank, issued->row);
}

static bool run_trace(const struct dram_options *options, const struct dram_device *device,
                      const char *path, FILE *listing, struct err *err)
{
    struct dram_replay_options how = {.controller = options->controller,
                                      .every_clock = options->every_clock,
                                      .observer = listing ? write_command : NULL,
                                      .observer_context = listing};
    struct dram_replay replay;
    struct dram_trace trace;
    if (!dram_trace_read(&trace, path, err))
        return false;
    bool ok = dram_replay(&replay, device, &trace, path, &how, err);
    dram_trace_free(&trace);
    char name[256];
    trace_name(path, name, sizeof name);
    if (ok)
        (options->csv ? print_csv : print_text)(device, name, &replay);
    return ok;
}

static bool run_traces(const struct dram_options *options, const struct dram_device *device,
                       FILE *listing, struct err *err)
{
    if (options->csv)
        print_csv_header();
    else
        print_device(device);
    for (int i = 0; i < options->count; i++)
        if (!run_trace(options, device, options->traces[i], listing, err))
            return false;
    return true;
}

static bool run_with_listing(const struct dram_options *options, const struct dram_device *device,
                             struct err *err)
{
    struct output output;
    if (!output_open(&output, options->commands, err))
        return false;
    if (run_traces(options, device, output.file, err))
        return output_commit(&output, err);
    output_discard(&output);
    return false;
}

static bool read_device(const struct dram_options *options, struct dram_device *device,
                        struct err *err)
{
    if (options->device && !config_read_dram(options->device, device, err))
        return false;
    if (options->device)
        return options->controller == DRAM_CONTROLLER_QUEUED ||
               device->policy.row == DRAM_ROW_OPEN ||
               err_set(err, "%s: row \"%s\" needs the queued controller", device->name,
                       dram_row_policy_name(device->policy.row));
    char legal[300];
    config_names_list(HOME_DRAM, legal, sizeof legal);
    return err_set(err, "dram: --device is needed, one of %s, or a .cfg file", legal);
}

int command_dram(int argc, char **argv)
{
    struct dram_options options = {.controller = DRAM_CONTROLLER_QUEUED};
    struct dram_device device;
    struct err err;
    command_parse(&dram_argp, argc, argv, &options);
    bool ok = read_device(&options, &device, &err) &&
              (options.commands ? run_with_listing(&options, &device, &err)
                                : run_traces(&options, &device, NULL, &err));
    return ok ? EXIT_DONE : command_fail(&err);
}
