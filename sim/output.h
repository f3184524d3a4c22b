/* Files that users asked for: written to a temporary beside the target, every write checked,
 * renamed when complete. */
#ifndef MANTIS_SIM_OUTPUT_H
#define MANTIS_SIM_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "isa/err.h"

struct output {
    FILE *file;
    char *path;      /* NULL: standard output */
    char *temporary; /* NULL where the target is written directly */
};

/* "-" is standard output. A device or a pipe is written directly: there is nothing to rename
 * over. */
bool output_open(struct output *output, const char *path, struct err *err);

/* Flush, close and rename. On error the temporary is gone and the target untouched. */
bool output_commit(struct output *output, struct err *err);
void output_discard(struct output *output);

#endif
