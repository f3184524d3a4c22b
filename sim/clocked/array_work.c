/* A MATMUL laid over the array: where its operands and sums lie, and its folds, group by group,
 * then by column blocks, then by row blocks. */
#include "sim/clocked/array_state.h"

#include <stdlib.h>

#include "pe/format.h"

static uint64_t blocks(uint64_t whole, uint64_t block)
{
    return (whole + block - 1) / block;
}

static uint64_t port_bits(const struct arch *arch, enum scratchpad_id pad)
{
    return (uint64_t)arch->pads[pad].banks * arch->pads[pad].bank_bits;
}

/* Offsets of all pixels and taps of the window (isa/instruction.h). False when out of memory. */
static bool find_offsets(struct clocked_array *array, const struct matmul *matmul)
{
    struct work *work = &array->work;
    if (work->m + work->k > array->offset_capacity) {
        size_t capacity = (size_t)(work->m + work->k);
        size_t *grown = realloc(array->offsets, capacity * sizeof *grown);
        if (!grown)
            return false;
        array->offsets = grown;
        array->offset_capacity = capacity;
    }
    size_t *at = array->offsets;
    const size_t row = (size_t)matmul->patch_w * matmul->patch_c, pixel = matmul->patch_c;
    work->pixel = at;
    for (size_t oy = 0; oy < matmul->out_h; oy++)
        for (size_t ox = 0; ox < matmul->out_w; ox++)
            *at++ = matmul->act_offset + matmul->channel + oy * matmul->stride_y * row +
                    ox * matmul->stride_x * pixel;
    work->tap = at;
    for (size_t ky = 0; ky < matmul->kernel_h; ky++)
        for (size_t kx = 0; kx < matmul->kernel_w; kx++)
            for (size_t k = 0; k < matmul->channels; k++)
                *at++ = ky * matmul->dilation_y * row + kx * matmul->dilation_x * pixel + k;
    return true;
}

static void map_dimensions(struct clocked_array *array)
{
    struct work *work = &array->work;
    const struct core *core = array->core;
    uint32_t act_fusion = (uint32_t)array->pe->fusion(work->matmul.act_format);
    uint32_t weight_fusion = (uint32_t)array->pe->fusion(work->matmul.weight_format);
    uint32_t row_fusion = act_fusion, column_fusion = weight_fusion;
    switch ((enum dataflow)core->dataflow) {
    case OUTPUT_STATIONARY:
        work->rows = work->m, work->columns = work->n, work->steps = work->k;
        break;
    case WEIGHT_STATIONARY:
        work->rows = work->k, work->columns = work->n, work->steps = work->m;
        break;
    case INPUT_STATIONARY:
        work->rows = work->k, work->columns = work->m, work->steps = work->n;
        row_fusion = weight_fusion, column_fusion = act_fusion;
        break;
    case DATAFLOW_COUNT:
        assert(!"no such dataflow");
    }
    work->array_rows = core->rows / row_fusion * pe_pixels(array->pe);
    work->array_columns = core->columns / column_fusion;
    assert(work->array_rows && work->array_columns);
    assert(work->rows && work->columns && work->steps && work->steps <= UINT32_MAX);
    work->row_blocks = blocks(work->rows, work->array_rows);
    work->column_blocks = blocks(work->columns, work->array_columns);
    work->folds = work->matmul.groups * work->column_blocks * work->row_blocks;
}

static bool find_operand(struct clocked_array *array, struct operand *operand, const uint8_t *codes,
                         struct format format, bool is_weight)
{
    *operand = (struct operand){
        .codes = codes,
        .code_bits = (uint32_t)format_code_bits(format),
        .host_bytes = (uint32_t)format_host_bytes(format),
        .port = port_bits(array->arch, is_weight ? PAD_WEIGHT : PAD_ACT),
    };
    if (!codes)
        return true;
    operand->decoder = array_decoder(array, format, is_weight);
    return operand->decoder != NULL;
}

bool array_work_begin(struct clocked_array *array, const struct clocked_array_task *task)
{
    const struct matmul *matmul = task->matmul;
    struct work *work = &array->work;
    *work = (struct work){
        .matmul = *matmul,
        .sums = task->sums,
        .wide_sums = task->wide,
        .wide = task->wide,
        .m = (uint64_t)matmul->out_h * matmul->out_w,
        .k = (uint64_t)matmul->kernel_h * matmul->kernel_w * matmul->channels,
        .n = matmul->n,
        .digits = (uint32_t)array->pe->clocks_per_mac(matmul->weight_format),
    };
    work->held_digits = array->core->dataflow == WEIGHT_STATIONARY ? work->digits : 1;
    map_dimensions(array);
    if (!find_operand(array, &work->act, task->act, matmul->act_format, false) ||
        !find_operand(array, &work->weight, task->weights, matmul->weight_format, true))
        return false;
    if (!task->act)
        return true;
    work->skips = array->pe->skips_zero_digits;
    uint32_t max_shift = work->act.decoder->max_shift + work->weight.decoder->max_shift;
    work->has_shifts = max_shift > 0;
    work->wide = task->wide || max_shift > 31;
    return find_offsets(array, &work->matmul);
}

/* Where the fold's sums go: step (output-stationary: row) s, column j to sum_at + s * sum_step +
 * j * sum_column. */
static void find_sums(const struct work *work, enum dataflow dataflow, struct fold *fold)
{
    const size_t pitch = work->matmul.acc_pitch, group = (size_t)(fold->group * work->n);
    const size_t row = (size_t)fold->first_row, column = (size_t)fold->first_column;
    switch (dataflow) {
    case OUTPUT_STATIONARY:
        fold->sum_at = row * pitch + group + column, fold->sum_step = pitch, fold->sum_column = 1;
        return;
    case WEIGHT_STATIONARY:
        fold->sum_at = group + column, fold->sum_step = pitch, fold->sum_column = 1;
        return;
    case INPUT_STATIONARY:
        fold->sum_at = column * pitch + group, fold->sum_step = 1, fold->sum_column = pitch;
        return;
    case DATAFLOW_COUNT:
        break;
    }
    assert(!"no such dataflow");
}

static uint32_t used(uint64_t whole, uint64_t first, uint32_t most)
{
    return whole - first < most ? (uint32_t)(whole - first) : most;
}

struct fold array_fold_of(const struct clocked_array *array, uint64_t index)
{
    const struct work *work = &array->work;
    const struct core *core = array->core;
    const uint64_t row_block = index % work->row_blocks, column = index / work->row_blocks;
    struct fold fold = {
        .index = index,
        .group = column / work->column_blocks,
        .first_row = row_block * work->array_rows,
        .first_column = column % work->column_blocks * work->array_columns,
        .adds = work->matmul.accumulate || (is_stationary(array) && row_block > 0),
        .drains = !is_stationary(array) && core->drain != HIDDEN,
        .digits = 1,
    };
    fold.rows = used(work->rows, fold.first_row, work->array_rows);
    fold.columns = used(work->columns, fold.first_column, work->array_columns);
    fold.depth = core->skew_used ? fold.rows : work->array_rows;
    fold.width = core->skew_used ? fold.columns : work->array_columns;
    fold.pe_rows = pe_row_count(array, fold.depth);
    find_sums(work, (enum dataflow)core->dataflow, &fold);
    return fold;
}
