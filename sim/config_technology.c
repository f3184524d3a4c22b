/* Technologies: configs/technology/NAME.cfg, one price record per line, each with its source. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"

/* How sure a figure is. */
#define PROVENANCES(X)                                              \
    X("primary")   /* read from the file or paper that states it */ \
    X("secondary") /* quoted by another source */                   \
    X("measured")  /* synthesised or simulated for this project */  \
    X("derived")   /* computed from other figures as the source line says */
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
    double value, low, high;
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
    END_OF_PARAMETERS,
};

static const char DRAM_PREFIX[] = "dram_", DRAM_UNIT[] = "pJ/bit";

/* Where a record of that name goes, and the unit it must have; NULL for an unknown name. */
static struct price *place_of(struct technology *technology, const char *name, const char **unit)
{
    for (int i = 0; i < PRICE_COUNT; i++)
        if (!strcmp(price_name(i), name)) {
            *unit = price_unit(i);
            return &technology->prices[i];
        }
    size_t prefix = strlen(DRAM_PREFIX);
    if (strncmp(name, DRAM_PREFIX, prefix) || technology->dram_count == TECHNOLOGY_MAX_DRAMS)
        return NULL;
    struct dram_price *dram = &technology->drams[technology->dram_count++];
    snprintf(dram->name, sizeof dram->name, "%.47s", name + prefix);
    *unit = DRAM_UNIT;
    return &dram->price;
}

static bool unknown_price(const struct config_file *file, const config_setting_t *group,
                          const char *name, struct err *err)
{
    char legal[400];
    names_join(price_name, legal, sizeof legal);
    return config_error(file, group, err, "name: \"%s\" is not one of %s, dram_<name>", name,
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
    if (technology_dram(technology, record.name + (strncmp(record.name, DRAM_PREFIX, 5) ? 0 : 5)))
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

struct sram_source {
    char table[CONFIG_PATH_SIZE], cell[16];
};

static const struct parameter sram_parameters[] = {
    TEXT("table", struct sram_source, table, REQUIRED, "csv of macros, relative to this file"),
    TEXT("cell", struct sram_source, cell, REQUIRED, "cell flavour in use; the others give bounds"),
    END_OF_PARAMETERS,
};

static bool choose_cell(const struct config_file *file, const config_setting_t *setting,
                        struct technology *technology, const char *cell, struct err *err)
{
    char legal[160] = "";
    for (int i = 0; i < technology->flavour_count; i++) {
        if (!strcmp(technology->flavours[i].cell, cell)) {
            technology->cell = i;
            return true;
        }
        list_append(legal, sizeof legal, "%s", technology->flavours[i].cell);
    }
    return config_error(file, setting, err, "cell: \"%s\" is not one of %s", cell, legal);
}

static bool read_sram(const struct config_file *file, const config_setting_t *setting,
                      struct technology *technology, struct err *err)
{
    struct sram_source source;
    char path[CONFIG_PATH_SIZE];
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "sram: must be { table = ...; cell = ...; }");
    if (!parameters_load(sram_parameters, file, setting, &source, sizeof source, err))
        return false;
    if (!config_relative(file->path, source.table, path))
        return config_error(file, setting, err, "table: the path is too long");
    size_t size;
    char *text = config_load(path, &size, err);
    if (!text)
        return false;
    bool ok = technology_read_sram(technology, text, size, path, err) &&
              choose_cell(file, setting, technology, source.cell, err);
    free(text);
    return ok;
}

/* The SRAM table is read once the node is known, after all other keys. */
static bool accept_group(const struct config_file *file, const config_setting_t *setting,
                         void *field, struct err *err)
{
    return true;
}

const struct parameter technology_parameters[] = {
    INTEGER("node_nm", struct technology, node_nm, REQUIRED, 1, 1000, "feature size in nm"),
    OWN("sram", struct technology, flavours, REQUIRED, accept_group,
        "table of SRAM macros and the cell flavour"),
    OWN("prices", struct technology, prices, REQUIRED, read_prices, "records, one per price"),
    END_OF_PARAMETERS,
};

static struct technology *finish(struct config_file *file, struct err *err)
{
    struct technology *technology = calloc(1, sizeof *technology);
    const config_setting_t *root = config_root_setting(&file->tree);
    bool ok = technology || err_set(err, "%s: out of memory", file->path);
    ok = ok &&
         parameters_load(technology_parameters, file, root, technology, sizeof *technology, err);
    ok = ok && read_sram(file, config_setting_get_member(root, "sram"), technology, err);
    if (ok)
        config_base_name(file->path, technology->name, sizeof technology->name);
    config_file_close(file);
    if (ok)
        return technology;
    technology_free(technology);
    return NULL;
}

struct technology *config_read_technology(const char *name, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_TECHNOLOGY, name, path, err) || !config_file_open(&file, path, err))
        return NULL;
    return finish(&file, err);
}

struct technology *config_decode_technology(const char *text, size_t size, const char *path,
                                            struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) ? finish(&file, err) : NULL;
}
