/* The prices that a run used, each with its source: `--explain-energy`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report.h"

enum { TERMINAL_WIDTH = 80, INDENT = 19, NAME_WIDTH = 25 };

static bool is_area(const struct price_line *line)
{
    return !strcmp(line->component, "area");
}

static int compare_amounts(const void *a, const void *b)
{
    const struct price_line *left = *(const struct price_line *const *)a;
    const struct price_line *right = *(const struct price_line *const *)b;
    return (left->amount.value < right->amount.value) - (left->amount.value > right->amount.value);
}

/* Text behind the indent, broken between words. */
static void print_wrapped(const char *text, FILE *file)
{
    const size_t room = TERMINAL_WIDTH - INDENT;
    while (*text) {
        size_t length = strlen(text);
        if (length > room) {
            for (length = room; length && text[length] != ' ';)
                length--;
            length = length ? length : room; /* a word that is longer than a line */
        }
        fprintf(file, "%*s%.*s\n", INDENT, "", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

/* "45 nm, 1.1 V, measured"; what its source does not say is left out. */
static void print_provenance(const struct price_line *line, char *text, size_t size)
{
    const struct resolved_price *price = &line->price;
    char node[24] = "no node", volts[24] = "";
    if (price->node_nm)
        snprintf(node, sizeof node, "%d nm", price->node_nm);
    if (price->volts > 0)
        snprintf(volts, sizeof volts, " %g V,", price->volts);
    snprintf(text, size, "%.10g %s%sof %s; %s,%s %s", line->count, price->event,
             *price->event ? " " : "", line->counter, node, volts, price->provenance);
}

static void print_line(const struct price_line *line, double total, double scale, FILE *file)
{
    const struct resolved_price *price = &line->price;
    char text[160];
    if (isnan(price->figure.value)) {
        fprintf(file, "%9s %7s  %-*.28s no price\n", "-", "-", NAME_WIDTH, price->name);
        return;
    }
    snprintf(text, sizeof text, "%.4g %s (%.4g .. %.4g)", price->figure.value, price->unit,
             price->figure.low, price->figure.high);
    double amount = scale * line->amount.value;
    bool fits = strlen(price->name) <= NAME_WIDTH &&
                strlen(text) <= TERMINAL_WIDTH - INDENT - NAME_WIDTH - 1;
    fprintf(file, "%9.*f %6.2f%%  %-*.28s%s%s\n", amount < 1000 ? 4 : 1, amount,
            total > 0 ? 100 * line->amount.value / total : 0, NAME_WIDTH, price->name,
            fits ? " " : "", fits ? text : "");
    if (!fits)
        print_wrapped(text, file);
    print_provenance(line, text, sizeof text);
    print_wrapped(text, file);
    print_wrapped(price->source, file);
}

/* The lines of the energy or of the area, greatest first. */
static void print_section(const struct evaluation *evaluation, bool area, FILE *file)
{
    const struct price_line *lines[128];
    int count = 0;
    for (int i = 0; i < evaluation->price_count && count < 128; i++)
        if (is_area(&evaluation->prices[i]) == area)
            lines[count++] = &evaluation->prices[i];
    qsort(lines, (size_t)count, sizeof *lines, compare_amounts);
    double total = area ? evaluation->area.total_mm2 : evaluation->energy.total_j.value;
    fprintf(file, "\n%9s %7s  %-25s %s\n",
            area                    ? "mm2"
            : evaluation->batch > 1 ? "uJ/batch"
                                    : "uJ/image",
            "share", "price", "value (low .. high)");
    for (int i = 0; i < count; i++)
        print_line(lines[i], total, area ? 1 : 1e6, file);
}

void report_prices(const struct evaluation *evaluation, FILE *file)
{
    if (!evaluation->has_timing)
        return;
    fprintf(file, "\nprices of %s on %s at %s\n", evaluation->scheme, evaluation->arch,
            evaluation->technology);
    print_section(evaluation, false, file);
    print_section(evaluation, true, file);
}
