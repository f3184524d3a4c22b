#include "isa/stats.h"

#include <assert.h>

void counters_add(struct counters *sum, const struct counters *term)
{
#define ADD(name, unit, help) sum->name += term->name;
    COUNTERS(ADD)
#undef ADD
}

void counters_add_time(struct counters *counters, enum unit unit, uint64_t busy, uint64_t stall)
{
    switch (unit) {
    case UNIT_LOAD:
        counters->load_busy += busy, counters->load_stall += stall;
        return;
    case UNIT_ARRAY:
        counters->array_busy += busy, counters->array_stall += stall;
        return;
    case UNIT_VECTOR:
        counters->vector_busy += busy, counters->vector_stall += stall;
        return;
    case UNIT_STORE:
        counters->store_busy += busy, counters->store_stall += stall;
        return;
    case UNIT_ARRAY2:
        counters->array2_busy += busy, counters->array2_stall += stall;
        return;
    case UNIT_COUNT:
        break;
    }
    assert(!"no such unit");
}

void counters_add_zeros(struct counters *counters, int core, const struct zero_clocks *clocks)
{
    *(core ? &counters->array2_examined_clocks : &counters->examined_clocks) += clocks->examined;
    *(core ? &counters->array2_zero_act_clocks : &counters->zero_act_clocks) += clocks->act;
    *(core ? &counters->array2_zero_weight_clocks : &counters->zero_weight_clocks) +=
        clocks->weight;
}

struct zero_clocks counters_zeros(const struct counters *counters, int core)
{
    if (core)
        return (struct zero_clocks){counters->array2_examined_clocks,
                                    counters->array2_zero_act_clocks,
                                    counters->array2_zero_weight_clocks};
    return (struct zero_clocks){counters->examined_clocks, counters->zero_act_clocks,
                                counters->zero_weight_clocks};
}
