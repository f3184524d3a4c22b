/* Logic prices from one node to another by a named, cited rule. SRAM never scales like this: its
 * table has nodes of its own. */
#ifndef MANTIS_SIM_TECHNOLOGY_SCALING_H
#define MANTIS_SIM_TECHNOLOGY_SCALING_H

#include <stdbool.h>

#include "sim/technology.h"

/* X(ENUMERATOR, name, source) */
#define SCALING_RULES(X)                                                                      \
    X(STILLMAKER_BAAS, "stillmaker-baas",                                                     \
      "Stillmaker and Baas, Integration 58 (2017), tables of area and energy; leakage power " \
      "of a part as its energy (HWComponents)")

#define SCALING_ENUMERATOR(id, name, source) SCALING_##id,
enum scaling_rule { SCALING_RULES(SCALING_ENUMERATOR) SCALING_RULE_COUNT };
#undef SCALING_ENUMERATOR

/* NULL where out of range. */
const char *scaling_rule_name(int rule);
const char *scaling_rule_source(int rule);

/* From one node and voltage to another. */
struct scaling {
    enum scaling_rule rule;
    int from_nm, to_nm;
    double from_volts, to_volts;
};

/* What a price is multiplied with: energy (pJ), area (um2), leakage of an area (uW/um2). Value is
 * the rule's for high-performance transistors; the bounds reach to the low-power ones. */
struct scaling_factors {
    struct bounded energy, area, leakage;
};

/* False where the rule does not reach one of the nodes; err lists those that it has. */
bool scaling_factors(const struct scaling *scaling, struct scaling_factors *factors,
                     struct err *err);

/* Fill the prices that `technology` lacks from those of `from`: logic scaled, with provenance
 * "scaled"; DRAM, which belongs to no node, as it is. */
void technology_scale(struct technology *technology, const struct technology *from,
                      const struct scaling *scaling, const struct scaling_factors *factors);

#endif
