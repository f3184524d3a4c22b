/* Quantised network to program: check that the arch can run it, lay out DRAM, tile each layer, emit
 * its instructions. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lower_state.h"
#include "pe/array.h"
#include "pe/pe.h"

/* --- can the arch run it? --- */

/* The widths of the instructions' fields. */
static bool sizes_check(const struct layer *layer, struct err *err)
{
    const int fields[] = {layer->kernel_h, layer->kernel_w,   layer->stride_y,
                          layer->stride_x, layer->dilation_y, layer->dilation_x};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i] < 1 || fields[i] > UINT16_MAX)
            return err_set(err, "kernel, stride or dilation %d is not in 1..65535", fields[i]);
    int64_t rows =
        (int64_t)layer->out_h * layer->stride_y + (int64_t)layer->kernel_h * layer->dilation_y;
    int64_t columns =
        (int64_t)layer->out_w * layer->stride_x + (int64_t)layer->kernel_w * layer->dilation_x;
    if (rows + llabs(layer->pad_top) > INT32_MAX || columns + llabs(layer->pad_left) > INT32_MAX)
        return err_set(err, "output %d x %d with stride %d x %d reaches beyond 2^31", layer->out_h,
                       layer->out_w, layer->stride_y, layer->stride_x);
    double weights = (double)layer->kernel_h * layer->kernel_w * layer->channels * layer->n;
    if (layer->kind == LAYER_MATMUL && weights > (double)INT32_MAX)
        return err_set(err, "%.0f weights; at most 2^31", weights);
    if ((int64_t)layer->n * PARAM_WORDS > INT32_MAX)
        return err_set(err, "%d output channels; at most 2^29", layer->n);
    return true;
}

/* The vector unit takes activations of one byte and gives at most two. */
static bool widths_check(const struct tile_shape *shape, struct err *err)
{
    if (format_code_bits(shape->act) > 8)
        return err_set(err, "input codes of %d bits; at most 8", format_code_bits(shape->act));
    if (shape->has_residual && format_code_bits(shape->residual) > 8)
        return err_set(err, "residual codes of %d bits; at most 8",
                       format_code_bits(shape->residual));
    if (format_code_bits(shape->out) > 16)
        return err_set(err, "output codes of %d bits; at most 16", format_code_bits(shape->out));
    return true;
}

static bool array_check(const struct tile_shape *shape, const struct arch *arch, struct err *err)
{
    if (shape->kind != LAYER_MATMUL)
        return true;
    if (!pe_descriptor(arch->cores[0].pe)->accepts(shape->act, shape->weight, err))
        return false;
    uint32_t rows, columns;
    array_shape(&arch->cores[0], shape->act, shape->weight, &rows, &columns);
    if (!rows || !columns)
        return err_set(err, "an array of %d x %d is too small to fuse PEs for these formats",
                       arch->cores[0].rows, arch->cores[0].columns);
    return true;
}

static bool layer_check(const struct network *network, const struct layer *layer,
                        const struct arch *arch, struct err *err)
{
    if (!sizes_check(layer, err))
        return err_prefix(err, "layer %s", layer->name);
    struct tile_shape shape = tile_shape(network, layer);
    return (widths_check(&shape, err) && array_check(&shape, arch, err)) ||
           err_prefix(err, "layer %s", layer->name);
}

static bool network_check(const struct network *network, const struct arch *arch, struct err *err)
{
    if (network->layer_count > PROGRAM_MAX_LAYERS ||
        network->activation_count + 2 * (int64_t)network->layer_count > PROGRAM_MAX_TENSORS)
        return err_set(err, "%s: %d layers and %d activations are too many", network->model,
                       network->layer_count, network->activation_count);
    for (int i = 0; i < network->activation_count; i++) {
        const struct activation *activation = &network->activations[i];
        if ((double)activation->h * activation->w * activation->c > (double)PROGRAM_MAX_ELEMENTS)
            return err_set(err, "activation %s: %d x %d x %d has more than 2^31 elements",
                           activation->name, activation->h, activation->w, activation->c);
    }
    for (int i = 0; i < network->layer_count; i++)
        if (!layer_check(network, &network->layers[i], arch, err))
            return false;
    return true;
}

/* --- tiling --- */

/* Tilings of all layers; layers of the same shape share one search. */
struct plan {
    struct tile_shape *shapes;
    struct tiling *tilings;
};

static int find_shape(const struct plan *plan, int layer)
{
    for (int i = 0; i < layer; i++)
        if (!memcmp(&plan->shapes[i], &plan->shapes[layer], sizeof plan->shapes[0]))
            return i;
    return layer;
}

static double count_instructions(const struct tile_shape *shape, const struct tiling *tiling)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    return (double)cut.rows * cut.columns * cut.channel_tiles * (3.0 * cut.passes + 4);
}

static bool plan_layers(struct plan *plan, const struct network *network, const struct arch *arch,
                        struct err *err)
{
    double instructions = 0;
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        plan->shapes[i] = tile_shape(network, layer);
        int same = find_shape(plan, i);
        if (same < i)
            plan->tilings[i] = plan->tilings[same];
        else if (!tile_search(&plan->shapes[i], arch, layer->name, &plan->tilings[i], err))
            return false;
        instructions += count_instructions(&plan->shapes[i], &plan->tilings[i]);
        if (instructions > PROGRAM_MAX_INSTRUCTIONS)
            return err_set(
                err,
                "layer %s: the scratchpads are so small that the program exceeds %d instructions",
                layer->name, PROGRAM_MAX_INSTRUCTIONS);
    }
    return true;
}

/* --- the program's tables --- */

static enum tensor_kind activation_kind(const struct network *network, int index)
{
    if (index == network->input)
        return TENSOR_INPUT;
    return index == network->output ? TENSOR_OUTPUT : TENSOR_ACTIVATION;
}

/* Activations come first: activation i is tensor i. Each has its own place in DRAM. */
static void add_activations(struct lowering *lowering)
{
    enum { ALIGNMENT = 4096 };
    const struct network *network = lowering->network;
    struct program *program = lowering->program;
    for (int i = 0; i < network->activation_count; i++) {
        const struct activation *from = &network->activations[i];
        struct dram_tensor *tensor = &program->tensors[program->tensor_count++];
        *tensor = (struct dram_tensor){.kind = (uint8_t)activation_kind(network, i),
                                       .format = from->format,
                                       .h = (uint32_t)from->h,
                                       .w = (uint32_t)from->w,
                                       .c = (uint32_t)from->c,
                                       .address = lowering->address,
                                       .scale = from->scale};
        memcpy(tensor->name, from->name, sizeof tensor->name);
        lowering->address += (tensor_bytes(tensor) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}

static void add_layer(struct program *program, const struct layer *layer,
                      const struct tile_shape *shape)
{
    struct program_layer *to = &program->layers[program->layer_count++];
    uint64_t area = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
    uint64_t reduction = area * (unsigned)shape->channels;
    *to = (struct program_layer){.channels = (uint32_t)shape->n,
                                 .reduction = reduction,
                                 .weight_format = shape->weight,
                                 .act_format = shape->act,
                                 .out_format = shape->out,
                                 .output = (uint32_t)layer->output};
    memcpy(to->name, layer->name, sizeof to->name);
    memcpy(to->op, layer->op, sizeof to->op);
    if (shape->kind != LAYER_MATMUL)
        return;
    to->weights = reduction * (unsigned)shape->n;
    to->macs = to->weights * (unsigned)shape->out_h * (unsigned)shape->out_w;
}

/* --- lowering --- */

static bool lower_layers(struct lowering *lowering, const struct plan *plan)
{
    const struct network *network = lowering->network;
    add_activations(lowering);
    for (int i = 0; i < network->layer_count && !lowering->out_of_memory; i++) {
        const struct layer *layer = &network->layers[i];
        add_layer(lowering->program, layer, &plan->shapes[i]);
        if (!lower_constants(lowering, layer, &plan->shapes[i], &plan->tilings[i]))
            return false;
        uint32_t params = lowering->program->tensor_count - 1;
        lower_layer(lowering, i, &plan->shapes[i], &plan->tilings[i], params - 1, params);
    }
    return !lowering->out_of_memory;
}

static void lowering_free(struct lowering *lowering)
{
    for (int pad = 0; pad < PAD_COUNT; pad++)
        free(lowering->pads[pad].list);
    for (int i = 0; lowering->rows_stored && i < lowering->network->activation_count; i++)
        free(lowering->rows_stored[i]);
    free(lowering->rows_stored);
}

static struct program *new_program(const struct network *network, const struct arch *arch)
{
    struct program *program = calloc(1, sizeof *program);
    if (!program)
        return NULL;
    size_t tensors = (size_t)network->activation_count + 2 * (size_t)network->layer_count;
    program->tensors = calloc(tensors + 1, sizeof *program->tensors);
    program->layers = calloc((size_t)network->layer_count + 1, sizeof *program->layers);
    if (!program->tensors || !program->layers) {
        program_free(program);
        return NULL;
    }
    program->arch = *arch;
    memcpy(program->model, network->model, sizeof program->model);
    memcpy(program->scheme, network->scheme, sizeof program->scheme);
    program->has_values = network->has_values;
    program->input = (uint32_t)network->input;
    program->output = (uint32_t)network->output;
    return program;
}

static struct program *lower_plan(const struct network *network, const struct arch *arch,
                                  const struct plan *plan, struct err *err)
{
    struct lowering lowering = {.network = network, .arch = arch};
    lowering.program = new_program(network, arch);
    lowering.rows_stored =
        calloc((size_t)network->activation_count + 1, sizeof *lowering.rows_stored);
    bool ok = lowering.program && lowering.rows_stored && lower_layers(&lowering, plan);
    lowering_free(&lowering);
    if (ok)
        return lowering.program;
    err_set(err, "%s: not enough memory to lower it", network->model);
    program_free(lowering.program);
    return NULL;
}

struct program *lower(const struct network *network, const struct arch *arch, struct err *err)
{
    if (!arch_valid(arch, err) || !network_check(network, arch, err))
        return NULL;
    size_t layers = (size_t)network->layer_count + 1;
    struct plan plan = {calloc(layers, sizeof *plan.shapes), calloc(layers, sizeof *plan.tilings)};
    struct program *program = NULL;
    if (!plan.shapes || !plan.tilings)
        err_set(err, "%s: not enough memory to lower it", network->model);
    else if (plan_layers(&plan, network, arch, err))
        program = lower_plan(network, arch, &plan, err);
    free(plan.shapes);
    free(plan.tilings);
    return program;
}
