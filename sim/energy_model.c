/* Resolves the prices of one accelerator in one technology, and its area. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pe/pe.h"
#include "sim/energy_dram.h"

static const double PICO = 1e-12, MICRO = 1e-6, MILLI = 1e-3;

static const struct bounded no_figure = {NAN, NAN, NAN};

static struct bounded scaled(struct bounded figure, double factor)
{
    return (struct bounded){figure.value * factor, figure.low * factor, figure.high * factor};
}

/* --- scratchpads --- */

/* A scratchpad is one macro per bank and half; each as wide as the bank's port. */
static void price_pad(struct energy_model *model, int pad)
{
    const struct scratchpad_config *config = &model->arch->pads[pad];
    int macros = config->banks * (config->double_buffered ? 2 : 1);
    model->pad_macros[pad] = macros;
    model->macro_bytes[pad] = (double)config->bytes / macros;
    model->pads[pad] =
        technology_sram(model->technology, model->macro_bytes[pad], config->bank_bits);
}

/* How a macro's figures came from the table. */
static const char *sram_provenance(const struct energy_model *model, int pad, const char **how)
{
    const struct sram_cost *cost = &model->pads[pad];
    *how = cost->is_point                           ? "as it stands"
           : cost->outside                          ? "beyond the edge"
           : model->technology->sram_node_count > 1 ? "log-log in node, size, width"
                                                    : "log-log in size, width";
    return cost->is_point ? "measured" : "derived";
}

static void resolve_sram(const struct energy_model *model, int pad, const char *what,
                         struct resolved_price *price)
{
    const struct technology *technology = model->technology;
    const char *how, *provenance = sram_provenance(model, pad, &how);
    snprintf(price->name, sizeof price->name, "%s %s %gKiB x %d", scratchpad_name(pad), what,
             model->macro_bytes[pad] / 1024, model->arch->pads[pad].bank_bits);
    snprintf(price->provenance, sizeof price->provenance, "%s", provenance);
    snprintf(price->source, sizeof price->source, "%.180s, %s; %s", technology->sram_source,
             technology->flavours[technology->cell].cell, how);
    price->node_nm = technology->node_nm;
}

/* --- the technology's own records --- */

static void take_record(const struct price *record, struct resolved_price *price)
{
    price->figure = record->figure;
    price->node_nm = record->node_nm;
    price->volts = record->volts;
    snprintf(price->provenance, sizeof price->provenance, "%s", record->provenance);
    snprintf(price->source, sizeof price->source, "%s", record->source);
}

/* The record of a part, under its full name. */
void energy_take_part(const struct energy_model *model, enum part_price_id id, const char *part,
                      struct resolved_price *price)
{
    const struct price *record = technology_part(model->technology, id, part);
    snprintf(price->name, sizeof price->name, "%s%s", part_price_prefix((int)id), part);
    price->unit = part_price_unit((int)id);
    if (record)
        take_record(record, price);
}

const struct price *energy_pe_price(const struct energy_model *model, const struct core *core,
                                    enum part_price_id id)
{
    return technology_part(model->technology, id, pe_name(core->pe));
}

/* None of the operand that stays in the array. */
const struct price *energy_operand_price(const struct energy_model *model, int pad)
{
    int dataflow = model->arch->cores[0].dataflow;
    int staying = dataflow == WEIGHT_STATIONARY  ? PAD_WEIGHT
                  : dataflow == INPUT_STATIONARY ? PAD_ACT
                                                 : PAD_COUNT;
    if (pad == staying)
        return NULL;
    return technology_part(model->technology, PART_OPERAND, scratchpad_name(pad));
}

const struct price *energy_moving_sum_price(const struct energy_model *model)
{
    return technology_part(model->technology, PART_MOVING_SUM,
                           dataflow_name(model->arch->cores[0].dataflow));
}

/* --- scratchpads --- */

static void resolve_sram_access(const struct energy_model *model, const struct energy_rule *rule,
                                struct resolved_price *price)
{
    const struct sram_cost *cost = &model->pads[rule->which];
    bool reads = rule->kind == PRICED_SRAM_READ;
    enum part_price_id id = reads ? PART_SRAM_READ : PART_SRAM_WRITE;
    price->unit_j = PICO;
    price->event = "bits";
    if (technology_part(model->technology, id, scratchpad_name(rule->which))) {
        energy_take_part(model, id, scratchpad_name(rule->which), price);
        return;
    }
    resolve_sram(model, rule->which, reads ? "read" : "write", price);
    price->figure = reads ? cost->read_pj_per_bit : cost->write_pj_per_bit;
    price->unit = "pJ/bit";
}

static void resolve_sram_leakage(const struct energy_model *model, const struct energy_rule *rule,
                                 struct resolved_price *price)
{
    price->unit_j = MILLI;
    if (technology_part(model->technology, PART_SRAM_LEAKAGE, scratchpad_name(rule->which))) {
        energy_take_part(model, PART_SRAM_LEAKAGE, scratchpad_name(rule->which), price);
        price->event = "s";
        return;
    }
    resolve_sram(model, rule->which, "leak", price);
    price->figure = model->pads[rule->which].leakage_mw;
    price->unit = "mW";
    price->event = "macro s";
    price->events = model->pad_macros[rule->which];
}

/* --- area --- */

static enum price_id pe_area(int pe)
{
    switch ((enum pe_type)pe) {
    case PE_INT8:
        return PRICE_MAC_8X8_AREA;
    case PE_INT8X2:
        return PRICE_INT8X2_MAC_AREA;
    case PE_ANT:
        return PRICE_ANT_PE_AREA;
    case PE_MSD:
    case PE_MSD_SKIP:
        return PRICE_MSD_PE_AREA;
    case PE_BITFUSION:
        return PRICE_BITFUSION_PE_AREA;
    case PE_OLACCEL:
        return PRICE_OLACCEL_PE_AREA;
    case PE_ADAFLOAT:
        return PRICE_ADAFLOAT_PE_AREA;
    case PE_BISCALED:
        return PRICE_BISCALED_PE_AREA;
    case PE_COUNT:
        break;
    }
    assert(!"no such PE");
    return PRICE_MAC_8X8_AREA;
}

static struct area_line logic_line(const struct energy_model *model, enum area_group group,
                                   const char *name, enum price_id id, int count)
{
    struct area_line line = {.name = name, .group = group, .count = count};
    snprintf(line.price.name, sizeof line.price.name, "%s", price_name((int)id));
    line.price.unit = price_unit((int)id);
    line.price.event = "";
    take_record(&model->technology->prices[id], &line.price);
    line.mm2 = scaled(line.price.figure, count * MICRO);
    return line;
}

/* All PEs of the effective array: at their own price where the technology has one. */
static struct area_line pe_line(const struct energy_model *model, const struct core *core)
{
    int count = core->rows * (int)pe_pixels(pe_descriptor(core->pe)) * core->columns;
    struct area_line line = logic_line(model, AREA_PE, "PEs", pe_area(core->pe), count);
    if (!energy_pe_price(model, core, PART_PE_AREA))
        return line;
    energy_take_part(model, PART_PE_AREA, pe_name(core->pe), &line.price);
    line.mm2 = scaled(line.price.figure, count * MICRO);
    return line;
}

static struct area_line pad_line(const struct energy_model *model, int pad)
{
    struct area_line line = {
        .name = scratchpad_name(pad), .group = AREA_SRAM, .count = model->pad_macros[pad]};
    resolve_sram(model, pad, "area", &line.price);
    line.price.figure = model->pads[pad].area_mm2;
    line.price.unit = "mm2";
    line.price.event = "";
    line.mm2 = scaled(line.price.figure, line.count);
    return line;
}

/* PEs, one decoder per row and column where the PE has them, a multiplier and two adders per vector
 * lane, and the scratchpads' macros. */
int area_lines(const struct energy_model *model, struct area_line lines[AREA_MAX_LINES])
{
    int count = 0, lanes = model->arch->vector_lanes;
    for (int i = 0; i < model->arch->core_count; i++) {
        const struct core *core = &model->arch->cores[i];
        lines[count++] = pe_line(model, core);
        if (pe_descriptor(core->pe)->has_decoders)
            lines[count++] = logic_line(model, AREA_PE, "decoders", PRICE_DECODER_AREA,
                                        core->rows + core->columns);
    }
    lines[count++] = logic_line(model, AREA_OTHER, "lanes", PRICE_INT32_MULTIPLIER_AREA, lanes);
    lines[count++] =
        logic_line(model, AREA_OTHER, "lanes", PRICE_INT32_ADDER_AREA, ADDS_PER_VECTOR_OP * lanes);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        lines[count++] = pad_line(model, pad);
    return count;
}

static double *group_of(struct area *area, enum area_group group)
{
    switch (group) {
    case AREA_PE:
        return &area->pe_mm2;
    case AREA_SRAM:
        return &area->sram_mm2;
    case AREA_OTHER:
        break;
    }
    return &area->other_mm2;
}

/* The sum of the parts; one without a price has no area here, and energy_unpriced tells. */
static struct area area_of(const struct energy_model *model)
{
    struct area area = {0};
    struct area_line lines[AREA_MAX_LINES];
    int count = area_lines(model, lines);
    for (int i = 0; i < count; i++) {
        if (isnan(lines[i].mm2.value))
            continue;
        *group_of(&area, lines[i].group) += lines[i].mm2.value;
        area.low_mm2 += lines[i].mm2.low;
        area.high_mm2 += lines[i].mm2.high;
    }
    area.total_mm2 = area.pe_mm2 + area.sram_mm2 + area.other_mm2;
    return area;
}

/* --- events --- */

static void resolve_logic(const struct energy_model *model, const struct energy_rule *rule,
                          struct resolved_price *price)
{
    snprintf(price->name, sizeof price->name, "%s", price_name(rule->which));
    price->unit = price_unit(rule->which);
    price->unit_j = PICO;
    price->event = rule->which == PRICE_FLIP_FLOP ? "bits" : "events";
    price->events = rule->factor;
    take_record(&model->technology->prices[rule->which], price);
}

/* Logic leaks by its area. */
static void resolve_logic_leakage(const struct energy_model *model, struct resolved_price *price)
{
    snprintf(price->name, sizeof price->name, "%s", price_name(PRICE_LOGIC_LEAKAGE));
    price->unit = price_unit(PRICE_LOGIC_LEAKAGE);
    price->unit_j = MICRO;
    price->event = "um2 s";
    price->events = (model->area.pe_mm2 + model->area.other_mm2) / MICRO;
    take_record(&model->technology->prices[PRICE_LOGIC_LEAKAGE], price);
}

static void resolve_pe(const struct energy_model *model, const struct energy_rule *rule,
                       struct resolved_price *price)
{
    energy_take_part(model, (enum part_price_id)rule->which,
                     pe_name(model->arch->cores[rule->core].pe), price);
    price->unit_j = PICO;
    price->event = "events";
}

static void resolve_operand(const struct energy_model *model, const struct energy_rule *rule,
                            struct resolved_price *price)
{
    energy_take_part(model, PART_OPERAND, scratchpad_name(rule->which), price);
    price->unit_j = PICO;
    price->event = "bits";
}

static void resolve_moving_sum(const struct energy_model *model, struct resolved_price *price)
{
    energy_take_part(model, PART_MOVING_SUM, dataflow_name(model->arch->cores[0].dataflow), price);
    price->unit_j = PICO;
    price->event = "events";
}

static void resolve(const struct energy_model *model, const struct energy_rule *rule,
                    struct resolved_price *price)
{
    *price = (struct resolved_price){.figure = no_figure, .events = 1};
    switch (rule->kind) {
    case PRICED_LOGIC:
        resolve_logic(model, rule, price);
        return;
    case PRICED_SRAM_READ:
    case PRICED_SRAM_WRITE:
        resolve_sram_access(model, rule, price);
        return;
    case PRICED_PE:
        resolve_pe(model, rule, price);
        return;
    case PRICED_OPERAND:
        resolve_operand(model, rule, price);
        return;
    case PRICED_MOVING_SUM:
        resolve_moving_sum(model, price);
        return;
    case PRICED_LOGIC_LEAKAGE:
        resolve_logic_leakage(model, price);
        return;
    case PRICED_SRAM_LEAKAGE:
        resolve_sram_leakage(model, rule, price);
        return;
    case PRICED_DRAM_READ:
    case PRICED_DRAM_WRITE:
    case PRICED_DRAM_BACKGROUND:
    case PRICED_DRAM_COMMAND:
        energy_resolve_dram(model, rule, price);
        return;
    case PRICED_ELSEWHERE:
        return;
    }
}

struct energy_model energy_model(const struct arch *arch, const struct technology *technology)
{
    struct energy_model model = {.arch = arch, .technology = technology};
    model.has_dram_currents = technology->has_dram_currents && !arch->dram.is_ideal;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        price_pad(&model, pad);
    model.area = area_of(&model);
    for (int i = 0; energy_rules[i].counter; i++)
        resolve(&model, &energy_rules[i], &model.prices[i]);
    return model;
}
