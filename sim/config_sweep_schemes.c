/* The schemes of a sweep: files, and grids of widths over one. */
#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pe/format.h"
#include "sim/config.h"
#include "sim/config_sweep.h"
#include "sim/config_table.h"

enum { MAX_SCHEMES = 4096 };

static bool is_known(const struct sweep_config *config, const char *name)
{
    for (int i = 0; i < config->scheme_count; i++)
        if (!strcmp(config->schemes[i].name, name))
            return true;
    return false;
}

/* The sweep takes what the scheme owns, on success only. */
static bool add_scheme(const struct config_file *file, const config_setting_t *item,
                       const struct quantise_config *scheme, struct sweep_config *config,
                       struct err *err)
{
    if (is_known(config, scheme->name))
        return config_error(file, item, err, "schemes: %s is there already", scheme->name);
    if (scheme->is_float)
        return config_error(file, item, err, "schemes: %s quantises nothing: no cycles to find",
                            scheme->name);
    if (config->scheme_count == MAX_SCHEMES)
        return config_error(file, item, err, "schemes: more than %d", MAX_SCHEMES);
    size_t count = (size_t)config->scheme_count + 1;
    struct quantise_config *larger = realloc(config->schemes, count * sizeof *larger);
    if (!larger)
        return config_error(file, item, err, "out of memory");
    config->schemes = larger;
    config->schemes[config->scheme_count++] = *scheme;
    return true;
}

static bool read_file(const struct config_file *file, const config_setting_t *item,
                      const char *text, struct quantise_config *scheme, struct err *err)
{
    char path[SWEEP_PATH_SIZE];
    return config_sweep_name(file, item, text, path, err) &&
           (config_read_quantise(path, scheme, err) ||
            err_prefix(err, "%s:%u: schemes", file->path, config_setting_source_line(item)));
}

/* --- grids --- */

enum { MAX_VALUES = 32, MAX_BITS = 32 };

/* Values of one axis, bits or families; none: the scheme has it as its base has. */
struct axis {
    int count;
    int32_t values[MAX_VALUES];
};

/* A grid of schemes, and where it stands. */
struct scheme_grid {
    char extends[SWEEP_PATH_SIZE], name[ARCH_NAME_SIZE];
    struct axis weight_formats, weight_bits, activation_bits, edge_bits;
    const struct config_file *file;
    const config_setting_t *place;
    struct quantise_config base;
};

static const char *family_name(int family)
{
    return family < FORMAT_FAMILY_COUNT
               ? format_family((struct format){(uint8_t)family, 8, 1})->name
               : NULL;
}

static bool add_value(const struct config_file *file, const config_setting_t *setting,
                      struct axis *axis, int value, struct err *err)
{
    if (axis->count == MAX_VALUES)
        return config_error(file, setting, err, "%s: more than %d values",
                            config_setting_name(setting), MAX_VALUES);
    axis->values[axis->count++] = value;
    return true;
}

static bool read_bits_list(const struct config_file *file, const config_setting_t *setting,
                           struct axis *axis, struct err *err)
{
    bool is_list = config_setting_is_list(setting) || config_setting_is_array(setting);
    int count = is_list ? config_setting_length(setting) : 1;
    const struct parameter row = {.name = config_setting_name(setting),
                                  .type = PARAMETER_INTEGER,
                                  .size = sizeof(int32_t),
                                  .min = 1,
                                  .max = MAX_BITS};
    for (int i = 0; i < count; i++) {
        int32_t bits;
        const config_setting_t *item =
            is_list ? config_setting_get_elem(setting, (unsigned)i) : setting;
        if (!parameter_read(&row, file, item, &bits, NULL, err) ||
            !add_value(file, setting, axis, bits, err))
            return false;
    }
    return count > 0 ||
           config_error(file, setting, err, "%s: the list is empty", config_setting_name(setting));
}

/* 4, [4, 8], or { from; to; step or factor }. */
static bool read_bits(const struct config_file *file, const config_setting_t *setting, void *field,
                      struct err *err)
{
    if (!config_sweep_is_range(setting))
        return read_bits_list(file, setting, field, err);
    config_t scratch;
    const config_setting_t *list = config_sweep_spell_range(file, setting, &scratch, err);
    bool ok = list && read_bits_list(file, list, field, err);
    config_destroy(&scratch);
    return ok;
}

static int find_family(const char *name)
{
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++)
        if (!strcmp(family_name(family), name))
            return family;
    return -1;
}

/* Families by name; each is one value of the axis. */
static bool read_formats(const struct config_file *file, const config_setting_t *setting,
                         void *field, struct err *err)
{
    for (int i = 0; i < config_sweep_text_count(setting); i++) {
        char legal[200];
        const config_setting_t *item;
        const char *text = config_sweep_text(file, setting, i, &item, err);
        if (!text)
            return false;
        names_join(family_name, legal, sizeof legal);
        if (find_family(text) < 0)
            return config_error(file, item, err, "weight_formats: \"%.32s\" is not one of %s", text,
                                legal);
        if (!add_value(file, setting, field, find_family(text), err))
            return false;
    }
    return true;
}

static const struct parameter grid_parameters[] = {
    TEXT("extends", struct scheme_grid, extends, REQUIRED, "scheme that holds all else"),
    TEXT("name", struct scheme_grid, name, 0,
         "what its schemes' names begin with (default: extends)"),
    OWN("weight_formats", struct scheme_grid, weight_formats, 0, read_formats,
        "format families of weights, one at a time"),
    OWN("weight_bits", struct scheme_grid, weight_bits, 0, read_bits, "of all layers but the edge"),
    OWN("activation_bits", struct scheme_grid, activation_bits, 0, read_bits,
        "of all layers but the edge"),
    OWN("edge_bits", struct scheme_grid, edge_bits, 0, read_bits,
        "weights and activations of the first and the last layer"),
    END_OF_PARAMETERS,
};

static bool exists_at(int family, int bits)
{
    return format_exists((struct format){(uint8_t)family, (uint8_t)bits, true}) ||
           format_exists((struct format){(uint8_t)family, (uint8_t)bits, false});
}

/* The choice at another width: families that have no such width are none of it. */
static bool set_bits(const struct scheme_grid *grid, const char *axis, struct format_choice *choice,
                     int bits, struct err *err)
{
    struct format_choice wanted = {.bits = bits};
    for (int i = 0; i < choice->family_count; i++)
        if (exists_at(choice->families[i], bits))
            wanted.families[wanted.family_count++] = choice->families[i];
    *choice = wanted;
    return wanted.family_count ||
           config_error(grid->file, grid->place, err, "%s: no format of %.64s has %d bits", axis,
                        grid->extends, bits);
}

static bool set_weight_format(const struct scheme_grid *grid, struct quantise_config *scheme,
                              int family, struct err *err)
{
    scheme->weights.family_count = 1;
    scheme->weights.families[0] = (uint8_t)family;
    return exists_at(family, scheme->weights.bits) ||
           config_error(grid->file, grid->place, err, "weight_formats: there is no %s of %d bits",
                        family_name(family), scheme->weights.bits);
}

static bool set_weight_bits(const struct scheme_grid *grid, struct quantise_config *scheme,
                            int bits, struct err *err)
{
    return set_bits(grid, "weight_bits", &scheme->weights, bits, err);
}

static bool set_activation_bits(const struct scheme_grid *grid, struct quantise_config *scheme,
                                int bits, struct err *err)
{
    return set_bits(grid, "activation_bits", &scheme->activations, bits, err);
}

static bool is_signed_digit(int family)
{
    return family >= FORMAT_RSD_EB1 && family <= FORMAT_RSD_EB4;
}

/* An integer of n bits, but the least, has a form with at most ceil(n / 2) signed digits, no two side
 * by side (Reitwiesner 1960). */
static int digits_of(int bits)
{
    int digits = (bits + 1) / 2;
    return digits < 4 ? FORMAT_RSD_EB1 + digits - 1 : FORMAT_RSD_EB4;
}

/* The edge's own families, else the base's common ones, at that width. Signed digits are as
 * many as the integers of that width need. */
static bool set_edge(const struct scheme_grid *grid, struct format_choice *edge,
                     const struct format_choice *common, int bits, struct err *err)
{
    if (!edge->family_count)
        *edge = *common;
    if (!is_signed_digit(edge->families[0]))
        return set_bits(grid, "edge_bits", edge, bits, err);
    *edge = (struct format_choice){.bits = 8, .family_count = 1};
    edge->families[0] = (uint8_t)digits_of(bits);
    return true;
}

static bool set_edge_bits(const struct scheme_grid *grid, struct quantise_config *scheme, int bits,
                          struct err *err)
{
    return set_edge(grid, &scheme->edge_weights, &grid->base.weights, bits, err) &&
           set_edge(grid, &scheme->edge_activations, &grid->base.activations, bits, err);
}

/* The axes in the order of a scheme's name; the last changes fastest. */
static const struct grid_axis {
    size_t offset;    /* in struct scheme_grid */
    const char *mark; /* before its bits in the name; NULL: families, by name */
    bool (*set)(const struct scheme_grid *grid, struct quantise_config *scheme, int value,
                struct err *err);
} grid_axes[] = {
    {offsetof(struct scheme_grid, weight_formats), NULL, set_weight_format},
    {offsetof(struct scheme_grid, weight_bits), "w", set_weight_bits},
    {offsetof(struct scheme_grid, activation_bits), "a", set_activation_bits},
    {offsetof(struct scheme_grid, edge_bits), "e", set_edge_bits},
};
enum { GRID_AXES = sizeof grid_axes / sizeof *grid_axes };

static const struct axis *axis_of(const struct scheme_grid *grid, int index)
{
    return (const struct axis *)((const char *)grid + grid_axes[index].offset);
}

static int count_points(const struct scheme_grid *grid)
{
    int points = 1;
    for (int i = 0; i < GRID_AXES; i++)
        points *= axis_of(grid, i)->count ? axis_of(grid, i)->count : 1;
    return points;
}

/* One axis's value into a scheme and its name: "int.w4.a8.e8", "rsd.rsd_eb2.a8.e8". */
static bool set_value(const struct scheme_grid *grid, int axis, int value,
                      struct quantise_config *scheme, struct err *err)
{
    size_t length = strlen(scheme->name), room = sizeof scheme->name - length;
    const char *mark = grid_axes[axis].mark;
    if (mark)
        snprintf(scheme->name + length, room, ".%s%d", mark, value);
    else
        snprintf(scheme->name + length, room, ".%s", family_name(value));
    return grid_axes[axis].set(grid, scheme, value, err);
}

static bool add_point(const struct scheme_grid *grid, int index, struct sweep_config *config,
                      struct err *err)
{
    struct quantise_config scheme = grid->base;
    int rest = count_points(grid);
    snprintf(scheme.name, sizeof scheme.name, "%.24s", *grid->name ? grid->name : grid->base.name);
    for (int i = 0; i < GRID_AXES; i++) {
        const struct axis *axis = axis_of(grid, i);
        if (!axis->count)
            continue;
        rest /= axis->count;
        if (!set_value(grid, i, axis->values[index / rest % axis->count], &scheme, err))
            return false;
    }
    return add_scheme(grid->file, grid->place, &scheme, config, err);
}

/* Layers of their own would stay as they are at every point, and their storage would be shared. */
static bool check_base(const struct scheme_grid *grid, struct err *err)
{
    if (grid->base.is_float || grid->base.override_count || grid->base.precision_count)
        return config_error(grid->file, grid->place, err,
                            "schemes: %s is float or has layers of their own: there is no grid of "
                            "it",
                            grid->base.name);
    return true;
}

static bool read_grid(const struct config_file *file, const config_setting_t *group,
                      struct sweep_config *config, struct err *err)
{
    struct scheme_grid *grid = calloc(1, sizeof *grid);
    bool ok = (grid || config_error(file, group, err, "out of memory")) &&
              parameters_load(grid_parameters, file, group, grid, sizeof *grid, err);
    if (ok) {
        grid->file = file;
        grid->place = group;
        ok = read_file(file, group, grid->extends, &grid->base, err);
    }
    if (ok && !check_base(grid, err)) {
        quantise_config_free(&grid->base);
        ok = false;
    }
    for (int i = 0; ok && i < count_points(grid); i++)
        ok = add_point(grid, i, config, err);
    free(grid);
    return ok;
}

/* --- all --- */

static bool read_scheme(const struct config_file *file, const config_setting_t *list, int index,
                        struct sweep_config *config, struct err *err)
{
    struct quantise_config scheme;
    const config_setting_t *item =
        config_setting_is_list(list) ? config_setting_get_elem(list, (unsigned)index) : NULL;
    if (item && config_setting_is_group(item))
        return read_grid(file, item, config, err);
    const char *text = config_sweep_text(file, list, index, &item, err);
    if (!text || !read_file(file, item, text, &scheme, err))
        return false;
    if (add_scheme(file, item, &scheme, config, err))
        return true;
    quantise_config_free(&scheme);
    return false;
}

bool config_sweep_schemes(const struct config_file *file, const config_setting_t *list,
                          struct sweep_config *config, struct err *err)
{
    int count = config_sweep_text_count(list);
    if (count < 1 || count > MAX_SCHEMES || config_setting_is_group(list))
        return config_error(file, list, err, "schemes: must be a text or a list of 1..%d",
                            MAX_SCHEMES);
    for (int i = 0; i < count; i++)
        if (!read_scheme(file, list, i, config, err))
            return false;
    return true;
}

bool config_sweep_takes(const struct config_file *file, const config_setting_t *setting,
                        const struct sweep_config *sweep, uint8_t *takes, struct err *err)
{
    memset(takes, !setting, (size_t)sweep->scheme_count);
    for (int i = 0; setting && i < config_sweep_text_count(setting); i++) {
        char legal[200] = "";
        bool is_met = false;
        const config_setting_t *item;
        const char *pattern = config_sweep_text(file, setting, i, &item, err);
        if (!pattern)
            return false;
        for (int s = 0; s < sweep->scheme_count; s++) {
            list_append(legal, sizeof legal, "%s", sweep->schemes[s].name);
            if (!fnmatch(pattern, sweep->schemes[s].name, 0))
                takes[s] = is_met = true;
        }
        if (!is_met)
            return config_error(file, item, err, "schemes: \"%.48s\" is not one of the sweep's: %s",
                                pattern, legal);
    }
    return true;
}
