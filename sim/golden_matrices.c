/* Golden matrices: a layer's tiles put together to the one product that they are. Where a tile lies
 * follows from its instructions alone: the LOAD that brought its patch gives rows and channels of
 * the input, the STORE after it pixels and channels of the output. */
#include <stdlib.h>
#include <string.h>

#include "pe/gemm.h"
#include "sim/codes.h"
#include "sim/golden.h"

enum { MAX_MATRIX_BYTES = 1 << 28 };

/* The LOADs of which something is still in a scratchpad, in bits of it. */
enum { MAX_LIVE = 64 };
struct live_loads {
    int count;
    const struct transfer *loads[MAX_LIVE];
};

/* A layer's product as it is put together. */
struct assembly {
    const struct machine *machine;
    const struct program *program;
    const void *input;
    const struct dram_tensor *output;
    uint32_t layer;
    uint32_t first_channel; /* of the output tensor that is the layer's */
    uint64_t channels;      /* of a group's input */
    uint64_t acts, weights; /* codes filled in, each once */
    struct live_loads live[PAD_COUNT];
    struct golden_matrices *matrices;
};

/* A MATMUL and the transfers that say where it lies. */
struct tile {
    const struct matmul *matmul;
    const struct transfer *patch, *weights, *output;
};

/* --- what lies in the scratchpads --- */

static uint64_t first_bit(const struct program *program, const struct transfer *load)
{
    int bits = format_code_bits(program->tensors[load->tensor].format);
    return (uint64_t)load->offset * (unsigned)bits;
}

static uint64_t end_bit(const struct program *program, const struct transfer *load)
{
    uint64_t count = (uint64_t)load->count_y * load->count_x * load->count_c;
    int bits = format_code_bits(program->tensors[load->tensor].format);
    return first_bit(program, load) + count * (unsigned)bits;
}

static void note_load(struct assembly *assembly, const struct transfer *load)
{
    struct live_loads *live = &assembly->live[load->pad];
    const struct program *program = assembly->program;
    int kept = 0;
    for (int i = 0; i < live->count; i++)
        if (end_bit(program, live->loads[i]) <= first_bit(program, load) ||
            first_bit(program, live->loads[i]) >= end_bit(program, load))
            live->loads[kept++] = live->loads[i];
    if (kept == MAX_LIVE)
        memmove(live->loads, live->loads + 1, (size_t)--kept * sizeof live->loads[0]);
    live->loads[kept++] = load;
    live->count = kept;
}

/* The LOAD that brought `count` elements from `offset` on, of codes as wide as the format's. */
static const struct transfer *find_load(const struct assembly *assembly, enum scratchpad_id pad,
                                        struct format format, uint64_t offset, uint64_t count)
{
    const struct live_loads *live = &assembly->live[pad];
    unsigned bits = (unsigned)format_code_bits(format);
    for (int i = 0; i < live->count; i++) {
        const struct transfer *load = live->loads[i];
        const struct dram_tensor *tensor = &assembly->program->tensors[load->tensor];
        if (format_code_bits(tensor->format) == (int)bits &&
            format_host_bytes(tensor->format) == format_host_bytes(format) &&
            load->offset <= offset && (offset + count) * bits <= end_bit(assembly->program, load))
            return load;
    }
    return NULL;
}

/* --- one tile --- */

static uint64_t area_of(const struct matmul *matmul)
{
    return (uint64_t)matmul->kernel_h * matmul->kernel_w;
}

/* Output channels of the layer before the tile's. */
static uint64_t first_column(const struct assembly *assembly, const struct tile *tile)
{
    return (uint32_t)tile->output->c - assembly->first_channel;
}

/* Channel of the first group's input that is the tile's k = 0. */
static int64_t first_input_channel(const struct tile *tile)
{
    return (int64_t)tile->patch->c + tile->matmul->channel;
}

static bool is_output_tile(const struct assembly *assembly, const struct tile *tile)
{
    const struct transfer *store = tile->output;
    const struct matmul *matmul = tile->matmul;
    const struct dram_tensor *tensor = assembly->output;
    return store->y >= 0 && store->x >= 0 && store->c >= 0 && store->count_y == matmul->out_h &&
           store->count_x == matmul->out_w && store->stride_y == 1 && store->stride_x == 1 &&
           store->count_c == (uint64_t)matmul->n * matmul->groups &&
           (uint64_t)store->y + store->count_y <= tensor->h &&
           (uint64_t)store->x + store->count_x <= tensor->w;
}

static bool is_input_tile(const struct assembly *assembly, const struct tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    const struct transfer *patch = tile->patch, *weights = tile->weights;
    const struct dram_tensor *constants = &assembly->program->tensors[weights->tensor];
    int64_t channel = first_input_channel(tile);
    return patch->offset == matmul->act_offset && patch->count_x == matmul->patch_w &&
           patch->count_c == matmul->patch_c && channel >= 0 &&
           (uint64_t)channel + matmul->channels <= assembly->channels &&
           format_host_bytes(matmul->act_format) == 1 && constants->values && weights->y == 0 &&
           weights->x == 0 && weights->count_y == 1 && weights->count_x == 1 && weights->c >= 0 &&
           (uint64_t)weights->c + weights->count_c <= constants->c;
}

static const uint8_t *codes_of(const struct assembly *assembly, uint32_t tensor)
{
    return tensor == assembly->program->input ? assembly->input
                                              : machine_tensor(assembly->machine, tensor);
}

/* `channels` codes of the input at row y, column x of the patch; outside of the tensor its pad
 * code. */
static void copy_position(const struct assembly *assembly, const struct tile *tile, uint64_t y,
                          uint64_t x, uint8_t *to)
{
    const struct transfer *patch = tile->patch;
    const struct dram_tensor *tensor = &assembly->program->tensors[patch->tensor];
    int64_t row = patch->y + (int64_t)y * patch->stride_y;
    int64_t column = patch->x + (int64_t)x * patch->stride_x;
    uint64_t channel = (uint64_t)first_input_channel(tile);
    bool inside = row >= 0 && row < tensor->h && column >= 0 && column < tensor->w;
    const uint8_t *codes = codes_of(assembly, patch->tensor);
    for (uint64_t k = 0; k < tile->matmul->channels; k++)
        to[k] = inside && channel + k < tensor->c
                    ? codes[((size_t)row * tensor->w + (size_t)column) * tensor->c + channel + k]
                    : patch->pad_code;
}

/* The row of the matrix for output pixel (oy, ox) of the tile, as far as the tile's channels go. */
static void fill_pixel(struct assembly *assembly, const struct tile *tile, uint64_t oy, uint64_t ox)
{
    const struct matmul *matmul = tile->matmul;
    struct golden_matrices *matrices = assembly->matrices;
    uint64_t pixel =
        ((uint64_t)tile->output->y + oy) * assembly->output->w + (uint64_t)tile->output->x + ox;
    uint8_t *row = matrices->act + pixel * matrices->k + (uint64_t)first_input_channel(tile);
    for (uint64_t ky = 0; ky < matmul->kernel_h; ky++)
        for (uint64_t kx = 0; kx < matmul->kernel_w; kx++, row += assembly->channels)
            copy_position(assembly, tile, oy * matmul->stride_y + ky * matmul->dilation_y,
                          ox * matmul->stride_x + kx * matmul->dilation_x, row);
    assembly->acts += area_of(matmul) * matmul->channels;
}

static void fill_act(struct assembly *assembly, const struct tile *tile)
{
    for (uint64_t oy = 0; oy < tile->matmul->out_h; oy++)
        for (uint64_t ox = 0; ox < tile->matmul->out_w; ox++)
            fill_pixel(assembly, tile, oy, ox);
}

static void fill_weights(struct assembly *assembly, const struct tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    const struct transfer *load = tile->weights;
    const struct golden_matrices *matrices = assembly->matrices;
    size_t bytes = (size_t)format_host_bytes(matmul->weight_format);
    const uint8_t *from = assembly->program->tensors[load->tensor].values +
                          ((uint64_t)load->c + (matmul->weight_offset - load->offset)) * bytes;
    uint64_t column = first_column(assembly, tile), channel = (uint64_t)first_input_channel(tile);
    for (uint64_t position = 0; position < area_of(matmul); position++)
        for (uint64_t k = 0; k < matmul->channels; k++, from += matmul->n * bytes) {
            uint64_t row = position * assembly->channels + channel + k;
            memcpy(matrices->weights + (row * matrices->n + column) * bytes, from,
                   matmul->n * bytes);
        }
    assembly->weights += area_of(matmul) * matmul->channels * matmul->n;
}

static bool same_format(struct format a, struct format b)
{
    return a.family == b.family && a.bits == b.bits && a.is_signed == b.is_signed;
}

/* Activations are the same under all tiles of output channels, weights under all tiles of pixels:
 * each is taken from the first. Groups but the first are left out. */
static bool add_tile(struct assembly *assembly, const struct tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    const struct golden_matrices *matrices = assembly->matrices;
    if (!tile->output || !is_output_tile(assembly, tile) ||
        !same_format(matmul->act_format, matrices->act_format) ||
        !same_format(matmul->weight_format, matrices->weight_format))
        return false;
    uint64_t column = first_column(assembly, tile);
    if (column >= matrices->n)
        return true;
    if (!tile->patch || !tile->weights || !is_input_tile(assembly, tile) ||
        column + matmul->n > matrices->n || area_of(matmul) * assembly->channels != matrices->k)
        return false;
    if (column == 0)
        fill_act(assembly, tile);
    if (tile->output->y == 0 && tile->output->x == 0)
        fill_weights(assembly, tile);
    return true;
}

/* --- all tiles of a layer --- */

/* The STORE that ends the output tile of each MATMUL of the layer: [instruction], from the last to
 * the first. NULL when out of memory. */
static const struct transfer **find_stores(struct assembly *assembly)
{
    const struct program *program = assembly->program;
    const struct transfer **stores = calloc(program->instruction_count + 1u, sizeof *stores);
    const struct transfer *next = NULL;
    assembly->first_channel = UINT32_MAX;
    for (uint32_t i = program->instruction_count; stores && i-- > 0;) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->layer != assembly->layer)
            continue;
        if (instruction->opcode == OPCODE_STORE) {
            next = &instruction->transfer;
            if ((uint32_t)next->c < assembly->first_channel)
                assembly->first_channel = (uint32_t)next->c;
        }
        stores[i] = next;
    }
    return stores;
}

static bool add_tiles(struct assembly *assembly, const struct transfer **stores)
{
    const struct program *program = assembly->program;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        const struct matmul *matmul = &instruction->matmul;
        if (instruction->layer != assembly->layer)
            continue;
        if (instruction->opcode == OPCODE_LOAD)
            note_load(assembly, &instruction->transfer);
        if (instruction->opcode != OPCODE_MATMUL)
            continue;
        uint64_t codes = (uint64_t)matmul->groups * area_of(matmul) * matmul->channels * matmul->n;
        struct tile tile = {
            .matmul = matmul,
            .patch = find_load(assembly, PAD_ACT, matmul->act_format, matmul->act_offset, 1),
            .weights = find_load(assembly, PAD_WEIGHT, matmul->weight_format, matmul->weight_offset,
                                 codes),
            .output = stores[i],
        };
        if (!add_tile(assembly, &tile))
            return false;
    }
    const struct golden_matrices *matrices = assembly->matrices;
    return assembly->acts == matrices->m * matrices->k &&
           assembly->weights == matrices->k * matrices->n;
}

/* --- the layer as a whole --- */

static const struct matmul *first_matmul(const struct program *program, uint32_t layer)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->layer == layer && instruction->opcode == OPCODE_MATMUL)
            return &instruction->matmul;
    }
    return NULL;
}

/* Channels of the activations that the layer's first patch is of; 0: it has none. */
static uint64_t input_channels(const struct program *program, uint32_t layer)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->layer == layer && instruction->opcode == OPCODE_LOAD &&
            instruction->transfer.pad == PAD_ACT)
            return program->tensors[instruction->transfer.tensor].c;
    }
    return 0;
}

/* M, K and N of a group; false where numbers do not go into each other. */
static bool find_shape(struct assembly *assembly, const struct matmul *matmul)
{
    const struct program_layer *layer = &assembly->program->layers[assembly->layer];
    struct golden_matrices *matrices = assembly->matrices;
    uint64_t area = area_of(matmul);
    uint64_t all_channels = input_channels(assembly->program, assembly->layer);
    assembly->channels = area ? layer->reduction / area : 0;
    if (!assembly->channels || layer->reduction % area || all_channels % assembly->channels)
        return false;
    matrices->groups = all_channels / assembly->channels;
    if (!matrices->groups || layer->channels % matrices->groups)
        return false;
    matrices->m = (uint64_t)assembly->output->h * assembly->output->w;
    matrices->k = layer->reduction;
    matrices->n = layer->channels / matrices->groups;
    matrices->act_format = matmul->act_format;
    matrices->weight_format = matmul->weight_format;
    return matrices->n > 0;
}

static bool allocate(struct golden_matrices *matrices, struct err *err)
{
    uint64_t most = MAX_MATRIX_BYTES, bytes = (uint64_t)format_host_bytes(matrices->weight_format);
    if (matrices->m > most || matrices->k > most || matrices->n > most ||
        matrices->m * matrices->k > most || matrices->k * matrices->n * bytes > most ||
        matrices->m * matrices->n * sizeof(int64_t) > most)
        return err_set(err, "%llu x %llu by %llu x %llu: a matrix takes more than 256 MiB",
                       (unsigned long long)matrices->m, (unsigned long long)matrices->k,
                       (unsigned long long)matrices->k, (unsigned long long)matrices->n);
    matrices->act = calloc(matrices->m * matrices->k, 1);
    matrices->weights = calloc(matrices->k * matrices->n, bytes);
    matrices->sums = calloc(matrices->m * matrices->n, sizeof(int64_t));
    return (matrices->act && matrices->weights && matrices->sums) || err_set(err, "out of memory");
}

static void multiply(struct golden_matrices *matrices)
{
    int m = (int)matrices->m, k = (int)matrices->k, n = (int)matrices->n;
    struct gemm_context *context = gemm_context_new();
    struct gemm_weights *packed = gemm_pack(matrices->weights, matrices->weight_format, k, n);
    gemm(context, matrices->act, matrices->act_format, m, matrices->k, packed, matrices->sums,
         matrices->n, true, false);
    gemm_weights_free(packed);
    gemm_context_free(context);
}

static bool assemble(struct assembly *assembly, struct err *err)
{
    static const char odd[] = "its instructions are not tiles of one product";
    const struct matmul *matmul = first_matmul(assembly->program, assembly->layer);
    if (!matmul)
        return true;
    if (!find_shape(assembly, matmul))
        return err_set(err, "%s", odd);
    if (!allocate(assembly->matrices, err))
        return false;
    const struct transfer **stores = find_stores(assembly);
    if (!stores)
        return err_set(err, "out of memory");
    bool whole = add_tiles(assembly, stores);
    free(stores);
    if (!whole)
        return err_set(err, "%s", odd);
    multiply(assembly->matrices);
    return true;
}

bool golden_matrices_make(const struct machine *machine, const struct program *program,
                          const void *input, uint32_t layer, struct golden_matrices *matrices,
                          struct err *err)
{
    *matrices = (struct golden_matrices){0};
    struct assembly assembly = {
        .machine = machine,
        .program = program,
        .input = input,
        .output = &program->tensors[program->layers[layer].output],
        .layer = layer,
        .matrices = matrices,
    };
    if (assemble(&assembly, err))
        return true;
    golden_matrices_free(matrices);
    err_prefix(err, "layer %s", program->layers[layer].name);
    return false;
}

void golden_matrices_free(struct golden_matrices *matrices)
{
    free(matrices->act);
    free(matrices->weights);
    free(matrices->sums);
    *matrices = (struct golden_matrices){0};
}
