/* The precision planner's integer program: one candidate (a quantisation scheme) for every layer, so
 * that the sum of sensitivities is least while every limited resource stays within its limit.
 * Yao et al., "HAWQ-V3", ICML 2021, section 3.4. docs/planner.md. */
#ifndef MANTIS_COMPILER_PLAN_H
#define MANTIS_COMPILER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/network.h"
#include "compiler/quantise.h"
#include "isa/err.h"

/* X(ENUMERATOR, name, unit, what it is) */
#define PLAN_RESOURCES(X)                                               \
    X(SIZE, "size", "B", "weights, at the bits of their codes")         \
    X(BOPS, "bops", "", "MACs x bits of weights x bits of activations") \
    X(LATENCY, "latency", "s", "of one input, simulated or given")      \
    X(ENERGY, "energy", "J", "of one input, simulated or given")

#define PLAN_RESOURCE_ENUMERATOR(id, name, unit, help) PLAN_##id,
enum plan_resource { PLAN_RESOURCES(PLAN_RESOURCE_ENUMERATOR) PLAN_RESOURCE_COUNT };
#undef PLAN_RESOURCE_ENUMERATOR

enum { PLAN_MAX_LAYERS = 4096, PLAN_MAX_CANDIDATES = 16 };

/* What a layer costs under one candidate. */
struct plan_option {
    double sensitivity;
    double cost[PLAN_RESOURCE_COUNT];
};

struct plan_layer {
    char name[PROGRAM_NAME_SIZE];
    int group; /* 0..layer_count-1; layers of a group take the same candidate */
    uint64_t weights, macs;
    struct plan_option options[PLAN_MAX_CANDIDATES]; /* [candidate_count] */
};

struct plan {
    char network[PROGRAM_NAME_SIZE];
    int candidate_count, layer_count;
    char candidates[PLAN_MAX_CANDIDATES][ARCH_NAME_SIZE];
    bool has_cost[PLAN_RESOURCE_COUNT]; /* the layers' costs of that resource are known */
    double fixed[PLAN_RESOURCE_COUNT];  /* of everything that is not planned */
    struct plan_layer *layers;
};

/* All costs and sensitivities must be finite. Free with plan_free. */
struct plan *plan_new(int layer_count); /* layers in groups of their own; NULL: out of memory */
void plan_free(struct plan *plan);
const char *plan_resource_name(int resource); /* NULL beyond the last */

/* Layers a and b, and all that share with either, take the same candidate. */
void plan_share(struct plan *plan, int a, int b);

/* The sums over a choice (candidate of every layer), what is fixed included. */
struct plan_option plan_total(const struct plan *plan, const int *choice);

/* The least and the greatest that any choice costs. */
struct bounds {
    double least, greatest;
};
struct bounds plan_bounds(const struct plan *plan, enum plan_resource resource);

enum plan_outcome { PLAN_SOLVED, PLAN_INFEASIBLE, PLAN_STOPPED };

/* Choose with the least sensitivity within the limits (INFINITY: none). A cost equals a limit if it
 * is no more than PLAN_SLACK above it, relatively: sums of decimal fractions are not exact. Equal
 * inputs give equal choices. `stop` may be NULL; where it returns true the search ends. */
#define PLAN_SLACK 1e-12
enum plan_outcome plan_solve(const struct plan *plan, const double limits[PLAN_RESOURCE_COUNT],
                             bool (*stop)(void), int choice[]);

/* --- the network behind a plan --- */

/* The layers to plan (MATMUL) of a quantised network, in execution order, with names, weights and
 * MACs, and each layer's index in the network in layer_of (layer_count entries, freed by the
 * caller). NULL: too many layers. */
struct plan *plan_of_network(const struct network *network, int **layer_of, struct err *err);

/* What a scheme gives the network's layer: formats by override, edge or common choice. */
struct format_choice plan_weight_choice(const struct network *network,
                                        const struct quantise_config *scheme, int layer);
struct format_choice plan_activation_choice(const struct network *network,
                                            const struct quantise_config *scheme, int layer);

/* Layers that read the same tensor share their candidate: it is stored once, in one format. This is
 * the rule behind "a down-sampling layer shares its bits with the parallel layer of the main path"
 * (HAWQ-V3, section 3.4); it binds two layers only where some candidate's activations differ from
 * another's. Max pools and copies pass levels on, so that what is read before and after them is one
 * tensor. Layers of one name, too, share: a quantisation file tells layers apart by name. */
void plan_share_tensors(struct plan *plan, const struct network *network, const int *layer_of,
                        const struct quantise_config *schemes);

/* Measure the sensitivities: what quantising one group alone, weights, biases and input, to one
 * candidate does to the network's output. networks[c] is the network quantised to candidate c
 * throughout, with values; layer_of as above. Mean over `images` images of the Kullback-Leibler
 * divergence of the softmax of the outputs from the float network's (Cai et al., "ZeroQ", CVPR
 * 2020, section 3.2, there for weights); of the squared error where there is one output only. A
 * group's sensitivity stands at its first layer; the others have 0. */
bool plan_measure(struct plan *plan, const struct graph *graph, struct network *const *networks,
                  const int *layer_of, calibration_reader reader, int images,
                  quantise_progress progress, void *context, struct err *err);

#endif
