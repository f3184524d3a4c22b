/* mantis quantize: the quantiser alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "isa/host.h"
#include "sim/command.h"
#include "sim/dequantise.h"

/* Least and greatest scale of a layer's channels. */
static void scale_range(const struct layer *layer, double *low, double *high)
{
    *low = INFINITY;
    *high = 0;
    for (int i = 0; i < layer->n; i++) {
        *low = fmin(*low, layer->weight_scales[i]);
        *high = fmax(*high, layer->weight_scales[i]);
    }
}

static void print_layer(const struct network *network, const struct layer *layer)
{
    char weights[16] = "-", acts[16];
    const struct activation *output = &network->activations[layer->output];
    format_print(output->format, acts);
    if (layer->kind != LAYER_MATMUL || !layer->weight_scales) {
        printf("%-20.20s %-8s %19s %6s  %-8s %10.4g\n", layer->name, weights, "-", "-", acts,
               output->scale);
        return;
    }
    double low, high;
    scale_range(layer, &low, &high);
    format_print(layer->weight_format, weights);
    printf("%-20.20s %-8s %9.3g..%-8.3g %6.1f  %-8s %10.4g\n", layer->name, weights, low, high,
           layer->weight_sqnr_db, acts, output->scale);
}

static void print_network(const struct network *network)
{
    printf("%-20s %-8s %19s %6s  %-8s %10s\n", "layer", "weights", "scale per channel", "SQNR dB",
           "output", "scale");
    for (int i = 0; i < network->layer_count; i++)
        print_layer(network, &network->layers[i]);
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && !strcmp(path + length - tail, suffix);
}

static bool check_output(const char *path, struct err *err)
{
    if (!path)
        return true;
    if (!has_suffix(path, ".npz") && !has_suffix(path, ".onnx"))
        return err_set(err, "-o %s: must end in .npz or .onnx", path);
    return file_replaceable(path, err);
}

static bool write_output(const struct network *network, const struct subject *subject,
                         const char *path, struct err *err)
{
    if (!path)
        return true;
    if (has_suffix(path, ".npz"))
        return quantised_write_npz(network, path, err);
    return quantised_write_onnx(network, subject->graph, subject->path, path, err);
}

static bool quantize(const struct model_output_options *options, const struct subject *subject,
                     struct progress *progress, struct err *err)
{
    struct quantise_config scheme;
    struct compiled compiled;
    const struct data_names *names = &options->model.names;
    if (!names->calib && !names->data)
        return err_set(err, "quantize: --calib is needed, a data file to calibrate on");
    if (!model_scheme(&options->model, &scheme, err))
        return false;
    bool ok = compiled_make(&compiled, subject, &scheme, NULL, names, progress, err);
    quantise_config_free(&scheme);
    if (!ok)
        return false;
    ok = write_output(compiled.network, subject, options->output, err);
    if (ok)
        print_network(compiled.network);
    if (ok && *compiled.note)
        printf("\nnote: %s\n", compiled.note);
    compiled_free(&compiled);
    return ok;
}

static const struct argp_option quantize_options[] = {
    {"output", 'o', "FILE", 0, "Q.npz: codes and scales; Q.onnx: the network with these weights",
     1},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp quantize_argp = {
    .options = quantize_options,
    .parser = parse_model_output,
    .args_doc = "MODEL.onnx",
    .doc = "Quantise a network; print format, scale and error per layer.",
    .children = model_children,
};

int command_quantize(int argc, char **argv)
{
    struct model_output_options options = {0};
    struct subject subject;
    struct progress progress;
    struct err err;
    command_parse(&quantize_argp, argc, argv, &options);
    progress_init(&progress, options.model.quiet ? NULL : stderr);
    if (!check_output(options.output, &err) || !subject_open(&subject, options.model.model, &err))
        return command_fail(&err);
    bool ok = subject.graph ? quantize(&options, &subject, &progress, &err)
                            : err_set(&err, "%s: only .onnx has weights", options.model.model);
    subject_close(&subject);
    return ok ? EXIT_DONE : command_fail(&err);
}
