/* What the units have in common: they take the instructions of their queue as the sequencer
 * issues them, and give out a token for each. The rising edge of the clock hands on what the
 * cycle before has finished and starts what can start; in the rest of the cycle, at the falling
 * edge, units work. */
#ifndef MANTIS_SIM_CLOCKED_UNIT_H
#define MANTIS_SIM_CLOCKED_UNIT_H

#include <cstdint>
#include <iterator>
#include <systemc>

#include "sim/clocked/run_state.h"

namespace mantis
{

/* All of them; that of a second core idles where the arch has none. */
#define CLOCKED_UNIT(id, name, help) UNIT_##id,
constexpr enum unit clocked_units[] = {UNITS(CLOCKED_UNIT)};
#undef CLOCKED_UNIT
constexpr unsigned clocked_unit_count = std::size(clocked_units);

class unit_module : public sc_core::sc_module
{
  public:
    sc_core::sc_in<bool> clock;
    sc_core::sc_in<bool> running;
    sc_core::sc_in<std::uint32_t> issued;     /* instructions of this unit, by the sequencer */
    sc_core::sc_out<std::uint32_t> completed; /* tokens given out */

    unit_module(sc_core::sc_module_name name, enum unit which, run_state &state);

    /* Get ready for the program; false when out of memory. */
    virtual bool load();

    /* Idle again, all tokens taken back; between runs. */
    virtual void reset();

    enum unit which() const;
    bool is_busy() const;
    std::uint32_t index() const; /* of the instruction being executed */

  protected:
    /* The instruction of this cycle, which is to be executed from now on. */
    virtual void begin(const instruction &instruction) = 0;

    /* The rising edge of a cycle of the run, but for its first. */
    virtual void rise() = 0;

    /* Completed in this cycle. */
    void complete();

    counters &count_for() const; /* of the layer at hand */

    run_state &state_;

  private:
    void take();
    void tick();

    const enum unit which_;
    std::uint32_t index_ = 0;
    std::uint32_t tokens_ = 0;
    bool is_busy_ = false;
};

/* A unit whose work is a number of clocks, one a cycle. */
class working_unit : public unit_module
{
  public:
    working_unit(sc_core::sc_module_name name, enum unit which, run_state &state);
    void reset() override;

  protected:
    /* What is done in one cycle; true in the last one of an instruction. */
    virtual bool work() = 0;

  private:
    void rise() override;
    void fall();

    bool is_last_ = false;
};

} // namespace mantis

#endif
