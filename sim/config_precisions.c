#include "sim/config_precisions.h"

#include <stdlib.h>
#include <string.h>

#include "pe/format.h"
#include "sim/config_table.h"

enum { PRECISION_COLUMNS = 5, MAX_ROWS = 8192 /* of one scheme */, CELL_SIZE = PROGRAM_NAME_SIZE };

static const char HEADER[] = "network,scheme,layer,weight_bits,activation_bits";

struct cells {
    char of[PRECISION_COLUMNS][CELL_SIZE];
};

struct reader {
    const char *path, *scheme;
    int line, capacity;
    char schemes[400]; /* those met so far, for the message */
    struct quantise_config *config;
    struct err *err;
};

static bool fail(struct reader *reader, const char *what)
{
    return err_set(reader->err, "%s:%d: %s", reader->path, reader->line, what);
}

static bool split(struct reader *reader, const char *line, size_t length, struct cells *cells)
{
    const char *end = line + length;
    for (int i = 0; i < PRECISION_COLUMNS; i++) {
        const char *comma = memchr(line, ',', (size_t)(end - line));
        bool is_last = i == PRECISION_COLUMNS - 1;
        if (!comma == !is_last)
            return fail(reader, "must have the five columns of the header");
        size_t size = (size_t)((comma ? comma : end) - line);
        if (!size || size >= CELL_SIZE)
            return fail(reader, "a cell must have 1 to 95 characters");
        memcpy(cells->of[i], line, size);
        cells->of[i][size] = '\0';
        line += size + 1;
    }
    return true;
}

/* A width at which every family of the common choice exists. */
static bool read_bits(struct reader *reader, const char *cell, const struct format_choice *choice,
                      int *bits)
{
    char *end;
    long value = strtol(cell, &end, 10);
    if (*end || value < 1 || value > 32)
        return err_set(reader->err, "%s:%d: \"%s\" is not a width in 1..32", reader->path,
                       reader->line, cell);
    for (int i = 0; i < choice->family_count; i++) {
        struct format format;
        struct err why;
        const char *family = format_family((struct format){.family = choice->families[i]})->name;
        if (!format_parse(family, (int)value, true, &format, &why))
            return err_set(reader->err, "%s:%d: %s", reader->path, reader->line, why.text);
    }
    *bits = (int)value;
    return true;
}

static struct layer_precision *new_row(struct reader *reader)
{
    struct quantise_config *config = reader->config;
    if (config->precision_count == MAX_ROWS) {
        fail(reader, "a scheme has at most 8192 rows");
        return NULL;
    }
    if (config->precision_count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 64;
        size_t size = (size_t)reader->capacity * sizeof *config->precisions;
        struct layer_precision *larger = realloc(config->precisions, size);
        if (!larger) {
            fail(reader, "out of memory");
            return NULL;
        }
        config->precisions = larger;
    }
    return &config->precisions[config->precision_count++];
}

static bool is_repeated(const struct quantise_config *config, const struct cells *cells)
{
    for (int i = 0; i < config->precision_count; i++)
        if (!strcmp(config->precisions[i].layer, cells->of[2]) &&
            !strcmp(config->precisions[i].network, cells->of[0]))
            return true;
    return false;
}

static bool read_row(struct reader *reader, const char *line, size_t length)
{
    struct cells cells;
    struct quantise_config *config = reader->config;
    int weight_bits, activation_bits;
    if (!split(reader, line, length, &cells))
        return false;
    if (!list_has(reader->schemes, cells.of[1]))
        list_append(reader->schemes, sizeof reader->schemes, "%s", cells.of[1]);
    if (strcmp(cells.of[1], reader->scheme))
        return true;
    if (!read_bits(reader, cells.of[3], &config->weights, &weight_bits) ||
        !read_bits(reader, cells.of[4], &config->activations, &activation_bits))
        return false;
    if (is_repeated(config, &cells))
        return fail(reader, "this network has this layer twice");
    struct layer_precision *row = new_row(reader);
    if (!row)
        return false;
    memcpy(row->network, cells.of[0], CELL_SIZE);
    memcpy(row->layer, cells.of[2], CELL_SIZE);
    row->weight_bits = weight_bits;
    row->activation_bits = activation_bits;
    return true;
}

static bool read_line(struct reader *reader, const char *line, size_t length, bool *has_header)
{
    reader->line++;
    if (length && line[length - 1] == '\r')
        length--;
    if (!length || *line == '#')
        return true;
    if (*has_header)
        return read_row(reader, line, length);
    *has_header = true;
    return (length == strlen(HEADER) && !memcmp(line, HEADER, length)) ||
           err_set(reader->err, "%s:%d: the header must be %s", reader->path, reader->line, HEADER);
}

bool precisions_decode(const char *text, const char *path, const char *scheme,
                       struct quantise_config *config, struct err *err)
{
    struct reader reader = {.path = path, .scheme = scheme, .config = config, .err = err};
    bool has_header = false;
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (!read_line(&reader, text, length, &has_header))
            return false;
        text += length + (text[length] == '\n');
    }
    return config->precision_count || err_set(err, "%s: scheme \"%.48s\" is not one of %s", path,
                                              scheme, *reader.schemes ? reader.schemes : "none");
}

/* --- the network at hand --- */

static bool no_such_network(const struct quantise_config *scheme, const char *network,
                            struct err *err)
{
    char legal[400] = "";
    for (int i = 0; i < scheme->precision_count; i++)
        if (!list_has(legal, scheme->precisions[i].network))
            list_append(legal, sizeof legal, "%s", scheme->precisions[i].network);
    return err_set(err, "scheme %s has widths for %s, not for network \"%s\"", scheme->name, legal,
                   network);
}

static void set_override(struct quantise_override *override, const struct layer_precision *row)
{
    override->is_name = true;
    override->weights.bits = row->weight_bits;
    override->activations.bits = row->activation_bits;
    memcpy(override->pattern, row->layer, sizeof override->pattern);
}

bool precisions_narrow(const struct quantise_config *scheme, const char *network,
                       struct quantise_config *narrowed, struct err *err)
{
    const char *wanted = *scheme->precisions_network ? scheme->precisions_network : network;
    size_t most = (size_t)scheme->override_count + (size_t)scheme->precision_count + 1;
    *narrowed = *scheme;
    narrowed->overrides = calloc(most, sizeof *narrowed->overrides);
    if (!narrowed->overrides)
        return err_set(err, "out of memory");
    if (scheme->override_count)
        memcpy(narrowed->overrides, scheme->overrides,
               (size_t)scheme->override_count * sizeof *scheme->overrides);
    for (int i = 0; i < scheme->precision_count; i++)
        if (!strcmp(scheme->precisions[i].network, wanted))
            set_override(&narrowed->overrides[narrowed->override_count++], &scheme->precisions[i]);
    if (!scheme->precision_count || narrowed->override_count > scheme->override_count)
        return true;
    free(narrowed->overrides);
    narrowed->overrides = NULL;
    return no_such_network(scheme, wanted, err);
}

static bool has_layer(const struct network *network, const char *name)
{
    for (int i = 0; i < network->layer_count; i++)
        if (network->layers[i].kind == LAYER_MATMUL && !strcmp(network->layers[i].name, name))
            return true;
    return false;
}

bool precisions_met(const struct quantise_config *narrowed, const struct network *network,
                    struct err *err)
{
    for (int i = 0; i < narrowed->override_count; i++) {
        const struct quantise_override *override = &narrowed->overrides[i];
        if (override->is_name && !has_layer(network, override->pattern))
            return err_set(err, "scheme %s gives widths to layer \"%s\", which is not there",
                           narrowed->name, override->pattern);
    }
    return true;
}
