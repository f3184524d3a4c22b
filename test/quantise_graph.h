/* Quantising small graphs on random images, for tests. */
#ifndef MANTIS_TEST_QUANTISE_GRAPH_H
#define MANTIS_TEST_QUANTISE_GRAPH_H

#include "compiler/quantise.h"
#include "test/build_graph.h"

enum { IMAGES = 12 };

struct images {
    int64_t elements;
    float *data[IMAGES];
};

static inline struct images draw_images(const struct graph *graph)
{
    struct images images = {.elements = value_elements(&graph->values[graph->input])};
    for (int i = 0; i < IMAGES; i++)
        images.data[i] = build_input(graph);
    return images;
}

static inline void free_images(struct images *images)
{
    for (int i = 0; i < IMAGES; i++)
        free(images->data[i]);
}

static inline bool read_image(void *context, int index, float *image, struct err *err)
{
    struct images *images = context;
    memcpy(image, images->data[index], (size_t)images->elements * sizeof *image);
    return true;
}

/* `family` at `bits` for weights; int for activations, as wide (8 bits beside signed digits); int8
 * edges. */
static inline struct quantise_config scheme(int bits, int family)
{
    struct quantise_config config = {.name = "test", .output_bits = 16, .bias_correction = true};
    config.weights = (struct format_choice){bits, 1, {(uint8_t)family}};
    config.activations = (struct format_choice){bits, 1, {FORMAT_INT}};
    config.edge_weights = config.edge_activations = (struct format_choice){8, 1, {FORMAT_INT}};
    return config;
}

static inline struct network *quantise_graph(const struct graph *graph,
                                             const struct quantise_config *config)
{
    struct images images = draw_images(graph);
    struct err err = {{0}};
    struct network *network = quantise(graph, config, read_image, IMAGES, NULL, &images, &err);
    if (!network)
        fail_msg("%s", err.text);
    free_images(&images);
    return network;
}

#endif
