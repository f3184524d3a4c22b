/* Prices of external memory: from its device's currents, or the technology's records per bit and second. */
#include "sim/energy_dram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory/dram_energy.h"

static const double PICO = 1e-12, MILLI = 1e-3;

/* --- records of the technology --- */

/* A device whose name ends in an order of address fields, as ddr4-2400-cobg, has the prices of the
 * device without. */
static bool ends_in_mapping(const char *suffix)
{
    static const char fields[][3] = {"ch", "ra", "bg", "ba", "ro", "co"};
    size_t known = 0, length = strlen(suffix);
    for (size_t at = 0; at + 1 < length; at += 2)
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            known += 2 * !strncmp(suffix + at, fields[i], 2);
    return length && known == length;
}

static void dram_price_name(const struct energy_model *model, char name[ARCH_NAME_SIZE])
{
    snprintf(name, ARCH_NAME_SIZE, "%s", dram_config_name(&model->arch->dram));
    char *dash = strrchr(name, '-');
    if (dash && ends_in_mapping(dash + 1))
        *dash = '\0';
}

/* A direction's own price, else that of both. */
static void resolve_bits(const struct energy_model *model, const struct energy_rule *rule,
                         struct resolved_price *price)
{
    char name[ARCH_NAME_SIZE];
    dram_price_name(model, name);
    bool reads = rule->kind == PRICED_DRAM_READ;
    enum part_price_id id = reads ? PART_DRAM_READ : PART_DRAM_WRITE;
    energy_take_part(model, technology_part(model->technology, id, name) ? id : PART_DRAM, name,
                     price);
    price->unit_j = PICO;
    price->event = "bits";
    price->events = rule->factor;
}

static void resolve_background(const struct energy_model *model, struct resolved_price *price)
{
    char name[ARCH_NAME_SIZE];
    dram_price_name(model, name);
    energy_take_part(model, PART_DRAM_BACKGROUND, name, price);
    price->unit_j = MILLI;
    price->event = "s";
}

/* --- currents of the device --- */

/* What devices were measured to take of what their data sheets say: the lower bounds. DDR4: Shi et al.,
 * arXiv:2411.17960, figure 4 (standby IDD2N 599 of 1040 mA, IDD0 605 of 1120, IDD4R 967 of 1750, IDD4W
 * 684 of 1590 and IDD3N 539 of 1540, not below standby); refresh: Ghose et al., SIGMETRICS 2018, DDR3L,
 * mean of three vendors. Both as quoted in public notes on DRAM energy. */
static const struct command {
    size_t offset; /* in struct dram_energy */
    const char *name, *event;
    double measured; /* / data sheet */
    bool is_column, is_static;
} commands[] = {
    {offsetof(struct dram_energy, activate), "ACT + PRE", "events", 0.540, false, false},
    {offsetof(struct dram_energy, read), "RD", "events", 0.553, true, false},
    {offsetof(struct dram_energy, write), "WR", "events", 0.430, true, false},
    {offsetof(struct dram_energy, refresh), "REF", "events", 0.829, false, true},
    {offsetof(struct dram_energy, active_standby), "standby", "clocks", 0.576, false, true},
    {offsetof(struct dram_energy, precharged_standby), "idle standby", "clocks", 0.576, false,
     true},
};

static const struct command *command_of(const struct energy_rule *rule)
{
    const struct command *command = commands;
    while (command->offset != (size_t)rule->which)
        command++;
    return command;
}

bool energy_dram_is_static(const struct energy_rule *rule)
{
    return command_of(rule)->is_static;
}

/* Currents leave out what drives the wires: an access's upper bound is the published figure per bit, all
 * in, where the technology has one. */
static double upper_bound(const struct energy_model *model, const struct command *command,
                          double value)
{
    char name[ARCH_NAME_SIZE];
    dram_price_name(model, name);
    const struct price *record = technology_part(model->technology, PART_DRAM, name);
    if (!command->is_column || !record)
        return value;
    return fmax(value, record->figure.value * 8 * dram_config_burst_bytes(&model->arch->dram));
}

static void resolve_command(const struct energy_model *model, const struct energy_rule *rule,
                            struct resolved_price *price)
{
    const struct dram_device *device = &model->arch->dram.device;
    const struct command *command = command_of(rule);
    double value;
    if (!model->has_dram_currents)
        return;
    const struct dram_energy prices = dram_energy_prices(device);
    memcpy(&value, (const char *)&prices + command->offset, sizeof value);
    price->figure =
        (struct bounded){value, value * command->measured, upper_bound(model, command, value)};
    snprintf(price->name, sizeof price->name, "%.24s %s", device->name, command->name);
    price->unit = "pJ";
    price->unit_j = PICO; /* of a command */
    price->event = command->event;
    price->events = command->is_column ? 1.0 / dram_config_burst_bytes(&model->arch->dram) : 1;
    price->volts = device->currents.VDD;
    snprintf(price->provenance, sizeof price->provenance, "derived");
    snprintf(
        price->source, sizeof price->source,
        "currents of configs/dram/%.24s.cfg, Micron TN-40-07; low: measured / data sheet (Shi "
        "et al. 2024, Ghose et al. 2018); high of RD, WR: the technology's price per bit, all in",
        device->name);
}

void energy_resolve_dram(const struct energy_model *model, const struct energy_rule *rule,
                         struct resolved_price *price)
{
    if (rule->kind == PRICED_DRAM_COMMAND)
        resolve_command(model, rule, price);
    else if (rule->kind == PRICED_DRAM_BACKGROUND)
        resolve_background(model, price);
    else
        resolve_bits(model, rule, price);
}
