/* Which choice of formats the configuration gives each layer. */
#include <fnmatch.h>
#include <string.h>

#include "compiler/quantise_state.h"

static bool is_edge(const struct network *network, int layer)
{
    bool is_first = true, is_last = true;
    for (int i = 0; i < network->layer_count; i++) {
        bool is_other = network->layers[i].kind == LAYER_MATMUL;
        is_first = is_first && !(is_other && i < layer);
        is_last = is_last && !(is_other && i > layer);
    }
    return is_first || is_last;
}

static void inherit(struct format_choice *choice, const struct format_choice *from)
{
    if (!choice->bits)
        choice->bits = from->bits;
    if (!choice->family_count) {
        choice->family_count = from->family_count;
        memcpy(choice->families, from->families, sizeof choice->families);
    }
}

static bool applies(const struct quantise_override *override, const char *layer)
{
    return override->is_name ? !strcmp(override->pattern, layer)
                             : !fnmatch(override->pattern, layer, 0);
}

static const struct quantise_override *find_override(const struct quantise_config *config,
                                                     const char *layer)
{
    for (int i = 0; i < config->override_count; i++)
        if (applies(&config->overrides[i], layer))
            return &config->overrides[i];
    return NULL;
}

struct format_choice quantise_choice(const struct quantise_config *config, const char *layer,
                                     bool is_edge, enum quantise_operand operand)
{
    const struct quantise_override *override = find_override(config, layer);
    bool weights = operand == OPERAND_WEIGHTS;
    struct format_choice choice = {0};
    if (override)
        choice = weights ? override->weights : override->activations;
    if (is_edge)
        inherit(&choice, weights ? &config->edge_weights : &config->edge_activations);
    inherit(&choice, weights ? &config->weights : &config->activations);
    return choice;
}

struct format_choice quantise_weight_choice(const struct quantiser *quantiser, int layer)
{
    return quantise_choice(quantiser->config, quantiser->network->layers[layer].name,
                           is_edge(quantiser->network, layer), OPERAND_WEIGHTS);
}

struct format_choice quantise_activation_choice(const struct quantiser *quantiser, int layer)
{
    return quantise_choice(quantiser->config, quantiser->network->layers[layer].name,
                           is_edge(quantiser->network, layer), OPERAND_ACTIVATIONS);
}
