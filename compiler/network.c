#include "compiler/network.h"

#include <stdlib.h>
#include <string.h>

#include "pe/format.h"

void network_free(struct network *network)
{
    if (!network)
        return;
    for (int i = 0; network->layers && i < network->layer_count; i++) {
        free(network->layers[i].weight_codes);
        free(network->layers[i].weight_scales);
        free(network->layers[i].params);
        free(network->layers[i].second.codes);
        free(network->layers[i].second.scales);
        free(network->layers[i].second.params);
        free(network->layers[i].core_of_channel);
    }
    free(network->layers);
    free(network->activations);
    free(network);
}

/* --- text dump --- */

#define FORMAT(format) format_print(format, (char[16]){0})

static void print_activation(const struct activation *activation, int index, FILE *file)
{
    fprintf(file, "%5d  %-9s %dx%dx%d scale %.9g  \"%s\"\n", index, FORMAT(activation->format),
            activation->h, activation->w, activation->c, activation->scale, activation->name);
}

static void print_window(const struct layer *layer, FILE *file)
{
    fprintf(file, " kernel %dx%d", layer->kernel_h, layer->kernel_w);
    if (layer->stride_y != 1 || layer->stride_x != 1)
        fprintf(file, " stride %dx%d", layer->stride_y, layer->stride_x);
    if (layer->dilation_y != 1 || layer->dilation_x != 1)
        fprintf(file, " dilation %dx%d", layer->dilation_y, layer->dilation_x);
    if (layer->pad_top || layer->pad_left)
        fprintf(file, " pad %d,%d", layer->pad_top, layer->pad_left);
}

static void print_layer(const struct layer *layer, int index, FILE *file)
{
    fprintf(file, "%5d  %-10s a%d", index, layer->op, layer->input);
    if (layer->channel_offset)
        fprintf(file, "[%d..]", layer->channel_offset);
    if (layer->residual >= 0)
        fprintf(file, " + a%d", layer->residual);
    fprintf(file, " -> a%d", layer->output);
    if (layer->output_channel)
        fprintf(file, "[%d..]", layer->output_channel);
    fprintf(file, " %dx%dx%d", layer->out_h, layer->out_w, layer->n);
    print_window(layer, file);
    if (layer->kind == LAYER_MATMUL)
        fprintf(file, " channels %d groups %d weights %s", layer->channels, layer->groups,
                FORMAT(layer->weight_format));
    if (layer->second.format.bits)
        fprintf(file, " or %s", FORMAT(layer->second.format));
    fprintf(file, " clamp %d..%d  \"%s\"\n", layer->clamp_low, layer->clamp_high, layer->name);
}

bool network_print(const struct network *network, FILE *file)
{
    fprintf(file, "network %s, scheme %s, %s\n", network->model, network->scheme,
            network->has_values ? "with values" : "timing only");
    fprintf(file, "input a%d, output a%d\n", network->input, network->output);
    fprintf(file, "activations %d\n", network->activation_count);
    for (int i = 0; i < network->activation_count; i++)
        print_activation(&network->activations[i], i, file);
    fprintf(file, "layers %d\n", network->layer_count);
    for (int i = 0; i < network->layer_count; i++)
        print_layer(&network->layers[i], i, file);
    return !ferror(file);
}

/* --- input --- */

void network_encode_input(const struct network *network, const float *image, void *codes)
{
    const struct activation *input = &network->activations[network->input];
    format_encode_image(input->format, input->scale, image, (size_t)input->h * (size_t)input->w,
                        (size_t)input->c, codes);
}
