#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "workloads/onnx_import.h"

/* FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_name(const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *at = name; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619u;
    return hash;
}

static bool is_control(char character)
{
    return (unsigned char)character < 0x20 || character == 0x7f;
}

void onnx_copy_name(char copy[GRAPH_NAME_SIZE], const char *name)
{
    enum { HASH_SIZE = 9 }; /* "~" and eight digits */
    size_t length = strlen(name);
    bool changed = length >= GRAPH_NAME_SIZE;
    snprintf(copy, GRAPH_NAME_SIZE, "%s", name);
    for (char *at = copy; *at; at++)
        if (is_control(*at)) {
            *at = '_';
            changed = true;
        }
    if (!changed)
        return;
    size_t kept = strlen(copy);
    if (kept > GRAPH_NAME_SIZE - 1 - HASH_SIZE)
        kept = GRAPH_NAME_SIZE - 1 - HASH_SIZE;
    snprintf(copy + kept, HASH_SIZE + 1, "~%08x", hash_name(name));
}

void onnx_node_name(const Onnx__NodeProto *node, int index, char name[GRAPH_NAME_SIZE])
{
    const char *op = node->op_type ? node->op_type : "";
    char text[GRAPH_NAME_SIZE];
    snprintf(text, sizeof text, "%.80s_%d", op, index);
    onnx_copy_name(name, node->name && *node->name ? node->name : text);
}

/* Operators that a module holds one of, so that the module's name says it all. */
static bool names_its_module(enum operator_type op)
{
    return op == OPERATOR_CONV || op == OPERATOR_GEMM || op == OPERATOR_MAX_POOL ||
           op == OPERATOR_AVERAGE_POOL || op == OPERATOR_GLOBAL_AVERAGE_POOL;
}

/* Does the next part of the path repeat this one: "stage1" before "stage1.0"? */
static bool is_repeated(const char *part, size_t length)
{
    const char *next = part + length + 1;
    return part[length] && !strncmp(next, part, length) && next[length] == '.';
}

void onnx_module_name(const char *path, enum operator_type op, char name[GRAPH_NAME_SIZE])
{
    if (*path != '/') {
        snprintf(name, GRAPH_NAME_SIZE, "%s", path);
        return;
    }
    size_t used = 0;
    *name = '\0';
    for (const char *part = path + 1; *part;) {
        size_t length = strcspn(part, "/");
        bool is_operator = !part[length] && used && names_its_module(op);
        if (length && !is_operator && !is_repeated(part, length))
            used += (size_t)snprintf(name + used, GRAPH_NAME_SIZE - used, "%s%.*s", used ? "." : "",
                                     (int)length, part);
        part += length + (part[length] == '/');
    }
}

bool onnx_prefix_node(const Onnx__GraphProto *graph, int index, struct err *err)
{
    const Onnx__NodeProto *node = graph->node[index];
    char op[GRAPH_NAME_SIZE], name[GRAPH_NAME_SIZE];
    onnx_copy_name(op, node->op_type ? node->op_type : "");
    onnx_node_name(node, index, name);
    return err_prefix(err, "node %d (%.40s \"%s\")", index, op, name);
}

/* Slot of `name`: where it is, or the free one where it belongs. */
static int *find_slot(const struct symbol_table *table, const char *name)
{
    size_t at = hash_name(name) % table->slot_count;
    while (table->slots[at] >= 0 && strcmp(table->symbols[table->slots[at]].name, name))
        at = (at + 1) % table->slot_count;
    return &table->slots[at];
}

struct symbol *symbols_find(const struct symbol_table *table, const char *name)
{
    int slot = *find_slot(table, name);
    return slot < 0 ? NULL : &table->symbols[slot];
}

static bool redefined(const struct symbol *first, const struct symbol *second, struct err *err)
{
    static const char *const by[] = {"a network input", "an initializer", "node"};
    char name[GRAPH_NAME_SIZE];
    onnx_copy_name(name, first->name);
    if (first->definer == DEFINED_BY_NODE)
        return err_set(err, "\"%s\" is defined twice: by node %d and by node %d", name,
                       first->index, second->index);
    if (second->definer == DEFINED_BY_NODE)
        return err_set(err, "\"%s\" is defined twice: by %s and by node %d", name,
                       by[first->definer], second->index);
    return err_set(err, "\"%s\" is defined twice: by %s and by %s", name, by[first->definer],
                   by[second->definer]);
}

static bool define(struct symbol_table *table, const char *name, enum definer definer, int index,
                   struct err *err)
{
    struct symbol symbol = {
        .name = name ? name : "", .definer = definer, .index = index, .value = -1, .node = -1};
    if (!*symbol.name && definer == DEFINED_BY_NODE)
        return true; /* an optional output that the file leaves out */
    int *slot = find_slot(table, symbol.name);
    if (*slot >= 0)
        return redefined(&table->symbols[*slot], &symbol, err);
    *slot = table->count;
    table->symbols[table->count++] = symbol;
    return true;
}

static bool reserve(struct symbol_table *table, const Onnx__GraphProto *graph, struct err *err)
{
    size_t most = graph->n_initializer + graph->n_input;
    for (size_t i = 0; i < graph->n_node; i++)
        most += graph->node[i]->n_output;
    table->slot_count = most * 2 + 1;
    table->symbols = allocate(most, sizeof *table->symbols, err);
    table->slots = allocate(table->slot_count, sizeof *table->slots, err);
    if (!table->symbols || !table->slots)
        return false;
    memset(table->slots, 0xff, table->slot_count * sizeof *table->slots);
    return true;
}

/* Up to IR version 3 initializers are listed among the inputs too: those stay initializers. */
bool symbols_define(struct symbol_table *table, const Onnx__GraphProto *graph, struct err *err)
{
    if (!reserve(table, graph, err))
        return false;
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (!define(table, graph->initializer[i]->name, DEFINED_BY_INITIALIZER, (int)i, err))
            return false;
    for (size_t i = 0; i < graph->n_input; i++) {
        const char *name = graph->input[i]->name ? graph->input[i]->name : "";
        const struct symbol *known = symbols_find(table, name);
        if (known && known->definer == DEFINED_BY_INITIALIZER)
            continue;
        if (!define(table, name, DEFINED_BY_INPUT, (int)i, err))
            return false;
    }
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_output; k++)
            if (!define(table, graph->node[i]->output[k], DEFINED_BY_NODE, (int)i, err))
                return false;
    return true;
}

void symbols_free(struct symbol_table *table)
{
    for (int i = 0; i < table->count; i++)
        constant_free(table->symbols[i].constant);
    free(table->symbols);
    free(table->slots);
}
