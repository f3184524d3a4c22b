#include "compiler/plan.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct plan *plan_new(int layer_count)
{
    assert(layer_count >= 0 && layer_count <= PLAN_MAX_LAYERS);
    struct plan *plan = calloc(1, sizeof *plan);
    struct plan_layer *layers = calloc((size_t)layer_count + 1, sizeof *layers);
    if (!plan || !layers) {
        free(plan);
        free(layers);
        return NULL;
    }
    plan->layers = layers;
    plan->layer_count = layer_count;
    for (int i = 0; i < layer_count; i++)
        layers[i].group = i;
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->layers);
    free(plan);
}

const char *plan_resource_name(int resource)
{
#define PLAN_RESOURCE_NAME(id, name, unit, help) name,
    static const char *const names[] = {PLAN_RESOURCES(PLAN_RESOURCE_NAME)};
#undef PLAN_RESOURCE_NAME
    return resource >= 0 && resource < PLAN_RESOURCE_COUNT ? names[resource] : NULL;
}

void plan_share(struct plan *plan, int a, int b)
{
    int kept = plan->layers[a].group, gone = plan->layers[b].group;
    for (int i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].group == gone)
            plan->layers[i].group = kept;
}

struct plan_option plan_total(const struct plan *plan, const int *choice)
{
    struct plan_option total = {0};
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        total.cost[resource] = plan->fixed[resource];
    for (int i = 0; i < plan->layer_count; i++) {
        assert(choice[i] >= 0 && choice[i] < plan->candidate_count);
        const struct plan_option *option = &plan->layers[i].options[choice[i]];
        total.sensitivity += option->sensitivity;
        for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
            total.cost[resource] += option->cost[resource];
    }
    return total;
}

struct bounds plan_bounds(const struct plan *plan, enum plan_resource resource)
{
    struct bounds bounds = {plan->fixed[resource], plan->fixed[resource]};
    double(*costs)[PLAN_MAX_CANDIDATES] = calloc((size_t)plan->layer_count + 1, sizeof *costs);
    if (!costs)
        abort();
    for (int i = 0; i < plan->layer_count; i++)
        for (int candidate = 0; candidate < plan->candidate_count; candidate++)
            costs[plan->layers[i].group][candidate] +=
                plan->layers[i].options[candidate].cost[resource];
    for (int group = 0; group < plan->layer_count; group++) { /* without layers: 0 */
        double least = INFINITY, greatest = -INFINITY;
        for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
            least = fmin(least, costs[group][candidate]);
            greatest = fmax(greatest, costs[group][candidate]);
        }
        bounds.least += least;
        bounds.greatest += greatest;
    }
    free(costs);
    return bounds;
}
