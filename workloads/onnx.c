#include "workloads/onnx.h"

#include <stdlib.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* Protobuf itself ends at 2 GiB. */
enum { ONNX_MAX_BYTES = INT32_MAX };

Onnx__ModelProto *onnx_unpack(const uint8_t *bytes, size_t size, const char *path, struct err *err)
{
    if (size > ONNX_MAX_BYTES) {
        err_set(err, "%s: %zu bytes; at most %d are read", path, size, ONNX_MAX_BYTES);
        return NULL;
    }
    if (!onnx_wire_check(bytes, size, err)) {
        err_prefix(err, "%s", path);
        return NULL;
    }
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, size, bytes);
    if (!model)
        err_set(err, "%s: not an ONNX file, or a damaged one", path);
    return model;
}

static struct graph *import(Onnx__ModelProto *model, size_t size, const char *path, struct err *err)
{
    if (!model)
        return NULL;
    struct graph *graph = onnx_import(model, size, err);
    onnx__model_proto__free_unpacked(model, NULL);
    if (!graph)
        err_prefix(err, "%s", path);
    return graph;
}

struct graph *onnx_decode(const uint8_t *bytes, size_t size, const char *path, struct err *err)
{
    return import(onnx_unpack(bytes, size, path, err), size, path, err);
}

struct graph *onnx_read(const char *path, struct err *err)
{
    size_t size;
    uint8_t *bytes = file_read(path, ONNX_MAX_BYTES, &size, err);
    if (!bytes)
        return NULL;
    Onnx__ModelProto *model = onnx_unpack(bytes, size, path, err);
    free(bytes);
    return import(model, size, path, err);
}
