/* Inside the energy model: prices of external memory. */
#ifndef MANTIS_SIM_ENERGY_DRAM_H
#define MANTIS_SIM_ENERGY_DRAM_H

#include "sim/energy.h"

/* The price of a rule of kind DRAM_*. */
void energy_resolve_dram(const struct energy_model *model, const struct energy_rule *rule,
                         struct resolved_price *price);

/* Whether a rule of kind DRAM_COMMAND is of what flows whether anything happens or not. */
bool energy_dram_is_static(const struct energy_rule *rule);

/* The technology's record of a part, under its full name (energy_model.c). */
void energy_take_part(const struct energy_model *model, enum part_price_id id, const char *part,
                      struct resolved_price *price);

#endif
