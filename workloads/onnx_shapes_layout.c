#include <inttypes.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* Operators that move elements without computing: reshaping, padding, slicing, concatenation. */

static struct shape shape_of(const struct value *value)
{
    struct shape shape = {.rank = value->rank};
    memcpy(shape.dims, value->dims, sizeof shape.dims);
    return shape;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->rank == b->rank && !memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims);
}

/* One row 1 x N, or a 1 x N x 1 x 1 image, whose layout is the same. */
static bool is_row(const struct shape *shape)
{
    if (shape->rank < 2 || shape->dims[0] != 1)
        return false;
    for (int axis = 2; axis < shape->rank; axis++)
        if (shape->dims[axis] != 1)
            return false;
    return true;
}

static bool emit_reshape(struct call *call, const struct shape *from, const struct shape *to)
{
    char before[SHAPE_TEXT_SIZE], after[SHAPE_TEXT_SIZE];
    if (same_shape(from, to))
        return call_is_input(call, 0);
    if (!is_row(to))
        return err_set(call->err, "reshapes %s to %s; only reshapes to one row are supported",
                       shape_text(before, from->rank, from->dims),
                       shape_text(after, to->rank, to->dims));
    struct node node = call_node(call, OPERATOR_FLATTEN);
    return call_emit(call, &node, to->rank, to->dims);
}

bool flatten_rule(struct call *call)
{
    struct shape from = shape_of(call_activation(call, 0)), to = {.rank = 2, .dims = {1, 1}};
    int64_t axis;
    if (!call_attribute_int(call, "axis", 1, &axis))
        return false;
    if (axis < -from.rank || axis > from.rank)
        return err_set(call->err, "axis %" PRId64 " is not in %d..%d", axis, -from.rank, from.rank);
    if (axis < 0)
        axis += from.rank;
    for (int i = 0; i < from.rank; i++)
        to.dims[i < axis ? 0 : 1] *= from.dims[i];
    return emit_reshape(call, &from, &to);
}

static bool reshape_by(struct call *call,
                       bool (*rule)(struct call *, const struct shape *, struct shape *))
{
    struct shape from = shape_of(call_activation(call, 0)), to = {0};
    return rule(call, &from, &to) && emit_reshape(call, &from, &to);
}

bool reshape_rule(struct call *call)
{
    return reshape_by(call, reshaped);
}

bool squeeze_rule(struct call *call)
{
    return reshape_by(call, squeezed);
}

bool unsqueeze_rule(struct call *call)
{
    return reshape_by(call, unsqueezed);
}

static bool check_pad_is_zero(struct call *call)
{
    char mode[32];
    float number;
    if (!call_attribute_text(call, "mode", "constant", mode) ||
        !call_float(call, 2, "value", 0, &number))
        return false;
    if (strcmp(mode, "constant") || number != 0)
        return err_set(call->err, "only padding with zeros is supported (mode constant, value 0)");
    return true;
}

enum { PAD_LIMIT = 65535 };

/* pads: all befores, then all afters, of the listed axes (input 3, from opset 18) or of all. */
static bool read_pads(struct call *call, int rank, struct node *node)
{
    struct int_list pads, axes;
    if (!call_int_list(call, 1, "pads", &pads) || !call_int_list(call, 3, "", &axes))
        return false;
    int count = axes.present ? axes.count : rank;
    if (pads.count != 2 * count)
        return err_set(call->err, "pads has %d entries for %d axes", pads.count, count);
    for (int i = 0; i < count; i++) {
        int axis;
        int64_t before = pads.items[i], after = pads.items[count + i];
        if (!call_axis(call, axes.present ? axes.items[i] : i, rank, &axis))
            return false;
        if (before < 0 || before > PAD_LIMIT || after < 0 || after > PAD_LIMIT)
            return err_set(call->err,
                           "pads %" PRId64 " and %" PRId64 " of axis %d are not in 0..%d", before,
                           after, axis, PAD_LIMIT);
        node->pad_before[axis] += before;
        node->pad_after[axis] += after;
    }
    return true;
}

bool pad_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_PAD);
    struct shape from = shape_of(call_activation(call, 0)), to = from;
    if (!check_pad_is_zero(call) || !read_pads(call, from.rank, &node))
        return false;
    for (int axis = 0; axis < from.rank; axis++)
        to.dims[axis] += node.pad_before[axis] + node.pad_after[axis];
    if (to.dims[0] != from.dims[0])
        return err_set(call->err, "cannot pad the batch (axis 0)");
    if (same_shape(&from, &to))
        return call_is_input(call, 0);
    return call_emit(call, &node, to.rank, to.dims);
}

bool slice_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_SLICE);
    struct shape from = shape_of(call_activation(call, 0)), to = from;
    struct slice_plan plan;
    if (!slice_planned(call, &from, &plan))
        return false;
    for (int axis = 0; axis < from.rank; axis++) {
        if (plan.step[axis] < 0)
            return err_set(call->err, "step %" PRId64 " on axis %d; only positive steps",
                           plan.step[axis], axis);
        node.slice_start[axis] = plan.start[axis];
        node.slice_step[axis] = plan.count[axis] > 1 ? plan.step[axis] : 1;
        to.dims[axis] = plan.count[axis];
    }
    if (same_shape(&from, &to))
        return call_is_input(call, 0);
    return call_emit(call, &node, to.rank, to.dims);
}

static bool concat_fits(const struct shape *first, const struct shape *next, int axis)
{
    if (first->rank != next->rank)
        return false;
    for (int i = 0; i < first->rank; i++)
        if (i != axis && first->dims[i] != next->dims[i])
            return false;
    return true;
}

bool concat_rule(struct call *call)
{
    struct node node = call_node(call, OPERATOR_CONCAT);
    const struct value *first = call_activation(call, 0);
    int64_t axis;
    if (!first || !call_attribute_int(call, "axis", 1, &axis) ||
        !call_axis(call, axis, first->rank, &node.axis))
        return false;
    if (node.axis == 0)
        return err_set(call->err, "cannot concatenate batches (axis 0)");
    if (call->input_count == 1)
        return call_is_input(call, 0);
    struct shape to = shape_of(first);
    for (int i = 1; i < call->input_count; i++) {
        const struct value *value = call_activation(call, i);
        if (!value)
            return false;
        struct shape next = shape_of(value);
        if (!concat_fits(&to, &next, node.axis)) {
            char before[SHAPE_TEXT_SIZE], after[SHAPE_TEXT_SIZE];
            return err_set(call->err, "shapes %s and %s do not fit side by side along axis %d",
                           shape_text(before, to.rank, to.dims),
                           shape_text(after, next.rank, next.dims), node.axis);
        }
        to.dims[node.axis] += next.dims[node.axis];
        node.inputs[i] = call->inputs[i]->value;
    }
    node.input_count = call->input_count;
    return call_emit(call, &node, to.rank, to.dims);
}
