#include "isa/stats.h"

void counters_add(struct counters *sum, const struct counters *term)
{
#define ADD(name, unit, help) sum->name += term->name;
    COUNTERS(ADD)
#undef ADD
}
