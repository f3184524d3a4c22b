/* The tables that a technology names: SRAM macros, gates of the Verilog twins, their energy by zero
 * operands. */
#include "sim/config_technology_tables.h"

#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"

/* The text of the table that a group names, beside the file; NULL on error. */
static char *load_table(const struct config_file *file, const config_setting_t *setting,
                        const char *table, char path[CONFIG_PATH_SIZE], size_t *size,
                        struct err *err)
{
    if (config_relative(file->path, table, path))
        return config_load(path, size, err);
    config_error(file, setting, err, "table: the path is too long");
    return NULL;
}

/* --- sram --- */

struct sram_source {
    char table[CONFIG_PATH_SIZE], cell[16], source[TECHNOLOGY_SOURCE_SIZE];
    uint16_t above_nm, below_nm;
};

static const struct parameter sram_parameters[] = {
    TEXT("table", struct sram_source, table, REQUIRED, "csv of macros, relative to this file"),
    TEXT("cell", struct sram_source, cell, REQUIRED, "cell flavour in use; the others give bounds"),
    TEXT("source", struct sram_source, source, REQUIRED, "where the table is from"),
    INTEGER("above_nm", struct sram_source, above_nm, 0, 0, 1000,
            "greater node of the table, to interpolate between two (default: node_nm itself)"),
    INTEGER("below_nm", struct sram_source, below_nm, 0, 0, 1000, "lesser node of the table"),
    END_OF_PARAMETERS,
};

/* The nodes of the table to use: the technology's own, or the two around it. */
static bool choose_nodes(const struct config_file *file, const config_setting_t *setting,
                         struct technology *technology, const struct sram_source *source,
                         struct err *err)
{
    technology->sram_node_count = 1;
    technology->sram_nodes[0] = technology->node_nm;
    if (!source->above_nm && !source->below_nm)
        return true;
    if (!(source->below_nm < technology->node_nm && technology->node_nm < source->above_nm))
        return config_error(file, setting, err,
                            "above_nm and below_nm: %d and %d are not around node_nm = %d",
                            source->above_nm, source->below_nm, technology->node_nm);
    technology->sram_node_count = 2;
    technology->sram_nodes[0] = source->above_nm;
    technology->sram_nodes[1] = source->below_nm;
    return true;
}

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

bool config_read_sram(const struct config_file *file, const config_setting_t *setting,
                      struct technology *technology, struct err *err)
{
    struct sram_source source;
    char path[CONFIG_PATH_SIZE];
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "sram: must be { table = ...; cell = ...; }");
    if (!parameters_load(sram_parameters, file, setting, &source, sizeof source, err))
        return false;
    if (!choose_nodes(file, setting, technology, &source, err))
        return false;
    memcpy(technology->sram_source, source.source, sizeof technology->sram_source);
    size_t size;
    char *text = load_table(file, setting, source.table, path, &size, err);
    if (!text)
        return false;
    bool ok = technology_read_sram(technology, text, size, path, err) &&
              choose_cell(file, setting, technology, source.cell, err);
    free(text);
    return ok;
}

/* --- gates --- */

struct gates_source {
    char table[CONFIG_PATH_SIZE];
    struct gates gates;
};

static const struct parameter gates_parameters[] = {
    TEXT("table", struct gates_source, table, REQUIRED, "csv of gates, relative to this file"),
    REAL("nand_um2", struct gates_source, gates.um2.value, REQUIRED, 1e-6, 1e6,
         "area of a two-input NAND in um2"),
    REAL("low", struct gates_source, gates.um2.low, REQUIRED, 1e-6, 1e6, "least gate equivalent"),
    REAL("high", struct gates_source, gates.um2.high, REQUIRED, 1e-6, 1e6, "greatest one"),
    TEXT("source", struct gates_source, gates.source, REQUIRED, "where both are from"),
    END_OF_PARAMETERS,
};

bool config_read_gates(const struct config_file *file, const config_setting_t *setting,
                       struct technology *technology, struct err *err)
{
    struct gates_source source;
    char path[CONFIG_PATH_SIZE];
    const struct bounded *um2 = &source.gates.um2;
    if (!setting)
        return true;
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "gates: must be { table = ...; nand_um2 = ...; }");
    if (!parameters_load(gates_parameters, file, setting, &source, sizeof source, err))
        return false;
    if (!(um2->low <= um2->value && um2->value <= um2->high))
        return config_error(file, setting, err,
                            "gates: low %g, nand_um2 %g, high %g are not in order", um2->low,
                            um2->value, um2->high);
    size_t size;
    char *text = load_table(file, setting, source.table, path, &size, err);
    bool ok = text && technology_read_gates(technology, text, &source.gates, path, err);
    free(text);
    return ok;
}

/* --- activity --- */

struct activity_source {
    char table[CONFIG_PATH_SIZE];
    struct activity_reference reference;
};

static const struct parameter activity_parameters[] = {
    TEXT("table", struct activity_source, table, REQUIRED,
         "csv of energies, relative to this file"),
    REAL("act_zeros", struct activity_source, reference.act_zeros, REQUIRED, 0, 1,
         "share of zero activations that the prices of PEs hold for"),
    REAL("weight_zeros", struct activity_source, reference.weight_zeros, REQUIRED, 0, 1,
         "share of zero weights that they hold for"),
    TEXT("source", struct activity_source, reference.source, REQUIRED, "where both are from"),
    END_OF_PARAMETERS,
};

bool config_read_activity(const struct config_file *file, const config_setting_t *setting,
                          struct technology *technology, struct err *err)
{
    struct activity_source source;
    char path[CONFIG_PATH_SIZE];
    if (!setting)
        return true;
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "activity: must be { table = ...; ... }");
    if (!parameters_load(activity_parameters, file, setting, &source, sizeof source, err))
        return false;
    size_t size;
    char *text = load_table(file, setting, source.table, path, &size, err);
    bool ok = text && technology_read_activity(technology, text, &source.reference, path, err);
    free(text);
    return ok;
}
