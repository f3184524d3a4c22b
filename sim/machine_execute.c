#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory/dma.h"
#include "pe/array.h"
#include "sim/machine_state.h"

/* --- LOAD and STORE --- */

static uint64_t transfer_bits(const struct transfer *transfer, const struct dram_tensor *tensor)
{
    return (uint64_t)transfer->count_y * transfer->count_x * transfer->count_c *
           (unsigned)format_code_bits(tensor->format);
}

static void count_load(struct counters *counters, const struct transfer *transfer, uint64_t bits)
{
    switch ((enum scratchpad_id)transfer->pad) {
    case PAD_ACT:
        counters->act_write_bits += bits;
        return;
    case PAD_WEIGHT:
        counters->weight_write_bits += bits;
        return;
    case PAD_PARAM:
        counters->param_write_bits += bits;
        return;
    case PAD_ACC:
        counters->acc_write_bits += bits;
        return;
    case PAD_OUT:
        counters->out_write_bits += bits;
        return;
    case PAD_COUNT:
        break;
    }
    assert(!"no such scratchpad");
}

static void execute_load(struct machine *machine, const struct transfer *transfer,
                         struct counters *counters)
{
    const struct dram_tensor *tensor = &machine->program->tensors[transfer->tensor];
    struct machine_values *values = machine->values;
    /* Weights are constants: once their tiles are known, values alone need no copy of them. */
    bool is_known = transfer->pad == PAD_WEIGHT && !counters && !values->copy_weights;
    if (values && !is_known)
        dma_load(transfer, tensor, values->tensors[transfer->tensor],
                 pad_at(values, transfer->pad, tensor->format, transfer->offset));
    if (counters)
        count_load(counters, transfer, transfer_bits(transfer, tensor));
}

static void execute_store(struct machine *machine, const struct transfer *transfer,
                          struct counters *counters)
{
    const struct dram_tensor *tensor = &machine->program->tensors[transfer->tensor];
    struct machine_values *values = machine->values;
    if (values)
        dma_store(transfer, tensor, values->tensors[transfer->tensor],
                  pad_at(values, PAD_OUT, tensor->format, transfer->offset));
    if (counters)
        counters->out_read_bits += transfer_bits(transfer, tensor);
}

/* --- MATMUL --- */

/* One product of a MATMUL: M x K codes by K x n weights. */
struct product {
    const struct matmul *matmul;
    struct patch_window window;
    uint64_t m, k;
    const uint8_t *act;       /* channel 0 of the first group at output pixel 0 */
    const uint8_t *weights;   /* codes of the first group */
    struct weight_tile *tile; /* the same weights packed, where they are known */
    uint16_t layer;
    bool wide;
};

static struct product product_of(const struct machine *machine,
                                 const struct instruction *instruction)
{
    const struct matmul *matmul = &instruction->matmul;
    const struct machine_values *values = machine->values;
    struct product product = {
        .matmul = matmul,
        .window = machine_window_matmul(matmul),
        .act = pad_at(values, PAD_ACT, matmul->act_format, matmul->act_offset) + matmul->channel,
        .weights = pad_at(values, PAD_WEIGHT, matmul->weight_format, matmul->weight_offset),
        .layer = instruction->layer,
        .wide = values->pads.layer_is_wide[instruction->layer],
    };
    product.m = window_pixels(&product.window);
    product.k = window_area(&product.window) * matmul->channels;
    return product;
}

/* Are the rows of the matrix already there, patch_c apart? */
static bool is_gathered(const struct patch_window *window)
{
    return window_area(window) == 1 && window->stride_x == 1 &&
           (window->out_h == 1 || (window->stride_y == 1 && window->out_w == window->patch_w));
}

/* Rows begin .. begin + count - 1 of the matrix of one group, gathered where need be. Returns their
 * pitch. */
static size_t find_rows(const struct machine *machine, const struct product *product,
                        uint64_t group, uint64_t begin, uint64_t count, const uint8_t **rows)
{
    const struct matmul *matmul = product->matmul;
    const uint8_t *act = product->act + group * matmul->channels;
    if (is_gathered(&product->window)) {
        *rows = act + begin * matmul->patch_c;
        return matmul->patch_c;
    }
    machine_window_gather(&product->window, act, matmul->channels, begin, count,
                          machine->values->window);
    *rows = machine->values->window;
    return product->k;
}

/* Multiply rows begin .. begin + count - 1 of one group. */
static void multiply(const struct machine *machine, const struct product *product, uint64_t group,
                     uint64_t begin, uint64_t count)
{
    const struct matmul *matmul = product->matmul;
    const int m = (int)count, k = (int)product->k, n = (int)matmul->n;
    const uint8_t *rows;
    size_t pitch = find_rows(machine, product, group, begin, count, &rows);
    void *sums =
        machine_pads_sums(&machine->values->pads, product->layer,
                          matmul->acc_offset + begin * matmul->acc_pitch + group * matmul->n);
    const uint8_t *codes =
        product->weights +
        group * product->k * matmul->n * (unsigned)format_host_bytes(matmul->weight_format);
    if (machine->options.reference_arithmetic) {
        gemm_reference(rows, matmul->act_format, m, pitch, codes, matmul->weight_format, k, n, sums,
                       matmul->acc_pitch, product->wide, matmul->accumulate);
        return;
    }
    struct gemm_weights *packed = product->tile ? machine_weights_packed(product->tile, (int)group)
                                                : gemm_pack(codes, matmul->weight_format, k, n);
    gemm(machine->values->gemm, rows, matmul->act_format, m, pitch, packed, sums, matmul->acc_pitch,
         product->wide, matmul->accumulate);
    if (!product->tile)
        gemm_weights_free(packed);
}

/* Rows whose window fits the buffer. */
static uint64_t rows_at_once(const struct machine *machine, const struct product *product)
{
    uint64_t rows = machine->values->window_bytes / product->k;
    return is_gathered(&product->window) || rows > product->m ? product->m : rows;
}

static bool is_depthwise(const struct matmul *matmul)
{
    return matmul->groups > 1 && matmul->n == 1 && matmul->channels == 1;
}

static void multiply_depthwise(struct machine *machine, const struct product *product)
{
    const struct matmul *matmul = product->matmul;
    const uint64_t row_bytes = product->k * matmul->groups;
    const uint64_t step = machine->values->window_bytes / row_bytes;
    for (uint64_t begin = 0; begin < product->m; begin += step) {
        uint64_t count = product->m - begin < step ? product->m - begin : step;
        machine_window_gather(&product->window, product->act, matmul->groups, begin, count,
                              machine->values->window);
        gemm_depthwise(machine->values->gemm, machine->values->window, matmul->act_format,
                       (int)count, (int)product->k, (int)matmul->groups, product->weights,
                       matmul->weight_format,
                       machine_pads_sums(&machine->values->pads, product->layer,
                                         matmul->acc_offset + begin * matmul->acc_pitch),
                       matmul->acc_pitch, product->wide, matmul->accumulate);
    }
}

/* The packed tile of an instruction, if the scratchpad holds its codes. In a run for values alone
 * it does, as instructions run in program order; a timed run compares. */
static struct weight_tile *find_tile(const struct machine *machine, uint32_t index,
                                     const struct product *product, bool timed)
{
    struct machine_values *values = machine->values;
    if (values->tile_of_instruction[index] == NO_TILE)
        return NULL;
    struct weight_tile *tile = &values->tiles[values->tile_of_instruction[index]];
    size_t bytes = (size_t)tile->groups * (size_t)tile->k * (size_t)tile->n *
                   (unsigned)format_host_bytes(tile->format);
    if ((timed || values->copy_weights) && memcmp(product->weights, tile->codes, bytes) != 0)
        return NULL;
    return tile;
}

static void matmul_values(struct machine *machine, uint32_t index, bool timed)
{
    struct product product = product_of(machine, &machine->program->instructions[index]);
    product.tile = find_tile(machine, index, &product, timed);
    if (product.tile)
        product.weights = product.tile->codes;
    if (machine->examines)
        machine_examine_matmul(machine, &machine->program->instructions[index], product.weights);
    if (is_depthwise(product.matmul) && !machine->options.reference_arithmetic) {
        multiply_depthwise(machine, &product);
        return;
    }
    uint64_t step = rows_at_once(machine, &product);
    for (uint64_t group = 0; group < product.matmul->groups; group++)
        for (uint64_t begin = 0; begin < product.m; begin += step)
            multiply(machine, &product, group, begin,
                     product.m - begin < step ? product.m - begin : step);
}

static uint64_t execute_matmul(struct machine *machine, uint32_t index, struct counters *counters)
{
    const struct matmul *matmul = &machine->program->instructions[index].matmul;
    struct machine_values *values = machine->values;
    if (values)
        matmul_values(machine, index, counters != NULL);
    if (!counters)
        return 0;
    struct patch_window window = machine_window_matmul(matmul);
    struct array_work work = {
        .m = window_pixels(&window),
        .k = window_area(&window) * matmul->channels,
        .n = matmul->n,
        .groups = matmul->groups,
        .act = matmul->act_format,
        .weight = matmul->weight_format,
        .weights = values ? pad_at(values, PAD_WEIGHT, matmul->weight_format, matmul->weight_offset)
                          : NULL,
        .accumulate = matmul->accumulate,
        .core = matmul->core,
    };
    return array_cycles(&machine->program->arch, &work, counters);
}

/* --- VECTOR --- */

/* What the vector unit reads and writes, and how long it takes. */
static uint64_t count_vector(const struct machine *machine, const struct vector *vector,
                             struct counters *counters)
{
    const struct arch *arch = &machine->program->arch;
    struct patch_window window = machine_window_vector(vector);
    uint64_t elements = window_pixels(&window) * vector->n;
    uint64_t area = vector->op == VECTOR_REQUANTISE ? 1 : window_area(&window);
    if (vector->op == VECTOR_REQUANTISE)
        counters->acc_read_bits += elements * arch->cores[0].accumulator_bits;
    else
        counters->act_read_bits += elements * area * (unsigned)format_code_bits(vector->act_format);
    if (vector->has_residual)
        counters->act_read_bits += elements * (unsigned)format_code_bits(vector->residual_format);
    counters->param_read_bits += (uint64_t)vector->n * PARAM_WORDS * 32;
    counters->out_write_bits += elements * (unsigned)format_code_bits(vector->out_format);
    counters->vector_ops += elements * area;
    return (elements * area + arch->vector_lanes - 1) / arch->vector_lanes + arch->vector_latency;
}

static uint64_t execute_vector(struct machine *machine, const struct instruction *instruction,
                               struct counters *counters)
{
    uint64_t overflows = machine->values ? machine_vector_values(machine, instruction) : 0;
    if (machine->examines)
        return 0;
    if (!counters) {
        machine->stats.layers[instruction->layer].counters.overflows += overflows;
        machine->stats.counters.overflows += overflows;
        return 0;
    }
    counters->overflows += overflows;
    return count_vector(machine, &instruction->vector, counters);
}

uint64_t machine_execute(struct machine *machine, uint32_t index, struct counters *counters)
{
    const struct instruction *instruction = &machine->program->instructions[index];
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
        execute_load(machine, &instruction->transfer, counters);
        return 0;
    case OPCODE_STORE:
        execute_store(machine, &instruction->transfer, counters);
        return 0;
    case OPCODE_MATMUL:
        return execute_matmul(machine, index, counters);
    case OPCODE_VECTOR:
        return execute_vector(machine, instruction, counters);
    case OPCODE_COUNT:
        break;
    }
    assert(!"no such opcode");
    return 0;
}
