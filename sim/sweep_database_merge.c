/* Joining the databases of shards. */
#include <string.h>
#include <unistd.h>

#include "sim/sweep_database_state.h"

static bool attach(struct sweep_database *database, const char *path, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(database->handle, "ATTACH ? AS shard", -1, &statement, NULL) ==
              SQLITE_OK;
    ok = ok && sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
         sqlite3_step(statement) == SQLITE_DONE;
    if (!ok)
        err_set(err, "%s: %s", path, sqlite3_errmsg(database->handle));
    sqlite3_finalize(statement);
    return ok;
}

/* Points that both have and that differ. */
static bool check_same(struct sweep_database *database, const char *path, struct err *err)
{
    int64_t different;
    if (!sweep_database_number(database,
                               "SELECT count(*) FROM main.points m JOIN shard.points s USING (key) "
                               "WHERE m.cycles IS NOT s.cycles OR m.energy_j IS NOT s.energy_j "
                               "OR m.error IS NOT s.error",
                               &different, err))
        return false;
    return !different || err_set(err,
                                 "%s: %lld points differ from those in %s: the two were not made "
                                 "by the same mantis",
                                 path, (long long)different, database->path);
}

/* Rows of points get new numbers, which are above all those given before. */
static bool copy_points(struct sweep_database *database, int64_t *added, struct err *err)
{
    char sql[SQL_SIZE] = "";
    int64_t last;
    if (!sweep_database_number(database, "SELECT coalesce(max(id), 0) FROM main.points", &last,
                               err))
        return false;
    sql_append(sql, "INSERT OR IGNORE INTO main.points (key, accuracy");
    sql_append_columns(sql, SWEEP_FIRST_ACCURACY, false);
    sql_append(sql, ", error) SELECT key, accuracy");
    sql_append_columns(sql, SWEEP_FIRST_ACCURACY, false);
    sql_append(sql, ", error FROM shard.points ORDER BY id");
    if (!sweep_database_run(database, sql, err))
        return false;
    *added = sqlite3_changes(database->handle);
    sql[0] = '\0';
    sql_append(sql, "INSERT INTO main.layers SELECT m.id, l.layer");
    for (int i = 0; i < SWEEP_LAYER_COLUMNS; i++)
        sql_append(sql, ", l.\"%s\"", sweep_layer_columns[i].name);
    sql_append(sql,
               " FROM shard.layers l JOIN shard.points s ON s.id = l.point "
               "JOIN main.points m ON m.key = s.key WHERE m.id > %lld",
               (long long)last);
    return sweep_database_run(database, sql, err);
}

static bool copy(struct sweep_database *database, int64_t *added, struct err *err)
{
    if (!sweep_database_run(database, "BEGIN IMMEDIATE", err))
        return false;
    if (copy_points(database, added, err) &&
        sweep_database_run(database,
                           "INSERT OR IGNORE INTO main.accuracies SELECT * FROM shard.accuracies",
                           err) &&
        sweep_database_run(database, "COMMIT", err))
        return true;
    sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool sweep_database_merge(struct sweep_database *database, const char *path, int64_t *added,
                          struct err *err)
{
    bool is_empty;
    *added = 0;
    if (access(path, R_OK)) /* SQLite would make one */
        return err_set(err, "%s: cannot be read", path);
    if (!attach(database, path, err))
        return false;
    bool ok = sweep_database_check(database, "shard", path, &is_empty, err) &&
              (is_empty || (check_same(database, path, err) && copy(database, added, err)));
    sqlite3_exec(database->handle, "DETACH shard", NULL, NULL, NULL);
    return ok;
}
