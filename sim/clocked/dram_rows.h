/* A DRAM device behind the in-order controller: channels with ranks, banks, rows and refresh. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_ROWS_H
#define MANTIS_SIM_CLOCKED_DRAM_ROWS_H

#include <deque>
#include <vector>

extern "C" {
#include "isa/dram_address.h"
}
#include "sim/clocked/dram_commands.h"
#include "sim/clocked/dram_model.h"

namespace mantis
{

class dram_rows : public dram_model
{
  public:
    explicit dram_rows(const dram_device &device);

    void run(std::uint64_t clock) override;
    bool is_ready() const override;
    void take(std::uint64_t clock, const dram_access &access) override;
    std::optional<dram_work> finished() override;
    std::uint64_t refreshes() const override;
    dram_upkeep upkeep(std::uint64_t clock) const override;
    unsigned banks() const override;
    std::optional<std::uint64_t> open_row(unsigned bank) const override;

  private:
    /* An access on its way. */
    struct pending {
        std::uint64_t bursts = 0;    /* without a column command yet */
        std::uint32_t not_begun = 0; /* set of the channels that it has bursts in and none begun */
        std::uint64_t data_end = 0;  /* of those that had one */
        dram_work work;
    };

    void issue();
    void refresh_until(std::uint64_t clock);
    bool is_idle() const;

    const dram_device *device_;
    dram_mapping mapping_ = {};
    std::vector<dram_commands> channels_;
    std::deque<pending> pending_;
    std::uint64_t first_pending_ = 0; /* number of the access at the front */
    std::uint64_t clock_ = 0;         /* run up to here */
    std::uint64_t refresh_interval_, next_refresh_, refresh_number_ = 0;
    dram_upkeep upkeep_;
};

} // namespace mantis

#endif
