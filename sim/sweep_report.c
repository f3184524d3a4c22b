#include "sim/sweep_report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report.h"
#include "sim/sweep_database_state.h"

/* Runs with layers: about 4 KB each for twenty layers. */
enum { MAX_RUNS = 160 };

bool sweep_report_is_database(const char *path)
{
    static const char magic[16] = "SQLite format 3"; /* with its NUL: section 1.3 of its format */
    char head[sizeof magic];
    FILE *file = fopen(path, "rb");
    bool same = file && fread(head, 1, sizeof head, file) == sizeof head &&
                !memcmp(head, magic, sizeof magic);
    if (file)
        fclose(file);
    return same;
}

/* --- rows --- */

typedef void (*row_reader)(struct report_data *data, sqlite3_stmt *statement, size_t first_point);

/* Give every row of a query to `reader`. */
static bool each_row(struct sweep_database *database, const char *sql, row_reader reader,
                     struct report_data *data, size_t first_point, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    while (status == SQLITE_OK || status == SQLITE_ROW) {
        status = sqlite3_step(statement);
        if (status == SQLITE_ROW)
            reader(data, statement, first_point);
    }
    bool ok = status == SQLITE_DONE || sweep_database_error(database, err);
    sqlite3_finalize(statement);
    return ok;
}

static void add_point(struct report_data *data, sqlite3_stmt *statement, size_t first_point)
{
    json_t *point = json_array();
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++)
        json_array_append_new(point,
                              report_json_cell(sql_cell(statement, i, sweep_columns[i].kind)));
    json_array_append_new(data->points, point);
}

/* A row is a layer: the point's position, then the layer's columns. Rows of a point are adjacent. */
static void add_layer(struct report_data *data, sqlite3_stmt *statement, size_t first_point)
{
    json_int_t point = (json_int_t)first_point + sqlite3_column_int64(statement, 0);
    json_t *run = json_array_get(data->runs, json_array_size(data->runs) - 1);
    if (!run || json_integer_value(json_object_get(run, "point")) != point) {
        run = json_pack("{s:I, s:[], s:n, s:n}", "point", point, "layers", "prices", "unpriced");
        json_array_append_new(data->runs, run);
    }
    json_t *layer = json_array();
    for (int i = 0; i < SWEEP_LAYER_COLUMNS; i++)
        json_array_append_new(
            layer, report_json_cell(sql_cell(statement, i + 1, sweep_layer_columns[i].kind)));
    json_array_append_new(json_object_get(run, "layers"), layer);
}

/* --- queries --- */

/* The results in the order they were made, numbered from 0. */
static bool number_results(struct sweep_database *database, struct err *err)
{
    return sweep_database_run(database,
                              "CREATE TEMP TABLE shown AS SELECT row_number() OVER (ORDER BY id) "
                              "- 1 AS position, * FROM results",
                              err);
}

/* Points of a network that none before them in the order of x, then y, equals or beats in y. Both
 * are better when less. */
static void append_front(char *sql, const char *x, const char *y)
{
    sql_append(sql,
               "%sSELECT id FROM (SELECT id, %s AS y, min(%s) OVER (PARTITION BY network "
               "ORDER BY %s, %s, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best "
               "FROM temp.shown WHERE %s IS NOT NULL AND %s IS NOT NULL) "
               "WHERE best IS NULL OR y < best",
               *sql ? " UNION " : "", y, y, x, y, x, y);
}

static bool read_runs(struct sweep_database *database, struct report_data *data, size_t first_point,
                      struct err *err)
{
    static const char *const axes[] = {"latency_s", "energy_j", "area_mm2", "(-top1)"};
    enum { AXIS_COUNT = sizeof axes / sizeof *axes };
    char chosen[SQL_SIZE] = "", sql[SQL_SIZE] = "SELECT s.position";
    for (int x = 0; x < AXIS_COUNT; x++)
        for (int y = x + 1; y < AXIS_COUNT; y++)
            append_front(chosen, axes[x], axes[y]);
    for (int i = 0; i < SWEEP_LAYER_COLUMNS; i++)
        sql_append(sql, ", l.\"%s\"", sweep_layer_columns[i].name);
    sql_append(sql,
               " FROM temp.shown s JOIN layers l ON l.point = s.id WHERE s.id IN "
               "(SELECT id FROM (%s) LIMIT %d) ORDER BY s.position, l.layer",
               chosen, MAX_RUNS);
    return each_row(database, sql, add_layer, data, first_point, err);
}

static bool read_points(struct sweep_database *database, struct report_data *data, struct err *err)
{
    char sql[SQL_SIZE] = "SELECT";
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++)
        sql_append(sql, "%s \"%s\"", i ? "," : "", sweep_columns[i].name);
    sql_append(sql, " FROM temp.shown ORDER BY position");
    return each_row(database, sql, add_point, data, 0, err);
}

static bool read_database(struct sweep_database *database, struct report_data *data,
                          struct err *err)
{
    size_t first_point = json_array_size(data->points);
    bool is_empty;
    if (!sweep_database_check(database, "main", database->path, &is_empty, err))
        return false;
    if (is_empty)
        return err_set(err, "%s: holds no sweep", database->path);
    if (!number_results(database, err) || !read_points(database, data, err) ||
        !read_runs(database, data, first_point, err))
        return false;
    return json_array_size(data->points) > first_point ||
           err_set(err, "%s: holds no point yet", database->path);
}

bool sweep_report_read(struct report_data *data, const char *path, struct err *err)
{
    struct sweep_database *database = calloc(1, sizeof *database);
    if (!database || strlen(path) >= sizeof database->path) {
        err_set(err, database ? "%.64s...: the path is too long" : "%.64s: out of memory", path);
        free(database);
        return false;
    }
    memcpy(database->path, path, strlen(path) + 1);
    bool ok = sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK ||
              sweep_database_error(database, err);
    ok = ok && read_database(database, data, err);
    json_t *name = ok ? json_string(path) : NULL;
    if (name)
        json_array_append_new(data->sources, name);
    bool closed = sweep_database_close(database, NULL);
    return ok && closed;
}
