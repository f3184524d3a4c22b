/* The in-order controller in front of one channel of a DRAM: a list of what is to be done, and at
 * each clock the commands that may go. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_COMMANDS_H
#define MANTIS_SIM_CLOCKED_DRAM_COMMANDS_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

extern "C" {
#include "memory/dram_state.h"
}

namespace mantis
{

struct dram_burst {
    std::uint64_t from = 0; /* the clock at which its access arrived */
    std::uint32_t bank = 0, row = 0;
    std::uint64_t access = 0; /* number of the access */
    bool is_write = false;
};

/* A column command that has gone. */
struct dram_column {
    std::uint64_t access, data_end;
};

/* What a burst or a refresh will come to: known from what comes before it. */
struct dram_rows_changed {
    std::uint32_t activates = 0, precharges = 0;
};

class dram_commands
{
  public:
    explicit dram_commands(const dram_device &device);

    dram_rows_changed add(const dram_burst &burst);
    dram_rows_changed add_refresh(std::uint64_t number, std::uint64_t due);

    bool is_empty() const; /* nothing left to be done */

    /* All that may go at `clock`. A clock may be issued again after an add: nothing goes twice. The
     * column commands of this call stay in columns(). */
    void issue(std::uint64_t clock);
    const std::vector<dram_column> &columns() const;

    /* Clocks before `clock`, of all ranks, with an open row. */
    std::uint64_t active_clocks(std::uint64_t clock) const;
    const dram_state &state() const;

  private:
    /* A bank's part of a burst, or of a refresh: commands in this order, as far as left. */
    struct task {
        std::uint64_t from;
        std::uint32_t bank, row;
        bool precharge, activate;
        dram_command last; /* READ, WRITE or a refresh; COMMAND_COUNT: none */
        std::uint64_t access;
    };

    /* What the steps before the one at hand still hold back. */
    struct barriers {
        std::uint64_t banks = 0;                     /* everything in these */
        std::uint32_t precharges = 0, activates = 0; /* of these ranks */
        bool columns = false;
    };

    bool go(dram_command command, const task &step, std::uint64_t clock);
    void serve_rows(task &step, const barriers &held, std::uint64_t clock);
    void serve_last(task &step, const barriers &held, std::uint64_t clock);
    void column(const task &step, std::uint64_t clock);

    const dram_device *device_;
    dram_state state_;
    std::deque<task> steps_; /* in order */
    std::vector<dram_column> columns_;
    std::uint64_t column_from_ = 0;     /* column commands: one a clock */
    std::vector<std::int64_t> planned_; /* row of each bank behind all steps, or none */
};

} // namespace mantis

#endif
