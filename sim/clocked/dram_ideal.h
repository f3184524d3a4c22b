/* The ideal memory: a data bus and a latency. */
#ifndef MANTIS_SIM_CLOCKED_DRAM_IDEAL_H
#define MANTIS_SIM_CLOCKED_DRAM_IDEAL_H

#include <deque>

#include "sim/clocked/dram_model.h"

namespace mantis
{

class dram_ideal : public dram_model
{
  public:
    explicit dram_ideal(const ::dram_ideal &config);

    void run(std::uint64_t clock) override;
    bool is_ready() const override;
    void take(std::uint64_t clock, const dram_access &access) override;
    std::optional<dram_work> finished() override;
    std::uint64_t refreshes() const override;
    dram_upkeep upkeep(std::uint64_t clock) const override;
    unsigned banks() const override;
    std::optional<std::uint64_t> open_row(unsigned bank) const override;

  private:
    struct pending {
        std::uint64_t from = 0, bytes = 0; /* still to be moved */
        std::uint64_t end = 0;             /* of its time on the bus, once all have been moved */
        bool is_begun = false;
        dram_work work;
    };

    void move();

    const ::dram_ideal *config_;
    std::deque<pending> pending_;
    std::size_t moved_ = 0;       /* of those, all bytes have been on the bus */
    std::uint64_t bus_ready_ = 0; /* the first clock in which the bus is free */
    std::uint64_t clock_ = 0;
};

} // namespace mantis

#endif
