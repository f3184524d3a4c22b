/* The controller at the corner. Each clock its machines may issue a wave of operands, a shift of
 * the stationary operand and a shift of results; the words travel from PE (0, 0) on, so that what
 * is in order here is in order everywhere. */
#include "sim/clocked/array_state.h"

static void pass_port(uint64_t *bits, uint64_t width)
{
    *bits = *bits > width ? *bits - width : 0;
}

/* Bits of a row of sums at the acc scratchpad: written, and read before where they are added to. */
static uint64_t bits_of_sums(const struct clocked_array *array, const struct fold *fold)
{
    return (uint64_t)fold->columns * array->core->accumulator_bits * (fold->adds ? 2 : 1);
}

static const struct operand *row_operand(const struct clocked_array *array)
{
    bool weights_enter_rows = array->core->dataflow == INPUT_STATIONARY;
    return weights_enter_rows ? &array->work.weight : &array->work.act;
}

static const struct operand *column_operand(const struct clocked_array *array)
{
    bool weights_enter_rows = array->core->dataflow == INPUT_STATIONARY;
    return weights_enter_rows ? &array->work.act : &array->work.weight;
}

static void open_fold(struct clocked_array *array, uint64_t index)
{
    assert(index - array->oldest <= array->fold_mask);
    *fold_at(array, index) = array_fold_of(array, index);
}

/* Every command of the fold is out: what is left of it is the way to the far corner and the latency
 * of collecting. */
static uint32_t latency(const struct clocked_array *array, const struct fold *fold)
{
    bool has_corner = pe_row_count(array, fold->rows) > 1 && fold->columns > 1;
    return array->core->fold_latency + (has_corner ? array->core->corner_latency : 0u);
}

static void settle_fold(const struct clocked_array *array, struct fold *fold)
{
    fold->is_issued = true;
    fold->settle = hops_to_far_corner(array, fold) + latency(array, fold);
}

/* --- drain: a row of results at a time (output-stationary) --- */

static void start_drain(struct clocked_array *array, struct fold *fold)
{
    assert(!array->drain.is_active);
    array->drain = (struct drain){.is_active = true, .fold = fold->index};
    fold->drain_begun = array->now + 1;
}

static void finish_drain(struct clocked_array *array, struct fold *fold)
{
    fold->drain_ended = array->now;
    array->drain.is_active = false;
    array->drain.hops = hops_to_way_out(array, fold);
    settle_fold(array, fold);
}

static void clock_drain(struct clocked_array *array)
{
    struct drain *drain = &array->drain;
    if (!drain->is_active) {
        drain->hops -= drain->hops > 0;
        return;
    }
    struct fold *fold = fold_at(array, drain->fold);
    if (!drain->row_is_open) {
        drain->row_is_open = true;
        drain->bits = bits_of_sums(array, fold);
        array->line.drain[array->registers.position] = (uint16_t)(1 + drain->row);
    }
    pass_port(&drain->bits, array->sum_port);
    if (drain->bits)
        return;
    drain->row_is_open = false;
    if (++drain->row == fold->depth)
        finish_drain(array, fold);
}

/* The results before must have left, and be ahead on the way out, by the time a fold hands its own
 * over. */
static bool may_hand_over(const struct clocked_array *array, const struct fold *fold)
{
    return !fold->drains ||
           (!array->drain.is_active && array->drain.hops <= hops_to_way_out(array, fold));
}

/* --- stream: a step at a time, its digits a clock each --- */

static void open_step(struct clocked_array *array, struct fold *fold, struct counters *counters)
{
    struct stream *stream = &array->stream;
    const struct operand *rows = row_operand(array), *columns = column_operand(array);
    stream->is_open = true;
    stream->digit = 0;
    stream->digits = array_read_step(array, fold, stream->step, counters);
    stream->row_bits = (uint64_t)fold->rows * rows->code_bits;
    if (is_stationary(array))
        stream->sum_bits = bits_of_sums(array, fold);
    else
        stream->column_bits = (uint64_t)fold->columns * columns->code_bits;
}

static bool is_last_wave(const struct clocked_array *array)
{
    const struct stream *stream = &array->stream;
    return stream->step + 1 == array->work.steps && stream->digit + 1 == stream->digits;
}

static void issue_wave(struct clocked_array *array, struct fold *fold)
{
    struct stream *stream = &array->stream;
    const size_t at = array->registers.position;
    array->line.is_held[at] = true;
    array->line.is_first[at] = stream->digit == 0;
    array->line.is_last[at] = stream->digit + 1 == stream->digits;
    array->line.digit[at] = (uint8_t)stream->digit;
    array->line.step[at] = (uint32_t)stream->step;
    if (!fold->has_begun) {
        fold->has_begun = true;
        fold->begun = array->now;
        array->preload.is_loaded = false;
    }
    if (is_last_wave(array)) {
        fold->has_last_wave = true;
        fold->last_wave = array->now;
    }
    array_feed_wave(array, fold, stream->digit);
    stream->digit++;
}

static void finish_stream(struct clocked_array *array, struct fold *fold)
{
    fold->has_ended = true;
    fold->ended = array->now;
    array->stream.step = 0;
    array->sequencer.phase = PHASE_DRAIN;
    if (fold->drains)
        start_drain(array, fold);
    else
        settle_fold(array, fold);
}

static void clock_stream(struct clocked_array *array, struct counters *counters)
{
    struct stream *stream = &array->stream;
    struct fold *fold = fold_at(array, array->sequencer.fold);
    if (!stream->is_open)
        open_step(array, fold, counters);
    if (stream->digit < stream->digits && (!is_last_wave(array) || may_hand_over(array, fold)))
        issue_wave(array, fold);
    pass_port(&stream->row_bits, row_operand(array)->port);
    pass_port(&stream->column_bits, column_operand(array)->port);
    pass_port(&stream->sum_bits, array->sum_port);
    if (stream->digit < stream->digits || stream->row_bits || stream->column_bits ||
        stream->sum_bits)
        return;
    stream->is_open = false;
    if (++stream->step == array->work.steps)
        finish_stream(array, fold);
}

/* --- preload: a row of stationary operands at a time --- */

static bool has_preload(const struct clocked_array *array)
{
    return is_stationary(array) && array->core->preload != HIDDEN;
}

static void start_preload(struct clocked_array *array, uint64_t fold)
{
    array->preload = (struct preload){.is_active = true, .fold = fold};
    open_fold(array, fold);
}

/* With a second register in each PE the next fold's operand comes in as soon as the wavefront of
 * this one has taken over the last. */
static void start_overlapped_preload(struct clocked_array *array)
{
    if (array->preload.is_active || array->preload.is_loaded)
        return;
    uint64_t next = array->sequencer.fold;
    next += fold_at(array, next)->has_begun;
    if (next < array->work.folds)
        start_preload(array, next);
}

static void clock_preload(struct clocked_array *array, struct counters *counters)
{
    struct preload *preload = &array->preload;
    struct fold *fold = fold_at(array, preload->fold);
    const struct operand *operand = column_operand(array);
    if (!preload->row_is_open) {
        preload->row_is_open = true;
        preload->bits = (uint64_t)fold->columns * operand->code_bits;
    }
    pass_port(&preload->bits, operand->port);
    if (preload->bits)
        return;
    preload->row_is_open = false;
    array->line.preload[array->registers.position] = (uint16_t)(1 + preload->row);
    array_read_stationary_row(array, fold, fold->depth - 1 - preload->row, counters);
    if (++preload->row == fold->depth) {
        preload->is_active = false;
        preload->is_loaded = true;
    }
}

/* --- the order of phases --- */

static void enter_next_fold(struct clocked_array *array)
{
    struct sequencer *sequencer = &array->sequencer;
    const struct core *core = array->core;
    uint32_t hops = hops_to_way_out(array, fold_at(array, sequencer->fold));
    if (sequencer->fold + 1 == array->work.folds) {
        sequencer->phase = PHASE_DONE;
        return;
    }
    sequencer->fold++;
    if (!has_preload(array) || core->preload == EXPOSED)
        open_fold(array, sequencer->fold);
    sequencer->phase = PHASE_EXIT;
    sequencer->wait = is_stationary(array) && core->fill == OVERLAPPED ? hops : 0;
}

static bool way_out_is_clear(const struct clocked_array *array)
{
    const struct sequencer *sequencer = &array->sequencer;
    return sequencer->wait <= hops_to_way_out(array, fold_at(array, sequencer->fold));
}

/* Exposed preload waits for everything before it. */
static bool is_preloaded(struct clocked_array *array)
{
    if (!has_preload(array) || array->preload.is_loaded)
        return true;
    if (array->core->preload == EXPOSED && !array->preload.is_active)
        start_preload(array, array->sequencer.fold);
    return false;
}

/* Whether the phase is over, and the next one has begun in this cycle. */
static bool next_phase(struct clocked_array *array)
{
    struct sequencer *sequencer = &array->sequencer;
    const struct core *core = array->core;
    const struct fold *fold = fold_at(array, sequencer->fold);
    switch (sequencer->phase) {
    case PHASE_EXIT:
        if (!way_out_is_clear(array))
            return false;
        sequencer->phase = PHASE_PRELOAD;
        return true;
    case PHASE_PRELOAD:
        if (!is_preloaded(array))
            return false;
        sequencer->phase = PHASE_STREAM;
        return true;
    case PHASE_DRAIN:
        if (core->drain == EXPOSED && array->drain.is_active)
            return false;
        sequencer->phase = PHASE_FLIGHT;
        sequencer->wait = core->fill == EXPOSED ? hops_to_far_corner(array, fold) : 0;
        return true;
    case PHASE_FLIGHT:
        if (sequencer->wait)
            return false;
        sequencer->phase = PHASE_LATENCY;
        sequencer->wait = latency(array, fold);
        return true;
    case PHASE_LATENCY:
        if (sequencer->wait)
            return false;
        enter_next_fold(array);
        return true;
    case PHASE_STREAM:
    case PHASE_DONE:
        break;
    }
    return false;
}

void array_control_begin(struct clocked_array *array)
{
    array->oldest = 0;
    array->sequencer = (struct sequencer){.phase = PHASE_PRELOAD};
    array->stream = (struct stream){0};
    array->preload = (struct preload){0};
    array->drain = (struct drain){0};
    open_fold(array, 0);
}

static void clear_words(struct line *line, size_t at)
{
    line->is_held[at] = line->is_first[at] = line->is_last[at] = line->digit[at] = 0;
    line->step[at] = 0;
    line->drain[at] = line->preload[at] = 0;
}

void array_control_clock(struct clocked_array *array, struct counters *counters)
{
    clear_words(&array->line, array->registers.position);
    while (next_phase(array))
        ;
    array->shown.streaming = array->sequencer.phase == PHASE_STREAM;
    clock_drain(array);
    if (array->shown.streaming)
        clock_stream(array, counters);
    if (!array->line.is_held[array->registers.position])
        array_feed_bubble(array);
    if (has_preload(array) && array->core->preload == OVERLAPPED)
        start_overlapped_preload(array);
    array->shown.preloading = array->preload.is_active;
    if (array->shown.preloading)
        clock_preload(array, counters);
}

bool array_control_end(struct clocked_array *array)
{
    array->sequencer.wait -= array->sequencer.wait > 0;
    for (uint64_t index = array->oldest; index < fold_end(array); index++) {
        struct fold *fold = fold_at(array, index);
        fold->is_done = fold->is_issued && fold->settle == 0;
        fold->settle -= fold->settle > 0;
    }
    while (array->oldest < fold_end(array) && fold_at(array, array->oldest)->is_done)
        array->oldest++;
    return array->oldest == array->work.folds;
}
