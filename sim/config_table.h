/* Parameters as tables: one line per parameter gives name, range, default and help; reading, error
 * messages and the listing come from it. */
#ifndef MANTIS_SIM_CONFIG_TABLE_H
#define MANTIS_SIM_CONFIG_TABLE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/config_file.h"

enum parameter_type {
    PARAMETER_INTEGER, /* into an integer field of 1, 2 or 4 bytes, signed where min < 0 */
    PARAMETER_REAL,    /* double */
    PARAMETER_BOOL,    /* bool */
    PARAMETER_TEXT,    /* char array */
    PARAMETER_NAME,    /* integer field of 1 or 4 bytes: index of one of a closed set of names */
    PARAMETER_GROUP,   /* nested table */
    PARAMETER_OWN      /* its own reader */
};

struct parameter {
    const char *name;
    enum parameter_type type;
    size_t offset, size;
    double initial;                  /* default, REQUIRED if there is none */
    double min, max;                 /* INTEGER, REAL */
    const char *help;                /* with its unit */
    const char *(*name_of)(int);     /* NAME: NULL ends the set */
    const struct parameter *members; /* GROUP: ends with a row without name */
    bool (*read)(const struct config_file *file, const config_setting_t *setting, void *field,
                 struct err *err); /* OWN */
};

#define REQUIRED ((double)NAN)

#define AT(object, field) offsetof(object, field), sizeof(((object *)0)->field)
#define INTEGER(name, object, field, initial, min, max, help)                                 \
    {                                                                                         \
        name, PARAMETER_INTEGER, AT(object, field), initial, min, max, help, NULL, NULL, NULL \
    }
#define REAL(name, object, field, initial, min, max, help)                                 \
    {                                                                                      \
        name, PARAMETER_REAL, AT(object, field), initial, min, max, help, NULL, NULL, NULL \
    }
#define BOOLEAN(name, object, field, initial, help)                                    \
    {                                                                                  \
        name, PARAMETER_BOOL, AT(object, field), initial, 0, 1, help, NULL, NULL, NULL \
    }
#define TEXT(name, object, field, initial, help)                                       \
    {                                                                                  \
        name, PARAMETER_TEXT, AT(object, field), initial, 0, 0, help, NULL, NULL, NULL \
    }
#define NAME(name, object, field, initial, name_of, help)                                 \
    {                                                                                     \
        name, PARAMETER_NAME, AT(object, field), initial, 0, 0, help, name_of, NULL, NULL \
    }
#define GROUP(name, object, field, members, help)                                    \
    {                                                                                \
        name, PARAMETER_GROUP, AT(object, field), 0, 0, 0, help, NULL, members, NULL \
    }
#define OWN(name, object, field, initial, read, help)                                 \
    {                                                                                 \
        name, PARAMETER_OWN, AT(object, field), initial, 0, 0, help, NULL, NULL, read \
    }
#define END_OF_PARAMETERS                                          \
    {                                                              \
        NULL, PARAMETER_OWN, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL \
    }

/* Set every parameter of `object` that has a default. */
void parameters_initialise(const struct parameter *table, void *object);

/* The row of a setting's name; NULL, with the legal names as error, where there is none. */
const struct parameter *parameters_find(const struct parameter *table,
                                        const struct config_file *file,
                                        const config_setting_t *setting, struct err *err);

/* Read one value, which need not be named, of a parameter or of a group of them. given as below. */
bool parameter_read(const struct parameter *row, const struct config_file *file,
                    const config_setting_t *setting, void *field, uint8_t *given, struct err *err);

/* Read what `group` gives. The bytes of `given` (or NULL) that belong to parameters read become 1. */
bool parameters_read(const struct parameter *table, const struct config_file *file,
                     const config_setting_t *group, void *object, uint8_t *given, struct err *err);

/* Whether all required parameters were given. */
bool parameters_complete(const struct parameter *table, const struct config_file *file,
                         const config_setting_t *group, const uint8_t *given, struct err *err);

/* All three on one group of one file. */
bool parameters_load(const struct parameter *table, const struct config_file *file,
                     const config_setting_t *group, void *object, size_t object_size,
                     struct err *err);

/* What arch_parameters fill: clock_khz in MHz, and the key that only the file knows. */
struct arch_file {
    struct arch arch;
    struct lockstep lockstep; /* all but the arrays themselves */
    char extends[CONFIG_PATH_SIZE];
};

/* The tables of the kinds of files. */
extern const struct parameter sweep_parameters[], arch_parameters[], quantise_config_parameters[],
    data_parameters[], technology_parameters[], fpga_parameters[], dram_device_parameters[],
    lockstep_parameters[];

/* The parts of a DRAM device, which an accelerator may change. */
extern const struct parameter dram_geometry_parameters[], dram_timing_parameters[],
    dram_currents_parameters[], dram_policy_parameters[];

void parameters_print(const struct parameter *table, const char *prefix, FILE *file);

/* "int, pot, flint": the legal names of a closed set. */
void names_join(const char *(*name_of)(int), char *text, size_t size);

#endif
