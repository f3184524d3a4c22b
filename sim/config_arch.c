/* Accelerators: configs/arch/NAME.cfg. `extends = "other"` starts from another accelerator's
 * values. */
#include "sim/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isa/arch_numbers.h"
#include "sim/config_table.h"

enum { MAX_EXTENDS = 8 };

/* A whole number whose range is the machine's: isa/arch_numbers.h. */
#define NUMBER(part, object, field, initial, help) \
    INTEGER(#field, object, field, initial, part##_MIN_##field, part##_MAX_##field, help)

/* The parameters of a core; `needed` is REQUIRED, or 0 where the core as a whole may be left out. */
#define CORE(field, initial, help) NUMBER(CORE, struct core, field, initial, help)
#define CORE_PARAMETERS(needed)                                                                    \
    NAME("pe", struct core, pe, needed, pe_name, "type of the processing elements"),               \
        CORE(rows, needed, "rows of PEs (4-bit PEs for ant)"),                                     \
        CORE(columns, needed, "columns of PEs"),                                                   \
        NAME("dataflow", struct core, dataflow, OUTPUT_STATIONARY, dataflow_name,                  \
             "which operand stays in the array"),                                                  \
        CORE(accumulator_bits, 32, "width of partial sums; they wrap, and overflows are counted"), \
        NAME("preload", struct core, preload, OVERLAPPED, visibility_name,                         \
             "cycles that bring the stationary operand in (ws, is)"),                              \
        NAME("fill", struct core, fill, OVERLAPPED, visibility_name,                               \
             "cycles of the operand wavefront's skew"),                                            \
        NAME("drain", struct core, drain, OVERLAPPED, visibility_name,                             \
             "cycles that bring results out (os)"),                                                \
        BOOLEAN("skew_used", struct core, skew_used, true,                                         \
                "fill and drain follow the used part of the array"),                               \
        CORE(fold_latency, 0, "fixed extra cycles of a fold"),                                     \
        CORE(corner_latency, 0, "further cycles of a fold that uses more than one row and column")
static const struct parameter core_parameters[] = {CORE_PARAMETERS(REQUIRED), END_OF_PARAMETERS};
static const struct parameter second_core_parameters[] = {CORE_PARAMETERS(0), END_OF_PARAMETERS};

static const double least_kib = SCRATCHPAD_MIN_bytes / 1024.0,
                    most_kib = SCRATCHPAD_MAX_bytes / 1024.0;
_Static_assert(SCRATCHPAD_MIN_bytes == 1024 / 64 && SCRATCHPAD_MAX_bytes == 1024 * 1048576,
               "the help of kib tells its range");

/* A scratchpad's size: a number of KiB, fractions allowed. */
static bool read_kib(const struct config_file *file, const config_setting_t *setting, void *field,
                     struct err *err)
{
    int type = config_setting_type(setting);
    if (!config_setting_is_number(setting))
        return config_error(file, setting, err, "kib: must be a number");
    double kib = type == CONFIG_TYPE_FLOAT ? config_setting_get_float(setting)
                                           : (double)config_setting_get_int64(setting);
    if (!(kib >= least_kib && kib <= most_kib))
        return config_error(file, setting, err, "kib: %g is not in %g..%.0f", kib, least_kib,
                            most_kib);
    *(uint32_t *)field = (uint32_t)lround(kib * 1024);
    return true;
}

#define PAD(field, initial, help) NUMBER(SCRATCHPAD, struct scratchpad_config, field, initial, help)
static const struct parameter scratchpad_parameters[] = {
    OWN("kib", struct scratchpad_config, bytes, REQUIRED, read_kib,
        "size in KiB, both halves where double-buffered; 1/64 .. 1048576"),
    PAD(banks, REQUIRED, "banks"),
    PAD(bank_bits, REQUIRED, "bits a bank's port moves per cycle"),
    BOOLEAN("double_buffered", struct scratchpad_config, double_buffered, true,
            "one half fills while the other is used"),
    END_OF_PARAMETERS,
};

#define SCRATCHPAD(id, name, help) \
    GROUP(name, struct arch, pads[PAD_##id], scratchpad_parameters, help),
static const struct parameter scratchpads_parameters[] = {SCRATCHPADS(SCRATCHPAD)
                                                              END_OF_PARAMETERS};

#define IDEAL(field, help) NUMBER(IDEAL, struct dram_ideal, field, REQUIRED, help)
static const struct parameter ideal_parameters[] = {
    TEXT("name", struct dram_ideal, name, 0, "names its prices in the technology"),
    IDEAL(clock_period_ps, "picoseconds of one DRAM clock"),
    IDEAL(bytes_per_clock, "bytes the data bus moves per DRAM clock"),
    IDEAL(burst_bytes, "bytes an access is rounded out to"),
    IDEAL(latency, "clocks from a request to its first data"),
    END_OF_PARAMETERS,
};

/* The setting of that name: a sweep's values are items of a list. */
static const config_setting_t *named_setting(const config_setting_t *setting)
{
    return config_setting_name(setting) ? setting : config_setting_parent(setting);
}

/* The name of a device, or the path of its file from this one. What the group says behind it
 * changes the device. */
static bool read_device(const struct config_file *file, const config_setting_t *setting,
                        void *field, struct err *err)
{
    struct dram_config *config = field;
    const char *name = config_setting_get_string(setting);
    char path[CONFIG_PATH_SIZE];
    if (!name || !*name || strlen(name) >= 256)
        return config_error(file, setting, err, "device: must be the name of a DRAM device");
    if (config_setting_index(named_setting(setting)))
        return config_error(file, setting, err, "device: must come first in its group");
    bool found = config_is_plain(name) ? config_find(HOME_DRAM, name, path, err)
                                       : config_relative(file->path, name, path) ||
                                             err_set(err, "the path is too long");
    config->is_ideal = false;
    memset(&config->ideal, 0, sizeof config->ideal);
    if (!found || !config_read_dram(path, &config->device, err))
        return err_prefix(err, "%s:%u: device", file->path, config_setting_source_line(setting));
    return true;
}

static bool read_ideal(const struct config_file *file, const config_setting_t *setting, void *field,
                       struct err *err)
{
    struct dram_config *config = field;
    if (!config_setting_is_group(setting))
        return config_error(file, setting, err, "ideal: must be a group { ... }");
    if (config_setting_length(config_setting_parent(named_setting(setting))) > 1)
        return config_error(file, setting, err, "ideal: stands alone in its group");
    config->is_ideal = true;
    memset(&config->device, 0, sizeof config->device);
    return parameters_load(ideal_parameters, file, setting, &config->ideal, sizeof config->ideal,
                           err);
}

/* Each of the first two sets all of the memory, which is what lies before `controller`. */
#define MEMORY(name, initial, read, help)                                                      \
    {                                                                                          \
        name, PARAMETER_OWN, 0, offsetof(struct dram_config, controller), initial, 0, 0, help, \
            NULL, NULL, read                                                                   \
    }
#define PART(name, help) \
    GROUP(#name, struct dram_config, device.name, dram_##name##_parameters, help)
static const struct parameter dram_parameters[] = {
    MEMORY("device", REQUIRED, read_device, "DRAM device"),
    MEMORY("ideal", 0, read_ideal,
           "in place of a device: no rows; clock_period_ps, bytes_per_clock, burst_bytes, latency"),
    NAME("controller", struct dram_config, controller, DRAM_CONTROLLER_IN_ORDER,
         dram_controller_name, "what serves requests"),
    PART(geometry, "changes to the device"),
    PART(timing, "changes to the device"),
    PART(currents, "changes to the device"),
    PART(policy, "changes to the device"),
    END_OF_PARAMETERS,
};

#define UNIT(field, initial, help) \
    INTEGER(#field, struct arch_file, arch.field, initial, ARCH_MIN_##field, ARCH_MAX_##field, help)
const struct parameter arch_parameters[] = {
    TEXT("extends", struct arch_file, extends, 0,
         "accelerator whose values hold unless given here"),
    TEXT("name", struct arch_file, arch.name, 0, "in reports; the file's name unless given"),
    TEXT("technology", struct arch_file, arch.technology, REQUIRED, "prices of energy and area"),
    INTEGER("clock_mhz", struct arch_file, arch.clock_khz, REQUIRED, 1, ARCH_MAX_clock_khz / 1000,
            "core clock in MHz"),
    GROUP("core", struct arch_file, arch.cores[0], core_parameters, "the array"),
    GROUP("second_core", struct arch_file, arch.cores[1], second_core_parameters,
          "an array beside it, which takes a share of the output channels; none unless given"),
    GROUP("scratchpads", struct arch_file, arch, scratchpads_parameters, "on-chip memories"),
    UNIT(vector_lanes, REQUIRED, "elements the vector unit finishes per cycle"),
    UNIT(vector_latency, 4, "pipeline depth of the vector unit in cycles"),
    UNIT(dma_setup, 0, "cycles before the first request of a transfer"),
    GROUP("dram", struct arch_file, arch.dram, dram_parameters, "external memory"),
    GROUP("lockstep", struct arch_file, lockstep, lockstep_parameters,
          "cost model of mantis schedule"),
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

/* What changes a device has nothing to change where the base's memory is ideal. */
static bool check_dram_changes(const struct config_file *file, const struct arch_file *out,
                               struct err *err)
{
    const config_setting_t *group = config_lookup(&file->tree, "dram");
    if (!group || !out->arch.dram.is_ideal || config_setting_get_member(group, "ideal"))
        return true;
    const config_setting_t *change = config_setting_get_elem(group, 0);
    return !change ||
           config_error(file, change, err, "%s: the memory of \"%s\" is ideal; give a device first",
                        config_setting_name(change), out->extends);
}

static bool read_file(const struct config_file *file, int depth, struct arch_file *out,
                      uint8_t *given, struct err *err)
{
    const config_setting_t *root = config_root_setting(&file->tree);
    const config_setting_t *extends = config_setting_get_member(root, "extends");
    if (extends && !read_base(file, extends, depth, out, given, err))
        return false;
    return parameters_read(arch_parameters, file, root, out, given, err) &&
           check_dram_changes(file, out, err);
}

/* A second core is there if anything of it is given; then what every core needs must be, too. */
static bool count_cores(const struct config_file *file, struct arch_file *out, const uint8_t *given,
                        struct err *err)
{
    const size_t second = offsetof(struct arch_file, arch.cores[1]);
    out->arch.core_count = memchr(given + second, 1, sizeof(struct core)) ? 2 : 1;
    const config_setting_t *group = config_lookup(&file->tree, "second_core");
    return out->arch.core_count == 1 ||
           parameters_complete(core_parameters, file, group, given + second, err);
}

static bool load(const struct config_file *file, struct arch_file *out, struct err *err)
{
    uint8_t *given = calloc(1, sizeof *out);
    if (!given)
        return err_set(err, "%s: out of memory", file->path);
    memset(out, 0, sizeof *out);
    parameters_initialise(arch_parameters, out);
    bool ok = read_file(file, 0, out, given, err) &&
              parameters_complete(arch_parameters, file, NULL, given, err) &&
              count_cores(file, out, given, err);
    free(given);
    return ok;
}

/* Read at all parameters' ranges, then name it, turn MHz to kHz, and check that the parts fit. */
static bool finish(const struct config_file *file, struct arch *arch, struct lockstep *lockstep,
                   struct err *err)
{
    struct arch_file read;
    if (!load(file, &read, err))
        return false;
    *arch = read.arch;
    arch->clock_khz *= 1000;
    if (!*arch->name)
        config_base_name(file->path, arch->name, sizeof arch->name);
    *lockstep = read.lockstep;
    return arch_valid(arch, err) || err_prefix(err, "%s", file->path);
}

static bool read_arch(const char *name, struct arch *arch, struct lockstep *lockstep,
                      struct err *err)
{
    char path[CONFIG_PATH_SIZE];
    struct config_file file;
    if (!config_find(HOME_ARCH, name, path, err) || !config_file_open(&file, path, err))
        return false;
    bool ok = finish(&file, arch, lockstep, err);
    config_file_close(&file);
    return ok;
}

bool config_read_arch(const char *name, struct arch *arch, struct err *err)
{
    struct lockstep lockstep;
    return read_arch(name, arch, &lockstep, err);
}

bool config_read_lockstep(const char *name, struct arch *arch, struct lockstep *lockstep,
                          struct err *err)
{
    return read_arch(name, arch, lockstep, err) && lockstep_complete(lockstep, arch, err);
}

bool config_decode_arch(const char *text, size_t size, const char *path, struct arch *arch,
                        struct err *err)
{
    struct config_file file;
    struct lockstep lockstep;
    if (!config_file_parse(&file, text, size, path, err))
        return false;
    bool ok = finish(&file, arch, &lockstep, err);
    config_file_close(&file);
    return ok;
}
