/* Configuration files: accelerators, quantisation schemes, data, technologies, DRAM devices. All are
 * libconfig; this folder's config*.c are its only users. Errors read "a.cfg:12: rows: 0 is not in
 * 1..1024" and list the legal names. */
#ifndef MANTIS_SIM_CONFIG_H
#define MANTIS_SIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler/lockstep.h"
#include "compiler/quantise.h"
#include "isa/arch.h"
#include "isa/err.h"
#include "isa/dram_device.h"
#include "sim/fpga.h"
#include "sim/technology.h"
#include "workloads/dataset.h"

/* X(ENUMERATOR, folder, what lies there) */
#define CONFIG_HOMES(X)                       \
    X(ARCH, "arch", "accelerator")            \
    X(QUANT, "quant", "quantisation scheme")  \
    X(DATA, "data", "data file")              \
    X(TECHNOLOGY, "technology", "technology") \
    X(DRAM, "dram", "DRAM device")            \
    X(FPGA, "fpga", "FPGA platform")          \
    X(SWEEP, "sweep", "sweep")

#define CONFIG_HOME_ENUMERATOR(id, folder, help) HOME_##id,
enum config_home { CONFIG_HOMES(CONFIG_HOME_ENUMERATOR) HOME_COUNT };
#undef CONFIG_HOME_ENUMERATOR

enum { CONFIG_PATH_SIZE = 1024 };

/* Path of a configuration. A text with a slash or ending in ".cfg" is a path already; a plain name
 * is looked up as configs/<folder>/<name>.cfg under $MANTIS_HOME, beside the executable, in
 * ../share/mantis from there, in the source tree, and where mantis was to be installed, in that
 * order. An unknown name is an error that lists the legal ones. */
bool config_find(enum config_home home, const char *name, char path[CONFIG_PATH_SIZE],
                 struct err *err);

/* Whether `name` is a plain one: no path, no ".cfg". */
bool config_is_plain(const char *name);

/* All names in a home, sorted. Free with config_names_free. */
struct config_names {
    int count;
    char **names;
};
struct config_names config_names(enum config_home home);
void config_names_free(struct config_names *names);

/* The same names as a list for an error. */
void config_names_list(enum config_home home, char *text, size_t size);

/* Readers. `name` is a name or a path, as for config_find; of a quantisation file with a table of
 * precisions also NAME:SCHEME. */
bool config_read_arch(const char *name, struct arch *arch, struct err *err);

/* The same with its lockstep model: the cores, and the group `lockstep`. */
bool config_read_lockstep(const char *name, struct arch *arch, struct lockstep *lockstep,
                          struct err *err);

bool config_read_quantise(const char *name, struct quantise_config *config, struct err *err);
bool config_read_dataset(const char *name, struct dataset_config *config, struct err *err);
struct technology *config_read_technology(const char *name, struct err *err);
bool config_read_dram(const char *name, struct dram_device *device, struct err *err);

bool config_read_fpga(const char *name, struct fpga *fpga, struct err *err);

/* NULL on error. Free with sweep_config_free (sim/sweep_config.h). */
struct sweep_config;
struct sweep_config *config_read_sweep(const char *name, struct err *err);

void quantise_config_free(struct quantise_config *config);

/* The same from text in memory (it need not end in NUL); `path` serves messages and relative paths.
 */
bool config_decode_arch(const char *text, size_t size, const char *path, struct arch *arch,
                        struct err *err);
bool config_decode_quantise(const char *text, size_t size, const char *path,
                            struct quantise_config *config, struct err *err);
bool config_decode_dataset(const char *text, size_t size, const char *path,
                           struct dataset_config *config, struct err *err);
struct technology *config_decode_technology(const char *text, size_t size, const char *path,
                                            struct err *err);
bool config_decode_dram(const char *text, size_t size, const char *path, struct dram_device *device,
                        struct err *err);

bool config_decode_fpga(const char *text, size_t size, const char *path, struct fpga *fpga,
                        struct err *err);

struct sweep_config *config_decode_sweep(const char *text, size_t size, const char *path,
                                         struct err *err);

/* All parameters of a kind of file, one per line: name, range, default, help. */
void config_print_parameters(enum config_home home, FILE *file);

#endif
