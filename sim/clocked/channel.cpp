#include "sim/clocked/channel.h"

#include <algorithm>

namespace mantis
{

channel_module::channel_module(sc_core::sc_module_name name, run_state &state)
    : sc_module(name), clock("clock"), running("running"), load_client("load_client"),
      store_client("store_client"), failed("failed"), state_(state)
{
    SC_HAS_PROCESS(channel_module);
    SC_METHOD(rise);
    sensitive << clock.pos();
    dont_initialize();
    SC_METHOD(fall);
    sensitive << clock.neg();
    dont_initialize();
}

void channel_module::reset()
{
    const arch &arch = state_.program().arch;
    dram_.reset();
    queued_.reset();
    if (dram_config_is_queued(&arch.dram))
        queued_ = std::make_unique<channel_queued>(
            arch, [this] { return take_next(); }, state_.counters_of_layer(0));
    else
        dram_ = make_dram_model(arch.dram);
    to_dram_ = clock_ratio_from(arch.clock_khz, dram_config_clock_ps(&arch.dram));
    to_core_ = clock_ratio_inverse(to_dram_);
    cycle_ = 0;
    charged_ = {};
    load_was_last_ = false;
    flights_.clear();
    timed_ = 0;
    last_request_ = {};
    failed.write(false);
}

bool channel_module::is_ready() const
{
    return queued_ ? queued_->is_ready() : dram_->is_ready();
}

std::uint64_t channel_module::refreshes() const
{
    return queued_ ? queued_->refreshes() : dram_->refreshes();
}

unsigned channel_module::banks() const
{
    return queued_ ? queued_->banks() : dram_->banks();
}

std::optional<std::uint64_t> channel_module::open_row(unsigned bank) const
{
    return queued_ ? queued_->open_row(bank) : dram_->open_row(bank);
}

const memory_request &channel_module::last_request() const
{
    return last_request_;
}

/* --- counting --- */

void channel_module::charge(const dram_request &request, const dram_work &work) const
{
    const std::uint64_t bytes = work.bursts * dram_config_burst_bytes(&state_.program().arch.dram);
    counters &count = *request.payer;
    (request.memory.is_write ? count.dram_write_bytes : count.dram_read_bytes) += bytes;
    count.dram_activates += work.activates;
    count.dram_precharges += work.precharges;
}

void channel_module::charge_upkeep(counters &payer, std::uint64_t now)
{
    const dram_upkeep total = dram_->upkeep(now);
    payer.dram_refreshes += total.refreshes - charged_.refreshes;
    payer.dram_precharges += total.precharges - charged_.precharges;
    payer.dram_active_clocks += total.active_clocks - charged_.active_clocks;
    payer.dram_idle_clocks += total.idle_clocks - charged_.idle_clocks;
    charged_ = total;
}

void channel_module::settle(counters &payer)
{
    if (queued_) {
        queued_->settle(cycle_);
        return;
    }
    const std::uint64_t now = clock_convert_up(to_dram_, cycle_);
    dram_->run(now);
    charge_upkeep(payer, now);
}

/* --- data --- */

/* Bytes of which only some bits are written lie at the ends of rows only: the port keeps the
 * others, and no time is taken for it. */
void channel_module::begin_memory(dram_request &request)
{
    memory_request &memory = request.memory;
    if (!state_.has_values()) {
        memory.done = true;
        return;
    }
    auto known_end = request.known.begin() + memory.count;
    if (memory.is_write && std::any_of(request.known.begin(), known_end,
                                       [](std::uint8_t bits) { return bits != 0xff; }))
        memory.mask = request.known.data();
    state_.memory().begin(memory);
}

/* --- the clock --- */

void channel_module::rise()
{
    if (!running.read())
        return;
    cycle_++;
    if (!(queued_ ? queued_->begin_cycle(cycle_) : begin_cycle()))
        failed.write(true);
}

/* All requests of the cycle are known: they are granted for as long as the channel takes them. */
void channel_module::fall()
{
    if (!running.read())
        return;
    if (queued_)
        queued_->run_cycle(cycle_);
    else
        while (dram_->is_ready() && accept()) {
        }
}

/* The DRAM clocks that end up in this cycle; requests whose data they have moved are finished. */
bool channel_module::begin_cycle()
{
    std::uint64_t clock_now = clock_convert_up(to_dram_, cycle_);
    dram_->run(clock_convert_up(to_core_, clock_now) > cycle_ ? clock_now - 1 : clock_now);
    while (auto work = dram_->finished())
        charge(*flights_[timed_++].request, *work);
    while (timed_ && flights_.front().request->memory.done) {
        if (flights_.front().request->memory.failed)
            return false;
        flights_.front().client->finish_request();
        flights_.pop_front();
        timed_--;
    }
    return true;
}

/* From the unit that was not served last, if both want it; its data begin to move. */
std::optional<taken_request> channel_module::take_next()
{
    dma_client *last = load_client.operator->(), *other = store_client.operator->();
    if (!load_was_last_)
        std::swap(last, other);
    dma_client *client = other->is_waiting() ? other : last;
    if (!client->is_waiting())
        return std::nullopt;
    load_was_last_ = client == load_client.operator->();
    dram_request &request = client->take_request();
    last_request_ = request.memory;
    begin_memory(request);
    return taken_request{client, &request};
}

bool channel_module::accept()
{
    const std::optional<taken_request> next = take_next();
    if (!next)
        return false;
    const dram_request &request = *next->request;
    const std::uint64_t now = clock_convert_up(to_dram_, cycle_);
    dram_->take(now, {request.memory.address, request.memory.count, request.memory.is_write});
    charge_upkeep(*request.payer, now);
    flights_.push_back(*next);
    return true;
}

} // namespace mantis
