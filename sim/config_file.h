/* One libconfig file in memory, guarded: libconfig 1.5 silently wraps large integers, ends the
 * process on some @include, and accepts an unclosed comment; these are refused before it sees the
 * text. */
#ifndef MANTIS_SIM_CONFIG_FILE_H
#define MANTIS_SIM_CONFIG_FILE_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "isa/err.h"
#include "sim/config.h"

struct config_file {
    config_t tree;
    char path[CONFIG_PATH_SIZE];
};

/* Read and parse; only regular files of at most 4 MiB. On success the caller closes the file. */
bool config_file_open(struct config_file *file, const char *path, struct err *err);
bool config_file_parse(struct config_file *file, const char *text, size_t size, const char *path,
                       struct err *err);
void config_file_close(struct config_file *file);

/* "path:line: what", and false. */
__attribute__((format(printf, 4, 5))) bool config_error(const struct config_file *file,
                                                        const config_setting_t *setting,
                                                        struct err *err, const char *format, ...);

/* Check the text for what libconfig gets wrong (see above). */
bool config_text_check(const char *text, size_t size, const char *path, struct err *err);

/* A whole small file, NUL-terminated; NULL on error. Free with free(). */
char *config_load(const char *path, size_t *size, struct err *err);

/* `path` relative to the folder of the file `base`; absolute paths stay. False where it does not
 * fit. */
bool config_relative(const char *base, const char *path, char result[CONFIG_PATH_SIZE]);

/* The file's name without folder and ".cfg". */
void config_base_name(const char *path, char *name, size_t size);

#endif
