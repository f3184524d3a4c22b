#include <stdlib.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* Depth-first search with a stack of its own: a hostile file can chain nodes deeper than the C
 * stack reaches. */

enum colour { UNKNOWN, NEEDED, ENTERED, DONE };

struct visit {
    int node;
    size_t next_input;
};

struct search {
    struct importer *importer;
    uint8_t *colours;    /* enum colour, per node */
    struct visit *stack; /* at most every node once */
    int *order;
    int order_count;
};

static const Onnx__NodeProto *node_at(const struct search *search, int index)
{
    return search->importer->proto->node[index];
}

/* The symbol of an input; NULL where it is left out. False: nothing defines it. */
static bool input_symbol(const struct search *search, int node, size_t input,
                         struct symbol **symbol)
{
    const char *name = node_at(search, node)->input[input];
    *symbol = NULL;
    if (!*name)
        return true;
    *symbol = symbols_find(&search->importer->symbols, name);
    if (*symbol)
        return true;
    char shown[GRAPH_NAME_SIZE];
    onnx_copy_name(shown, name);
    err_set(search->importer->err,
            "input %zu, \"%s\", is defined by no node, initializer or network input", input, shown);
    return onnx_prefix_node(search->importer->proto, node, search->importer->err);
}

/* Colour everything that the output depends on NEEDED, counting uses. */
static bool mark_needed(struct search *search)
{
    int top = 0;
    struct symbol *output = search->importer->output;
    output->uses++;
    if (output->definer == DEFINED_BY_NODE) {
        search->colours[output->index] = NEEDED;
        search->stack[top++].node = output->index;
    }
    while (top) {
        int node = search->stack[--top].node;
        for (size_t i = 0; i < node_at(search, node)->n_input; i++) {
            struct symbol *symbol;
            if (!input_symbol(search, node, i, &symbol))
                return false;
            if (!symbol)
                continue;
            symbol->uses++;
            if (symbol->definer != DEFINED_BY_NODE || search->colours[symbol->index] == NEEDED)
                continue;
            search->colours[symbol->index] = NEEDED;
            search->stack[top++].node = symbol->index;
        }
    }
    return true;
}

static bool cyclic(const struct search *search, int node)
{
    err_set(search->importer->err, "it depends on its own output: the graph has a cycle");
    return onnx_prefix_node(search->importer->proto, node, search->importer->err);
}

/* Append `root` behind all it depends on. */
static bool visit(struct search *search, int root)
{
    int top = 0;
    search->colours[root] = ENTERED;
    search->stack[top++] = (struct visit){root, 0};
    while (top) {
        struct visit *current = &search->stack[top - 1];
        if (current->next_input == node_at(search, current->node)->n_input) {
            search->colours[current->node] = DONE;
            search->order[search->order_count++] = current->node;
            top--;
            continue;
        }
        struct symbol *symbol;
        if (!input_symbol(search, current->node, current->next_input++, &symbol))
            return false;
        if (!symbol || symbol->definer != DEFINED_BY_NODE || search->colours[symbol->index] == DONE)
            continue;
        if (search->colours[symbol->index] == ENTERED)
            return cyclic(search, symbol->index);
        search->colours[symbol->index] = ENTERED;
        search->stack[top++] = (struct visit){symbol->index, 0};
    }
    return true;
}

static bool order_needed(struct search *search)
{
    if (!mark_needed(search))
        return false;
    for (size_t i = 0; i < search->importer->proto->n_node; i++)
        if (search->colours[i] == NEEDED && !visit(search, (int)i))
            return false;
    return true;
}

int *onnx_order(struct importer *importer, int *count)
{
    size_t nodes = importer->proto->n_node;
    struct search search = {
        .importer = importer,
        .colours = allocate(nodes, sizeof *search.colours, importer->err),
        .stack = allocate(nodes, sizeof *search.stack, importer->err),
        .order = allocate(nodes, sizeof *search.order, importer->err),
    };
    bool ok = search.colours && search.stack && search.order && order_needed(&search);
    free(search.colours);
    free(search.stack);
    *count = search.order_count;
    if (ok)
        return search.order;
    free(search.order);
    return NULL;
}
