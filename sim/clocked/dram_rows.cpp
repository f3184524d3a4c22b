#include "sim/clocked/dram_rows.h"

#include <algorithm>

namespace mantis
{

namespace
{

/* Bursts are aligned; those that hold the first and the last byte count whole. */
std::uint32_t bursts_of(const dram_numbers &config, std::uint64_t first, std::uint64_t last)
{
    return static_cast<std::uint32_t>(last / config.burst_bytes - first / config.burst_bytes + 1);
}

} // namespace

dram_rows::dram_rows(const dram_numbers &config)
    : config_(&config), commands_(config), next_refresh_(config.tREFI ? config.tREFI : UINT64_MAX)
{
}

/* --- clocks --- */

void dram_rows::issue()
{
    commands_.issue(clock_);
    for (const dram_issued &command : commands_.issued()) {
        pending &access = pending_[command.access - first_pending_];
        switch (command.what) {
        case dram_event::activate:
            access.work.activates++;
            break;
        case dram_event::hit:
            access.work.row_hits++;
            break;
        case dram_event::column:
            access.work.bursts++;
            access.bursts--;
            access.data_end = command.data_end;
            break;
        }
    }
}

/* All that fall due up to `clock` come behind what has been added, and before what will be. */
void dram_rows::refresh_until(std::uint64_t clock)
{
    for (; next_refresh_ <= clock; next_refresh_ += config_->tREFI) {
        commands_.add_refresh(next_refresh_);
        refreshes_++;
    }
}

void dram_rows::run(std::uint64_t clock)
{
    while (clock_ < clock) {
        /* with nothing to do until the next refresh, the clocks before it are skipped */
        clock_ = commands_.is_empty() ? std::min(clock, next_refresh_) : clock_ + 1;
        refresh_until(clock_);
        issue();
    }
}

/* --- accesses --- */

bool dram_rows::is_ready() const
{
    return pending_.empty() || pending_.back().work.bursts;
}

std::vector<dram_segment> dram_rows::segments_of(std::uint64_t clock,
                                                 const dram_access &access) const
{
    const std::uint64_t end = access.address + access.bytes;
    std::vector<dram_segment> segments;
    for (std::uint64_t at = access.address; at < end;) {
        std::uint64_t row = at / config_->row_bytes;
        std::uint64_t stop = std::min(end, (row + 1) * config_->row_bytes);
        dram_segment segment;
        segment.from = clock;
        segment.row = row / config_->banks;
        segment.bank = static_cast<std::uint32_t>(row % config_->banks);
        segment.bursts = bursts_of(*config_, at, stop - 1);
        segment.access = first_pending_ + pending_.size();
        segment.is_write = access.is_write;
        segments.push_back(segment);
        at = stop;
    }
    return segments;
}

/* How many of the segments from `next` on come before the next refresh: up to the first one
 * whose column commands, following those of all before it, could only begin once the refresh is
 * due. The controller looks ahead for that; what comes later does not change it. */
std::size_t dram_rows::before_refresh(const std::vector<dram_segment> &segments,
                                      std::size_t next) const
{
    dram_commands all = commands_;
    std::uint64_t bursts = all.bursts_left();
    for (std::size_t i = next; i < segments.size(); i++)
        all.add(segments[i]);
    std::vector<std::uint64_t> columns = all.columns_ahead(segments[next].from, next_refresh_);
    std::size_t i = next;
    for (; i < segments.size(); bursts += segments[i++].bursts) {
        if (bursts > columns.size())
            break;
        std::uint64_t ready =
            bursts ? columns[bursts - 1] + all.column_spacing() : all.column_ready();
        if (std::max(segments[i].from, ready) >= next_refresh_)
            break;
    }
    return i - next;
}

void dram_rows::take(std::uint64_t clock, const dram_access &access)
{
    const std::vector<dram_segment> segments = segments_of(clock, access);
    pending_.push_back({});
    for (std::size_t next = 0; next < segments.size();) {
        std::size_t stop = config_->tREFI ? next + before_refresh(segments, next) : segments.size();
        for (; next < stop; next++) {
            commands_.add(segments[next]);
            pending_.back().bursts += segments[next].bursts;
        }
        if (next < segments.size())
            refresh_until(next_refresh_);
    }
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
    return refreshes_;
}

/* --- for waveforms --- */

unsigned dram_rows::banks() const
{
    return static_cast<unsigned>(commands_.banks().size());
}

std::optional<std::uint64_t> dram_rows::open_row(unsigned bank) const
{
    const dram_bank &state = commands_.banks()[bank];
    return state.is_open ? std::optional<std::uint64_t>(state.row) : std::nullopt;
}

} // namespace mantis
