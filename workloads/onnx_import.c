#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* The driver: opset, input and output, then node after node. */

static bool find_opset(struct importer *importer, const Onnx__ModelProto *model)
{
    importer->opset = 0;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = model->opset_import[i]->domain;
        if (!domain || !*domain || !strcmp(domain, "ai.onnx"))
            importer->opset = model->opset_import[i]->version;
    }
    if (importer->opset < ONNX_OPSET_LOWEST || importer->opset > ONNX_OPSET_HIGHEST)
        return err_set(importer->err, "operator set %" PRId64 " is not in %d..%d", importer->opset,
                       ONNX_OPSET_LOWEST, ONNX_OPSET_HIGHEST);
    return true;
}

/* One dimension of the input. The batch may be dynamic, and is then 1. */
static bool read_dim(const Onnx__TensorShapeProto__Dimension *dim, int axis, int64_t *extent,
                     struct err *err)
{
    bool is_known = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
                    dim->dim_value > 0;
    *extent = is_known ? dim->dim_value : 1;
    if (is_known && axis == 0 && *extent != 1)
        return err_set(err,
                       "its batch is fixed at %" PRId64 "; export with batch 1 or a dynamic one",
                       *extent);
    if (!is_known && axis > 0)
        return err_set(err, "dimension %d is not fixed; only the batch (0) may be dynamic", axis);
    return true;
}

static bool read_input_shape(const Onnx__ValueInfoProto *info, struct shape *shape, struct err *err)
{
    const Onnx__TypeProto *type = info->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type ||
        !type->tensor_type->shape)
        return err_set(err, "has no tensor shape");
    if (type->tensor_type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        return err_set(err, "has element type %d; only float (1) is supported",
                       (int)type->tensor_type->elem_type);
    const Onnx__TensorShapeProto *dims = type->tensor_type->shape;
    if (dims->n_dim != 4 && dims->n_dim != 2)
        return err_set(err,
                       "has rank %zu; 4 (batch, channels, height, width) or 2 (batch, "
                       "features) is needed",
                       dims->n_dim);
    shape->rank = (int)dims->n_dim;
    for (int axis = 0; axis < shape->rank; axis++)
        if (!read_dim(dims->dim[axis], axis, &shape->dims[axis], err))
            return false;
    return true;
}

static bool find_input(struct importer *importer)
{
    struct symbol *input = NULL;
    int inputs = 0;
    for (int i = 0; i < importer->symbols.count; i++)
        if (importer->symbols.symbols[i].definer == DEFINED_BY_INPUT && ++inputs == 1)
            input = &importer->symbols.symbols[i];
    if (inputs != 1)
        return err_set(importer->err, "the network has %d inputs; exactly 1 is supported", inputs);
    struct shape shape = {0};
    if (read_input_shape(importer->proto->input[input->index], &shape, importer->err))
        input->value = graph_add_value(importer, input->name, shape.rank, shape.dims);
    if (input->value < 0) {
        char name[GRAPH_NAME_SIZE];
        onnx_copy_name(name, input->name);
        return err_prefix(importer->err, "input \"%s\"", name);
    }
    importer->graph->input = input->value;
    return true;
}

static bool find_output(struct importer *importer)
{
    const Onnx__GraphProto *proto = importer->proto;
    if (proto->n_output != 1)
        return err_set(importer->err, "the network has %zu outputs; exactly 1 is supported",
                       proto->n_output);
    const char *name = proto->output[0]->name ? proto->output[0]->name : "";
    char shown[GRAPH_NAME_SIZE];
    onnx_copy_name(shown, name);
    importer->output = symbols_find(&importer->symbols, name);
    if (!importer->output)
        return err_set(importer->err, "output \"%s\" is defined by no node", shown);
    return true;
}

static struct symbol *resolve(struct symbol *symbol)
{
    while (symbol->alias)
        symbol = symbol->alias;
    return symbol;
}

/* Absent inputs at the end do not count. */
static bool gather_inputs(struct call *call)
{
    size_t count = call->proto->n_input;
    while (count && !*call->proto->input[count - 1])
        count--;
    if (count > NODE_MAX_INPUTS)
        return err_set(call->err, "has %zu inputs; at most %d", count, NODE_MAX_INPUTS);
    call->input_count = (int)count;
    for (int i = 0; i < call->input_count; i++) {
        const char *name = call->proto->input[i];
        if (!*name)
            continue;
        struct symbol *symbol = resolve(symbols_find(&call->importer->symbols, name));
        call->inputs[i] = symbol;
        if (symbol->value < 0 && !symbol->constant && symbol->definer != DEFINED_BY_INITIALIZER)
            return call_wrong_input(call, i,
                                    "is a secondary output of its node, which is not "
                                    "supported");
    }
    return true;
}

static bool all_constant(const struct call *call)
{
    for (int i = 0; i < call->input_count; i++)
        if (call->inputs[i] && !call->inputs[i]->constant &&
            call->inputs[i]->definer != DEFINED_BY_INITIALIZER)
            return false;
    return true;
}

static bool unknown_operator(struct call *call, const char *op)
{
    char shown[GRAPH_NAME_SIZE], list[sizeof call->err->text] = "";
    size_t length = 0;
    for (const struct onnx_rule *rule = onnx_shape_rules; rule->op; rule++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
                                   rule == onnx_shape_rules ? "" : ", ", rule->op);
    onnx_copy_name(shown, op);
    return err_set(call->err, "operator %.40s is not supported; supported: %s", shown, list);
}

static bool check_arity(struct call *call, const struct onnx_rule *rule)
{
    if (call->input_count < rule->inputs_least || call->input_count > rule->inputs_most)
        return err_set(call->err, "has %d inputs; %s takes %d..%d", call->input_count, rule->op,
                       rule->inputs_least, rule->inputs_most);
    for (int i = 0; i < rule->inputs_least; i++)
        if (!call_has(call, i))
            return err_set(call->err, "input %d is missing", i);
    return true;
}

static const struct onnx_rule *choose_rule(struct call *call)
{
    const char *op = call->proto->op_type ? call->proto->op_type : "";
    const char *domain = call->proto->domain ? call->proto->domain : "";
    const struct onnx_rule *fold = onnx_rule_find(onnx_constant_rules, op);
    const struct onnx_rule *rule = onnx_rule_find(onnx_shape_rules, op);
    if ((*domain && strcmp(domain, "ai.onnx")) || (!fold && !rule)) {
        unknown_operator(call, op);
        return NULL;
    }
    if (fold && (all_constant(call) || !strcmp(op, "Shape")))
        return fold;
    if (!rule)
        err_set(call->err, "operator %s is supported on constants only, and its input is not one",
                op);
    return rule;
}

/* Rules for activations find theirs in input 0; Add, which commutes, looks for itself. */
static bool apply_rule(struct call *call)
{
    const struct onnx_rule *rule = choose_rule(call);
    if (!rule || !check_arity(call, rule) || !call_attributes_legal(call, rule->attributes))
        return false;
    bool is_fold = rule == onnx_rule_find(onnx_constant_rules, rule->op);
    if (!is_fold && rule->apply != add_rule && !call_activation(call, 0))
        return false;
    return rule->apply(call);
}

static bool import_node(struct importer *importer, int index)
{
    const Onnx__NodeProto *proto = importer->proto->node[index];
    struct call call = {.importer = importer, .proto = proto, .index = index, .err = importer->err};
    onnx_node_name(proto, index, call.name);
    bool ok;
    if (!proto->n_output || !*proto->output[0])
        ok = err_set(importer->err, "has no first output");
    else {
        call.output = symbols_find(&importer->symbols, proto->output[0]);
        ok = gather_inputs(&call) && apply_rule(&call);
    }
    return ok || onnx_prefix_node(importer->proto, index, importer->err);
}

static bool import_nodes(struct importer *importer)
{
    int count;
    int *order = onnx_order(importer, &count);
    if (!order)
        return false;
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = import_node(importer, order[i]);
    free(order);
    if (!ok)
        return false;
    const struct symbol *output = resolve(importer->output);
    if (output->node < 0)
        return err_set(importer->err, "the output is not computed from the input");
    importer->graph->output = output->value;
    return true;
}

/* Is graph->input among what the kept nodes read? Marks the values in use on the way, from the
 * output back. */
static bool mark_used(const struct graph *graph, bool *used)
{
    used[graph->output] = true;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        const struct node *node = &graph->nodes[i];
        for (int k = 0; used[node->output] && k < node->input_count; k++)
            if (node->inputs[k] >= 0)
                used[node->inputs[k]] = true;
    }
    return used[graph->input];
}

static void drop_unused(struct graph *graph, const bool *used, int *moved)
{
    int nodes = 0, values = 0;
    for (int i = 0; i < graph->node_count; i++)
        if (used[graph->nodes[i].output])
            graph->nodes[nodes++] = graph->nodes[i];
    for (int i = 0; i < graph->value_count; i++) {
        moved[i] = values;
        if (used[i])
            graph->values[values++] = graph->values[i];
        else
            free(graph->values[i].data);
    }
    graph->node_count = nodes;
    graph->value_count = values;
    for (int i = 0; i < nodes; i++) {
        graph->nodes[i].output = moved[graph->nodes[i].output];
        for (int k = 0; k < graph->nodes[i].input_count; k++)
            if (graph->nodes[i].inputs[k] >= 0)
                graph->nodes[i].inputs[k] = moved[graph->nodes[i].inputs[k]];
    }
    graph->input = moved[graph->input];
    graph->output = moved[graph->output];
}

/* What only shape arithmetic read is not needed any more. */
static bool prune(struct graph *graph, struct err *err)
{
    bool *used = allocate((size_t)graph->value_count, sizeof *used, err);
    int *moved = allocate((size_t)graph->value_count, sizeof *moved, err);
    bool ok = used && moved;
    if (ok && !mark_used(graph, used))
        ok = err_set(err, "the output is not computed from the input");
    if (ok)
        drop_unused(graph, used, moved);
    free(used);
    free(moved);
    return ok;
}

static bool import_graph(struct importer *importer, const Onnx__ModelProto *model)
{
    if (!model->graph)
        return err_set(importer->err, "holds no graph; not an ONNX model");
    importer->proto = model->graph;
    if (importer->proto->n_node > ONNX_MAX_NODES)
        return err_set(importer->err, "%zu nodes; at most %d", importer->proto->n_node,
                       ONNX_MAX_NODES);
    onnx_copy_name(importer->graph->name, model->graph->name ? model->graph->name : "");
    return find_opset(importer, model) &&
           symbols_define(&importer->symbols, importer->proto, importer->err) &&
           find_input(importer) && find_output(importer) && import_nodes(importer) &&
           prune(importer->graph, importer->err);
}

struct graph *onnx_import(const Onnx__ModelProto *model, size_t size, struct err *err)
{
    enum { FOLD_BASE = 1 << 22 }; /* elements; far beyond any shape arithmetic */
    struct importer importer = {
        .graph = allocate(1, sizeof *importer.graph, err),
        .fold_budget = FOLD_BASE + (int64_t)size,
        .err = err,
    };
    if (importer.graph && !import_graph(&importer, model)) {
        graph_free(importer.graph);
        importer.graph = NULL;
    }
    symbols_free(&importer.symbols);
    return importer.graph;
}
