/* ONNX models made in memory, field by field in protobuf's wire format and independently of the
 * reader's protobuf library, so that tests can make what no exporter writes. Field numbers are
 * those of onnx.proto. */
#ifndef MANTIS_TEST_ONNX_MODEL_H
#define MANTIS_TEST_ONNX_MODEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED_IS_FINE __attribute__((unused)) static

struct message {
    uint8_t *data;
    size_t size, capacity;
};

UNUSED_IS_FINE void put_raw(struct message *message, const void *bytes, size_t size)
{
    if (message->size + size > message->capacity) {
        message->capacity = 2 * (message->size + size) + 64;
        message->data = realloc(message->data, message->capacity);
        if (!message->data)
            abort();
    }
    if (size)
        memcpy(message->data + message->size, bytes, size);
    message->size += size;
}

UNUSED_IS_FINE void put_varint(struct message *message, uint64_t number)
{
    do {
        uint8_t byte = (uint8_t)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        put_raw(message, &byte, 1);
        number >>= 7;
    } while (number);
}

UNUSED_IS_FINE void put_int(struct message *message, int field, int64_t number)
{
    put_varint(message, (uint64_t)field << 3);
    put_varint(message, (uint64_t)number);
}

UNUSED_IS_FINE void put_bytes(struct message *message, int field, const void *bytes, size_t size)
{
    put_varint(message, (uint64_t)field << 3 | 2);
    put_varint(message, size);
    put_raw(message, bytes, size);
}

UNUSED_IS_FINE void put_text(struct message *message, int field, const char *text)
{
    put_bytes(message, field, text, strlen(text));
}

UNUSED_IS_FINE void put_float(struct message *message, int field, float number)
{
    put_varint(message, (uint64_t)field << 3 | 5);
    put_raw(message, &number, sizeof number);
}

/* Append `part` as a field and free it. */
UNUSED_IS_FINE void put_message(struct message *message, int field, struct message *part)
{
    put_bytes(message, field, part->data, part->size);
    free(part->data);
    *part = (struct message){0};
}

/* One string per space-separated word; "-" is an empty one (an input left out). */
UNUSED_IS_FINE void put_words(struct message *message, int field, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        put_bytes(message, field, words, length == 1 && *words == '-' ? 0 : length);
        words += length + (words[length] == ' ');
    }
}

enum { TYPE_FLOAT = 1, TYPE_INT64 = 7, TYPE_STRING = 8, TYPE_FLOAT16 = 10, TYPE_DOUBLE = 11 };

/* A TensorProto with raw data. */
UNUSED_IS_FINE struct message make_tensor(const char *name, int type, int rank, const int64_t *dims,
                                          const void *data, size_t size)
{
    struct message tensor = {0};
    for (int i = 0; i < rank; i++)
        put_int(&tensor, 1, dims[i]);
    put_int(&tensor, 2, type);
    if (name)
        put_text(&tensor, 8, name);
    put_bytes(&tensor, 9, data, size);
    return tensor;
}

/* Attributes: appended to the attribute list of one node. */
UNUSED_IS_FINE void attribute_ints(struct message *list, const char *name, int count,
                                   const int64_t *numbers)
{
    struct message attribute = {0};
    put_text(&attribute, 1, name);
    for (int i = 0; i < count; i++)
        put_int(&attribute, 8, numbers[i]);
    put_int(&attribute, 20, 7);
    put_message(list, 5, &attribute);
}

UNUSED_IS_FINE void attribute_int(struct message *list, const char *name, int64_t number)
{
    struct message attribute = {0};
    put_text(&attribute, 1, name);
    put_int(&attribute, 3, number);
    put_int(&attribute, 20, 2);
    put_message(list, 5, &attribute);
}

UNUSED_IS_FINE void attribute_float(struct message *list, const char *name, float number)
{
    struct message attribute = {0};
    put_text(&attribute, 1, name);
    put_float(&attribute, 2, number);
    put_int(&attribute, 20, 1);
    put_message(list, 5, &attribute);
}

UNUSED_IS_FINE void attribute_text(struct message *list, const char *name, const char *text)
{
    struct message attribute = {0};
    put_text(&attribute, 1, name);
    put_text(&attribute, 4, text);
    put_int(&attribute, 20, 3);
    put_message(list, 5, &attribute);
}

struct model {
    struct message graph;
    int opset;
};

/* attributes may be NULL; freed. */
UNUSED_IS_FINE void add_node(struct model *model, const char *op, const char *name,
                             const char *inputs, const char *outputs, struct message *attributes)
{
    struct message node = {0};
    put_words(&node, 1, inputs);
    put_words(&node, 2, outputs);
    put_text(&node, 3, name);
    put_text(&node, 4, op);
    if (attributes) {
        put_raw(&node, attributes->data, attributes->size);
        free(attributes->data);
        *attributes = (struct message){0};
    }
    put_message(&model->graph, 1, &node);
}

UNUSED_IS_FINE void add_floats(struct model *model, const char *name, int rank, const int64_t *dims,
                               const float *data, size_t count)
{
    struct message tensor = make_tensor(name, TYPE_FLOAT, rank, dims, data, count * sizeof *data);
    put_message(&model->graph, 5, &tensor);
}

/* Filled with small numbers that differ. */
UNUSED_IS_FINE void add_weights(struct model *model, const char *name, int rank,
                                const int64_t *dims)
{
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    float *data = malloc((count + 1) * sizeof *data);
    if (!data)
        abort();
    for (size_t i = 0; i < count; i++)
        data[i] = (float)(i % 17) / 16 - 0.5f;
    add_floats(model, name, rank, dims, data, count);
    free(data);
}

/* An int64 list, or a scalar where count is 0. */
UNUSED_IS_FINE void add_ints(struct model *model, const char *name, int count,
                             const int64_t *numbers)
{
    int64_t dims[] = {count};
    struct message tensor = make_tensor(name, TYPE_INT64, count ? 1 : 0, dims, numbers,
                                        (count ? (size_t)count : 1) * sizeof *numbers);
    put_message(&model->graph, 5, &tensor);
}

/* Input (field 11) or output (12). A dimension of -1 is the dynamic "N"; rank -1: no type at all.
 */
UNUSED_IS_FINE void add_info(struct model *model, int field, const char *name, int type, int rank,
                             const int64_t *dims)
{
    struct message info = {0}, holder = {0}, tensor = {0}, shape = {0};
    put_text(&info, 1, name);
    for (int i = 0; i < rank; i++) {
        struct message dim = {0};
        if (dims[i] == -1)
            put_text(&dim, 2, "N");
        else
            put_int(&dim, 1, dims[i]);
        put_message(&shape, 1, &dim);
    }
    if (rank >= 0) {
        put_int(&tensor, 1, type);
        put_message(&tensor, 2, &shape);
        put_message(&holder, 1, &tensor);
        put_message(&info, 2, &holder);
    }
    put_message(&model->graph, field, &info);
}

UNUSED_IS_FINE void add_image_input(struct model *model, int64_t channels, int64_t height,
                                    int64_t width)
{
    add_info(model, 11, "x", TYPE_FLOAT, 4, (int64_t[]){-1, channels, height, width});
}

UNUSED_IS_FINE void add_output(struct model *model, const char *name)
{
    add_info(model, 12, name, TYPE_FLOAT, -1, NULL);
}

/* The ModelProto; the caller frees its data. */
UNUSED_IS_FINE struct message finish_model(struct model *model)
{
    struct message bytes = {0}, opset = {0};
    put_int(&bytes, 1, 8);
    put_message(&bytes, 7, &model->graph);
    put_int(&opset, 2, model->opset ? model->opset : 13);
    put_message(&bytes, 8, &opset);
    return bytes;
}

#endif
