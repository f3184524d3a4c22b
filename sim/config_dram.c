/* DRAM devices and their controllers: configs/dram/NAME.cfg. docs/dram.md. */
#include "sim/config.h"

#include <string.h>

#include "sim/config_table.h"

#define INITIAL(initial) ((initial) == DRAM_REQUIRED ? REQUIRED : (initial))
#define WHOLE(object, field, initial, least, most, help) \
    INTEGER(#field, object, field, INITIAL(initial), least, most, help),
#define MEASURED(object, field, initial, least, most, help) \
    REAL(#field, object, field, INITIAL(initial), least, most, help),

#define GEOMETRY(...) WHOLE(struct dram_geometry, __VA_ARGS__)
const struct parameter dram_geometry_parameters[] = {DRAM_GEOMETRY(GEOMETRY) END_OF_PARAMETERS};

#define TIMING(...) WHOLE(struct dram_timing, __VA_ARGS__)
const struct parameter dram_timing_parameters[] = {DRAM_TIMINGS(TIMING) END_OF_PARAMETERS};

#define CURRENT(...) MEASURED(struct dram_currents, __VA_ARGS__)
const struct parameter dram_currents_parameters[] = {DRAM_CURRENTS(CURRENT) END_OF_PARAMETERS};

#define QUEUE(...) WHOLE(struct dram_policy, __VA_ARGS__)
const struct parameter dram_policy_parameters[] = {
    TEXT("mapping", struct dram_policy, mapping, REQUIRED,
         "fields of an address from its top bits down, as rochrababgco"),
    NAME("row", struct dram_policy, row, DRAM_ROW_OPEN, dram_row_policy_name,
         "what becomes of a row after an access"),
    NAME("scheduler", struct dram_policy, scheduler, DRAM_SCHEDULER_FRFCFS, dram_scheduler_name,
         "which request of a bank comes next"),
    NAME("drain", struct dram_policy, drain, DRAM_DRAIN_BATCH, dram_drain_name,
         "when a drain of the write buffer ends"),
    NAME("refresh", struct dram_policy, refresh, DRAM_REFRESHES_RANKS, dram_refresh_name,
         "what a refresh is of"),
    BOOLEAN("dual_command", struct dram_policy, dual_command, false,
            "a row and a column command in one clock (HBM)"),
    DRAM_QUEUES(QUEUE) END_OF_PARAMETERS,
};

#define CLOCK(...) MEASURED(struct dram_device, __VA_ARGS__)
const struct parameter dram_device_parameters[] = {
    DRAM_CLOCK(CLOCK) GROUP("geometry", struct dram_device, geometry, dram_geometry_parameters,
                            "banks and widths"),
    GROUP("timing", struct dram_device, timing, dram_timing_parameters, "clocks between commands"),
    GROUP("currents", struct dram_device, currents, dram_currents_parameters, "of one device"),
    GROUP("policy", struct dram_device, policy, dram_policy_parameters, "the controller"),
    END_OF_PARAMETERS,
};

static bool finish(struct config_file *file, struct dram_device *device, struct err *err)
{
    memset(device, 0, sizeof *device);
    bool ok = parameters_load(dram_device_parameters, file, config_root_setting(&file->tree),
                              device, sizeof *device, err) &&
              (dram_device_check(device, err) || err_prefix(err, "%s", file->path));
    if (ok)
        config_base_name(file->path, device->name, sizeof device->name);
    config_file_close(file);
    return ok;
}

bool config_read_dram(const char *name, struct dram_device *device, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    return config_find(HOME_DRAM, name, path, err) && config_file_open(&file, path, err) &&
           finish(&file, device, err);
}

bool config_decode_dram(const char *text, size_t size, const char *path, struct dram_device *device,
                        struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) && finish(&file, device, err);
}
