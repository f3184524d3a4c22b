/* A timeline for Perfetto or chrome://tracing: gzipped JSON, one lane per unit, one event per
 * instruction. */
#ifndef MANTIS_SIM_TRACE_H
#define MANTIS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"
#include "isa/program.h"

struct trace;

/* Writes beside `path`; trace_close renames. */
struct trace *trace_open(const char *path, const struct program *program, struct err *err);

/* A machine_observer with the trace as its context. */
void trace_event(void *trace, const struct instruction *instruction, uint32_t index, uint64_t start,
                 uint64_t end);

/* Finish the file; frees the trace, also on error. */
bool trace_close(struct trace *trace, struct err *err);
void trace_discard(struct trace *trace);

#endif
