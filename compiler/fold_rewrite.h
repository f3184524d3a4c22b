/* Editing a graph in place: what the folding rules are made of. A removed node keeps its place with
 * output = -1 until rewrite_compact(). */
#ifndef MANTIS_COMPILER_FOLD_REWRITE_H
#define MANTIS_COMPILER_FOLD_REWRITE_H

#include "workloads/graph.h"

/* Times that `value` is read: node inputs, and the graph's output. */
int rewrite_uses(const struct graph *graph, int value);

/* The node that computes `value`; NULL for constants, the graph's input and absent inputs. */
struct node *rewrite_producer(const struct graph *graph, int value);

/* Every reader of `from` reads `to` instead. */
void rewrite_replace(struct graph *graph, int from, int to);

void rewrite_remove(struct node *node);

/* A new constant of zeros, owned by the graph. Returns its index. May move graph->values. */
int rewrite_constant(struct graph *graph, const char *name, int rank, const int64_t *dims);

/* Make input `input` of the node a constant that no other node reads, copying it where it is
 * shared. */
void rewrite_own_input(struct graph *graph, struct node *node, int input);

/* Make sure that a CONV or GEMM has a bias of its own with one element per output channel; returns
 * its data. */
float *rewrite_own_bias(struct graph *graph, struct node *node);

/* Drop the nodes and values that the output does not depend on, and renumber the rest. */
void rewrite_compact(struct graph *graph);

#endif
