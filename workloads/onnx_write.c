#include "workloads/onnx.h"

#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* The constant of the graph that was read from this initializer; NULL if there is none. */
static const struct value *find_constant(const struct graph *graph, const Onnx__TensorProto *tensor)
{
    char name[GRAPH_NAME_SIZE];
    onnx_copy_name(name, tensor->name ? tensor->name : "");
    for (int i = 0; i < graph->value_count; i++)
        if (graph->values[i].data && !strcmp(graph->values[i].name, name))
            return &graph->values[i];
    return NULL;
}

static void drop_data(Onnx__TensorProto *tensor)
{
    free(tensor->float_data);
    free(tensor->double_data);
    free(tensor->int32_data);
    free(tensor->raw_data.data);
    tensor->float_data = NULL;
    tensor->double_data = NULL;
    tensor->int32_data = NULL;
    tensor->n_float_data = tensor->n_double_data = tensor->n_int32_data = 0;
    tensor->raw_data = (ProtobufCBinaryData){0};
}

static bool replace(Onnx__TensorProto *tensor, const struct value *value, struct err *err)
{
    int64_t count;
    if (!shape_count((int)tensor->n_dims, tensor->dims, &count, err))
        return false;
    if (count != value_elements(value))
        return err_set(err, "initializer \"%s\": the graph's constant has another size",
                       value->name);
    size_t bytes = (size_t)count * sizeof *value->data;
    void *copy = allocate(bytes, 1, err);
    if (!copy)
        return false;
    memcpy(copy, value->data, bytes);
    drop_data(tensor);
    tensor->has_data_type = true;
    tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->has_raw_data = true;
    tensor->raw_data = (ProtobufCBinaryData){.len = bytes, .data = copy};
    return true;
}

static bool replace_all(Onnx__GraphProto *proto, const struct graph *graph, struct err *err)
{
    for (size_t i = 0; proto && i < proto->n_initializer; i++) {
        Onnx__TensorProto *tensor = proto->initializer[i];
        const struct value *value = tensor_is_real(tensor) ? find_constant(graph, tensor) : NULL;
        if (value && !replace(tensor, value, err))
            return false;
    }
    return true;
}

static bool pack(const Onnx__ModelProto *model, const char *path, struct err *err)
{
    size_t size = onnx__model_proto__get_packed_size(model);
    uint8_t *bytes = allocate(size, 1, err);
    if (!bytes)
        return false;
    onnx__model_proto__pack(model, bytes);
    bool ok = file_replace(path, bytes, size, err);
    free(bytes);
    return ok;
}

bool onnx_write_weights(const char *source, const struct graph *graph, const char *path,
                        struct err *err)
{
    size_t size;
    uint8_t *bytes = file_read(source, INT32_MAX, &size, err);
    if (!bytes)
        return false;
    Onnx__ModelProto *model = onnx_unpack(bytes, size, source, err);
    free(bytes);
    if (!model)
        return false;
    bool ok = replace_all(model->graph, graph, err);
    if (!ok)
        err_prefix(err, "%s", source);
    ok = ok && pack(model, path, err);
    onnx__model_proto__free_unpacked(model, NULL);
    return ok;
}
