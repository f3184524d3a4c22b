/* Traces of DRAM requests: text, plain or gzip, a request per line,
 *
 *     ADDRESS R|W CLOCK
 *
 * address in hexadecimal, the clock before which it may not come in decimal. Requests come in the
 * order of lines. */
#ifndef MANTIS_SIM_DRAM_TRACE_H
#define MANTIS_SIM_DRAM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* About 15 minutes of a DRAM's time, and some 20 million requests. */
#define DRAM_TRACE_MAX_CLOCK (1ull << 40)
#define DRAM_TRACE_MAX_BYTES (1ull << 28)

struct dram_trace_request {
    uint64_t address, clock;
    bool is_write;
};

struct dram_trace {
    size_t count;
    struct dram_trace_request *requests;
};

/* From text in memory; `path` serves messages. Free with dram_trace_free. */
bool dram_trace_decode(struct dram_trace *trace, const char *text, size_t size, const char *path,
                       struct err *err);

/* From a file. An empty trace is an error. */
bool dram_trace_read(struct dram_trace *trace, const char *path, struct err *err);

void dram_trace_free(struct dram_trace *trace);

#endif
