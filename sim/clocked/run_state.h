/* What the units of the clocked machine work on: a program, its scratchpads, its counters. */
#ifndef MANTIS_SIM_CLOCKED_RUN_STATE_H
#define MANTIS_SIM_CLOCKED_RUN_STATE_H

#include <array>
#include <cstdint>
#include <vector>

extern "C" {
#include "isa/program.h"
#include "isa/stats.h"
#include "sim/machine_pads.h"
}
#include "sim/clocked/memory_port.h"

namespace mantis
{

class run_state
{
  public:
    run_state() = default;
    ~run_state();
    run_state(const run_state &) = delete;
    run_state &operator=(const run_state &) = delete;

    /* False when out of memory. */
    bool load(const struct program &program, memory_port &memory);

    /* Counters begin at 0 again. */
    void reset();

    bool is_loaded() const
    {
        return program_ != nullptr;
    }
    const struct program &program() const
    {
        return *program_;
    }
    bool has_values() const
    {
        return program_->has_values;
    }
    memory_port &memory() const
    {
        return *memory_;
    }
    const machine_pads &pads() const
    {
        return pads_;
    }
    /* Indices of the unit's instructions, in program order. */
    const std::vector<std::uint32_t> &queue(enum unit unit) const
    {
        return queues_[unit];
    }
    const instruction &instruction_at(std::uint32_t index) const
    {
        return program_->instructions[index];
    }
    const dram_tensor &tensor_of(const transfer &transfer) const
    {
        return program_->tensors[transfer.tensor];
    }

    /* Of the layer that the instruction belongs to. */
    counters &counters_of(const instruction &instruction)
    {
        return layers_[instruction.layer].counters;
    }

    counters &counters_of_layer(std::size_t layer)
    {
        return layers_[layer].counters;
    }

    /* Of all layers. */
    std::uint64_t total(std::uint64_t counters::*counter) const;

    /* Fill `stats` from the counters and from the cycle in which each layer was complete. */
    void sum_up(const std::vector<std::uint64_t> &layer_done);
    const struct stats &stats() const
    {
        return stats_;
    }

  private:
    const struct program *program_ = nullptr;
    memory_port *memory_ = nullptr;
    machine_pads pads_ = {};
    std::array<std::vector<std::uint32_t>, UNIT_COUNT> queues_;
    std::vector<layer_stats> layers_;
    struct stats stats_ = {};
};

} // namespace mantis

#endif
