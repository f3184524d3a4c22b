#include "sim/clocked/machine.h"

#include <new>

#include "sim/clocked/array_unit.h"
#include "sim/clocked/channel.h"
#include "sim/clocked/dma_unit.h"
#include "sim/clocked/probes.h"
#include "sim/clocked/sequencer.h"
#include "sim/clocked/vector_unit.h"
#include "sim/clocked/waveform.h"

using sc_core::SC_MANY_WRITERS;
using sc_core::sc_signal;
using sc_core::sc_vector;

namespace mantis
{

/* The modules and the signals between them. Signals have many writers because reset() is called
 * from outside. */
struct clocked_machine::parts {
    run_state state;
    sequencer_module sequencer{"sequencer", state};
    load_unit load{"load", state};
    array_unit array{"array", UNIT_ARRAY, state}, array2{"array2", UNIT_ARRAY2, state};
    vector_unit vector{"vector", state};
    store_unit store{"store", state};
    channel_module channel{"channel", state};
    unit_module *const units[clocked_unit_count] = {&load, &array, &vector, &store, &array2};

    sc_vector<sc_signal<std::uint32_t, SC_MANY_WRITERS>> issued{"issued", clocked_unit_count};
    sc_vector<sc_signal<std::uint32_t, SC_MANY_WRITERS>> tokens{"tokens", clocked_unit_count};
    sc_signal<bool, SC_MANY_WRITERS> running{"running"}, failed{"failed"};
    sc_signal<bool, SC_MANY_WRITERS> ended{"ended"}; /* by advance and by stop */

    probed_parts probed{state, sequencer, load, array, array2, vector, store, channel};
    std::unique_ptr<waveform> trace;
    bool is_running = false;
    sc_core::sc_event done{"done"}, settled{"settled"};

    void bind(sc_core::sc_in<bool> &of_machine);
    bool prepare(const struct program &program, memory_port &memory);
    void reset();
    void sample();
    void finish();
};

void clocked_machine::parts::bind(sc_core::sc_in<bool> &of_machine)
{
    for (unit_module *unit : units) {
        unit->clock(of_machine);
        unit->running(running);
        unit->issued(issued[unit->which()]);
        unit->completed(tokens[unit->which()]);
        sequencer.issued[unit->which()](issued[unit->which()]);
        sequencer.completed[unit->which()](tokens[unit->which()]);
    }
    sequencer.clock(of_machine);
    sequencer.running(running);
    sequencer.failed(failed);
    sequencer.ended(ended);
    channel.clock(of_machine);
    channel.running(running);
    channel.failed(failed);
    channel.load_client(load);
    channel.store_client(store);
}

bool clocked_machine::parts::prepare(const struct program &program, memory_port &memory)
{
    if (!state.load(program, memory))
        return false;
    for (unit_module *unit : units)
        if (!unit->load())
            return false;
    return true;
}

void clocked_machine::parts::reset()
{
    state.reset();
    for (unit_module *unit : units)
        unit->reset();
    channel.reset();
}

void clocked_machine::parts::sample()
{
    trace->sample(sequencer.cycle(), state.program().arch.clock_khz);
}

/* The last cycle of a run, in which everything has completed. */
void clocked_machine::parts::finish()
{
    const struct program &program = state.program();
    if (program.instruction_count)
        channel.settle(state.counters_of(program.instructions[program.instruction_count - 1]));
    state.sum_up(sequencer.layer_done());
    if (trace && trace->wants(sequencer.cycle()))
        sample();
    is_running = false;
    done.notify(sc_core::SC_ZERO_TIME);
}

clocked_machine::clocked_machine(sc_core::sc_module_name name)
    : sc_module(name), clock("clock"), parts_(std::make_unique<parts>())
{
    parts_->bind(clock);
    SC_HAS_PROCESS(clocked_machine);
    SC_METHOD(settle);
    sensitive << clock.neg();
    dont_initialize();
    SC_METHOD(sample);
    sensitive << parts_->settled;
    dont_initialize();
    SC_METHOD(finish);
    sensitive << parts_->ended;
    dont_initialize();
}

clocked_machine::~clocked_machine()
{
    end_trace(nullptr);
}

bool clocked_machine::load(const struct program &program, memory_port &memory, struct err *err)
{
    try {
        if (parts_->prepare(program, memory)) {
            parts_->reset();
            return true;
        }
    } catch (const std::bad_alloc &) {
    }
    return err_set(err, "not enough memory for the clocked machine");
}

void clocked_machine::start()
{
    if (parts_->trace && !parts_->trace->has_variables())
        add_probes(*parts_->trace, parts_->probed);
    parts_->reset();
    parts_->sequencer.start();
    parts_->is_running = true;
}

bool clocked_machine::is_running() const
{
    return parts_->is_running;
}

bool clocked_machine::has_failed() const
{
    return parts_->failed.read();
}

const sc_core::sc_event &clocked_machine::done() const
{
    return parts_->done;
}

std::uint64_t clocked_machine::cycle() const
{
    return parts_->sequencer.cycle();
}

const struct stats &clocked_machine::stats() const
{
    return parts_->state.stats();
}

void clocked_machine::observe(machine_observer observer, void *context)
{
    parts_->sequencer.observe(observer, context);
}

/* --- waveforms --- */

bool clocked_machine::trace(const char *file, std::uint64_t first, std::uint64_t last,
                            struct err *err)
{
    parts_->trace = waveform::open(file, first, last, err);
    return parts_->trace != nullptr;
}

bool clocked_machine::end_trace(struct err *err)
{
    std::unique_ptr<waveform> trace = std::move(parts_->trace);
    return !trace || trace->close(err);
}

/* At the falling edge units work and requests are granted; in the delta cycle after it all is
 * still. */
void clocked_machine::settle()
{
    if (parts_->trace && parts_->running.read() && parts_->trace->wants(cycle()))
        parts_->settled.notify(sc_core::SC_ZERO_TIME);
}

void clocked_machine::sample()
{
    parts_->sample();
}

void clocked_machine::finish()
{
    parts_->finish();
}

} // namespace mantis
