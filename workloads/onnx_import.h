/* What the parts of the ONNX reader share; private to workloads/onnx*.c. The way of a model through
 * them:
 *
 *   onnx.c            file -> protobuf -> importer -> graph
 *   onnx_wire.c       is the protobuf safe to unpack? (nesting, memory)
 *   onnx_symbols.c    names -> who defines them
 *   onnx_order.c      which nodes are needed, in topological order
 *   onnx_tensor.c     TensorProto -> constant
 *   onnx_call.c       one node being imported: its inputs and attributes
 *   onnx_result.c     ... and what became of it
 *   onnx_reshape.c    shape arithmetic that the next two share
 *   onnx_constants*.c what operators do to constants (folding)
 *   onnx_shapes*.c    what operators do to activations: checks, output shape, graph node
 *   onnx_import.c     all of that, node by node; then what turned out unused is dropped */
#ifndef MANTIS_WORKLOADS_ONNX_IMPORT_H
#define MANTIS_WORKLOADS_ONNX_IMPORT_H

#include <onnx.pb-c.h>

#include "workloads/graph.h"

enum {
    ONNX_OPSET_LOWEST = 7,
    ONNX_OPSET_HIGHEST = 22,
    ONNX_MAX_NODES = 65536,
    ONNX_MAX_LIST = 2 * GRAPH_MAX_RANK, /* longest integer list an operator takes: pads */
    SHAPE_TEXT_SIZE = 128
};

/* Integers of any width are held as int64, reals of any width as float. */
struct constant {
    bool is_float, owned_by_graph;
    int rank;
    int64_t dims[GRAPH_MAX_RANK];
    int64_t count;
    float *floats;
    int64_t *integers;
};

enum definer { DEFINED_BY_INPUT, DEFINED_BY_INITIALIZER, DEFINED_BY_NODE };

/* A name of the file. While importing it becomes a constant, an activation (value >= 0) or another
 * name for one. */
struct symbol {
    const char *name;
    enum definer definer;
    int index; /* of the defining input, initializer or node */
    int uses;  /* by needed nodes and as the network's output */
    struct symbol *alias;
    struct constant *constant;
    int value; /* in graph->values, -1 if none */
    int node;  /* in graph->nodes, the one that computes `value`; -1 if none */
};

struct symbol_table {
    struct symbol *symbols;
    int count;
    int *slots; /* open addressing; index into symbols or -1 */
    size_t slot_count;
};

struct importer {
    const Onnx__GraphProto *proto;
    int64_t opset;
    struct symbol_table symbols;
    struct symbol *output;
    struct graph *graph;
    int value_capacity, node_capacity;
    int64_t fold_budget; /* elements that folding may still make */
    struct err *err;
};

/* One node of the file on its way into the graph. */
struct call {
    struct importer *importer;
    const Onnx__NodeProto *proto;
    int index;
    char name[GRAPH_NAME_SIZE];
    int input_count;
    struct symbol *inputs[NODE_MAX_INPUTS]; /* aliases resolved; NULL = absent */
    struct symbol *output;
    struct err *err;
};

struct int_list {
    bool present;
    int count;
    int64_t items[ONNX_MAX_LIST];
};

/* What is done for an operator; `attributes` are the legal ones, space-separated. */
struct onnx_rule {
    const char *op;
    int inputs_least, inputs_most;
    const char *attributes;
    bool (*apply)(struct call *call);
};
extern const struct onnx_rule onnx_shape_rules[];    /* ended by op NULL */
extern const struct onnx_rule onnx_constant_rules[]; /* ended by op NULL */
const struct onnx_rule *onnx_rule_find(const struct onnx_rule *rules, const char *op);

/* --- onnx_wire.c */
bool onnx_wire_check(const uint8_t *bytes, size_t size, struct err *err);

/* --- onnx.c */
Onnx__ModelProto *onnx_unpack(const uint8_t *bytes, size_t size, const char *path, struct err *err);

/* --- onnx_import.c */
struct graph *onnx_import(const Onnx__ModelProto *model, size_t size, struct err *err);

/* --- onnx_symbols.c */
/* A name for the graph: as in the file, but one that is too long or not printable is cut and marked
 * with its hash. */
void onnx_copy_name(char copy[GRAPH_NAME_SIZE], const char *name);
/* "node 17 (Conv "layer2.0")" in front of the error; false. */
bool onnx_prefix_node(const Onnx__GraphProto *graph, int index, struct err *err);
void onnx_node_name(const Onnx__NodeProto *node, int index, char name[GRAPH_NAME_SIZE]);

/* PyTorch names a node by its path through the modules, "/stage1/stage1.0/conv1/Conv"; users know
 * the module as "stage1.0.conv1". Other names stay as they are. */
void onnx_module_name(const char *path, enum operator_type op, char name[GRAPH_NAME_SIZE]);
bool symbols_define(struct symbol_table *table, const Onnx__GraphProto *graph, struct err *err);
struct symbol *symbols_find(const struct symbol_table *table, const char *name);
void symbols_free(struct symbol_table *table);

/* --- onnx_order.c */
/* Indices of the nodes that importer->output needs, each after those it depends on, in file order
 * where that is possible. Counts the uses of every symbol. The caller frees; NULL on error. */
int *onnx_order(struct importer *importer, int *count);

/* --- onnx_tensor.c */
bool shape_count(int rank, const int64_t *dims, int64_t *count, struct err *err);
const char *shape_text(char text[SHAPE_TEXT_SIZE], int rank, const int64_t *dims);
/* Zero-filled; NULL on error. */
struct constant *constant_new(bool is_float, int rank, const int64_t *dims, struct err *err);
void constant_free(struct constant *constant);
struct constant *constant_from_tensor(const Onnx__TensorProto *tensor, struct err *err);
bool tensor_is_real(const Onnx__TensorProto *tensor);

/* --- onnx_call.c: inputs */
/* The constant behind a symbol, an initializer being converted at its first use. *constant is NULL
 * where the symbol is an activation; false on error. */
bool symbol_constant(struct importer *importer, struct symbol *symbol, struct constant **constant);
bool call_has(const struct call *call, int input);
/* "input 1, "x", <what>"; false. */
bool call_wrong_input(struct call *call, int input, const char *what);
/* Input as an activation (NULL + error: absent, or a constant). */
const struct value *call_activation(struct call *call, int input);
/* Input as a constant (NULL + error: absent, or computed at run time). */
struct constant *call_constant(struct call *call, int input);
/* Integers given as attribute `name` or as constant input `input` (-1: attribute only). */
bool call_int_list(struct call *call, int input, const char *name, struct int_list *list);
/* One real given as attribute `name` or as constant input `input`. */
bool call_float(struct call *call, int input, const char *name, float fallback, float *number);

/* --- onnx_call.c: attributes */
bool call_attributes_legal(struct call *call, const char *legal);
const Onnx__AttributeProto *call_attribute(const struct call *call, const char *name);
bool call_attribute_int(struct call *call, const char *name, int64_t fallback, int64_t *number);
bool call_attribute_float(struct call *call, const char *name, float fallback, float *number);
bool call_attribute_text(struct call *call, const char *name, const char *fallback, char text[32]);
/* Axis -rank..rank-1 to 0..rank-1. */
bool call_axis(struct call *call, int64_t axis, int rank, int *result);

/* --- onnx_result.c: results; each rule ends in one of these */
bool call_is_input(struct call *call, int input); /* the output is that input */
bool call_is_constant(struct call *call,
                      struct constant *constant); /* takes ownership; NULL: false */
struct constant *call_new_constant(struct call *call, bool is_float, int rank, const int64_t *dims);
struct node call_node(const struct call *call,
                      enum operator_type op); /* inputs[0] is the call's activation */
bool call_emit(struct call *call, const struct node *node, int rank, const int64_t *dims);
/* A node before the last one: returns the index of its output value, -1 on error. */
int call_emit_inner(struct call *call, const struct node *node, int rank, const int64_t *dims);
/* Constant input `input` times `scale`, repeated to `dims`, as a value of the graph; -1 on error.
 */
int call_weights(struct call *call, int input, float scale, int rank, const int64_t *dims);

int graph_add_value(struct importer *importer, const char *name, int rank, const int64_t *dims);

/* --- rules */
bool conv_rule(struct call *call);
bool max_pool_rule(struct call *call);
bool average_pool_rule(struct call *call);
bool global_average_pool_rule(struct call *call);
bool reduce_mean_rule(struct call *call);
bool gemm_rule(struct call *call);
bool matmul_rule(struct call *call);
bool batch_norm_rule(struct call *call);
bool add_rule(struct call *call);
bool flatten_rule(struct call *call);
bool reshape_rule(struct call *call);
bool squeeze_rule(struct call *call);
bool unsqueeze_rule(struct call *call);
bool pad_rule(struct call *call);
bool slice_rule(struct call *call);
bool concat_rule(struct call *call);

bool fold_add(struct call *call);
bool fold_subtract(struct call *call);
bool fold_multiply(struct call *call);
bool fold_divide(struct call *call);
bool fold_minimum(struct call *call);
bool fold_maximum(struct call *call);
bool fold_gather(struct call *call);
bool fold_slice(struct call *call);
bool fold_concat(struct call *call);
bool fold_transpose(struct call *call);
bool fold_reshape(struct call *call);
bool fold_squeeze(struct call *call);
bool fold_unsqueeze(struct call *call);

/* --- shape arithmetic that constants and activations share (onnx_reshape.c) */
struct shape {
    int rank;
    int64_t dims[GRAPH_MAX_RANK];
};
struct slice_plan {
    int64_t start[GRAPH_MAX_RANK], step[GRAPH_MAX_RANK], count[GRAPH_MAX_RANK];
};
bool reshaped(struct call *call, const struct shape *from, struct shape *to);
bool squeezed(struct call *call, const struct shape *from, struct shape *to);
bool unsqueezed(struct call *call, const struct shape *from, struct shape *to);
bool slice_planned(struct call *call, const struct shape *from, struct slice_plan *plan);

#endif
