#include <inttypes.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Constant folding of the operators that move elements. */

static struct shape shape_of(const struct constant *constant)
{
    struct shape shape = {.rank = constant->rank};
    memcpy(shape.dims, constant->dims, sizeof shape.dims);
    return shape;
}

static int64_t product(const int64_t *dims, int from, int to)
{
    int64_t result = 1;
    for (int axis = from; axis < to; axis++)
        result *= dims[axis];
    return result;
}

static void copy_elements(struct constant *to, int64_t at, const struct constant *from,
                          int64_t source, int64_t count)
{
    if (count <= 0)
        return;
    if (to->is_float)
        memcpy(to->floats + at, from->floats + source, (size_t)count * sizeof *to->floats);
    else
        memcpy(to->integers + at, from->integers + source, (size_t)count * sizeof *to->integers);
}

/* to[coordinates] = from[base + sum of coordinate x stride]. */
static void copy_strided(struct constant *to, const struct constant *from, int64_t base,
                         const int64_t strides[GRAPH_MAX_RANK])
{
    for (int64_t i = 0; i < to->count; i++) {
        int64_t rest = i, source = base;
        for (int axis = to->rank - 1; axis >= 0; axis--) {
            source += rest % to->dims[axis] * strides[axis];
            rest /= to->dims[axis];
        }
        copy_elements(to, i, from, source, 1);
    }
}

bool fold_slice(struct call *call)
{
    const struct constant *from = call_constant(call, 0);
    struct slice_plan plan;
    if (!from)
        return false;
    struct shape shape = shape_of(from);
    if (!slice_planned(call, &shape, &plan))
        return false;
    int64_t base = 0, strides[GRAPH_MAX_RANK];
    for (int axis = 0; axis < shape.rank; axis++) {
        int64_t stride = product(shape.dims, axis + 1, shape.rank);
        base += plan.start[axis] * stride;
        strides[axis] = plan.count[axis] > 1 ? plan.step[axis] * stride : 0;
    }
    struct constant *result = call_new_constant(call, from->is_float, shape.rank, plan.count);
    if (result)
        copy_strided(result, from, base, strides);
    return call_is_constant(call, result);
}

bool fold_transpose(struct call *call)
{
    const struct constant *from = call_constant(call, 0);
    struct int_list perm;
    if (!from || !call_int_list(call, -1, "perm", &perm))
        return false;
    if (perm.present && perm.count != from->rank)
        return err_set(call->err, "perm has %d entries for rank %d", perm.count, from->rank);
    int64_t dims[GRAPH_MAX_RANK], strides[GRAPH_MAX_RANK];
    unsigned seen = 0;
    for (int axis = 0; axis < from->rank; axis++) {
        int source;
        if (!call_axis(call, perm.present ? perm.items[axis] : from->rank - 1 - axis, from->rank,
                       &source))
            return false;
        if (seen >> source & 1)
            return err_set(call->err, "perm lists axis %d twice", source);
        seen |= 1u << source;
        dims[axis] = from->dims[source];
        strides[axis] = product(from->dims, source + 1, from->rank);
    }
    struct constant *result = call_new_constant(call, from->is_float, from->rank, dims);
    if (result)
        copy_strided(result, from, 0, strides);
    return call_is_constant(call, result);
}

/* The same elements in another shape. */
static bool reshape_by(struct call *call,
                       bool (*rule)(struct call *, const struct shape *, struct shape *))
{
    const struct constant *from = call_constant(call, 0);
    struct shape to = {0};
    if (!from)
        return false;
    struct shape shape = shape_of(from);
    if (!rule(call, &shape, &to))
        return false;
    struct constant *result = call_new_constant(call, from->is_float, to.rank, to.dims);
    if (result)
        copy_elements(result, 0, from, 0, result->count);
    return call_is_constant(call, result);
}

bool fold_reshape(struct call *call)
{
    return reshape_by(call, reshaped);
}

bool fold_squeeze(struct call *call)
{
    return reshape_by(call, squeezed);
}

bool fold_unsqueeze(struct call *call)
{
    return reshape_by(call, unsqueezed);
}

static bool check_indices(struct call *call, const struct constant *indices, int64_t extent)
{
    if (indices->is_float)
        return err_set(call->err, "indices are not integers");
    for (int64_t i = 0; i < indices->count; i++)
        if (indices->integers[i] < -extent || indices->integers[i] >= extent)
            return err_set(call->err, "index %" PRId64 " is not in %" PRId64 "..%" PRId64,
                           indices->integers[i], -extent, extent - 1);
    return true;
}

/* ONNX Gather: the axis gives way to the axes of the indices. */
bool fold_gather(struct call *call)
{
    const struct constant *from = call_constant(call, 0);
    const struct constant *indices = from ? call_constant(call, 1) : NULL;
    int64_t wanted;
    int axis;
    if (!indices || !call_attribute_int(call, "axis", 0, &wanted) ||
        !call_axis(call, wanted, from->rank, &axis) ||
        !check_indices(call, indices, from->dims[axis]))
        return false;
    int64_t dims[2 * GRAPH_MAX_RANK];
    int rank = 0;
    for (int i = 0; i < axis; i++)
        dims[rank++] = from->dims[i];
    for (int i = 0; i < indices->rank; i++)
        dims[rank++] = indices->dims[i];
    for (int i = axis + 1; i < from->rank; i++)
        dims[rank++] = from->dims[i];
    struct constant *result = call_new_constant(call, from->is_float, rank, dims);
    if (!result)
        return false;
    int64_t outer = product(from->dims, 0, axis), inner = product(from->dims, axis + 1, from->rank);
    for (int64_t i = 0; result->count && i < outer * indices->count; i++) {
        int64_t index = indices->integers[i % indices->count];
        index += index < 0 ? from->dims[axis] : 0;
        copy_elements(result, i * inner, from,
                      (i / indices->count * from->dims[axis] + index) * inner, inner);
    }
    return call_is_constant(call, result);
}

/* The shape of all inputs side by side along `axis`. */
static bool concat_shape(struct call *call, int axis, const struct constant *first, int64_t *dims)
{
    memcpy(dims, first->dims, sizeof first->dims);
    for (int i = 1; i < call->input_count; i++) {
        const struct constant *next = call_constant(call, i);
        if (!next)
            return false;
        bool fits = next->rank == first->rank && next->is_float == first->is_float;
        for (int k = 0; fits && k < first->rank; k++)
            fits = k == axis || next->dims[k] == first->dims[k];
        if (!fits)
            return err_set(call->err, "input %d differs in shape or type from input 0", i);
        dims[axis] += next->dims[axis];
    }
    return true;
}

bool fold_concat(struct call *call)
{
    const struct constant *first = call_constant(call, 0);
    int64_t wanted, dims[GRAPH_MAX_RANK];
    int axis;
    if (!first || !call_attribute_int(call, "axis", 1, &wanted) ||
        !call_axis(call, wanted, first->rank, &axis) || !concat_shape(call, axis, first, dims))
        return false;
    struct constant *result = call_new_constant(call, first->is_float, first->rank, dims);
    if (!result)
        return false;
    int64_t outer = product(dims, 0, axis), inner = product(dims, axis + 1, first->rank), at = 0;
    for (int64_t block = 0; result->count && block < outer; block++)
        for (int i = 0; i < call->input_count; i++) {
            const struct constant *part = call_constant(call, i);
            int64_t length = part->dims[axis] * inner;
            copy_elements(result, at, part, block * length, length);
            at += length;
        }
    return call_is_constant(call, result);
}
