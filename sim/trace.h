/* A timeline for Perfetto or chrome://tracing: gzipped JSON, one lane for layers, one per unit with
 * an event per instruction, and lanes for the DRAM: data bus, refreshes, a lane per bank. */
#ifndef MANTIS_SIM_TRACE_H
#define MANTIS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"
#include "isa/program.h"
#include "memory/dram.h"

struct trace;

/* Writes beside `path`; trace_close renames. `has_dram`: there are lanes for trace_dram_event. */
struct trace *trace_open(const char *path, const struct program *program, bool has_dram,
                         struct err *err);

/* A machine_observer with the trace as its context. */
void trace_event(void *trace, const struct instruction *instruction, uint32_t index, uint64_t start,
                 uint64_t end);

/* A dram_event_observer, with the same context. */
void trace_dram_event(void *trace, const struct dram_event *event);

/* Finish the file; frees the trace, also on error. */
bool trace_close(struct trace *trace, struct err *err);
void trace_discard(struct trace *trace);

#endif
