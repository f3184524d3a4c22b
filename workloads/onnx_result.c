#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* One node being imported: what its rule makes of it. */

bool call_is_input(struct call *call, int input)
{
    struct symbol *target = call->inputs[input];
    call->output->alias = target;
    target->uses += call->output->uses - 1; /* whoever used the output now uses the target */
    return true;
}

bool call_is_constant(struct call *call, struct constant *constant)
{
    call->output->constant = constant;
    return constant;
}

struct constant *call_new_constant(struct call *call, bool is_float, int rank, const int64_t *dims)
{
    int64_t count;
    if (rank > GRAPH_MAX_RANK) {
        err_set(call->err, "result of rank %d; at most %d", rank, GRAPH_MAX_RANK);
        return NULL;
    }
    if (!shape_count(rank, dims, &count, call->err))
        return NULL;
    call->importer->fold_budget -= count + 1;
    if (call->importer->fold_budget < 0) {
        err_set(call->err, "constant folding makes far more elements than the file holds");
        return NULL;
    }
    return constant_new(is_float, rank, dims, call->err);
}

static bool grow(void **items, int count, int *capacity, size_t size, struct err *err)
{
    if (count < *capacity)
        return true;
    int larger = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(*items, (size_t)larger * size);
    if (!moved)
        return err_set(err, "not enough memory for %d graph entries", larger);
    *items = moved;
    *capacity = larger;
    return true;
}

int graph_add_value(struct importer *importer, const char *name, int rank, const int64_t *dims)
{
    struct graph *graph = importer->graph;
    char text[SHAPE_TEXT_SIZE];
    int64_t count;
    if (!shape_count(rank, dims, &count, importer->err))
        return -1;
    if (count == 0) {
        err_set(importer->err, "shape %s has a dimension of 0", shape_text(text, rank, dims));
        return -1;
    }
    void *values = graph->values;
    if (!grow(&values, graph->value_count, &importer->value_capacity, sizeof *graph->values,
              importer->err))
        return -1;
    graph->values = values;
    struct value *value = &graph->values[graph->value_count];
    *value = (struct value){.rank = rank};
    onnx_copy_name(value->name, name);
    memcpy(value->dims, dims, (size_t)rank * sizeof *dims);
    return graph->value_count++;
}

struct node call_node(const struct call *call, enum operator_type op)
{
    struct node node = {
        .op = op,
        .source_index = call->index,
        .input_count = 1,
        .inputs = {call->inputs[0]->value},
        .window = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .groups = 1},
    };
    onnx_module_name(call->name, op, node.name);
    for (int axis = 0; axis < GRAPH_MAX_RANK; axis++)
        node.slice_step[axis] = 1;
    return node;
}

static int append_node(struct call *call, const struct node *node, const char *output, int rank,
                       const int64_t *dims)
{
    struct graph *graph = call->importer->graph;
    int value = graph_add_value(call->importer, output, rank, dims);
    void *nodes = graph->nodes;
    if (value < 0 || !grow(&nodes, graph->node_count, &call->importer->node_capacity,
                           sizeof *graph->nodes, call->err))
        return -1;
    graph->nodes = nodes;
    graph->nodes[graph->node_count] = *node;
    graph->nodes[graph->node_count++].output = value;
    return value;
}

bool call_emit(struct call *call, const struct node *node, int rank, const int64_t *dims)
{
    call->output->value = append_node(call, node, call->output->name, rank, dims);
    call->output->node = call->importer->graph->node_count - 1;
    return call->output->value >= 0;
}

int call_emit_inner(struct call *call, const struct node *node, int rank, const int64_t *dims)
{
    char name[GRAPH_NAME_SIZE + 16];
    snprintf(name, sizeof name, "%s/%s", call->name, operator_name((int)node->op));
    return append_node(call, node, name, rank, dims);
}

static bool check_finite(const struct symbol *symbol, const float *data,
                         const struct constant *constant, struct err *err)
{
    int64_t bad = 0;
    while (bad < constant->count && isfinite(data[bad]))
        bad++;
    if (bad == constant->count)
        return true;
    const char *what = isnan(data[bad]) ? "NaN" : "infinite";
    int64_t place[GRAPH_MAX_RANK] = {0};
    for (int axis = constant->rank - 1; axis >= 0; axis--) {
        place[axis] = bad % constant->dims[axis];
        bad /= constant->dims[axis];
    }
    char name[GRAPH_NAME_SIZE], text[SHAPE_TEXT_SIZE];
    onnx_copy_name(name, symbol->name);
    return err_set(err, "%s \"%s\": element %s is %s",
                   symbol->definer == DEFINED_BY_INITIALIZER ? "initializer" : "constant", name,
                   shape_text(text, constant->rank, place), what);
}

/* The constant as it is: the graph takes its data, the constant keeps a view of them. */
static int share_weights(struct call *call, struct symbol *symbol, int rank, const int64_t *dims)
{
    struct constant *constant = symbol->constant;
    if (!check_finite(symbol, constant->floats, constant, call->err))
        return -1;
    int value = graph_add_value(call->importer, symbol->name, rank, dims);
    if (value < 0)
        return -1;
    call->importer->graph->values[value].data = constant->floats;
    constant->owned_by_graph = true;
    symbol->value = value;
    return value;
}

/* A changed copy goes by a name of its own, so that writing weights back never mistakes it for the
 * original. */
static int copy_weights(struct call *call, int input, float scale, int rank, const int64_t *dims)
{
    struct symbol *symbol = call->inputs[input];
    const struct constant *constant = symbol->constant;
    char name[GRAPH_NAME_SIZE + 32];
    snprintf(name, sizeof name, "%s/input %d", call->name, input);
    int value = graph_add_value(call->importer, name, rank, dims);
    if (value < 0)
        return -1;
    int64_t count = value_elements(&call->importer->graph->values[value]);
    float *data = allocate((size_t)count, sizeof *data, call->err);
    if (!data)
        return -1;
    call->importer->graph->values[value].data = data;
    for (int64_t i = 0; i < count; i++)
        data[i] = scale * constant->floats[i % constant->count];
    return check_finite(symbol, data, constant, call->err) ? value : -1;
}

static bool has_shape(const struct value *value, int rank, const int64_t *dims)
{
    return value->rank == rank && !memcmp(value->dims, dims, (size_t)rank * sizeof *dims);
}

int call_weights(struct call *call, int input, float scale, int rank, const int64_t *dims)
{
    struct symbol *symbol = call->inputs[input];
    const struct constant *constant = call_constant(call, input);
    int64_t count;
    if (!constant || !shape_count(rank, dims, &count, call->err))
        return -1;
    if (!constant->is_float || constant->count == 0) {
        call_wrong_input(call, input,
                         constant->count ? "holds integers; reals are needed" : "is empty");
        return -1;
    }
    bool as_is = scale == 1 && count == constant->count;
    if (as_is && symbol->value >= 0 &&
        has_shape(&call->importer->graph->values[symbol->value], rank, dims))
        return symbol->value;
    if (as_is && symbol->value < 0)
        return share_weights(call, symbol, rank, dims);
    call->importer->fold_budget -= count;
    if (call->importer->fold_budget < 0) {
        err_set(call->err, "constant folding makes far more elements than the file holds");
        return -1;
    }
    return copy_weights(call, input, scale, rank, dims);
}
