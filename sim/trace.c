#include "sim/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "isa/host.h"

struct trace {
    gzFile file;
    const struct program *program;
    uint32_t *tiles; /* instructions seen, per layer and unit */
    bool failed;
    char *path, *temporary;
};

/* The text as the inside of a JSON string; what is not plain ASCII becomes '?'. */
static void escape(const char *text, char *result, size_t size)
{
    size_t length = 0;
    for (; *text && length + 2 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            result[length++] = '\\';
        result[length++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    result[length] = '\0';
}

static void put_metadata(struct trace *trace)
{
    char model[2 * PROGRAM_NAME_SIZE], scheme[2 * PROGRAM_NAME_SIZE];
    escape(trace->program->model, model, sizeof model);
    escape(trace->program->scheme, scheme, sizeof scheme);
    gzprintf(trace->file,
             "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
             "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"%s %s\"}}",
             model, scheme);
    for (int unit = 0; unit < UNIT_COUNT; unit++)
        gzprintf(trace->file,
                 ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\","
                 "\"args\":{\"name\":\"%s\"}},\n"
                 "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_sort_index\","
                 "\"args\":{\"sort_index\":%d}}",
                 unit + 1, unit_name(unit), unit + 1, unit);
}

static bool open_file(struct trace *trace, const char *path, struct err *err)
{
    if (!file_replaceable(path, err))
        return false;
    trace->path = strdup(path);
    trace->temporary = file_temporary(path);
    if (trace->path && trace->temporary)
        trace->file = gzopen(trace->temporary, "wb");
    return trace->file || err_set(err, "%s: cannot be written: %s", path, strerror(errno));
}

struct trace *trace_open(const char *path, const struct program *program, struct err *err)
{
    struct trace *trace = allocate(1, sizeof *trace, err);
    if (!trace)
        return NULL;
    trace->program = program;
    trace->tiles = allocate((size_t)program->layer_count * UNIT_COUNT, sizeof *trace->tiles, err);
    if (!trace->tiles || !open_file(trace, path, err)) {
        trace_discard(trace);
        return NULL;
    }
    put_metadata(trace);
    return trace;
}

/* Events are named "layer tile": the tile counts the unit's instructions in the layer. Times are
 * microseconds. */
void trace_event(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    struct trace *trace = context;
    enum unit unit = instruction_unit(instruction);
    char layer[2 * PROGRAM_NAME_SIZE];
    escape(trace->program->layers[instruction->layer].name, layer, sizeof layer);
    uint32_t tile = trace->tiles[(size_t)instruction->layer * UNIT_COUNT + unit]++;
    double cycles_per_us = trace->program->arch.clock_khz / 1e3;
    int written = gzprintf(
        trace->file,
        ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"name\":\"%s %u\",\"ts\":%.4f,\"dur\":%.4f,"
        "\"args\":{\"instruction\":%u,\"start_cycle\":%llu,\"end_cycle\":%llu}}",
        (int)unit + 1, layer, tile, (double)start / cycles_per_us,
        (double)(end - start) / cycles_per_us, index, (unsigned long long)start,
        (unsigned long long)end);
    trace->failed |= written <= 0;
}

void trace_discard(struct trace *trace)
{
    if (trace->file)
        gzclose(trace->file);
    if (trace->temporary)
        unlink(trace->temporary); /* gone already where it was renamed */
    free(trace->temporary);
    free(trace->path);
    free(trace->tiles);
    free(trace);
}

bool trace_close(struct trace *trace, struct err *err)
{
    bool ok = gzprintf(trace->file, "\n]}\n") > 0 && !trace->failed;
    ok = gzclose(trace->file) == Z_OK && ok;
    trace->file = NULL;
    ok = ok && !rename(trace->temporary, trace->path);
    if (!ok)
        err_set(err, "%s: cannot be written: %s", trace->path, strerror(errno ? errno : EIO));
    trace_discard(trace);
    return ok;
}
