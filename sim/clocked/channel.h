/* The DRAM channel: LOAD and STORE take turns, requests go to the DRAM's timing and to the
 * memory port. */
#ifndef MANTIS_SIM_CLOCKED_CHANNEL_H
#define MANTIS_SIM_CLOCKED_CHANNEL_H

#include <deque>
#include <memory>
#include <optional>
#include <systemc>

extern "C" {
#include "memory/clock.h"
}
#include "sim/clocked/channel_queued.h"
#include "sim/clocked/dma_unit.h"
#include "sim/clocked/dram_model.h"

namespace mantis
{

class channel_module : public sc_core::sc_module
{
  public:
    sc_core::sc_in<bool> clock;
    sc_core::sc_in<bool> running;
    sc_core::sc_port<dma_client> load_client, store_client;
    sc_core::sc_out<bool> failed; /* the memory port did */

    channel_module(sc_core::sc_module_name name, run_state &state);

    /* Cold DRAM, cycle 0; between runs. */
    void reset();

    /* The run has ended in this cycle: refreshes that nobody caused count for `payer`. */
    void settle(counters &payer);

    /* For waveforms; the ideal memory has no banks. */
    bool is_ready() const; /* to take a request, as far as the channel goes */
    std::uint64_t refreshes() const;
    unsigned banks() const;
    std::optional<std::uint64_t> open_row(unsigned bank) const;
    const memory_request &last_request() const;

  private:
    void rise();
    void fall();
    bool accept();
    bool begin_cycle();
    std::optional<taken_request> take_next();
    void charge(const dram_request &request, const dram_work &work) const;
    void charge_upkeep(counters &payer, std::uint64_t now);
    void begin_memory(dram_request &request);

    run_state &state_;
    std::unique_ptr<dram_model> dram_; /* in order, or else: */
    std::unique_ptr<channel_queued> queued_;
    clock_ratio to_dram_ = {}, to_core_ = {};
    std::uint64_t cycle_ = 0;
    dram_upkeep charged_;
    bool load_was_last_ = false;        /* to be served */
    std::deque<taken_request> flights_; /* in order */
    std::size_t timed_ = 0;             /* of these the DRAM is through with the data */
    memory_request last_request_;
};

} // namespace mantis

#endif
