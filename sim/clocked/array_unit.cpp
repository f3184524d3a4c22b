#include "sim/clocked/array_unit.h"

#include <new>

namespace mantis
{

void array_unit::deleter::operator()(clocked_array *array) const
{
    clocked_array_free(array);
}

array_unit::array_unit(sc_core::sc_module_name name, enum unit which, run_state &state)
    : working_unit(name, which, state)
{
}

int array_unit::core() const
{
    return which() == UNIT_ARRAY2;
}

bool array_unit::make_array()
{
    const bool is_there = core() < state_.program().arch.core_count;
    array_.reset(is_there ? clocked_array_new(&state_.program().arch, core()) : nullptr);
    return array_ || !is_there;
}

bool array_unit::load()
{
    return make_array();
}

/* A run that was stopped leaves a MATMUL half done behind. */
void array_unit::reset()
{
    if (is_busy() && !make_array())
        throw std::bad_alloc();
    working_unit::reset();
}

/* An idle array's registers are not looked at. */
clocked_array_signals array_unit::signals() const
{
    return is_busy() ? clocked_array_look(array_.get()) : clocked_array_signals{};
}

void array_unit::begin(const instruction &instruction)
{
    const matmul &matmul = instruction.matmul;
    const machine_pads &pads = state_.pads();
    clocked_array_task task = {};
    task.matmul = &matmul;
    if (state_.has_values()) {
        task.act = machine_pads_at(&pads, PAD_ACT, matmul.act_format, 0);
        task.weights =
            machine_pads_at(&pads, PAD_WEIGHT, matmul.weight_format, matmul.weight_offset);
        task.sums = machine_pads_sums(&pads, instruction.layer, matmul.acc_offset);
        task.wide = pads.layer_is_wide[instruction.layer];
    }
    if (!clocked_array_begin(array_.get(), &task))
        throw std::bad_alloc();
}

bool array_unit::work()
{
    return clocked_array_clock(array_.get(), &count_for());
}

} // namespace mantis
