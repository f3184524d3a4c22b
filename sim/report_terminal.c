#include <math.h>
#include <string.h>

#include "sim/columns.h"
#include "sim/report.h"

static bool is_left(const struct column *column)
{
    return column->get(&(struct layer_result){.name = ""}).kind == CELL_TEXT;
}

/* One line of a two-line heading. */
static void print_heading(int line, FILE *file)
{
    for (const struct column *column = columns; column->name; column++) {
        if (!column->width)
            continue;
        const char *text = column->heading;
        size_t first = strcspn(text, "\n");
        int length = line ? (int)strlen(text + first + 1) : (int)first;
        fprintf(file, "%s%*.*s", column == columns ? "" : " ",
                is_left(column) ? -column->width : column->width, length,
                line ? text + first + 1 : text);
    }
    fputc('\n', file);
}

/* The telling part of a layer's name: exporters write "/stage1/stage1.0/conv1/Conv". The slash
 * before and the operator behind go, and a name that is still too long keeps its end. */
static void short_name(const struct layer_result *layer, int width, char *text, size_t size)
{
    const char *name = layer->name + strspn(layer->name, "/");
    size_t length = strlen(name), op = strlen(layer->op);
    if (length > op + 1 && name[length - op - 1] == '/' && !strcmp(name + length - op, layer->op))
        length -= op + 1;
    size_t shown = (size_t)width;
    if (length <= shown)
        snprintf(text, size, "%.*s", (int)length, name);
    else
        snprintf(text, size, "~%.*s", (int)shown - 1, name + length - (shown - 1));
}

static void print_cell(const struct column *column, struct cell cell, FILE *file)
{
    char text[64];
    switch (cell.kind) {
    case CELL_TEXT:
        fprintf(file, "%-*.*s", column->width, column->width, *cell.text ? cell.text : "-");
        return;
    case CELL_INTEGER:
        snprintf(text, sizeof text, "%llu", (unsigned long long)cell.integer);
        break;
    case CELL_REAL:
        if (isnan(cell.real))
            snprintf(text, sizeof text, "-");
        else
            snprintf(text, sizeof text, "%.*f", column->decimals, cell.real * column->scale);
        break;
    }
    fprintf(file, "%*s", column->width, text);
}

static void print_layer(const struct layer_result *layer, FILE *file)
{
    for (const struct column *column = columns; column->name; column++) {
        if (!column->width)
            continue;
        if (column != columns)
            fputc(' ', file);
        struct cell cell = column->get(layer);
        char name[PROGRAM_NAME_SIZE];
        if (cell.text == layer->name) {
            short_name(layer, column->width, name, sizeof name);
            cell.text = name;
        }
        print_cell(column, cell, file);
    }
    fputc('\n', file);
}

static void print_accuracy(const struct evaluation *evaluation, FILE *file)
{
    if (isnan(evaluation->top1))
        return;
    fprintf(file, "  top-1        %.2f %%", 100 * evaluation->top1);
    if (!isnan(evaluation->fp32_top1) && evaluation->has_timing)
        fprintf(file, "   (float32 %.2f %%, %+.2f points)", 100 * evaluation->fp32_top1,
                100 * (evaluation->top1 - evaluation->fp32_top1));
    fprintf(file, "   over %d images\n", evaluation->images);
    if (!isnan(evaluation->top5))
        fprintf(file, "  top-5        %.2f %%\n", 100 * evaluation->top5);
}

/* What the figures are of. */
static const char *input_name(const struct evaluation *evaluation)
{
    return evaluation->batch > 1 ? "batch" : "image";
}

static void print_energy(const struct evaluation *evaluation, FILE *file)
{
    const struct energy *energy = &evaluation->energy;
    fprintf(file, "  energy       %.3f uJ/%s   (%.3f .. %.3f)   at %s\n",
            1e6 * energy->total_j.value, input_name(evaluation), 1e6 * energy->total_j.low,
            1e6 * energy->total_j.high, evaluation->technology);
    fprintf(file, "               pe %.3f, sram %.3f, dram %.3f, static %.3f\n",
            1e6 * energy->component_j[ENERGY_PE], 1e6 * energy->component_j[ENERGY_SRAM],
            1e6 * energy->component_j[ENERGY_DRAM], 1e6 * energy_static_j(energy));
    fprintf(file, "               static: logic %.3f, sram %.3f, dram %.3f\n",
            1e6 * energy->component_j[ENERGY_STATIC_LOGIC],
            1e6 * energy->component_j[ENERGY_STATIC_SRAM],
            1e6 * energy->component_j[ENERGY_STATIC_DRAM]);
    if (*evaluation->unpriced)
        fprintf(file, "  not priced   %s\n", evaluation->unpriced);
}

static void print_area(const struct evaluation *evaluation, FILE *file)
{
    const struct area *area = &evaluation->area;
    fprintf(file, "  area         %.3f mm2   (%.3f .. %.3f)\n", area->total_mm2, area->low_mm2,
            area->high_mm2);
    fprintf(file, "               pe %.3f, sram %.3f, other %.3f\n", area->pe_mm2, area->sram_mm2,
            area->other_mm2);
    for (int i = 0; i < PAD_COUNT; i++)
        if (evaluation_pad_is_slow(evaluation, i))
            fprintf(file, "  too slow     %s: %g KiB x %d bits take %.3f ns, a clock %.3f ns\n",
                    evaluation->pads[i].name, evaluation->pads[i].macro_bytes / 1024,
                    evaluation->pads[i].macro_bits, evaluation->pads[i].access_ns,
                    evaluation->clock_period_ns);
}

/* A resource of the total, and its share of the device. */
static void print_resource(const char *name, uint32_t used, uint32_t device, FILE *file)
{
    fprintf(file, ", %u %s", used, name);
    if (device)
        fprintf(file, " (%.0f %%)", 100.0 * used / device);
}

static void print_fpga_pes(const struct fpga_core_use *core, FILE *file)
{
    const struct fpga_resources *pe = &core->pe.cost;
    if (core->has_pe)
        fprintf(file, ", %u PEs of %u LUT, %u FF, %u DSP", core->pes, pe->luts, pe->ffs, pe->dsps);
    else
        fprintf(file, ": no cost of these PEs; without them");
}

static void print_fpga(const struct evaluation *evaluation, FILE *file)
{
    const struct fpga *fpga = &evaluation->fpga;
    const struct fpga_use *use = &evaluation->fpga_use;
    const struct fpga_resources *total = &use->total;
    fprintf(file, "  fpga         %s", fpga->name);
    for (int i = 0; i < use->core_count; i++)
        print_fpga_pes(&use->cores[i], file);
    fputc('\n', file);
    fprintf(file, "               total %u LUT (%.0f %%)", total->luts,
            fpga->device.luts ? 100.0 * total->luts / fpga->device.luts : 0);
    print_resource("FF", total->ffs, fpga->device.ffs, file);
    print_resource("DSP", total->dsps, fpga->device.dsps, file);
    fprintf(file, "\n               %u BRAM18 of %u\n", total->bram18, fpga->device.bram18);
}

/* Percent of a core's PE clocks whose operands were looked at. */
static void print_activity(const struct evaluation *evaluation, FILE *file)
{
    static const char *const heads[ARCH_MAX_CORES] = {"  activity     PE clocks",
                                                      "               second core's"};
    for (int core = 0; core < ARCH_MAX_CORES; core++) {
        const struct zero_clocks zeros = counters_zeros(&evaluation->counters, core);
        if (zeros.examined)
            fprintf(file, "%s with a zero: %.1f %% activation, %.1f %% weight\n", heads[core],
                    100 * (double)zeros.act / (double)zeros.examined,
                    100 * (double)zeros.weight / (double)zeros.examined);
    }
}

/* The memory and its named options. */
static void print_dram(const struct dram_config *dram, FILE *file)
{
    const struct dram_policy *policy = &dram->device.policy;
    fprintf(file, "               %s", dram_config_name(dram));
    if (!dram->is_ideal)
        fprintf(file, ", %s, mapping %s, refresh %s", dram_controller_name(dram->controller),
                policy->mapping, dram_refresh_name(policy->refresh));
    if (!dram->is_ideal && dram->controller == DRAM_CONTROLLER_QUEUED)
        fprintf(file, ",\n               row %s, scheduler %s, drain %s %u..%u",
                dram_row_policy_name(policy->row), dram_scheduler_name(policy->scheduler),
                dram_drain_name(policy->drain), policy->drain_low, policy->drain_high);
    fputc('\n', file);
}

static void print_time(const struct evaluation *evaluation, FILE *file)
{
    fprintf(file, "  cycles       %llu per %s   (%.3f ms, %.1f images/s)\n",
            (unsigned long long)evaluation->cycles, input_name(evaluation),
            1e3 * evaluation->latency_s,
            evaluation->latency_s > 0 ? evaluation->batch / evaluation->latency_s : 0);
    if (evaluation->batch > 1)
        fprintf(file, "               %.1f per image, %d images in a batch\n",
                (double)evaluation->cycles / evaluation->batch, evaluation->batch);
    fprintf(file, "  utilization  %.1f %%   (%llu stall cycles)\n", 100 * evaluation->utilization,
            (unsigned long long)evaluation->stall_cycles);
    fprintf(file, "  DRAM         %llu bytes read, %llu written per %s\n",
            (unsigned long long)evaluation->counters.dram_read_bytes,
            (unsigned long long)evaluation->counters.dram_write_bytes, input_name(evaluation));
    print_dram(&evaluation->configuration.dram, file);
    print_activity(evaluation, file);
    if (evaluation->counters.overflows)
        fprintf(file, "  overflows    %llu partial sums wrapped\n",
                (unsigned long long)evaluation->counters.overflows);
}

void report_terminal(const struct evaluation *evaluation, FILE *file)
{
    if (evaluation->layer_count) {
        print_heading(0, file);
        print_heading(1, file);
        for (int i = 0; i < evaluation->layer_count; i++)
            print_layer(&evaluation->layers[i], file);
        fputc('\n', file);
    }
    fprintf(file, "%s, %s", evaluation->model, evaluation->scheme);
    if (evaluation->has_timing)
        fprintf(file, " on %s", evaluation->arch);
    fputc('\n', file);
    print_accuracy(evaluation, file);
    if (evaluation->has_timing) {
        print_time(evaluation, file);
        print_energy(evaluation, file);
        print_area(evaluation, file);
        if (evaluation->has_fpga)
            print_fpga(evaluation, file);
    }
    fprintf(file, "  model        %.0f bytes, %.3f M MACs, %.3f GBOPS\n", evaluation->model_bytes,
            1e-6 * (double)evaluation->macs, 1e-9 * (double)evaluation->bops);
}

/* --- several schemes side by side --- */

/* A figure, or a dash where there is none. */
static void print_figure(double value, int width, int decimals, const char *sign, FILE *file)
{
    char format[16];
    snprintf(format, sizeof format, " %%%s%d.%df", sign, width, decimals);
    if (isnan(value))
        fprintf(file, " %*s", width, "-");
    else
        fprintf(file, format, value);
}

static void print_comparison_row(const struct evaluation *evaluation, FILE *file)
{
    bool timed = evaluation->has_timing;
    double change = timed ? 100 * (evaluation->top1 - evaluation->fp32_top1) : (double)NAN;
    fprintf(file, "%-9.9s %-13.13s", evaluation->scheme, timed ? evaluation->arch : "-");
    print_figure(100 * evaluation->top1, 6, 2, "", file);
    print_figure(change, 6, 2, "+", file);
    print_figure(timed ? (double)evaluation->cycles : (double)NAN, 8, 0, "", file);
    print_figure(timed ? 1e6 * evaluation->energy.total_j.value : (double)NAN, 8, 2, "", file);
    print_figure(timed ? evaluation->area.total_mm2 : (double)NAN, 6, 2, "", file);
    print_figure(evaluation->model_bytes / 1024, 7, 1, "", file);
    print_figure(1e-9 * (double)evaluation->bops, 7, 2, "", file);
    fputc('\n', file);
}

/* The totals once more, with their bounds. */
static void print_bounds_row(const struct evaluation *evaluation, FILE *file)
{
    const struct bounded *joules = &evaluation->energy.total_j;
    const struct area *area = &evaluation->area;
    if (!evaluation->has_timing)
        return;
    fprintf(file, "%-9.9s %-13.13s", evaluation->scheme, evaluation->arch);
    print_figure(1e6 * joules->value, 8, 2, "", file);
    print_figure(1e6 * joules->low, 8, 2, "", file);
    print_figure(1e6 * joules->high, 8, 2, "", file);
    print_figure(area->total_mm2, 9, 2, "", file);
    print_figure(area->low_mm2, 6, 2, "", file);
    print_figure(area->high_mm2, 6, 2, "", file);
    fprintf(file, " %.8s\n", evaluation->technology);
}

void report_comparison(const struct evaluation *evaluations, int count, FILE *file)
{
    const char *input = input_name(&evaluations[0]);
    char energy_unit[16], cycles_unit[16];
    snprintf(energy_unit, sizeof energy_unit, "uJ/%s", input);
    snprintf(cycles_unit, sizeof cycles_unit, "/%s", input);
    fprintf(file, "%s", evaluations[0].model);
    if (evaluations[0].images)
        fprintf(file, ", %d images", evaluations[0].images);
    if (evaluations[0].batch > 1)
        fprintf(file, ", %d images in a batch", evaluations[0].batch);
    fprintf(file, "\n\n%-9s %-13s %6s %6s %8s %8s %6s %7s %7s\n", "scheme", "accelerator", "top-1",
            "change", "cycles", "energy", "area", "model", "work");
    fprintf(file, "%-9s %-13s %6s %6s %8s %8s %6s %7s %7s\n", "", "", "%", "points", cycles_unit,
            energy_unit, "mm2", "KiB", "GBOPS");
    for (int i = 0; i < count; i++)
        print_comparison_row(&evaluations[i], file);
    fprintf(file, "\n%-9s %-13s %8s %8s %8s %9s %6s %6s %s\n", "", "", energy_unit, "low", "high",
            "mm2", "low", "high", "at");
    for (int i = 0; i < count; i++)
        print_bounds_row(&evaluations[i], file);
}
