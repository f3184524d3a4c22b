/* The clocked machine: the same arch executing the same programs as sim/machine.c, as SystemC
 * modules on one clock. Every unit moves once a cycle; cycles, counters and values are to equal
 * those of the fast machine (test/test_clocked_equals_fast.c). */
#ifndef MANTIS_SIM_CLOCKED_MACHINE_H
#define MANTIS_SIM_CLOCKED_MACHINE_H

#include <memory>
#include <systemc>

extern "C" {
#include "isa/program.h"
#include "isa/stats.h"
#include "sim/machine.h"
}
#include "sim/clocked/memory_port.h"

namespace mantis
{

class clocked_machine : public sc_core::sc_module
{
  public:
    sc_core::sc_in<bool> clock; /* a cycle is from one rising edge to the next */

    explicit clocked_machine(sc_core::sc_module_name name);
    ~clocked_machine() override;

    /* Take a program that has passed program_check and machine_check. Its DRAM is behind
     * `memory`: constants and input must lie there, packed, at their tensors' addresses. Program
     * and memory must outlive the run. Between runs only. False, with the error set, when out of
     * memory. */
    bool load(const struct program &program, memory_port &memory, struct err *err);

    /* Begin at the next rising edge, which is cycle 0. */
    void start();
    bool is_running() const;
    bool has_failed() const; /* the memory port reported a failure; the run has stopped */
    const sc_core::sc_event &done() const; /* notified when a run ends */
    std::uint64_t cycle() const; /* of the run: the current one, or all of them when done */

    const struct stats &stats() const; /* of the last complete run */
    void observe(machine_observer observer, void *context);

    using sc_core::sc_module::trace; /* SystemC's own, of one signal */

    /* Write cycles first .. last of the next run to `file`, a VCD; between runs. */
    bool trace(const char *file, std::uint64_t first, std::uint64_t last, struct err *err);

    /* Complete the file, which until then has another name. The destructor does too, but cannot say
     * what went wrong. True if nothing is being traced. */
    bool end_trace(struct err *err);

  private:
    void settle();
    void sample();
    void finish();

    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace mantis

#endif
