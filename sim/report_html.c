/* The page of a report: its parts are files of sim/report, embedded, with the data between them. */
#include <jansson.h>
#include <string.h>

#include "sim/report_data.h"
#include "sim/report_parts.h"

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
    json_t *root = report_data_json(data);
    bool ok = root && !json_dump_callback(root, write_escaped, file, REPORT_JSON_FLAGS);
    json_decref(root);
    return ok;
}

/* --- the page: lines of page.html that are "@name" stand for a part --- */

static const struct {
    const char *name, *text;
} parts[] = {
#define PART(id, file) {#id, report_part_##id},
    REPORT_PARTS(PART)
#undef PART
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
    for (const char *line = report_part_page; *line;) {
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
