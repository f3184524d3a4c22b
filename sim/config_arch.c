/* Accelerators: configs/arch/NAME.cfg. `extends = "other"` starts from another accelerator's
 * values. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/config_table.h"

enum { MAX_EXTENDS = 8 };

/* An arch and the key that only its file knows. */
struct arch_file {
    struct arch arch;
    char extends[CONFIG_PATH_SIZE];
};

static const struct parameter core_parameters[] = {
    NAME("pe", struct core, pe, REQUIRED, pe_name, "type of the processing elements"),
    INTEGER("rows", struct core, rows, REQUIRED, 1, ARCH_MAX_ROWS,
            "rows of PEs (4-bit PEs for ant)"),
    INTEGER("columns", struct core, columns, REQUIRED, 1, ARCH_MAX_COLUMNS, "columns of PEs"),
    NAME("dataflow", struct core, dataflow, OUTPUT_STATIONARY, dataflow_name,
         "which operand stays in the array"),
    INTEGER("accumulator_bits", struct core, accumulator_bits, 32, 8, 32,
            "width of partial sums; they wrap, and overflows are counted"),
    NAME("preload", struct core, preload, OVERLAPPED, visibility_name,
         "cycles that bring the stationary operand in (ws, is)"),
    NAME("fill", struct core, fill, OVERLAPPED, visibility_name,
         "cycles of the operand wavefront's skew"),
    NAME("drain", struct core, drain, OVERLAPPED, visibility_name,
         "cycles that bring results out (os)"),
    BOOLEAN("skew_used", struct core, skew_used, true,
            "fill and drain follow the used part of the array"),
    INTEGER("fold_latency", struct core, fold_latency, 0, 0, 1024, "fixed extra cycles of a fold"),
    INTEGER("corner_latency", struct core, corner_latency, 0, 0, 1024,
            "further cycles of a fold that uses more than one row and column"),
    END_OF_PARAMETERS,
};

/* A scratchpad's size: a number of KiB, fractions allowed. */
static bool read_kib(const struct config_file *file, const config_setting_t *setting, void *field,
                     struct err *err)
{
    int type = config_setting_type(setting);
    if (!config_setting_is_number(setting))
        return config_error(file, setting, err, "kib: must be a number");
    double kib = type == CONFIG_TYPE_FLOAT ? config_setting_get_float(setting)
                                           : (double)config_setting_get_int64(setting);
    if (!(kib >= 1.0 / 16 && kib <= 1 << 20))
        return config_error(file, setting, err, "kib: %g is not in 0.0625..1048576", kib);
    *(uint32_t *)field = (uint32_t)lround(kib * 1024);
    return true;
}

static const struct parameter scratchpad_parameters[] = {
    OWN("kib", struct scratchpad_config, bytes, REQUIRED, read_kib,
        "size in KiB, both halves where double-buffered; 1/16 .. 1048576"),
    INTEGER("banks", struct scratchpad_config, banks, REQUIRED, 1, 1024, "banks"),
    INTEGER("bank_bits", struct scratchpad_config, bank_bits, REQUIRED, 1, 4096,
            "bits a bank's port moves per cycle"),
    BOOLEAN("double_buffered", struct scratchpad_config, double_buffered, true,
            "one half fills while the other is used"),
    END_OF_PARAMETERS,
};

#define SCRATCHPAD(id, name, help) \
    GROUP(name, struct arch, pads[PAD_##id], scratchpad_parameters, help),
static const struct parameter scratchpads_parameters[] = {SCRATCHPADS(SCRATCHPAD)
                                                              END_OF_PARAMETERS};

#define DRAM_CLOCKS(field, help) INTEGER(#field, struct dram_config, field, 0, 0, 10000, help)
static const struct parameter dram_parameters[] = {
    TEXT("name", struct dram_config, name, REQUIRED, "names its price in the technology"),
    INTEGER("clock_period_ps", struct dram_config, clock_period_ps, REQUIRED, 50, 1000000,
            "picoseconds of one DRAM clock"),
    INTEGER("bytes_per_clock", struct dram_config, bytes_per_clock, REQUIRED, 1, 65535,
            "bytes the data bus moves per DRAM clock"),
    INTEGER("burst_bytes", struct dram_config, burst_bytes, REQUIRED, 1, 65535,
            "bytes of one column access"),
    INTEGER("banks", struct dram_config, banks, 0, 0, 1024, "banks; 0 = ideal memory without rows"),
    INTEGER("row_bytes", struct dram_config, row_bytes, 0, 0, 1 << 24,
            "bytes of a row of the rank"),
    INTEGER("latency", struct dram_config, latency, REQUIRED, 0, 10000,
            "CL: clocks from column read to first data"),
    DRAM_CLOCKS(tRCD, "clocks from activate to column access"),
    DRAM_CLOCKS(tRP, "clocks of a precharge"),
    DRAM_CLOCKS(tRAS, "clocks a row stays open at least"),
    DRAM_CLOCKS(tCCD, "clocks between column accesses"),
    DRAM_CLOCKS(tRRD, "clocks between activates of different banks"),
    DRAM_CLOCKS(tFAW, "clocks in which at most four activates fall"),
    DRAM_CLOCKS(tWR, "clocks from last written data to precharge"),
    DRAM_CLOCKS(tWTR, "clocks from last written data to a read"),
    DRAM_CLOCKS(tRTP, "clocks from read to precharge"),
    DRAM_CLOCKS(tCWL, "clocks from column write to first data"),
    INTEGER("tREFI", struct dram_config, tREFI, 0, 0, 1000000,
            "clocks between refreshes; 0 = no refresh"),
    INTEGER("tRFC", struct dram_config, tRFC, 0, 0, 100000, "clocks of a refresh"),
    END_OF_PARAMETERS,
};

const struct parameter arch_parameters[] = {
    TEXT("extends", struct arch_file, extends, 0,
         "accelerator whose values hold unless given here"),
    TEXT("name", struct arch_file, arch.name, 0, "in reports; the file's name unless given"),
    TEXT("technology", struct arch_file, arch.technology, REQUIRED, "prices of energy and area"),
    INTEGER("clock_mhz", struct arch_file, arch.clock_khz, REQUIRED, 1, 10000, "core clock in MHz"),
    GROUP("core", struct arch_file, arch.core, core_parameters, "the array"),
    GROUP("scratchpads", struct arch_file, arch, scratchpads_parameters, "on-chip memories"),
    INTEGER("vector_lanes", struct arch_file, arch.vector_lanes, REQUIRED, 1, 4096,
            "elements the vector unit finishes per cycle"),
    INTEGER("vector_latency", struct arch_file, arch.vector_latency, 4, 0, 1024,
            "pipeline depth of the vector unit in cycles"),
    INTEGER("dma_setup", struct arch_file, arch.dma_setup, 0, 0, 10000,
            "cycles before the first request of a transfer"),
    GROUP("dram", struct arch_file, arch.dram, dram_parameters, "external memory"),
    END_OF_PARAMETERS,
};

static bool read_file(const struct config_file *file, int depth, struct arch_file *out,
                      uint8_t *given, struct err *err);

/* The base of `extends`: a sibling file, else a name in the home. */
static bool read_base(const struct config_file *file, const config_setting_t *setting, int depth,
                      struct arch_file *out, uint8_t *given, struct err *err)
{
    const char *name = config_setting_get_string(setting);
    if (!name || !*name || strlen(name) >= 256)
        return config_error(file, setting, err, "extends: must be the name of an accelerator");
    if (depth == MAX_EXTENDS)
        return config_error(file, setting, err, "extends: more than %d deep; is it a circle?",
                            MAX_EXTENDS);
    char path[CONFIG_PATH_SIZE], sibling[300];
    bool has_suffix = strstr(name, ".cfg") != NULL;
    snprintf(sibling, sizeof sibling, "%s%s", name, has_suffix ? "" : ".cfg");
    if (!config_relative(file->path, sibling, path))
        return config_error(file, setting, err, "extends: the path is too long");
    if (access(path, R_OK) && !config_find(HOME_ARCH, name, path, err))
        return err_prefix(err, "%s:%u: extends", file->path, config_setting_source_line(setting));
    struct config_file base;
    if (!config_file_open(&base, path, err))
        return false;
    bool ok = read_file(&base, depth + 1, out, given, err);
    out->arch.name[0] = '\0'; /* a name is not inherited */
    config_file_close(&base);
    return ok;
}

static bool read_file(const struct config_file *file, int depth, struct arch_file *out,
                      uint8_t *given, struct err *err)
{
    const config_setting_t *root = config_root_setting(&file->tree);
    const config_setting_t *extends = config_setting_get_member(root, "extends");
    if (extends && !read_base(file, extends, depth, out, given, err))
        return false;
    return parameters_read(arch_parameters, file, root, out, given, err);
}

static bool load(const struct config_file *file, struct arch_file *out, struct err *err)
{
    uint8_t *given = calloc(1, sizeof *out);
    if (!given)
        return err_set(err, "%s: out of memory", file->path);
    memset(out, 0, sizeof *out);
    parameters_initialise(arch_parameters, out);
    bool ok = read_file(file, 0, out, given, err) &&
              parameters_complete(arch_parameters, file, NULL, given, err);
    free(given);
    return ok;
}

/* Read at all parameters' ranges, then name it, turn MHz to kHz, and check that the parts fit. */
static bool finish(const struct config_file *file, struct arch *arch, struct err *err)
{
    struct arch_file read;
    if (!load(file, &read, err))
        return false;
    *arch = read.arch;
    arch->clock_khz *= 1000;
    if (!*arch->name)
        config_base_name(file->path, arch->name, sizeof arch->name);
    return arch_valid(arch, err) || err_prefix(err, "%s", file->path);
}

bool config_read_arch(const char *name, struct arch *arch, struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_ARCH, name, path, err) || !config_file_open(&file, path, err))
        return false;
    bool ok = finish(&file, arch, err);
    config_file_close(&file);
    return ok;
}

bool config_decode_arch(const char *text, size_t size, const char *path, struct arch *arch,
                        struct err *err)
{
    struct config_file file;
    if (!config_file_parse(&file, text, size, path, err))
        return false;
    bool ok = finish(&file, arch, err);
    config_file_close(&file);
    return ok;
}
