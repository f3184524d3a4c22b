/* Can any bytes make the ONNX reader crash, leak, overflow, or take memory beyond measure? */
#include "workloads/onnx.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A graph that was accepted keeps the promises of graph.h. */
static void check_graph(const struct graph *graph)
{
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->output < 0 || node->output >= graph->value_count)
            abort();
        if (value_elements(&graph->values[node->output]) < 1)
            abort();
        for (int k = 0; k < node->input_count; k++)
            if (node->inputs[k] < -1 || node->inputs[k] >= graph->value_count)
                abort();
        node_macs(graph, node);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct graph *graph = onnx_decode(bytes, size, "fuzz.onnx", &err);
    if (!graph)
        return 0;
    check_graph(graph);
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere || !graph_print(graph, nowhere))
        abort();
    fclose(nowhere);
    graph_free(graph);
    return 0;
}
