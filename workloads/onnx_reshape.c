#include <inttypes.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Shape arithmetic that is the same for constants and for activations. */

static bool elements_differ(struct call *call, const struct shape *from, const struct shape *to)
{
    char before[SHAPE_TEXT_SIZE], after[SHAPE_TEXT_SIZE];
    return err_set(call->err, "cannot reshape %s to %s", shape_text(before, from->rank, from->dims),
                   shape_text(after, to->rank, to->dims));
}

/* ONNX Reshape: 0 copies the input's dimension (unless allowzero), one -1 takes what is left. */
bool reshaped(struct call *call, const struct shape *from, struct shape *to)
{
    struct int_list list;
    int64_t allow_zero, known = 1, total;
    int inferred = -1;
    if (!call_int_list(call, 1, "shape", &list) ||
        !call_attribute_int(call, "allowzero", 0, &allow_zero))
        return false;
    if (list.count > GRAPH_MAX_RANK)
        return err_set(call->err, "shape of rank %d; at most %d", list.count, GRAPH_MAX_RANK);
    to->rank = list.count;
    for (int axis = 0; axis < list.count; axis++) {
        to->dims[axis] = list.items[axis];
        if (list.items[axis] == 0 && !allow_zero && axis < from->rank)
            to->dims[axis] = from->dims[axis];
        bool is_inferred = to->dims[axis] == -1;
        if ((is_inferred && inferred >= 0) || to->dims[axis] < -1 ||
            (!is_inferred && __builtin_mul_overflow(known, to->dims[axis], &known)))
            return elements_differ(call, from, to);
        if (is_inferred)
            inferred = axis;
    }
    if (!shape_count(from->rank, from->dims, &total, call->err))
        return false;
    if (inferred >= 0 && (known == 0 || total % known))
        return elements_differ(call, from, to);
    if (inferred >= 0)
        to->dims[inferred] = total / known;
    else if (known != total)
        return elements_differ(call, from, to);
    return true;
}

/* Mark the listed axes of a tensor of `rank`; each at most once. */
static bool mark_axes(struct call *call, const struct int_list *list, int rank,
                      bool marked[2 * GRAPH_MAX_RANK])
{
    for (int i = 0; i < list->count; i++) {
        int axis;
        if (!call_axis(call, list->items[i], rank, &axis))
            return false;
        if (marked[axis])
            return err_set(call->err, "axis %d is listed twice", axis);
        marked[axis] = true;
    }
    return true;
}

/* ONNX Squeeze: drop the listed axes, or all of extent 1 where none is listed. */
bool squeezed(struct call *call, const struct shape *from, struct shape *to)
{
    struct int_list axes;
    bool dropped[2 * GRAPH_MAX_RANK] = {false};
    if (!call_int_list(call, 1, "axes", &axes) || !mark_axes(call, &axes, from->rank, dropped))
        return false;
    *to = (struct shape){0};
    for (int axis = 0; axis < from->rank; axis++) {
        if (dropped[axis] && from->dims[axis] != 1)
            return err_set(call->err, "axis %d has extent %" PRId64 ", only 1 can be squeezed",
                           axis, from->dims[axis]);
        if (axes.present ? dropped[axis] : from->dims[axis] == 1)
            continue;
        to->dims[to->rank++] = from->dims[axis];
    }
    return true;
}

/* ONNX Unsqueeze: the listed axes of the result are new, of extent 1. */
bool unsqueezed(struct call *call, const struct shape *from, struct shape *to)
{
    struct int_list axes;
    bool added[2 * GRAPH_MAX_RANK] = {false};
    if (!call_int_list(call, 1, "axes", &axes))
        return false;
    int rank = from->rank + axes.count;
    if (rank > GRAPH_MAX_RANK)
        return err_set(call->err, "result of rank %d; at most %d", rank, GRAPH_MAX_RANK);
    if (!mark_axes(call, &axes, rank, added))
        return false;
    to->rank = rank;
    for (int axis = 0, source = 0; axis < rank; axis++)
        to->dims[axis] = added[axis] ? 1 : from->dims[source++];
    return true;
}

static int64_t clamp(int64_t number, int64_t low, int64_t high)
{
    return number < low ? low : number > high ? high : number;
}

/* ONNX Slice, one axis: negative positions count from the end; start is clamped to 0..dim (step >
 * 0) or 0..dim-1 (step < 0), end to 0..dim or -1..dim-1. */
static void slice_axis(int64_t dim, int64_t start, int64_t end, int64_t step,
                       struct slice_plan *plan, int axis)
{
    if (step < -INT64_MAX)
        step = -INT64_MAX;
    start = start < 0 ? start + dim : start;
    end = end < 0 ? end + dim : end;
    int64_t distance;
    if (step > 0) {
        start = clamp(start, 0, dim);
        distance = clamp(end, 0, dim) - start;
    } else {
        start = clamp(start, 0, dim - 1);
        distance = start - clamp(end, -1, dim - 1);
    }
    plan->start[axis] = start;
    plan->step[axis] = step;
    plan->count[axis] =
        distance > 0 && dim > 0 ? (distance - 1) / (step > 0 ? step : -step) + 1 : 0;
}

/* Starts, ends, axes, steps: attributes up to opset 9 (no steps), inputs 1..4 from opset 10. */
bool slice_planned(struct call *call, const struct shape *from, struct slice_plan *plan)
{
    struct int_list starts, ends, axes, steps;
    if (!call_int_list(call, 1, "starts", &starts) || !call_int_list(call, 2, "ends", &ends) ||
        !call_int_list(call, 3, "axes", &axes) || !call_int_list(call, 4, "steps", &steps))
        return false;
    if (!starts.present || starts.count != ends.count ||
        (axes.present && axes.count != starts.count) ||
        (steps.present && steps.count != starts.count))
        return err_set(call->err, "starts, ends, axes and steps differ in length: %d, %d, %d, %d",
                       starts.count, ends.count, axes.count, steps.count);
    bool seen[2 * GRAPH_MAX_RANK] = {false};
    if (axes.present && !mark_axes(call, &axes, from->rank, seen))
        return false;
    for (int axis = 0; axis < from->rank; axis++)
        slice_axis(from->dims[axis], 0, from->dims[axis], 1, plan, axis);
    for (int i = 0; i < starts.count; i++) {
        int axis;
        if (!call_axis(call, axes.present ? axes.items[i] : i, from->rank, &axis))
            return false;
        int64_t step = steps.present ? steps.items[i] : 1;
        if (step == 0)
            return err_set(call->err, "step 0 on axis %d", axis);
        slice_axis(from->dims[axis], starts.items[i], ends.items[i], step, plan, axis);
    }
    return true;
}
