/* Golden matrices: the tiles of a layer on a core put together to the one product that they are. */
#include <stdlib.h>
#include <string.h>

#include "pe/gemm.h"
#include "sim/codes.h"
#include "sim/golden.h"
#include "sim/golden_tiles.h"

enum { MAX_MATRIX_BYTES = 1 << 28 };

/* A core's product of a layer as it is put together. */
struct assembly {
    const struct machine *machine;
    const struct program *program;
    const void *input;
    const struct dram_tensor *output;
    uint32_t layer;
    uint32_t first_channel; /* of the output tensor that is the layer's */
    uint64_t channels;      /* of a group's input */
    uint64_t group_columns; /* output channels of a group, of all cores */
    uint32_t *column_of;    /* [group_columns], of the core's matrices; NO_COLUMN: another core's */
    uint64_t acts, weights; /* codes filled in, each once */
    uint32_t tile_count;
    struct golden_tile *tiles;
    struct golden_matrices *matrices;
};

#define NO_COLUMN UINT32_MAX

static const char not_a_product[] = "its instructions are not tiles of one product";

/* --- one tile --- */

static uint64_t area_of(const struct matmul *matmul)
{
    return (uint64_t)matmul->kernel_h * matmul->kernel_w;
}

/* Output channels of the layer before the tile's. */
static uint64_t first_column(const struct assembly *assembly, const struct golden_tile *tile)
{
    return (uint32_t)tile->output->c - assembly->first_channel +
           (tile->matmul->acc_offset - tile->vector->acc_offset);
}

/* Channel of the first group's input that is the tile's k = 0. */
static int64_t first_input_channel(const struct golden_tile *tile)
{
    return (int64_t)tile->patch->c + tile->matmul->channel;
}

/* Whether its sums are columns of those that the VECTOR reads and the STORE takes out. */
static bool has_columns(const struct golden_tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    const struct vector *vector = tile->vector;
    return vector->op == VECTOR_REQUANTISE && vector->out_h == matmul->out_h &&
           vector->out_w == matmul->out_w && vector->n == tile->output->count_c &&
           vector->acc_pitch == matmul->acc_pitch && matmul->acc_offset >= vector->acc_offset &&
           (uint64_t)(matmul->acc_offset - vector->acc_offset) +
                   (uint64_t)matmul->n * matmul->groups <=
               vector->n;
}

static bool is_output_tile(const struct assembly *assembly, const struct golden_tile *tile)
{
    const struct transfer *store = tile->output;
    const struct matmul *matmul = tile->matmul;
    const struct dram_tensor *tensor = assembly->output;
    return store && tile->vector && has_columns(tile) && store->y >= 0 && store->x >= 0 &&
           store->c >= 0 && store->count_y == matmul->out_h && store->count_x == matmul->out_w &&
           store->stride_y == 1 && store->stride_x == 1 &&
           (uint64_t)store->y + store->count_y <= tensor->h &&
           (uint64_t)store->x + store->count_x <= tensor->w;
}

static bool is_input_tile(const struct assembly *assembly, const struct golden_tile *tile)
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
static void copy_position(const struct assembly *assembly, const struct golden_tile *tile,
                          uint64_t y, uint64_t x, uint8_t *to)
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
static void fill_pixel(struct assembly *assembly, const struct golden_tile *tile, uint64_t oy,
                       uint64_t ox)
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

static void fill_act(struct assembly *assembly, const struct golden_tile *tile)
{
    for (uint64_t oy = 0; oy < tile->matmul->out_h; oy++)
        for (uint64_t ox = 0; ox < tile->matmul->out_w; ox++)
            fill_pixel(assembly, tile, oy, ox);
}

static void fill_weights(struct assembly *assembly, const struct golden_tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    const struct transfer *load = tile->weights;
    const struct golden_matrices *matrices = assembly->matrices;
    size_t bytes = (size_t)format_host_bytes(matmul->weight_format);
    const uint8_t *from = assembly->program->tensors[load->tensor].values +
                          ((uint64_t)load->c + (matmul->weight_offset - load->offset)) * bytes;
    uint64_t column = assembly->column_of[first_column(assembly, tile)];
    uint64_t channel = (uint64_t)first_input_channel(tile);
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

static bool is_tile(const struct assembly *assembly, const struct golden_tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    return is_output_tile(assembly, tile) &&
           same_format(matmul->act_format, assembly->matrices->act_format) &&
           same_format(matmul->weight_format, assembly->matrices->weight_format);
}

/* Activations are the same under all tiles of output channels, weights under all tiles of pixels:
 * each is taken from the first. Groups but the first are left out. */
static bool add_tile(struct assembly *assembly, const struct golden_tile *tile)
{
    const struct matmul *matmul = tile->matmul;
    uint64_t column = first_column(assembly, tile);
    if (column >= assembly->group_columns)
        return true;
    if (!tile->patch || !tile->weights || !is_input_tile(assembly, tile) ||
        area_of(matmul) * assembly->channels != assembly->matrices->k)
        return false;
    if (assembly->column_of[column] == 0)
        fill_act(assembly, tile);
    if (tile->output->y == 0 && tile->output->x == 0)
        fill_weights(assembly, tile);
    return true;
}

/* --- all tiles of a core --- */

/* Which of a group's columns are the core's: those of any of its tiles. */
static bool mark_columns(struct assembly *assembly)
{
    for (uint32_t i = 0; i < assembly->tile_count; i++) {
        const struct golden_tile *tile = &assembly->tiles[i];
        if (!is_tile(assembly, tile))
            return false;
        uint64_t first = first_column(assembly, tile), end = first + tile->matmul->n;
        if (first < assembly->group_columns && end > assembly->group_columns)
            return false;
        for (uint64_t column = first; column < end && first < assembly->group_columns; column++)
            assembly->column_of[column] = 0;
    }
    return true;
}

static bool find_columns(struct assembly *assembly, struct err *err)
{
    struct golden_matrices *matrices = assembly->matrices;
    size_t count = assembly->group_columns;
    assembly->column_of = malloc((count + 1) * sizeof *assembly->column_of);
    matrices->channels = malloc((count + 1) * sizeof *matrices->channels);
    if (!assembly->column_of || !matrices->channels)
        return err_set(err, "out of memory");
    memset(assembly->column_of, 0xff, count * sizeof *assembly->column_of);
    if (!mark_columns(assembly))
        return err_set(err, "%s", not_a_product);
    for (uint32_t channel = 0; channel < count; channel++)
        if (assembly->column_of[channel] != NO_COLUMN) {
            assembly->column_of[channel] = (uint32_t)matrices->n;
            matrices->channels[matrices->n++] = channel;
        }
    return true;
}

static bool add_tiles(struct assembly *assembly, struct err *err)
{
    const struct golden_matrices *matrices = assembly->matrices;
    bool whole = true;
    for (uint32_t i = 0; whole && i < assembly->tile_count; i++)
        whole = add_tile(assembly, &assembly->tiles[i]);
    whole = whole && assembly->acts == matrices->m * matrices->k &&
            assembly->weights == matrices->k * matrices->n;
    return whole || err_set(err, "%s", not_a_product);
}

/* --- the layer as a whole --- */

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
    matrices->act_format = matmul->act_format;
    matrices->weight_format = matmul->weight_format;
    assembly->group_columns = layer->channels / matrices->groups;
    assembly->first_channel = golden_first_channel(assembly->program, assembly->layer);
    return assembly->group_columns > 0 && assembly->group_columns <= assembly->output->c;
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

/* A core without a column of the first group has no product. */
static bool assemble(struct assembly *assembly, int core, struct err *err)
{
    struct golden_matrices *matrices = assembly->matrices;
    assembly->tiles =
        golden_tiles_make(assembly->program, assembly->layer, core, &assembly->tile_count);
    if (!assembly->tiles)
        return err_set(err, "out of memory");
    if (!assembly->tile_count)
        return true;
    if (!find_shape(assembly, assembly->tiles[0].matmul))
        return err_set(err, "%s", not_a_product);
    if (!find_columns(assembly, err))
        return false;
    if (!matrices->n) {
        golden_matrices_free(matrices);
        return true;
    }
    if (!allocate(matrices, err) || !add_tiles(assembly, err))
        return false;
    multiply(matrices);
    return true;
}

bool golden_matrices_make(const struct machine *machine, const struct program *program,
                          const void *input, uint32_t layer, int core,
                          struct golden_matrices *matrices, struct err *err)
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
    bool ok = assemble(&assembly, core, err);
    free(assembly.tiles);
    free(assembly.column_of);
    if (ok)
        return true;
    golden_matrices_free(matrices);
    err_prefix(err, "layer %s", program->layers[layer].name);
    return false;
}

void golden_matrices_free(struct golden_matrices *matrices)
{
    free(matrices->channels);
    free(matrices->act);
    free(matrices->weights);
    free(matrices->sums);
    *matrices = (struct golden_matrices){0};
}
