/* The channel before the queued controller, clock by clock: requests are cut into bursts, and one
 * burst is offered per DRAM clock. docs/machine.md, section "The queued controller". The controller
 * itself is that of memory/dram_controller.h. */
#ifndef MANTIS_SIM_CLOCKED_CHANNEL_QUEUED_H
#define MANTIS_SIM_CLOCKED_CHANNEL_QUEUED_H

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

extern "C" {
#include "isa/arch.h"
#include "memory/clock.h"
#include "memory/dram_controller.h"
}
#include "sim/clocked/dma_unit.h"

namespace mantis
{

class channel_queued
{
  public:
    /* `take` takes the request of the client whose turn it is in this cycle, if there is one. What
     * the DRAM does before the first request counts for `first_payer`. Throws std::bad_alloc. */
    using taker = std::function<std::optional<taken_request>()>;
    channel_queued(const arch &arch, taker take, counters &first_payer);

    /* The beginning of a cycle: requests whose bursts are done are finished, but for those whose
     * data the memory port has not moved. False if it failed. */
    bool begin_cycle(std::uint64_t cycle);

    /* The DRAM clocks that begin in the cycle. */
    void run_cycle(std::uint64_t cycle);

    /* The run has ended in this cycle. */
    void settle(std::uint64_t cycle);

    bool is_ready() const; /* to take a request */
    std::uint64_t refreshes() const;
    unsigned banks() const; /* of all channels */
    std::optional<std::uint64_t> open_row(unsigned bank) const;

  private:
    struct flight {
        taken_request what;
        counters *payer;
        std::uint64_t bursts_left; /* not done */
    };
    struct controller_free {
        void operator()(dram_controller *controller) const
        {
            dram_controller_free(controller);
        }
    };

    static void note(void *self, const dram_issued *issued);
    void count(const dram_issued &issued);
    void watch(const dram_issued &issued);
    void charge_clocks();
    void run_to(std::uint64_t clock);
    bool take_request();
    void offer();

    const dram_device &device_;
    const std::uint32_t burst_bytes_;
    const std::uint64_t capacity_;
    const clock_ratio to_dram_, to_core_;
    const taker take_;
    std::unique_ptr<dram_controller, controller_free> controller_;
    std::vector<flight> flights_; /* of the whole run: a burst's id is a place in it */
    std::map<dma_client *, std::deque<std::size_t>> unfinished_; /* in order, of each client */
    std::uint64_t burst_ = 0, bursts_to_offer_ = 0;              /* of the request taken last */
    counters *payer_;                                            /* of the request taken last */
    std::uint64_t active_charged_ = 0, idle_charged_ = 0;
    std::vector<std::optional<std::uint64_t>> open_rows_;
};

} // namespace mantis

#endif
