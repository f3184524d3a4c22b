#include "sim/clocked/unit.h"

namespace mantis
{

unit_module::unit_module(sc_core::sc_module_name name, enum unit which, run_state &state)
    : sc_module(name), clock("clock"), running("running"), issued("issued"), completed("completed"),
      state_(state), which_(which)
{
    SC_HAS_PROCESS(unit_module);
    SC_METHOD(take);
    sensitive << issued;
    dont_initialize();
    SC_METHOD(tick);
    sensitive << clock.pos();
    dont_initialize();
}

bool unit_module::load()
{
    return true;
}

void unit_module::reset()
{
    tokens_ = 0;
    is_busy_ = false;
    completed.write(0);
}

enum unit unit_module::which() const
{
    return which_;
}

bool unit_module::is_busy() const
{
    return is_busy_;
}

std::uint32_t unit_module::index() const
{
    return index_;
}

counters &unit_module::count_for() const
{
    return state_.counters_of(state_.instruction_at(index_));
}

/* `issued` goes back to 0 between runs. */
void unit_module::take()
{
    if (!running.read() || issued.read() != tokens_ + 1)
        return;
    index_ = state_.queue(which_)[tokens_];
    is_busy_ = true;
    begin(state_.instruction_at(index_));
}

void unit_module::tick()
{
    if (running.read())
        rise();
}

void unit_module::complete()
{
    is_busy_ = false;
    completed.write(++tokens_);
}

working_unit::working_unit(sc_core::sc_module_name name, enum unit which, run_state &state)
    : unit_module(name, which, state)
{
    SC_HAS_PROCESS(working_unit);
    SC_METHOD(fall);
    sensitive << clock.neg();
    dont_initialize();
}

void working_unit::reset()
{
    unit_module::reset();
    is_last_ = false;
}

void working_unit::rise()
{
    if (is_last_)
        complete();
    is_last_ = false;
}

void working_unit::fall()
{
    if (is_busy() && running.read())
        is_last_ = work();
}

} // namespace mantis
