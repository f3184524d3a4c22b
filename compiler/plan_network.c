/* The network behind a plan: which of its layers are planned, and which share a candidate. */
#include <stdlib.h>
#include <string.h>

#include "compiler/plan.h"
#include "compiler/quantise_state.h"

static uint64_t weight_count(const struct layer *layer)
{
    return (uint64_t)layer->n * (uint64_t)layer->kernel_h * (uint64_t)layer->kernel_w *
           (uint64_t)layer->channels;
}

struct plan *plan_of_network(const struct network *network, int **layer_of, struct err *err)
{
    int count = 0;
    for (int i = 0; i < network->layer_count; i++)
        count += network->layers[i].kind == LAYER_MATMUL;
    if (count < 1 || count > PLAN_MAX_LAYERS) {
        err_set(err, "%d layers with weights are not in 1..%d", count, PLAN_MAX_LAYERS);
        return NULL;
    }
    struct plan *plan = plan_new(count);
    int *indices = calloc((size_t)count, sizeof *indices);
    if (!plan || !indices)
        abort();
    memcpy(plan->network, network->model, sizeof plan->network);
    for (int i = 0, at = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        if (layer->kind != LAYER_MATMUL)
            continue;
        struct plan_layer *planned = &plan->layers[at];
        memcpy(planned->name, layer->name, sizeof planned->name);
        planned->weights = weight_count(layer);
        planned->macs = planned->weights * (uint64_t)layer->out_h * (uint64_t)layer->out_w;
        indices[at++] = i;
    }
    *layer_of = indices;
    return plan;
}

/* The quantiser's own rules take no more than the network and the scheme. */
static struct quantiser rules(const struct network *network, const struct quantise_config *scheme)
{
    return (struct quantiser){.network = (struct network *)network, .config = scheme};
}

struct format_choice plan_weight_choice(const struct network *network,
                                        const struct quantise_config *scheme, int layer)
{
    struct quantiser quantiser = rules(network, scheme);
    return quantise_weight_choice(&quantiser, layer, 0);
}

struct format_choice plan_activation_choice(const struct network *network,
                                            const struct quantise_config *scheme, int layer)
{
    struct quantiser quantiser = rules(network, scheme);
    return quantise_activation_choice(&quantiser, layer);
}

static bool is_same_choice(const struct format_choice *a, const struct format_choice *b)
{
    return a->bits == b->bits && a->family_count == b->family_count &&
           !memcmp(a->families, b->families, (size_t)a->family_count);
}

/* Whether the candidates give the layer's input different formats. */
static bool input_varies(const struct plan *plan, const struct network *network, int layer,
                         const struct quantise_config *schemes)
{
    struct format_choice first = plan_activation_choice(network, &schemes[0], layer);
    for (int candidate = 1; candidate < plan->candidate_count; candidate++) {
        struct format_choice other = plan_activation_choice(network, &schemes[candidate], layer);
        if (!is_same_choice(&first, &other))
            return true;
    }
    return false;
}

void plan_share_tensors(struct plan *plan, const struct network *network, const int *layer_of,
                        const struct quantise_config *schemes)
{
    int *leader = calloc((size_t)network->activation_count + 1, sizeof *leader);
    bool *varies = calloc((size_t)plan->layer_count + 1, sizeof *varies);
    if (!leader || !varies)
        abort();
    quantise_find_leaders(network, leader);
    for (int i = 0; i < plan->layer_count; i++)
        varies[i] = input_varies(plan, network, layer_of[i], schemes);
    for (int i = 0; i < plan->layer_count; i++)
        for (int j = 0; j < i; j++) {
            const struct layer *a = &network->layers[layer_of[i]];
            const struct layer *b = &network->layers[layer_of[j]];
            bool is_one_tensor = leader[a->input] == leader[b->input];
            if ((is_one_tensor && (varies[i] || varies[j])) || !strcmp(a->name, b->name))
                plan_share(plan, j, i);
        }
    free(leader);
    free(varies);
}
