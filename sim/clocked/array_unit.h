/* The systolic array of a core as a unit: sim/clocked/array.h behind the clock. */
#ifndef MANTIS_SIM_CLOCKED_ARRAY_UNIT_H
#define MANTIS_SIM_CLOCKED_ARRAY_UNIT_H

#include <memory>

extern "C" {
#include "sim/clocked/array.h"
}
#include "sim/clocked/unit.h"

namespace mantis
{

class array_unit : public working_unit
{
  public:
    /* Of a core; that a program's arch has no second one leaves its unit without work. */
    array_unit(sc_core::sc_module_name name, enum unit which, run_state &state);
    bool load() override;
    void reset() override;
    clocked_array_signals signals() const;

  protected:
    void begin(const instruction &instruction) override;
    bool work() override;

  private:
    struct deleter {
        void operator()(clocked_array *array) const;
    };
    bool make_array();
    int core() const;

    std::unique_ptr<clocked_array, deleter> array_;
};

} // namespace mantis

#endif
