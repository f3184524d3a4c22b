/* From accelerators that vary to points: the cross product, less what constraints forbid and what a
 * PE does not take. */
#ifndef MANTIS_SIM_SWEEP_POINTS_H
#define MANTIS_SIM_SWEEP_POINTS_H

#include "sim/sweep_plan.h"

/* Fill the plan's points and accuracies; its subjects, schemes and technologies are there. */
bool sweep_points_expand(struct sweep_plan *plan, struct sweep_shard shard, struct err *err);

bool sweep_shard_has(struct sweep_shard shard, const struct sweep_key *key);

#endif
