/* Groups of a technology file that name a table beside it. Each reads the table into the technology,
 * whose node is known; an absent group (NULL) leaves the technology as it is, except that of the SRAM,
 * which must be there. */
#ifndef MANTIS_SIM_CONFIG_TECHNOLOGY_TABLES_H
#define MANTIS_SIM_CONFIG_TECHNOLOGY_TABLES_H

#include "sim/config_file.h"
#include "sim/technology.h"

bool config_read_sram(const struct config_file *file, const config_setting_t *setting,
                      struct technology *technology, struct err *err);
bool config_read_gates(const struct config_file *file, const config_setting_t *setting,
                       struct technology *technology, struct err *err);
bool config_read_activity(const struct config_file *file, const config_setting_t *setting,
                          struct technology *technology, struct err *err);

#endif
