#include "sim/evaluation.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pe/array.h"

void evaluation_free(struct evaluation *evaluation)
{
    free(evaluation->layers);
    free(evaluation->prices);
    evaluation->layers = NULL;
    evaluation->prices = NULL;
    evaluation->layer_count = evaluation->price_count = 0;
}

/* A layer computes while an array is busy, of two the one that is so for longer; one without MACs while the vector unit is. */
static uint64_t compute_cycles(const struct layer_result *layer)
{
    const struct counters *counters = &layer->stats.counters;
    uint64_t longest =
        counters->array_busy > counters->array2_busy ? counters->array_busy : counters->array2_busy;
    return layer->macs ? longest : counters->vector_busy;
}

/* PE-clocks spent on real operands / (PEs x cycles); a fused group of PEs counts as one PE. */
static double utilization(const struct layer_result *layer, const struct arch *arch,
                          const struct program_layer *source)
{
    const struct counters *counters = &layer->stats.counters;
    double pes = 0;
    if (!layer->macs || !layer->stats.cycles)
        return NAN;
    for (int core = 0; core < arch->core_count; core++) {
        uint32_t rows, columns;
        array_shape(&arch->cores[core], source->act_format,
                    core ? source->second_weight_format : source->weight_format, &rows, &columns);
        pes += (double)rows * columns;
    }
    return (double)(counters->pe_clocks + counters->array2_pe_clocks) /
           (pes * (double)layer->stats.cycles);
}

/* Bits of a weight, averaged over the channels of both cores. */
static double mean_weight_bits(const struct program_layer *source)
{
    int first = format_code_bits(source->weight_format);
    if (!source->second_channels)
        return first;
    int more = format_code_bits(source->second_weight_format) - first;
    return first + (double)more * source->second_channels / source->channels;
}

/* Bit operations of a multiply-accumulate: weight bits x activation bits, both as stored (HAWQ-V3,
 * section 3.2). */
static uint64_t bit_operations(const struct program_layer *source)
{
    if (!source->macs)
        return 0;
    return (uint64_t)((double)source->macs * mean_weight_bits(source) + 0.5) *
           (unsigned)format_code_bits(source->act_format);
}

/* "rsd_eb2+int8" where both cores have channels. */
static void print_weight_formats(const struct program_layer *source, char *text, size_t size)
{
    char first[16] = "", second[16] = "";
    if (source->second_channels < source->channels)
        format_print(source->weight_format, first);
    if (source->second_channels)
        format_print(source->second_weight_format, second);
    snprintf(text, size, "%s%s%s", first, *first && *second ? "+" : "", second);
}

static struct energy_formats formats_of(const struct program_layer *source)
{
    return (struct energy_formats){
        source->act_format, source->weight_format, source->second_weight_format,
        source->channels ? (double)source->second_channels / source->channels : 0};
}

static void fill_layer(struct layer_result *layer, const struct program_layer *source,
                       const struct layer_stats *stats, const struct energy_model *model)
{
    memcpy(layer->name, source->name, sizeof layer->name);
    memcpy(layer->op, source->op, sizeof layer->op);
    format_print(source->act_format, layer->act_format);
    if (source->macs)
        print_weight_formats(source, layer->weight_format, sizeof layer->weight_format);
    layer->macs = source->macs;
    layer->weights = source->weights;
    layer->bops = bit_operations(source);
    layer->stats = *stats;
    layer->compute_cycles = compute_cycles(layer);
    layer->stall_cycles =
        stats->cycles > layer->compute_cycles ? stats->cycles - layer->compute_cycles : 0;
    layer->utilization = utilization(layer, model->arch, source);
    layer->sqnr_db = NAN;
    struct energy_formats formats = formats_of(source);
    layer->energy = energy_of(model, stats, &formats);
}

static void add_layer(struct evaluation *evaluation, const struct layer_result *layer,
                      const struct program_layer *source)
{
    evaluation->macs += layer->macs;
    evaluation->bops += layer->bops;
    evaluation->stall_cycles += layer->stall_cycles;
    evaluation->model_bytes += (double)layer->weights * mean_weight_bits(source) / 8;
    energy_add(&evaluation->energy, &layer->energy);
    if (!isnan(layer->utilization))
        evaluation->utilization += layer->utilization * (double)layer->stats.cycles;
}

/* --- prices --- */

enum { MAX_PRICE_LINES = ENERGY_MAX_RULES + AREA_MAX_LINES };

/* What every rule charged, over all layers. */
static void sum_charges(struct charge sums[ENERGY_MAX_RULES], const struct program *program,
                        const struct stats *stats, const struct energy_model *model)
{
    for (uint32_t layer = 0; layer < program->layer_count; layer++) {
        const struct program_layer *source = &program->layers[layer];
        struct charge charges[ENERGY_MAX_RULES];
        struct energy_formats formats = formats_of(source);
        energy_charges(model, &stats->layers[layer], &formats, charges);
        for (int i = 0; energy_rules[i].counter; i++) {
            sums[i].events += charges[i].events;
            sums[i].joules.value += charges[i].joules.value;
            sums[i].joules.low += charges[i].joules.low;
            sums[i].joules.high += charges[i].joules.high;
        }
    }
}

static struct price_line *next_line(struct evaluation *evaluation)
{
    assert(evaluation->price_count < MAX_PRICE_LINES);
    return &evaluation->prices[evaluation->price_count++];
}

static void add_energy_lines(struct evaluation *evaluation, const struct charge *sums,
                             const struct energy_model *model)
{
    for (int i = 0; energy_rules[i].counter; i++) {
        const struct energy_rule *rule = &energy_rules[i];
        if (!energy_rule_applies(model, rule) || !(sums[i].events > 0))
            continue;
        *next_line(evaluation) = (struct price_line){
            .price = model->prices[i],
            .counter = rule->counter,
            .component = energy_component_name(energy_rule_component(rule)),
            .count = sums[i].events,
            .amount = sums[i].joules,
        };
    }
}

static void add_area_lines(struct evaluation *evaluation, const struct energy_model *model)
{
    struct area_line lines[AREA_MAX_LINES];
    int count = area_lines(model, lines);
    for (int i = 0; i < count; i++)
        *next_line(evaluation) = (struct price_line){
            .price = lines[i].price,
            .counter = lines[i].name,
            .component = "area",
            .count = lines[i].count,
            .amount = lines[i].mm2,
        };
}

static void fill_prices(struct evaluation *evaluation, const struct program *program,
                        const struct stats *stats, const struct energy_model *model)
{
    struct charge sums[ENERGY_MAX_RULES] = {0};
    evaluation->prices = calloc(MAX_PRICE_LINES, sizeof *evaluation->prices);
    if (!evaluation->prices)
        abort();
    sum_charges(sums, program, stats, model);
    add_energy_lines(evaluation, sums, model);
    add_area_lines(evaluation, model);
}

static void fill_pads(struct evaluation *evaluation, const struct energy_model *model)
{
    evaluation->clock_period_ns = 1e6 / model->arch->clock_khz;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        evaluation->pads[pad] = (struct pad_access){
            .name = scratchpad_name(pad),
            .macro_bytes = model->macro_bytes[pad],
            .macro_bits = model->arch->pads[pad].bank_bits,
            .access_ns = model->pads[pad].access_ns.value,
        };
}

bool evaluation_pad_is_slow(const struct evaluation *evaluation, int pad)
{
    return evaluation->pads[pad].access_ns > evaluation->clock_period_ns;
}

void evaluation_fill(struct evaluation *evaluation, const struct program *program,
                     const struct stats *stats, const struct energy_model *model)
{
    assert(stats->layer_count == program->layer_count);
    const struct arch *arch = model->arch;
    memcpy(evaluation->model, program->model, sizeof evaluation->model);
    memcpy(evaluation->scheme, program->scheme, sizeof evaluation->scheme);
    memcpy(evaluation->arch, arch->name, sizeof evaluation->arch);
    memcpy(evaluation->technology, model->technology->name, sizeof evaluation->technology);
    evaluation->layer_count = (int)program->layer_count;
    evaluation->layers = calloc(program->layer_count + 1, sizeof *evaluation->layers);
    if (!evaluation->layers)
        abort();
    for (uint32_t i = 0; i < program->layer_count; i++) {
        struct layer_result *layer = &evaluation->layers[i];
        fill_layer(layer, &program->layers[i], &stats->layers[i], model);
        add_layer(evaluation, layer, &program->layers[i]);
    }
    evaluation->has_timing = true;
    evaluation->cycles = stats->cycles;
    evaluation->counters = stats->counters;
    evaluation->latency_s = (double)stats->cycles / (arch->clock_khz * 1e3);
    evaluation->utilization = stats->cycles ? evaluation->utilization / (double)stats->cycles : NAN;
    evaluation->configuration = *arch;
    evaluation->area = model->area;
    fill_prices(evaluation, program, stats, model);
    fill_pads(evaluation, model);
    energy_unpriced(model, &stats->counters, evaluation->unpriced, sizeof evaluation->unpriced);
}
