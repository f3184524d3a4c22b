/* Formats and scales of the activations. An activation is the input of the layers that read it:
 * their choice applies, the widest where they differ. What only the vector unit reads (residuals,
 * pools) is kept at 8-bit int, or wider where the scheme is: no array operand depends on it. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "compiler/quantise_state.h"

enum { VECTOR_BITS = 8, DEFAULT_OUTPUT_BITS = 16 };

/* ---- who shares a format ---- */

/* Layers lie in execution order, so a leader is final before it is passed on. */
void quantise_find_leaders(const struct network *network, int *leader)
{
    for (int a = 0; a < network->activation_count; a++)
        leader[a] = a;
    for (int i = 0; i < network->layer_count; i++)
        if (network->layers[i].passes_levels)
            leader[network->layers[i].output] = leader[network->layers[i].input];
}

/* ---- which formats ---- */

static bool is_read(const struct network *network, int activation)
{
    for (int i = 0; i < network->layer_count; i++)
        if (network->layers[i].input == activation || network->layers[i].residual == activation)
            return true;
    return false;
}

/* The network's output, unless other layers depend on its format. */
static bool is_plain_output(const struct quantiser *quantiser, int activation)
{
    return activation == quantiser->network->output &&
           quantiser->leader[activation] == activation && !is_read(quantiser->network, activation);
}

static struct format_choice activation_choice(const struct quantiser *quantiser, int leader)
{
    const struct network *network = quantiser->network;
    struct format_choice widest = {0};
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        if (layer->kind != LAYER_MATMUL || quantiser->leader[layer->input] != leader)
            continue;
        struct format_choice choice = quantise_activation_choice(quantiser, i);
        widest = choice.bits > widest.bits ? choice : widest;
    }
    return widest.bits ? widest : (struct format_choice){VECTOR_BITS, 1, {FORMAT_INT}};
}

/* ---- signs ---- */

/* Whether the layer's output cannot be negative, by its structure. */
static bool gives_no_negative(const struct fused_layer *fused, const struct layer *layer,
                              const bool *no_negative)
{
    if (fused->clip_low >= 0)
        return true;
    if (layer->kind == LAYER_MATMUL || !no_negative[layer->input])
        return false;
    return layer->residual < 0 || no_negative[layer->residual];
}

/* no_negative[a]: unsigned formats fit. From calibration where there is one, else from the
 * structure. The network's input is always signed: calibration images do not bound it. */
static void find_signs(const struct quantiser *quantiser, bool *no_negative)
{
    const struct network *network = quantiser->network;
    const struct calibration *calibration = quantiser->calibration;
    for (int a = 0; a < network->activation_count; a++)
        no_negative[a] = a != network->input;
    for (int i = 0; i < network->layer_count && !calibration; i++) {
        const struct layer *layer = &network->layers[i];
        bool fits = gives_no_negative(&quantiser->fused->layers[i], layer, no_negative);
        no_negative[layer->output] = no_negative[layer->output] && fits;
    }
    for (int a = 0; a < network->activation_count && calibration; a++)
        if (calibration->observations[a].histogram.minimum < 0)
            no_negative[a] = false;
    for (int a = 0; a < network->activation_count; a++)
        no_negative[a] = no_negative[a] && no_negative[quantiser->leader[a]];
}

/* ---- scales ---- */

/* What is read of the activations that share the leader's format. */
static void merge_histograms(const struct quantiser *quantiser, int leader,
                             struct histogram *merged)
{
    const struct network *network = quantiser->network;
    const struct observation *observations = quantiser->calibration->observations;
    for (int i = 0; i < network->layer_count; i++) {
        int input = network->layers[i].input;
        if (quantiser->leader[input] == leader && !network->layers[i].passes_levels)
            histogram_merge(merged, &observations[input].histogram);
    }
    if (merged->range == 0) /* only read as a residual, or not at all */
        histogram_merge(merged, &observations[leader].histogram);
}

/* The format of the choice, and its scale, with the least squared error over the distribution. */
static void choose_format(const struct format *formats, int count,
                          const struct distribution *distribution, struct scale_rule rule,
                          struct activation *activation)
{
    double least = INFINITY;
    for (int i = 0; i < count; i++) {
        const struct grid *grid = format_grid(formats[i]);
        double error, scale = search_scale_under(distribution, grid, rule, &error);
        if (error >= least)
            continue;
        least = error;
        activation->format = formats[i];
        activation->scale = scale;
    }
}

static void choose_scale(struct quantiser *quantiser, int leader, const struct format *formats,
                         int count)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    if (!histogram)
        abort();
    merge_histograms(quantiser, leader, histogram);
    struct distribution distribution = {0};
    histogram_distribution(histogram, &distribution);
    choose_format(formats, count, &distribution, quantise_scale_rule(quantiser->config),
                  &quantiser->network->activations[leader]);
    distribution_clear(&distribution);
    free(histogram);
}

static bool quantise_leader(struct quantiser *quantiser, int leader, bool is_signed,
                            struct err *err)
{
    struct activation *activation = &quantiser->network->activations[leader];
    struct format_choice choice = activation_choice(quantiser, leader);
    struct format formats[QUANTISE_MAX_FAMILIES];
    int count = choice_formats(&choice, is_signed, formats);
    if (!count)
        return err_set(
            err, "activation \"%s\": none of the scheme's %d families exists at %d bits, %s",
            activation->name, choice.family_count, choice.bits, is_signed ? "signed" : "unsigned");
    activation->format = formats[0];
    if (quantiser->calibration)
        choose_scale(quantiser, leader, formats, count);
    return true;
}

/* Logits may grow beyond what calibration saw: the output's scale covers twice the range. */
static bool quantise_output(struct quantiser *quantiser, int output, struct err *err)
{
    struct activation *activation = &quantiser->network->activations[output];
    int bits =
        quantiser->config->output_bits ? quantiser->config->output_bits : DEFAULT_OUTPUT_BITS;
    activation->format = (struct format){FORMAT_INT, (uint8_t)bits, true};
    if (!format_exists(activation->format))
        return err_set(err, "output_bits: no signed int has %d bits", bits);
    if (!quantiser->calibration)
        return true;
    const struct histogram *histogram = &quantiser->calibration->observations[output].histogram;
    double magnitude = fmax(-histogram->minimum, histogram->maximum);
    if (magnitude > 0)
        activation->scale = 2 * magnitude / (ldexp(1, bits - 1) - 1);
    return true;
}

bool quantise_activations(struct quantiser *quantiser, struct err *err)
{
    struct network *network = quantiser->network;
    bool *no_negative = calloc((size_t)network->activation_count, sizeof *no_negative);
    if (!no_negative)
        abort();
    quantise_find_leaders(network, quantiser->leader);
    find_signs(quantiser, no_negative);
    bool ok = true;
    for (int a = 0; a < network->activation_count && ok; a++)
        if (is_plain_output(quantiser, a))
            ok = quantise_output(quantiser, a, err);
        else if (quantiser->leader[a] == a)
            ok = quantise_leader(quantiser, a, !no_negative[a], err);
    for (int a = 0; a < network->activation_count; a++) {
        network->activations[a].format = network->activations[quantiser->leader[a]].format;
        network->activations[a].scale = network->activations[quantiser->leader[a]].scale;
    }
    free(no_negative);
    return ok;
}
