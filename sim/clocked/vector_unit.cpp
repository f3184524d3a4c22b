#include "sim/clocked/vector_unit.h"

#include <algorithm>
#include <cstring>

namespace mantis
{

namespace
{

constexpr format words = {FORMAT_INT, 32, true};

} // namespace

vector_unit::vector_unit(sc_core::sc_module_name name, run_state &state)
    : working_unit(name, UNIT_VECTOR, state)
{
}

bool vector_unit::load()
{
    stages_.assign(state_.program().arch.vector_latency + 1u, {});
    return true;
}

void vector_unit::reset()
{
    for (std::vector<output_code> &stage : stages_)
        stage.clear();
    stage_ = 0;
    elements_ = element_ = written_ = 0;
    working_unit::reset();
}

std::uint64_t vector_unit::elements_begun() const
{
    return element_;
}

std::uint64_t vector_unit::elements_written() const
{
    return written_;
}

void vector_unit::begin(const instruction &instruction)
{
    vector_ = &instruction.vector;
    layer_ = instruction.layer;
    bool is_window = vector_->op != VECTOR_REQUANTISE;
    rule_ = {};
    rule_.residual_format = vector_->residual_format;
    rule_.out_format = vector_->out_format;
    rule_.clamp_low = vector_->clamp_low;
    rule_.clamp_high = vector_->clamp_high;
    rule_.accumulator_bits = is_window ? 0 : state_.program().arch.cores[0].accumulator_bits;
    act_grid_ = is_window ? format_grid(vector_->act_format) : nullptr;
    area_ = is_window ? static_cast<std::uint64_t>(vector_->kernel_h) * vector_->kernel_w : 1;
    elements_ = static_cast<std::uint64_t>(vector_->out_h) * vector_->out_w * vector_->n;
    element_ = pixel_ = place_ = 0;
    channel_ = oy_ = ox_ = 0;
    written_ = 0;
    draining_ = state_.program().arch.vector_latency;
    /* lanes hold the records of their channels: each is read once */
    count_for().param_read_bits += static_cast<std::uint64_t>(vector_->n) * PARAM_WORDS * 32;
}

/* One clock: an operation into each lane, and what has passed the pipeline into the out
 * scratchpad. */
bool vector_unit::work()
{
    const bool has_operations = element_ < elements_;
    if (!has_operations)
        draining_--;
    for (unsigned lane = 0; lane < state_.program().arch.vector_lanes && element_ < elements_;
         lane++)
        operate();
    stage_ = (stage_ + 1) % stages_.size();
    for (const output_code &result : stages_[stage_])
        write(result);
    stages_[stage_].clear();
    return element_ == elements_ && !draining_;
}

/* --- operations --- */

void vector_unit::operate()
{
    counters &count = count_for();
    count.vector_ops++;
    if (vector_->op == VECTOR_REQUANTISE)
        count.acc_read_bits += state_.program().arch.cores[0].accumulator_bits;
    else
        count.act_read_bits += static_cast<unsigned>(format_code_bits(vector_->act_format));
    if (state_.has_values())
        accumulate();
    if (++place_ == area_)
        finish_element();
}

/* Largest level or sum of levels of the window so far; one partial sum for REQUANTISE. */
void vector_unit::accumulate()
{
    switch (static_cast<enum vector_op>(vector_->op)) {
    case VECTOR_REQUANTISE:
        value_ = sum();
        return;
    case VECTOR_MAXIMUM:
        value_ = place_ ? std::max(value_, act_level()) : act_level();
        return;
    case VECTOR_SUM:
        value_ = (place_ ? value_ : 0) + act_level();
        return;
    case VECTOR_OP_COUNT:
        break;
    }
    sc_assert(!"no such vector operation");
}

/* All operations of an element are in: on to the pipeline. */
void vector_unit::finish_element()
{
    counters &count = count_for();
    if (vector_->has_residual)
        count.act_read_bits += static_cast<unsigned>(format_code_bits(vector_->residual_format));
    count.out_write_bits += static_cast<unsigned>(format_code_bits(vector_->out_format));
    if (state_.has_values())
        stages_[stage_].push_back({element_, requantised()});
    place_ = 0;
    element_++;
    if (++channel_ < vector_->n)
        return;
    channel_ = 0;
    pixel_++;
    if (++ox_ == vector_->out_w) {
        ox_ = 0;
        oy_++;
    }
}

std::uint32_t vector_unit::requantised()
{
    const requantise_param record = param();
    bool overflow = false;
    std::uint32_t code = requantise_reference(&rule_, &record, value_, residual_code(),
                                              vector_->has_residual, &overflow);
    count_for().overflows += overflow;
    return code;
}

/* --- scratchpads --- */

std::int64_t vector_unit::sum() const
{
    const machine_pads &pads = state_.pads();
    const void *sums = machine_pads_sums(
        &pads, layer_, vector_->acc_offset + pixel_ * vector_->acc_pitch + channel_);
    return pads.layer_is_wide[layer_] ? *static_cast<const std::int64_t *>(sums)
                                      : *static_cast<const std::int32_t *>(sums);
}

/* The code at the window's place (isa/instruction.h). */
std::int64_t vector_unit::act_level() const
{
    const std::uint64_t y =
        oy_ * std::uint64_t{vector_->stride_y} + place_ / vector_->kernel_w * vector_->dilation_y;
    const std::uint64_t x =
        ox_ * std::uint64_t{vector_->stride_x} + place_ % vector_->kernel_w * vector_->dilation_x;
    const std::uint64_t at = vector_->act_offset + (y * vector_->patch_w + x) * vector_->patch_c +
                             vector_->channel + channel_;
    return act_grid_
        ->level_of_code[*machine_pads_at(&state_.pads(), PAD_ACT, vector_->act_format, at)];
}

std::uint32_t vector_unit::residual_code() const
{
    if (!vector_->has_residual)
        return 0;
    return *machine_pads_at(&state_.pads(), PAD_ACT, vector_->residual_format,
                            vector_->residual_offset + element_);
}

requantise_param vector_unit::param() const
{
    requantise_param record;
    std::memcpy(&record,
                machine_pads_at(&state_.pads(), PAD_PARAM, words,
                                vector_->param_offset + std::uint64_t{channel_} * PARAM_WORDS),
                sizeof record);
    return record;
}

void vector_unit::write(const output_code &result)
{
    std::memcpy(machine_pads_at(&state_.pads(), PAD_OUT, vector_->out_format,
                                vector_->out_offset + result.element),
                &result.code, static_cast<std::size_t>(format_host_bytes(vector_->out_format)));
    written_++;
}

} // namespace mantis
