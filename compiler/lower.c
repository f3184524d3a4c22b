/* Quantised network to program: lay out DRAM, emit the instructions of each layer's tiles. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lower_state.h"
#include "compiler/schedule.h"
#include "isa/host.h"

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
                      const struct tile_shape *shape, const struct tiling *tiling)
{
    struct program_layer *to = &program->layers[program->layer_count++];
    uint64_t area = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w;
    uint64_t reduction = area * (unsigned)shape->channels;
    *to = (struct program_layer){.channels = (uint32_t)shape->n,
                                 .reduction = reduction,
                                 .weight_format = shape->weight[0],
                                 .act_format = shape->act,
                                 .out_format = shape->out,
                                 .output = (uint32_t)layer->output};
    memcpy(to->name, layer->name, sizeof to->name);
    memcpy(to->op, layer->op, sizeof to->op);
    if (shape->kind != LAYER_MATMUL)
        return;
    uint64_t operands = reduction * (unsigned)shape->n;
    to->weights = layer->is_product ? 0 : operands;
    to->macs = operands * (unsigned)shape->out_h * (unsigned)shape->out_w;
    if (shape->cores == 1)
        return;
    to->second_weight_format = shape->weight[1];
    to->second_channels = (uint32_t)tile_core_channels(shape, tiling, 1);
}

/* --- lowering --- */

static bool lower_layers(struct lowering *lowering, const struct tiling *tilings)
{
    const struct network *network = lowering->network;
    add_activations(lowering);
    for (int i = 0; i < network->layer_count && !lowering->out_of_memory; i++) {
        const struct layer *layer = &network->layers[i];
        const struct tile_shape shape = tile_shape_on(network, layer, lowering->arch);
        struct layer_constants constants;
        add_layer(lowering->program, layer, &shape, &tilings[i]);
        if (!lower_constants(lowering, layer, &shape, &tilings[i], &constants))
            return false;
        lower_layer(lowering, i, &shape, &tilings[i], &constants);
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
    size_t tensors =
        (size_t)network->activation_count + (1 + ARCH_MAX_CORES) * (size_t)network->layer_count;
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

struct program *lower_tiled(const struct network *network, const struct arch *arch,
                            const struct tiling *tilings, struct err *err)
{
    struct lowering lowering = {.network = network, .arch = arch};
    lowering.program = new_program(network, arch);
    lowering.rows_stored =
        calloc((size_t)network->activation_count + 1, sizeof *lowering.rows_stored);
    bool ok = lowering.program && lowering.rows_stored && lower_layers(&lowering, tilings);
    lowering_free(&lowering);
    if (!ok)
        err_set(err, "%s: not enough memory to lower it", network->model);
    else if (program_fits_dram(lowering.program, err))
        return lowering.program;
    else
        err_prefix(err, "%s", network->model);
    program_free(lowering.program);
    return NULL;
}

struct program *lower(const struct network *network, const struct arch *arch, struct err *err)
{
    struct tiling *tilings = allocate((size_t)network->layer_count + 1, sizeof *tilings, err);
    struct program *program = NULL;
    if (tilings && schedule_tilings(network, arch, NULL, tilings, err))
        program = lower_tiled(network, arch, tilings, err);
    free(tilings);
    return program;
}
