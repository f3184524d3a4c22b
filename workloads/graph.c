#include "workloads/graph.h"

#include <inttypes.h>
#include <stdlib.h>

const char *operator_name(int op)
{
#define OPERATOR_NAME(id, name, help) name,
    static const char *const names[] = {OPERATORS(OPERATOR_NAME)};
#undef OPERATOR_NAME
    return op >= 0 && op < OPERATOR_COUNT ? names[op] : NULL;
}

void graph_free(struct graph *graph)
{
    if (!graph)
        return;
    for (int i = 0; i < graph->value_count; i++)
        free(graph->values[i].data);
    free(graph->values);
    free(graph->nodes);
    free(graph);
}

int64_t value_elements(const struct value *value)
{
    int64_t elements = 1;
    for (int axis = 0; axis < value->rank; axis++)
        elements *= value->dims[axis];
    return elements;
}

/* Each output element of a convolution sums I/groups x kernel products, the extent of one filter O
 * x I/groups x H x W; each of a Gemm sums K. */
uint64_t node_macs(const struct graph *graph, const struct node *node)
{
    if (node->op != OPERATOR_CONV && node->op != OPERATOR_GEMM)
        return 0;
    const struct value *weights = &graph->values[node->inputs[1]];
    const struct value *output = &graph->values[node->output];
    uint64_t filters = (uint64_t)output->dims[1];
    return (uint64_t)value_elements(output) * ((uint64_t)value_elements(weights) / filters);
}

static void print_shape(const struct value *value, FILE *file)
{
    fputc('[', file);
    for (int axis = 0; axis < value->rank; axis++)
        fprintf(file, "%s%" PRId64, axis ? "x" : "", value->dims[axis]);
    fputc(']', file);
}

static void print_window(const struct node *node, FILE *file)
{
    const struct window *window = &node->window;
    fprintf(file, " kernel %dx%d stride %dx%d pad %d,%d,%d,%d", window->kernel[0],
            window->kernel[1], window->stride[0], window->stride[1], window->pad[0], window->pad[1],
            window->pad[2], window->pad[3]);
    if (window->dilation[0] != 1 || window->dilation[1] != 1)
        fprintf(file, " dilation %dx%d", window->dilation[0], window->dilation[1]);
    if (window->groups > 1)
        fprintf(file, " groups %d", window->groups);
    if (window->count_include_pad)
        fputs(" padding counted", file);
}

static void print_axes(const char *what, const int64_t *axes, int rank, FILE *file)
{
    fprintf(file, " %s", what);
    for (int axis = 0; axis < rank; axis++)
        fprintf(file, "%c%" PRId64, axis ? ',' : ' ', axes[axis]);
}

static void print_attributes(const struct graph *graph, const struct node *node, FILE *file)
{
    int rank = graph->values[node->output].rank;
    switch (node->op) {
    case OPERATOR_CONV:
    case OPERATOR_MAX_POOL:
    case OPERATOR_AVERAGE_POOL:
        print_window(node, file);
        break;
    case OPERATOR_GEMM:
        fputs(node->transpose_b ? " weights NxK" : " weights KxN", file);
        break;
    case OPERATOR_BATCH_NORM:
        fprintf(file, " epsilon %g", (double)node->epsilon);
        break;
    case OPERATOR_CLIP:
        fprintf(file, " %g..%g", (double)node->clip_low, (double)node->clip_high);
        break;
    case OPERATOR_CONCAT:
    case OPERATOR_SOFTMAX:
        fprintf(file, " axis %d", node->axis);
        break;
    case OPERATOR_PAD:
        print_axes("before", node->pad_before, rank, file);
        print_axes("after", node->pad_after, rank, file);
        break;
    case OPERATOR_SLICE:
        print_axes("start", node->slice_start, rank, file);
        print_axes("step", node->slice_step, rank, file);
        break;
    case OPERATOR_RELU:
    case OPERATOR_ADD:
    case OPERATOR_GLOBAL_AVERAGE_POOL:
    case OPERATOR_FLATTEN:
    case OPERATOR_IDENTITY:
    case OPERATOR_COUNT:
        break;
    }
}

bool graph_print(const struct graph *graph, FILE *file)
{
    fprintf(file, "graph %s\ninput %s ", graph->name, graph->values[graph->input].name);
    print_shape(&graph->values[graph->input], file);
    fputc('\n', file);
    for (int i = 0; i < graph->node_count; i++) {
        const struct node *node = &graph->nodes[i];
        const struct value *output = &graph->values[node->output];
        fprintf(file, "%s %s (", operator_name((int)node->op), node->name);
        for (int k = 0; k < node->input_count; k++)
            fprintf(file, "%s%s", k ? ", " : "",
                    node->inputs[k] < 0 ? "-" : graph->values[node->inputs[k]].name);
        fprintf(file, ") -> %s ", output->name);
        print_shape(output, file);
        print_attributes(graph, node, file);
        fputc('\n', file);
    }
    fprintf(file, "output %s\n", graph->values[graph->output].name);
    return !ferror(file);
}
