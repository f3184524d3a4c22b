#include "compiler/reference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/reference_operators.h"

static void (*const run_operator[OPERATOR_COUNT])(struct reference *, const struct node *) = {
#define ROW(id, function) [OPERATOR_##id] = function,
    REFERENCE_OPERATORS(ROW)
#undef ROW
};

/* Cache lines of 64 bytes. Aborts on out of memory. */
static float *floats(size_t count)
{
    float *memory = aligned_alloc(64, (count * sizeof(float) + 64) / 64 * 64);
    if (!memory)
        abort();
    return memory;
}

struct reference *reference_new(const struct graph *graph)
{
    struct reference *reference = calloc(1, sizeof *reference);
    float **values = calloc((size_t)graph->value_count + 1, sizeof *values);
    if (!reference || !values)
        abort();
    for (int i = 0; i < graph->value_count; i++) {
        const struct value *value = &graph->values[i];
        values[i] = value->data ? value->data : floats((size_t)value_elements(value));
    }
    size_t columns = 0;
    for (int i = 0; i < graph->node_count; i++) {
        size_t needed = reference_columns_size(graph, &graph->nodes[i]);
        columns = needed > columns ? needed : columns;
    }
    *reference = (struct reference){graph, values, floats(columns)};
    return reference;
}

void reference_free(struct reference *reference)
{
    if (!reference)
        return;
    for (int i = 0; i < reference->graph->value_count; i++)
        if (!reference->graph->values[i].data)
            free(reference->values[i]);
    free(reference->values);
    free(reference->columns);
    free(reference);
}

void reference_run(struct reference *reference, const float *input)
{
    const struct graph *graph = reference->graph;
    size_t elements = (size_t)value_elements(&graph->values[graph->input]);
    memcpy(reference->values[graph->input], input, elements * sizeof *input);
    reference_run_nodes(reference, 0, graph->node_count);
}

void reference_run_nodes(struct reference *reference, int first, int end)
{
    const struct graph *graph = reference->graph;
    for (int i = first; i < end; i++)
        run_operator[graph->nodes[i].op](reference, &graph->nodes[i]);
}

float *reference_activation(struct reference *reference, int value)
{
    assert(!reference->graph->values[value].data);
    return reference->values[value];
}

void reference_replace_constant(struct reference *reference, int value, float *data)
{
    float *own = reference->graph->values[value].data;
    assert(own);
    reference->values[value] = data ? data : own;
}

const float *reference_value(const struct reference *reference, int value)
{
    assert(value >= 0 && value < reference->graph->value_count);
    return reference->values[value];
}
