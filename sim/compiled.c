#include "sim/compiled.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compiler/lower.h"

struct dataset *data_open(const char *name, struct err *err)
{
    struct dataset_config config;
    return config_read_dataset(name, &config, err) ? dataset_open(&config, err) : NULL;
}

/* "fashion-mnist" has "fashion-mnist-calib", "dir/x.cfg" has "dir/x-calib.cfg". False where there
 * is no such file. */
static bool find_beside(const char *data, char name[CONFIG_PATH_SIZE])
{
    char path[CONFIG_PATH_SIZE];
    size_t length = strlen(data);
    bool is_file = length > 4 && !strcmp(data + length - 4, ".cfg");
    int stem = (int)(is_file ? length - 4 : length);
    int needed =
        snprintf(name, CONFIG_PATH_SIZE, "%.*s-calib%s", stem, data, is_file ? ".cfg" : "");
    return needed < CONFIG_PATH_SIZE && config_find(HOME_DATA, name, path, NULL) &&
           !access(path, R_OK);
}

void calibration_name(const struct data_names *names, char name[CONFIG_PATH_SIZE])
{
    const char *data = names->data ? names->data : "";
    if (names->calib || !*data || !find_beside(data, name))
        snprintf(name, CONFIG_PATH_SIZE, "%s", names->calib ? names->calib : data);
}

static bool make_network(struct compiled *compiled, const struct subject *subject,
                         const struct quantise_config *scheme, const struct data_names *names,
                         struct progress *progress, struct err *err)
{
    char name[CONFIG_PATH_SIZE];
    struct dataset *calibration = NULL;
    int images = 0;
    calibration_name(names, name);
    if (names->data || names->calib) {
        calibration = data_open(name, err);
        if (!calibration)
            return false;
        images = dataset_count(calibration);
        if (images > scheme->calibration_images)
            images = scheme->calibration_images;
    }
    compiled->network = subject_quantise(subject, scheme, calibration, images, progress, err);
    if (calibration)
        dataset_free(calibration);
    if (names->data && !names->calib && !strcmp(name, names->data))
        snprintf(compiled->note, sizeof compiled->note,
                 "calibrated on the first %d images of the data itself; --calib gives others",
                 images);
    return compiled->network;
}

bool compiled_make(struct compiled *compiled, const struct subject *subject,
                   const struct quantise_config *scheme, const struct arch *arch,
                   const struct data_names *names, struct progress *progress, struct err *err)
{
    memset(compiled, 0, sizeof *compiled);
    if (!make_network(compiled, subject, scheme, names, progress, err))
        return false;
    if (!arch)
        return true;
    compiled->program = lower(compiled->network, arch, err);
    if (compiled->program)
        return true;
    compiled_free(compiled);
    return err_prefix(err, "%s", subject->path);
}

void compiled_free(struct compiled *compiled)
{
    if (compiled->program)
        program_free(compiled->program);
    if (compiled->network)
        network_free(compiled->network);
    compiled->program = NULL;
    compiled->network = NULL;
}
