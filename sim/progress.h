/* How far a long job is, on standard error: a bar with rate and time left on a terminal, a line
 * every ten seconds elsewhere. Also where Ctrl-C is noted. */
#ifndef MANTIS_SIM_PROGRESS_H
#define MANTIS_SIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *file; /* NULL: silent */
    bool is_terminal;
    char label[64], unit[16];
    int total;
    double started, shown; /* seconds */
    bool drawn;
};

void progress_init(struct progress *progress, FILE *file);

/* A phase of `total` steps of `unit` ("images") begins. progress may be NULL everywhere. */
void progress_begin(struct progress *progress, const char *label, int total, const char *unit);
void progress_update(struct progress *progress, int done); /* from one thread at a time */
void progress_end(struct progress *progress);              /* wipes the bar */

/* Ctrl-C (SIGINT) and SIGTERM set a flag that long jobs look at; a second one ends the process at
 * once. */
void interrupt_catch(void);
bool interrupt_pending(void);
int interrupt_signal(void); /* which one came, 0 if none */

#endif
