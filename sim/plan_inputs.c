/* From tables to plans: whole ones, and the sensitivities of a network's layers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/quantise_scale.h"
#include "sim/config.h"
#include "sim/plan_table.h"

bool plan_table_sensitivity(const struct plan_table *table, const struct plan_row *row,
                            int candidate, double *sensitivity)
{
    if (table->has_quantity[PLAN_QUANTITY_SENSITIVITY][candidate]) {
        *sensitivity = row->quantities[PLAN_QUANTITY_SENSITIVITY][candidate];
        return true;
    }
    *sensitivity =
        row->numbers[PLAN_NUMBER_TRACE] * row->quantities[PLAN_QUANTITY_DELTA][candidate];
    return table->has_number[PLAN_NUMBER_TRACE] &&
           table->has_quantity[PLAN_QUANTITY_DELTA][candidate];
}

/* --- which rows --- */

static void list_networks(const struct plan_table *table, char *text, size_t size)
{
    *text = '\0';
    for (int i = 0; i < table->row_count; i++) {
        const char *name = table->rows[i].texts[PLAN_TEXT_NETWORK];
        bool is_known = false;
        for (int j = 0; j < i && !is_known; j++)
            is_known = !strcmp(table->rows[j].texts[PLAN_TEXT_NETWORK], name);
        if (!is_known)
            list_append(text, size, "%.40s", name);
    }
}

static bool is_of(const struct plan_row *row, const char *network)
{
    return !network || !strcmp(row->texts[PLAN_TEXT_NETWORK], network);
}

/* The rows of the network; -1, and an error, unless there are some and all are of one. */
static int count_rows(const struct plan_table *table, const char *network, struct err *err)
{
    char legal[300];
    int count = 0;
    bool is_mixed = false;
    for (int i = 0; i < table->row_count; i++) {
        count += is_of(&table->rows[i], network);
        is_mixed |= !network && !is_of(&table->rows[i], table->rows[0].texts[PLAN_TEXT_NETWORK]);
    }
    list_networks(table, legal, sizeof legal);
    if (is_mixed)
        err_set(err, "%s: has several networks; --network takes one of %s", table->path, legal);
    else if (!count && !table->has_text[PLAN_TEXT_NETWORK])
        err_set(err, "%s: has no column network; drop --network", table->path);
    else if (!count)
        err_set(err, "%s: network \"%.40s\" is not one of %s", table->path, network, legal);
    return is_mixed || !count ? -1 : count;
}

/* --- costs --- */

/* Bits of a code of the first format of a choice. */
static int code_bits(const struct format_choice *choice)
{
    struct format formats[QUANTISE_MAX_FAMILIES];
    int count = choice_formats(choice, true, formats);
    return count ? format_code_bits(formats[0]) : choice->bits;
}

struct widths {
    int weights, activations;
};

/* Widths of a candidate, where costs follow from them. */
static bool read_widths(const char *candidate, struct widths *widths, struct err *err)
{
    struct quantise_config scheme;
    if (!config_read_quantise(candidate, &scheme, err))
        return false;
    bool is_float = scheme.is_float;
    widths->weights = code_bits(&scheme.weights);
    widths->activations = code_bits(&scheme.activations);
    quantise_config_free(&scheme);
    return !is_float || err_set(err, "%s: quantises nothing", candidate);
}

/* Weights (or MACs) of a row; false where the table has no such column. */
static bool count_of(const struct plan_table *table, const struct plan_row *row,
                     enum plan_number one, enum plan_number millions, double *count)
{
    *count = row->numbers[table->has_number[one] ? one : millions];
    return table->has_number[one] || table->has_number[millions];
}

/* Costs of one row and candidate; marks in `has` which are not known. */
static void fill_costs(const struct plan_table *table, const struct plan_row *row, int candidate,
                       const struct widths *widths, struct plan_option *option,
                       bool has[PLAN_RESOURCE_COUNT])
{
    static const enum plan_quantity quantity[] = {
        [PLAN_SIZE] = PLAN_QUANTITY_SIZE,
        [PLAN_BOPS] = PLAN_QUANTITY_BOPS,
        [PLAN_LATENCY] = PLAN_QUANTITY_LATENCY,
        [PLAN_ENERGY] = PLAN_QUANTITY_ENERGY,
    };
    double weights, macs;
    bool knows[PLAN_RESOURCE_COUNT] = {
        [PLAN_SIZE] =
            count_of(table, row, PLAN_NUMBER_PARAMS, PLAN_NUMBER_PARAMS_MILLIONS, &weights),
        [PLAN_BOPS] = count_of(table, row, PLAN_NUMBER_MACS, PLAN_NUMBER_MMACS, &macs),
    };
    option->cost[PLAN_SIZE] = weights * widths->weights / 8;
    option->cost[PLAN_BOPS] = macs * widths->weights * widths->activations;
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++) {
        if (table->has_quantity[quantity[resource]][candidate]) {
            option->cost[resource] = row->quantities[quantity[resource]][candidate];
            knows[resource] = true;
        }
        has[resource] = has[resource] && knows[resource];
    }
}

static bool needs_widths(const struct plan_table *table, int candidate)
{
    return !table->has_quantity[PLAN_QUANTITY_SIZE][candidate] ||
           !table->has_quantity[PLAN_QUANTITY_BOPS][candidate];
}

/* --- plans --- */

static void fill_layer(const struct plan_table *table, const struct plan_row *row,
                       struct plan_layer *layer)
{
    double weights, macs;
    memcpy(layer->name, row->texts[PLAN_TEXT_LAYER], sizeof layer->name);
    count_of(table, row, PLAN_NUMBER_PARAMS, PLAN_NUMBER_PARAMS_MILLIONS, &weights);
    count_of(table, row, PLAN_NUMBER_MACS, PLAN_NUMBER_MMACS, &macs);
    layer->weights = weights < 1e18 ? (uint64_t)weights : 0;
    layer->macs = macs < 1e18 ? (uint64_t)macs : 0;
}

static bool fill_candidate(const struct plan_table *table, const char *network, struct plan *plan,
                           int index, struct err *err)
{
    const char *name = plan->candidates[index];
    int candidate = plan_table_candidate(table, name);
    struct widths widths = {0};
    if (candidate < 0)
        return err_set(err, "%s: has no column of candidate \"%s\"", table->path, name);
    if (needs_widths(table, candidate) && !read_widths(name, &widths, err))
        return false;
    for (int i = 0, at = 0; i < table->row_count; i++) {
        const struct plan_row *row = &table->rows[i];
        if (!is_of(row, network))
            continue;
        struct plan_option *option = &plan->layers[at++].options[index];
        fill_costs(table, row, candidate, &widths, option, plan->has_cost);
        if (!plan_table_sensitivity(table, row, candidate, &option->sensitivity))
            return err_set(err,
                           "%s: candidate \"%s\" has neither a column sensitivity_%s nor "
                           "hessian_trace and delta_%s_sq",
                           table->path, name, name, name);
    }
    return true;
}

/* Layers of one name would be one layer to --share, and to a quantisation file. */
static bool fill_layers(const struct plan_table *table, const char *network, struct plan *plan,
                        struct err *err)
{
    const char *groups[PLAN_MAX_LAYERS];
    for (int i = 0, at = 0; i < table->row_count; i++) {
        const struct plan_row *row = &table->rows[i];
        if (!is_of(row, network))
            continue;
        fill_layer(table, row, &plan->layers[at]);
        groups[at] = row->texts[PLAN_TEXT_GROUP];
        for (int other = 0; other < at; other++) {
            if (!strcmp(plan->layers[other].name, plan->layers[at].name))
                return err_set(err, "%s:%d: layer \"%s\" is there twice", table->path, row->line,
                               plan->layers[at].name);
            if (*groups[at] && !strcmp(groups[other], groups[at]))
                plan_share(plan, other, at);
        }
        at++;
    }
    return true;
}

struct plan *plan_of_table(const struct plan_table *table, const char *network,
                           char (*candidates)[ARCH_NAME_SIZE], int count, struct err *err)
{
    int layers = count_rows(table, network, err);
    if (layers < 0)
        return NULL;
    struct plan *plan = plan_new(layers);
    if (!plan)
        abort();
    if (!count) {
        count = table->candidate_count;
        candidates = (char(*)[ARCH_NAME_SIZE])table->candidates;
    }
    plan->candidate_count = count;
    memcpy(plan->candidates, candidates, (size_t)count * sizeof *candidates);
    snprintf(plan->network, sizeof plan->network, "%s",
             network ? network : table->rows[0].texts[PLAN_TEXT_NETWORK]);
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        plan->has_cost[resource] = true;
    bool ok = fill_layers(table, network, plan, err);
    for (int i = 0; ok && i < count; i++)
        ok = fill_candidate(table, network, plan, i, err);
    if (ok)
        return plan;
    plan_free(plan);
    return NULL;
}

/* --- sensitivities --- */

static int find_layer(const struct plan *plan, const char *name)
{
    for (int i = 0; i < plan->layer_count; i++)
        if (!strcmp(plan->layers[i].name, name))
            return i;
    return -1;
}

static bool take_row(struct plan *plan, const struct plan_table *table, const struct plan_row *row,
                     bool *is_filled, struct err *err)
{
    const char *name = row->texts[PLAN_TEXT_LAYER];
    int layer = find_layer(plan, name);
    if (layer < 0)
        return err_set(err,
                       "%s:%d: layer \"%s\" is none of the network's; --csv writes their names",
                       table->path, row->line, name);
    if (is_filled[layer])
        return err_set(err, "%s:%d: layer \"%s\" is there twice", table->path, row->line, name);
    is_filled[layer] = true;
    for (int i = 0; i < plan->candidate_count; i++) {
        int candidate = plan_table_candidate(table, plan->candidates[i]);
        double *sensitivity = &plan->layers[layer].options[i].sensitivity;
        if (candidate < 0 || !plan_table_sensitivity(table, row, candidate, sensitivity))
            return err_set(err, "%s: says nothing of the sensitivity to \"%s\"", table->path,
                           plan->candidates[i]);
    }
    return true;
}

bool plan_take_sensitivities(struct plan *plan, const struct plan_table *table, struct err *err)
{
    bool is_filled[PLAN_MAX_LAYERS] = {0}, ok = true;
    for (int i = 0; ok && i < table->row_count; i++)
        ok = take_row(plan, table, &table->rows[i], is_filled, err);
    for (int i = 0; ok && i < plan->layer_count; i++)
        if (!is_filled[i] && find_layer(plan, plan->layers[i].name) == i)
            return err_set(err, "%s: layer \"%s\" is missing", table->path, plan->layers[i].name);
    return ok;
}
