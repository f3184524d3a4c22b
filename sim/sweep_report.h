/* A sweep's database as points and runs of an HTML report. */
#ifndef MANTIS_SIM_SWEEP_REPORT_H
#define MANTIS_SIM_SWEEP_REPORT_H

#include "sim/report_data.h"

/* Whether the file begins as an SQLite database does. */
bool sweep_report_is_database(const char *path);

/* Add all points of a database, and the layers of those that lie on a front of two of latency,
 * energy, area and top-1: others would make the file large. The database is only read. */
bool sweep_report_read(struct report_data *data, const char *path, struct err *err);

#endif
