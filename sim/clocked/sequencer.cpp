#include "sim/clocked/sequencer.h"

#include <algorithm>

#include "sim/clocked/unit.h"

namespace mantis
{

sequencer_module::sequencer_module(sc_core::sc_module_name name, run_state &state)
    : sc_module(name), clock("clock"), failed("failed"), completed("completed", clocked_unit_count),
      issued("issued", clocked_unit_count), running("running"), ended("ended"), state_(state)
{
    SC_HAS_PROCESS(sequencer_module);
    SC_METHOD(rise);
    sensitive << clock.pos();
    dont_initialize();
    SC_METHOD(advance);
    for (auto &tokens : completed)
        sensitive << tokens;
    dont_initialize();
    SC_METHOD(stop);
    sensitive << failed;
    dont_initialize();
}

void sequencer_module::observe(machine_observer observer, void *context)
{
    observer_ = observer;
    observer_context_ = context;
}

std::uint64_t sequencer_module::cycle() const
{
    return cycle_;
}

const std::vector<std::uint64_t> &sequencer_module::layer_done() const
{
    return layer_done_;
}

/* A signal, so that it makes no difference whether an edge of this very instant has been seen
 * yet. */
void sequencer_module::start()
{
    lanes_.fill({});
    layer_done_.assign(state_.program().layer_count, 0);
    cycle_ = 0;
    phase_ = STARTING;
    for (auto &count : issued)
        count.write(0);
    start_.write(true);
}

void sequencer_module::rise()
{
    if (start_.read()) {
        start_.write(false);
        running.write(true);
        phase_ = RUNNING;
        advance();
    } else if (phase_ == RUNNING) {
        cycle_++;
    }
}

/* Tokens have come out: within a cycle everything completes before anything starts. */
void sequencer_module::advance()
{
    if (phase_ != RUNNING)
        return;
    for (enum unit unit : clocked_units)
        if (completed[unit].read() != lanes_[unit].completed)
            retire(unit);
    for (enum unit unit : clocked_units)
        issue(unit);
    if (is_complete())
        end();
}

void sequencer_module::stop()
{
    if (phase_ == RUNNING && failed.read())
        end();
}

void sequencer_module::end()
{
    phase_ = IDLE;
    running.write(false);
    ended.write(!ended->read());
}

bool sequencer_module::is_complete() const
{
    return std::all_of(std::begin(clocked_units), std::end(clocked_units), [this](enum unit unit) {
        return lanes_[unit].completed == state_.queue(unit).size();
    });
}

void sequencer_module::retire(enum unit unit)
{
    progress &lane = lanes_[unit];
    const std::uint32_t index = state_.queue(unit)[lane.completed++];
    const instruction &instruction = state_.instruction_at(index);
    counters_add_time(&state_.counters_of(instruction), unit, cycle_ - lane.start, 0);
    layer_done_[instruction.layer] = cycle_;
    lane.free_since = cycle_;
    if (observer_)
        observer_(observer_context_, &instruction, index, lane.start, cycle_);
}

bool sequencer_module::has_tokens(const instruction &instruction) const
{
    return std::all_of(std::begin(clocked_units), std::end(clocked_units), [&](enum unit unit) {
        return lanes_[unit].completed >= instruction_wait(&instruction, unit);
    });
}

void sequencer_module::issue(enum unit unit)
{
    progress &lane = lanes_[unit];
    if (lane.issued != lane.completed || lane.issued == state_.queue(unit).size())
        return;
    const instruction &instruction = state_.instruction_at(state_.queue(unit)[lane.issued]);
    if (!has_tokens(instruction))
        return;
    counters_add_time(&state_.counters_of(instruction), unit, 0, cycle_ - lane.free_since);
    lane.start = cycle_;
    issued[unit].write(++lane.issued);
}

} // namespace mantis
