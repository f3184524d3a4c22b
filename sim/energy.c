/* Rules, charges and their sums. The prices are resolved in energy_model.c. */
#include "sim/energy.h"

#include <math.h>
#include <string.h>

#include "memory/dram_energy.h"
#include "pe/pe.h"
#include "sim/energy_dram.h"

/* The decoded operand of an ANT decoder: 5 bits of mult and 3 of shift, registered at the array
 * edge. */
enum { DECODED_TERM_BITS = 8 };

#define COUNTER(name) #name, offsetof(struct counters, name)
#define LOGIC(counter, price, factor)                                            \
    {                                                                            \
        COUNTER(counter), PRICED_LOGIC, PRICE_##price, factor, PE_COUNT, 0, NULL \
    }
#define SRAM(pad, id)                                                                \
    {COUNTER(pad##_read_bits), PRICED_SRAM_READ, PAD_##id, 1, PE_COUNT, 0, NULL},    \
    {                                                                                \
        COUNTER(pad##_write_bits), PRICED_SRAM_WRITE, PAD_##id, 1, PE_COUNT, 0, NULL \
    }
#define EXTERNAL(counter, kind)                         \
    {                                                   \
        COUNTER(counter), kind, 0, 8, PE_COUNT, 0, NULL \
    }
#define COMMAND(counter, field)                                                                  \
    {                                                                                            \
        COUNTER(counter), PRICED_DRAM_COMMAND, offsetof(struct dram_energy, field), 1, PE_COUNT, \
            0, NULL                                                                              \
    }
#define PER_MAC(kind, which)                             \
    {                                                    \
        COUNTER(macs), kind, which, 1, PE_COUNT, 0, NULL \
    }
#define OVER_TIME(kind, which)                         \
    {                                                  \
        "cycles", 0, kind, which, 1, PE_COUNT, 0, NULL \
    }
#define PAD_LEAKAGE(id, name, help) OVER_TIME(PRICED_SRAM_LEAKAGE, PAD_##id),
#define ELSEWHERE(counter, why)                                    \
    {                                                              \
        COUNTER(counter), PRICED_ELSEWHERE, 0, 0, PE_COUNT, 0, why \
    }

/* What a core's PEs and decoders do: X(counter, price, factor, on this PE only), and
 * P(counter, part) where the PE as a whole has a price. An int8x2 is two PEs of the effective
 * array. */
#define CORE_RULES(X, P)                                   \
    X(pe_clocks, MAC_8X8, 1, PE_INT8)                      \
    X(pe_clocks, INT8X2_MAC, 1, PE_INT8X2)                 \
    X(pe_clocks, MAC_4X4, 1, PE_ANT)                       \
    X(pe_clocks, ANT_SHIFT, 1, PE_ANT)                     \
    X(pe_clocks, MSD_STEP, 1, PE_MSD)                      \
    X(pe_clocks, MSD_STEP, 1, PE_MSD_SKIP)                 \
    X(pe_clocks, BITFUSION_PE, 1, PE_BITFUSION)            \
    X(pe_clocks, MAC_4X4, 1, PE_OLACCEL)                   \
    X(pe_clocks, OUTLIER_PE, 1, PE_OLACCEL)                \
    X(pe_clocks, ADAFLOAT_MAC, 1, PE_ADAFLOAT)             \
    X(pe_clocks, BISCALED_MAC, 1, PE_BISCALED)             \
    P(pe_clocks, PE_CLOCK)                                 \
    X(idle_pe_clocks, PE_IDLE, 1, PE_COUNT)                \
    P(idle_pe_clocks, PE_IDLE)                             \
    X(act_decodes, DECODER, 1, PE_COUNT)                   \
    X(act_decodes, FLIP_FLOP, DECODED_TERM_BITS, PE_COUNT) \
    X(weight_decodes, DECODER, 1, PE_COUNT)                \
    X(weight_decodes, FLIP_FLOP, DECODED_TERM_BITS, PE_COUNT)

#define OF_CORE(counter, price, factor, pe, core)                             \
    {                                                                         \
        COUNTER(counter), PRICED_LOGIC, PRICE_##price, factor, pe, core, NULL \
    }
#define PART_OF_CORE(counter, part, core)                                 \
    {                                                                     \
        COUNTER(counter), PRICED_PE, PART_##part, 1, PE_COUNT, core, NULL \
    }
#define FIRST_CORE(counter, price, factor, pe) OF_CORE(counter, price, factor, pe, 0),
#define FIRST_CORE_PART(counter, part) PART_OF_CORE(counter, part, 0),
#define SECOND_CORE(counter, price, factor, pe) OF_CORE(array2_##counter, price, factor, pe, 1),
#define SECOND_CORE_PART(counter, part) PART_OF_CORE(array2_##counter, part, 1),

/* One row per counter and price, and one per thing that leaks. Every counter of isa/stats.h has a
 * row (test_energy_adds_up.c). Clocks of PEs count groups of fused PEs; count_of multiplies them
 * with the PEs of a group. */
const struct energy_rule energy_rules[] = {
    CORE_RULES(FIRST_CORE, FIRST_CORE_PART) CORE_RULES(SECOND_CORE, SECOND_CORE_PART)
        LOGIC(vector_ops, INT32_MULTIPLY, 1),
    LOGIC(vector_ops, INT32_ADD, ADDS_PER_VECTOR_OP),
    SRAM(act, ACT),
    SRAM(weight, WEIGHT),
    SRAM(param, PARAM),
    SRAM(acc, ACC),
    SRAM(out, OUT),
    PER_MAC(PRICED_OPERAND, PAD_ACT),
    PER_MAC(PRICED_OPERAND, PAD_WEIGHT),
    PER_MAC(PRICED_MOVING_SUM, 0),
    EXTERNAL(dram_read_bytes, PRICED_DRAM_READ),
    EXTERNAL(dram_write_bytes, PRICED_DRAM_WRITE),
    COMMAND(dram_activates, activate),
    COMMAND(dram_read_bytes, read),
    COMMAND(dram_write_bytes, write),
    COMMAND(dram_refreshes, refresh),
    COMMAND(dram_active_clocks, active_standby),
    COMMAND(dram_idle_clocks, precharged_standby),
    OVER_TIME(PRICED_LOGIC_LEAKAGE, 0),
    SCRATCHPADS(PAD_LEAKAGE) /* one row each */
    OVER_TIME(PRICED_DRAM_BACKGROUND, 0),
    ELSEWHERE(macs, "pe_clocks"),
    ELSEWHERE(dram_precharges, "dram_activates"),
    ELSEWHERE(load_busy, "cycles"),
    ELSEWHERE(array_busy, "cycles"),
    ELSEWHERE(vector_busy, "cycles"),
    ELSEWHERE(store_busy, "cycles"),
    ELSEWHERE(load_stall, "cycles"),
    ELSEWHERE(array_stall, "cycles"),
    ELSEWHERE(vector_stall, "cycles"),
    ELSEWHERE(store_stall, "cycles"),
    ELSEWHERE(array2_busy, "cycles"),
    ELSEWHERE(array2_stall, "cycles"),
    ELSEWHERE(overflows, "no event of its own"),
    ELSEWHERE(examined_clocks, "pe_clocks"),
    ELSEWHERE(zero_act_clocks, "pe_clocks"),
    ELSEWHERE(zero_weight_clocks, "pe_clocks"),
    ELSEWHERE(array2_examined_clocks, "array2_pe_clocks"),
    ELSEWHERE(array2_zero_act_clocks, "array2_pe_clocks"),
    ELSEWHERE(array2_zero_weight_clocks, "array2_pe_clocks"),
    {NULL, 0, PRICED_ELSEWHERE, 0, 0, 0, 0, NULL},
};

_Static_assert(sizeof energy_rules / sizeof *energy_rules <= ENERGY_MAX_RULES,
               "a resolved price per rule");

#define COMPONENT_NAME(id, name, help) name,
static const char *const component_names[] = {ENERGY_COMPONENTS(COMPONENT_NAME)};
#undef COMPONENT_NAME

const char *energy_component_name(int component)
{
    return component >= 0 && component < ENERGY_COMPONENT_COUNT ? component_names[component] : NULL;
}

enum energy_component energy_rule_component(const struct energy_rule *rule)
{
    switch (rule->kind) {
    case PRICED_SRAM_READ:
    case PRICED_SRAM_WRITE:
    case PRICED_OPERAND:
    case PRICED_MOVING_SUM:
        return ENERGY_SRAM;
    case PRICED_DRAM_READ:
    case PRICED_DRAM_WRITE:
        return ENERGY_DRAM;
    case PRICED_LOGIC_LEAKAGE:
        return ENERGY_STATIC_LOGIC;
    case PRICED_SRAM_LEAKAGE:
        return ENERGY_STATIC_SRAM;
    case PRICED_DRAM_BACKGROUND:
        return ENERGY_STATIC_DRAM;
    case PRICED_DRAM_COMMAND:
        return energy_dram_is_static(rule) ? ENERGY_STATIC_DRAM : ENERGY_DRAM;
    case PRICED_LOGIC:
    case PRICED_PE:
    case PRICED_ELSEWHERE:
        break;
    }
    return ENERGY_PE;
}

static bool counts_clocks(const struct energy_rule *rule)
{
    return rule->offset == offsetof(struct counters, pe_clocks) ||
           rule->offset == offsetof(struct counters, array2_pe_clocks);
}

static bool counts_idle_clocks(const struct energy_rule *rule)
{
    return rule->offset == offsetof(struct counters, idle_pe_clocks) ||
           rule->offset == offsetof(struct counters, array2_idle_pe_clocks);
}

static bool counts_pes(const struct energy_rule *rule)
{
    return counts_clocks(rule) || counts_idle_clocks(rule);
}

/* A PE that has a price of its own takes that instead of the sum of its parts. */
static bool has_own_price(const struct energy_model *model, const struct energy_rule *rule)
{
    const struct core *core = &model->arch->cores[rule->core];
    enum part_price_id part = counts_idle_clocks(rule) ? PART_PE_IDLE : PART_PE_CLOCK;
    return counts_pes(rule) && energy_pe_price(model, core, part);
}

static bool applies_to_kind(const struct energy_model *model, const struct energy_rule *rule)
{
    switch (rule->kind) {
    case PRICED_LOGIC:
        return !has_own_price(model, rule);
    case PRICED_PE:
        return has_own_price(model, rule);
    case PRICED_OPERAND:
        return energy_operand_price(model, rule->which);
    case PRICED_MOVING_SUM:
        return energy_moving_sum_price(model);
    case PRICED_DRAM_COMMAND:
        return model->has_dram_currents;
    case PRICED_DRAM_READ:
    case PRICED_DRAM_WRITE:
    case PRICED_DRAM_BACKGROUND:
        return !model->has_dram_currents;
    case PRICED_ELSEWHERE:
        return false;
    case PRICED_SRAM_READ:
    case PRICED_SRAM_WRITE:
    case PRICED_LOGIC_LEAKAGE:
    case PRICED_SRAM_LEAKAGE:
        break;
    }
    return true;
}

bool energy_rule_applies(const struct energy_model *model, const struct energy_rule *rule)
{
    const struct arch *arch = model->arch;
    bool has_pe = rule->core < arch->core_count &&
                  (rule->pe == PE_COUNT || rule->pe == arch->cores[rule->core].pe);
    return has_pe && applies_to_kind(model, rule);
}

static bool is_over_time(const struct energy_rule *rule)
{
    return rule->kind == PRICED_LOGIC_LEAKAGE || rule->kind == PRICED_SRAM_LEAKAGE ||
           rule->kind == PRICED_DRAM_BACKGROUND;
}

static uint64_t counted(const struct counters *counters, const struct energy_rule *rule)
{
    uint64_t count;
    memcpy(&count, (const char *)counters + rule->offset, sizeof count);
    return count;
}

int energy_fused_pes(const struct core *core, struct format act, struct format weight)
{
    const struct pe_descriptor *pe = pe_descriptor(core->pe);
    return pe->fusion(act) * pe->fusion(weight);
}

/* What a layer's operands decide: PEs of each core that work as one, and bits of a code. */
struct operands {
    int fused[ARCH_MAX_CORES];
    double act_bits, weight_bits; /* of a multiply-accumulate, averaged over both cores' */
};

static struct operands operands_of(const struct arch *arch, const struct energy_formats *formats)
{
    int first = format_code_bits(formats->weight);
    struct operands operands = {
        .fused = {energy_fused_pes(&arch->cores[0], formats->act, formats->weight), 1},
        .act_bits = format_code_bits(formats->act),
        .weight_bits = first,
    };
    if (formats->second_share > 0) {
        operands.fused[1] = energy_fused_pes(&arch->cores[1], formats->act, formats->second);
        operands.weight_bits += formats->second_share * (format_code_bits(formats->second) - first);
    }
    return operands;
}

/* A rule's count: seconds where it is over time, single PEs, operands' bits, else its counter. */
static double count_of(const struct energy_model *model, const struct energy_rule *rule,
                       const struct layer_stats *stats, const struct operands *operands)
{
    if (is_over_time(rule))
        return (double)stats->cycles / (model->arch->clock_khz * 1e3);
    double count = (double)counted(&stats->counters, rule);
    if (rule->kind == PRICED_OPERAND)
        return count * (rule->which == PAD_ACT ? operands->act_bits : operands->weight_bits);
    bool is_pe = rule->kind == PRICED_LOGIC || rule->kind == PRICED_PE;
    return is_pe && counts_pes(rule) ? count * operands->fused[rule->core] : count;
}

/* What zero operands of its core make of a clock of a PE: 1 where --activity did not look, or
 * nobody knows. */
static double activity_of(const struct energy_model *model, const struct energy_rule *rule,
                          const struct counters *counters)
{
    const struct zero_clocks zeros = counters_zeros(counters, rule->core);
    const double examined = (double)zeros.examined;
    if (rule->kind != PRICED_LOGIC || !counts_clocks(rule) || !zeros.examined)
        return 1;
    double factor =
        technology_activity(model->technology, model->arch->cores[rule->core].pe,
                            (double)zeros.act / examined, (double)zeros.weight / examined);
    return isnan(factor) ? 1 : factor;
}

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

void energy_charges(const struct energy_model *model, const struct layer_stats *stats,
                    const struct energy_formats *formats, struct charge charges[ENERGY_MAX_RULES])
{
    struct operands operands = operands_of(model->arch, formats);
    for (int i = 0; energy_rules[i].counter; i++) {
        charges[i] = (struct charge){0, {0, 0, 0}};
        if (!energy_rule_applies(model, &energy_rules[i]))
            continue;
        const struct resolved_price *price = &model->prices[i];
        charges[i].events = count_of(model, &energy_rules[i], stats, &operands) * price->events *
                            activity_of(model, &energy_rules[i], &stats->counters);
        if (!isnan(price->figure.value))
            charges[i].joules = scaled(price->figure, charges[i].events * price->unit_j);
    }
}

struct energy energy_of(const struct energy_model *model, const struct layer_stats *stats,
                        const struct energy_formats *formats)
{
    struct energy energy = {0};
    struct charge charges[ENERGY_MAX_RULES];
    energy_charges(model, stats, formats, charges);
    for (int i = 0; energy_rules[i].counter; i++) {
        add(&energy.total_j, charges[i].joules);
        energy.component_j[energy_rule_component(&energy_rules[i])] += charges[i].joules.value;
    }
    return energy;
}

void energy_add(struct energy *sum, const struct energy *term)
{
    add(&sum->total_j, term->total_j);
    for (int i = 0; i < ENERGY_COMPONENT_COUNT; i++)
        sum->component_j[i] += term->component_j[i];
}

double energy_static_j(const struct energy *energy)
{
    return energy->component_j[ENERGY_STATIC_LOGIC] + energy->component_j[ENERGY_STATIC_SRAM] +
           energy->component_j[ENERGY_STATIC_DRAM];
}

bool energy_unpriced(const struct energy_model *model, const struct counters *counters, char *text,
                     size_t size)
{
    text[0] = '\0';
    for (int i = 0; energy_rules[i].counter; i++) {
        const struct energy_rule *rule = &energy_rules[i];
        bool happens = is_over_time(rule) || counted(counters, rule);
        if (energy_rule_applies(model, rule) && happens && isnan(model->prices[i].figure.value))
            list_append(text, size, "%s (%s)", rule->counter, model->prices[i].name);
    }
    struct area_line lines[AREA_MAX_LINES];
    int count = area_lines(model, lines);
    for (int i = 0; i < count; i++)
        if (isnan(lines[i].mm2.value))
            list_append(text, size, "area (%s)", lines[i].price.name);
    return *text;
}
