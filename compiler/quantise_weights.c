/* Formats, scales and codes of weights: per layer the family with the least squared error (ANT,
 * section 5.2: one type per tensor), per output channel, or per layer, the scale with the least. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "compiler/quantise_state.h"

/* A family under consideration: its scale for every output channel, and its squared error over all.
 */
struct candidate {
    const struct grid *grid;
    double *scales;
    double error;
    bool is_known; /* from an earlier search */
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

static int reduction(const struct layer *layer)
{
    return layer->kernel_h * layer->kernel_w * layer->channels;
}

static bool check_finite(const float *row, int count, int channel, struct err *err)
{
    for (int k = 0; k < count; k++)
        if (!isfinite(row[k]))
            return err_set(err, "a weight of output channel %d is infinite or NaN", channel);
    return true;
}

/* Search all candidates' scales for all channels. row: scratch of one channel's weights. */
static bool search_channels(const struct quantiser *quantiser, int index,
                            struct candidate *candidates, int count, float *row, struct err *err)
{
    const struct fused_layer *fused = &quantiser->fused->layers[index];
    const struct scale_rule rule = quantise_scale_rule(quantiser->config);
    struct distribution distribution = {0};
    bool ok = true;
    for (int n = 0; n < fused->layer.n && ok; n++) {
        fused_channel_weights(quantiser->graph, fused, n, row);
        ok = check_finite(row, reduction(&fused->layer), n, err);
        if (!ok)
            break;
        distribution_set(&distribution, row, NULL, reduction(&fused->layer));
        for (int i = 0; i < count; i++) {
            double error;
            if (candidates[i].is_known)
                continue;
            candidates[i].scales[n] =
                search_scale_under(&distribution, candidates[i].grid, rule, &error);
            candidates[i].error += error;
        }
    }
    distribution_clear(&distribution);
    return ok;
}

/* The same, one scale for all channels. Their weights are counted, as activations are: a histogram
 * of them takes no more memory where there are many. */
static bool search_tensor(const struct quantiser *quantiser, int index,
                          struct candidate *candidates, int count, float *row, struct err *err)
{
    const struct fused_layer *fused = &quantiser->fused->layers[index];
    struct histogram *histogram = allocate(1, sizeof *histogram);
    bool ok = true;
    for (int n = 0; n < fused->layer.n && ok; n++) {
        fused_channel_weights(quantiser->graph, fused, n, row);
        ok = check_finite(row, reduction(&fused->layer), n, err) &&
             histogram_add(histogram, row, reduction(&fused->layer));
    }
    struct distribution distribution = {0};
    histogram_distribution(histogram, &distribution);
    for (int i = 0; i < count && ok; i++) {
        if (candidates[i].is_known)
            continue;
        double scale =
            search_scale_under(&distribution, candidates[i].grid,
                               quantise_scale_rule(quantiser->config), &candidates[i].error);
        for (int n = 0; n < fused->layer.n; n++)
            candidates[i].scales[n] = scale;
    }
    distribution_clear(&distribution);
    free(histogram);
    return ok;
}

static struct scale_question question_of(const struct quantiser *quantiser, int index,
                                         const struct candidate *candidate)
{
    return (struct scale_question){.layer = index,
                                   .format = candidate->grid->format,
                                   .rule = quantise_scale_rule(quantiser->config),
                                   .tensor_scales = quantiser->config->tensor_scales};
}

/* Scales and errors of all candidates: those of earlier searches, else found now and kept. */
static bool find_scales(const struct quantiser *quantiser, int index, struct candidate *candidates,
                        int count, float *row, struct err *err)
{
    struct scale_memo *memo = quantiser->calibration->memo;
    int channels = quantiser->network->layers[index].n, known = 0;
    for (int i = 0; i < count; i++) {
        struct scale_question question = question_of(quantiser, index, &candidates[i]);
        candidates[i].is_known = scale_memo_recall(memo, &question, candidates[i].scales, channels,
                                                   &candidates[i].error);
        known += candidates[i].is_known;
    }
    if (known == count)
        return true;
    bool ok = quantiser->config->tensor_scales
                  ? search_tensor(quantiser, index, candidates, count, row, err)
                  : search_channels(quantiser, index, candidates, count, row, err);
    for (int i = 0; i < count && ok; i++) {
        struct scale_question question = question_of(quantiser, index, &candidates[i]);
        if (!candidates[i].is_known)
            scale_memo_keep(memo, &question, candidates[i].scales, channels, candidates[i].error);
    }
    return ok;
}

/* A channel whose weights cannot move the output by half a level whatever its input is dead: it
 * gets a scale that its bias and residual are happy with, and its weights become zero. */
static bool is_dead(const float *row, int count, double act_limit, double out_scale)
{
    double sum = 0;
    for (int k = 0; k < count; k++)
        sum += fabs(row[k]);
    return sum * act_limit < out_scale / 2;
}

/* The scale must let the bias, in units of act_scale*scale, stay within its limit, with room for
 * its correction. */
static double fit_scale(const struct quantiser *quantiser, int index, int n, const float *row,
                        double scale)
{
    enum { DEAD_UNITS_PER_LEVEL = 256 };
    const struct layer *layer = &quantiser->network->layers[index];
    const struct activation *in = &quantiser->network->activations[layer->input];
    const struct activation *out = &quantiser->network->activations[layer->output];
    const struct grid *grid = format_grid(in->format);
    double act_limit = in->scale * fmax(grid->levels[grid->count - 1], -(double)grid->levels[0]);
    if (is_dead(row, reduction(layer), act_limit, out->scale))
        scale = out->scale / (in->scale * DEAD_UNITS_PER_LEVEL);
    scale = fmax(scale, fabs(quantiser->biases[n]) / (in->scale * QUANTISE_BIAS_LIMIT / 2));
    return quantiser->config->power_of_two_scales ? exp2(ceil(log2(scale))) : scale;
}

/* The mean of the layer's input that weight k of output channel n meets. */
static double input_mean(const struct quantiser *quantiser, const struct layer *layer, int n, int k)
{
    int group = n / (layer->n / layer->groups);
    return quantiser->calibration->observations[layer->input]
        .channel_means[group * layer->channels + k % layer->channels];
}

struct noise {
    double signal, noise; /* sums of squares: weights, and their errors */
};

/* Codes of output channel n. Bias correction (Nagel et al., "Data-Free Quantization Through Weight
 * Equalization and Bias Correction", ICCV 2019, section 4.2): the errors of the weights shift the
 * output's mean by sum of error * E[input]; the bias takes that back. */
static void encode_channel(struct quantiser *quantiser, int index, int n, const struct grid *grid,
                           const float *row, struct core_weights *weights, struct noise *sums)
{
    const struct layer *layer = &quantiser->network->layers[index];
    int group_n = layer->n / layer->groups;
    double scale = fit_scale(quantiser, index, n, row, weights->scales[n]), shift = 0;
    uint16_t *code = weights->codes +
                     (size_t)(n / group_n) * (size_t)reduction(layer) * (size_t)group_n +
                     n % group_n;
    for (int k = 0; k < reduction(layer); k++, code += group_n) {
        int nearest = grid_nearest(grid, row[k] / scale);
        *code = (uint16_t)grid->codes[nearest];
        double error = scale * grid->levels[nearest] - row[k];
        shift += error * input_mean(quantiser, layer, n, k);
        sums->signal += (double)row[k] * row[k];
        sums->noise += error * error;
    }
    weights->scales[n] = scale;
    if (quantiser->config->bias_correction)
        quantiser->biases[n] -= shift;
}

static double decibels(struct noise sums)
{
    enum { LIMIT = 200 }; /* exact */
    return sums.noise > 0 && sums.signal > 0 ? fmin(10 * log10(sums.signal / sums.noise), LIMIT)
                                             : LIMIT;
}

/* Codes of all weights, [groups][K][n/groups]. */
static void encode(struct quantiser *quantiser, int index, const struct grid *grid, float *row,
                   struct core_weights *weights)
{
    const struct fused_layer *fused = &quantiser->fused->layers[index];
    const struct layer *layer = &quantiser->network->layers[index];
    struct noise sums = {0};
    for (int n = 0; n < layer->n; n++) {
        quantiser->biases[n] = fused->bias < 0 ? 0 : quantiser->graph->values[fused->bias].data[n];
        fused_channel_weights(quantiser->graph, fused, n, row);
        encode_channel(quantiser, index, n, grid, row, weights, &sums);
    }
    weights->sqnr_db = decibels(sums);
}

static bool choose_and_encode(struct quantiser *quantiser, int index, struct candidate *candidates,
                              int count, struct core_weights *weights, struct err *err)
{
    const struct layer *layer = &quantiser->network->layers[index];
    float *row = allocate((size_t)reduction(layer), sizeof *row);
    bool ok = find_scales(quantiser, index, candidates, count, row, err);
    int best = 0;
    for (int i = 1; i < count; i++)
        best = candidates[i].error < candidates[best].error ? i : best;
    if (ok) {
        weights->format = candidates[best].grid->format;
        weights->codes =
            allocate((size_t)layer->n * (size_t)reduction(layer), sizeof *weights->codes);
        weights->scales = candidates[best].scales;
        candidates[best].scales = NULL;
        quantiser->biases = allocate((size_t)layer->n, sizeof *quantiser->biases);
        encode(quantiser, index, candidates[best].grid, row, weights);
    }
    free(row);
    return ok;
}

bool quantise_weights(struct quantiser *quantiser, int index, int core,
                      struct core_weights *weights, struct err *err)
{
    const struct layer *layer = &quantiser->network->layers[index];
    struct format_choice choice = quantise_weight_choice(quantiser, index, core);
    struct format formats[QUANTISE_MAX_FAMILIES];
    int count = choice_formats(&choice, true, formats);
    if (!count)
        return err_set(err,
                       "layer \"%s\": none of the scheme's %d weight families exists at %d bits",
                       layer->name, choice.family_count, choice.bits);
    weights->format = formats[0];
    if (!quantiser->calibration)
        return true;
    struct candidate candidates[QUANTISE_MAX_FAMILIES] = {0};
    for (int i = 0; i < count; i++) {
        candidates[i].grid = format_grid(formats[i]);
        candidates[i].scales = allocate((size_t)layer->n, sizeof *candidates[i].scales);
    }
    bool ok = choose_and_encode(quantiser, index, candidates, count, weights, err);
    for (int i = 0; i < count; i++)
        free(candidates[i].scales);
    return ok || err_prefix(err, "layer \"%s\"", layer->name);
}
