#include "compiler/fold_rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rewrite_uses(const struct graph *graph, int value)
{
    int uses = graph->output == value;
    for (int i = 0; i < graph->node_count; i++)
        for (int k = 0; graph->nodes[i].output >= 0 && k < graph->nodes[i].input_count; k++)
            uses += graph->nodes[i].inputs[k] == value;
    return uses;
}

struct node *rewrite_producer(const struct graph *graph, int value)
{
    for (int i = 0; value >= 0 && i < graph->node_count; i++)
        if (graph->nodes[i].output == value)
            return &graph->nodes[i];
    return NULL;
}

void rewrite_replace(struct graph *graph, int from, int to)
{
    for (int i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].input_count; k++)
            if (graph->nodes[i].inputs[k] == from)
                graph->nodes[i].inputs[k] = to;
    if (graph->output == from)
        graph->output = to;
}

void rewrite_remove(struct node *node)
{
    node->output = -1;
}

int rewrite_constant(struct graph *graph, const char *name, int rank, const int64_t *dims)
{
    struct value value = {.rank =
                              rank}; /* complete before the values move: `name` may be among them */
    snprintf(value.name, sizeof value.name, "%s", name);
    memcpy(value.dims, dims, (size_t)rank * sizeof *dims);
    value.data = calloc((size_t)value_elements(&value) + 1, sizeof *value.data);
    size_t count = (size_t)graph->value_count + 1;
    struct value *values = realloc(graph->values, count * sizeof *values);
    if (!values || !value.data)
        abort();
    graph->values = values;
    values[graph->value_count] = value;
    return graph->value_count++;
}

void rewrite_own_input(struct graph *graph, struct node *node, int input)
{
    int shared = node->inputs[input];
    if (rewrite_uses(graph, shared) == 1)
        return;
    struct value original = graph->values[shared];
    int copy = rewrite_constant(graph, original.name, original.rank, original.dims);
    size_t bytes = (size_t)value_elements(&original) * sizeof *original.data;
    memcpy(graph->values[copy].data, original.data, bytes);
    node->inputs[input] = copy;
}

/* Output channels of a CONV (O I H W) or GEMM (N x K or K x N), from its weights. */
static int64_t output_channels(const struct graph *graph, const struct node *node)
{
    bool last = node->op == OPERATOR_GEMM && !node->transpose_b;
    return graph->values[node->inputs[1]].dims[last ? 1 : 0];
}

float *rewrite_own_bias(struct graph *graph, struct node *node)
{
    int given = node->input_count > 2 ? node->inputs[2] : -1;
    int64_t channels = output_channels(graph, node);
    char name[GRAPH_NAME_SIZE];
    snprintf(name, sizeof name, "%.80s.bias", node->name);
    int bias = rewrite_constant(graph, given < 0 ? name : graph->values[given].name, 1, &channels);
    float *data = graph->values[bias].data;
    if (given >= 0) {
        const struct value *old = &graph->values[given];
        bool shared = value_elements(old) == 1; /* one element for all channels */
        for (int64_t n = 0; n < channels; n++)
            data[n] = old->data[shared ? 0 : n];
    }
    node->inputs[2] = bias;
    node->input_count = 3;
    return data;
}

/* Mark what `value` depends on: nodes lie in topological order, so one backward sweep is enough. */
static void mark_live(const struct graph *graph, bool *live)
{
    live[graph->input] = live[graph->output] = true;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        const struct node *node = &graph->nodes[i];
        for (int k = 0; node->output >= 0 && live[node->output] && k < node->input_count; k++)
            if (node->inputs[k] >= 0)
                live[node->inputs[k]] = true;
    }
}

static void compact_nodes(struct graph *graph, const bool *live, const int *renumbered)
{
    int kept = 0;
    for (int i = 0; i < graph->node_count; i++) {
        struct node node = graph->nodes[i];
        if (node.output < 0 || !live[node.output])
            continue;
        for (int k = 0; k < node.input_count; k++)
            if (node.inputs[k] >= 0)
                node.inputs[k] = renumbered[node.inputs[k]];
        node.output = renumbered[node.output];
        graph->nodes[kept++] = node;
    }
    graph->node_count = kept;
}

void rewrite_compact(struct graph *graph)
{
    size_t count = (size_t)graph->value_count;
    bool *live = calloc(count, sizeof *live);
    int *renumbered = calloc(count, sizeof *renumbered), kept = 0;
    if (!live || !renumbered)
        abort();
    mark_live(graph, live);
    for (int i = 0; i < graph->value_count; i++)
        if (live[i]) {
            renumbered[i] = kept;
            graph->values[kept++] = graph->values[i];
        } else {
            free(graph->values[i].data);
        }
    graph->value_count = kept;
    compact_nodes(graph, live, renumbered);
    graph->input = renumbered[graph->input];
    graph->output = renumbered[graph->output];
    free(live);
    free(renumbered);
}
