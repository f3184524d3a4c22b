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

/* Where the choices for an operand stand, the closest to the layer first. */
struct sources {
    const struct format_choice *own, *edge, *common;
};

static struct sources sources_of(const struct quantise_config *config,
                                 const struct quantise_override *override,
                                 enum quantise_operand operand)
{
    static const struct format_choice none = {0}, int8 = {8, 1, {FORMAT_INT}};
    static const struct quantise_override no_override = {.is_name = false};
    const struct quantise_override *own = override ? override : &no_override;
    bool has_second = config->second_weights.family_count;
    switch (operand) {
    case OPERAND_WEIGHTS:
        return (struct sources){&own->weights, &config->edge_weights, &config->weights};
    case OPERAND_ACTIVATIONS:
        return (struct sources){&own->activations, &config->edge_activations, &config->activations};
    case OPERAND_SECOND_WEIGHTS:
        break;
    }
    return (struct sources){&own->second_weights, &none,
                            has_second ? &config->second_weights : &int8};
}

struct format_choice quantise_choice(const struct quantise_config *config, const char *layer,
                                     bool is_edge, enum quantise_operand operand)
{
    struct sources sources = sources_of(config, find_override(config, layer), operand);
    struct format_choice choice = *sources.own;
    if (is_edge)
        inherit(&choice, sources.edge);
    inherit(&choice, sources.common);
    return choice;
}

struct format_choice quantise_weight_choice(const struct quantiser *quantiser, int layer, int core)
{
    return quantise_choice(quantiser->config, quantiser->network->layers[layer].name,
                           is_edge(quantiser->network, layer),
                           core ? OPERAND_SECOND_WEIGHTS : OPERAND_WEIGHTS);
}

struct format_choice quantise_activation_choice(const struct quantiser *quantiser, int layer)
{
    return quantise_choice(quantiser->config, quantiser->network->layers[layer].name,
                           is_edge(quantiser->network, layer), OPERAND_ACTIVATIONS);
}
