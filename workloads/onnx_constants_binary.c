#include <math.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Arithmetic of two constants, broadcast as ONNX (and NumPy) does: shapes are aligned at their last
 * axes, and an axis of extent 1 repeats. */

enum arithmetic { ADDITION, SUBTRACTION, MULTIPLICATION, DIVISION, MINIMUM, MAXIMUM };

static float real_result(enum arithmetic operation, float a, float b)
{
    switch (operation) {
    case ADDITION:
        return a + b;
    case SUBTRACTION:
        return a - b;
    case MULTIPLICATION:
        return a * b;
    case DIVISION:
        return b == 0 ? (a == 0 || isnan(a) ? NAN : copysignf(INFINITY, a) * copysignf(1, b))
                      : a / b;
    case MINIMUM:
        return a < b ? a : b;
    case MAXIMUM:
        return a > b ? a : b;
    }
    return NAN;
}

/* False: overflow, or division by zero. Division truncates, as in C. */
static bool integer_result(enum arithmetic operation, int64_t a, int64_t b, int64_t *result)
{
    switch (operation) {
    case ADDITION:
        return !__builtin_add_overflow(a, b, result);
    case SUBTRACTION:
        return !__builtin_sub_overflow(a, b, result);
    case MULTIPLICATION:
        return !__builtin_mul_overflow(a, b, result);
    case DIVISION:
        if (b == 0 || (a == INT64_MIN && b == -1))
            return false;
        *result = a / b;
        return true;
    case MINIMUM:
        *result = a < b ? a : b;
        return true;
    case MAXIMUM:
        *result = a > b ? a : b;
        return true;
    }
    return false;
}

/* Extent of `axis`, counted from the end. */
static int64_t extent_from_end(const struct constant *constant, int axis)
{
    return axis < constant->rank ? constant->dims[constant->rank - 1 - axis] : 1;
}

static bool broadcast_shape(struct call *call, const struct constant *a, const struct constant *b,
                            struct shape *to)
{
    to->rank = a->rank > b->rank ? a->rank : b->rank;
    for (int axis = 0; axis < to->rank; axis++) {
        int64_t first = extent_from_end(a, axis), second = extent_from_end(b, axis);
        if (first != second && first != 1 && second != 1) {
            char left[SHAPE_TEXT_SIZE], right[SHAPE_TEXT_SIZE];
            return err_set(call->err, "shapes %s and %s do not broadcast",
                           shape_text(left, a->rank, a->dims), shape_text(right, b->rank, b->dims));
        }
        to->dims[to->rank - 1 - axis] = first == 1 ? second : first;
    }
    return true;
}

/* Where element `index` of the broadcast result lies in one operand. */
static int64_t operand_index(const struct constant *operand, const struct shape *result,
                             int64_t index)
{
    int64_t offset = 0, stride = 1;
    for (int axis = 0; axis < result->rank; axis++) {
        int64_t extent = extent_from_end(operand, axis);
        int64_t position = index % result->dims[result->rank - 1 - axis];
        index /= result->dims[result->rank - 1 - axis];
        if (extent != 1)
            offset += position * stride;
        stride *= extent;
    }
    return offset;
}

static bool compute(struct call *call, enum arithmetic operation, const struct constant *a,
                    const struct constant *b, const struct shape *shape, struct constant *result)
{
    for (int64_t i = 0; i < result->count; i++) {
        int64_t first = operand_index(a, shape, i), second = operand_index(b, shape, i);
        if (result->is_float)
            result->floats[i] = real_result(operation, a->floats[first], b->floats[second]);
        else if (!integer_result(operation, a->integers[first], b->integers[second],
                                 &result->integers[i]))
            return err_set(call->err, "overflow or division by zero in integer arithmetic");
    }
    return true;
}

static bool binary_fold(struct call *call, enum arithmetic operation)
{
    const struct constant *a = call_constant(call, 0), *b = a ? call_constant(call, 1) : NULL;
    struct shape shape;
    if (!b)
        return false;
    if (a->is_float != b->is_float)
        return err_set(call->err, "mixes integers and reals");
    if (!broadcast_shape(call, a, b, &shape))
        return false;
    struct constant *result = call_new_constant(call, a->is_float, shape.rank, shape.dims);
    if (result && !compute(call, operation, a, b, &shape, result)) {
        constant_free(result);
        result = NULL;
    }
    return call_is_constant(call, result);
}

#define BINARY_FOLDS(X)              \
    X(fold_add, ADDITION)            \
    X(fold_subtract, SUBTRACTION)    \
    X(fold_multiply, MULTIPLICATION) \
    X(fold_divide, DIVISION)         \
    X(fold_minimum, MINIMUM)         \
    X(fold_maximum, MAXIMUM)

#define BINARY_FOLD(name, operation)         \
    bool name(struct call *call)             \
    {                                        \
        return binary_fold(call, operation); \
    }
BINARY_FOLDS(BINARY_FOLD)
