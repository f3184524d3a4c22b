#include "sim/clocked/dram_ideal.h"

#include <algorithm>

#include "sim/clocked/dram_rows.h"

namespace mantis
{

dram_ideal::dram_ideal(const ::dram_ideal &config) : config_(&config)
{
}

/* What the bus moves in this clock. */
void dram_ideal::move()
{
    if (moved_ == pending_.size())
        return;
    pending &access = pending_[moved_];
    if (access.from > clock_ || bus_ready_ > clock_)
        return;
    access.is_begun = true;
    access.bytes -= std::min<std::uint64_t>(access.bytes, config_->bytes_per_clock);
    access.end = bus_ready_ = clock_ + 1;
    if (!access.bytes)
        moved_++;
}

void dram_ideal::run(std::uint64_t clock)
{
    while (clock_ < clock) {
        clock_ = moved_ == pending_.size() ? clock : clock_ + 1;
        move();
    }
}

bool dram_ideal::is_ready() const
{
    return pending_.empty() || pending_.back().is_begun;
}

/* Whole bursts, aligned. */
void dram_ideal::take(std::uint64_t clock, const dram_access &access)
{
    const std::uint64_t size = config_->burst_bytes;
    pending fresh;
    fresh.from = clock;
    fresh.work.bursts = (access.address + access.bytes - 1) / size - access.address / size + 1;
    fresh.bytes = fresh.work.bursts * size;
    pending_.push_back(fresh);
    if (clock == clock_)
        move();
}

/* The latency stands between the bus and whoever waits for the data. */
std::optional<dram_work> dram_ideal::finished()
{
    if (!moved_ || pending_.front().end + config_->latency > clock_)
        return std::nullopt;
    dram_work work = pending_.front().work;
    pending_.pop_front();
    moved_--;
    return work;
}

std::uint64_t dram_ideal::refreshes() const
{
    return 0;
}

dram_upkeep dram_ideal::upkeep(std::uint64_t) const
{
    return {};
}

unsigned dram_ideal::banks() const
{
    return 0;
}

std::optional<std::uint64_t> dram_ideal::open_row(unsigned) const
{
    return std::nullopt;
}

std::unique_ptr<dram_model> make_dram_model(const dram_config &config)
{
    if (config.is_ideal)
        return std::make_unique<dram_ideal>(config.ideal);
    return std::make_unique<dram_rows>(config.device);
}

} // namespace mantis
