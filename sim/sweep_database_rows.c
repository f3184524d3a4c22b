/* Rows in and out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sweep_database_state.h"

/* --- binding --- */

static void bind_cell(sqlite3_stmt *statement, int at, struct cell cell)
{
    switch (cell.kind) {
    case CELL_TEXT:
        sqlite3_bind_text(statement, at, cell.text, -1, SQLITE_TRANSIENT);
        return;
    case CELL_INTEGER:
        sqlite3_bind_int64(statement, at, (sqlite3_int64)cell.integer);
        return;
    case CELL_REAL: /* SQLite stores NaN as NULL */
        sqlite3_bind_double(statement, at, cell.real);
        return;
    }
}

/* Whole numbers come as doubles, which hold them up to 2^53. */
static void bind_number(sqlite3_stmt *statement, int at, enum cell_kind kind, double number)
{
    bool is_whole = kind == CELL_INTEGER && !isnan(number);
    struct cell cell = {.kind = is_whole ? CELL_INTEGER : CELL_REAL, .real = number};
    if (is_whole)
        cell.integer = (uint64_t)number;
    bind_cell(statement, at, cell);
}

static void bind_key(sqlite3_stmt *statement, int at, const struct sweep_key *key)
{
    char text[SWEEP_KEY_TEXT];
    sqlite3_bind_text(statement, at, sweep_key_text(key, text), -1, SQLITE_TRANSIENT);
}

static void bind_error(sqlite3_stmt *statement, int at, const char *error)
{
    if (*error)
        sqlite3_bind_text(statement, at, error, -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(statement, at);
}

/* Run a statement that gives no rows. */
static bool run(struct sweep_database *database, enum statement which, struct err *err)
{
    bool ok = sqlite3_step(database->statements[which]) == SQLITE_DONE;
    if (!ok)
        sweep_database_error(database, err);
    sqlite3_reset(database->statements[which]);
    return ok;
}

/* --- results in --- */

static bool put_point(struct sweep_database *database, const struct sweep_plan *plan,
                      const struct sweep_point *point, const struct sweep_result *result,
                      struct err *err)
{
    sqlite3_stmt *statement = database->statements[PUT_POINT];
    struct arch arch;
    char choices[512];
    struct sweep_view view = sweep_point_view(plan, point, &arch, choices, sizeof choices);
    bind_key(statement, 1, &point->key);
    sqlite3_bind_null(statement, 2);
    if (point->accuracy >= 0)
        bind_key(statement, 2, &plan->accuracies[point->accuracy].key);
    for (int i = 0; i < SWEEP_PARAMETER_COUNT; i++)
        bind_cell(statement, 3 + i, sweep_parameter((enum sweep_parameter)i, &view));
    for (int i = 0; i < SWEEP_FIGURE_COUNT; i++)
        bind_number(statement, 3 + SWEEP_FIRST_FIGURE + i,
                    sweep_columns[SWEEP_FIRST_FIGURE + i].kind, result->figures[i]);
    bind_error(statement, 3 + SWEEP_FIRST_ACCURACY, result->error);
    return run(database, PUT_POINT, err);
}

static bool put_layer(struct sweep_database *database, int64_t point, int number,
                      const struct sweep_layer *layer, struct err *err)
{
    sqlite3_stmt *statement = database->statements[PUT_LAYER];
    sqlite3_bind_int64(statement, 1, point);
    sqlite3_bind_int(statement, 2, number);
    for (int i = 0; i < SWEEP_LAYER_TEXTS; i++)
        sqlite3_bind_text(statement, 3 + i, layer->texts[i], -1, SQLITE_STATIC);
    for (int i = 0; i < SWEEP_LAYER_NUMBERS; i++)
        bind_number(statement, 3 + SWEEP_LAYER_TEXTS + i,
                    sweep_layer_columns[SWEEP_LAYER_TEXTS + i].kind, layer->numbers[i]);
    return run(database, PUT_LAYER, err);
}

static bool put_rows(struct sweep_database *database, const struct sweep_plan *plan,
                     const struct sweep_point *point, const struct sweep_result *result,
                     struct err *err)
{
    if (!put_point(database, plan, point, result, err))
        return false;
    if (!sqlite3_changes(database->handle))
        return true; /* another process was faster, with the same result */
    int64_t id = sqlite3_last_insert_rowid(database->handle);
    for (int i = 0; i < result->layer_count; i++)
        if (!put_layer(database, id, i, &result->layers[i], err))
            return false;
    return true;
}

static bool put_accuracy(struct sweep_database *database, const struct sweep_plan *plan,
                         const struct sweep_job *job, const struct sweep_result *result,
                         struct err *err)
{
    sqlite3_stmt *statement = database->statements[PUT_ACCURACY];
    const int counts[] = {job->first, result->images, plan->accuracies[job->index].images,
                          result->top1, result->top5};
    bind_key(statement, 1, &plan->accuracies[job->index].key);
    for (int i = 0; i < 5; i++)
        sqlite3_bind_int(statement, 2 + i, counts[i]);
    bind_error(statement, 7, result->error);
    return run(database, PUT_ACCURACY, err);
}

bool sweep_database_put(struct sweep_database *database, const struct sweep_plan *plan,
                        const struct sweep_result *result, struct err *err)
{
    const struct sweep_job *job = &plan->jobs[result->job];
    if (job->kind == SWEEP_JOB_ACCURACY)
        return put_accuracy(database, plan, job, result, err);
    if (!sweep_database_run(database, "BEGIN IMMEDIATE", err))
        return false;
    if (put_rows(database, plan, &plan->points[job->index], result, err) &&
        sweep_database_run(database, "COMMIT", err))
        return true;
    sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* --- what is there --- */

/* Labels follow the file as it is now: a key says nothing of them. */
static bool update_choices(struct sweep_database *database, const struct sweep_plan *plan,
                           const struct sweep_point *point, const char *old, struct err *err)
{
    char choices[512];
    sweep_arch(&plan->config->accelerators[point->accelerator], point->combination, choices,
               sizeof choices);
    if (old && !strcmp(old, choices))
        return true;
    sqlite3_bind_text(database->statements[SET_CHOICES], 1, choices, -1, SQLITE_TRANSIENT);
    bind_key(database->statements[SET_CHOICES], 2, &point->key);
    return run(database, SET_CHOICES, err);
}

bool sweep_database_has(struct sweep_database *database, const struct sweep_plan *plan, int job,
                        bool retry, bool *has, struct err *err)
{
    const struct sweep_job *wanted = &plan->jobs[job];
    bool is_point = wanted->kind == SWEEP_JOB_POINT, ok = true;
    const struct sweep_key *key =
        is_point ? &plan->points[wanted->index].key : &plan->accuracies[wanted->index].key;
    enum statement find = is_point ? FIND_POINT : FIND_ACCURACY;
    enum statement forget = is_point ? FORGET_POINT : FORGET_ACCURACY;
    sqlite3_stmt *statement = database->statements[find];
    bind_key(statement, 1, key);
    if (!is_point)
        sqlite3_bind_int(statement, 2, wanted->first);
    int status = sqlite3_step(statement);
    *has = status == SQLITE_ROW;
    bool has_error = *has && sqlite3_column_int(statement, 0);
    if (status != SQLITE_ROW && status != SQLITE_DONE)
        ok = sweep_database_error(database, err);
    else if (*has && is_point)
        ok = update_choices(database, plan, &plan->points[wanted->index],
                            (const char *)sqlite3_column_text(statement, 1), err);
    sqlite3_reset(statement);
    if (!ok || !has_error || !retry)
        return ok;
    *has = false;
    bind_key(database->statements[forget], 1, key);
    if (!is_point)
        sqlite3_bind_int(database->statements[forget], 2, wanted->first);
    return run(database, forget, err);
}

/* --- results out --- */

struct cell sql_cell(sqlite3_stmt *statement, int column, enum cell_kind kind)
{
    const struct cell none = {
        .kind = kind == CELL_TEXT ? CELL_TEXT : CELL_REAL, .text = "", .real = NAN};
    const int type = sqlite3_column_type(statement, column);
    const bool is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    if (kind == CELL_TEXT ? type != SQLITE_TEXT : !is_number)
        return none;
    struct cell cell = {.kind = kind, .text = ""};
    switch (kind) {
    case CELL_TEXT:
        cell.text = (const char *)sqlite3_column_text(statement, column);
        break;
    case CELL_INTEGER:
        cell.integer = (uint64_t)sqlite3_column_int64(statement, column);
        break;
    case CELL_REAL:
        cell.real = sqlite3_column_double(statement, column);
        break;
    }
    return cell.text ? cell : none; /* SQLite had no memory for it */
}

bool sweep_database_read(struct sweep_database *database, const struct sweep_plan *plan,
                         sweep_row_reader reader, void *context, struct err *err)
{
    sqlite3_stmt *statement = database->statements[READ_RESULT];
    bool ok = true;
    for (int i = 0; ok && i < plan->point_count; i++) {
        bind_key(statement, 1, &plan->points[i].key);
        int status = sqlite3_step(statement);
        if (status == SQLITE_ROW) {
            struct cell cells[SWEEP_COLUMN_COUNT];
            for (int c = 0; c < SWEEP_COLUMN_COUNT; c++)
                cells[c] = sql_cell(statement, c + 1, sweep_columns[c].kind);
            ok = reader(context, cells, err);
        } else if (status != SQLITE_DONE) {
            ok = sweep_database_error(database, err);
        }
        sqlite3_reset(statement);
    }
    return ok;
}
