#include "sim/clocked/dram_commands.h"

#include <algorithm>

namespace mantis
{

namespace
{

constexpr std::int64_t long_ago = INT64_MIN / 2;

} // namespace

dram_commands::dram_commands(const dram_numbers &config)
    : config_(&config),
      burst_clocks_((config.burst_bytes + config.bytes_per_clock - 1) / config.bytes_per_clock),
      column_spacing_(std::max<std::int64_t>(config.tCCD, burst_clocks_)),
      banks_(config.banks, dram_bank{false, 0, long_ago, long_ago, long_ago, long_ago}),
      last_of_bank_(config.banks, nullptr), last_column_(long_ago), write_end_(long_ago),
      bus_end_(long_ago), refresh_end_(long_ago)
{
    activates_.fill(long_ago);
}

void dram_commands::add(const dram_segment &segment)
{
    steps_.push_back({false, 0, segment});
}

void dram_commands::add_refresh(std::uint64_t due)
{
    steps_.push_back({true, due, {}});
}

bool dram_commands::is_empty() const
{
    return steps_.empty();
}

const std::vector<dram_issued> &dram_commands::issued() const
{
    return issued_;
}

const std::vector<dram_bank> &dram_commands::banks() const
{
    return banks_;
}

std::uint64_t dram_commands::bursts_left() const
{
    std::uint64_t bursts = 0;
    for (const dram_step &step : steps_)
        bursts += step.segment.bursts; /* 0 in a refresh */
    return bursts;
}

std::uint64_t dram_commands::column_ready() const
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, last_column_ + column_spacing_));
}

std::uint64_t dram_commands::column_spacing() const
{
    return static_cast<std::uint64_t>(column_spacing_);
}

std::vector<std::uint64_t> dram_commands::columns_ahead(std::uint64_t now,
                                                        std::uint64_t limit) const
{
    std::vector<std::uint64_t> clocks;
    dram_commands ahead = *this;
    for (; now <= limit && ahead.bursts_left(); now++) {
        ahead.issue(now);
        for (const dram_issued &command : ahead.issued())
            if (command.what == dram_event::column)
                clocks.push_back(now);
    }
    return clocks;
}

/* --- constraints --- */

bool dram_commands::may_precharge(const dram_bank &bank, std::int64_t now) const
{
    return now >= bank.activated + config_->tRAS && now >= bank.last_read + config_->tRTP &&
           now >= bank.last_write_end + config_->tWR;
}

bool dram_commands::may_activate(const dram_bank &bank, std::int64_t now) const
{
    return now >= bank.precharged + config_->tRP && now >= activates_.back() + config_->tRRD &&
           now >= activates_.front() + config_->tFAW && now >= refresh_end_;
}

bool dram_commands::may_column(const dram_bank &bank, bool is_write, std::int64_t now) const
{
    std::int64_t data = now + (is_write ? config_->tCWL : config_->latency);
    return now >= bank.activated + config_->tRCD && now >= last_column_ + column_spacing_ &&
           data >= bus_end_ && (is_write || now >= write_end_ + config_->tWTR);
}

/* --- commands --- */

void dram_commands::precharge(dram_bank &bank, std::int64_t now)
{
    bank.is_open = false;
    bank.precharged = now;
}

/* All open banks are precharged, each as soon as it may be; then tRFC. True once that has begun. */
bool dram_commands::refresh(std::uint64_t due, bool is_next, std::int64_t now)
{
    if (now < static_cast<std::int64_t>(due))
        return false;
    std::int64_t ready = refresh_end_;
    for (std::size_t b = 0; b < banks_.size(); b++) {
        dram_bank &bank = banks_[b];
        if (bank.is_open && !last_of_bank_[b] && may_precharge(bank, now))
            precharge(bank, now);
        ready = std::max(ready, bank.is_open ? INT64_MAX : bank.precharged + config_->tRP);
    }
    if (now < ready || !is_next)
        return false;
    refresh_end_ = now + config_->tRFC;
    return true;
}

/* Work towards the row of a segment. True unless it is still to be activated; activates go
 * `in_turn`. */
bool dram_commands::prepare(dram_segment &segment, bool in_turn, std::int64_t now)
{
    if (segment.is_begun)
        return true;
    if (const dram_segment *other = last_of_bank_[segment.bank])
        return other->row == segment.row;
    dram_bank &bank = banks_[segment.bank];
    if (bank.is_open && bank.row == segment.row) {
        segment.is_begun = true;
        issued_.push_back({dram_event::hit, segment.access, 0});
    } else if (bank.is_open) {
        if (may_precharge(bank, now))
            precharge(bank, now);
    } else if (in_turn && may_activate(bank, now)) {
        bank.is_open = segment.is_begun = true;
        bank.row = segment.row;
        bank.activated = now;
        std::rotate(activates_.begin(), activates_.begin() + 1, activates_.end());
        activates_.back() = now;
        issued_.push_back({dram_event::activate, segment.access, 0});
    }
    return segment.is_begun;
}

void dram_commands::column(dram_segment &segment, std::int64_t now)
{
    dram_bank &bank = banks_[segment.bank];
    last_column_ = now;
    bus_end_ = now + (segment.is_write ? config_->tCWL : config_->latency) + burst_clocks_;
    if (segment.is_write)
        write_end_ = bank.last_write_end = bus_end_;
    else
        bank.last_read = now;
    segment.bursts--;
    issued_.push_back({dram_event::column, segment.access, static_cast<std::uint64_t>(bus_end_)});
}

/* True once all bursts of the segment have gone. */
bool dram_commands::serve(dram_segment &segment, bool is_next, bool &in_turn, std::int64_t now)
{
    in_turn = prepare(segment, in_turn, now) && in_turn;
    if (is_next && segment.is_begun && may_column(banks_[segment.bank], segment.is_write, now))
        column(segment, now);
    last_of_bank_[segment.bank] = segment.bursts ? &segment : nullptr;
    return !segment.bursts;
}

/* Column commands go in order; rows are prepared ahead, as far as the next refresh. */
void dram_commands::issue(std::uint64_t clock)
{
    const std::int64_t now = static_cast<std::int64_t>(clock);
    bool in_turn = true;
    issued_.clear();
    std::fill(last_of_bank_.begin(), last_of_bank_.end(), nullptr);
    for (std::size_t i = 0; i < steps_.size();) {
        dram_step &step = steps_[i];
        if (!step.is_refresh && step.segment.from > clock)
            return;
        bool is_done =
            step.is_refresh ? refresh(step.due, !i, now) : serve(step.segment, !i, in_turn, now);
        if (step.is_refresh && !is_done)
            return;
        if (is_done)
            steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(i));
        else
            i++;
    }
}

} // namespace mantis
