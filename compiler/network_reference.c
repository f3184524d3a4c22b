/* What a network computes, told plainly: one output element after the other, in 128-bit integers,
 * with nothing shared with the machine but the grids of the formats. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/network.h"
#include "pe/format.h"

typedef __int128 wide;

/* The levels of an activation, [h][w][c]. */
struct levels {
    int h, w, c;
    int32_t *of;
};

static bool inside(const struct levels *levels, int64_t y, int64_t x, int64_t c)
{
    return y >= 0 && y < levels->h && x >= 0 && x < levels->w && c >= 0 && c < levels->c;
}

static size_t place(const struct levels *levels, int64_t y, int64_t x, int64_t c)
{
    return ((size_t)y * (size_t)levels->w + (size_t)x) * (size_t)levels->c + (size_t)c;
}

static int32_t level_at(const struct levels *levels, int64_t y, int64_t x, int64_t c,
                        int32_t outside)
{
    return inside(levels, y, x, c) ? levels->of[place(levels, y, x, c)] : outside;
}

/* One layer with its surroundings. */
struct scene {
    const struct layer *layer;
    const struct levels *input, *residual;
    const struct grid *in_grid, *weight_grid, *second_grid;
    struct format out_format;
};

static bool on_second_core(const struct layer *layer, int j)
{
    return layer->core_of_channel && layer->core_of_channel[j];
}

/* The input coordinate under kernel position k of output o. */
static int64_t under(int o, int stride, int pad, int k, int dilation)
{
    return (int64_t)o * stride - pad + (int64_t)k * dilation;
}

static int32_t weight_level(const struct scene *scene, int j, int ky, int kx, int k)
{
    const struct layer *layer = scene->layer;
    int group_n = layer->n / layer->groups;
    size_t taps = (size_t)layer->kernel_h * (size_t)layer->kernel_w * (size_t)layer->channels;
    size_t tap =
        ((size_t)ky * (size_t)layer->kernel_w + (size_t)kx) * (size_t)layer->channels + (size_t)k;
    size_t row = (size_t)(j / group_n) * taps + tap;
    size_t index = row * (size_t)group_n + (size_t)(j % group_n);
    if (on_second_core(layer, j))
        return scene->second_grid->level_of_code[layer->second.codes[index]];
    return scene->weight_grid->level_of_code[layer->weight_codes[index]];
}

/* What kernel position (ky, kx) adds to output (oy, ox, j). */
static wide product(const struct scene *scene, int64_t y, int64_t x, int ky, int kx, int j)
{
    const struct layer *layer = scene->layer;
    int first = j / (layer->n / layer->groups) * layer->channels;
    wide sum = 0;
    for (int k = 0; k < layer->channels; k++)
        sum += (wide)level_at(scene->input, y, x, first + k, 0) * weight_level(scene, j, ky, kx, k);
    return sum;
}

/* The value v of output (oy, ox, j): sum of products, sum, or maximum over the window. */
static wide window_value(const struct scene *scene, int oy, int ox, int j)
{
    const struct layer *layer = scene->layer;
    const int32_t lowest = scene->in_grid->levels[0];
    wide value = layer->kind == LAYER_MAXIMUM ? lowest : 0;
    for (int ky = 0; ky < layer->kernel_h; ky++)
        for (int kx = 0; kx < layer->kernel_w; kx++) {
            int64_t y = under(oy, layer->stride_y, layer->pad_top, ky, layer->dilation_y);
            int64_t x = under(ox, layer->stride_x, layer->pad_left, kx, layer->dilation_x);
            int64_t c = (int64_t)layer->channel_offset + j;
            if (layer->kind == LAYER_MATMUL) {
                value += product(scene, y, x, ky, kx, j);
            } else if (layer->kind == LAYER_SUM) {
                value += level_at(scene->input, y, x, c, 0);
            } else {
                int32_t level = level_at(scene->input, y, x, c, lowest);
                value = level > value ? level : value;
            }
        }
    return value;
}

/* t = floor(((v + bias)*multiplier + residual*residual_multiplier) / 2^(shift - 1)), in half
 * levels. Without parameters the value itself. */
static wide half_levels(const struct scene *scene, wide value, int32_t residual, int j)
{
    if (!scene->layer->params)
        return 2 * value;
    const struct requantise_param *param = on_second_core(scene->layer, j)
                                               ? &scene->layer->second.params[j]
                                               : &scene->layer->params[j];
    wide scaled =
        (value + param->bias) * param->multiplier + (wide)residual * param->residual_multiplier;
    wide divisor = (wide)1 << (param->shift - 1);
    wide quotient = scaled / divisor;
    return quotient - (scaled % divisor < 0);
}

static wide clamp(wide value, wide low, wide high)
{
    return value < low ? low : value > high ? high : value;
}

/* The level of the grid nearest to half/2; of two equally near the greater. */
static uint32_t nearest_on_grid(const struct grid *grid, wide half)
{
    int best = 0;
    wide least = -1;
    for (int i = 0; i < grid->count; i++) {
        wide distance = 2 * (wide)grid->levels[i] - half;
        distance = distance < 0 ? -distance : distance;
        if (least < 0 || distance <= least) {
            least = distance;
            best = i;
        }
    }
    return grid->codes[best];
}

/* The same for integers of `bits`, in two's complement where signed: floor((half + 1) / 2),
 * saturated. */
static uint32_t nearest_integer(struct format format, wide half)
{
    int bits = format.bits - format.is_signed;
    wide highest = ((wide)1 << bits) - 1, lowest = format.is_signed ? -highest - 1 : 0;
    wide level = clamp((half + 1 - ((half + 1) % 2 != 0 && half + 1 < 0)) / 2, lowest, highest);
    return (uint32_t)level & (uint32_t)(((uint64_t)1 << format.bits) - 1);
}

static uint32_t encode(struct format format, wide half)
{
    return format.family == FORMAT_INT ? nearest_integer(format, half)
                                       : nearest_on_grid(format_grid(format), half);
}

static void compute_element(const struct scene *scene, struct levels *output, uint8_t *codes,
                            int oy, int ox, int j)
{
    const struct layer *layer = scene->layer;
    int32_t residual = scene->residual ? level_at(scene->residual, oy, ox, j, 0) : 0;
    wide half = half_levels(scene, window_value(scene, oy, ox, j), residual, j);
    half = clamp(half, 2 * (wide)layer->clamp_low, 2 * (wide)layer->clamp_high);
    uint32_t code = encode(scene->out_format, half);
    size_t at = place(output, oy, ox, layer->output_channel + j);
    size_t host_bytes = (size_t)format_host_bytes(scene->out_format);
    output->of[at] = format_level(scene->out_format, code);
    memcpy(codes + at * host_bytes, &code, host_bytes);
}

static void compute_layer(const struct network *network, const struct layer *layer,
                          struct levels *levels, void **codes)
{
    struct scene scene = {
        .layer = layer,
        .input = &levels[layer->input],
        .residual = layer->residual >= 0 ? &levels[layer->residual] : NULL,
        .in_grid = format_grid(network->activations[layer->input].format),
        .out_format = network->activations[layer->output].format,
    };
    if (layer->kind == LAYER_MATMUL)
        scene.weight_grid = format_grid(layer->weight_format);
    if (layer->core_of_channel)
        scene.second_grid = format_grid(layer->second.format);
    for (int oy = 0; oy < layer->out_h; oy++)
        for (int ox = 0; ox < layer->out_w; ox++)
            for (int j = 0; j < layer->n; j++)
                compute_element(&scene, &levels[layer->output], codes[layer->output], oy, ox, j);
}

static struct levels levels_new(const struct activation *activation)
{
    size_t count = (size_t)activation->h * (size_t)activation->w * (size_t)activation->c;
    struct levels levels = {activation->h, activation->w, activation->c,
                            calloc(count, sizeof(int32_t))};
    assert(levels.of);
    return levels;
}

static void decode_input(const struct network *network, const void *codes, struct levels *levels)
{
    const struct activation *input = &network->activations[network->input];
    size_t count = (size_t)input->h * (size_t)input->w * (size_t)input->c;
    size_t host_bytes = (size_t)format_host_bytes(input->format);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = 0;
        memcpy(&code, (const uint8_t *)codes + i * host_bytes, host_bytes);
        levels->of[i] = format_level(input->format, code);
    }
}

void network_run_reference(const struct network *network, const void *input_codes, void **codes)
{
    assert(network->has_values);
    struct levels *levels = calloc((size_t)network->activation_count, sizeof *levels);
    assert(levels);
    for (int i = 0; i < network->activation_count; i++) {
        const struct activation *activation = &network->activations[i];
        size_t count = (size_t)activation->h * (size_t)activation->w * (size_t)activation->c;
        levels[i] = levels_new(activation);
        codes[i] = calloc(count, (size_t)format_host_bytes(activation->format));
        assert(codes[i]);
        if (i == network->input) {
            memcpy(codes[i], input_codes, count * (size_t)format_host_bytes(activation->format));
            decode_input(network, input_codes, &levels[i]);
        }
    }
    for (int i = 0; i < network->layer_count; i++)
        compute_layer(network, &network->layers[i], levels, codes);
    for (int i = 0; i < network->activation_count; i++)
        free(levels[i].of);
    free(levels);
}
