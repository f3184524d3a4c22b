/* The accelerators of a sweep: a base, and the values that vary. */
#include "sim/config_sweep.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"

enum { MAX_AXES = 64 };

/* --- axes and their values --- */

static struct sweep_axis *add_axis(const struct config_file *file, const config_setting_t *setting,
                                   struct sweep_accelerator *accelerator, int count,
                                   struct err *err)
{
    const char *name = config_setting_name(setting);
    name = name ? name : "axes";
    if (count < 1 || count > SWEEP_MAX_VALUES) {
        config_error(file, setting, err, "%s: %d values are not in 1..%d", name, count,
                     SWEEP_MAX_VALUES);
        return NULL;
    }
    if (accelerator->axis_count == MAX_AXES) {
        config_error(file, setting, err, "more than %d values vary", MAX_AXES);
        return NULL;
    }
    if (!accelerator->axes)
        accelerator->axes = calloc(MAX_AXES, sizeof *accelerator->axes);
    struct sweep_value *values = calloc((size_t)count, sizeof *values);
    if (!accelerator->axes || !values) {
        free(values);
        config_error(file, setting, err, "out of memory");
        return NULL;
    }
    struct sweep_axis *axis = &accelerator->axes[accelerator->axis_count++];
    axis->values = values;
    snprintf(axis->name, sizeof axis->name, "%s", name);
    return axis;
}

/* What a value is called in the column of choices. */
static void label_value(const config_setting_t *item, int index, struct sweep_value *value)
{
    const config_setting_t *name =
        config_setting_is_group(item) ? config_setting_get_member(item, "name") : NULL;
    const char *text = config_setting_get_string(name ? name : item);
    if (text)
        snprintf(value->label, sizeof value->label, "%s", text);
    else if (config_setting_is_number(item))
        snprintf(value->label, sizeof value->label, "%.9g",
                 config_setting_type(item) == CONFIG_TYPE_FLOAT
                     ? config_setting_get_float(item)
                     : (double)config_setting_get_int64(item));
    else if (config_setting_type(item) == CONFIG_TYPE_BOOL)
        snprintf(value->label, sizeof value->label, "%s",
                 config_setting_get_bool(item) ? "true" : "false");
    else
        snprintf(value->label, sizeof value->label, "#%d", index + 1);
}

/* --- parameters --- */

/* Where the reader is: an object to read into, which a value or the base then takes. */
struct place {
    const struct config_file *file;
    struct sweep_accelerator *accelerator;
    char prefix[SWEEP_NAME_SIZE]; /* "core." */
    size_t offset;                /* of the group in struct arch */
};

static bool belongs_to_arch(const struct parameter *row, size_t offset)
{
    return offset + row->offset + row->size <= sizeof(struct arch);
}

/* A second core is there if anything of it is given, as in an accelerator's own file. */
static bool has_second_core(const uint8_t *given)
{
    return memchr(given + offsetof(struct arch, cores[1]), 1, sizeof(struct core));
}

static void add_second_core(struct sweep_value *value)
{
    value->arch.core_count = 2;
    memset(value->given + offsetof(struct arch, core_count), 1, sizeof value->arch.core_count);
}

/* One value: read beside the base, so that the bytes it sets are known. */
static bool read_item(const struct place *place, const struct parameter *row,
                      const config_setting_t *item, struct sweep_value *value, struct err *err)
{
    struct arch_file object = {.arch = place->accelerator->base};
    uint8_t given[sizeof object] = {0};
    size_t offset = place->offset + row->offset;
    if (row->type == PARAMETER_GROUP && !config_setting_is_group(item))
        return config_error(place->file, item, err, "%s: must be a list of groups { ... }",
                            row->name);
    if (!parameter_read(row, place->file, item, (char *)&object + offset, given + offset, err))
        return false;
    value->arch = object.arch;
    memcpy(value->given, given, sizeof value->given);
    if (has_second_core(value->given))
        add_second_core(value);
    return true;
}

/* All values of a list. */
static bool read_items(const struct place *place, const struct parameter *row,
                       const config_setting_t *list, struct err *err)
{
    struct sweep_axis *axis =
        add_axis(place->file, list, place->accelerator, config_setting_length(list), err);
    if (!axis)
        return false;
    snprintf(axis->name, sizeof axis->name, "%.60s%s", place->prefix, row->name);
    for (; axis->count < config_setting_length(list); axis->count++) {
        const config_setting_t *item = config_setting_get_elem(list, (unsigned)axis->count);
        if (!read_item(place, row, item, &axis->values[axis->count], err))
            return false;
        label_value(item, axis->count, &axis->values[axis->count]);
    }
    return true;
}

static bool read_range_axis(const struct place *place, const struct parameter *row,
                            const config_setting_t *group, struct err *err)
{
    config_t scratch;
    const config_setting_t *list = config_sweep_spell_range(place->file, group, &scratch, err);
    bool ok = list && read_items(place, row, list, err);
    config_destroy(&scratch);
    return ok;
}

static bool read_group(const struct place *place, const struct parameter *table,
                       const config_setting_t *group, struct err *err);

/* A value that does not vary changes the base. */
static bool read_single(const struct place *place, const struct parameter *row,
                        const config_setting_t *setting, struct err *err)
{
    struct arch *base = &place->accelerator->base;
    size_t offset = place->offset + row->offset;
    uint8_t given[sizeof(struct arch)] = {0};
    if (!parameter_read(row, place->file, setting, (char *)base + offset, given + offset, err))
        return false;
    if (has_second_core(given))
        base->core_count = 2;
    return true;
}

static bool read_parameter(const struct place *place, const struct parameter *row,
                           const config_setting_t *setting, struct err *err)
{
    struct sweep_accelerator *accelerator = place->accelerator;
    size_t offset = place->offset + row->offset;
    if (!belongs_to_arch(row, place->offset))
        return config_error(place->file, setting, err, "%s: does not belong here", row->name);
    if (config_setting_is_list(setting) || config_setting_is_array(setting))
        return read_items(place, row, setting, err);
    if (row->type != PARAMETER_GROUP && config_sweep_is_range(setting))
        return read_range_axis(place, row, setting, err);
    if (row->type != PARAMETER_GROUP || !config_setting_is_group(setting))
        return read_single(place, row, setting, err);
    struct place inner = {.file = place->file, .accelerator = accelerator, .offset = offset};
    snprintf(inner.prefix, sizeof inner.prefix, "%.60s%.30s.", place->prefix, row->name);
    return read_group(&inner, row->members, setting, err);
}

/* The members of a group of parameters; single values change the base. */
static bool read_group(const struct place *place, const struct parameter *table,
                       const config_setting_t *group, struct err *err)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct parameter *row = parameters_find(table, place->file, setting, err);
        if (!row || !read_parameter(place, row, setting, err))
            return false;
    }
    return true;
}

/* --- keys that only a sweep's accelerators have --- */

/* Square arrays: rows and columns vary together. */
static bool read_sizes(const struct place *place, const config_setting_t *setting, struct err *err)
{
    static const struct parameter row =
        INTEGER("sizes", struct arch, cores[0].rows, REQUIRED, 1,
                ARCH_MAX_ROWS < ARCH_MAX_COLUMNS ? ARCH_MAX_ROWS : ARCH_MAX_COLUMNS, "");
    int before = place->accelerator->axis_count;
    if (!config_setting_is_aggregate(setting))
        return config_error(place->file, setting, err, "sizes: must be a list or a range");
    if (!read_parameter(place, &row, setting, err))
        return false;
    struct sweep_axis *axis = &place->accelerator->axes[before];
    for (int i = 0; i < axis->count; i++) {
        struct arch *arch = &axis->values[i].arch;
        arch->cores[0].columns = arch->cores[0].rows;
        memset(axis->values[i].given + offsetof(struct arch, cores[0].columns), 1,
               sizeof arch->cores[0].columns);
    }
    return true;
}

/* Alternatives of several values each: ( { core = ...; }, { core = ...; } ). */
static bool read_alternatives(const struct place *place, const config_setting_t *list, int number,
                              struct err *err)
{
    if (!config_setting_is_list(list))
        return config_error(place->file, list, err,
                            "axes: must be a list of lists of groups ( ( { ... }, { ... } ) )");
    struct sweep_axis *axis =
        add_axis(place->file, list, place->accelerator, config_setting_length(list), err);
    if (!axis)
        return false;
    snprintf(axis->name, sizeof axis->name, "axis%d", number);
    struct parameter row = {.name = "axes",
                            .type = PARAMETER_GROUP,
                            .size = sizeof(struct arch),
                            .members = arch_parameters};
    for (; axis->count < config_setting_length(list); axis->count++) {
        const config_setting_t *item = config_setting_get_elem(list, (unsigned)axis->count);
        struct sweep_value *value = &axis->values[axis->count];
        if (config_setting_is_group(item) && config_setting_get_member(item, "extends"))
            return config_error(place->file, item, err, "extends: does not belong here");
        if (!read_item(place, &row, item, value, err))
            return false;
        memset(value->given + offsetof(struct arch, name), 0, ARCH_NAME_SIZE); /* only a label */
        label_value(item, axis->count, value);
    }
    return true;
}

static bool read_axes(const struct place *place, const config_setting_t *setting, struct err *err)
{
    if (!config_setting_is_list(setting))
        return config_error(place->file, setting, err,
                            "axes: must be a list of lists of groups ( ( { ... }, { ... } ) )");
    for (int i = 0; i < config_setting_length(setting); i++)
        if (!read_alternatives(place, config_setting_get_elem(setting, (unsigned)i), i + 1, err))
            return false;
    return true;
}

/* --- an accelerator --- */

static bool read_base(const struct config_file *file, const config_setting_t *group,
                      struct sweep_accelerator *accelerator, struct err *err)
{
    char name[SWEEP_PATH_SIZE];
    const config_setting_t *extends = config_setting_get_member(group, "extends");
    const char *text = extends ? config_setting_get_string(extends) : NULL;
    if (!text || !*text) {
        char legal[300];
        config_names_list(HOME_ARCH, legal, sizeof legal);
        return config_error(file, group, err,
                            "extends is missing: accelerator to start from, one of %s, or a .cfg",
                            legal);
    }
    if (!config_sweep_name(file, extends, text, name, err))
        return false;
    if (!config_read_arch(name, &accelerator->base, err))
        return err_prefix(err, "%s:%u: extends", file->path, config_setting_source_line(extends));
    accelerator->base.clock_khz /= 1000; /* MHz, as parameters are */
    if (accelerator->base.core_count == 1)
        accelerator->base.cores[1].pe = PE_COUNT; /* none: whoever adds a core must give it */
    return true;
}

/* Keys of arch_parameters are read in the order of the file, the sweep's own before them. */
static bool read_arch_keys(const struct place *place, const config_setting_t *group,
                           struct err *err)
{
    static const char *const own[] = {"extends", "schemes", "constraints", "sizes", "axes"};
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        bool is_own = false;
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            is_own |= !strcmp(own[k], config_setting_name(setting));
        if (is_own)
            continue;
        const struct parameter *row = parameters_find(arch_parameters, place->file, setting, err);
        if (!row)
            return config_error(place->file, setting, err, "%.48s: unknown; known here: %s, %s",
                                config_setting_name(setting), "sizes, axes, schemes, constraints",
                                "and what accelerators have (mantis list parameters)");
        if (!read_parameter(place, row, setting, err))
            return false;
    }
    return true;
}

static bool count_combinations(const struct config_file *file, const config_setting_t *group,
                               struct sweep_accelerator *accelerator, struct err *err)
{
    accelerator->combinations = 1;
    for (int i = 0; i < accelerator->axis_count; i++) {
        accelerator->combinations *= accelerator->axes[i].count;
        if (accelerator->combinations > SWEEP_MAX_POINTS)
            return config_error(file, group, err, "more than %d combinations", SWEEP_MAX_POINTS);
    }
    return true;
}

bool config_sweep_accelerator(const struct config_file *file, const config_setting_t *group,
                              const struct sweep_config *sweep,
                              struct sweep_accelerator *accelerator, struct err *err)
{
    struct place place = {.file = file, .accelerator = accelerator};
    if (!config_setting_is_group(group))
        return config_error(file, group, err, "accelerators: must be groups { extends = ...; }");
    accelerator->takes_scheme = calloc((size_t)sweep->scheme_count + 1, 1);
    if (!accelerator->takes_scheme)
        return config_error(file, group, err, "out of memory");
    const config_setting_t *schemes = config_setting_get_member(group, "schemes");
    const config_setting_t *constraints = config_setting_get_member(group, "constraints");
    const config_setting_t *sizes = config_setting_get_member(group, "sizes");
    const config_setting_t *axes = config_setting_get_member(group, "axes");
    return read_base(file, group, accelerator, err) &&
           config_sweep_takes(file, schemes, sweep, accelerator->takes_scheme, err) &&
           (!constraints ||
            config_sweep_constraints(file, constraints, &accelerator->constraints, err)) &&
           (!axes || read_axes(&place, axes, err)) && (!sizes || read_sizes(&place, sizes, err)) &&
           read_arch_keys(&place, group, err) && count_combinations(file, group, accelerator, err);
}

/* --- a combination --- */

static void apply(const struct sweep_value *value, struct arch *arch)
{
    for (size_t i = 0; i < sizeof *arch; i++)
        if (value->given[i])
            ((uint8_t *)arch)[i] = ((const uint8_t *)&value->arch)[i];
}

/* The last axis changes fastest. */
struct arch sweep_arch(const struct sweep_accelerator *accelerator, int64_t index, char *choices,
                       size_t size)
{
    struct arch arch = accelerator->base;
    int chosen[MAX_AXES];
    assert(index >= 0 && index < accelerator->combinations);
    for (int i = accelerator->axis_count - 1; i >= 0; i--) {
        chosen[i] = (int)(index % accelerator->axes[i].count);
        index /= accelerator->axes[i].count;
    }
    size_t used = 0;
    if (size)
        choices[0] = '\0';
    for (int i = 0; i < accelerator->axis_count; i++) {
        const struct sweep_axis *axis = &accelerator->axes[i];
        const struct sweep_value *value = &axis->values[chosen[i]];
        apply(value, &arch);
        if (axis->count > 1 && used < size)
            used += (size_t)snprintf(choices + used, size - used, "%s%s=%s", used ? " " : "",
                                     axis->name, value->label);
    }
    arch.clock_khz *= 1000;
    return arch;
}
