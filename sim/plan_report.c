#include "sim/plan_report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { NAME_WIDTH = 28, CELL_WIDTH = 12 };

/* --- terminal --- */

/* The telling part of a layer's name: without the slash before it, and its end where it is long. */
static void print_name(const char *name, FILE *file)
{
    name += strspn(name, "/");
    size_t length = strlen(name);
    if (length <= NAME_WIDTH)
        fprintf(file, "%-*s", NAME_WIDTH, name);
    else
        fprintf(file, "~%s", name + length - (NAME_WIDTH - 1));
}

/* Whether all candidates are alike for a layer, as for a first layer that all keep at 8 bits. */
static bool is_free(const struct plan *plan, const struct plan_layer *layer)
{
    for (int candidate = 1; candidate < plan->candidate_count; candidate++)
        if (memcmp(&layer->options[0], &layer->options[candidate], sizeof layer->options[0]) != 0)
            return false;
    return plan->candidate_count > 1;
}

static void print_layers(const struct plan_result *result, FILE *file)
{
    const struct plan *plan = result->plan;
    fprintf(file, "%-*s %5s", NAME_WIDTH, "layer", "group");
    for (int candidate = 0; candidate < plan->candidate_count; candidate++)
        fprintf(file, " %*.*s", CELL_WIDTH, CELL_WIDTH, plan->candidates[candidate]);
    fprintf(file, "  chosen\n");
    for (int i = 0; i < plan->layer_count; i++) {
        const struct plan_layer *layer = &plan->layers[i];
        print_name(layer->name, file);
        fprintf(file, " %5d", layer->group);
        for (int candidate = 0; candidate < plan->candidate_count; candidate++)
            fprintf(file, " %*.4g", CELL_WIDTH, layer->options[candidate].sensitivity);
        fprintf(file, "  %s\n",
                is_free(plan, layer) ? "(alike)" : plan->candidates[result->choice[i]]);
    }
}

static void print_total(const char *name, const struct plan_result *result, double sensitivity,
                        const double cost[PLAN_RESOURCE_COUNT], FILE *file)
{
    char text[32] = "";
    fprintf(file, "%-*.*s", NAME_WIDTH, NAME_WIDTH, name);
    if (!isnan(sensitivity))
        snprintf(text, sizeof text, "%.4g", sensitivity);
    fprintf(file, " %*s", CELL_WIDTH, text);
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++) {
        if (!result->plan->has_cost[i])
            continue;
        if (isfinite(cost[i]))
            plan_amount((enum plan_resource)i, cost[i], text, sizeof text);
        else
            snprintf(text, sizeof text, "-");
        fprintf(file, " %*s", CELL_WIDTH, text);
    }
    fputc('\n', file);
}

/* The same candidate for every layer. */
static struct plan_option uniform(const struct plan *plan, int candidate)
{
    int choice[PLAN_MAX_LAYERS];
    for (int i = 0; i < plan->layer_count; i++)
        choice[i] = candidate;
    return plan_total(plan, choice);
}

static void print_totals(const struct plan_result *result, FILE *file)
{
    const struct plan *plan = result->plan;
    struct plan_option total = plan_total(plan, result->choice);
    fprintf(file, "%-*s %*s", NAME_WIDTH, "", CELL_WIDTH, "sensitivity");
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        if (plan->has_cost[i])
            fprintf(file, " %*s", CELL_WIDTH, plan_resource_name(i));
    fputc('\n', file);
    for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
        char name[ARCH_NAME_SIZE + 8];
        struct plan_option same = uniform(plan, candidate);
        snprintf(name, sizeof name, "all %s", plan->candidates[candidate]);
        print_total(name, result, same.sensitivity, same.cost, file);
    }
    print_total("limit", result, NAN, result->limits, file);
    print_total("plan", result, total.sensitivity, total.cost, file);
    if (result->is_simulated)
        print_total("plan, simulated", result, NAN, result->simulated, file);
}

void plan_report_terminal(const struct plan_result *result, FILE *file)
{
    const struct plan *plan = result->plan;
    if (*plan->network)
        fprintf(file, "%s: ", plan->network);
    fprintf(file, "sensitivity of %d layers: %s\n\n", plan->layer_count, result->source);
    print_layers(result, file);
    fputc('\n', file);
    print_totals(result, file);
}

/* --- csv --- */

static void print_csv_header(const struct plan *plan, FILE *file)
{
    static const char *const before[] = {"size_", "bops_", "latency_", "energy_"};
    static const char *const behind[] = {"_bytes", "", "_ms", "_mj"};
    fprintf(file, "layer,group,params,macs");
    for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
        const char *name = plan->candidates[candidate];
        fprintf(file, ",sensitivity_%s", name);
        for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
            if (plan->has_cost[i])
                fprintf(file, ",%s%s%s", before[i], name, behind[i]);
    }
    fprintf(file, ",choice\n");
}

/* Commas end a cell, so that one in a name becomes "?". */
static void print_csv_name(const char *name, FILE *file)
{
    for (; *name; name++)
        fputc(*name == ',' || *name == '\n' ? '?' : *name, file);
}

void plan_report_csv(const struct plan_result *result, FILE *file)
{
    static const double per_unit[] = {1, 1, 1e3, 1e3}; /* bytes, operations, ms, mJ */
    const struct plan *plan = result->plan;
    print_csv_header(plan, file);
    for (int i = 0; i < plan->layer_count; i++) {
        const struct plan_layer *layer = &plan->layers[i];
        print_csv_name(layer->name, file);
        fprintf(file, ",%d,%" PRIu64 ",%" PRIu64, layer->group, layer->weights, layer->macs);
        for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
            const struct plan_option *option = &layer->options[candidate];
            fprintf(file, ",%.9g", option->sensitivity);
            for (int r = 0; r < PLAN_RESOURCE_COUNT; r++)
                if (plan->has_cost[r])
                    fprintf(file, ",%.12g", option->cost[r] * per_unit[r]);
        }
        fprintf(file, ",%s\n", plan->candidates[result->choice[i]]);
    }
}
