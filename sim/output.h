/* Files that users asked for: written to a temporary beside the target, every write checked,
 * renamed when complete. */
#ifndef MANTIS_SIM_OUTPUT_H
#define MANTIS_SIM_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "isa/err.h"

struct output {
    FILE *file;
    char path[1024], temporary[1088];
};

/* "-" is standard output. A device or a pipe is written directly: there is nothing to rename over.
 */
bool output_open(struct output *output, const char *path, struct err *err);

/* Flush, close and rename. On error the temporary is gone and the target untouched. */
bool output_commit(struct output *output, struct err *err);
void output_discard(struct output *output);

/* Name of a fresh temporary file beside `path`, created empty. */
bool output_temporary(const char *path, char *temporary, size_t size, struct err *err);

/* Whether something that is no regular file is there: renaming over it would replace it. */
bool output_is_special(const char *path);

#endif
