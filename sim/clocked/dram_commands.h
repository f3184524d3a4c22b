/* The controller in front of DRAM banks: an ordered list of what is to be done, and at each
 * clock the commands that may go. A plain value: a copy of it, run ahead, tells what will
 * happen. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_COMMANDS_H
#define MANTIS_SIM_CLOCKED_DRAM_COMMANDS_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" {
#include "memory/dram_numbers.h"
}

namespace mantis
{

/* The part of an access that lies in one row. */
struct dram_segment {
    std::uint64_t from = 0; /* the clock at which its access arrived */
    std::uint64_t row = 0;
    std::uint32_t bank = 0;
    std::uint32_t bursts = 0; /* still to go */
    std::uint64_t access = 0; /* number of the access */
    bool is_write = false;
    bool is_begun = false; /* its row was opened for it, or found open */
};

struct dram_step {
    bool is_refresh = false;
    std::uint64_t due = 0; /* of a refresh */
    dram_segment segment;
};

enum class dram_event { activate, hit, column };
struct dram_issued {
    dram_event what;
    std::uint64_t access;
    std::uint64_t data_end; /* of a column command */
};

/* The clocks of the last events. */
struct dram_bank {
    bool is_open = false;
    std::uint64_t row = 0;
    std::int64_t activated, precharged, last_read, last_write_end;
};

class dram_commands
{
  public:
    explicit dram_commands(const dram_numbers &config);

    void add(const dram_segment &segment);
    void add_refresh(std::uint64_t due);

    bool is_empty() const; /* nothing left to be done */
    std::uint64_t bursts_left() const;

    /* The clock from which on a column command may follow the last one that has gone. */
    std::uint64_t column_ready() const;

    /* The clocks of all column commands still to go, those after `limit` left out: found by
     * running a copy ahead, from clock `now` on. */
    std::vector<std::uint64_t> columns_ahead(std::uint64_t now, std::uint64_t limit) const;

    /* max(tCCD, B) */
    std::uint64_t column_spacing() const;

    /* All that may go at `now`. A clock may be issued again after an add(): nothing goes twice. The
     * commands of this call stay in issued(). */
    void issue(std::uint64_t now);
    const std::vector<dram_issued> &issued() const;

    const std::vector<dram_bank> &banks() const;

  private:
    bool may_precharge(const dram_bank &bank, std::int64_t now) const;
    bool may_activate(const dram_bank &bank, std::int64_t now) const;
    bool may_column(const dram_bank &bank, bool is_write, std::int64_t now) const;

    static void precharge(dram_bank &bank, std::int64_t now);
    bool refresh(std::uint64_t due, bool is_next, std::int64_t now);
    bool prepare(dram_segment &segment, bool in_turn, std::int64_t now);
    bool serve(dram_segment &segment, bool is_next, bool &in_turn, std::int64_t now);
    void column(dram_segment &segment, std::int64_t now);

    const dram_numbers *config_;
    std::int64_t burst_clocks_, column_spacing_;
    std::vector<dram_bank> banks_;
    std::vector<dram_step> steps_; /* in order */
    std::vector<dram_issued> issued_;
    std::vector<const dram_segment *> last_of_bank_; /* among the steps before the one at hand */
    std::array<std::int64_t, 4> activates_;          /* the last ones, oldest first */
    std::int64_t last_column_, write_end_, bus_end_, refresh_end_;
};

} // namespace mantis

#endif
