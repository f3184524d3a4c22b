/* Reading the planner's tables. */
#include "sim/plan_table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"

enum { TABLE_MAX_BYTES = 16 << 20, MAX_CELLS = 128, CELL_SIZE = PROGRAM_NAME_SIZE };

#define TEXT_NAME(id, name, help) name,
static const char *const text_names[] = {PLAN_TEXTS(TEXT_NAME)};
#undef TEXT_NAME

#define NUMBER_ROW(id, name, factor, help) {name, factor},
static const struct {
    const char *name;
    double factor;
} numbers[] = {PLAN_NUMBERS(NUMBER_ROW)};
#undef NUMBER_ROW

#define QUANTITY_ROW(id, before, behind, factor, help) {before, behind, factor},
static const struct {
    const char *before, *behind;
    double factor;
} quantities[] = {PLAN_QUANTITIES(QUANTITY_ROW)};
#undef QUANTITY_ROW

/* What a column holds. */
enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_QUANTITY };
struct column {
    enum column_kind kind;
    int which, candidate;
};

struct cells {
    int count;
    char text[MAX_CELLS][CELL_SIZE];
};

struct reader {
    const char *at, *end;
    int line, column_count, capacity;
    struct column columns[MAX_CELLS];
    struct cells cells; /* of the line at hand */
    struct plan_table *table;
    struct err *err;
};

/* --- lines --- */

static bool add_cell(struct reader *reader, const char *from, const char *to)
{
    struct cells *cells = &reader->cells;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    if (cells->count == MAX_CELLS)
        return err_set(reader->err, "more than %d columns", MAX_CELLS);
    if (to - from >= CELL_SIZE)
        return err_set(reader->err, "column %d: longer than %d characters", cells->count + 1,
                       CELL_SIZE - 1);
    char *cell = cells->text[cells->count++];
    for (; from < to; from++, cell++)
        *cell = (unsigned char)*from < ' ' || *from == 0x7f ? '?' : *from;
    *cell = '\0';
    return true;
}

/* The next line's cells; none (and true) for an empty line and for a comment. */
static bool read_line(struct reader *reader)
{
    reader->cells.count = 0;
    reader->line++;
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *line_end = newline ? newline : reader->end, *from = reader->at;
    reader->at = newline ? newline + 1 : reader->end;
    if (from < line_end && *from == '#')
        return true;
    for (const char *comma; (comma = memchr(from, ',', (size_t)(line_end - from)));
         from = comma + 1)
        if (!add_cell(reader, from, comma))
            return false;
    if (!add_cell(reader, from, line_end))
        return false;
    if (reader->cells.count == 1 && !*reader->cells.text[0])
        reader->cells.count = 0;
    return true;
}

/* --- the header --- */

int plan_table_candidate(const struct plan_table *table, const char *name)
{
    for (int i = 0; i < table->candidate_count; i++)
        if (!strcmp(table->candidates[i], name))
            return i;
    return -1;
}

/* The candidate that the header calls `name`; a new one where there is none yet, -1 at an error. */
static int find_candidate(struct reader *reader, const char *name, size_t length)
{
    struct plan_table *table = reader->table;
    char full[CELL_SIZE + 4];
    bool is_width = length > 1 && *name == 'w' && strspn(name + 1, "0123456789") >= length - 1;
    snprintf(full, sizeof full, "%s%.*s", is_width ? "int" : "", (int)length - is_width,
             name + is_width);
    int known = plan_table_candidate(table, full);
    if (known >= 0)
        return known;
    if (strlen(full) >= ARCH_NAME_SIZE || table->candidate_count == PLAN_MAX_CANDIDATES) {
        err_set(reader->err,
                "candidate \"%s\": names have up to %d characters, and there are up to %d", full,
                ARCH_NAME_SIZE - 1, PLAN_MAX_CANDIDATES);
        return -1;
    }
    memcpy(table->candidates[table->candidate_count], full, strlen(full) + 1);
    return table->candidate_count++;
}

/* "latency_int4_ms": some text before the candidate, some behind it. */
static bool is_quantity(const char *name, int quantity, size_t *length)
{
    size_t before = strlen(quantities[quantity].before),
           behind = strlen(quantities[quantity].behind);
    size_t all = strlen(name);
    if (all <= before + behind || strncmp(name, quantities[quantity].before, before) != 0 ||
        strcmp(name + all - behind, quantities[quantity].behind) != 0)
        return false;
    *length = all - before - behind;
    return true;
}

static bool refuse_column(struct reader *reader, const char *name)
{
    char legal[320] = "";
    for (int i = 0; i < PLAN_TEXT_COUNT; i++)
        list_append(legal, sizeof legal, "%s", text_names[i]);
    for (int i = 0; i < PLAN_NUMBER_COUNT; i++)
        list_append(legal, sizeof legal, "%s", numbers[i].name);
    for (int i = 0; i < PLAN_QUANTITY_COUNT; i++)
        list_append(legal, sizeof legal, "%sCAND%s", quantities[i].before, quantities[i].behind);
    return err_set(reader->err, "column \"%.64s\" is not one of %s", name, legal);
}

/* Find what the column holds, and mark the table as having it: *has. */
static bool find_column(struct reader *reader, const char *name, struct column *column, bool **has)
{
    struct plan_table *table = reader->table;
    for (int i = 0; i < PLAN_TEXT_COUNT; i++)
        if (!strcmp(name, text_names[i])) {
            *column = (struct column){COLUMN_TEXT, i, 0};
            *has = &table->has_text[i];
            return true;
        }
    for (int i = 0; i < PLAN_NUMBER_COUNT; i++)
        if (!strcmp(name, numbers[i].name)) {
            *column = (struct column){COLUMN_NUMBER, i, 0};
            *has = &table->has_number[i];
            return true;
        }
    for (int i = 0; i < PLAN_QUANTITY_COUNT; i++) {
        size_t length;
        if (!is_quantity(name, i, &length))
            continue;
        int candidate = find_candidate(reader, name + strlen(quantities[i].before), length);
        if (candidate < 0)
            return false;
        *column = (struct column){COLUMN_QUANTITY, i, candidate};
        *has = &table->has_quantity[i][candidate];
        return true;
    }
    return refuse_column(reader, name);
}

static bool read_header(struct reader *reader)
{
    while (!reader->cells.count)
        if (reader->at == reader->end)
            return err_set(reader->err, "no header");
        else if (!read_line(reader))
            return false;
    reader->column_count = reader->cells.count;
    for (int i = 0; i < reader->column_count; i++) {
        bool *has = NULL;
        if (!find_column(reader, reader->cells.text[i], &reader->columns[i], &has))
            return false;
        if (*has)
            return err_set(reader->err, "column \"%s\" is there twice", reader->cells.text[i]);
        *has = true;
    }
    const bool *has_text = reader->table->has_text;
    if (has_text[PLAN_TEXT_LAYER] == has_text[PLAN_TEXT_LAYER_INDEX])
        return err_set(reader->err, "one column of layer and index is needed");
    return reader->table->candidate_count ||
           err_set(reader->err, "no column says anything of a candidate, such as sensitivity_int4");
}

/* --- rows --- */

static bool read_number(struct reader *reader, int column, bool is_signed, double factor,
                        double *number)
{
    const char *text = reader->cells.text[column];
    char *rest;
    double value = strtod(text, &rest);
    if (rest == text || *rest || !isfinite(value) || fabs(value) > 1e30 ||
        (value < 0 && !is_signed))
        return err_set(reader->err, "column %d: \"%s\" is not a %snumber", column + 1, text,
                       is_signed ? "" : "positive ");
    *number = value * factor;
    return true;
}

static bool read_cell(struct reader *reader, int index, struct plan_row *row)
{
    struct column column = reader->columns[index];
    const char *cell = reader->cells.text[index];
    switch (column.kind) {
    case COLUMN_TEXT:
        memcpy(row->texts[column.which], cell, strlen(cell) + 1);
        return *cell ||
               err_set(reader->err, "column %d (%s) is empty", index + 1, text_names[column.which]);
    case COLUMN_NUMBER:
        return read_number(reader, index, column.which == PLAN_NUMBER_TRACE,
                           numbers[column.which].factor, &row->numbers[column.which]);
    case COLUMN_QUANTITY:
        return read_number(reader, index, false, quantities[column.which].factor,
                           &row->quantities[column.which][column.candidate]);
    }
    return false;
}

static struct plan_row *next_row(struct reader *reader)
{
    struct plan_table *table = reader->table;
    if (table->row_count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 64;
        void *larger = realloc(table->rows, (size_t)reader->capacity * sizeof *table->rows);
        if (!larger) {
            err_set(reader->err, "not enough memory for %d layers", reader->capacity);
            return NULL;
        }
        table->rows = larger;
    }
    struct plan_row *row = &table->rows[table->row_count++];
    *row = (struct plan_row){.line = reader->line};
    return row;
}

static bool read_row(struct reader *reader)
{
    if (!read_line(reader))
        return false;
    if (!reader->cells.count)
        return true;
    if (reader->cells.count != reader->column_count)
        return err_set(reader->err, "%d columns; the header has %d", reader->cells.count,
                       reader->column_count);
    if (reader->table->row_count == PLAN_MAX_LAYERS)
        return err_set(reader->err, "more than %d layers", PLAN_MAX_LAYERS);
    struct plan_row *row = next_row(reader);
    bool ok = row;
    for (int i = 0; ok && i < reader->column_count; i++)
        ok = read_cell(reader, i, row);
    if (ok && *row->texts[PLAN_TEXT_LAYER_INDEX])
        memcpy(row->texts[PLAN_TEXT_LAYER], row->texts[PLAN_TEXT_LAYER_INDEX],
               sizeof row->texts[PLAN_TEXT_LAYER]);
    return ok;
}

static bool read_table(struct reader *reader)
{
    if (!read_header(reader))
        return false;
    while (reader->at < reader->end)
        if (!read_row(reader))
            return false;
    return reader->table->row_count || err_set(reader->err, "no layers");
}

struct plan_table *plan_table_decode(const char *text, size_t size, const char *path,
                                     struct err *err)
{
    struct plan_table *table = calloc(1, sizeof *table);
    struct reader *reader = calloc(1, sizeof *reader); /* too large for the stack */
    if (!table || !reader)
        abort();
    *reader = (struct reader){.at = text, .end = text + size, .table = table, .err = err};
    snprintf(table->path, sizeof table->path, "%.200s", path);
    bool ok = read_table(reader);
    if (!ok)
        err_prefix(err, "%s:%d", table->path, reader->line);
    free(reader);
    if (ok)
        return table;
    plan_table_free(table);
    return NULL;
}

struct plan_table *plan_table_read(const char *path, struct err *err)
{
    size_t size;
    uint8_t *text = file_read(path, TABLE_MAX_BYTES, &size, err);
    if (!text)
        return NULL;
    struct plan_table *table = plan_table_decode((const char *)text, size, path, err);
    free(text);
    return table;
}

void plan_table_free(struct plan_table *table)
{
    if (!table)
        return;
    free(table->rows);
    free(table);
}
