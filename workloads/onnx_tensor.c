#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* ONNX's raw_data is little-endian, and is copied as it is. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "written for little-endian hosts");

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* X(type, C type of a raw_data element, conversion, where the elements are when not in raw_data) */
#define REAL_TYPES(X)                                \
    X(FLOAT, float, real_from_float, float_data)     \
    X(DOUBLE, double, real_from_double, double_data) \
    X(FLOAT16, uint16_t, real_from_half, int32_data) \
    X(BFLOAT16, uint16_t, real_from_bfloat, int32_data)

#define INTEGER_TYPES(X)                           \
    X(BOOL, uint8_t, integer_from, int32_data)     \
    X(UINT8, uint8_t, integer_from, int32_data)    \
    X(INT8, int8_t, integer_from, int32_data)      \
    X(UINT16, uint16_t, integer_from, int32_data)  \
    X(INT16, int16_t, integer_from, int32_data)    \
    X(INT32, int32_t, integer_from, int32_data)    \
    X(INT64, int64_t, integer_from, int64_data)    \
    X(UINT32, uint32_t, integer_from, uint64_data) \
    X(UINT64, uint64_t, integer_from, uint64_data)

bool shape_count(int rank, const int64_t *dims, int64_t *count, struct err *err)
{
    char text[SHAPE_TEXT_SIZE];
    *count = 1;
    for (int axis = 0; axis < rank; axis++) {
        if (dims[axis] < 0)
            return err_set(err, "shape %s has a negative dimension", shape_text(text, rank, dims));
        if (__builtin_mul_overflow(*count, dims[axis], count) || *count > INT32_MAX)
            return err_set(err, "shape %s has more than 2^31 elements",
                           shape_text(text, rank, dims));
    }
    return true;
}

const char *shape_text(char text[SHAPE_TEXT_SIZE], int rank, const int64_t *dims)
{
    size_t length = (size_t)snprintf(text, SHAPE_TEXT_SIZE, "[");
    for (int axis = 0; axis < rank && length < SHAPE_TEXT_SIZE; axis++)
        length += (size_t)snprintf(text + length, SHAPE_TEXT_SIZE - length, "%s%" PRId64,
                                   axis ? ", " : "", dims[axis]);
    if (length < SHAPE_TEXT_SIZE)
        snprintf(text + length, SHAPE_TEXT_SIZE - length, "]");
    return text;
}

struct constant *constant_new(bool is_float, int rank, const int64_t *dims, struct err *err)
{
    int64_t count;
    if (rank > GRAPH_MAX_RANK) {
        err_set(err, "a tensor of rank %d; at most %d", rank, GRAPH_MAX_RANK);
        return NULL;
    }
    if (!shape_count(rank, dims, &count, err))
        return NULL;
    struct constant *constant = allocate(1, sizeof *constant, err);
    if (!constant)
        return NULL;
    constant->is_float = is_float;
    constant->rank = rank;
    constant->count = count;
    if (rank)
        memcpy(constant->dims, dims, (size_t)rank * sizeof *dims);
    void *data = allocate((size_t)count, is_float ? sizeof(float) : sizeof(int64_t), err);
    if (!data) {
        free(constant);
        return NULL;
    }
    if (is_float)
        constant->floats = data;
    else
        constant->integers = data;
    return constant;
}

void constant_free(struct constant *constant)
{
    if (!constant)
        return;
    if (!constant->owned_by_graph)
        free(constant->floats);
    free(constant->integers);
    free(constant);
}

static float real_from_float(float number)
{
    return number;
}

/* Clamped before the conversion, which C leaves undefined beyond float's range. */
static float real_from_double(double number)
{
    if (fabs(number) > (double)3.4028234663852886e38f)
        return number > 0 ? INFINITY : -INFINITY;
    return (float)number;
}

/* IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
static float real_from_half(int32_t code)
{
    int exponent = code >> 10 & 31, fraction = code & 1023;
    float magnitude;
    if (exponent == 31)
        magnitude = fraction ? NAN : INFINITY;
    else if (exponent)
        magnitude = ldexpf((float)(1024 + fraction), exponent - 25);
    else
        magnitude = ldexpf((float)fraction, -24);
    return code >> 15 & 1 ? -magnitude : magnitude;
}

/* bfloat16 is the upper half of a float. */
static float real_from_bfloat(int32_t code)
{
    uint32_t bits = (uint32_t)code << 16;
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

#define integer_from(number) ((int64_t)(number))

bool tensor_is_real(const Onnx__TensorProto *tensor)
{
#define IS_TYPE(type, raw, convert, field) tensor->data_type == TYPE(type) ||
    return REAL_TYPES(IS_TYPE) false;
}

static bool tensor_is_integer(const Onnx__TensorProto *tensor)
{
    return INTEGER_TYPES(IS_TYPE) false;
#undef IS_TYPE
}

static bool wrong_size(int64_t expected, size_t found, const char *unit, struct err *err)
{
    return err_set(err, "its shape needs %" PRId64 " elements, its data holds %zu %s", expected,
                   found, unit);
}

/* Does the tensor hold exactly `count` elements? Checked before memory is taken for them. */
static bool data_fits(const Onnx__TensorProto *tensor, int64_t count, struct err *err)
{
#define CHECK_TYPE(type, raw, convert, field)                                           \
    case TYPE(type):                                                                    \
        if (tensor->has_raw_data) {                                                     \
            if (tensor->raw_data.len != (uint64_t)count * sizeof(raw))                  \
                return wrong_size(count, tensor->raw_data.len, "bytes of " #type, err); \
        } else if (tensor->n_##field != (uint64_t)count)                                \
            return wrong_size(count, tensor->n_##field, #type " in " #field, err);      \
        return true;
    switch (tensor->data_type) {
        REAL_TYPES(CHECK_TYPE)
        INTEGER_TYPES(CHECK_TYPE)
    }
#undef CHECK_TYPE
    return err_set(err, "has no data");
}

static void copy_data(const Onnx__TensorProto *tensor, struct constant *constant)
{
#define COPY_TYPE(type, raw, convert, field, target)                                 \
    case TYPE(type):                                                                 \
        for (int64_t i = 0; i < constant->count; i++) {                              \
            raw element = 0;                                                         \
            if (tensor->has_raw_data)                                                \
                memcpy(&element, tensor->raw_data.data + (size_t)i * sizeof element, \
                       sizeof element);                                              \
            else                                                                     \
                element = (raw)tensor->field[i];                                     \
            constant->target[i] = convert(element);                                  \
        }                                                                            \
        break;
#define COPY_REAL(type, raw, convert, field) COPY_TYPE(type, raw, convert, field, floats)
#define COPY_INTEGER(type, raw, convert, field) COPY_TYPE(type, raw, convert, field, integers)
    switch (tensor->data_type) {
        REAL_TYPES(COPY_REAL)
        INTEGER_TYPES(COPY_INTEGER)
    }
#undef COPY_INTEGER
#undef COPY_REAL
#undef COPY_TYPE
}

static bool tensor_readable(const Onnx__TensorProto *tensor, struct err *err)
{
    if ((tensor->has_data_location &&
         tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) ||
        tensor->n_external_data)
        return err_set(err, "its data lie in another file (external data); save the model with "
                            "its weights inside");
    if (tensor->segment)
        return err_set(err, "it is cut into segments, which is not supported");
    if (!tensor_is_real(tensor) && !tensor_is_integer(tensor))
        return err_set(err,
                       "its type is %d; supported: float, double, float16, bfloat16, bool and "
                       "integers",
                       (int)tensor->data_type);
    if (tensor->n_dims > GRAPH_MAX_RANK)
        return err_set(err, "its rank is %zu; at most %d", tensor->n_dims, GRAPH_MAX_RANK);
    int64_t count;
    return shape_count((int)tensor->n_dims, tensor->dims, &count, err) &&
           data_fits(tensor, count, err);
}

struct constant *constant_from_tensor(const Onnx__TensorProto *tensor, struct err *err)
{
    if (!tensor_readable(tensor, err))
        return NULL;
    struct constant *constant =
        constant_new(tensor_is_real(tensor), (int)tensor->n_dims, tensor->dims, err);
    if (constant)
        copy_data(tensor, constant);
    return constant;
}
