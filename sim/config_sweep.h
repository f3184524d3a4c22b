/* Shared by the files that read sweeps: config_sweep.c (the file), _schemes.c, _axes.c (accelerators),
 * _range.c. */
#ifndef MANTIS_SIM_CONFIG_SWEEP_H
#define MANTIS_SIM_CONFIG_SWEEP_H

#include "sim/config_file.h"
#include "sim/sweep_config.h"

/* Read an entry of `accelerators`. The schemes of the sweep are known. What it allocates belongs to
 * the accelerator, on failure too. */
bool config_sweep_accelerator(const struct config_file *file, const config_setting_t *group,
                              const struct sweep_config *sweep,
                              struct sweep_accelerator *accelerator, struct err *err);

bool config_sweep_constraints(const struct config_file *file, const config_setting_t *setting,
                              struct sweep_constraints *constraints, struct err *err);

/* Read `schemes`, names and grids, into the sweep. */
bool config_sweep_schemes(const struct config_file *file, const config_setting_t *list,
                          struct sweep_config *sweep, struct err *err);

/* Which of the sweep's schemes an accelerator takes: those that the texts of `setting` match, all
 * where it is NULL. takes[sweep->scheme_count] */
bool config_sweep_takes(const struct config_file *file, const config_setting_t *setting,
                        const struct sweep_config *sweep, uint8_t *takes, struct err *err);

/* Whether a value is a range, { from; to; step or factor }, and the range written out as a list of
 * settings of their own, whose messages name its line; NULL with an error where it is none. Free
 * with config_destroy(scratch), on failure too. */
bool config_sweep_is_range(const config_setting_t *setting);
const config_setting_t *config_sweep_spell_range(const struct config_file *file,
                                                 const config_setting_t *group, config_t *scratch,
                                                 struct err *err);

/* A plain name as it is, a path relative to the sweep file; false where it is too long. */
bool config_sweep_name(const struct config_file *file, const config_setting_t *setting,
                       const char *name, char result[SWEEP_PATH_SIZE], struct err *err);

/* The texts of a list, or one text. `index` 0.. ; NULL with an error where it is no text. */
int config_sweep_text_count(const config_setting_t *setting);
const char *config_sweep_text(const struct config_file *file, const config_setting_t *setting,
                              int index, const config_setting_t **item, struct err *err);

#endif
