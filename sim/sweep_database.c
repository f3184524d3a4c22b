#include "sim/sweep_database_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MS = 20000 };

/* --- errors --- */

bool sweep_database_error(const struct sweep_database *database, struct err *err)
{
    return err_set(err, "%s: %s", database->path, sqlite3_errmsg(database->handle));
}

bool sweep_database_run(struct sweep_database *database, const char *sql, struct err *err)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           sweep_database_error(database, err);
}

/* A number that a statement gives. */
bool sweep_database_number(struct sweep_database *database, const char *sql, int64_t *number,
                           struct err *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        *number = sqlite3_column_int64(statement, 0);
    else
        sweep_database_error(database, err);
    sqlite3_finalize(statement);
    return ok;
}

/* --- SQL from the tables of columns --- */

void sql_append(char *sql, const char *format, ...)
{
    size_t used = strlen(sql);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(sql + used, SQL_SIZE - used, format, arguments);
    assert(length >= 0 && used + (size_t)length < SQL_SIZE);
    va_end(arguments);
}

static const char *sql_type(enum cell_kind kind)
{
    switch (kind) {
    case CELL_TEXT:
        return "TEXT";
    case CELL_INTEGER:
        return "INTEGER";
    case CELL_REAL:
        return "REAL";
    }
    return "";
}

void sql_append_columns(char *sql, int count, bool with_types)
{
    for (int i = 0; i < count; i++)
        sql_append(sql, ", \"%s\" %s", sweep_columns[i].name,
                   with_types ? sql_type(sweep_columns[i].kind) : "");
}

/* An accuracy counts once all of its images are there. */
static void append_accuracy(char *sql, const char *expression, const char *name)
{
    sql_append(sql,
               ", (SELECT iif(sum(images) = max(wanted), %s, NULL) FROM accuracies "
               "WHERE key = p.accuracy) AS %s",
               expression, name);
}

static bool create_tables(struct sweep_database *database, struct err *err)
{
    char sql[SQL_SIZE] = "";
    sql_append(sql, "BEGIN; CREATE TABLE points (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
                    "accuracy TEXT");
    sql_append_columns(sql, SWEEP_FIRST_ACCURACY, true);
    sql_append(sql,
               ", error TEXT); CREATE TABLE layers (point INTEGER NOT NULL REFERENCES points(id), "
               "layer INTEGER NOT NULL");
    for (int i = 0; i < SWEEP_LAYER_COLUMNS; i++)
        sql_append(sql, ", \"%s\" %s", sweep_layer_columns[i].name,
                   sql_type(sweep_layer_columns[i].kind));
    sql_append(
        sql, ", PRIMARY KEY (point, layer)) WITHOUT ROWID; "
             "CREATE TABLE accuracies (key TEXT NOT NULL, first INTEGER NOT NULL, images INTEGER, "
             "wanted INTEGER, top1 INTEGER, top5 INTEGER, error TEXT, PRIMARY KEY (key, first)) "
             "WITHOUT ROWID; ");
    sql_append(sql, "CREATE VIEW results AS SELECT p.id, p.key, p.accuracy AS accuracy_key");
    for (int i = 0; i < SWEEP_FIRST_ACCURACY; i++)
        sql_append(sql, ", p.\"%s\"", sweep_columns[i].name);
    append_accuracy(sql, "sum(images)", "images");
    append_accuracy(sql, "1.0 * sum(top1) / sum(images)", "top1");
    append_accuracy(sql, "1.0 * sum(top5) / sum(images)", "top5");
    sql_append(sql, ", coalesce(p.error, (SELECT max(error) FROM accuracies WHERE key = "
                    "p.accuracy)) AS error FROM points p; ");
    sql_append(sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
               SWEEP_APPLICATION_ID, SWEEP_TABLES_VERSION);
    if (sweep_database_run(database, sql, err))
        return true;
    sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static void append_marks(char *sql, int count)
{
    for (int i = 0; i < count; i++)
        sql_append(sql, i ? ", ?" : "?");
}

static void statement_sql(enum statement statement, char *sql)
{
    sql[0] = '\0';
    switch (statement) {
    case FIND_POINT:
        sql_append(sql, "SELECT error IS NOT NULL, choices FROM points WHERE key = ?");
        return;
    case FIND_ACCURACY:
        sql_append(sql, "SELECT error IS NOT NULL FROM accuracies WHERE key = ? AND first = ?");
        return;
    case FORGET_POINT:
        sql_append(sql, "DELETE FROM points WHERE key = ?");
        return;
    case FORGET_ACCURACY:
        sql_append(sql, "DELETE FROM accuracies WHERE key = ? AND first = ?");
        return;
    case PUT_POINT:
        sql_append(sql, "INSERT OR IGNORE INTO points (key, accuracy");
        sql_append_columns(sql, SWEEP_FIRST_ACCURACY, false);
        sql_append(sql, ", error) VALUES (");
        append_marks(sql, 2 + SWEEP_FIRST_ACCURACY + 1);
        sql_append(sql, ")");
        return;
    case PUT_LAYER:
        sql_append(sql, "INSERT INTO layers VALUES (");
        append_marks(sql, 2 + SWEEP_LAYER_COLUMNS);
        sql_append(sql, ")");
        return;
    case PUT_ACCURACY:
        sql_append(sql, "INSERT OR IGNORE INTO accuracies VALUES (?, ?, ?, ?, ?, ?, ?)");
        return;
    case SET_CHOICES:
        sql_append(sql, "UPDATE points SET choices = ? WHERE key = ?");
        return;
    case READ_RESULT:
        sql_append(sql, "SELECT key");
        sql_append_columns(sql, SWEEP_COLUMN_COUNT, false);
        sql_append(sql, " FROM results WHERE key = ?");
        return;
    case STATEMENT_COUNT:
        return;
    }
}

/* --- opening --- */

static bool query_schema(struct sweep_database *database, const char *schema, const char *query,
                         int64_t *number, struct err *err)
{
    char sql[SQL_SIZE] = "";
    sql_append(sql, query, schema);
    return sweep_database_number(database, sql, number, err);
}

bool sweep_database_check(struct sweep_database *database, const char *schema, const char *path,
                          bool *is_empty, struct err *err)
{
    int64_t application, version, tables;
    if (!query_schema(database, schema, "PRAGMA %s.application_id", &application, err) ||
        !query_schema(database, schema, "PRAGMA %s.user_version", &version, err) ||
        !query_schema(database, schema, "SELECT count(*) FROM %s.sqlite_master", &tables, err))
        return false;
    *is_empty = !application && !tables;
    if (*is_empty)
        return true;
    if (application != SWEEP_APPLICATION_ID)
        return err_set(err, "%s: is a database of another program", path);
    return version == SWEEP_TABLES_VERSION ||
           err_set(err, "%s: has tables of version %lld, this mantis writes %d; name another --db",
                   path, (long long)version, SWEEP_TABLES_VERSION);
}

/* WAL: readers do not wait, and a killed writer leaves the rows it had committed. */
static bool prepare(struct sweep_database *database, struct err *err)
{
    char sql[SQL_SIZE];
    bool is_empty;
    sqlite3_busy_timeout(database->handle, BUSY_MS);
    if (sqlite3_db_readonly(database->handle, "main") == 1)
        return err_set(err, "%s: cannot be written", database->path);
    if (!sweep_database_check(database, "main", database->path, &is_empty, err) ||
        !sweep_database_run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
                            err) ||
        (is_empty && !create_tables(database, err)))
        return false;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        statement_sql((enum statement)i, sql);
        if (sqlite3_prepare_v2(database->handle, sql, -1, &database->statements[i], NULL))
            return sweep_database_error(database, err);
    }
    return true;
}

struct sweep_database *sweep_database_open(const char *path, struct err *err)
{
    struct sweep_database *database = calloc(1, sizeof *database);
    if (!database || strlen(path) >= sizeof database->path) {
        err_set(err, database ? "%.64s...: the path is too long" : "%.64s: out of memory", path);
        free(database);
        return NULL;
    }
    memcpy(database->path, path, strlen(path) + 1);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    bool ok = sqlite3_open_v2(path, &database->handle, flags, NULL) == SQLITE_OK ||
              sweep_database_error(database, err);
    if (ok && prepare(database, err))
        return database;
    sweep_database_close(database, NULL);
    return NULL;
}

bool sweep_database_close(struct sweep_database *database, struct err *err)
{
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(database->statements[i]);
    bool ok = sqlite3_close(database->handle) == SQLITE_OK || sweep_database_error(database, err);
    free(database);
    return ok;
}
