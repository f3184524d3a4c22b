#include "workloads/topology.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "isa/host.h"

enum {
    TOPOLOGY_MAX_BYTES = 16 << 20,
    TOPOLOGY_MAX_EXTENT = 1 << 24,
    MAX_CELLS = 16,
    CELL_SIZE = 96,
};

/* Columns by the names SCALE-Sim's files give them. */
#define COLUMNS(X)                           \
    X(NAME, "Layer name", "Layer")           \
    X(IFM_H, "IFMAP Height", "IFMAP H")      \
    X(IFM_W, "IFMAP Width", "IFMAP W")       \
    X(FILTER_H, "Filter Height", "Filter H") \
    X(FILTER_W, "Filter Width", "Filter W")  \
    X(CHANNELS, "Channels", "Channel")       \
    X(FILTERS, "Num Filter", "Num Filters")  \
    X(STRIDE, "Strides", "Stride")           \
    X(GROUPS, "Groups", "Group")             \
    X(OPERANDS, "Operands", "Operands")      \
    X(M, "M", "M")                           \
    X(N, "N", "N")                           \
    X(K, "K", "K")

#define COLUMN_ENUMERATOR(id, name, other) COLUMN_##id,
enum column { COLUMNS(COLUMN_ENUMERATOR) COLUMN_COUNT };
#undef COLUMN_ENUMERATOR

#define COLUMN_ROW(id, name, other) {name, other},
static const char *const column_names[][2] = {COLUMNS(COLUMN_ROW)};
#undef COLUMN_ROW

#define COLUMN_BIT(id) (1u << COLUMN_##id)
enum {
    CONV_COLUMNS = COLUMN_BIT(NAME) | COLUMN_BIT(IFM_H) | COLUMN_BIT(IFM_W) | COLUMN_BIT(FILTER_H) |
                   COLUMN_BIT(FILTER_W) | COLUMN_BIT(CHANNELS) | COLUMN_BIT(FILTERS) |
                   COLUMN_BIT(STRIDE),
    CONV_OPTIONAL = COLUMN_BIT(GROUPS) | COLUMN_BIT(OPERANDS),
    GEMM_COLUMNS = COLUMN_BIT(NAME) | COLUMN_BIT(M) | COLUMN_BIT(N) | COLUMN_BIT(K),
    GEMM_OPTIONAL = COLUMN_BIT(OPERANDS),
};

#define OPERANDS_TEXT(id, text) text,
static const char *const operands_names[] = {TOPOLOGY_OPERANDS(OPERANDS_TEXT)};
#undef OPERANDS_TEXT

struct row {
    int count;
    char cells[MAX_CELLS][CELL_SIZE];
};

struct reader {
    const char *at, *end, *path;
    int line, capacity;
    enum column columns[MAX_CELLS]; /* of each cell */
    int column_count;
    bool is_gemm;
    struct topology *topology;
    struct err *err;
};

/* SCALE-Sim: ceil((ifmap - filter + stride) / stride). */
static int output_extent(int ifm, int filter, int stride)
{
    return (ifm - filter + stride - 1) / stride + 1;
}

int topology_output_h(const struct topology_layer *layer)
{
    return output_extent(layer->ifm_h, layer->filter_h, layer->stride);
}

int topology_output_w(const struct topology_layer *layer)
{
    return output_extent(layer->ifm_w, layer->filter_w, layer->stride);
}

/* Elements of the filters, weights or not. */
static uint64_t filter_elements(const struct topology_layer *layer)
{
    return (uint64_t)layer->filters * (uint64_t)layer->filter_h * (uint64_t)layer->filter_w *
           (uint64_t)(layer->channels / layer->groups);
}

uint64_t topology_macs(const struct topology_layer *layer)
{
    return (uint64_t)topology_output_h(layer) * (uint64_t)topology_output_w(layer) *
           filter_elements(layer);
}

uint64_t topology_weights(const struct topology_layer *layer)
{
    return layer->operands == TOPOLOGY_WEIGHTS ? filter_elements(layer) : 0;
}

static bool add_cell(struct reader *reader, struct row *row, const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    if (row->count == MAX_CELLS)
        return err_set(reader->err, "more than %d columns", MAX_CELLS);
    if (to - from >= CELL_SIZE)
        return err_set(reader->err, "column %d: longer than %d characters", row->count + 1,
                       CELL_SIZE - 1);
    char *cell = row->cells[row->count++];
    for (; from < to; from++, cell++)
        *cell = (unsigned char)*from < ' ' || *from == 0x7f ? '?' : *from;
    *cell = 0;
    return true;
}

static void skip_comments(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at == '#') {
        const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        reader->at = newline ? newline + 1 : reader->end;
        reader->line++;
    }
}

/* Cells of the next line; SCALE-Sim's lines end in a comma, so an empty last cell does not count.
 */
static bool read_row(struct reader *reader, struct row *row)
{
    row->count = 0;
    skip_comments(reader);
    reader->line++;
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *line_end = newline ? newline : reader->end;
    while (true) {
        const char *comma = memchr(reader->at, ',', (size_t)(line_end - reader->at));
        if (!add_cell(reader, row, reader->at, comma ? comma : line_end))
            return false;
        if (!comma)
            break;
        reader->at = comma + 1;
    }
    reader->at = newline ? newline + 1 : reader->end;
    while (row->count && !*row->cells[row->count - 1])
        row->count--;
    return true;
}

static bool find_column(struct reader *reader, const char *name, enum column *column)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (!strcasecmp(name, column_names[i][0]) || !strcasecmp(name, column_names[i][1])) {
            *column = (enum column)i;
            return true;
        }
    if (!strncasecmp(name, "Sparsity", 8))
        return err_set(reader->err, "column \"%s\": sparsity is not supported", name);
    return err_set(reader->err,
                   "column \"%s\" is not known; conv: Layer name, IFMAP Height, IFMAP Width, "
                   "Filter Height, Filter Width, Channels, Num Filter, Strides[, Groups]"
                   "[, Operands]; gemm: Layer name, M, N, K[, Operands]",
                   name);
}

static bool read_header(struct reader *reader)
{
    struct row row;
    unsigned seen = 0;
    if (!read_row(reader, &row))
        return false;
    for (int i = 0; i < row.count; i++) {
        if (!find_column(reader, row.cells[i], &reader->columns[i]))
            return false;
        if (seen >> reader->columns[i] & 1)
            return err_set(reader->err, "column \"%s\" is there twice", row.cells[i]);
        seen |= 1u << reader->columns[i];
    }
    reader->column_count = row.count;
    reader->is_gemm = seen & COLUMN_BIT(M);
    unsigned needed = reader->is_gemm ? GEMM_COLUMNS : CONV_COLUMNS;
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (needed & ~seen & 1u << i)
            return err_set(reader->err, "column \"%s\" is missing", column_names[i][0]);
    unsigned optional = reader->is_gemm ? GEMM_OPTIONAL : CONV_OPTIONAL;
    if (seen & ~needed & ~optional)
        return err_set(reader->err, "mixes columns of the conv and the gemm form");
    return true;
}

static bool read_number(struct reader *reader, const char *cell, enum column column, int *number)
{
    char *end;
    long long value = strtoll(cell, &end, 10);
    if (!*cell || *end || value < 1 || value > TOPOLOGY_MAX_EXTENT)
        return err_set(reader->err, "%s: \"%s\" is not in 1..%d", column_names[column][0], cell,
                       TOPOLOGY_MAX_EXTENT);
    *number = (int)value;
    return true;
}

static bool read_operands(struct reader *reader, const char *cell, enum topology_operands *operands)
{
    for (int i = 0; i < TOPOLOGY_OPERANDS_COUNT; i++)
        if (!strcasecmp(cell, operands_names[i])) {
            *operands = (enum topology_operands)i;
            return true;
        }
    return err_set(reader->err, "Operands: \"%s\" is not one of %s, %s", cell,
                   operands_names[TOPOLOGY_WEIGHTS], operands_names[TOPOLOGY_ACTIVATIONS]);
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && !strcmp(name + length - tail, ending);
}

/* A GEMM is the 1x1 convolution of an M x 1 image. "_dw" is depthwise: one group a channel, and
 * where the file gives one filter, as SCALE-Sim's depthwise rows do, one filter a channel. */
static struct topology_layer make_layer(const struct reader *reader, const char *name,
                                        const int numbers[COLUMN_COUNT])
{
    struct topology_layer layer = {.filter_h = 1, .filter_w = 1, .stride = 1, .groups = 1};
    snprintf(layer.name, sizeof layer.name, "%s", name);
    if (reader->is_gemm) {
        layer.ifm_h = numbers[COLUMN_M];
        layer.ifm_w = 1;
        layer.channels = numbers[COLUMN_K];
        layer.filters = numbers[COLUMN_N];
        return layer;
    }
    layer.ifm_h = numbers[COLUMN_IFM_H];
    layer.ifm_w = numbers[COLUMN_IFM_W];
    layer.filter_h = numbers[COLUMN_FILTER_H];
    layer.filter_w = numbers[COLUMN_FILTER_W];
    layer.channels = numbers[COLUMN_CHANNELS];
    layer.filters = numbers[COLUMN_FILTERS];
    layer.stride = numbers[COLUMN_STRIDE];
    if (numbers[COLUMN_GROUPS]) {
        layer.groups = numbers[COLUMN_GROUPS];
    } else if (ends_in(name, "_dw")) {
        layer.groups = layer.channels;
        layer.filters = layer.filters == 1 ? layer.channels : layer.filters;
    }
    return layer;
}

static bool too_large(int64_t a, int64_t b, int64_t c, int64_t d)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) || __builtin_mul_overflow(product, c, &product) ||
           __builtin_mul_overflow(product, d, &product) || product > INT32_MAX;
}

static bool is_too_large(const struct topology_layer *layer)
{
    return too_large(layer->ifm_h, layer->ifm_w, layer->channels, 1) ||
           too_large(layer->filter_h, layer->filter_w, layer->channels / layer->groups,
                     layer->filters) ||
           too_large(topology_output_h(layer), topology_output_w(layer), layer->filters, 1);
}

static bool check_layer(struct reader *reader, const struct topology_layer *layer)
{
    if (layer->filter_h > layer->ifm_h || layer->filter_w > layer->ifm_w)
        return err_set(reader->err, "the %d x %d filter is larger than the %d x %d IFMAP",
                       layer->filter_h, layer->filter_w, layer->ifm_h, layer->ifm_w);
    if (layer->channels % layer->groups || layer->filters % layer->groups)
        return err_set(reader->err, "%d channels and %d filters do not divide into %d groups",
                       layer->channels, layer->filters, layer->groups);
    if (is_too_large(layer))
        return err_set(reader->err, "the IFMAP, the filters or the result have more than 2^31 "
                                    "elements");
    return true;
}

static bool append_layer(struct reader *reader, const struct topology_layer *layer)
{
    struct topology *topology = reader->topology;
    if (topology->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 32;
        void *larger =
            realloc(topology->layers, (size_t)reader->capacity * sizeof *topology->layers);
        if (!larger)
            return err_set(reader->err, "not enough memory for %d layers", reader->capacity);
        topology->layers = larger;
    }
    topology->layers[topology->count++] = *layer;
    return true;
}

static bool read_layer(struct reader *reader)
{
    struct row row;
    const char *name = "";
    int numbers[COLUMN_COUNT] = {0};
    enum topology_operands operands = TOPOLOGY_WEIGHTS;
    if (!read_row(reader, &row))
        return false;
    if (row.count == 0)
        return true;
    if (row.count != reader->column_count)
        return err_set(reader->err, "%d columns; the header has %d", row.count,
                       reader->column_count);
    for (int i = 0; i < row.count; i++) {
        enum column column = reader->columns[i];
        if (column == COLUMN_NAME)
            name = row.cells[i];
        else if (!(column == COLUMN_OPERANDS
                       ? read_operands(reader, row.cells[i], &operands)
                       : read_number(reader, row.cells[i], column, &numbers[column])))
            return false;
    }
    struct topology_layer layer = make_layer(reader, name, numbers);
    layer.operands = operands;
    return check_layer(reader, &layer) && append_layer(reader, &layer);
}

static bool read_layers(struct reader *reader)
{
    if (!read_header(reader))
        return false;
    while (reader->at < reader->end)
        if (!read_layer(reader))
            return false;
    return reader->topology->count || err_set(reader->err, "no layers");
}

/* The network's name: the file's, without folder and ending. */
static void set_name(struct topology *topology, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(topology->name, sizeof topology->name, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(topology->name, '.');
    if (dot && dot != topology->name)
        *dot = 0;
}

struct topology *topology_decode(const char *text, size_t size, const char *path, struct err *err)
{
    struct topology *topology = allocate(1, sizeof *topology, err);
    if (!topology)
        return NULL;
    struct reader reader = {
        .at = text, .end = text + size, .path = path, .topology = topology, .err = err};
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        reader.at += 3; /* byte-order mark */
    set_name(topology, path);
    if (read_layers(&reader))
        return topology;
    err_prefix(err, "%s:%d", path, reader.line);
    topology_free(topology);
    return NULL;
}

struct topology *topology_read(const char *path, struct err *err)
{
    size_t size;
    uint8_t *text = file_read(path, TOPOLOGY_MAX_BYTES, &size, err);
    if (!text)
        return NULL;
    struct topology *topology = topology_decode((const char *)text, size, path, err);
    free(text);
    return topology;
}

static bool batch_layer(struct topology_layer *layer, int batch)
{
    int64_t rows = (int64_t)topology_output_h(layer) * batch;
    int64_t ifm_h = (rows - 1) * layer->stride + layer->filter_h;
    if (ifm_h > INT32_MAX / 4)
        return false;
    layer->ifm_h = (int)ifm_h;
    return !is_too_large(layer);
}

bool topology_batch(struct topology *topology, int batch, struct err *err)
{
    for (int i = 0; batch > 1 && i < topology->count; i++)
        if (!batch_layer(&topology->layers[i], batch))
            return err_set(err, "layer %s: a batch of %d has more than 2^31 elements",
                           topology->layers[i].name, batch);
    return true;
}

void topology_free(struct topology *topology)
{
    if (!topology)
        return;
    free(topology->layers);
    free(topology);
}
