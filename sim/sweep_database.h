/* The database of a sweep's results: SQLite, one row per point, one per layer of it, one per chunk
 * of images of an accuracy. docs/sweep.md draws the tables. */
#ifndef MANTIS_SIM_SWEEP_DATABASE_H
#define MANTIS_SIM_SWEEP_DATABASE_H

#include <stdbool.h>

#include "isa/err.h"
#include "sim/sweep_plan.h"
#include "sim/sweep_work.h"

struct sweep_database;

/* Open, or create where there is none. NULL on error: not a database, one of another program or
 * version, a folder that cannot be written. */
struct sweep_database *sweep_database_open(const char *path, struct err *err);

/* False where what was written last did not get through. */
bool sweep_database_close(struct sweep_database *database, struct err *err);

/* Whether the job's result is there. Where `retry`, rows that hold an error are deleted. */
bool sweep_database_has(struct sweep_database *database, const struct sweep_plan *plan, int job,
                        bool retry, bool *has, struct err *err);

/* Store a result: all of its rows or none. A key that is there already stays as it is. */
bool sweep_database_put(struct sweep_database *database, const struct sweep_plan *plan,
                        const struct sweep_result *result, struct err *err);

/* One row of the results, in the order of sweep_columns. Texts are valid during the call. */
typedef bool (*sweep_row_reader)(void *context, const struct cell cells[SWEEP_COLUMN_COUNT],
                                 struct err *err);

/* Give every point of the plan that has a row, in the plan's order. */
bool sweep_database_read(struct sweep_database *database, const struct sweep_plan *plan,
                         sweep_row_reader reader, void *context, struct err *err);

/* Add the rows of another database, without those already there. *added: points. Where both have a
 * point and differ, an error names how many: they were not made by the same mantis. */
bool sweep_database_merge(struct sweep_database *database, const char *path, int64_t *added,
                          struct err *err);

#endif
