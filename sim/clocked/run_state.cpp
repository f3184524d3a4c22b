#include "sim/clocked/run_state.h"

#include <algorithm>

namespace mantis
{

run_state::~run_state()
{
    machine_pads_clear(&pads_);
}

bool run_state::load(const struct program &program, memory_port &memory)
{
    machine_pads_clear(&pads_);
    layers_.assign(program.layer_count, {});
    for (std::vector<std::uint32_t> &queue : queues_)
        queue.clear();
    for (std::uint32_t i = 0; i < program.instruction_count; i++)
        queues_[instruction_unit(&program.instructions[i])].push_back(i);
    program_ = &program;
    memory_ = &memory;
    return !program.has_values || machine_pads_reserve(&pads_, &program);
}

void run_state::reset()
{
    std::fill(layers_.begin(), layers_.end(), layer_stats{});
}

std::uint64_t run_state::total(std::uint64_t counters::*counter) const
{
    std::uint64_t sum = 0;
    for (const layer_stats &layer : layers_)
        sum += layer.counters.*counter;
    return sum;
}

/* A layer lasts from the completion of all layers before it to its own. */
void run_state::sum_up(const std::vector<std::uint64_t> &layer_done)
{
    std::uint64_t done = 0;
    stats_ = {};
    for (std::size_t i = 0; i < layers_.size(); i++) {
        layers_[i].cycles = std::max(done, layer_done[i]) - done;
        done = std::max(done, layer_done[i]);
        counters_add(&stats_.counters, &layers_[i].counters);
    }
    stats_.cycles = done;
    stats_.layer_count = static_cast<std::uint32_t>(layers_.size());
    stats_.layers = layers_.data();
}

} // namespace mantis
