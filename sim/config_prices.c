/* The price records of a technology, one per line of its file. */
#include "sim/config_prices.h"

#include <math.h>
#include <string.h>

#include "sim/config_table.h"

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

/* What may follow a prefix; NULL: any name. */
typedef const char *(*part_names)(int);

static const char *operand_name(int index)
{
    return index == 0 ? "act" : index == 1 ? "weight" : NULL;
}

#define NAMES_DRAM NULL
#define NAMES_PE pe_name
#define NAMES_SCRATCHPAD scratchpad_name
#define NAMES_OPERAND operand_name
#define NAMES_DATAFLOW dataflow_name
#define PART_NAMES(id, prefix, unit, names, help) NAMES_##names,
static const part_names names_of_parts[] = {PART_PRICES(PART_NAMES)};
#undef PART_NAMES

static bool is_among(part_names name_of, const char *name)
{
    for (int i = 0; name_of(i); i++)
        if (!strcmp(name_of(i), name))
            return true;
    return false;
}

/* The place of a part's record: its kind by the prefix. False where the part has no such name. */
static bool part_of(const char *name, int *id, const char **part)
{
    for (*id = 0; *id < PART_PRICE_COUNT; (*id)++) {
        const char *prefix = part_price_prefix(*id);
        *part = name + strlen(prefix);
        if (!strncmp(name, prefix, strlen(prefix)))
            return **part && (!names_of_parts[*id] || is_among(names_of_parts[*id], *part));
    }
    return false;
}

static bool unknown_price(const struct config_file *file, const config_setting_t *group,
                          const char *name, struct err *err)
{
    char legal[420];
    names_join(price_name, legal, sizeof legal);
    for (int id = 0; id < PART_PRICE_COUNT; id++)
        list_append(legal, sizeof legal, "%s*", part_price_prefix(id));
    return config_error(file, group, err, "name: \"%.40s\" is not one of %s", name, legal);
}

/* Where a record of that name goes, and the unit it must have. */
static struct price *place_of(const struct config_file *file, const config_setting_t *group,
                              struct technology *technology, const char *name, const char **unit,
                              struct err *err)
{
    int id;
    const char *part;
    for (int i = 0; i < PRICE_COUNT; i++)
        if (!strcmp(price_name(i), name)) {
            *unit = price_unit(i);
            return &technology->prices[i];
        }
    if (!part_of(name, &id, &part)) {
        unknown_price(file, group, name, err);
        return NULL;
    }
    *unit = part_price_unit(id);
    const struct price *there = technology_part(technology, (enum part_price_id)id, part);
    if (there)
        return (struct price *)there;
    if (technology->part_count == TECHNOLOGY_MAX_PARTS) {
        config_error(file, group, err, "prices: more than %d of parts", TECHNOLOGY_MAX_PARTS);
        return NULL;
    }
    struct part_price *new = &technology->parts[technology->part_count++];
    *new = (struct part_price){.id = (uint8_t)id, .price.figure = {NAN, NAN, NAN}};
    snprintf(new->part, sizeof new->part, "%s", part);
    return &new->price;
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
    const char *unit;
    struct price *price = place_of(file, group, technology, record.name, &unit, err);
    if (!price)
        return false;
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

bool prices_read(const struct config_file *file, const config_setting_t *setting, void *field,
                 struct err *err)
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

void prices_complete(struct technology *technology)
{
    for (int i = 0; i < PRICE_COUNT; i++) {
        struct price *price = &technology->prices[i];
        if (!price->node_nm)
            price->node_nm = technology->node_nm;
        if (!(price->volts > 0))
            price->volts = technology->volts;
    }
}
