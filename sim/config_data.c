/* Data files: configs/data/NAME.cfg, --data and --calib. */
#include "sim/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config_table.h"

#define TYPE_NAME(id, name, help) name,
static const char *const type_names[] = {DATASET_TYPES(TYPE_NAME)};
#undef TYPE_NAME

static const char *type_name(int type)
{
    return type >= 0 && type < DATASET_TYPE_COUNT ? type_names[type] : NULL;
}

/* A number, or one per channel. Returns how many, 0 on error. */
static int read_channels(const struct config_file *file, const config_setting_t *setting,
                         float values[DATASET_MAX_CHANNELS], struct err *err)
{
    bool one = config_setting_is_number(setting);
    int count = one ? 1 : config_setting_length(setting);
    if (count < 1 || count > DATASET_MAX_CHANNELS) {
        config_error(file, setting, err, "%s: must be one number per channel, 1..%d of them",
                     config_setting_name(setting), DATASET_MAX_CHANNELS);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        const config_setting_t *item =
            one ? setting : config_setting_get_elem(setting, (unsigned)i);
        int type = config_setting_type(item);
        double value = type == CONFIG_TYPE_FLOAT ? config_setting_get_float(item)
                                                 : (double)config_setting_get_int64(item);
        if (!config_setting_is_number(item) || !(fabs(value) <= 1e6)) {
            config_error(file, setting, err, "%s: must be numbers in -1e6..1e6",
                         config_setting_name(setting));
            return 0;
        }
        values[i] = (float)value;
    }
    return count;
}

/* mean and std come in any order and must agree in length. */
static bool set_channels(const struct config_file *file, const config_setting_t *setting,
                         struct dataset_config *config, int count, struct err *err)
{
    if (!count)
        return false;
    if (config->channels_given && config->channels_given != count)
        return config_error(file, setting, err, "mean and std: %d and %d channels must agree",
                            config->channels_given, count);
    config->channels_given = count;
    return true;
}

static bool read_mean(const struct config_file *file, const config_setting_t *setting, void *field,
                      struct err *err)
{
    struct dataset_config *config =
        (struct dataset_config *)((char *)field - offsetof(struct dataset_config, mean));
    return set_channels(file, setting, config, read_channels(file, setting, config->mean, err),
                        err);
}

static bool read_std(const struct config_file *file, const config_setting_t *setting, void *field,
                     struct err *err)
{
    struct dataset_config *config =
        (struct dataset_config *)((char *)field - offsetof(struct dataset_config, std));
    int count = read_channels(file, setting, config->std, err);
    for (int i = 0; i < count; i++)
        if (!(config->std[i] >= 1e-6f))
            return config_error(file, setting, err, "std: %g must be above 0",
                                (double)config->std[i]);
    return set_channels(file, setting, config, count, err);
}

const struct parameter data_parameters[] = {
    NAME("type", struct dataset_config, type, REQUIRED, type_name, "form of the data"),
    TEXT("path", struct dataset_config, path, REQUIRED,
         "file or folder, relative to this file; $VAR is expanded"),
    TEXT("labels", struct dataset_config, labels, 0, "file of classes, relative to path"),
    OWN("mean", struct dataset_config, mean, 0, read_mean, "per channel, of values in 0..1"),
    OWN("std", struct dataset_config, std, 0, read_std, "per channel, of values in 0..1"),
    INTEGER("resize", struct dataset_config, resize, 0, 0, 16384,
            "shorter side to this; 0 = as is"),
    INTEGER("crop", struct dataset_config, crop, 0, 0, 16384, "centre crop; 0 = none"),
    INTEGER("first", struct dataset_config, first, 0, 0, 1 << 30, "first image"),
    INTEGER("count", struct dataset_config, count, 0, 0, 1 << 30, "images; 0 = to the end"),
    END_OF_PARAMETERS,
};

static bool put(char result[CONFIG_PATH_SIZE], const char *text, size_t length)
{
    size_t used = strlen(result);
    if (used + length >= CONFIG_PATH_SIZE)
        return false;
    memcpy(result + used, text, length);
    result[used + length] = '\0';
    return true;
}

/* $NAME and ${NAME} become the environment variable's value. */
static bool expand(const struct config_file *file, const char *key, const char *text,
                   char result[CONFIG_PATH_SIZE], struct err *err)
{
    result[0] = '\0';
    while (*text) {
        size_t plain = strcspn(text, "$");
        bool fits = put(result, text, plain);
        text += plain;
        if (fits && *text) {
            char name[64];
            bool braces = *++text == '{';
            text += braces;
            size_t length = 0;
            while (isalnum((unsigned char)text[length]) || text[length] == '_')
                length++;
            snprintf(name, sizeof name, "%.*s", (int)length, text);
            text += length + (braces && text[length] == '}');
            const char *value = getenv(name);
            if (!value)
                return config_error(file, NULL, err, "%s: the environment has no $%s", key, name);
            fits = put(result, value, strlen(value));
        }
        if (!fits)
            return config_error(file, NULL, err, "%s: longer than %d characters", key,
                                CONFIG_PATH_SIZE - 1);
    }
    return true;
}

/* `path` becomes relative to `base`'s folder; a base that is itself a folder ends in a slash. */
static bool resolve(const struct config_file *file, const char *key, const char *base,
                    char path[DATASET_PATH_SIZE], struct err *err)
{
    char expanded[CONFIG_PATH_SIZE], result[CONFIG_PATH_SIZE];
    if (!expand(file, key, path, expanded, err))
        return false;
    if (!config_relative(base, expanded, result))
        return config_error(file, NULL, err, "%s: the path is too long", key);
    memcpy(path, result, sizeof result);
    return true;
}

_Static_assert((int)DATASET_PATH_SIZE == (int)CONFIG_PATH_SIZE,
               "paths of data files fit one buffer");

static bool resolve_paths(const struct config_file *file, struct dataset_config *config,
                          struct err *err)
{
    if (!*config->path)
        return config_error(file, NULL, err, "path: is empty");
    if (!resolve(file, "path", file->path, config->path, err))
        return false;
    if (!*config->labels)
        return true;
    char base[CONFIG_PATH_SIZE + 1];
    bool folder = config->type == DATASET_IMAGES;
    snprintf(base, sizeof base, "%s%s", config->path, folder ? "/" : "");
    return resolve(file, "labels", base, config->labels, err);
}

static bool finish(struct config_file *file, struct dataset_config *config, struct err *err)
{
    memset(config, 0, sizeof *config);
    const config_setting_t *root = config_root_setting(&file->tree);
    bool ok = parameters_load(data_parameters, file, root, config, sizeof *config, err);
    if (ok && !config_setting_get_member(root, "std"))
        for (int i = 0; i < DATASET_MAX_CHANNELS; i++)
            config->std[i] = 1;
    ok = ok && resolve_paths(file, config, err);
    config_file_close(file);
    return ok;
}

bool config_read_dataset(const char *name, struct dataset_config *config, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_DATA, name, path, err) || !config_file_open(&file, path, err))
        return false;
    return finish(&file, config, err);
}

bool config_decode_dataset(const char *text, size_t size, const char *path,
                           struct dataset_config *config, struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) && finish(&file, config, err);
}
