#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Constant folding: what operators do to constants. Exporters compute shapes, paddings and slice
 * bounds with operators; none of that is left in the graph. The table is at the end; the operators
 * that move elements are in onnx_constants_layout.c. */

static bool identity_fold(struct call *call)
{
    return call_is_input(call, 0);
}

static bool constant_fold(struct call *call)
{
    const Onnx__AttributeProto *value = call->proto->n_attribute ? call->proto->attribute[0] : NULL;
    if (!value || call->proto->n_attribute != 1)
        return err_set(call->err, "needs exactly one attribute");
    if (value->t)
        return call_is_constant(call, constant_from_tensor(value->t, call->err));
    bool is_list = !strcmp(value->name, "value_ints") || !strcmp(value->name, "value_floats");
    bool is_float = !strcmp(value->name, "value_float") || !strcmp(value->name, "value_floats");
    bool is_int = !strcmp(value->name, "value_int") || !strcmp(value->name, "value_ints");
    if (!is_float && !is_int)
        return err_set(call->err, "attribute value is not a tensor");
    int64_t count = is_float ? (int64_t)value->n_floats : (int64_t)value->n_ints;
    struct constant *result = call_new_constant(call, is_float, is_list ? 1 : 0, &count);
    if (!result)
        return false;
    if (is_float)
        memcpy(result->floats, is_list && count ? value->floats : &value->f,
               (size_t)result->count * sizeof(float));
    else
        memcpy(result->integers, is_list && count ? value->ints : &value->i,
               (size_t)result->count * sizeof(int64_t));
    return call_is_constant(call, result);
}

static bool constant_of_shape_fold(struct call *call)
{
    const Onnx__AttributeProto *attribute = call_attribute(call, "value");
    struct int_list dims;
    if (!call_int_list(call, 0, "", &dims))
        return false;
    struct constant *value = NULL;
    if (attribute && attribute->t) {
        value = constant_from_tensor(attribute->t, call->err);
        if (!value)
            return false;
    }
    bool is_float = !value || value->is_float;
    struct constant *result = NULL;
    if (value && value->count != 1)
        err_set(call->err, "attribute value holds %" PRId64 " elements, not 1", value->count);
    else
        result = call_new_constant(call, is_float, dims.count, dims.items);
    for (int64_t i = 0; result && value && i < result->count; i++)
        if (is_float)
            result->floats[i] = value->floats[0];
        else
            result->integers[i] = value->integers[0];
    constant_free(value);
    return call_is_constant(call, result);
}

/* Shape also takes activations: their shapes are known. start and end: from opset 15. */
static bool shape_fold(struct call *call)
{
    struct constant *constant;
    int64_t start, end;
    if (!symbol_constant(call->importer, call->inputs[0], &constant))
        return false;
    const struct value *value = constant ? NULL : call_activation(call, 0);
    const int64_t *dims = constant ? constant->dims : value->dims;
    int rank = constant ? constant->rank : value->rank;
    if (!call_attribute_int(call, "start", 0, &start) ||
        !call_attribute_int(call, "end", rank, &end))
        return false;
    start = start < 0 ? start + rank : start;
    end = end < 0 ? end + rank : end;
    start = start < 0 ? 0 : start > rank ? rank : start;
    end = end < start ? start : end > rank ? rank : end;
    int64_t length = end - start;
    int64_t copy[GRAPH_MAX_RANK];
    memcpy(copy, dims + start, (size_t)length * sizeof *dims);
    struct constant *result = call_new_constant(call, false, 1, &length);
    if (result)
        memcpy(result->integers, copy, (size_t)length * sizeof *copy);
    return call_is_constant(call, result);
}

/* Integers narrower than 64 bits would wrap; shape arithmetic never means that. */
static bool fits_type(int64_t number, int64_t type)
{
    switch (type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
        return number >= INT8_MIN && number <= INT8_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8:
        return number >= 0 && number <= UINT8_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT16:
        return number >= INT16_MIN && number <= INT16_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT16:
        return number >= 0 && number <= UINT16_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
        return number >= INT32_MIN && number <= INT32_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT32:
        return number >= 0 && number <= UINT32_MAX;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
    case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
        return true;
    default:
        return false;
    }
}

static bool to_integer(struct call *call, const struct constant *from, int64_t i, int64_t type,
                       int64_t *number)
{
    bool representable = true;
    if (from->is_float) /* 2^63 is the first float beyond int64 */
        representable =
            from->floats[i] >= -9223372036854775808.0f && from->floats[i] < 9223372036854775808.0f;
    if (representable)
        *number = from->is_float ? (int64_t)from->floats[i] : from->integers[i];
    if (representable && type == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
        *number = from->is_float ? from->floats[i] != 0 : *number != 0;
    if (!representable || !fits_type(*number, type))
        return err_set(call->err, "element %" PRId64 " cannot be cast to type %" PRId64, i, type);
    return true;
}

static bool cast_fold(struct call *call)
{
    const struct constant *from = call_constant(call, 0);
    int64_t type;
    if (!from || !call_attribute_int(call, "to", 0, &type))
        return false;
    bool is_float = tensor_is_real(&(Onnx__TensorProto){.data_type = (int32_t)type});
    struct constant *result = call_new_constant(call, is_float, from->rank, from->dims);
    for (int64_t i = 0; result && i < result->count; i++) {
        if (is_float) {
            result->floats[i] = from->is_float ? from->floats[i] : (float)from->integers[i];
        } else if (!to_integer(call, from, i, type, &result->integers[i])) {
            constant_free(result);
            result = NULL;
        }
    }
    return call_is_constant(call, result);
}

static float floor_real(float number)
{
    return floorf(number);
}

static float ceil_real(float number)
{
    return ceilf(number);
}

static float negate_real(float number)
{
    return -number;
}

static bool unary_fold(struct call *call, float (*real)(float), bool negates)
{
    const struct constant *from = call_constant(call, 0);
    struct constant *result =
        from ? call_new_constant(call, from->is_float, from->rank, from->dims) : NULL;
    for (int64_t i = 0; result && i < result->count; i++)
        if (from->is_float)
            result->floats[i] = real(from->floats[i]);
        else
            result->integers[i] =
                negates ? (int64_t)(0 - (uint64_t)from->integers[i]) : from->integers[i];
    return call_is_constant(call, result);
}

static bool floor_fold(struct call *call)
{
    return unary_fold(call, floor_real, false);
}

static bool ceil_fold(struct call *call)
{
    return unary_fold(call, ceil_real, false);
}

static bool negate_fold(struct call *call)
{
    return unary_fold(call, negate_real, true);
}

/* Count of start, start + delta, ... before limit. */
static bool range_count(struct call *call, double start, double limit, double delta, int64_t *count)
{
    double steps = ceil((limit - start) / delta);
    if (!(delta != 0) || !(steps < INT32_MAX))
        return err_set(call->err, "range %g..%g by %g is endless or too long", start, limit, delta);
    *count = steps > 0 ? (int64_t)steps : 0;
    return true;
}

static bool range_fold(struct call *call)
{
    const struct constant *bounds[3];
    double numbers[3];
    for (int i = 0; i < 3; i++) {
        bounds[i] = call_constant(call, i);
        if (!bounds[i])
            return false;
        if (bounds[i]->count != 1 || bounds[i]->is_float != bounds[0]->is_float)
            return err_set(call->err, "needs three scalars of one type");
        numbers[i] =
            bounds[i]->is_float ? (double)bounds[i]->floats[0] : (double)bounds[i]->integers[0];
    }
    int64_t count;
    if (!range_count(call, numbers[0], numbers[1], numbers[2], &count))
        return false;
    struct constant *result = call_new_constant(call, bounds[0]->is_float, 1, &count);
    for (int64_t i = 0; result && i < count; i++)
        if (result->is_float)
            result->floats[i] = bounds[0]->floats[0] + (float)i * bounds[2]->floats[0];
        else /* below limit, so no overflow for what doubles hold exactly; wraps defined otherwise
              */
            result->integers[i] = (int64_t)((uint64_t)bounds[0]->integers[0] +
                                            (uint64_t)i * (uint64_t)bounds[2]->integers[0]);
    return call_is_constant(call, result);
}

const struct onnx_rule onnx_constant_rules[] = {
    {"Constant", 0, 0, "value value_float value_floats value_int value_ints", constant_fold},
    {"ConstantOfShape", 1, 1, "value", constant_of_shape_fold},
    {"Shape", 1, 1, "end start", shape_fold},
    {"Identity", 1, 1, "", identity_fold},
    {"Dropout", 1, 3, "ratio seed", identity_fold},
    {"Cast", 1, 1, "saturate to", cast_fold},
    {"Floor", 1, 1, "", floor_fold},
    {"Ceil", 1, 1, "", ceil_fold},
    {"Neg", 1, 1, "", negate_fold},
    {"Add", 2, 2, "", fold_add},
    {"Sub", 2, 2, "", fold_subtract},
    {"Mul", 2, 2, "", fold_multiply},
    {"Div", 2, 2, "", fold_divide},
    {"Min", 2, 2, "", fold_minimum},
    {"Max", 2, 2, "", fold_maximum},
    {"Range", 3, 3, "", range_fold},
    {"Gather", 2, 2, "axis", fold_gather},
    {"Slice", 1, 5, "axes ends starts", fold_slice},
    {"Concat", 1, NODE_MAX_INPUTS, "axis", fold_concat},
    {"Transpose", 1, 1, "perm", fold_transpose},
    {"Reshape", 2, 2, "allowzero", fold_reshape},
    {"Squeeze", 1, 2, "axes", fold_squeeze},
    {"Unsqueeze", 1, 2, "axes", fold_unsqueeze},
    {NULL, 0, 0, NULL, NULL},
};
