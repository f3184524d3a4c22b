/* DRAM clock by clock: a command goes at the first clock at which docs/machine.md, section DRAM,
 * lets it. Knows nothing of memory/dram.c, which computes the same clocks ahead;
 * test/test_clocked_dram_agrees.cpp holds both to the same numbers. All times are DRAM clocks. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_MODEL_H
#define MANTIS_SIM_CLOCKED_DRAM_MODEL_H

#include <cstdint>
#include <memory>
#include <optional>

extern "C" {
#include "isa/arch.h"
}

namespace mantis
{

struct dram_access {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0; /* at least 1 */
    bool is_write = false;
};

/* What one access took. */
struct dram_work {
    std::uint64_t bursts = 0, activates = 0, precharges = 0;
};

/* What no access took: refreshes and their precharges that fell due, and the clocks of ranks with
 * and without an open row. */
struct dram_upkeep {
    std::uint64_t refreshes = 0, precharges = 0, active_clocks = 0, idle_clocks = 0;
};

class dram_model
{
  public:
    virtual ~dram_model() = default;

    /* Run all clocks up to and including `clock`. */
    virtual void run(std::uint64_t clock) = 0;

    /* Whether the next access may be taken: in every channel that the one before has bursts in its
     * first column command has gone. */
    virtual bool is_ready() const = 0;

    /* Take an access that arrives at `clock`: the one run up to, or a later one. */
    virtual void take(std::uint64_t clock, const dram_access &access) = 0;

    /* The oldest access, once its last data have been transferred: each is given out once. */
    virtual std::optional<dram_work> finished() = 0;

    /* Before `clock`, of the last run or the last access taken. */
    virtual dram_upkeep upkeep(std::uint64_t clock) const = 0;

    /* Those that fell due. */
    virtual std::uint64_t refreshes() const = 0;

    /* For waveforms; the ideal memory has no banks. */
    virtual unsigned banks() const = 0;
    virtual std::optional<std::uint64_t> open_row(unsigned bank) const = 0;
};

/* The model of a device behind the in-order controller, or of the ideal memory. `config` must
 * outlive it. */
std::unique_ptr<dram_model> make_dram_model(const dram_config &config);

} // namespace mantis

#endif
