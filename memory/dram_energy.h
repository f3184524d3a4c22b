/* Energy of a DRAM from its currents: prices of commands x their counts, and standby over time. */
#ifndef MANTIS_MEMORY_DRAM_ENERGY_H
#define MANTIS_MEMORY_DRAM_ENERGY_H

#include "memory/dram_channel.h"

/* X(field, what is in it) */
#define DRAM_ENERGIES(X)                                             \
    X(activate, "activates and their precharges")                    \
    X(read, "reads, beyond standby")                                 \
    X(write, "writes, beyond standby")                               \
    X(refresh, "refreshes, beyond standby")                          \
    X(active_standby, "background while a bank of the rank is open") \
    X(precharged_standby, "background while all banks of the rank are closed")

/* In pJ, of all devices of a rank. */
struct dram_energy {
#define DRAM_ENERGY_FIELD(field, help) double field;
    DRAM_ENERGIES(DRAM_ENERGY_FIELD)
#undef DRAM_ENERGY_FIELD
};

/* What one command takes (a refresh: of the kind that the policy names), and a clock of a rank's
 * standby. */
struct dram_energy dram_energy_prices(const struct dram_device *device);

struct dram_energy dram_energy_of(const struct dram_device *device,
                                  const struct dram_command_counts *counts);

double dram_energy_total(const struct dram_energy *energy);

#endif
