/* mantis schedule: tiles of least cost under the lockstep model, and what given ones cost. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/schedule.h"
#include "isa/host.h"
#include "sim/command.h"

struct schedule_command {
    struct model_options model;
    struct schedule_options schedule;
    int effectual_bits; /* 0: the scheme's */
    bool csv;
};

enum { KEY_EFFECTUAL_BITS = 0x200, KEY_CSV };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct schedule_command *command = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &command->model;
        state->child_inputs[1] = &command->schedule;
        return 0;
    case KEY_EFFECTUAL_BITS:
        command->effectual_bits =
            command_number(state, "--effectual-bits", argument, 1, LOCKSTEP_MAX_EFFECTUAL_BITS);
        return 0;
    case KEY_CSV:
        command->csv = true;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_option options_table[] = {
    {"effectual-bits", KEY_EFFECTUAL_BITS, "N", 0,
     "of every weight on a bit-serial core (default: as the scheme has it)", 1},
    {"csv", KEY_CSV, NULL, 0, "a line of comma-separated values per layer", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp schedule_argp = {
    .options = options_table,
    .parser = parse,
    .args_doc = "MODEL",
    .doc = "Find the tiles and the split between cores of least cost for every layer, by the cost "
           "model and under the assumptions of the arch's group lockstep (docs/compiler.md).\v"
           "Layers of the vector unit are left out. run --schedule takes what --write-schedule "
           "writes.",
    .children = lowering_children,
};

/* --- one layer --- */

struct scheduled {
    const struct layer *layer;
    int effectual_bits;
    struct lockstep_tiling tiling;
    struct lockstep_cost cost;
    bool fits; /* a given tiling need not */
};

static bool size_check(const char *column, int value, int least, int most, struct err *err)
{
    return (value >= least && value <= most) ||
           err_set(err, "%s: %d is not in %d..%d", column, value, least, most);
}

/* What a schedule gives, in range; whether it fits is told beside its cost. */
static bool take_given(const struct tiling *given, const struct tile_shape *shape,
                       struct lockstep_tiling *tiling, struct err *err)
{
    int channels = lockstep_is_depthwise(shape) ? shape->groups : shape->group_n;
    *tiling = (struct lockstep_tiling){.h = given->tile_h,
                                       .w = given->tile_w,
                                       .n = given->tile_n,
                                       .k = given->tile_k,
                                       .first = given->first_core_channels};
    return size_check("tile_h", tiling->h, 1, shape->out_h, err) &&
           size_check("tile_w", tiling->w, 1, shape->out_w, err) &&
           size_check("tile_n", tiling->n, 1, channels, err) &&
           size_check("tile_k", tiling->k, 1, shape->channels, err) &&
           size_check("first_core_channels", tiling->first, 0, tiling->n, err);
}

static bool schedule_layer(const struct lockstep *machine, const struct tile_shape *shape,
                           const struct schedule_entry *given, struct scheduled *scheduled,
                           struct err *err)
{
    if (!lockstep_takes(shape))
        return err_set(err, "more than 2^48 multiply-accumulates or input elements");
    if (given && !take_given(&given->tiling, shape, &scheduled->tiling, err))
        return err_prefix(err, "line %d", given->line);
    if (!given && !lockstep_search(machine, shape, scheduled->effectual_bits, &scheduled->tiling))
        return err_set(err, "not even a tile of one pixel and one channel fits the buffers");
    scheduled->cost = lockstep_cost(machine, shape, &scheduled->tiling, scheduled->effectual_bits);
    scheduled->fits = lockstep_fits(machine, shape, &scheduled->tiling, scheduled->effectual_bits);
    return true;
}

struct plan {
    const struct schedule_command *command;
    const struct network *network;
    struct arch arch;
    struct lockstep machine;
    struct schedule *given; /* or NULL */
    int count;              /* of the layers scheduled */
    struct scheduled *layers;
};

/* --- printing --- */

static void print_header(bool csv)
{
    printf(csv ? "layer,tile_h,tile_w,tile_n,tile_k,first_core_channels,effectual_bits,tiles,"
                 "compute,load,store,bound,fits,cycles\n"
               : "layer                tile h x w      n      k  first  bits    tiles     compute  "
                 "      load       store  bound   fits        cycles\n");
}

static void print_layer(const struct scheduled *layer, bool csv)
{
    const struct lockstep_tiling *t = &layer->tiling;
    const struct lockstep_cost *cost = &layer->cost;
    printf(
        csv ? "%s,%d,%d,%d,%d,%d,%d,%llu,%.0f,%.10g,%.0f,%s,%d,%.10g\n"
            : "%-20.20s %5d x%4d %6d %6d %6d %5d %8llu %11.0f %10.10g %11.0f  %-7s %4d %13.10g\n",
        layer->layer->name, t->h, t->w, t->n, t->k, t->first, layer->effectual_bits,
        (unsigned long long)cost->tiles, cost->compute, cost->load, cost->store,
        lockstep_bound_name(cost->bound), layer->fits, cost->cycles);
}

/* "total: 1444458 cycles, 6.750 ms at 214 MHz, in 0.02 s; buffers of 896 BRAM18" */
static void print_total(const struct plan *plan, double seconds)
{
    double cycles = 0, khz = plan->arch.clock_khz;
    int unfit = 0;
    for (int i = 0; i < plan->count; i++) {
        cycles += plan->layers[i].cost.cycles;
        unfit += !plan->layers[i].fits;
    }
    printf("total: %.10g cycles, %.3f ms at %g MHz, in %.2f s; buffers of %d BRAM18\n", cycles,
           cycles / khz, khz / 1000, seconds, lockstep_bram18(&plan->machine));
    if (unfit)
        printf("note: %d layers need larger buffers than the arch has\n", unfit);
}

/* --- all layers --- */

static bool schedule_network(struct plan *plan, struct err *err)
{
    for (int i = 0; i < plan->network->layer_count; i++) {
        const struct layer *layer = &plan->network->layers[i];
        if (layer->kind != LAYER_MATMUL)
            continue;
        struct tile_shape shape = tile_shape(plan->network, layer);
        struct scheduled *scheduled = &plan->layers[plan->count++];
        scheduled->layer = layer;
        scheduled->effectual_bits = plan->command->effectual_bits
                                        ? plan->command->effectual_bits
                                        : lockstep_effectual_bits(layer->weight_format);
        if (!schedule_layer(&plan->machine, &shape, schedule_find(plan->given, layer->name),
                            scheduled, err))
            return err_prefix(err, "%s: layer %s", plan->command->model.model, layer->name);
    }
    return true;
}

/* As run --schedule takes it: the layers of the array alone. */
static bool write_plan(const struct plan *plan, struct err *err)
{
    if (!plan->command->schedule.written)
        return true;
    struct network matmuls = *plan->network;
    size_t count = (size_t)plan->count;
    struct compiled compiled = {.network = &matmuls};
    matmuls.layers = allocate(count + 1, sizeof *matmuls.layers, err);
    compiled.tilings = allocate(count + 1, sizeof *compiled.tilings, err);
    bool ok = matmuls.layers && compiled.tilings;
    matmuls.layer_count = plan->count;
    for (int i = 0; ok && i < plan->count; i++) {
        const struct lockstep_tiling *tiling = &plan->layers[i].tiling;
        matmuls.layers[i] = *plan->layers[i].layer;
        compiled.tilings[i] = (struct tiling){.tile_h = tiling->h,
                                              .tile_w = tiling->w,
                                              .tile_n = tiling->n,
                                              .tile_k = tiling->k,
                                              .first_core_channels = tiling->first};
    }
    ok = ok && write_schedule(&plan->command->schedule, &compiled, err);
    free(matmuls.layers);
    free(compiled.tilings);
    return ok;
}

static bool run_plan(struct plan *plan, struct err *err)
{
    const char *given = plan->command->schedule.given;
    bool csv = plan->command->csv;
    clock_t start = clock();
    if (given && !(plan->given = schedule_read(given, err)))
        return false;
    plan->layers = allocate((size_t)plan->network->layer_count + 1, sizeof *plan->layers, err);
    if (!plan->layers || !schedule_check(plan->network, plan->given, err) ||
        !schedule_network(plan, err) || !write_plan(plan, err))
        return false;
    print_header(csv);
    for (int i = 0; i < plan->count; i++)
        print_layer(&plan->layers[i], csv);
    if (!csv)
        print_total(plan, (double)(clock() - start) / CLOCKS_PER_SEC);
    return true;
}

static bool schedule_subject(const struct schedule_command *command, const struct subject *subject,
                             struct progress *progress, struct err *err)
{
    struct plan plan = {.command = command};
    struct quantise_config scheme;
    struct compiled compiled;
    if (!command->model.arch)
        return arch_needed("schedule", err);
    if (!config_read_lockstep(command->model.arch, &plan.arch, &plan.machine, err) ||
        !model_scheme(&command->model, &scheme, err))
        return false;
    bool ok =
        compiled_make(&compiled, subject, &scheme, NULL, &command->model.names, progress, err);
    quantise_config_free(&scheme);
    if (!ok)
        return false;
    plan.network = compiled.network;
    ok = run_plan(&plan, err);
    free(plan.layers);
    schedule_free(plan.given);
    compiled_free(&compiled);
    return ok;
}

int command_schedule(int argc, char **argv)
{
    struct schedule_command command = {0};
    struct subject subject;
    struct progress progress;
    struct err err;
    command_parse(&schedule_argp, argc, argv, &command);
    progress_init(&progress, command.model.quiet ? NULL : stderr);
    if (!subject_open(&subject, command.model.model, &err))
        return command_fail(&err);
    bool ok = subject.program ? err_set(&err, "%s: is compiled already", command.model.model)
                              : schedule_subject(&command, &subject, &progress, &err);
    subject_close(&subject);
    return ok ? EXIT_DONE : command_fail(&err);
}
