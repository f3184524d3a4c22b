/* Ranges of a sweep file: { from; to; step } or { from; to; factor }. */
#include "sim/config_sweep.h"

#include <math.h>

#include "sim/config_table.h"

struct range {
    double from, to, step, factor;
    bool is_whole; /* all numbers given are */
};

static bool read_range(const struct config_file *file, const config_setting_t *group,
                       struct range *range, struct err *err)
{
    static const struct parameter parameters[] = {
        REAL("from", struct range, from, REQUIRED, -1e12, 1e12, "first value"),
        REAL("to", struct range, to, REQUIRED, -1e12, 1e12, "last value, if reached"),
        REAL("step", struct range, step, 0, 1e-9, 1e12, "from each value to the next"),
        REAL("factor", struct range, factor, 0, 1.0001, 1e12, "the same as a factor"),
        END_OF_PARAMETERS,
    };
    if (!parameters_load(parameters, file, group, range, sizeof *range, err))
        return false;
    if ((range->step > 0) == (range->factor > 0))
        return config_error(file, group, err, "%s: a range has a step or a factor",
                            config_setting_name(group));
    if (range->factor > 0 && range->from <= 0)
        return config_error(file, group, err, "%s: a range with a factor begins above 0",
                            config_setting_name(group));
    range->is_whole = true;
    for (int i = 0; i < config_setting_length(group); i++)
        if (config_setting_type(config_setting_get_elem(group, (unsigned)i)) == CONFIG_TYPE_FLOAT)
            range->is_whole = false;
    return true;
}

/* Value `index` of the range; NaN behind its end. Steps are added up from the first value, so that
 * nothing accumulates. */
static double range_value(const struct range *range, int index)
{
    double value = range->factor > 0 ? range->from * pow(range->factor, index)
                                     : range->from + range->step * index;
    if (range->is_whole)
        value = round(value);
    return value <= range->to * (1 + 1e-12) ? value : (double)NAN;
}

/* The list's items. */
static bool spell(const struct config_file *file, const config_setting_t *group,
                  const struct range *range, config_setting_t *list, struct err *err)
{
    for (int i = 0; !isnan(range_value(range, i)); i++) {
        bool is_whole = range->is_whole;
        config_setting_t *item =
            i < SWEEP_MAX_VALUES
                ? config_setting_add(list, NULL, is_whole ? CONFIG_TYPE_INT64 : CONFIG_TYPE_FLOAT)
                : NULL;
        if (!item)
            return config_error(file, group, err, "%s: more than %d values",
                                config_setting_name(group), SWEEP_MAX_VALUES);
        item->line = list->line;
        if (is_whole)
            config_setting_set_int64(item, (long long)range_value(range, i));
        else
            config_setting_set_float(item, range_value(range, i));
    }
    return true;
}

bool config_sweep_is_range(const config_setting_t *setting)
{
    return config_setting_is_group(setting) && config_setting_get_member(setting, "from");
}

const config_setting_t *config_sweep_spell_range(const struct config_file *file,
                                                 const config_setting_t *group, config_t *scratch,
                                                 struct err *err)
{
    struct range range;
    config_init(scratch);
    if (!read_range(file, group, &range, err))
        return NULL;
    config_setting_t *list = config_setting_add(config_root_setting(scratch),
                                                config_setting_name(group), CONFIG_TYPE_LIST);
    if (!list) {
        config_error(file, group, err, "out of memory");
        return NULL;
    }
    list->line = config_setting_source_line(group);
    return spell(file, group, &range, list, err) ? list : NULL;
}
