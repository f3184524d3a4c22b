#include "workloads/onnx_import.h"

/* Is it safe to hand these bytes to protobuf-c? Its unpacker recurses into messages as deep as the
 * bytes say and allocates a structure of hundreds of bytes for a message of two, so a small hostile
 * file could exhaust stack or memory. This walk over the wire format (protobuf's encoding document)
 * follows the same descriptors, allocates nothing, bounds both, and refuses what the encoding does
 * not allow. */

enum {
    WIRE_VARINT = 0,
    WIRE_64_BITS = 1,
    WIRE_LENGTH = 2,
    WIRE_32_BITS = 5,
    WIRE_MAX_DEPTH = 32,
    WIRE_FIELD_COST = 48,       /* protobuf-c's own record of a field while it unpacks */
    WIRE_MEMORY_PER_BYTE = 8,   /* 1-byte varints of a packed list become int64 */
    WIRE_MEMORY_BASE = 64 << 20 /* what any file may use */
};

struct wire {
    const uint8_t *begin, *at, *end; /* of the whole file; next byte; end of the current message */
    uint64_t cost, limit;            /* bytes that unpacking will allocate */
    struct err *err;
};

static bool broken(const struct wire *wire, const char *what)
{
    return err_set(wire->err, "byte %td: %s; not an ONNX file, or a damaged one",
                   wire->at - wire->begin, what);
}

static bool read_varint(struct wire *wire, uint64_t *number)
{
    *number = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (wire->at == wire->end)
            return broken(wire, "a number is cut off");
        uint8_t byte = *wire->at++;
        if (shift < 63)
            *number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return broken(wire, "a number is longer than 64 bits");
}

static bool read_length(struct wire *wire, uint64_t *length)
{
    if (!read_varint(wire, length))
        return false;
    if (*length > (uint64_t)(wire->end - wire->at))
        return broken(wire, "a field reaches beyond the end");
    return true;
}

static bool skip_bytes(struct wire *wire, size_t count)
{
    if ((size_t)(wire->end - wire->at) < count)
        return broken(wire, "a field reaches beyond the end");
    wire->at += count;
    return true;
}

static bool charge(struct wire *wire, uint64_t bytes)
{
    wire->cost += bytes;
    if (wire->cost > wire->limit)
        return err_set(wire->err, "byte %td: unpacking takes far more memory than the file's size",
                       wire->at - wire->begin);
    return true;
}

static bool check_message(struct wire *wire, const ProtobufCMessageDescriptor *descriptor,
                          int depth);

static bool check_submessage(struct wire *wire, const ProtobufCFieldDescriptor *field,
                             uint64_t length, int depth)
{
    const uint8_t *outer_end = wire->end;
    wire->end = wire->at + length;
    if (!check_message(wire, field->descriptor, depth + 1))
        return false;
    wire->end = outer_end;
    return true;
}

static bool check_length_field(struct wire *wire, const ProtobufCFieldDescriptor *field, int depth)
{
    uint64_t length;
    if (!read_length(wire, &length))
        return false;
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_submessage(wire, field, length, depth);
    bool is_list = field && field->label == PROTOBUF_C_LABEL_REPEATED;
    wire->at += length;
    return charge(wire, is_list ? length * 8 : length);
}

/* protobuf-c merges a second occurrence of a single message into the first; no exporter writes
 * that. */
static bool check_once(struct wire *wire, const ProtobufCMessageDescriptor *descriptor,
                       const ProtobufCFieldDescriptor *field, uint64_t *seen)
{
    if (!field || field->type != PROTOBUF_C_TYPE_MESSAGE ||
        field->label == PROTOBUF_C_LABEL_REPEATED)
        return true;
    uint64_t bit = UINT64_C(1) << ((size_t)(field - descriptor->fields) & 63);
    if (*seen & bit)
        return broken(wire, "a field that can only be there once is there twice");
    *seen |= bit;
    return true;
}

static bool check_field(struct wire *wire, const ProtobufCMessageDescriptor *descriptor,
                        uint64_t *seen, int depth)
{
    uint64_t key, number;
    if (!read_varint(wire, &key))
        return false;
    if (key >> 3 == 0 || key >> 32)
        return broken(wire, "field number out of range");
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(key >> 3));
    if (!charge(wire, WIRE_FIELD_COST) || !check_once(wire, descriptor, field, seen))
        return false;
    switch (key & 7) {
    case WIRE_VARINT:
        return read_varint(wire, &number);
    case WIRE_64_BITS:
        return skip_bytes(wire, 8);
    case WIRE_LENGTH:
        return check_length_field(wire, field, depth);
    case WIRE_32_BITS:
        return skip_bytes(wire, 4);
    default:
        return broken(wire, "unknown wire type");
    }
}

static bool check_message(struct wire *wire, const ProtobufCMessageDescriptor *descriptor,
                          int depth)
{
    if (depth > WIRE_MAX_DEPTH)
        return err_set(wire->err, "byte %td: messages nested more than %d deep",
                       wire->at - wire->begin, WIRE_MAX_DEPTH);
    if (!charge(wire, descriptor->sizeof_message))
        return false;
    uint64_t seen = 0;
    while (wire->at < wire->end)
        if (!check_field(wire, descriptor, &seen, depth))
            return false;
    return true;
}

bool onnx_wire_check(const uint8_t *bytes, size_t size, struct err *err)
{
    struct wire wire = {
        .begin = bytes,
        .at = bytes,
        .end = bytes + size,
        .limit = WIRE_MEMORY_BASE + (uint64_t)size * WIRE_MEMORY_PER_BYTE,
        .err = err,
    };
    return check_message(&wire, &onnx__model_proto__descriptor, 0);
}
