/* Single instructions: their fields, and what of the scratchpads and tensors they touch. */
#include <assert.h>

#include "compiler/lower_job.h"
#include "pe/format.h"

/* --- places --- */

static const struct scratchpad_config *pad_of(const struct job *job, enum scratchpad_id pad)
{
    return &job->lowering->arch->pads[pad];
}

static uint64_t base_of(const struct job *job, enum scratchpad_id pad, int buffer, int bits)
{
    return buffer_base(pad_of(job, pad), buffer, bits);
}

static uint64_t param_offset(const struct job *job, int buffer)
{
    return base_of(job, PAD_PARAM, buffer, RECORD_BITS) * PARAM_WORDS;
}

static uint64_t residual_of(const struct job *job, int buffer)
{
    return base_behind(pad_of(job, PAD_ACT), buffer, format_code_bits(job->shape->act),
                       job->patch_elements, format_code_bits(job->shape->residual));
}

static uint64_t step_elements(const struct step *step)
{
    return (uint64_t)step->rows.count * (unsigned)step->columns.count *
           (unsigned)step->channels.out.count;
}

/* --- LOAD and STORE --- */

static struct draft transfer_begin(const struct job *job, enum opcode opcode, uint32_t tensor,
                                   enum scratchpad_id pad, uint64_t offset)
{
    struct draft draft = draft_begin(job->lowering, opcode, job->index);
    draft.instruction.transfer = (struct transfer){.tensor = (uint16_t)tensor,
                                                   .pad = (uint8_t)pad,
                                                   .offset = (uint32_t)offset,
                                                   .count_y = 1,
                                                   .count_x = 1,
                                                   .stride_y = 1,
                                                   .stride_x = 1};
    return draft;
}

/* `count` elements of a constant from its element `first` on. */
static void load_constant(const struct job *job, uint32_t tensor, enum scratchpad_id pad,
                          uint64_t offset, uint64_t first, uint64_t count)
{
    struct draft draft = transfer_begin(job, OPCODE_LOAD, tensor, pad, offset);
    draft.instruction.transfer.c = (int32_t)first;
    draft.instruction.transfer.count_c = (uint32_t)count;
    int bits = format_code_bits(job->lowering->program->tensors[tensor].format);
    draft_touch(&draft, pad, offset, count, bits, true);
    draft_commit(&draft);
}

static uint64_t weight_count(const struct job *job, const struct channel_tile *part,
                             struct span pass)
{
    uint64_t area = (uint64_t)job->shape->kernel_h * (unsigned)job->shape->kernel_w;
    return area * (unsigned)pass.count * (unsigned)part->out.count;
}

/* Input channels of a group that a pass over the whole tile reads. */
static struct span group_pass(const struct step *step, struct span channels)
{
    channels.count /= step->channels.groups.count;
    return channels;
}

/* The weights of a core in a buffer: the first's at its start, the second's behind them. */
static uint64_t weight_offset(const struct job *job, int buffer, int core)
{
    const struct scratchpad_config *pad = pad_of(job, PAD_WEIGHT);
    int bits = format_code_bits(job->shape->weight[core]);
    if (core == 0)
        return buffer_base(pad, buffer, bits);
    return base_behind(pad, buffer, format_code_bits(job->shape->weight[0]),
                       job->first_core_elements, bits);
}

void emit_load_weights(const struct job *job, const struct step *step, struct span channels,
                       int buffer)
{
    for (int core = 0; core < job->shape->cores; core++) {
        struct channel_tile part = tile_of_core(job->shape, job->tiling, &step->channels, core);
        if (part.out.count)
            load_constant(
                job, job->constants.weights[core], PAD_WEIGHT, weight_offset(job, buffer, core),
                weight_tile_offset(job->shape, job->tiling, &step->channels, channels, core),
                weight_count(job, &part, group_pass(step, channels)));
    }
}

void emit_load_params(const struct job *job, const struct step *step, int buffer)
{
    load_constant(job, job->constants.params, PAD_PARAM, param_offset(job, buffer),
                  (uint64_t)step->channels.out.first * PARAM_WORDS,
                  (uint64_t)step->channels.out.count * PARAM_WORDS);
}

/* The rows and columns of the output tile, channels from `channel` on. */
static void whole_tile(struct transfer *transfer, const struct step *step, int channel)
{
    transfer->y = step->rows.first, transfer->count_y = (uint32_t)step->rows.count;
    transfer->x = step->columns.first, transfer->count_x = (uint32_t)step->columns.count;
    transfer->c = channel, transfer->count_c = (uint32_t)step->channels.out.count;
}

void emit_load_residual(const struct job *job, const struct step *step, int buffer)
{
    uint64_t offset = residual_of(job, buffer);
    uint32_t tensor = (uint32_t)job->layer->residual;
    struct draft draft = transfer_begin(job, OPCODE_LOAD, tensor, PAD_ACT, offset);
    whole_tile(&draft.instruction.transfer, step, step->channels.out.first);
    draft_load_rows(&draft, job->layer->residual, step->rows.first, step->rows.count);
    draft_touch(&draft, PAD_ACT, offset, step_elements(step),
                format_code_bits(job->shape->residual), true);
    draft_commit(&draft);
}

/* What the patch holds where it reaches beyond the input: the lowest level for a maximum, zero for
 * sums. */
static uint8_t outside_code(const struct job *job)
{
    const struct grid *grid = format_grid(job->shape->act);
    return (uint8_t)(job->shape->kind == LAYER_MAXIMUM ? grid->codes[0]
                                                       : (uint32_t)grid->zero_code);
}

void emit_load_patch(const struct job *job, const struct step *step, struct span channels,
                     int buffer)
{
    const struct tile_shape *shape = job->shape;
    const struct layer *layer = job->layer;
    int bits = format_code_bits(shape->act);
    uint64_t offset = base_of(job, PAD_ACT, buffer, bits);
    struct draft draft = transfer_begin(job, OPCODE_LOAD, (uint32_t)layer->input, PAD_ACT, offset);
    struct transfer *transfer = &draft.instruction.transfer;
    int channel_offset = layer->kind == LAYER_MATMUL ? 0 : layer->channel_offset;
    transfer->y = step->rows.first * layer->stride_y - layer->pad_top;
    transfer->x = step->columns.first * layer->stride_x - layer->pad_left;
    transfer->c = channels.first + channel_offset;
    transfer->count_y = (uint32_t)patch_rows(shape, step->rows.count);
    transfer->count_x = (uint32_t)patch_columns(shape, step->columns.count);
    transfer->count_c = (uint32_t)channels.count;
    transfer->stride_y = (uint16_t)shape->load_stride_y;
    transfer->stride_x = (uint16_t)shape->load_stride_x;
    transfer->pad_code = outside_code(job);
    int64_t reach = (int64_t)(transfer->count_y - 1) * shape->load_stride_y + 1;
    draft_load_rows(&draft, layer->input, transfer->y, reach);
    draft_touch(&draft, PAD_ACT, offset, job->patch_elements, bits, true);
    draft_commit(&draft);
}

void emit_store(const struct job *job, const struct step *step)
{
    int bits = format_code_bits(job->shape->out);
    uint64_t offset = base_of(job, PAD_OUT, step->out, bits);
    struct draft draft =
        transfer_begin(job, OPCODE_STORE, (uint32_t)job->layer->output, PAD_OUT, offset);
    whole_tile(&draft.instruction.transfer, step,
               job->layer->output_channel + step->channels.out.first);
    draft_store_rows(&draft, job->layer->output, step->rows.first, step->rows.count);
    draft_touch(&draft, PAD_OUT, offset, step_elements(step), bits, false);
    draft_commit(&draft);
}

/* --- MATMUL and VECTOR --- */

/* The window over the whole of a patch that one LOAD brought; struct matmul and struct vector share
 * the fields by name. */
#define FILL_WINDOW(to, job, step, patch_channels, buffer)                                       \
    do {                                                                                         \
        const struct tile_shape *from = (job)->shape;                                            \
        (to)->act_offset = (uint32_t)base_of(job, PAD_ACT, buffer, format_code_bits(from->act)); \
        (to)->patch_w = (uint32_t)patch_columns(from, (step)->columns.count);                    \
        (to)->patch_c = (uint32_t)(patch_channels);                                              \
        (to)->out_h = (uint16_t)(step)->rows.count;                                              \
        (to)->out_w = (uint16_t)(step)->columns.count;                                           \
        (to)->kernel_h = (uint16_t)from->kernel_h, (to)->kernel_w = (uint16_t)from->kernel_w;    \
        (to)->stride_y = (uint16_t)from->stride_y, (to)->stride_x = (uint16_t)from->stride_x;    \
        (to)->dilation_y = (uint16_t)from->dilation_y;                                           \
        (to)->dilation_x = (uint16_t)from->dilation_x;                                           \
    } while (0)

/* From the patch's first element to the last that the window reads. */
static uint64_t window_extent(const struct tile_shape *shape, const struct step *step,
                              const struct matmul *matmul)
{
    uint64_t pixels = (uint64_t)patch_rows(shape, step->rows.count) *
                      (uint64_t)patch_columns(shape, step->columns.count);
    return (pixels - 1) * matmul->patch_c + matmul->channel +
           (uint64_t)matmul->channels * matmul->groups;
}

/* A core's part of a pass: its channels of the tile, which lie between those of the other in acc. */
static void emit_part(const struct job *job, const struct step *step, struct span channels,
                      const int buffers[2], bool accumulate, int core)
{
    const struct tile_shape *shape = job->shape;
    const struct channel_tile part = tile_of_core(shape, job->tiling, &step->channels, core);
    int groups = part.groups.count, acc_bits = job->lowering->arch->cores[0].accumulator_bits;
    int weight_bits = format_code_bits(shape->weight[core]);
    if (!part.out.count)
        return;
    struct draft draft = draft_begin_matmul(job->lowering, job->index, core);
    struct matmul *matmul = &draft.instruction.matmul;
    FILL_WINDOW(matmul, job, step, channels.count, buffers[0]);
    matmul->channels = (uint32_t)group_pass(step, channels).count;
    matmul->channel =
        (uint32_t)(part.groups.first - step->channels.groups.first) * matmul->channels;
    matmul->groups = (uint32_t)groups;
    matmul->n = (uint32_t)(part.out.count / groups);
    matmul->weight_offset = (uint32_t)weight_offset(job, buffers[1], core);
    matmul->acc_pitch = (uint32_t)step->channels.out.count;
    matmul->acc_offset = (uint32_t)(base_of(job, PAD_ACC, step->acc, acc_bits) +
                                    (unsigned)(part.out.first - step->channels.out.first));
    matmul->accumulate = accumulate;
    matmul->act_format = shape->act;
    matmul->weight_format = shape->weight[core];
    draft_touch(&draft, PAD_ACT, matmul->act_offset, window_extent(shape, step, matmul),
                format_code_bits(shape->act), false);
    draft_touch(&draft, PAD_WEIGHT, matmul->weight_offset,
                weight_count(job, &part, group_pass(step, channels)), weight_bits, false);
    draft_touch_rows(
        &draft, PAD_ACC,
        &(struct draft_rows){matmul->acc_offset,
                             (uint64_t)step->rows.count * (unsigned)step->columns.count,
                             (unsigned)part.out.count, matmul->acc_pitch},
        acc_bits, true);
    draft_commit(&draft);
}

void emit_matmul(const struct job *job, const struct step *step, struct span channels,
                 int act_buffer, int weight_buffer, bool accumulate)
{
    const int buffers[2] = {act_buffer, weight_buffer};
    for (int core = 0; core < job->shape->cores; core++)
        emit_part(job, step, channels, buffers, accumulate, core);
}

static enum vector_op vector_op_of(enum layer_kind kind)
{
    switch (kind) {
    case LAYER_MATMUL:
        return VECTOR_REQUANTISE;
    case LAYER_MAXIMUM:
        return VECTOR_MAXIMUM;
    case LAYER_SUM:
        return VECTOR_SUM;
    case LAYER_KIND_COUNT:
        break;
    }
    assert(!"no such kind of layer");
    return VECTOR_OP_COUNT;
}

/* Where the values come from: partial sums, or a window over activations. */
static void vector_source(const struct job *job, const struct step *step, struct draft *draft)
{
    struct vector *vector = &draft->instruction.vector;
    if (job->shape->kind == LAYER_MATMUL) {
        int acc_bits = job->lowering->arch->cores[0].accumulator_bits;
        vector->out_h = (uint16_t)step->rows.count, vector->out_w = (uint16_t)step->columns.count;
        vector->kernel_h = vector->kernel_w = vector->stride_y = vector->stride_x = 1;
        vector->dilation_y = vector->dilation_x = 1;
        vector->acc_offset = (uint32_t)base_of(job, PAD_ACC, step->acc, acc_bits);
        vector->acc_pitch = vector->n;
        draft_touch(draft, PAD_ACC, vector->acc_offset, step_elements(step), acc_bits, false);
        return;
    }
    FILL_WINDOW(vector, job, step, step->channels.out.count, step->act);
    draft_touch(draft, PAD_ACT, vector->act_offset, job->patch_elements,
                format_code_bits(job->shape->act), false);
}

void emit_vector(const struct job *job, const struct step *step)
{
    const struct tile_shape *shape = job->shape;
    int out_bits = format_code_bits(shape->out);
    struct draft draft = draft_begin(job->lowering, OPCODE_VECTOR, job->index);
    struct vector *vector = &draft.instruction.vector;
    vector->op = (uint8_t)vector_op_of(shape->kind);
    vector->n = (uint32_t)step->channels.out.count;
    vector->act_format = shape->act;
    vector->residual_format = shape->has_residual ? shape->residual : shape->act;
    vector->out_format = shape->out;
    vector->clamp_low = job->layer->clamp_low, vector->clamp_high = job->layer->clamp_high;
    vector_source(job, step, &draft);
    vector->param_offset = (uint32_t)param_offset(job, step->param);
    draft_touch(&draft, PAD_PARAM, vector->param_offset, (uint64_t)vector->n * PARAM_WORDS, 32,
                false);
    vector->has_residual = shape->has_residual;
    if (shape->has_residual) {
        vector->residual_offset = (uint32_t)residual_of(job, step->residual);
        draft_touch(&draft, PAD_ACT, vector->residual_offset, step_elements(step),
                    format_code_bits(shape->residual), false);
    }
    vector->out_offset = (uint32_t)base_of(job, PAD_OUT, step->out, out_bits);
    draft_touch(&draft, PAD_OUT, vector->out_offset, step_elements(step), out_bits, true);
    draft_commit(&draft);
}
