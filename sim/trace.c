#include "sim/trace.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "isa/host.h"

/* Lanes: a thread each, in this order; after them those of each DRAM channel. X(ENUMERATOR, name) */
#define LANES(X)        \
    X(LAYER, "layers")  \
    X(LOAD, "load")     \
    X(ARRAY, "array")   \
    X(VECTOR, "vector") \
    X(STORE, "store")   \
    X(ARRAY2, "array2")

#define LANE_ENUMERATOR(id, name) LANE_##id,
enum lane { LANES(LANE_ENUMERATOR) LANE_COUNT };
#undef LANE_ENUMERATOR

/* Lanes of a DRAM channel: its data, its refreshes, then one per bank. */
enum { CHANNEL_DATA, CHANNEL_REFRESH, CHANNEL_BANKS };

/* Tiles are counted by what they are of: those of an operand by its scratchpad, of results by their
 * unit. */
enum { TILE_ARRAY = PAD_COUNT, TILE_VECTOR, TILE_KINDS };

struct trace {
    gzFile file;
    const struct program *program;
    uint32_t *tiles;     /* seen, per layer and kind */
    uint64_t *layer_end; /* cycle of the layer's last completion */
    uint32_t tensor;     /* of the last DRAM address looked up */
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

/* --- writing --- */

__attribute__((format(printf, 2, 3))) static void put(struct trace *trace, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    trace->failed |= gzvprintf(trace->file, format, arguments) <= 0;
    va_end(arguments);
}

static void put_lane(struct trace *trace, unsigned lane, const char *name)
{
    put(trace,
        ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}"
        ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_sort_index\","
        "\"args\":{\"sort_index\":%u}}",
        lane + 1, name, lane + 1, lane);
}

/* The ideal memory is one channel of data alone. */
static unsigned channel_lanes(const struct trace *trace)
{
    const struct dram_config *dram = &trace->program->arch.dram;
    return dram->is_ideal ? CHANNEL_DATA + 1
                          : CHANNEL_BANKS + dram_channel_banks(&dram->device.geometry);
}

static unsigned channel_lane(const struct trace *trace, unsigned channel, unsigned lane)
{
    return LANE_COUNT + channel * channel_lanes(trace) + lane;
}

/* "DRAM bank 3", or where there are several channels "DRAM 1 bank 3". */
static void put_channel(struct trace *trace, unsigned channel, unsigned channels)
{
    char dram[24] = "DRAM", name[48];
    if (channels > 1)
        snprintf(dram, sizeof dram, "DRAM %u", channel);
    for (unsigned lane = 0; lane < channel_lanes(trace); lane++) {
        if (lane >= CHANNEL_BANKS)
            snprintf(name, sizeof name, "%s bank %u", dram, lane - CHANNEL_BANKS);
        else
            snprintf(name, sizeof name, "%s %s", dram, lane == CHANNEL_DATA ? "data" : "refresh");
        put_lane(trace, channel_lane(trace, channel, lane), name);
    }
}

static void put_metadata(struct trace *trace, bool has_dram)
{
#define LANE_NAME(id, name) name,
    static const char *const names[] = {LANES(LANE_NAME)};
#undef LANE_NAME
    const struct dram_config *dram = &trace->program->arch.dram;
    const unsigned channels = dram->is_ideal ? 1 : dram->device.geometry.channels;
    char model[2 * PROGRAM_NAME_SIZE], scheme[2 * PROGRAM_NAME_SIZE];
    escape(trace->program->model, model, sizeof model);
    escape(trace->program->scheme, scheme, sizeof scheme);
    put(trace,
        "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
        "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"%s %s\"}}",
        model, scheme);
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        if (lane != LANE_ARRAY2 || trace->program->arch.core_count > 1)
            put_lane(trace, lane, names[lane]);
    for (unsigned channel = 0; has_dram && channel < channels; channel++)
        put_channel(trace, channel, channels);
}

/* Begin an event, up to its arguments. Times are microseconds; whole picoseconds keep neighbours
 * from overlapping. */
static void put_event(struct trace *trace, unsigned lane, const char *name, uint64_t begin_ps,
                      uint64_t end_ps)
{
    const uint64_t us = 1000000, length = end_ps - begin_ps;
    put(trace,
        ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"name\":\"%s\",\"ts\":%" PRIu64 ".%06" PRIu64
        ",\"dur\":%" PRIu64 ".%06" PRIu64 ",\"args\":{",
        lane + 1, name, begin_ps / us, begin_ps % us, length / us, length % us);
}

static uint64_t cycle_ps(const struct trace *trace, uint64_t cycle)
{
    return (uint64_t)((double)cycle * (1e9 / trace->program->arch.clock_khz) + 0.5);
}

/* --- layers --- */

/* As reports have it: a layer lasts from the completion of all before it to its own. */
static void put_layers(struct trace *trace)
{
    uint64_t done = 0;
    for (uint32_t i = 0; i < trace->program->layer_count; i++) {
        const struct program_layer *layer = &trace->program->layers[i];
        char name[2 * PROGRAM_NAME_SIZE], op[2 * sizeof layer->op];
        const uint64_t end = trace->layer_end[i];
        if (end <= done)
            continue;
        escape(layer->name, name, sizeof name);
        escape(layer->op, op, sizeof op);
        put_event(trace, LANE_LAYER, name, cycle_ps(trace, done), cycle_ps(trace, end));
        put(trace,
            "\"op\":\"%s\",\"macs\":%" PRIu64 ",\"start_cycle\":%" PRIu64 ",\"end_cycle\":%" PRIu64
            "}}",
            op, layer->macs, done, end);
        done = end;
    }
}

/* --- instructions --- */

static void put_transfer(struct trace *trace, const struct transfer *transfer)
{
    const struct dram_tensor *tensor = &trace->program->tensors[transfer->tensor];
    char name[2 * PROGRAM_NAME_SIZE];
    escape(tensor->name, name, sizeof name);
    put(trace, "\"buffer\":\"%s@%u\",\"tensor\":\"%s\",\"elements\":%" PRIu64,
        scratchpad_name(transfer->pad), transfer->offset, name,
        (uint64_t)transfer->count_y * transfer->count_x * transfer->count_c);
}

static void put_matmul(struct trace *trace, const struct matmul *matmul)
{
    put(trace,
        "\"m\":%u,\"k\":%" PRIu64 ",\"n\":%u,\"groups\":%u,"
        "\"reads\":\"act@%u weight@%u\",\"%s\":\"acc@%u\"",
        matmul->out_h * matmul->out_w,
        (uint64_t)matmul->kernel_h * matmul->kernel_w * matmul->channels, matmul->n, matmul->groups,
        matmul->act_offset, matmul->weight_offset, matmul->accumulate ? "adds_to" : "writes",
        matmul->acc_offset);
}

static void put_vector(struct trace *trace, const struct vector *vector)
{
    const bool from_acc = vector->op == VECTOR_REQUANTISE;
    put(trace, "\"op\":\"%s\",\"reads\":\"%s@%u param@%u", vector_op_name(vector->op),
        from_acc ? "acc" : "act", from_acc ? vector->acc_offset : vector->act_offset,
        vector->param_offset);
    if (vector->has_residual)
        put(trace, " act@%u", vector->residual_offset);
    put(trace, "\",\"writes\":\"out@%u\"", vector->out_offset);
}

static void put_arguments(struct trace *trace, const struct instruction *instruction)
{
    switch ((enum opcode)instruction->opcode) {
    case OPCODE_LOAD:
    case OPCODE_STORE:
        put_transfer(trace, &instruction->transfer);
        return;
    case OPCODE_MATMUL:
        put_matmul(trace, &instruction->matmul);
        return;
    case OPCODE_VECTOR:
        put_vector(trace, &instruction->vector);
        return;
    case OPCODE_COUNT:
        break;
    }
    assert(!"no such opcode");
}

/* What the instruction moves or makes: its scratchpad or its unit, and which of TILE_KINDS. */
static unsigned tile_kind(const struct instruction *instruction, const char **name)
{
    enum unit unit = instruction_unit(instruction);
    if (unit == UNIT_LOAD || unit == UNIT_STORE) {
        *name = scratchpad_name(instruction->transfer.pad);
        return instruction->transfer.pad;
    }
    const bool is_matmul = instruction->opcode == OPCODE_MATMUL;
    *name = is_matmul ? "matmul" : vector_op_name(instruction->vector.op);
    return is_matmul ? TILE_ARRAY : TILE_VECTOR;
}

/* Events are named "layer kind tile", as "conv1 weight 3". */
void trace_event(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    struct trace *trace = context;
    const uint16_t layer = instruction->layer;
    const char *kind_name;
    const unsigned kind = tile_kind(instruction, &kind_name);
    char layer_name[2 * PROGRAM_NAME_SIZE], name[sizeof layer_name + 40];
    escape(trace->program->layers[layer].name, layer_name, sizeof layer_name);
    snprintf(name, sizeof name, "%s %s %u", layer_name, kind_name,
             trace->tiles[(size_t)layer * TILE_KINDS + kind]++);
    put_event(trace, LANE_LOAD + instruction_unit(instruction), name, cycle_ps(trace, start),
              cycle_ps(trace, end));
    put_arguments(trace, instruction);
    put(trace, ",\"instruction\":%u,\"start_cycle\":%" PRIu64 ",\"end_cycle\":%" PRIu64 "}}", index,
        start, end);
    if (trace->layer_end[layer] < end)
        trace->layer_end[layer] = end;
}

/* --- DRAM --- */

/* The tensor that holds a byte; requests come tensor by tensor. NULL where none does. */
static const struct dram_tensor *tensor_at(struct trace *trace, uint64_t address)
{
    const struct program *program = trace->program;
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        uint32_t at = (trace->tensor + i) % program->tensor_count;
        const struct dram_tensor *tensor = &program->tensors[at];
        if (address >= tensor->address && address - tensor->address < tensor_bytes(tensor)) {
            trace->tensor = at;
            return tensor;
        }
    }
    return NULL;
}

static void put_data(struct trace *trace, const struct dram_event *event, uint64_t begin_ps,
                     uint64_t end_ps)
{
    const struct dram_tensor *tensor = tensor_at(trace, event->address);
    char tensor_name[2 * PROGRAM_NAME_SIZE], name[sizeof tensor_name + 16];
    escape(tensor ? tensor->name : "", tensor_name, sizeof tensor_name);
    snprintf(name, sizeof name, "%s %s", dram_event_name(event->kind), tensor_name);
    put_event(trace, channel_lane(trace, event->channel, CHANNEL_DATA), name, begin_ps, end_ps);
    put(trace, "\"address\":%" PRIu64 ",\"bursts\":%" PRIu64 ",\"bank\":%u,\"row\":%" PRIu64 "}}",
        event->address, event->bursts, event->bank, event->row);
}

void trace_dram_event(void *context, const struct dram_event *event)
{
    struct trace *trace = context;
    const uint64_t period_ps = dram_config_clock_ps(&trace->program->arch.dram);
    const uint64_t begin = event->begin * period_ps, end = event->end * period_ps;
    const unsigned bank = channel_lane(trace, event->channel, CHANNEL_BANKS + event->bank);
    const unsigned refresh = channel_lane(trace, event->channel, CHANNEL_REFRESH);
    switch (event->kind) {
    case DRAM_EVENT_READ:
    case DRAM_EVENT_WRITE:
        put_data(trace, event, begin, end);
        return;
    case DRAM_EVENT_PRECHARGE:
        put_event(trace, bank, dram_event_name(event->kind), begin, end);
        put(trace, "}}");
        return;
    case DRAM_EVENT_ACTIVATE:
        put_event(trace, bank, dram_event_name(event->kind), begin, end);
        put(trace, "\"row\":%" PRIu64 "}}", event->row);
        return;
    case DRAM_EVENT_REFRESH:
        put_event(trace, refresh, dram_event_name(event->kind), begin, end);
        put(trace, "}}");
        return;
    case DRAM_EVENT_COUNT:
        break;
    }
    assert(!"no such event");
}

/* --- life --- */

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

struct trace *trace_open(const char *path, const struct program *program, bool has_dram,
                         struct err *err)
{
    struct trace *trace = allocate(1, sizeof *trace, err);
    if (!trace)
        return NULL;
    trace->program = program;
    trace->tiles = allocate((size_t)program->layer_count * TILE_KINDS, sizeof *trace->tiles, err);
    trace->layer_end = allocate(program->layer_count, sizeof *trace->layer_end, err);
    if (!trace->tiles || !trace->layer_end || !open_file(trace, path, err)) {
        trace_discard(trace);
        return NULL;
    }
    put_metadata(trace, has_dram);
    return trace;
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
    free(trace->layer_end);
    free(trace);
}

bool trace_close(struct trace *trace, struct err *err)
{
    put_layers(trace);
    bool ok = gzprintf(trace->file, "\n]}\n") > 0 && !trace->failed;
    ok = gzclose(trace->file) == Z_OK && ok;
    trace->file = NULL;
    ok = ok && !rename(trace->temporary, trace->path);
    if (!ok)
        err_set(err, "%s: cannot be written: %s", trace->path, strerror(errno ? errno : EIO));
    trace_discard(trace);
    return ok;
}
