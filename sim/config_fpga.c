/* FPGA platforms: configs/fpga/NAME.cfg. docs/energy.md. */
#include "sim/config.h"

#include <string.h>

#include "sim/config_table.h"

enum { MOST = 100000000 };

static const struct parameter resource_parameters[] = {
    INTEGER("luts", struct fpga_resources, luts, 0, 0, MOST, "look-up tables"),
    INTEGER("ffs", struct fpga_resources, ffs, 0, 0, MOST, "flip-flops"),
    INTEGER("dsps", struct fpga_resources, dsps, 0, 0, MOST, "multipliers"),
    INTEGER("bram18", struct fpga_resources, bram18, 0, 0, MOST, "block RAMs of 18 Kibit"),
    END_OF_PARAMETERS,
};

static const struct parameter pe_parameters[] = {
    INTEGER("luts", struct fpga_pe, cost.luts, REQUIRED, 0, 100000, "look-up tables"),
    INTEGER("ffs", struct fpga_pe, cost.ffs, REQUIRED, 0, 100000, "flip-flops"),
    INTEGER("dsps", struct fpga_pe, cost.dsps, 0, 0, 1000, "multipliers"),
    INTEGER("bram18", struct fpga_pe, cost.bram18, 0, 0, 1000, "block RAMs of 18 Kibit"),
    INTEGER("macs", struct fpga_pe, macs, 1, 1, 16, "multiply-accumulates a clock"),
    END_OF_PARAMETERS,
};

const struct parameter fpga_parameters[] = {
    REAL("clock_mhz", struct fpga, clock_mhz, REQUIRED, 0.001, 10000, "that its designs reach"),
    GROUP("device", struct fpga, device, resource_parameters, "all there is"),
    GROUP("serial_pe", struct fpga, serial_pe, pe_parameters, "a PE over signed digits"),
    GROUP("parallel_pe", struct fpga, parallel_pe, pe_parameters, "a PE of 8 bits"),
    GROUP("other", struct fpga, other, resource_parameters, "control and DMA"),
    END_OF_PARAMETERS,
};

static bool finish(struct config_file *file, struct fpga *fpga, struct err *err)
{
    memset(fpga, 0, sizeof *fpga);
    bool ok = parameters_load(fpga_parameters, file, config_root_setting(&file->tree), fpga,
                              sizeof *fpga, err);
    if (ok)
        config_base_name(file->path, fpga->name, sizeof fpga->name);
    config_file_close(file);
    return ok;
}

bool config_read_fpga(const char *name, struct fpga *fpga, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    return config_find(HOME_FPGA, name, path, err) && config_file_open(&file, path, err) &&
           finish(&file, fpga, err);
}

bool config_decode_fpga(const char *text, size_t size, const char *path, struct fpga *fpga,
                        struct err *err)
{
    struct config_file file;
    return config_file_parse(&file, text, size, path, err) && finish(&file, fpga, err);
}
