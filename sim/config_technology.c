/* Technologies: configs/technology/NAME.cfg, one price record per line, each with its source. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"
#include "sim/config_technology_tables.h"
#include "sim/technology_scaling.h"

/* How sure a figure is. */
#define PROVENANCES(X)                                                       \
    X("primary")   /* read from the file or paper that states it */          \
    X("secondary") /* quoted by another source */                            \
    X("measured")  /* synthesised or simulated for this project */           \
    X("derived")   /* computed from other figures as the source line says */ \
    X("scaled")    /* from another node by a rule that the source line names */
#define PROVENANCE(name) name,
static const char *const provenances[] = {PROVENANCES(PROVENANCE)};
#undef PROVENANCE

static const char *provenance_name(int index)
{
    size_t count = sizeof provenances / sizeof *provenances;
    return index >= 0 && (size_t)index < count ? provenances[index] : NULL;
}

struct price_record {
    char name[TECHNOLOGY_NAME_SIZE], unit[16];
    char source[TECHNOLOGY_SOURCE_SIZE];
    double value, low, high, volts;
    uint16_t node_nm;
    uint8_t provenance;
};

static const struct parameter record_parameters[] = {
    TEXT("name", struct price_record, name, REQUIRED, "what it is the price of"),
    REAL("value", struct price_record, value, REQUIRED, 0, 1e9, "the figure"),
    TEXT("unit", struct price_record, unit, REQUIRED, "its unit"),
    REAL("low", struct price_record, low, REQUIRED, 0, 1e9, "lower bound"),
    REAL("high", struct price_record, high, REQUIRED, 0, 1e9, "upper bound"),
    NAME("provenance", struct price_record, provenance, REQUIRED, provenance_name,
         "how sure the figure is"),
    TEXT("source", struct price_record, source, REQUIRED, "where it is from"),
    INTEGER("node_nm", struct price_record, node_nm, 0, 0, 1000,
            "its node (default: the file's; none for a DRAM)"),
    REAL("volts", struct price_record, volts, 0, 0, 10,
         "its supply (default: the file's; 0: the source does not say)"),
    END_OF_PARAMETERS,
};

static const char DRAM_PREFIX[] = "dram_", DRAM_UNIT[] = "pJ/bit";
static const char BACKGROUND_PREFIX[] = "dram_background_", BACKGROUND_UNIT[] = "mW";

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

/* Where a record of that name goes, and the unit it must have; NULL for an unknown name. */
static struct price *place_of(struct technology *technology, const char *name, const char **unit)
{
    for (int i = 0; i < PRICE_COUNT; i++)
        if (!strcmp(price_name(i), name)) {
            *unit = price_unit(i);
            return &technology->prices[i];
        }
    if (!starts_with(name, DRAM_PREFIX) || technology->dram_count == TECHNOLOGY_MAX_DRAMS)
        return NULL;
    struct dram_price *dram = &technology->drams[technology->dram_count++];
    snprintf(dram->name, sizeof dram->name, "%.47s", name + strlen(DRAM_PREFIX));
    *unit = starts_with(name, BACKGROUND_PREFIX) ? BACKGROUND_UNIT : DRAM_UNIT;
    return &dram->price;
}

static bool unknown_price(const struct config_file *file, const config_setting_t *group,
                          const char *name, struct err *err)
{
    char legal[400];
    names_join(price_name, legal, sizeof legal);
    return config_error(file, group, err,
                        "name: \"%s\" is not one of %s, dram_<name>, dram_background_<name>", name,
                        legal);
}

static bool read_record(const struct config_file *file, const config_setting_t *group,
                        struct technology *technology, struct err *err)
{
    struct price_record record;
    if (!config_setting_is_group(group))
        return config_error(file, group, err, "prices: an entry must be { name = ...; ... }");
    if (!parameters_load(record_parameters, file, group, &record, sizeof record, err))
        return false;
    if (!(record.low <= record.value && record.value <= record.high))
        return config_error(file, group, err, "%s: low %g, value %g, high %g are not in order",
                            record.name, record.low, record.value, record.high);
    if (starts_with(record.name, DRAM_PREFIX) &&
        technology_dram(technology, record.name + strlen(DRAM_PREFIX)))
        return config_error(file, group, err, "%s: given twice", record.name);
    const char *unit;
    struct price *price = place_of(technology, record.name, &unit);
    if (!price)
        return unknown_price(file, group, record.name, err);
    if (!isnan(price->figure.value) && *price->source)
        return config_error(file, group, err, "%s: given twice", record.name);
    if (strcmp(record.unit, unit))
        return config_error(file, group, err, "%s: its unit must be \"%s\", not \"%s\"",
                            record.name, unit, record.unit);
    if (!record.source[0])
        return config_error(file, group, err, "%s: source is empty", record.name);
    price->figure = (struct bounded){record.value, record.low, record.high};
    price->node_nm = record.node_nm;
    price->volts = record.volts;
    snprintf(price->provenance, sizeof price->provenance, "%s", provenance_name(record.provenance));
    snprintf(price->source, sizeof price->source, "%s", record.source);
    return true;
}

static bool read_prices(const struct config_file *file, const config_setting_t *setting,
                        void *field, struct err *err)
{
    struct technology *technology =
        (struct technology *)((char *)field - offsetof(struct technology, prices));
    if (!config_setting_is_list(setting))
        return config_error(file, setting, err, "prices: must be a list ( { name = ... }, ... )");
    for (int i = 0; i < PRICE_COUNT; i++)
        technology->prices[i].figure = (struct bounded){NAN, NAN, NAN};
    for (int i = 0; i < config_setting_length(setting); i++)
        if (!read_record(file, config_setting_get_elem(setting, (unsigned)i), technology, err))
            return false;
    return true;
}

/* A record's node and supply are the file's unless it says otherwise; a DRAM has its own. */
static void complete_prices(struct technology *technology)
{
    for (int i = 0; i < PRICE_COUNT; i++) {
        struct price *price = &technology->prices[i];
        if (!price->node_nm)
            price->node_nm = technology->node_nm;
        if (!(price->volts > 0))
            price->volts = technology->volts;
    }
}

/* --- scaling --- */

struct scaling_source {
    char from[TECHNOLOGY_NAME_SIZE];
    double from_volts, to_volts;
    uint8_t rule;
};

static const struct parameter scaling_parameters[] = {
    TEXT("from", struct scaling_source, from, REQUIRED, "technology to scale logic from"),
    NAME("rule", struct scaling_source, rule, REQUIRED, scaling_rule_name, "how"),
    REAL("from_volts", struct scaling_source, from_volts, REQUIRED, 0.5, 1.5, "supply there"),
    REAL("to_volts", struct scaling_source, to_volts, REQUIRED, 0.5, 1.5, "supply here"),
    END_OF_PARAMETERS,
};

static struct technology *read_technology(const char *name, bool may_scale, struct err *err);

static bool read_scaling(const struct config_file *file, const config_setting_t *setting,
                         struct technology *technology, bool may_scale, struct err *err)
{
    struct scaling_source source;
    struct scaling_factors factors;
    if (!setting)
        return true;
    if (!may_scale)
        return config_error(file, setting, err, "scaling: from a technology that is itself scaled");
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "scaling: must be { from = ...; rule = ...; }");
    if (!parameters_load(scaling_parameters, file, setting, &source, sizeof source, err))
        return false;
    struct technology *from = read_technology(source.from, false, err);
    if (!from)
        return false;
    struct scaling scaling = {source.rule, from->node_nm, technology->node_nm, source.from_volts,
                              source.to_volts};
    bool ok = scaling_factors(&scaling, &factors, err);
    if (ok)
        technology_scale(technology, from, &scaling, &factors);
    else
        err_prefix(err, "%s: scaling", file->path);
    technology_free(from);
    return ok;
}

/* --- the file --- */

/* Tables and the technology to scale from are read once the node is known, after all other keys. */
static bool accept_group(const struct config_file *file, const config_setting_t *setting,
                         void *field, struct err *err)
{
    return true;
}

const struct parameter technology_parameters[] = {
    INTEGER("node_nm", struct technology, node_nm, REQUIRED, 1, 1000, "feature size in nm"),
    REAL("volts", struct technology, volts, 0, 0, 10,
         "supply of records that give none (0: their sources do not say)"),
    OWN("sram", struct technology, flavours, REQUIRED, accept_group,
        "table of SRAM macros and the cell flavour"),
    OWN("gates", struct technology, sram_nodes, 0, accept_group,
        "table of the Verilog twins in gates, and the area of a gate"),
    OWN("activity", struct technology, activity, 0, accept_group,
        "table of the Verilog twins' energy by zero operands"),
    OWN("scaling", struct technology, drams, 0, accept_group,
        "technology and rule that give the logic prices this file lacks"),
    OWN("prices", struct technology, prices, REQUIRED, read_prices, "records, one per price"),
    END_OF_PARAMETERS,
};

static struct technology *finish(struct config_file *file, bool may_scale, struct err *err)
{
    struct technology *technology = calloc(1, sizeof *technology);
    const config_setting_t *root = config_root_setting(&file->tree);
    bool ok = technology || err_set(err, "%s: out of memory", file->path);
    ok = ok &&
         parameters_load(technology_parameters, file, root, technology, sizeof *technology, err);
    ok = ok && config_read_sram(file, config_setting_get_member(root, "sram"), technology, err);
    ok = ok && config_read_gates(file, config_setting_get_member(root, "gates"), technology, err);
    ok = ok &&
         config_read_activity(file, config_setting_get_member(root, "activity"), technology, err);
    ok = ok &&
         read_scaling(file, config_setting_get_member(root, "scaling"), technology, may_scale, err);
    if (ok) {
        complete_prices(technology);
        config_base_name(file->path, technology->name, sizeof technology->name);
    }
    config_file_close(file);
    if (ok)
        return technology;
    technology_free(technology);
    return NULL;
}

static struct technology *read_technology(const char *name, bool may_scale, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_TECHNOLOGY, name, path, err) || !config_file_open(&file, path, err))
        return NULL;
    return finish(&file, may_scale, err);
}

struct technology *config_read_technology(const char *name, struct err *err)
{
    return read_technology(name, true, err);
}

struct technology *config_decode_technology(const char *text, size_t size, const char *path,
                                            struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) ? finish(&file, true, err) : NULL;
}
