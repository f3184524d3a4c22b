/* Reads the SRAM table: macros that CACTI 7 found for nodes, cell flavours, sizes and widths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/technology.h"

/* The columns used, by their names in the header. */
#define SRAM_COLUMNS(X)             \
    X(TECH, "tech_nm")              \
    X(CELL, "cell")                 \
    X(SIZE, "size_B")               \
    X(WIDTH, "width_b")             \
    X(READ, "read_pJ")              \
    X(WRITE, "write_pJ")            \
    X(LEAKAGE, "leak_mW")           \
    X(GATE_LEAKAGE, "gate_leak_mW") \
    X(ACCESS, "access_ns")          \
    X(AREA, "area_mm2")
#define COLUMN_ENUMERATOR(id, name) COLUMN_##id,
enum column { SRAM_COLUMNS(COLUMN_ENUMERATOR) COLUMN_COUNT };
#undef COLUMN_ENUMERATOR
#define COLUMN_NAME(id, name) name,
static const char *const column_names[] = {SRAM_COLUMNS(COLUMN_NAME)};
#undef COLUMN_NAME

enum { MAX_FIELDS = 64, MAX_LINE = 1024 };

/* Cut a line at its commas. Returns the number of fields. */
static int split(char *line, char *fields[MAX_FIELDS])
{
    int count = 0;
    for (char *rest = line; rest && count < MAX_FIELDS; count++) {
        fields[count] = rest;
        rest = strchr(rest, ',');
        if (rest)
            *rest++ = '\0';
    }
    return count;
}

static bool find_columns(char *header, int at[COLUMN_COUNT], const char *path, struct err *err)
{
    char *fields[MAX_FIELDS];
    int count = split(header, fields);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        at[column] = -1;
        for (int i = 0; i < count; i++)
            if (!strcmp(fields[i], column_names[column]))
                at[column] = i;
        if (at[column] < 0)
            return err_set(err, "%s:1: no column %s", path, column_names[column]);
    }
    return true;
}

static struct sram_flavour *flavour_of(struct technology *technology, const char *cell)
{
    for (int i = 0; i < technology->flavour_count; i++)
        if (!strcmp(technology->flavours[i].cell, cell))
            return &technology->flavours[i];
    if (technology->flavour_count == SRAM_MAX_FLAVOURS ||
        strlen(cell) >= sizeof technology->flavours[0].cell)
        return NULL;
    struct sram_flavour *flavour = &technology->flavours[technology->flavour_count++];
    strcpy(flavour->cell, cell);
    return flavour;
}

static bool positive(const char *text, double *value)
{
    char *rest;
    *value = strtod(text, &rest);
    return rest != text && !*rest && *value > 0 && *value < 1e12;
}

static bool add_point(struct sram_grid *grid, const struct sram_point *point)
{
    size_t count = (size_t)grid->count + 1;
    struct sram_point *grown = realloc(grid->points, count * sizeof *grown);
    if (!grown)
        return false;
    grid->points = grown;
    grid->points[grid->count++] = *point;
    return true;
}

/* Nodes met in the table, for the error that lists them. */
struct nodes {
    int count;
    int nm[16];
};

static void meet_node(struct nodes *nodes, int nm)
{
    for (int i = 0; i < nodes->count; i++)
        if (nodes->nm[i] == nm)
            return;
    if (nodes->count < (int)(sizeof nodes->nm / sizeof *nodes->nm))
        nodes->nm[nodes->count++] = nm;
}

/* Which of the technology's nodes a row belongs to; -1: to none. */
static int node_index(const struct technology *technology, int nm)
{
    for (int node = 0; node < technology->sram_node_count; node++)
        if (technology->sram_nodes[node] == nm)
            return node;
    return -1;
}

/* One data line. Rows of other nodes, and rows that CACTI found no organisation for, are passed
 * over. */
static bool read_row(struct technology *technology, char *line, const int at[COLUMN_COUNT],
                     struct nodes *nodes, const char *place, struct err *err)
{
    char *fields[MAX_FIELDS];
    int count = split(line, fields);
    for (int column = 0; column < COLUMN_COUNT; column++)
        if (at[column] >= count)
            return err_set(err, "%s: no field %s", place, column_names[column]);
    meet_node(nodes, atoi(fields[at[COLUMN_TECH]]));
    int node = node_index(technology, atoi(fields[at[COLUMN_TECH]]));
    if (node < 0 || !*fields[at[COLUMN_READ]])
        return true;
    double values[COLUMN_COUNT] = {0};
    for (int column = COLUMN_SIZE; column < COLUMN_COUNT; column++)
        if (!positive(fields[at[column]], &values[column]))
            return err_set(err, "%s: %s: \"%.32s\" is not a positive number", place,
                           column_names[column], fields[at[column]]);
    if (values[COLUMN_SIZE] > UINT32_MAX || values[COLUMN_WIDTH] > UINT32_MAX)
        return err_set(err, "%s: size or width is too large", place);
    struct sram_flavour *flavour = flavour_of(technology, fields[at[COLUMN_CELL]]);
    if (!flavour)
        return err_set(err, "%s: more than %d cell flavours, or a name over 15 characters", place,
                       SRAM_MAX_FLAVOURS);
    struct sram_point point = {
        .bytes = (uint32_t)values[COLUMN_SIZE],
        .width_bits = (uint32_t)values[COLUMN_WIDTH],
        .read_pj = values[COLUMN_READ],
        .write_pj = values[COLUMN_WRITE],
        .leakage_mw = values[COLUMN_LEAKAGE] + values[COLUMN_GATE_LEAKAGE],
        .area_mm2 = values[COLUMN_AREA],
        .access_ns = values[COLUMN_ACCESS],
    };
    return add_point(&flavour->grids[node], &point) || err_set(err, "%s: out of memory", place);
}

/* Copy the line at `text` without its end; returns where the next one starts, NULL if it is too
 * long. */
static const char *next_line(const char *text, const char *end, char line[MAX_LINE])
{
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((stop ? stop : end) - text);
    if (length >= MAX_LINE)
        return NULL;
    memcpy(line, text, length);
    line[length] = '\0';
    line[strcspn(line, "\r")] = '\0';
    return stop ? stop + 1 : end;
}

/* Whether every node of the technology has rows, in every flavour. */
static bool complete(const struct technology *technology, const struct nodes *nodes,
                     const char *path, struct err *err)
{
    char legal[120] = "";
    for (int i = 0; i < nodes->count; i++)
        list_append(legal, sizeof legal, "%d", nodes->nm[i]);
    for (int node = 0; node < technology->sram_node_count; node++) {
        bool found = technology->flavour_count > 0;
        for (int i = 0; i < technology->flavour_count; i++)
            found = found && technology->flavours[i].grids[node].count;
        if (!found)
            return err_set(err, "%s: no rows of %d nm in every flavour; the table has %s nm", path,
                           technology->sram_nodes[node], *legal ? legal : "no");
    }
    return true;
}

bool technology_read_sram(struct technology *technology, const char *text, size_t size,
                          const char *path, struct err *err)
{
    char line[MAX_LINE], place[1200];
    int at[COLUMN_COUNT], number = 0;
    struct nodes nodes = {0};
    const char *end = text + size;
    while (text < end) {
        snprintf(place, sizeof place, "%s:%d", path, ++number);
        text = next_line(text, end, line);
        if (!text)
            return err_set(err, "%s: the line is too long", place);
        bool ok = number == 1 ? find_columns(line, at, path, err)
                  : *line     ? read_row(technology, line, at, &nodes, place, err)
                              : true;
        if (!ok)
            return false;
    }
    return complete(technology, &nodes, path, err);
}
