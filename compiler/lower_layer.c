/* One layer's instructions: loops over pixel tiles, tiles of output channels and passes over input
 * channels. What is in a scratchpad already is not loaded again. */
#include <assert.h>

#include "compiler/lower_job.h"

static struct ring ring_new(const struct scratchpad_config *pad, int *recent)
{
    return (struct ring){buffer_count(pad), recent, {-1, -1}};
}

/* The buffer that holds, or from now on shall hold, tile `key`. *is_new: it has to be loaded. */
static int ring_fetch(struct ring *ring, int64_t key, bool *is_new)
{
    int buffer = (*ring->recent + 1) % ring->buffers;
    for (int i = 0; i < ring->buffers; i++)
        if (ring->held[i] == key)
            buffer = i;
    *is_new = ring->held[buffer] != key;
    ring->held[buffer] = key;
    *ring->recent = buffer;
    return buffer;
}

/* The buffer with the weights of one pass. */
static int fetch_weights(struct job *job, const struct step *step, int pass, struct span channels)
{
    bool is_new;
    int64_t key = (int64_t)step->channel_index * job->cut.passes + pass;
    int buffer = ring_fetch(&job->weight, key, &is_new);
    if (is_new)
        emit_load_weights(job, step, channels, buffer);
    return buffer;
}

static int fetch_params(struct job *job, const struct step *step)
{
    bool is_new;
    int buffer = ring_fetch(&job->param, step->channel_index, &is_new);
    if (is_new)
        emit_load_params(job, step, buffer);
    return buffer;
}

/* The buffer with the activations of one pass. Tiles of output channels that read the same input
 * channels share it. */
static int fetch_patch(struct job *job, const struct step *step, struct span channels)
{
    bool is_new;
    int input_channels = job->shape->groups * job->shape->channels;
    int64_t key = (int64_t)step->pixel_index * input_channels + channels.first;
    int buffer = ring_fetch(&job->act, key, &is_new);
    if (is_new)
        emit_load_patch(job, step, channels, buffer);
    return buffer;
}

static int fetch_residual(struct job *job, const struct step *step)
{
    bool is_new;
    int64_t key = (int64_t)step->pixel_index * job->cut.channel_tiles + step->channel_index;
    int buffer = ring_fetch(&job->residual, key, &is_new);
    assert(is_new);
    emit_load_residual(job, step, buffer);
    return buffer;
}

/* --- the loops --- */

static int next_buffer(const struct job *job, enum scratchpad_id pad)
{
    int *recent = &job->lowering->recent[pad];
    return *recent = (*recent + 1) % buffer_count(&job->lowering->arch->pads[pad]);
}

/* All passes of an output tile. Weights are asked for before activations: they do not depend on the
 * layer before. */
static void lower_passes(struct job *job, struct step *step)
{
    step->acc = next_buffer(job, PAD_ACC);
    for (int pass = 0; pass < job->cut.passes; pass++) {
        struct span channels = tile_pass(job->shape, job->tiling, &step->channels, pass);
        int weight = fetch_weights(job, step, pass, channels);
        if (pass == 0)
            step->param = fetch_params(job, step);
        int act = fetch_patch(job, step, channels);
        emit_matmul(job, step, channels, act, weight, pass > 0);
    }
}

static void lower_step(struct job *job, int pixel_index, int channel_index)
{
    const struct tiling *tiling = job->tiling;
    int row = pixel_index / job->cut.columns, column = pixel_index % job->cut.columns;
    struct step step = {
        .pixel_index = pixel_index,
        .channel_index = channel_index,
        .rows = tile_span(job->shape->out_h, tiling->tile_h, row),
        .columns = tile_span(job->shape->out_w, tiling->tile_w, column),
        .channels = tile_channels(job->shape, tiling, channel_index),
    };
    if (job->shape->kind == LAYER_MATMUL) {
        lower_passes(job, &step);
    } else {
        step.param = fetch_params(job, &step);
        step.act = fetch_patch(job, &step, step.channels.out);
    }
    if (job->shape->has_residual)
        step.residual = fetch_residual(job, &step);
    step.out = next_buffer(job, PAD_OUT);
    emit_vector(job, &step);
    emit_store(job, &step);
}

static uint64_t largest_patch(const struct tile_shape *shape, const struct tiling *tiling,
                              const struct tile_cut *cut)
{
    return (uint64_t)patch_rows(shape, tiling->tile_h) *
           (uint64_t)patch_columns(shape, tiling->tile_w) *
           (unsigned)(cut->groups_per_tile * tiling->tile_k);
}

void lower_layer(struct lowering *lowering, int index, const struct tile_shape *shape,
                 const struct tiling *tiling, const struct layer_constants *constants)
{
    const struct scratchpad_config *pads = lowering->arch->pads;
    struct job job = {
        .lowering = lowering,
        .index = index,
        .layer = &lowering->network->layers[index],
        .shape = shape,
        .tiling = tiling,
        .cut = tile_cut(shape, tiling),
        .constants = *constants,
        .act = ring_new(&pads[PAD_ACT], &lowering->recent[PAD_ACT]),
        .weight = ring_new(&pads[PAD_WEIGHT], &lowering->recent[PAD_WEIGHT]),
        .param = ring_new(&pads[PAD_PARAM], &lowering->recent[PAD_PARAM]),
        .residual = ring_new(&pads[PAD_ACT], &lowering->recent_residual),
    };
    job.patch_elements = largest_patch(shape, tiling, &job.cut);
    job.first_core_elements = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w *
                              (unsigned)tiling->tile_k * (unsigned)tiling->first_core_channels;
    int pixels = job.cut.rows * job.cut.columns, outer = pixels, inner = job.cut.channel_tiles;
    if (tiling->weights_outer)
        outer = job.cut.channel_tiles, inner = pixels;
    for (int i = 0; i < outer && !lowering->out_of_memory; i++)
        for (int j = 0; j < inner; j++)
            lower_step(&job, tiling->weights_outer ? j : i, tiling->weights_outer ? i : j);
}
