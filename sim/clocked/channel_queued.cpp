#include "sim/clocked/channel_queued.h"

#include <new>
#include <systemc>

namespace mantis
{

channel_queued::channel_queued(const arch &arch, taker take, counters &first_payer)
    : device_(arch.dram.device), burst_bytes_(dram_config_burst_bytes(&arch.dram)),
      capacity_(dram_capacity(&device_.geometry)),
      to_dram_(clock_ratio_from(arch.clock_khz, dram_config_clock_ps(&arch.dram))),
      to_core_(clock_ratio_inverse(to_dram_)), take_(std::move(take)),
      controller_(dram_controller_new(&arch.dram.device)), payer_(&first_payer),
      open_rows_(device_.geometry.channels * dram_channel_banks(&device_.geometry))
{
    if (!controller_)
        throw std::bad_alloc();
    dram_controller_observe(controller_.get(), note, this);
}

bool channel_queued::is_ready() const
{
    return !bursts_to_offer_;
}

std::uint64_t channel_queued::refreshes() const
{
    const dram_command_counts counts = dram_controller_counts(controller_.get());
    return counts.commands[DRAM_REFRESH] + counts.commands[DRAM_REFRESH_BANK];
}

unsigned channel_queued::banks() const
{
    return static_cast<unsigned>(open_rows_.size());
}

std::optional<std::uint64_t> channel_queued::open_row(unsigned bank) const
{
    return open_rows_[bank];
}

/* --- commands --- */

void channel_queued::note(void *self, const dram_issued *issued)
{
    auto channel = static_cast<channel_queued *>(self);
    channel->count(*issued);
    channel->watch(*issued);
}

/* Accesses, and the activates for them, count for whom they are; what nobody in particular asked
 * for, for the request taken last. */
void channel_queued::count(const dram_issued &issued)
{
    if (dram_is_column(issued.command)) {
        counters &payer = *flights_[issued.id].payer;
        (dram_is_read(issued.command) ? payer.dram_read_bytes : payer.dram_write_bytes) +=
            burst_bytes_;
    }
    if (issued.command == DRAM_ACTIVATE)
        flights_[issued.id].payer->dram_activates++;
    if (issued.command == DRAM_REFRESH || issued.command == DRAM_REFRESH_BANK)
        payer_->dram_refreshes++;
    if (dram_closes_row(issued.command))
        payer_->dram_precharges++;
}

void channel_queued::watch(const dram_issued &issued)
{
    auto &row = open_rows_[issued.channel * dram_channel_banks(&device_.geometry) + issued.bank];
    if (issued.command == DRAM_ACTIVATE)
        row = issued.row;
    if (dram_closes_row(issued.command))
        row.reset();
}

/* Up to now, for the request taken last. */
void channel_queued::charge_clocks()
{
    const dram_command_counts now = dram_controller_counts(controller_.get());
    payer_->dram_active_clocks += now.active_clocks - active_charged_;
    payer_->dram_idle_clocks += now.idle_clocks - idle_charged_;
    active_charged_ = now.active_clocks;
    idle_charged_ = now.idle_clocks;
}

/* --- bursts --- */

/* All clocks before `clock`, and what is done by then. */
void channel_queued::run_to(std::uint64_t clock)
{
    dram_controller_advance(controller_.get(), clock);
    dram_completion completion;
    while (dram_controller_pop(controller_.get(), &completion))
        flights_[completion.id].bursts_left--;
}

bool channel_queued::take_request()
{
    const std::optional<taken_request> next = take_();
    if (!next)
        return false;
    const memory_request &memory = next->request->memory;
    burst_ = memory.address / burst_bytes_;
    bursts_to_offer_ = (memory.address + memory.count - 1) / burst_bytes_ - burst_ + 1;
    unfinished_[next->client].push_back(flights_.size());
    flights_.push_back({*next, next->request->payer, bursts_to_offer_});
    charge_clocks();
    payer_ = next->request->payer;
    return true;
}

void channel_queued::offer()
{
    if (!bursts_to_offer_ && !take_request())
        return;
    if (!dram_controller_enqueue(controller_.get(), dram_controller_now(controller_.get()),
                                 flights_.size() - 1, burst_ * burst_bytes_ % capacity_,
                                 flights_.back().what.request->memory.is_write))
        return;
    burst_++;
    bursts_to_offer_--;
}

/* --- cycles --- */

bool channel_queued::begin_cycle(std::uint64_t cycle)
{
    run_to(clock_convert_down(to_dram_, cycle));
    for (auto &[client, flights] : unfinished_)
        while (!flights.empty()) {
            const flight &oldest = flights_[flights.front()];
            if (oldest.bursts_left || !oldest.what.request->memory.done)
                break;
            if (oldest.what.request->memory.failed)
                return false;
            client->finish_request();
            flights.pop_front();
        }
    return true;
}

void channel_queued::run_cycle(std::uint64_t cycle)
{
    const std::uint64_t end = clock_convert_up(to_dram_, cycle + 1);
    for (std::uint64_t clock = clock_convert_up(to_dram_, cycle); clock < end; clock++) {
        run_to(clock);
        offer();
    }
}

void channel_queued::settle(std::uint64_t cycle)
{
    run_to(clock_convert_up(to_dram_, cycle));
    charge_clocks();
    dram_controller_finish(controller_.get());
}

} // namespace mantis
