/* The price records of a technology: the part of sim/config_technology.c that reads `prices`. */
#ifndef MANTIS_SIM_CONFIG_PRICES_H
#define MANTIS_SIM_CONFIG_PRICES_H

#include "sim/config_file.h"
#include "sim/technology.h"

/* A reader of a parameter whose field is technology->prices. */
bool prices_read(const struct config_file *file, const config_setting_t *setting, void *field,
                 struct err *err);

/* A record's node and supply are the file's unless it says otherwise; a DRAM has its own. */
void prices_complete(struct technology *technology);

#endif
