/* The SRAM table: macros that CACTI 7 found for sizes, widths and cell flavours, interpolated in
 * between. */
#include <errno.h>
#include <math.h>
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

static bool add_point(struct sram_flavour *flavour, const struct sram_point *point)
{
    size_t count = (size_t)flavour->count + 1;
    struct sram_point *grown = realloc(flavour->points, count * sizeof *grown);
    if (!grown)
        return false;
    flavour->points = grown;
    flavour->points[flavour->count++] = *point;
    return true;
}

/* One data line. Rows of other nodes, and rows that CACTI found no organisation for, are passed
 * over. */
static bool read_row(struct technology *technology, char *line, const int at[COLUMN_COUNT],
                     const char *place, struct err *err)
{
    char *fields[MAX_FIELDS];
    int count = split(line, fields);
    for (int column = 0; column < COLUMN_COUNT; column++)
        if (at[column] >= count)
            return err_set(err, "%s: no field %s", place, column_names[column]);
    if (atoi(fields[at[COLUMN_TECH]]) != technology->node_nm || !*fields[at[COLUMN_READ]])
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
    };
    return add_point(flavour, &point) || err_set(err, "%s: out of memory", place);
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

bool technology_read_sram(struct technology *technology, const char *text, size_t size,
                          const char *path, struct err *err)
{
    char line[MAX_LINE], place[1200];
    int at[COLUMN_COUNT], number = 0;
    const char *end = text + size;
    while (text < end) {
        snprintf(place, sizeof place, "%s:%d", path, ++number);
        text = next_line(text, end, line);
        if (!text)
            return err_set(err, "%s: the line is too long", place);
        bool ok = number == 1 ? find_columns(line, at, path, err)
                  : *line     ? read_row(technology, line, at, place, err)
                              : true;
        if (!ok)
            return false;
    }
    if (!technology->flavour_count)
        return err_set(err, "%s: no rows of %d nm", path, technology->node_nm);
    return true;
}

/* A quantity of a macro, for interpolation. */
enum quantity { READ_PJ_PER_BIT, WRITE_PJ_PER_BIT, LEAKAGE_MW, AREA_MM2 };

static double quantity_of(const struct sram_point *point, enum quantity quantity)
{
    switch (quantity) {
    case READ_PJ_PER_BIT:
        return point->read_pj / point->width_bits;
    case WRITE_PJ_PER_BIT:
        return point->write_pj / point->width_bits;
    case LEAKAGE_MW:
        return point->leakage_mw;
    case AREA_MM2:
        return point->area_mm2;
    }
    return NAN;
}

/* Log-log straight line through (x0, y0) and (x1, y1). */
static double interpolate(double x, double x0, double y0, double x1, double y1)
{
    if (x0 == x1)
        return y0;
    return exp(log(y0) + (log(y1) - log(y0)) * (log(x) - log(x0)) / (log(x1) - log(x0)));
}

/* The points of width `width` around `bytes`, interpolated in size; the nearest where bytes is
 * outside. */
static double at_width(const struct sram_flavour *flavour, uint32_t width, double bytes,
                       enum quantity quantity, bool *outside)
{
    const struct sram_point *below = NULL, *above = NULL;
    for (int i = 0; i < flavour->count; i++) {
        const struct sram_point *point = &flavour->points[i];
        if (point->width_bits != width)
            continue;
        if (point->bytes <= bytes && (!below || point->bytes > below->bytes))
            below = point;
        if (point->bytes >= bytes && (!above || point->bytes < above->bytes))
            above = point;
    }
    if (below && above)
        return interpolate(bytes, below->bytes, quantity_of(below, quantity), above->bytes,
                           quantity_of(above, quantity));
    *outside = true;
    const struct sram_point *edge = below ? below : above;
    double value = quantity_of(edge, quantity);
    bool is_per_bit = quantity == READ_PJ_PER_BIT || quantity == WRITE_PJ_PER_BIT;
    return is_per_bit ? value : value * bytes / edge->bytes;
}

/* One quantity of one flavour: between the two nearest widths, each interpolated in size. */
static double in_flavour(const struct sram_flavour *flavour, double bytes, double width,
                         enum quantity quantity, bool *outside)
{
    uint32_t below = 0, above = 0;
    for (int i = 0; i < flavour->count; i++) {
        uint32_t here = flavour->points[i].width_bits;
        if (here <= width && here > below)
            below = here;
        if (here >= width && (!above || here < above))
            above = here;
    }
    if (!below || !above) {
        *outside = true;
        return at_width(flavour, below ? below : above, bytes, quantity, outside);
    }
    double low = at_width(flavour, below, bytes, quantity, outside);
    double high = at_width(flavour, above, bytes, quantity, outside);
    return interpolate(width, below, low, above, high);
}

static struct bounded over_flavours(const struct technology *technology, double bytes, double width,
                                    enum quantity quantity, bool *outside)
{
    struct bounded result = {0, INFINITY, 0};
    for (int i = 0; i < technology->flavour_count; i++) {
        bool beyond = false;
        double value = in_flavour(&technology->flavours[i], bytes, width, quantity, &beyond);
        result.low = fmin(result.low, value);
        result.high = fmax(result.high, value);
        if (i == technology->cell) {
            result.value = value;
            *outside |= beyond;
        }
    }
    return result;
}

struct sram_cost technology_sram(const struct technology *technology, double bytes, double width)
{
    struct sram_cost cost = {.outside = false};
    cost.read_pj_per_bit = over_flavours(technology, bytes, width, READ_PJ_PER_BIT, &cost.outside);
    cost.write_pj_per_bit =
        over_flavours(technology, bytes, width, WRITE_PJ_PER_BIT, &cost.outside);
    cost.leakage_mw = over_flavours(technology, bytes, width, LEAKAGE_MW, &cost.outside);
    cost.area_mm2 = over_flavours(technology, bytes, width, AREA_MM2, &cost.outside);
    return cost;
}
