/* The vector unit: lanes that take one element operation a clock each, and a pipeline behind
 * them. */
#ifndef MANTIS_SIM_CLOCKED_VECTOR_UNIT_H
#define MANTIS_SIM_CLOCKED_VECTOR_UNIT_H

#include <vector>

extern "C" {
#include "pe/format.h"
#include "pe/requantise.h"
}
#include "sim/clocked/unit.h"

namespace mantis
{

class vector_unit : public working_unit
{
  public:
    vector_unit(sc_core::sc_module_name name, run_state &state);
    bool load() override;
    void reset() override;

    std::uint64_t elements_begun() const; /* of the instruction at hand */
    std::uint64_t elements_written() const;

  protected:
    void begin(const instruction &instruction) override;
    bool work() override;

  private:
    struct output_code {
        std::uint64_t element;
        std::uint32_t code;
    };

    void operate();
    void accumulate();
    void finish_element();
    std::uint32_t requantised();
    std::int64_t sum() const;
    std::int64_t act_level() const;
    std::uint32_t residual_code() const;
    requantise_param param() const;
    void write(const output_code &result);
    void next_operation();

    const vector *vector_ = nullptr;
    std::uint16_t layer_ = 0;
    requantise_rule rule_ = {};
    const grid *act_grid_ = nullptr;

    /* the operation that comes next: element = pixel * n + channel, at one place of its window */
    std::uint64_t area_ = 0, elements_ = 0;
    std::uint64_t element_ = 0, pixel_ = 0, place_ = 0;
    std::uint32_t channel_ = 0, oy_ = 0, ox_ = 0;
    std::int64_t value_ = 0; /* of the element so far */

    /* results of each of the last clocks; those of `latency` clocks ago leave */
    std::vector<std::vector<output_code>> stages_;
    std::size_t stage_ = 0;
    unsigned draining_ = 0; /* clocks left once no operation is */
    std::uint64_t written_ = 0;
};

} // namespace mantis

#endif
