/* A memory with banks, rows and refresh. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_ROWS_H
#define MANTIS_SIM_CLOCKED_DRAM_ROWS_H

#include <deque>

#include "sim/clocked/dram_commands.h"
#include "sim/clocked/dram_model.h"

namespace mantis
{

class dram_rows : public dram_model
{
  public:
    explicit dram_rows(const dram_numbers &config);

    void run(std::uint64_t clock) override;
    bool is_ready() const override;
    void take(std::uint64_t clock, const dram_access &access) override;
    std::optional<dram_work> finished() override;
    std::uint64_t refreshes() const override;
    unsigned banks() const override;
    std::optional<std::uint64_t> open_row(unsigned bank) const override;

  private:
    /* An access on its way. */
    struct pending {
        std::uint64_t bursts = 0;   /* without a column command yet */
        std::uint64_t data_end = 0; /* of those that had one */
        dram_work work;
    };

    void issue();
    std::vector<dram_segment> segments_of(std::uint64_t clock, const dram_access &access) const;
    std::size_t before_refresh(const std::vector<dram_segment> &segments, std::size_t next) const;
    void refresh_until(std::uint64_t clock);

    const dram_numbers *config_;
    dram_commands commands_;
    std::deque<pending> pending_;
    std::uint64_t first_pending_ = 0; /* number of the access at the front */
    std::uint64_t clock_ = 0;         /* run up to here */
    std::uint64_t next_refresh_, refreshes_ = 0;
};

} // namespace mantis

#endif
