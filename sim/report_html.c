/* The page of a report: its parts are files of sim/report, embedded, with the data between them. */
#include <jansson.h>
#include <string.h>

#include "sim/report_data.h"
#include "sim/sweep_columns.h"

/* Digits of the figures: what a plot or a person can tell apart, and a small file. */
enum { FIGURE_DIGITS = 7 };

/* --- embedded files; MANTIS_REPORT_DIR is their folder --- */

#define EMBED(id, name)                                    \
    __asm__(".section .rodata\n"                           \
            ".global report_" #id "\nreport_" #id ":\n"    \
            ".incbin \"" MANTIS_REPORT_DIR "/" name "\"\n" \
            ".byte 0\n"                                    \
            ".previous\n");                                \
    extern const char report_##id[];
EMBED(page, "page.html")
EMBED(style, "style.css")
EMBED(library, "echarts.min.js")
EMBED(format, "format.js")
EMBED(points, "points.js")
EMBED(layers, "layers.js")
EMBED(roofline, "roofline.js")
EMBED(tables, "tables.js")
EMBED(main, "main.js")

/* --- data --- */

static const char *kind_name(enum cell_kind kind)
{
    switch (kind) {
    case CELL_TEXT:
        return "text";
    case CELL_INTEGER:
        return "integer";
    case CELL_REAL:
        return "real";
    }
    return "";
}

static const char *better_name(enum sweep_better better)
{
    switch (better) {
    case BETTER_NEITHER:
        return "";
    case BETTER_LESS:
        return "less";
    case BETTER_MORE:
        return "more";
    }
    return "";
}

static json_t *columns_array(void)
{
    json_t *array = json_array();
    for (int i = 0; i < SWEEP_COLUMN_COUNT; i++) {
        const struct sweep_column *column = &sweep_columns[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", column->name,
                                        "kind", kind_name(column->kind), "better",
                                        better_name(column->better), "unit", column->unit, "help",
                                        column->help, "parameter", i < SWEEP_FIRST_FIGURE));
    }
    return array;
}

static json_t *layer_columns_array(void)
{
    json_t *array = json_array();
    for (int i = 0; i < SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS; i++)
        json_array_append_new(array, json_string(sweep_layer_columns[i].name));
    return array;
}

/* Inside a script element nothing but "<" can end it or open a comment, and in JSON "<" stands in
 * strings alone (HTML, section 4.12.1.3). */
static int write_escaped(const char *text, size_t size, void *context)
{
    FILE *file = context;
    for (size_t start = 0; start < size;) {
        const char *less = memchr(text + start, '<', size - start);
        size_t end = less ? (size_t)(less - text) : size;
        fwrite(text + start, 1, end - start, file);
        if (less)
            fputs("\\u003c", file);
        start = end + (less ? 1 : 0);
    }
    return 0; /* a write error stays in the stream, for output_commit to report */
}

static bool write_data(const struct report_data *data, FILE *file)
{
    json_t *root = json_pack("{s:s, s:o, s:o, s:O, s:O, s:O}", "version", MANTIS_VERSION, "columns",
                             columns_array(), "layer_columns", layer_columns_array(), "sources",
                             data->sources, "points", data->points, "runs", data->runs);
    bool ok = root && !json_dump_callback(root, write_escaped, file,
                                          JSON_COMPACT | JSON_REAL_PRECISION(FIGURE_DIGITS));
    json_decref(root);
    return ok;
}

/* --- the page: lines of page.html that are "@name" stand for a part --- */

static const struct {
    const char *name, *text;
} parts[] = {
    {"style", report_style},   {"library", report_library}, {"format", report_format},
    {"points", report_points}, {"layers", report_layers},   {"roofline", report_roofline},
    {"tables", report_tables}, {"main", report_main},
};

static void write_part(const char *name, size_t length, FILE *file)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].name) == length && !memcmp(parts[i].name, name, length))
            fputs(parts[i].text, file);
}

bool report_html(const struct report_data *data, FILE *file, struct err *err)
{
    bool ok = true;
    for (const char *line = report_page; *line;) {
        size_t length = strcspn(line, "\n");
        if (length == 5 && !memcmp(line, "@data", 5))
            ok = write_data(data, file) && ok;
        else if (*line == '@')
            write_part(line + 1, length - 1, file);
        else
            fwrite(line, 1, length, file);
        fputc('\n', file);
        line += length + (line[length] == '\n');
    }
    return ok || err_set(err, "the report: out of memory");
}
