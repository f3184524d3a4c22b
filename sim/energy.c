#include "sim/energy.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pe/pe.h"

/* The decoded operand of an ANT decoder: 5 bits of mult and 3 of shift, registered at the array
 * edge. */
enum { DECODED_TERM_BITS = 8 };

/* One requantised element: the multiplication, the bias and the rounding or residual addition. */
enum { ADDS_PER_VECTOR_OP = 2 };

static const double PICO = 1e-12;

#define COUNTER(name) #name, offsetof(struct counters, name)
#define LOGIC(counter, price, factor, pe)                               \
    {                                                                   \
        COUNTER(counter), PRICED_LOGIC, PRICE_##price, factor, pe, NULL \
    }
#define SRAM(pad, id)                                                             \
    {COUNTER(pad##_read_bits), PRICED_SRAM_READ, PAD_##id, 1, PE_COUNT, NULL},    \
    {                                                                             \
        COUNTER(pad##_write_bits), PRICED_SRAM_WRITE, PAD_##id, 1, PE_COUNT, NULL \
    }
#define EXTERNAL(counter)                                   \
    {                                                       \
        COUNTER(counter), PRICED_DRAM, 0, 8, PE_COUNT, NULL \
    }
#define ELSEWHERE(counter, why)                                 \
    {                                                           \
        COUNTER(counter), PRICED_ELSEWHERE, 0, 0, PE_COUNT, why \
    }

/* One row per counter and price. Every counter of isa/stats.h has a row (test_energy_adds_up.c).
 * Clocks of PEs count groups of fused PEs; energy_of multiplies them with the PEs of a group. */
const struct energy_rule energy_rules[] = {
    LOGIC(pe_clocks, MAC_8X8, 1, PE_INT8),
    LOGIC(pe_clocks, MAC_4X4, 1, PE_ANT),
    LOGIC(pe_clocks, ANT_SHIFT, 1, PE_ANT),
    LOGIC(pe_clocks, MSD_STEP, 1, PE_MSD),
    LOGIC(pe_clocks, MSD_STEP, 1, PE_MSD_SKIP),
    LOGIC(idle_pe_clocks, PE_IDLE, 1, PE_COUNT),
    LOGIC(act_decodes, DECODER, 1, PE_COUNT),
    LOGIC(act_decodes, FLIP_FLOP, DECODED_TERM_BITS, PE_COUNT),
    LOGIC(weight_decodes, DECODER, 1, PE_COUNT),
    LOGIC(weight_decodes, FLIP_FLOP, DECODED_TERM_BITS, PE_COUNT),
    LOGIC(vector_ops, INT32_MULTIPLY, 1, PE_COUNT),
    LOGIC(vector_ops, INT32_ADD, ADDS_PER_VECTOR_OP, PE_COUNT),
    SRAM(act, ACT),
    SRAM(weight, WEIGHT),
    SRAM(param, PARAM),
    SRAM(acc, ACC),
    SRAM(out, OUT),
    EXTERNAL(dram_read_bytes),
    EXTERNAL(dram_write_bytes),
    ELSEWHERE(macs, "pe_clocks"),
    ELSEWHERE(dram_activates, "the DRAM's price per bit"),
    ELSEWHERE(dram_refreshes, "the DRAM's price per bit"),
    ELSEWHERE(load_busy, "cycles"),
    ELSEWHERE(array_busy, "cycles"),
    ELSEWHERE(vector_busy, "cycles"),
    ELSEWHERE(store_busy, "cycles"),
    ELSEWHERE(load_stall, "cycles"),
    ELSEWHERE(array_stall, "cycles"),
    ELSEWHERE(vector_stall, "cycles"),
    ELSEWHERE(store_stall, "cycles"),
    ELSEWHERE(overflows, "no event of its own"),
    {NULL, 0, PRICED_ELSEWHERE, 0, 0, 0, NULL},
};

#define COMPONENT_NAME(id, name, help) name,
static const char *const component_names[] = {ENERGY_COMPONENTS(COMPONENT_NAME)};
#undef COMPONENT_NAME

const char *energy_component_name(int component)
{
    return component >= 0 && component < ENERGY_COMPONENT_COUNT ? component_names[component] : NULL;
}

static const struct bounded none = {NAN, NAN, NAN};

static struct bounded scaled(struct bounded figure, double factor)
{
    return (struct bounded){figure.value * factor, figure.low * factor, figure.high * factor};
}

static void add(struct bounded *sum, struct bounded term)
{
    sum->value += term.value;
    sum->low += term.low;
    sum->high += term.high;
}

/* Joules of one event of the rule; NaN where the technology has no price. */
static struct bounded price_of(const struct energy_model *model, const struct energy_rule *rule)
{
    switch (rule->kind) {
    case PRICED_LOGIC:
        return scaled(model->technology->prices[rule->which].figure, PICO);
    case PRICED_SRAM_READ:
        return scaled(model->pads[rule->which].read_pj_per_bit, PICO);
    case PRICED_SRAM_WRITE:
        return scaled(model->pads[rule->which].write_pj_per_bit, PICO);
    case PRICED_DRAM: {
        const struct price *price = technology_dram(model->technology, model->arch->dram.name);
        return price ? scaled(price->figure, PICO) : none;
    }
    case PRICED_ELSEWHERE:
        break;
    }
    return (struct bounded){0, 0, 0};
}

static enum energy_component component_of(const struct energy_rule *rule)
{
    switch (rule->kind) {
    case PRICED_SRAM_READ:
    case PRICED_SRAM_WRITE:
        return ENERGY_SRAM;
    case PRICED_DRAM:
        return ENERGY_DRAM;
    case PRICED_LOGIC:
    case PRICED_ELSEWHERE:
        break;
    }
    return ENERGY_PE;
}

static bool applies(const struct energy_model *model, const struct energy_rule *rule)
{
    return rule->pe == PE_COUNT || rule->pe == model->arch->core.pe;
}

static uint64_t count_of(const struct counters *counters, const struct energy_rule *rule)
{
    uint64_t count;
    memcpy(&count, (const char *)counters + rule->offset, sizeof count);
    return count;
}

/* A scratchpad is one macro per bank and half; each as wide as the bank's port. */
static void price_pad(struct energy_model *model, int pad)
{
    const struct scratchpad_config *config = &model->arch->pads[pad];
    int macros = config->banks * (config->double_buffered ? 2 : 1);
    model->pad_macros[pad] = macros;
    model->pads[pad] =
        technology_sram(model->technology, (double)config->bytes / macros, config->bank_bits);
}

/* An area's value; 0 where the technology has none (energy_unpriced tells). */
static double area_um2(const struct energy_model *model, enum price_id price)
{
    double value = model->technology->prices[price].figure.value;
    return isnan(value) ? 0 : value;
}

static enum price_id pe_area(int pe)
{
    switch ((enum pe_type)pe) {
    case PE_INT8:
        return PRICE_MAC_8X8_AREA;
    case PE_ANT:
        return PRICE_ANT_PE_AREA;
    case PE_MSD:
    case PE_MSD_SKIP:
        return PRICE_MSD_PE_AREA;
    case PE_COUNT:
        break;
    }
    assert(!"no such PE");
    return PRICE_MAC_8X8_AREA;
}

/* PEs, one decoder per row and column where the PE has them, a multiplier and two adders per vector
 * lane, and the scratchpads' macros. */
static struct area area_of(const struct energy_model *model)
{
    const struct core *core = &model->arch->core;
    struct area area = {0};
    double pe_um2 = (double)core->rows * core->columns * area_um2(model, pe_area(core->pe));
    if (pe_descriptor(core->pe)->has_decoders)
        pe_um2 += (core->rows + core->columns) * area_um2(model, PRICE_DECODER_AREA);
    double lane_um2 = area_um2(model, PRICE_INT32_MULTIPLIER_AREA) +
                      ADDS_PER_VECTOR_OP * area_um2(model, PRICE_INT32_ADDER_AREA);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        area.sram_mm2 += model->pad_macros[pad] * model->pads[pad].area_mm2.value;
    area.pe_mm2 = pe_um2 * 1e-6;
    area.other_mm2 = model->arch->vector_lanes * lane_um2 * 1e-6;
    area.total_mm2 = area.pe_mm2 + area.sram_mm2 + area.other_mm2;
    return area;
}

/* Logic leaks by its area, scratchpads as their macros do. */
static struct bounded leakage_of(const struct energy_model *model)
{
    struct bounded watts = {0, 0, 0};
    struct bounded per_um2 = model->technology->prices[PRICE_LOGIC_LEAKAGE].figure;
    if (!isnan(per_um2.value))
        add(&watts, scaled(per_um2, (model->area.pe_mm2 + model->area.other_mm2) * 1e6 * 1e-6));
    for (int pad = 0; pad < PAD_COUNT; pad++)
        add(&watts, scaled(model->pads[pad].leakage_mw, model->pad_macros[pad] * 1e-3));
    return watts;
}

struct energy_model energy_model(const struct arch *arch, const struct technology *technology)
{
    struct energy_model model = {.arch = arch, .technology = technology};
    for (int pad = 0; pad < PAD_COUNT; pad++)
        price_pad(&model, pad);
    model.area = area_of(&model);
    model.leakage_w = leakage_of(&model);
    return model;
}

int energy_fused_pes(const struct arch *arch, struct format act, struct format weight)
{
    const struct pe_descriptor *pe = pe_descriptor(arch->core.pe);
    return pe->fusion(act) * pe->fusion(weight);
}

static bool counts_pes(const struct energy_rule *rule)
{
    return rule->offset == offsetof(struct counters, pe_clocks) ||
           rule->offset == offsetof(struct counters, idle_pe_clocks);
}

static void charge(struct energy *energy, enum energy_component component, struct bounded joules)
{
    energy->component_j[component] += joules.value;
    add(&energy->total_j, joules);
}

struct energy energy_of(const struct energy_model *model, const struct layer_stats *stats,
                        struct format act, struct format weight)
{
    struct energy energy = {0};
    for (const struct energy_rule *rule = energy_rules; rule->counter; rule++) {
        uint64_t count = count_of(&stats->counters, rule);
        struct bounded price = price_of(model, rule);
        if (!count || !applies(model, rule) || isnan(price.value))
            continue;
        int fused = counts_pes(rule) ? energy_fused_pes(model->arch, act, weight) : 1;
        charge(&energy, component_of(rule), scaled(price, (double)count * rule->factor * fused));
    }
    double seconds = (double)stats->cycles / (model->arch->clock_khz * 1e3);
    charge(&energy, ENERGY_STATIC, scaled(model->leakage_w, seconds));
    return energy;
}

void energy_add(struct energy *sum, const struct energy *term)
{
    add(&sum->total_j, term->total_j);
    for (int i = 0; i < ENERGY_COMPONENT_COUNT; i++)
        sum->component_j[i] += term->component_j[i];
}

static void list_missing(const struct energy_model *model, enum price_id price, char *text,
                         size_t size)
{
    if (isnan(model->technology->prices[price].figure.value))
        list_append(text, size, "area (%s)", price_name((int)price));
}

bool energy_unpriced(const struct energy_model *model, const struct counters *counters, char *text,
                     size_t size)
{
    text[0] = '\0';
    for (const struct energy_rule *rule = energy_rules; rule->counter; rule++) {
        bool counted = applies(model, rule) && count_of(counters, rule);
        if (counted && isnan(price_of(model, rule).value))
            list_append(text, size, "%s (%s)", rule->counter,
                        rule->kind == PRICED_DRAM ? model->arch->dram.name
                                                  : price_name(rule->which));
    }
    list_missing(model, pe_area(model->arch->core.pe), text, size);
    list_missing(model, PRICE_INT32_MULTIPLIER_AREA, text, size);
    list_missing(model, PRICE_INT32_ADDER_AREA, text, size);
    if (pe_descriptor(model->arch->core.pe)->has_decoders)
        list_missing(model, PRICE_DECODER_AREA, text, size);
    if (isnan(model->technology->prices[PRICE_LOGIC_LEAKAGE].figure.value))
        list_append(text, size, "leakage (%s)", price_name(PRICE_LOGIC_LEAKAGE));
    return *text;
}
