#include "sim/clocked/dram_commands.h"

#include <algorithm>

extern "C" {
#include "memory/dram_refresh.h"
}

namespace mantis
{

namespace
{

constexpr std::int64_t no_row = -1;

bool is_refresh(dram_command command)
{
    return command == DRAM_REFRESH || command == DRAM_REFRESH_BANK;
}

} // namespace

dram_commands::dram_commands(const dram_device &device)
    : device_(&device), planned_(dram_channel_banks(&device.geometry), no_row)
{
    dram_state_initialise(&state_, &device);
}

/* --- what is to be done --- */

dram_rows_changed dram_commands::add(const dram_burst &burst)
{
    std::int64_t &planned = planned_[burst.bank];
    const task step = {burst.from,
                       burst.bank,
                       burst.row,
                       planned != no_row && planned != burst.row,
                       planned != burst.row,
                       burst.is_write ? DRAM_WRITE : DRAM_READ,
                       burst.access};
    planned = burst.row;
    steps_.push_back(step);
    return {step.activate, step.precharge};
}

/* Precharges, bank by bank, each a step of its own, and the refresh behind them. */
dram_rows_changed dram_commands::add_refresh(std::uint64_t number, std::uint64_t due)
{
    const std::uint32_t first = dram_refresh_first(device_, number);
    dram_rows_changed changed;
    for (std::uint32_t bank = first; bank < first + dram_refresh_banks(device_); bank++) {
        if (planned_[bank] == no_row)
            continue;
        planned_[bank] = no_row;
        changed.precharges++;
        steps_.push_back({due, bank, 0, true, false, DRAM_COMMAND_COUNT, 0});
    }
    steps_.push_back({due, first, 0, false, false, dram_refresh_command(device_), 0});
    return changed;
}

bool dram_commands::is_empty() const
{
    return steps_.empty();
}

const std::vector<dram_column> &dram_commands::columns() const
{
    return columns_;
}

const dram_state &dram_commands::state() const
{
    return state_;
}

std::uint64_t dram_commands::active_clocks(std::uint64_t clock) const
{
    std::uint64_t clocks = 0;
    for (std::uint32_t rank = 0; rank < state_.ranks; rank++)
        clocks += dram_state_active_clocks(&state_, rank, clock);
    return clocks;
}

/* --- a clock --- */

/* Issue the command if its time has come. */
bool dram_commands::go(dram_command command, const task &step, std::uint64_t clock)
{
    if (clock < step.from || clock < dram_state_ready(&state_, command, step.bank))
        return false;
    dram_state_issue(&state_, command, step.bank, step.row, clock);
    return true;
}

void dram_commands::serve_rows(task &step, const barriers &held, std::uint64_t clock)
{
    const std::uint32_t rank = 1u << state_.banks[step.bank].rank;
    if (step.precharge && !(held.precharges & rank) && go(DRAM_PRECHARGE, step, clock))
        step.precharge = false;
    if (!step.precharge && step.activate && !(held.activates & rank) &&
        go(DRAM_ACTIVATE, step, clock))
        step.activate = false;
}

void dram_commands::column(const task &step, std::uint64_t clock)
{
    const int latency = step.last == DRAM_READ ? device_->timing.CL : device_->timing.CWL;
    column_from_ = clock + 1;
    columns_.push_back({step.access, clock + static_cast<std::uint64_t>(latency) +
                                         dram_burst_clocks(&device_->geometry)});
}

/* The column command or the refresh, once the rows are as it needs them. A refresh is one of the
 * commands that a rank's activates are in order with; that of a rank waits for all of its banks. */
void dram_commands::serve_last(task &step, const barriers &held, std::uint64_t clock)
{
    const std::uint32_t rank = state_.banks[step.bank].rank;
    if (step.precharge || step.activate || step.last == DRAM_COMMAND_COUNT)
        return;
    if (is_refresh(step.last)) {
        bool is_open =
            step.last == DRAM_REFRESH ? state_.rank[rank].open_banks : state_.banks[step.bank].open;
        if ((held.activates >> rank & 1) || is_open || !go(step.last, step, clock))
            return;
    } else {
        if (held.columns || clock < column_from_ || !go(step.last, step, clock))
            return;
        column(step, clock);
    }
    step.last = DRAM_COMMAND_COUNT;
}

/* In order go: the commands to a bank, the precharges of a rank, its activates and refreshes, and
 * the column commands of the channel. The command bus takes any number of commands. */
void dram_commands::issue(std::uint64_t clock)
{
    barriers held;
    columns_.clear();
    for (task &step : steps_) {
        const std::uint32_t rank = 1u << state_.banks[step.bank].rank;
        if (!(held.banks >> step.bank & 1)) {
            serve_rows(step, held, clock);
            serve_last(step, held, clock);
        }
        if (step.precharge)
            held.precharges |= rank;
        if (step.activate || is_refresh(step.last))
            held.activates |= rank;
        if (step.last == DRAM_READ || step.last == DRAM_WRITE)
            held.columns = true;
        if (step.precharge || step.activate || step.last != DRAM_COMMAND_COUNT)
            held.banks |= 1ull << step.bank;
    }
    auto is_done = [](const task &step) {
        return !step.precharge && !step.activate && step.last == DRAM_COMMAND_COUNT;
    };
    steps_.erase(std::remove_if(steps_.begin(), steps_.end(), is_done), steps_.end());
}

} // namespace mantis
