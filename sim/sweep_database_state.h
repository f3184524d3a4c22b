/* Inside the database: sweep_database.c opens it and writes its SQL, sweep_database_rows.c moves
 * rows in and out, sweep_database_merge.c joins two; sweep_report.c reads rows for reports. */
#ifndef MANTIS_SIM_SWEEP_DATABASE_STATE_H
#define MANTIS_SIM_SWEEP_DATABASE_STATE_H

#include <sqlite3.h>

#include "sim/sweep_database.h"

/* "MNTS" in the file's header, and the version of the tables. */
enum { SWEEP_APPLICATION_ID = 0x4d4e5453, SWEEP_TABLES_VERSION = 1 };

enum statement {
    FIND_POINT,
    FIND_ACCURACY,
    FORGET_POINT,
    FORGET_ACCURACY,
    PUT_POINT,
    PUT_LAYER,
    PUT_ACCURACY,
    SET_CHOICES,
    READ_RESULT,
    STATEMENT_COUNT
};

enum { SWEEP_LAYER_COLUMNS = SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS };

struct sweep_database {
    sqlite3 *handle;
    char path[SWEEP_PATH_SIZE];
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* "path: what SQLite says", and false. */
bool sweep_database_error(const struct sweep_database *database, struct err *err);

/* Run SQL that gives no rows. */
bool sweep_database_run(struct sweep_database *database, const char *sql, struct err *err);

/* The number that a query gives. */
bool sweep_database_number(struct sweep_database *database, const char *sql, int64_t *number,
                           struct err *err);

/* Whether `schema` ("main", or of an attached database, whose file is `path`) has a sweep's tables.
 * *is_empty: it has none at all. */
bool sweep_database_check(struct sweep_database *database, const char *schema, const char *path,
                          bool *is_empty, struct err *err);

/* SQL that grows; it is internal, so that too long a text is a broken contract. */
enum { SQL_SIZE = 8192 };
__attribute__((format(printf, 2, 3))) void sql_append(char *sql, const char *format, ...);

/* A column of the row at hand where it is of that kind, else none: a file may hold anything. Texts
 * last until the statement's next step. */
struct cell sql_cell(sqlite3_stmt *statement, int column, enum cell_kind kind);

/* , "name" of the first columns of sweep_columns. */
void sql_append_columns(char *sql, int count, bool with_types);

#endif
