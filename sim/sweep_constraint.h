/* Constraints of sweeps on the parameters of a point. */
#ifndef MANTIS_SIM_SWEEP_CONSTRAINT_H
#define MANTIS_SIM_SWEEP_CONSTRAINT_H

#include "sim/sweep_columns.h"
#include "sim/sweep_config.h"

bool sweep_constraint_holds(const struct sweep_constraint *constraint,
                            const struct sweep_view *view);

#endif
