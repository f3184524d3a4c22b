/* A plan as JSON. */
#include <jansson.h>
#include <math.h>

#include "sim/plan_report.h"
#include "sim/report.h"

/* Names come from users' files and need not be UTF-8; JSON must be. */
static json_t *text(const char *value)
{
    return report_json_cell((struct cell){.kind = CELL_TEXT, .text = value});
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *costs(const struct plan *plan, const double cost[PLAN_RESOURCE_COUNT])
{
    json_t *object = json_object();
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        if (plan->has_cost[i])
            json_object_set_new(object, plan_resource_name(i), number(cost[i]));
    return object;
}

static json_t *option_object(const struct plan *plan, const struct plan_option *option)
{
    json_t *object = costs(plan, option->cost);
    json_object_set_new(object, "sensitivity", number(option->sensitivity));
    return object;
}

static json_t *layer_object(const struct plan *plan, const struct plan_layer *layer, int choice)
{
    json_t *options = json_object();
    for (int i = 0; i < plan->candidate_count; i++)
        json_object_set_new(options, plan->candidates[i], option_object(plan, &layer->options[i]));
    return json_pack("{s:o, s:i, s:I, s:I, s:o, s:o}", "layer", text(layer->name), "group",
                     layer->group, "weights", (json_int_t)layer->weights, "macs",
                     (json_int_t)layer->macs, "choice", text(plan->candidates[choice]),
                     "candidates", options);
}

bool plan_report_json(const struct plan_result *result, FILE *file, struct err *err)
{
    const struct plan *plan = result->plan;
    struct plan_option total = plan_total(plan, result->choice);
    json_t *layers = json_array(), *least = json_object(), *greatest = json_object();
    for (int i = 0; i < plan->layer_count; i++)
        json_array_append_new(layers, layer_object(plan, &plan->layers[i], result->choice[i]));
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        if (plan->has_cost[i]) {
            struct bounds bounds = plan_bounds(plan, (enum plan_resource)i);
            json_object_set_new(least, plan_resource_name(i), number(bounds.least));
            json_object_set_new(greatest, plan_resource_name(i), number(bounds.greatest));
        }
    json_t *root =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "network", text(plan->network),
                  "sensitivity_source", text(result->source), "limits", costs(plan, result->limits),
                  "plan", option_object(plan, &total), "simulated",
                  result->is_simulated ? costs(plan, result->simulated) : json_null(), "least",
                  least, "greatest", greatest, "layers", layers);
    bool ok = root && !json_dumpf(root, file, JSON_INDENT(1) | JSON_PRESERVE_ORDER) &&
              fputc('\n', file) != EOF;
    json_decref(root);
    return ok || err_set(err, "JSON cannot be written");
}
