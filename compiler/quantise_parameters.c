/* Integer parameters of a layer: Jacob et al. (CVPR 2018), section 2. With real = level * scale the
 * output level is (sum of products + bias/(act*weight)) * act*weight[n]/out  +  residual * res/out.
 */
#include <math.h>
#include <stdlib.h>

#include "compiler/quantise_state.h"
#include "pe/requantise.h"

/* The outermost levels of an output format. Beyond 8 bits only int exists, as a network output. */
static void level_range(struct format format, double *least, double *most)
{
    if (format.bits <= 8) {
        const struct grid *grid = format_grid(format);
        *least = grid->levels[0];
        *most = grid->levels[grid->count - 1];
    } else { /* twice a clamp level must fit 32 bits: isa/instruction.h */
        *most = fmin(ldexp(1, format.bits - 1) - 1, INT32_MAX / 2);
        *least = -*most - 1;
    }
}

/* Clamp levels: the levels of the output's grid that lie within the real clamp. */
static void set_clamp(const struct fused_layer *fused, const struct activation *out,
                      struct layer *layer)
{
    double least, most;
    level_range(out->format, &least, &most);
    double high = fmin(fmax(floor(fused->clip_high / out->scale), least), most);
    double low = fmin(fmax(ceil(fused->clip_low / out->scale), least), high);
    layer->clamp_low = (int32_t)low;
    layer->clamp_high = (int32_t)high;
}

/* The real value of one unit of what channel n adds up. */
static double unit(const struct fused_layer *fused, const struct core_weights *weights,
                   const struct activation *in, int n)
{
    return weights->scales ? in->scale * weights->scales[n] : in->scale / fused->divisor;
}

static bool set_bias(double bias, double unit_value, struct requantise_param *param,
                     struct err *err)
{
    double units = floor(bias / unit_value + 0.5);
    if (!(fabs(units) <= QUANTISE_BIAS_LIMIT))
        return err_set(err, "the bias %g is infinite, NaN or too large for the scale %g", bias,
                       unit_value);
    param->bias = (int32_t)units;
    return true;
}

static bool set_param(const struct quantiser *quantiser, int index, int n,
                      struct core_weights *weights, struct err *err)
{
    struct requantise_param *param = &weights->params[n];
    const struct network *network = quantiser->network;
    const struct fused_layer *fused = &quantiser->fused->layers[index];
    const struct layer *layer = &network->layers[index];
    double out_scale = network->activations[layer->output].scale;
    double unit_value = unit(fused, weights, &network->activations[layer->input], n);
    double residual_ratio =
        layer->residual < 0 ? 0 : network->activations[layer->residual].scale / out_scale;
    double bias = quantiser->biases ? quantiser->biases[n] : 0;
    if (!set_bias(bias, unit_value, param, err))
        return false;
    if (!requantise_ratio(unit_value / out_scale, residual_ratio, param))
        return err_set(err, "no shift expresses the ratios %g (sum) and %g (residual)",
                       unit_value / out_scale, residual_ratio);
    return true;
}

bool quantise_parameters(struct quantiser *quantiser, int index, struct core_weights *weights,
                         struct err *err)
{
    struct layer *layer = &quantiser->network->layers[index];
    set_clamp(&quantiser->fused->layers[index], &quantiser->network->activations[layer->output],
              layer);
    if (!quantiser->calibration || layer->kind == LAYER_MAXIMUM)
        return true;
    weights->params = calloc((size_t)layer->n, sizeof *weights->params);
    if (!weights->params)
        abort();
    for (int n = 0; n < layer->n; n++)
        if (!set_param(quantiser, index, n, weights, err))
            return err_prefix(err, "layer \"%s\": channel %d", layer->name, n);
    return true;
}
