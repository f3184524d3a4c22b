#include "sim/sweep_export.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report.h"

static double number_of(struct cell cell)
{
    return cell.kind == CELL_INTEGER ? (double)cell.integer : cell.real;
}

/* --- the front --- */

/* The objectives of all rows. */
struct collection {
    const struct sweep_objectives *objectives;
    int64_t count;
    double *values; /* [count][objectives] */
};

static bool collect(void *context, const struct cell cells[SWEEP_COLUMN_COUNT], struct err *err)
{
    struct collection *collection = context;
    int width = collection->objectives->count;
    for (int i = 0; i < width; i++)
        collection->values[collection->count * width + i] =
            number_of(cells[collection->objectives->columns[i]]);
    collection->count++;
    return true;
}

bool sweep_export_front(struct sweep_export *export, bool **on_front, struct err *err)
{
    struct collection collection = {.objectives = export->objectives};
    size_t rows = (size_t) export->plan->point_count + 1;
    collection.values = malloc(rows * sizeof(double) * (size_t) export->objectives->count);
    *on_front = calloc(rows, sizeof **on_front);
    bool ok = (collection.values && *on_front) || err_set(err, "out of memory");
    ok = ok && sweep_database_read(export->database, export->plan, collect, &collection, err);
    if (ok && !sweep_front(export->objectives, collection.values, collection.count, *on_front))
        ok = err_set(err, "out of memory");
    free(collection.values);
    export->on_front = *on_front;
    return ok;
}

/* --- csv --- */

struct writing {
    const struct sweep_export *export;
    FILE *file;
    int64_t row;
};

static bool write_csv_row(void *context, const struct cell cells[SWEEP_COLUMN_COUNT],
                          struct err *err)
{
    struct writing *writing = context;
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++) {
        fputs(i ? "," : "", writing->file);
        report_csv_cell(cells[i], writing->file);
    }
    if (writing->export->on_front)
        fprintf(writing->file, ",%d", writing->export->on_front[writing->row]);
    fputc('\n', writing->file);
    writing->row++;
    return true;
}

bool sweep_export_csv(const struct sweep_export *export, FILE *file, struct err *err)
{
    struct writing writing = {export, file, 0};
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++)
        fprintf(file, "%s%s", i ? "," : "", sweep_columns[i].name);
    fputs(export->on_front ? ",pareto\n" : "\n", file);
    return sweep_database_read(export->database, export->plan, write_csv_row, &writing, err);
}

/* --- json --- */

static bool write_json_row(void *context, const struct cell cells[SWEEP_COLUMN_COUNT],
                           struct err *err)
{
    struct writing *writing = context;
    json_t *object = json_object();
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++)
        json_object_set_new(object, sweep_columns[i].name, report_json_cell(cells[i]));
    if (writing->export->on_front)
        json_object_set_new(object, "pareto",
                            json_boolean(writing->export->on_front[writing->row]));
    fputs(writing->row++ ? ",\n" : "\n", writing->file);
    bool ok = !json_dumpf(object, writing->file, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(object);
    return ok || err_set(err, "out of memory, or the file cannot be written");
}

/* The description of the columns, then a point a line. */
bool sweep_export_json(const struct sweep_export *export, FILE *file, struct err *err)
{
    struct writing writing = {export, file, 0};
    json_t *description = json_array();
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++)
        json_array_append_new(description,
                              json_pack("{s:s, s:s, s:s}", "name", sweep_columns[i].name, "unit",
                                        sweep_columns[i].unit, "help", sweep_columns[i].help));
    fprintf(file, "{\"mantis\": \"%s\",\n\"columns\": ", MANTIS_VERSION);
    json_dumpf(description, file, 0);
    json_decref(description);
    fputs(",\n\"points\": [", file);
    bool ok = sweep_database_read(export->database, export->plan, write_json_row, &writing, err);
    fputs("\n]}\n", file);
    return ok;
}

/* --- terminal --- */

struct front_line {
    double first; /* objective, for sorting; the smaller the better */
    char *text;
};

struct front {
    const struct sweep_export *export;
    int64_t row;
    size_t count, room;
    struct front_line *lines;
};

static bool add_line(void *context, const struct cell cells[SWEEP_COLUMN_COUNT], struct err *err)
{
    struct front *front = context;
    const struct sweep_objectives *objectives = front->export->objectives;
    if (!front->export->on_front[front->row++])
        return true;
    if (front->count == front->room) {
        front->room = 2 * front->room + 64;
        struct front_line *grown = realloc(front->lines, front->room * sizeof *grown);
        if (!grown)
            return err_set(err, "out of memory");
        front->lines = grown;
    }
    char text[512], array[24];
    snprintf(array, sizeof array, "%dx%d", (int)cells[SWEEP_rows].integer,
             (int)cells[SWEEP_columns].integer);
    int length =
        snprintf(text, sizeof text, "%-14.14s %-8.8s %-12.12s %-8s %7s %2s",
                 cells[SWEEP_network].text, cells[SWEEP_scheme].text, cells[SWEEP_accelerator].text,
                 cells[SWEEP_pe].text, array, cells[SWEEP_dataflow].text);
    for (int i = 0; i < objectives->count && length < (int)sizeof text; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %11.5g",
                           number_of(cells[objectives->columns[i]]));
    double first = number_of(cells[objectives->columns[0]]);
    front->lines[front->count] =
        (struct front_line){objectives->more[0] ? -first : first, strdup(text)};
    return front->lines[front->count++].text || err_set(err, "out of memory");
}

static int compare_lines(const void *a, const void *b)
{
    const struct front_line *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

bool sweep_export_terminal(const struct sweep_export *export, FILE *file, struct err *err)
{
    struct front front = {.export = export};
    bool ok = sweep_database_read(export->database, export->plan, add_line, &front, err);
    if (front.count)
        qsort(front.lines, front.count, sizeof *front.lines, compare_lines);
    fprintf(file, "%-14s %-8s %-12s %-8s %7s %2s", "network", "scheme", "accelerator", "pe",
            "array", "df");
    for (int i = 0; i < export->objectives->count; i++)
        fprintf(file, " %11.11s", sweep_columns[export->objectives->columns[i]].name);
    fputc('\n', file);
    for (size_t i = 0; i < front.count; i++) {
        if (ok)
            fprintf(file, "%s\n", front.lines[i].text);
        free(front.lines[i].text);
    }
    free(front.lines);
    return ok;
}
