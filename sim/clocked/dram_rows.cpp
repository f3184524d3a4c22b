#include "sim/clocked/dram_rows.h"

#include <algorithm>

extern "C" {
#include "memory/dram_refresh.h"
}

namespace mantis
{

dram_rows::dram_rows(const dram_device &device)
    : device_(&device), channels_(device.geometry.channels, dram_commands(device)),
      refresh_interval_(dram_refresh_interval(&device)),
      next_refresh_(refresh_interval_ ? refresh_interval_ : UINT64_MAX)
{
    dram_mapping_read(&mapping_, device.policy.mapping, &device.geometry, nullptr);
}

/* --- clocks --- */

void dram_rows::issue()
{
    for (std::size_t c = 0; c < channels_.size(); c++) {
        channels_[c].issue(clock_);
        for (const dram_column &column : channels_[c].columns()) {
            pending &access = pending_[column.access - first_pending_];
            access.bursts--;
            access.not_begun &= ~(1u << c);
            access.data_end = std::max(access.data_end, column.data_end);
        }
    }
}

/* All that fall due up to `clock` come behind what has been added, and before what will be. */
void dram_rows::refresh_until(std::uint64_t clock)
{
    for (; next_refresh_ <= clock; next_refresh_ += refresh_interval_) {
        for (dram_commands &channel : channels_) {
            upkeep_.precharges += channel.add_refresh(refresh_number_, next_refresh_).precharges;
            upkeep_.refreshes++;
        }
        refresh_number_++;
    }
}

bool dram_rows::is_idle() const
{
    return std::all_of(channels_.begin(), channels_.end(),
                       [](const dram_commands &channel) { return channel.is_empty(); });
}

void dram_rows::run(std::uint64_t clock)
{
    while (clock_ < clock) {
        /* with nothing to do until the next refresh, the clocks before it are skipped */
        clock_ = is_idle() ? std::min(clock, next_refresh_) : clock_ + 1;
        refresh_until(clock_);
        issue();
    }
}

/* --- accesses --- */

bool dram_rows::is_ready() const
{
    return pending_.empty() || !pending_.back().not_begun;
}

void dram_rows::take(std::uint64_t clock, const dram_access &access)
{
    const std::uint64_t first = access.address >> mapping_.burst_bits;
    const std::uint64_t last = (access.address + access.bytes - 1) >> mapping_.burst_bits;
    const std::uint64_t number = first_pending_ + pending_.size();
    refresh_until(clock);
    pending fresh;
    fresh.bursts = fresh.work.bursts = last - first + 1;
    for (std::uint64_t burst = first; burst <= last; burst++) {
        const dram_place place = dram_place_of(&mapping_, burst, &device_->geometry);
        const dram_rows_changed changed =
            channels_[place.channel].add({clock, place.bank, place.row, number, access.is_write});
        fresh.not_begun |= 1u << place.channel;
        fresh.work.activates += changed.activates;
        fresh.work.precharges += changed.precharges;
    }
    pending_.push_back(fresh);
    if (clock == clock_)
        issue();
}

std::optional<dram_work> dram_rows::finished()
{
    if (pending_.empty() || pending_.front().bursts || pending_.front().data_end > clock_)
        return std::nullopt;
    dram_work work = pending_.front().work;
    pending_.pop_front();
    first_pending_++;
    return work;
}

std::uint64_t dram_rows::refreshes() const
{
    return upkeep_.refreshes;
}

dram_upkeep dram_rows::upkeep(std::uint64_t clock) const
{
    dram_upkeep upkeep = upkeep_;
    for (const dram_commands &channel : channels_)
        upkeep.active_clocks += channel.active_clocks(clock);
    upkeep.idle_clocks =
        clock * device_->geometry.channels * device_->geometry.ranks - upkeep.active_clocks;
    return upkeep;
}

/* --- for waveforms --- */

unsigned dram_rows::banks() const
{
    return device_->geometry.channels * dram_channel_banks(&device_->geometry);
}

std::optional<std::uint64_t> dram_rows::open_row(unsigned bank) const
{
    const unsigned of_channel = dram_channel_banks(&device_->geometry);
    const dram_bank &state = channels_[bank / of_channel].state().banks[bank % of_channel];
    return state.open ? std::optional<std::uint64_t>(state.row) : std::nullopt;
}

} // namespace mantis
