/* Technologies: configs/technology/NAME.cfg, one price record per line, each with its source. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/config_prices.h"
#include "sim/config_table.h"
#include "sim/config_technology_tables.h"
#include "sim/technology_scaling.h"

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
    BOOLEAN("dram_currents", struct technology, has_dram_currents, false,
            "price a DRAM by its device's currents, not by records per bit and second"),
    OWN("sram", struct technology, flavours, REQUIRED, accept_group,
        "table of SRAM macros and the cell flavour"),
    OWN("gates", struct technology, sram_nodes, 0, accept_group,
        "table of the Verilog twins in gates, and the area of a gate"),
    OWN("activity", struct technology, activity, 0, accept_group,
        "table of the Verilog twins' energy by zero operands"),
    OWN("scaling", struct technology, parts, 0, accept_group,
        "technology and rule that give the logic prices this file lacks"),
    OWN("prices", struct technology, prices, REQUIRED, prices_read, "records, one per price"),
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
        prices_complete(technology);
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
