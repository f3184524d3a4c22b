#include "sim/dram_trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

/* --- text to requests --- */

/* Where the reading is, within one line. */
struct line {
    const char *at, *end, *path;
    size_t number;
};

__attribute__((format(printf, 3, 4))) static bool refuse(const struct line *line, struct err *err,
                                                         const char *format, ...)
{
    char what[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return err_set(err, "%s:%zu: %s; a line is ADDRESS R|W CLOCK, as in 1f40 R 0", line->path,
                   line->number, what);
}

struct word {
    const char *start;
    int length; /* at most 40, the rest is cut: nothing legal is that long */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct word next_word(struct line *line)
{
    while (line->at < line->end && is_blank(*line->at))
        line->at++;
    const char *start = line->at;
    while (line->at < line->end && !is_blank(*line->at))
        line->at++;
    size_t length = (size_t)(line->at - start);
    return (struct word){start, length > 40 ? 40 : (int)length};
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* A whole number below 2^63. */
static bool read_number(struct word word, int base, uint64_t *value)
{
    *value = 0;
    for (int i = 0; i < word.length; i++) {
        int next = digit(word.start[i]);
        if (next >= base || *value >> 58)
            return false;
        *value = *value * (uint64_t)base + (uint64_t)next;
    }
    return word.length > 0;
}

static bool read_request(struct line *line, struct dram_trace_request *request, struct err *err)
{
    struct word address = next_word(line), kind = next_word(line), clock = next_word(line);
    if (!clock.length || next_word(line).length)
        return refuse(line, err, "not three words");
    if (address.length > 2 && !memcmp(address.start, "0x", 2))
        address = (struct word){address.start + 2, address.length - 2};
    if (!read_number(address, 16, &request->address))
        return refuse(line, err, "\"%.*s\" is no hexadecimal address", address.length,
                      address.start);
    if (kind.length != 1 || (*kind.start != 'R' && *kind.start != 'W'))
        return refuse(line, err, "\"%.*s\" is neither R nor W", kind.length, kind.start);
    request->is_write = *kind.start == 'W';
    if (!read_number(clock, 10, &request->clock) || request->clock > DRAM_TRACE_MAX_CLOCK)
        return refuse(line, err, "\"%.*s\" is no clock in 0..%llu", clock.length, clock.start,
                      DRAM_TRACE_MAX_CLOCK);
    return true;
}

static bool read_requests(struct dram_trace *trace, const char *text, size_t size, const char *path,
                          struct err *err)
{
    const char *end = text + size;
    struct line line = {.path = path};
    for (const char *start = text; start < end; start = line.end + 1) {
        const char *stop = memchr(start, '\n', (size_t)(end - start));
        line.at = start;
        line.end = stop ? stop : end;
        line.number++;
        struct line look = line;
        if (!next_word(&look).length)
            continue;
        if (!read_request(&line, &trace->requests[trace->count], err))
            return false;
        trace->count++;
    }
    return trace->count || err_set(err, "%s: holds no request", path);
}

bool dram_trace_decode(struct dram_trace *trace, const char *text, size_t size, const char *path,
                       struct err *err)
{
    const size_t shortest = sizeof "0 R 0" - 1 + 1; /* a line and its end */
    trace->count = 0;
    trace->requests = malloc((size / shortest + 1) * sizeof *trace->requests);
    if (!trace->requests)
        return err_set(err, "%s: out of memory", path);
    if (read_requests(trace, text, size, path, err))
        return true;
    dram_trace_free(trace);
    return false;
}

void dram_trace_free(struct dram_trace *trace)
{
    free(trace->requests);
    *trace = (struct dram_trace){0, NULL};
}

/* --- files --- */

struct buffer {
    char *text;
    size_t size, room;
};

static bool grow(struct buffer *buffer)
{
    size_t room = buffer->room ? 2 * buffer->room : 1 << 16;
    char *text = realloc(buffer->text, room);
    if (!text)
        return false;
    buffer->text = text;
    buffer->room = room;
    return true;
}

/* Everything up to the end; gzip is taken apart on the way. */
static bool read_all(gzFile file, struct buffer *buffer, const char *path, struct err *err)
{
    for (;;) {
        if (buffer->size == buffer->room && !grow(buffer))
            return err_set(err, "%s: out of memory", path);
        int got =
            gzread(file, buffer->text + buffer->size, (unsigned)(buffer->room - buffer->size));
        if (got < 0)
            return err_set(err, "%s: cannot be read, or is damaged gzip", path);
        if (!got)
            break;
        buffer->size += (size_t)got;
        if (buffer->size > DRAM_TRACE_MAX_BYTES)
            return err_set(err, "%s: more than %llu bytes of text", path, DRAM_TRACE_MAX_BYTES);
    }
    int status;
    gzerror(file, &status);
    return status == Z_OK || err_set(err, "%s: the gzip file ends too early", path);
}

static bool read_file(struct dram_trace *trace, gzFile file, const char *path, struct err *err)
{
    struct buffer buffer = {NULL, 0, 0};
    bool ok = read_all(file, &buffer, path, err) &&
              dram_trace_decode(trace, buffer.text, buffer.size, path, err);
    free(buffer.text);
    return ok;
}

bool dram_trace_read(struct dram_trace *trace, const char *path, struct err *err)
{
    struct stat status;
    if (stat(path, &status))
        return err_set(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s: not a regular file", path);
    gzFile file = gzopen(path, "rb");
    if (!file)
        return err_set(err, "%s: %s", path, strerror(errno));
    bool ok = read_file(trace, file, path, err);
    gzclose(file);
    return ok;
}
