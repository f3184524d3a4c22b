#include "sim/compiled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/lower.h"
#include "compiler/schedule.h"
#include "isa/host.h"

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
                         const struct quantise_config *scheme, const struct arch *arch,
                         const struct data_names *names, struct progress *progress, struct err *err)
{
    char name[CONFIG_PATH_SIZE];
    struct dataset *calibration = NULL;
    struct quantise_config for_arch = *scheme;
    int images = 0;
    if (arch)
        for_arch.cores = arch->core_count;
    calibration_name(names, name);
    if (names->data || names->calib) {
        calibration = data_open(name, err);
        if (!calibration)
            return false;
        images = dataset_count(calibration);
        if (images > scheme->calibration_images)
            images = scheme->calibration_images;
    }
    compiled->network =
        subject_quantise(subject, &for_arch, calibration, name, images, progress, err);
    if (calibration)
        dataset_free(calibration);
    if (names->data && !names->calib && !strcmp(name, names->data))
        snprintf(compiled->note, sizeof compiled->note,
                 "calibrated on the first %d images of the data itself; --calib gives others",
                 images);
    return compiled->network;
}

static bool make_program(struct compiled *compiled, const struct arch *arch, const char *schedule,
                         struct err *err)
{
    const struct network *network = compiled->network;
    struct schedule *forced = NULL;
    if (schedule && !(forced = schedule_read(schedule, err)))
        return false;
    compiled->tilings = allocate((size_t)network->layer_count + 1, sizeof(struct tiling), err);
    if (compiled->tilings && schedule_tilings(network, arch, forced, compiled->tilings, err) &&
        schedule_share(compiled->network, arch, compiled->tilings, err))
        compiled->program = lower_tiled(network, arch, compiled->tilings, err);
    schedule_free(forced);
    return compiled->program;
}

bool compiled_make(struct compiled *compiled, const struct subject *subject,
                   const struct quantise_config *scheme, const struct arch *arch,
                   const struct data_names *names, struct progress *progress, struct err *err)
{
    memset(compiled, 0, sizeof *compiled);
    if (!make_network(compiled, subject, scheme, arch, names, progress, err))
        return false;
    if (!arch)
        return true;
    if (make_program(compiled, arch, names->schedule, err))
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
    free(compiled->tilings);
    compiled->program = NULL;
    compiled->network = NULL;
    compiled->tilings = NULL;
}
