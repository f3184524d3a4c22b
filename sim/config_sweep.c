/* Sweeps: configs/sweep/NAME.cfg. docs/sweep.md. Schemes are read in config_sweep_schemes.c,
 * accelerators in config_sweep_axes.c. */
#include "sim/config_sweep.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"

enum { MAX_ENTRIES = 256, MAX_IMAGES = 100000000 };
_Static_assert((int)SWEEP_PATH_SIZE == (int)CONFIG_PATH_SIZE, "paths fit one buffer");

/* --- lists --- */

int config_sweep_text_count(const config_setting_t *setting)
{
    return config_setting_is_aggregate(setting) ? config_setting_length(setting) : 1;
}

const char *config_sweep_text(const struct config_file *file, const config_setting_t *setting,
                              int index, const config_setting_t **item, struct err *err)
{
    bool is_list = config_setting_is_list(setting) || config_setting_is_array(setting);
    *item = is_list ? config_setting_get_elem(setting, (unsigned)index) : setting;
    const char *text = *item ? config_setting_get_string(*item) : NULL;
    if (!text || !*text)
        config_error(file, setting, err, "%s: must be a text in quotes or a list of them",
                     config_setting_name(setting));
    return text && *text ? text : NULL;
}

/* Room for a list's entries; NULL where there are none or too many. */
static void *room_for(const struct config_file *file, const config_setting_t *setting, size_t size,
                      struct err *err)
{
    int count = config_sweep_text_count(setting);
    if (count < 1 || count > MAX_ENTRIES) {
        config_error(file, setting, err, "%s: %d entries are not in 1..%d",
                     config_setting_name(setting), count, MAX_ENTRIES);
        return NULL;
    }
    void *room = calloc((size_t)count, size);
    if (!room)
        config_error(file, setting, err, "out of memory");
    return room;
}

bool config_sweep_name(const struct config_file *file, const config_setting_t *setting,
                       const char *name, char result[SWEEP_PATH_SIZE], struct err *err)
{
    size_t length = strlen(name);
    bool is_file = length > 4 && !strcmp(name + length - 4, ".cfg");
    if (is_file || strchr(name, '/'))
        return config_relative(file->path, name, result) ||
               config_error(file, setting, err, "the path is too long");
    if (length >= SWEEP_PATH_SIZE)
        return config_error(file, setting, err, "the name is too long");
    memcpy(result, name, length + 1);
    return true;
}

static void set_place(const struct config_file *file, const config_setting_t *setting,
                      char place[SWEEP_PLACE_SIZE])
{
    snprintf(place, SWEEP_PLACE_SIZE, "%s:%u", file->path, config_setting_source_line(setting));
}

/* --- networks --- */

/* As the file gives them, before paths are made relative to it. */
struct network_entry {
    char model[SWEEP_PATH_SIZE], data[SWEEP_PATH_SIZE], calib[SWEEP_PATH_SIZE];
    int32_t images;
};

#define DATA_PARAMETERS(object)                                                                  \
    TEXT("data", object, data, 0, "images that accuracy is measured on (default: no accuracy)"), \
        TEXT("calib", object, calib, 0, "images to calibrate on (default: DATA-calib)"),         \
        INTEGER("images", object, images, 0, 0, MAX_IMAGES, "of the data; 0 = all")

static const struct parameter network_parameters[] = {
    TEXT("model", struct network_entry, model, REQUIRED, ".onnx or .csv, relative to this file"),
    DATA_PARAMETERS(struct network_entry),
    END_OF_PARAMETERS,
};

/* What the sweep's root gives, and the sweep that lists are read into. */
struct sweep_file {
    struct sweep_config config;
    char data[SWEEP_PATH_SIZE], calib[SWEEP_PATH_SIZE];
    int32_t images;
};

static bool accept_list(const struct config_file *file, const config_setting_t *setting,
                        void *field, struct err *err)
{
    return true; /* read once the keys that it follows are known */
}

const struct parameter sweep_parameters[] = {
    OWN("networks", struct sweep_file, config.networks, REQUIRED, accept_list,
        "models, or { model = ...; data = ...; calib = ...; images = ...; }"),
    DATA_PARAMETERS(struct sweep_file),
    OWN("schemes", struct sweep_file, config.schemes, REQUIRED, accept_list,
        "quantisation schemes: names, .cfg files, or { extends; name; weight_formats; weight_bits; "
        "activation_bits; edge_bits }, each of the last four a value, a list or a range"),
    OWN("accelerators", struct sweep_file, config.accelerators, REQUIRED, accept_list,
        "( { extends = ...; sizes = ...; schemes = ...; axes = ...; constraints = ...; } ), and "
        "any parameter of an accelerator as a value, a list or { from; to; step or factor }"),
    OWN("constraints", struct sweep_file, config.constraints, 0, accept_list,
        "what every point must satisfy, as \"area_mm2 <= 5\""),
    END_OF_PARAMETERS,
};

static bool add_network(const struct config_file *file, const config_setting_t *item,
                        const struct network_entry *entry, struct sweep_network *network,
                        struct err *err)
{
    set_place(file, item, network->place);
    network->images = entry->images;
    if (!config_relative(file->path, entry->model, network->path))
        return config_error(file, item, err, "model: the path is too long");
    return config_sweep_name(file, item, entry->data, network->data, err) &&
           config_sweep_name(file, item, entry->calib, network->calib, err);
}

static bool read_network(const struct config_file *file, const config_setting_t *list, int index,
                         const struct network_entry *defaults, struct sweep_network *network,
                         struct err *err)
{
    struct network_entry entry = *defaults;
    const config_setting_t *item =
        config_setting_is_list(list) ? config_setting_get_elem(list, (unsigned)index) : NULL;
    if (item && config_setting_is_group(item)) {
        uint8_t given[sizeof entry] = {0};
        return parameters_read(network_parameters, file, item, &entry, given, err) &&
               parameters_complete(network_parameters, file, item, given, err) &&
               add_network(file, item, &entry, network, err);
    }
    const char *text = config_sweep_text(file, list, index, &item, err);
    if (!text)
        return false;
    if (strlen(text) >= sizeof entry.model)
        return config_error(file, item, err, "model: the path is too long");
    memcpy(entry.model, text, strlen(text) + 1);
    return add_network(file, item, &entry, network, err);
}

static bool read_networks(const struct config_file *file, const config_setting_t *list,
                          struct sweep_file *sweep, struct err *err)
{
    struct network_entry defaults = {.images = sweep->images};
    memcpy(defaults.data, sweep->data, sizeof defaults.data);
    memcpy(defaults.calib, sweep->calib, sizeof defaults.calib);
    if (config_setting_is_group(list))
        return config_error(file, list, err, "networks: must be a text or a list ( ... )");
    sweep->config.networks = room_for(file, list, sizeof *sweep->config.networks, err);
    if (!sweep->config.networks)
        return false;
    int count = config_sweep_text_count(list);
    for (int i = 0; i < count; i++, sweep->config.network_count++)
        if (!read_network(file, list, i, &defaults, &sweep->config.networks[i], err))
            return false;
    return true;
}

/* --- constraints --- */

bool config_sweep_constraints(const struct config_file *file, const config_setting_t *setting,
                              struct sweep_constraints *constraints, struct err *err)
{
    constraints->list = room_for(file, setting, sizeof *constraints->list, err);
    if (!constraints->list)
        return false;
    for (int i = 0; i < config_sweep_text_count(setting); i++) {
        const config_setting_t *item;
        const char *text = config_sweep_text(file, setting, i, &item, err);
        if (!text)
            return false;
        if (!sweep_constraint_parse(text, &constraints->list[i], err))
            return err_prefix(err, "%s:%u: constraints", file->path,
                              config_setting_source_line(item));
        constraints->count++;
    }
    return true;
}

/* --- the file --- */

static bool read_accelerators(const struct config_file *file, const config_setting_t *list,
                              struct sweep_config *config, struct err *err)
{
    if (!config_setting_is_list(list))
        return config_error(file, list, err,
                            "accelerators: must be a list ( { extends = ...; }, ... )");
    config->accelerators = room_for(file, list, sizeof *config->accelerators, err);
    if (!config->accelerators)
        return false;
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        struct sweep_accelerator *accelerator = &config->accelerators[config->accelerator_count++];
        set_place(file, group, accelerator->place);
        if (!config_sweep_accelerator(file, group, config, accelerator, err))
            return false;
    }
    return true;
}

static bool read_all(const struct config_file *file, struct sweep_file *sweep, struct err *err)
{
    const config_setting_t *root = config_root_setting(&file->tree);
    const config_setting_t *constraints = config_setting_get_member(root, "constraints");
    struct sweep_config *config = &sweep->config;
    snprintf(config->path, sizeof config->path, "%s", file->path);
    return read_networks(file, config_setting_get_member(root, "networks"), sweep, err) &&
           config_sweep_schemes(file, config_setting_get_member(root, "schemes"), config, err) &&
           (!constraints ||
            config_sweep_constraints(file, constraints, &config->constraints, err)) &&
           read_accelerators(file, config_setting_get_member(root, "accelerators"), config, err);
}

static struct sweep_config *finish(struct config_file *file, struct err *err)
{
    struct sweep_file *sweep = calloc(1, sizeof *sweep);
    struct sweep_config *config = calloc(1, sizeof *config);
    bool ok = (sweep && config) || err_set(err, "%s: out of memory", file->path);
    ok = ok && parameters_load(sweep_parameters, file, config_root_setting(&file->tree), sweep,
                               sizeof *sweep, err);
    ok = ok && read_all(file, sweep, err);
    if (config && sweep)
        *config = sweep->config;
    if (!ok) {
        sweep_config_free(config);
        config = NULL;
    }
    free(sweep);
    config_file_close(file);
    return config;
}

struct sweep_config *config_read_sweep(const char *name, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_SWEEP, name, path, err) || !config_file_open(&file, path, err))
        return NULL;
    return finish(&file, err);
}

struct sweep_config *config_decode_sweep(const char *text, size_t size, const char *path,
                                         struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) ? finish(&file, err) : NULL;
}

static void free_accelerator(struct sweep_accelerator *accelerator)
{
    for (int i = 0; i < accelerator->axis_count; i++)
        free(accelerator->axes[i].values);
    free(accelerator->axes);
    free(accelerator->constraints.list);
    free(accelerator->takes_scheme);
}

void sweep_config_free(struct sweep_config *config)
{
    if (!config)
        return;
    for (int i = 0; i < config->scheme_count; i++)
        quantise_config_free(&config->schemes[i]);
    for (int i = 0; i < config->accelerator_count; i++)
        free_accelerator(&config->accelerators[i]);
    free(config->networks);
    free(config->schemes);
    free(config->accelerators);
    free(config->constraints.list);
    free(config);
}
