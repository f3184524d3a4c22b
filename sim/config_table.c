#include "sim/config_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void names_join(const char *(*name_of)(int), char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; name_of(i); i++)
        list_append(text, size, "%s", name_of(i));
}

static void store_integer(const struct parameter *row, void *field, long long value)
{
    switch (row->size) {
    case 1:
        *(uint8_t *)field = (uint8_t)value;
        return;
    case 2:
        *(uint16_t *)field = (uint16_t)value;
        return;
    case 4:
        *(uint32_t *)field = (uint32_t)value;
        return;
    }
    assert(!"a parameter's field has 1, 2 or 4 bytes");
}

static void initialise(const struct parameter *row, void *field)
{
    switch (row->type) {
    case PARAMETER_INTEGER:
    case PARAMETER_NAME:
        store_integer(row, field, isnan(row->initial) ? 0 : (long long)row->initial);
        return;
    case PARAMETER_REAL:
        *(double *)field = row->initial;
        return;
    case PARAMETER_BOOL:
        *(bool *)field = row->initial > 0;
        return;
    case PARAMETER_TEXT:
    case PARAMETER_OWN:
        memset(field, 0, row->size);
        return;
    case PARAMETER_GROUP:
        parameters_initialise(row->members, field);
        return;
    }
}

void parameters_initialise(const struct parameter *table, void *object)
{
    for (const struct parameter *row = table; row->name; row++)
        initialise(row, (char *)object + row->offset);
}

static bool read_integer(const struct parameter *row, const struct config_file *file,
                         const config_setting_t *setting, void *field, struct err *err)
{
    int type = config_setting_type(setting);
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return config_error(file, setting, err, "%s: must be a whole number", row->name);
    long long value = config_setting_get_int64(setting);
    if (value < row->min || value > row->max)
        return config_error(file, setting, err, "%s: %lld is not in %.0f..%.0f", row->name, value,
                            row->min, row->max);
    store_integer(row, field, value);
    return true;
}

static bool read_real(const struct parameter *row, const struct config_file *file,
                      const config_setting_t *setting, void *field, struct err *err)
{
    double value;
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_FLOAT:
        value = config_setting_get_float(setting);
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        value = (double)config_setting_get_int64(setting);
        break;
    default:
        return config_error(file, setting, err, "%s: must be a number", row->name);
    }
    if (!(value >= row->min && value <= row->max))
        return config_error(file, setting, err, "%s: %g is not in %g..%g", row->name, value,
                            row->min, row->max);
    *(double *)field = value;
    return true;
}

static bool read_text(const struct parameter *row, const struct config_file *file,
                      const config_setting_t *setting, char *field, struct err *err)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return config_error(file, setting, err, "%s: must be a text in quotes", row->name);
    const char *text = config_setting_get_string(setting);
    if (strlen(text) >= row->size)
        return config_error(file, setting, err, "%s: longer than %zu characters", row->name,
                            row->size - 1);
    memset(field, 0, row->size);
    memcpy(field, text, strlen(text));
    return true;
}

static bool read_name(const struct parameter *row, const struct config_file *file,
                      const config_setting_t *setting, void *field, struct err *err)
{
    char legal[256];
    names_join(row->name_of, legal, sizeof legal);
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return config_error(file, setting, err, "%s: must be one of \"%s\" in quotes", row->name,
                            legal);
    const char *text = config_setting_get_string(setting);
    for (int i = 0; row->name_of(i); i++)
        if (!strcmp(row->name_of(i), text)) {
            store_integer(row, field, i);
            return true;
        }
    return config_error(file, setting, err, "%s: \"%.64s\" is not one of %s", row->name, text,
                        legal);
}

static bool read_bool(const struct parameter *row, const struct config_file *file,
                      const config_setting_t *setting, bool *field, struct err *err)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return config_error(file, setting, err, "%s: must be true or false", row->name);
    *field = config_setting_get_bool(setting);
    return true;
}

static bool read_value(const struct parameter *row, const struct config_file *file,
                       const config_setting_t *setting, void *field, uint8_t *given,
                       struct err *err)
{
    switch (row->type) {
    case PARAMETER_INTEGER:
        return read_integer(row, file, setting, field, err);
    case PARAMETER_REAL:
        return read_real(row, file, setting, field, err);
    case PARAMETER_BOOL:
        return read_bool(row, file, setting, field, err);
    case PARAMETER_TEXT:
        return read_text(row, file, setting, field, err);
    case PARAMETER_NAME:
        return read_name(row, file, setting, field, err);
    case PARAMETER_GROUP:
        if (!config_setting_is_group(setting))
            return config_error(file, setting, err, "%s: must be a group { ... }", row->name);
        return parameters_read(row->members, file, setting, field, given, err);
    case PARAMETER_OWN:
        return row->read(file, setting, field, err);
    }
    return false;
}

bool parameter_read(const struct parameter *row, const struct config_file *file,
                    const config_setting_t *setting, void *field, uint8_t *given, struct err *err)
{
    if (!read_value(row, file, setting, field, given, err))
        return false;
    if (given && row->type != PARAMETER_GROUP)
        memset(given, 1, row->size);
    return true;
}

const struct parameter *parameters_find(const struct parameter *table,
                                        const struct config_file *file,
                                        const config_setting_t *setting, struct err *err)
{
    char legal[360] = "";
    for (const struct parameter *row = table; row->name; row++)
        if (!strcmp(row->name, config_setting_name(setting)))
            return row;
        else
            list_append(legal, sizeof legal, "%s", row->name);
    config_error(file, setting, err, "%.48s: unknown; known here: %s", config_setting_name(setting),
                 legal);
    return NULL;
}

bool parameters_read(const struct parameter *table, const struct config_file *file,
                     const config_setting_t *group, void *object, uint8_t *given, struct err *err)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct parameter *row = parameters_find(table, file, setting, err);
        uint8_t *mark = given && row ? given + row->offset : NULL;
        if (!row || !parameter_read(row, file, setting, (char *)object + row->offset, mark, err))
            return false;
    }
    return true;
}

static bool complete(const struct parameter *table, const char *place,
                     const struct config_file *file, const config_setting_t *group,
                     const uint8_t *given, struct err *err)
{
    for (const struct parameter *row = table; row->name; row++) {
        char name[96];
        snprintf(name, sizeof name, "%s%s%s", place, place[0] ? "." : "", row->name);
        if (row->type == PARAMETER_GROUP) {
            if (!complete(row->members, name, file, group, given + row->offset, err))
                return false;
        } else if (isnan(row->initial) && !given[row->offset]) {
            return config_error(file, group, err, "%s is missing: %s", name, row->help);
        }
    }
    return true;
}

bool parameters_complete(const struct parameter *table, const struct config_file *file,
                         const config_setting_t *group, const uint8_t *given, struct err *err)
{
    return complete(table, "", file, group, given, err);
}

bool parameters_load(const struct parameter *table, const struct config_file *file,
                     const config_setting_t *group, void *object, size_t object_size,
                     struct err *err)
{
    uint8_t *given = calloc(1, object_size);
    if (!given)
        return config_error(file, group, err, "out of memory");
    parameters_initialise(table, object);
    bool ok = parameters_read(table, file, group, object, given, err) &&
              parameters_complete(table, file, group, given, err);
    free(given);
    return ok;
}

static void print_range(const struct parameter *row, char *text, size_t size)
{
    switch (row->type) {
    case PARAMETER_INTEGER:
    case PARAMETER_REAL:
        snprintf(text, size, "%g..%g", row->min, row->max);
        return;
    case PARAMETER_BOOL:
        snprintf(text, size, "true, false");
        return;
    case PARAMETER_NAME:
        names_join(row->name_of, text, size);
        return;
    case PARAMETER_TEXT:
        snprintf(text, size, "text");
        return;
    case PARAMETER_GROUP:
    case PARAMETER_OWN:
        snprintf(text, size, "{ ... }");
        return;
    }
}

void parameters_print(const struct parameter *table, const char *prefix, FILE *file)
{
    for (const struct parameter *row = table; row->name; row++) {
        char name[96], range[128];
        snprintf(name, sizeof name, "%s%s", prefix, row->name);
        if (row->type == PARAMETER_GROUP) {
            size_t length = strlen(name);
            snprintf(name + length, sizeof name - length, ".");
            parameters_print(row->members, name, file);
            continue;
        }
        print_range(row, range, sizeof range);
        fprintf(file, "  %-28s %s%s\n      %s\n", name, range,
                isnan(row->initial) ? ", required" : "", row->help);
    }
}

void config_print_parameters(enum config_home home, FILE *file)
{
    switch (home) {
    case HOME_ARCH:
        parameters_print(arch_parameters, "", file);
        return;
    case HOME_QUANT:
        parameters_print(quantise_config_parameters, "", file);
        return;
    case HOME_DATA:
        parameters_print(data_parameters, "", file);
        return;
    case HOME_TECHNOLOGY:
        parameters_print(technology_parameters, "", file);
        return;
    case HOME_DRAM:
        parameters_print(dram_device_parameters, "", file);
        return;
    case HOME_FPGA:
        parameters_print(fpga_parameters, "", file);
        return;
    case HOME_SWEEP:
        parameters_print(sweep_parameters, "", file);
        return;
    case HOME_COUNT:
        break;
    }
    assert(!"no such home");
}
