#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/columns.h"
#include "sim/report.h"

/* RFC 4180: quote where a comma, a quote or a line end would split the field. */
static void print_field(const char *text, FILE *file)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

void report_csv_cell(struct cell cell, FILE *file)
{
    switch (cell.kind) {
    case CELL_TEXT:
        print_field(cell.text, file);
        return;
    case CELL_INTEGER:
        fprintf(file, "%" PRIu64, cell.integer);
        return;
    case CELL_REAL:
        if (!isnan(cell.real)) /* an empty field is a figure that does not exist */
            fprintf(file, "%.9g", cell.real);
        return;
    }
}

static void print_layer(const struct evaluation *evaluation, const struct layer_result *layer,
                        FILE *file)
{
    print_field(evaluation->model, file);
    fputc(',', file);
    print_field(evaluation->arch, file);
    fputc(',', file);
    print_field(evaluation->scheme, file);
    for (const struct column *column = columns; column->name; column++) {
        fputc(',', file);
        report_csv_cell(column->get(layer), file);
    }
    fputc('\n', file);
}

void report_csv(const struct evaluation *evaluations, int count, FILE *file)
{
    fprintf(file, "model,arch,scheme");
    for (const struct column *column = columns; column->name; column++)
        fprintf(file, ",%s", column->name);
    fputc('\n', file);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < evaluations[i].layer_count; j++)
            print_layer(&evaluations[i], &evaluations[i].layers[j], file);
}

void report_columns(FILE *file)
{
    for (const struct column *column = columns; column->name; column++)
        fprintf(file, "%-18s %-7s %s\n", column->name, column->unit, column->help);
}
