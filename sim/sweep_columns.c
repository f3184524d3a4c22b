#include "sim/sweep_columns.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* --- the table --- */

#define COLUMN(id, kind, better, unit, help, value) {#id, CELL_##kind, BETTER_##better, unit, help},
#define ACCURACY(id, kind, better, unit, help) COLUMN(id, kind, better, unit, help, )
const struct sweep_column sweep_columns[SWEEP_COLUMN_COUNT] = {
    SWEEP_PARAMETERS(COLUMN) SWEEP_FIGURES(COLUMN) SWEEP_ACCURACIES(ACCURACY){
        "error", CELL_TEXT, BETTER_NEITHER, "", "why there are no figures, or no accuracy"},
};
#undef COLUMN
#undef ACCURACY

int sweep_column_find(const char *name, int count, struct err *err)
{
    char legal[400] = "";
    for (int i = 0; i < count; i++) {
        if (!strcmp(sweep_columns[i].name, name))
            return i;
        list_append(legal, sizeof legal, "%s", sweep_columns[i].name);
    }
    err_set(err, "\"%.32s\" is not one of %s", name, legal);
    return -1;
}

/* --- values --- */

uint64_t sweep_pes(const struct arch *arch)
{
    uint64_t pes = 0;
    for (int core = 0; core < arch->core_count; core++)
        pes += (uint64_t)arch->cores[core].rows * arch->cores[core].columns;
    return pes;
}

#define VALUE_TEXT(expression)                  \
    {                                           \
        .kind = CELL_TEXT, .text = (expression) \
    }
#define VALUE_INTEGER(expression)                     \
    {                                                 \
        .kind = CELL_INTEGER, .integer = (expression) \
    }
#define VALUE_REAL(expression)                  \
    {                                           \
        .kind = CELL_REAL, .real = (expression) \
    }

struct cell sweep_parameter(enum sweep_parameter column, const struct sweep_view *view)
{
    switch (column) {
#define CASE(id, kind, better, unit, help, value) \
    case SWEEP_##id:                              \
        return (struct cell)VALUE_##kind(value);
        SWEEP_PARAMETERS(CASE)
#undef CASE
    case SWEEP_PARAMETER_COUNT:
        break;
    }
    assert(!"no such column");
    return (struct cell){0};
}

double sweep_figure(enum sweep_figure column, const struct evaluation *evaluation)
{
    switch (column) {
#define CASE(id, kind, better, unit, help, value) \
    case SWEEP_##id:                              \
        return (double)(value);
        SWEEP_FIGURES(CASE)
#undef CASE
    case SWEEP_FIGURE_COUNT:
        break;
    }
    assert(!"no such column");
    return NAN;
}

/* --- layers --- */

const struct sweep_layer_column sweep_layer_columns[] = {
    {"name", CELL_TEXT},
    {"op", CELL_TEXT},
    {"weight_format", CELL_TEXT},
    {"act_format", CELL_TEXT},
    {"macs", CELL_INTEGER},
    {"cycles", CELL_INTEGER},
    {"compute_cycles", CELL_INTEGER},
    {"stall_cycles", CELL_INTEGER},
    {"utilization", CELL_REAL},
    {"weights", CELL_INTEGER},
    {"dram_read_bytes", CELL_INTEGER},
    {"dram_write_bytes", CELL_INTEGER},
    {"load_busy", CELL_INTEGER},
    {"energy_j", CELL_REAL},
    {"energy_low_j", CELL_REAL},
    {"energy_high_j", CELL_REAL},
    {"energy_pe_j", CELL_REAL},
    {"energy_sram_j", CELL_REAL},
    {"energy_dram_j", CELL_REAL},
    {"energy_static_logic_j", CELL_REAL},
    {"energy_static_sram_j", CELL_REAL},
    {"energy_static_dram_j", CELL_REAL},
};
_Static_assert(sizeof sweep_layer_columns / sizeof sweep_layer_columns[0] ==
                   SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS,
               "rows of layers hold what the list names");

static const struct column *find_column(const char *name)
{
    for (const struct column *column = columns; column->name; column++)
        if (!strcmp(column->name, name))
            return column;
    assert(!"every column of a sweep's layers is one of sim/columns.c");
    return NULL;
}

void sweep_layer_fill(struct sweep_layer *row, const struct layer_result *layer)
{
    memset(row, 0, sizeof *row);
    for (int i = 0; i < SWEEP_LAYER_TEXTS + SWEEP_LAYER_NUMBERS; i++) {
        struct cell cell = find_column(sweep_layer_columns[i].name)->get(layer);
        assert(cell.kind == sweep_layer_columns[i].kind);
        if (cell.kind == CELL_TEXT)
            snprintf(row->texts[i], sizeof row->texts[i], "%s", cell.text);
        else
            row->numbers[i - SWEEP_LAYER_TEXTS] =
                cell.kind == CELL_INTEGER ? (double)cell.integer : cell.real;
    }
}
