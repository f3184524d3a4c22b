/* Schedules as text: docs/compiler.md, section Schedules. */
#include "compiler/schedule.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"

enum { SCHEDULE_MAX_BYTES = 16 << 20 };

#define COLUMN_NAME(field, most, help) "," #field
static const char header[] = "layer" TILING_COLUMNS(COLUMN_NAME);
#undef COLUMN_NAME

/* The line at hand. */
struct line {
    const char *at, *end;
    int number;
};

static bool next_line(struct line *line, const char **rest, const char *end)
{
    if (*rest == end)
        return false;
    const char *newline = memchr(*rest, '\n', (size_t)(end - *rest));
    line->at = *rest;
    line->end = newline ? newline : end;
    *rest = newline ? newline + 1 : end;
    while (line->end > line->at && isspace((unsigned char)line->end[-1]))
        line->end--;
    line->number++;
    return true;
}

static bool is_blank(const struct line *line)
{
    return line->at == line->end || *line->at == '#';
}

static bool add_letter(struct schedule_entry *entry, size_t *length, char letter, struct err *err)
{
    if (*length + 1 >= sizeof entry->layer)
        return err_set(err, "layer: longer than %zu characters", sizeof entry->layer - 1);
    if (!letter)
        return err_set(err, "layer: has a zero byte");
    entry->layer[(*length)++] = letter;
    return true;
}

/* "name" with quotes doubled inside, up to what stands behind it. */
static bool read_quoted(struct line *line, struct schedule_entry *entry, struct err *err)
{
    size_t length = 0;
    for (line->at++; line->at < line->end; line->at++) {
        bool is_quote = *line->at == '"';
        bool is_doubled = is_quote && line->at + 1 < line->end && line->at[1] == '"';
        line->at += is_quote;
        if (is_quote && !is_doubled)
            return true;
        if (!add_letter(entry, &length, *line->at, err))
            return false;
    }
    return err_set(err, "layer: the closing quote is missing");
}

static bool read_name(struct line *line, struct schedule_entry *entry, struct err *err)
{
    size_t length = 0;
    if (*line->at == '"')
        return read_quoted(line, entry, err);
    for (; line->at < line->end && *line->at != ','; line->at++)
        if (!add_letter(entry, &length, *line->at, err))
            return false;
    return true;
}

/* ",number" */
static bool read_number(struct line *line, const char *column, int most, int *number,
                        struct err *err)
{
    int64_t value = 0;
    if (line->at == line->end || *line->at != ',')
        return err_set(err, "%s is missing; columns: %s", column, header);
    const char *digits = ++line->at;
    for (; line->at < line->end && isdigit((unsigned char)*line->at); line->at++)
        value = value > most ? value : value * 10 + (*line->at - '0');
    bool ends = line->at == line->end || *line->at == ',';
    if (line->at == digits || !ends || value > most)
        return err_set(err, "%s: is not a whole number in 0..%d", column, most);
    *number = (int)value;
    return true;
}

static bool read_entry(struct line *line, struct schedule_entry *entry, struct err *err)
{
    entry->line = line->number;
    if (!read_name(line, entry, err))
        return false;
    int number = 0;
#define READ(field, most, help)                         \
    if (!read_number(line, #field, most, &number, err)) \
        return false;                                   \
    entry->tiling.field = number;
    TILING_COLUMNS(READ)
#undef READ
    return line->at == line->end || err_set(err, "more columns than %s", header);
}

static bool append(struct schedule *schedule, const struct schedule_entry *entry, struct err *err)
{
    for (int i = 0; i < schedule->count; i++)
        if (!strcmp(schedule->entries[i].layer, entry->layer))
            return err_set(err, "layer \"%s\" stands in line %d already", entry->layer,
                           schedule->entries[i].line);
    bool is_full = !(schedule->count & (schedule->count - 1)); /* room is a power of two */
    if (is_full) {
        size_t room = schedule->count ? 2 * (size_t)schedule->count : 1;
        void *larger = realloc(schedule->entries, room * sizeof *schedule->entries);
        if (!larger)
            return err_set(err, "not enough memory for %zu layers", room);
        schedule->entries = larger;
    }
    schedule->entries[schedule->count++] = *entry;
    return true;
}

static bool read_header(const struct line *line, struct err *err)
{
    size_t length = (size_t)(line->end - line->at);
    return (length == strlen(header) && !memcmp(line->at, header, length)) ||
           err_set(err, "the first line must be %s", header);
}

/* Header and layers; *number is the line it stopped in. */
static bool read_lines(struct schedule *schedule, const char *text, size_t size, int *number,
                       struct err *err)
{
    bool has_header = false;
    struct line line = {0};
    for (const char *rest = text; next_line(&line, &rest, text + size);) {
        struct schedule_entry entry = {0};
        *number = line.number;
        if (is_blank(&line))
            continue;
        bool ok = has_header ? read_entry(&line, &entry, err) && append(schedule, &entry, err)
                             : read_header(&line, err);
        if (!ok)
            return false;
        has_header = true;
    }
    return has_header || err_set(err, "the first line must be %s", header);
}

struct schedule *schedule_decode(const char *text, size_t size, const char *path, struct err *err)
{
    int number = 1;
    struct schedule *schedule = allocate(1, sizeof *schedule, err);
    if (!schedule)
        return NULL;
    schedule->path = strdup(path);
    bool ok = schedule->path || err_set(err, "not enough memory");
    if (ok && read_lines(schedule, text, size, &number, err))
        return schedule;
    err_prefix(err, "%s:%d", path, number);
    schedule_free(schedule);
    return NULL;
}

struct schedule *schedule_read(const char *path, struct err *err)
{
    size_t size;
    uint8_t *text = file_read(path, SCHEDULE_MAX_BYTES, &size, err);
    if (!text)
        return NULL;
    struct schedule *schedule = schedule_decode((const char *)text, size, path, err);
    free(text);
    return schedule;
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule)
        return;
    free(schedule->path);
    free(schedule->entries);
    free(schedule);
}

/* --- writing --- */

static void print_name(const char *name, FILE *file)
{
    if (!strpbrk(name, ",\"#")) {
        fputs(name, file);
        return;
    }
    fputc('"', file);
    for (; *name; name++)
        fputs(*name == '"' ? "\"\"" : (char[]){*name, 0}, file);
    fputc('"', file);
}

bool schedule_print(const struct network *network, const struct tiling *tilings, FILE *file)
{
    fprintf(file, "%s\n", header);
    for (int i = 0; i < network->layer_count; i++) {
        print_name(network->layers[i].name, file);
#define PRINT(field, most, help) fprintf(file, ",%d", tilings[i].field);
        TILING_COLUMNS(PRINT)
#undef PRINT
        fputc('\n', file);
    }
    return !ferror(file);
}
