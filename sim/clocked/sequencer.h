/* The sequencer: counts cycles, starts every instruction in the first cycle in which its unit is
 * free and the tokens that it waits for are out. docs/machine.md, section Units and tokens. */
#ifndef MANTIS_SIM_CLOCKED_SEQUENCER_H
#define MANTIS_SIM_CLOCKED_SEQUENCER_H

#include <array>
#include <cstdint>
#include <systemc>
#include <vector>

extern "C" {
#include "sim/machine.h"
}
#include "sim/clocked/run_state.h"

namespace mantis
{

class sequencer_module : public sc_core::sc_module
{
  public:
    sc_core::sc_in<bool> clock;
    sc_core::sc_in<bool> failed;                                 /* the memory port did: stop */
    sc_core::sc_vector<sc_core::sc_in<std::uint32_t>> completed; /* tokens, by unit */
    sc_core::sc_vector<sc_core::sc_out<std::uint32_t>> issued;   /* instructions, by unit */
    sc_core::sc_out<bool> running;
    sc_core::sc_out<bool> ended; /* changes when a run ends */

    sequencer_module(sc_core::sc_module_name name, run_state &state);

    void observe(machine_observer observer, void *context);

    /* Begin with the next rising edge. */
    void start();

    std::uint64_t cycle() const;

    /* The cycle in which each layer's last instruction so far was complete. */
    const std::vector<std::uint64_t> &layer_done() const;

  private:
    struct progress {
        std::uint32_t issued = 0, completed = 0;
        std::uint64_t start = 0;      /* of the instruction at hand */
        std::uint64_t free_since = 0; /* if there is none */
    };

    void rise();
    void advance();
    void stop();
    void end();
    void retire(enum unit unit);
    void issue(enum unit unit);
    bool has_tokens(const instruction &instruction) const;
    bool is_complete() const;

    run_state &state_;
    machine_observer observer_ = nullptr;
    void *observer_context_ = nullptr;
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> start_{"start"};
    enum { IDLE, STARTING, RUNNING } phase_ = IDLE;
    std::uint64_t cycle_ = 0;
    std::array<progress, UNIT_COUNT> lanes_;
    std::vector<std::uint64_t> layer_done_;
};

} // namespace mantis

#endif
