/* Quantisation schemes: configs/quant/NAME.cfg. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>

#include "pe/format.h"
#include "sim/config_precisions.h"
#include "sim/config_table.h"

#define FAMILY_NAME(id, name, digits, extra_bits) name,
static const char *const family_names[] = {FORMAT_FAMILIES(FAMILY_NAME)};
#undef FAMILY_NAME
#define FAMILY_DIGITS(id, name, digits, extra_bits) digits,
static const uint8_t family_digits[] = {FORMAT_FAMILIES(FAMILY_DIGITS)};
#undef FAMILY_DIGITS

enum { SIGNED_DIGIT_BITS = 8 }; /* nominal width of every rsd: isa/format.h */

static const char *family_name(int family)
{
    return family >= 0 && family < FORMAT_FAMILY_COUNT ? family_names[family] : NULL;
}

static bool add_family(const struct config_file *file, const config_setting_t *setting,
                       const char *name, struct format_choice *choice, struct err *err)
{
    char legal[256];
    names_join(family_name, legal, sizeof legal);
    if (!name)
        return config_error(file, setting, err, "formats: must be texts, of %s", legal);
    if (choice->family_count == QUANTISE_MAX_FAMILIES)
        return config_error(file, setting, err, "formats: more than %d", QUANTISE_MAX_FAMILIES);
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++)
        if (!strcmp(family_names[family], name)) {
            choice->families[choice->family_count++] = (uint8_t)family;
            return true;
        }
    return config_error(file, setting, err, "formats: \"%.32s\" is not one of %s", name, legal);
}

/* "int", or ["int", "flint", "pot"]. */
static bool read_families(const struct config_file *file, const config_setting_t *setting,
                          void *field, struct err *err)
{
    struct format_choice *choice =
        (struct format_choice *)((char *)field - offsetof(struct format_choice, families));
    choice->family_count = 0;
    if (!config_setting_is_aggregate(setting))
        return add_family(file, setting, config_setting_get_string(setting), choice, err);
    for (int i = 0; i < config_setting_length(setting); i++)
        if (!add_family(file, setting, config_setting_get_string_elem(setting, i), choice, err))
            return false;
    if (!choice->family_count)
        return config_error(file, setting, err, "formats: the list is empty");
    return true;
}

static const struct parameter choice_parameters[] = {
    OWN("formats", struct format_choice, families, REQUIRED, read_families,
        "format families to choose from; the least squared error wins"),
    INTEGER("bits", struct format_choice, bits, 0, 1, 32, "width of a code; 8 for signed digits"),
    END_OF_PARAMETERS,
};

/* Every family of a choice must exist at its width. */
static bool check_choice(const struct config_file *file, const config_setting_t *setting,
                         struct format_choice *choice, struct err *err)
{
    if (family_digits[choice->families[0]] && !choice->bits)
        choice->bits = SIGNED_DIGIT_BITS;
    if (!choice->bits)
        return config_error(file, setting, err, "bits is missing: width of a code");
    for (int i = 0; i < choice->family_count; i++) {
        struct format format;
        struct err why;
        const char *name = family_names[choice->families[i]];
        if (!format_parse(name, choice->bits, true, &format, &why))
            return config_error(file, setting, err, "%s", why.text);
    }
    return true;
}

static bool read_choice(const struct config_file *file, const config_setting_t *setting,
                        void *field, struct err *err)
{
    struct format_choice *choice = field;
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err,
                            "%s: must be a group { formats = ...; bits = ...; }",
                            config_setting_name(setting));
    return parameters_load(choice_parameters, file, setting, choice, sizeof *choice, err) &&
           check_choice(file, setting, choice, err);
}

/* { weights = { formats = ...; bits = ...; }; } */
static bool read_second(const struct config_file *file, const config_setting_t *setting,
                        void *field, struct err *err)
{
    const config_setting_t *weights = config_setting_get_member(setting, "weights");
    if (!weights || config_setting_length(setting) != 1)
        return config_error(file, setting, err,
                            "second_core: must be a group { weights = { formats = ...; }; }");
    return read_choice(file, weights, field, err);
}

static const struct parameter override_parameters[] = {
    TEXT("match", struct quantise_override, pattern, REQUIRED,
         "layer names this applies to; * and ? stand for any text and character"),
    OWN("weights", struct quantise_override, weights, 0, read_choice, "as outside"),
    OWN("activations", struct quantise_override, activations, 0, read_choice, "as outside"),
    OWN("second_core", struct quantise_override, second_weights, 0, read_second, "as outside"),
    END_OF_PARAMETERS,
};

/* What one file holds; `overrides` and its count are filled together. */
static bool read_overrides(const struct config_file *file, const config_setting_t *setting,
                           void *field, struct err *err)
{
    struct quantise_config *config =
        (struct quantise_config *)((char *)field - offsetof(struct quantise_config, overrides));
    if (!config_setting_is_list(setting))
        return config_error(file, setting, err, "layers: must be a list ( { match = ... }, ... )");
    int count = config_setting_length(setting);
    if (count > QUANTISE_MAX_OVERRIDES)
        return config_error(file, setting, err, "layers: %d entries, the limit is %d", count,
                            QUANTISE_MAX_OVERRIDES);
    free(config->overrides); /* a file gives a key once, but be safe */
    config->overrides = calloc((size_t)count + 1, sizeof *config->overrides);
    if (!config->overrides)
        return config_error(file, setting, err, "out of memory");
    config->override_count = count;
    for (int i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(setting, (unsigned)i);
        if (!config_setting_is_group(group))
            return config_error(file, group, err, "layers: entry %d must be { match = ... }",
                                i + 1);
        if (!parameters_load(override_parameters, file, group, &config->overrides[i],
                             sizeof config->overrides[i], err))
            return false;
    }
    return true;
}

static const struct parameter edge_parameters[] = {
    OWN("weights", struct quantise_config, edge_weights, 0, read_choice, "formats of weights"),
    OWN("activations", struct quantise_config, edge_activations, 0, read_choice,
        "formats of activations"),
    END_OF_PARAMETERS,
};

/* Where the widths of layers are, as a file gives it. The rows are read once the common choice of
 * formats is known. */
struct precisions_source {
    char file[CONFIG_PATH_SIZE], scheme[ARCH_NAME_SIZE], network[PROGRAM_NAME_SIZE];
};

static const struct parameter precisions_parameters[] = {
    TEXT("file", struct precisions_source, file, REQUIRED,
         "csv of widths per layer, relative to this file"),
    TEXT("scheme", struct precisions_source, scheme, REQUIRED,
         "whose rows apply, where --quant does not say NAME:SCHEME"),
    TEXT("network", struct precisions_source, network, 0,
         "whose rows apply (default: those of the model's name)"),
    END_OF_PARAMETERS,
};

static bool accept_group(const struct config_file *file, const config_setting_t *setting,
                         void *field, struct err *err)
{
    return config_setting_is_group(setting) ||
           config_error(file, setting, err, "precisions: must be { file = ...; scheme = ...; }");
}

const struct parameter quantise_config_parameters[] = {
    TEXT("name", struct quantise_config, name, 0, "in reports; the file's name unless given"),
    BOOLEAN("float32", struct quantise_config, is_float, 0, "nothing is quantised"),
    OWN("weights", struct quantise_config, weights, 0, read_choice, "formats of weights"),
    OWN("activations", struct quantise_config, activations, 0, read_choice,
        "formats of activations"),
    {"edge", PARAMETER_GROUP, 0, sizeof(struct quantise_config), 0, 0, 0,
     "the first and the last layer with weights", NULL, edge_parameters, NULL},
    OWN("second_core", struct quantise_config, second_weights, 0, read_second,
        "what an accelerator's second core takes: { weights = { ... }; }; int8 unless given"),
    INTEGER("output_bits", struct quantise_config, output_bits, 16, 4, 32,
            "width of the network's output; int"),
    INTEGER("calibration_images", struct quantise_config, calibration_images, 100, 1, 1000000,
            "images that activation scales are chosen on"),
    BOOLEAN("bias_correction", struct quantise_config, bias_correction, 1,
            "take the mean shift that weight errors cause out of the biases"),
    BOOLEAN("tensor_scales", struct quantise_config, tensor_scales, 0,
            "one scale for all weights of a layer, not one per output channel"),
    BOOLEAN("power_of_two_scales", struct quantise_config, power_of_two_scales, 0,
            "scales are powers of two, but the output's"),
    REAL("outlier_percent", struct quantise_config, outlier_percent, 3, 0, 100,
         "of a tensor's numbers, most that are outliers, in `outlier`"),
    OWN("layers", struct quantise_config, overrides, 0, read_overrides,
        "per-layer formats; the first match applies"),
    OWN("precisions", struct quantise_config, precisions, 0, accept_group,
        "{ file; scheme; network }: widths of layers from a table, behind the formats above"),
    END_OF_PARAMETERS,
};

static bool check(const struct config_file *file, const struct quantise_config *config,
                  struct err *err)
{
    struct format output;
    struct err why;
    if (config->is_float)
        return true;
    if (!config->weights.family_count)
        return config_error(file, NULL, err, "weights is missing: { formats = ...; bits = ...; }");
    if (!config->activations.family_count)
        return config_error(file, NULL, err,
                            "activations is missing: { formats = ...; bits = ...; }");
    if (!format_parse("int", config->output_bits, true, &output, &why))
        return config_error(file, NULL, err, "output_bits: %s", why.text);
    return true;
}

/* The table's rows; `scheme` (NULL: the file's) names them, and becomes part of the name. */
static bool read_precisions(const struct config_file *file, const char *scheme,
                            struct quantise_config *config, struct err *err)
{
    struct precisions_source source;
    char path[CONFIG_PATH_SIZE];
    const config_setting_t *setting =
        config_setting_get_member(config_root_setting(&file->tree), "precisions");
    if (!setting && scheme)
        return config_error(file, NULL, err, "has no table of precisions to take \"%.48s\" from",
                            scheme);
    if (!setting)
        return true;
    if (!parameters_load(precisions_parameters, file, setting, &source, sizeof source, err))
        return false;
    if (!config_relative(file->path, source.file, path))
        return config_error(file, setting, err, "file: the path is too long");
    memcpy(config->precisions_network, source.network, sizeof source.network);
    size_t size, length = strlen(config->name);
    if (scheme)
        snprintf(config->name + length, sizeof config->name - length, ":%s", scheme);
    char *text = config_load(path, &size, err);
    bool ok = text && precisions_decode(text, path, scheme ? scheme : source.scheme, config, err);
    free(text);
    return ok;
}

static bool finish(struct config_file *file, const char *scheme, struct quantise_config *config,
                   struct err *err)
{
    memset(config, 0, sizeof *config);
    bool ok = parameters_load(quantise_config_parameters, file, config_root_setting(&file->tree),
                              config, sizeof *config, err) &&
              check(file, config, err);
    if (!*config->name)
        config_base_name(file->path, config->name, sizeof config->name);
    ok = ok && read_precisions(file, scheme, config, err);
    config_file_close(file);
    if (!ok)
        quantise_config_free(config);
    return ok;
}

/* "NAME" or "NAME:SCHEME"; NAME may be a path. */
bool config_read_quantise(const char *name, struct quantise_config *config, struct err *err)
{
    char path[CONFIG_PATH_SIZE], base[CONFIG_PATH_SIZE];
    struct config_file file;
    const char *slash = strrchr(name, '/'), *colon = strrchr(slash ? slash : name, ':');
    int length = colon ? (int)(colon - name) : (int)strlen(name);
    if (length >= CONFIG_PATH_SIZE)
        return err_set(err, "%.64s...: the path is too long", name);
    snprintf(base, sizeof base, "%.*s", length, name);
    if (!config_find(HOME_QUANT, base, path, err) || !config_file_open(&file, path, err))
        return false;
    return finish(&file, colon ? colon + 1 : NULL, config, err);
}

bool config_decode_quantise(const char *text, size_t size, const char *path,
                            struct quantise_config *config, struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) && finish(&file, NULL, config, err);
}

void quantise_config_free(struct quantise_config *config)
{
    free(config->overrides);
    config->overrides = NULL;
    config->override_count = 0;
    free(config->precisions);
    config->precisions = NULL;
    config->precision_count = 0;
}
