#include "sim/technology_scaling.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RULE_NAME(id, name, source) name,
static const char *const rule_names[] = {SCALING_RULES(RULE_NAME)};
#undef RULE_NAME
#define RULE_SOURCE(id, name, source) source,
static const char *const rule_sources[] = {SCALING_RULES(RULE_SOURCE)};
#undef RULE_SOURCE

const char *scaling_rule_name(int rule)
{
    return rule >= 0 && rule < SCALING_RULE_COUNT ? rule_names[rule] : NULL;
}

const char *scaling_rule_source(int rule)
{
    return rule >= 0 && rule < SCALING_RULE_COUNT ? rule_sources[rule] : NULL;
}

/* E(V) ~ a2 V^2 + a1 V + a0, the energy of a transition at one node. */
struct energy_polynomial {
    double a2, a1, a0;
};

/* Stillmaker and Baas, "Scaling equations for the accurate prediction of CMOS device performance
 * from 180 nm to 7 nm", Integration 58 (2017), 74-81: area relative to 45 nm, and the polynomials
 * of energy for high-performance and low-power transistors. Two public transcriptions of the tables
 * agree: wromaszkan/nodeScale@a912c60 and Accelergy-Project/hwcomponents@373ccd9 (which has the
 * low-power polynomials at 45 and 32 nm, the high-performance ones at 20 nm). */
static const struct {
    int nm;
    double area;
    struct energy_polynomial fast, frugal;
} nodes[] = {
    {45, 1.00, {1.018, -0.3107, 0.1539}, {1.103, -0.362, 0.2767}},
    {32, 0.46, {0.8367, -0.4341, 0.1701}, {0.9559, -0.7823, 0.471}},
    {20, 0.21, {0.373, -0.1582, 0.04104}, {0.2632, -0.14, 0.06841}},
    {16, 0.19, {0.2958, -0.1241, 0.03024}, {0.2139, -0.1187, 0.05639}},
    {14, 0.17, {0.2363, -0.09675, 0.02239}, {0.1556, -0.06472, 0.03066}},
    {10, 0.10, {0.2068, -0.09311, 0.02375}, {0.1261, -0.0518, 0.02769}},
    {7, 0.059, {0.1776, -0.09097, 0.02447}, {0.09365, -0.03409, 0.02043}},
};

enum { NODE_COUNT = sizeof nodes / sizeof *nodes };

static double transition_energy(const struct energy_polynomial *energy, double volts)
{
    return energy->a2 * volts * volts + energy->a1 * volts + energy->a0;
}

/* Area and energies at a node, up to a common factor. */
struct node_figures {
    double area, fast, frugal;
};

static struct node_figures at_node(int index, double volts)
{
    return (struct node_figures){
        .area = nodes[index].area,
        .fast = transition_energy(&nodes[index].fast, volts),
        .frugal = transition_energy(&nodes[index].frugal, volts),
    };
}

/* Between two of the rule's nodes: a straight line in log(node), log(figure). */
static double between(double greater, double lesser, double share)
{
    return exp(log(greater) + share * (log(lesser) - log(greater)));
}

static bool figures_of(int nm, double volts, struct node_figures *figures)
{
    for (int i = 0; i < NODE_COUNT; i++) {
        if (nm == nodes[i].nm) {
            *figures = at_node(i, volts);
            return true;
        }
        if (i + 1 == NODE_COUNT || nm > nodes[i].nm || nm < nodes[i + 1].nm)
            continue;
        struct node_figures greater = at_node(i, volts), lesser = at_node(i + 1, volts);
        double share = (log(nodes[i].nm) - log(nm)) / (log(nodes[i].nm) - log(nodes[i + 1].nm));
        figures->area = between(greater.area, lesser.area, share);
        figures->fast = between(greater.fast, lesser.fast, share);
        figures->frugal = between(greater.frugal, lesser.frugal, share);
        return true;
    }
    return false;
}

/* A part's leakage power scales as its energy does (HWComponents, scaling/techscaling.py,
 * tech_node_leak), so that of an area as energy / area. Bounds: an area leaks as before, a part
 * leaks as before. */
static struct bounded leakage_factor(double energy, double area)
{
    double value = energy / area, per_area = 1, per_part = 1 / area;
    return (struct bounded){value, fmin(value, fmin(per_area, per_part)),
                            fmax(value, fmax(per_area, per_part))};
}

bool scaling_factors(const struct scaling *scaling, struct scaling_factors *factors,
                     struct err *err)
{
    struct node_figures from, to;
    if (!figures_of(scaling->from_nm, scaling->from_volts, &from) ||
        !figures_of(scaling->to_nm, scaling->to_volts, &to))
        return err_set(err, "from %d nm to %d nm: %s reaches %d..%d nm", scaling->from_nm,
                       scaling->to_nm, rule_names[scaling->rule], nodes[NODE_COUNT - 1].nm,
                       nodes[0].nm);
    double area = to.area / from.area;
    double fast = to.fast / from.fast, frugal = to.frugal / from.frugal;
    factors->area = (struct bounded){area, area, area};
    factors->energy = (struct bounded){fast, fmin(fast, frugal), fmax(fast, frugal)};
    factors->leakage = leakage_factor(fast, area);
    return true;
}

/* The factor of a price by its unit. */
static const struct bounded *factor_of(const struct scaling_factors *factors, const char *unit)
{
    if (!strcmp(unit, "um2"))
        return &factors->area;
    return !strcmp(unit, "uW/um2") ? &factors->leakage : &factors->energy;
}

static struct price scaled(const struct price *price, const struct bounded *factor,
                           const struct scaling *scaling)
{
    struct price result = {
        .figure = {price->figure.value * factor->value, price->figure.low * factor->low,
                   price->figure.high * factor->high},
        .node_nm = scaling->to_nm,
        .volts = scaling->to_volts,
        .provenance = "scaled",
    };
    snprintf(result.source, sizeof result.source, "%.4g x that at %d nm (%s): %.190s",
             factor->value, scaling->from_nm, rule_names[scaling->rule], price->source);
    return result;
}

/* DRAMs are taken as they are, PEs scaled; scratchpads have a table of their own node, and what only
 * models charge stays with them. */
static bool is_taken(enum part_price_id id, bool *is_scaled)
{
    switch (id) {
    case PART_DRAM_BACKGROUND:
    case PART_DRAM_READ:
    case PART_DRAM_WRITE:
    case PART_DRAM:
        *is_scaled = false;
        return true;
    case PART_PE_CLOCK:
    case PART_PE_IDLE:
    case PART_PE_AREA:
        *is_scaled = true;
        return true;
    case PART_SRAM_READ:
    case PART_SRAM_WRITE:
    case PART_SRAM_LEAKAGE:
    case PART_OPERAND:
    case PART_MOVING_SUM:
    case PART_PRICE_COUNT:
        break;
    }
    return false;
}

static void take_part(struct technology *technology, const struct part_price *part,
                      const struct scaling *scaling, const struct scaling_factors *factors)
{
    bool is_scaled;
    enum part_price_id id = (enum part_price_id)part->id;
    if (technology->part_count == TECHNOLOGY_MAX_PARTS || !is_taken(id, &is_scaled) ||
        technology_part(technology, id, part->part))
        return;
    struct part_price *to = &technology->parts[technology->part_count++];
    *to = *part;
    if (is_scaled)
        to->price = scaled(&part->price, factor_of(factors, part_price_unit(part->id)), scaling);
}

void technology_scale(struct technology *technology, const struct technology *from,
                      const struct scaling *scaling, const struct scaling_factors *factors)
{
    for (int i = 0; i < PRICE_COUNT; i++)
        if (isnan(technology->prices[i].figure.value) && !isnan(from->prices[i].figure.value))
            technology->prices[i] =
                scaled(&from->prices[i], factor_of(factors, price_unit(i)), scaling);
    technology->has_dram_currents |= from->has_dram_currents;
    if (!technology->activity.is_known)
        technology->activity = from->activity; /* ratios */
    for (int i = 0; i < from->part_count; i++)
        take_part(technology, &from->parts[i], scaling, factors);
}
