/* Schedules: how every layer of a network is cut into tiles, found by the search or given in a
 * file. docs/compiler.md, section Schedules. */
#ifndef MANTIS_COMPILER_SCHEDULE_H
#define MANTIS_COMPILER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler/lower.h"
#include "isa/err.h"

/* X(field of struct tiling, most, meaning): the columns behind `layer`, in this order. */
enum { SCHEDULE_MAX_NUMBER = 1 << 24 };
#define TILING_COLUMNS(X)                                                             \
    X(tile_h, SCHEDULE_MAX_NUMBER, "output rows of a tile")                           \
    X(tile_w, SCHEDULE_MAX_NUMBER, "output columns of a tile")                        \
    X(tile_n, SCHEDULE_MAX_NUMBER, "output channels of a tile")                       \
    X(tile_k, SCHEDULE_MAX_NUMBER, "input channels of a pass, of those of one group") \
    X(weights_outer, 1, "1: tiles of output channels outermost, 0: pixel tiles")      \
    X(first_core_channels, SCHEDULE_MAX_NUMBER, "of a tile, that the first core computes")

/* The tiling of the layers of that name. */
struct schedule_entry {
    char layer[PROGRAM_NAME_SIZE];
    int line; /* of the file */
    struct tiling tiling;
};

struct schedule {
    char *path; /* for messages */
    int count;
    struct schedule_entry *entries;
};

/* A schedule as text: lines that are empty or begin with # do not count, the first other one is
 *   layer,tile_h,tile_w,tile_n,tile_k,weights_outer,first_core_channels
 * and each further one has a layer's name, in double quotes where it has a comma or begins with a
 * quote (which is doubled inside), and six whole numbers. A layer stands there once at most; which
 * numbers make sense is the network's matter: schedule_tilings. NULL on error: "file:line: ...". */
struct schedule *schedule_decode(const char *text, size_t size, const char *path, struct err *err);
struct schedule *schedule_read(const char *path, struct err *err);
void schedule_free(struct schedule *schedule);

/* The entry of that layer; NULL where there is none, or no schedule. */
const struct schedule_entry *schedule_find(const struct schedule *schedule, const char *layer);

/* Whether the network has every layer that the schedule (NULL: nothing) names. */
bool schedule_check(const struct network *network, const struct schedule *schedule,
                    struct err *err);

/* The tilings of all layers of a network, in its order: what `forced` (NULL: nothing) lists, once
 * checked, and for all others the best that the search finds. tilings: [network->layer_count].
 * Errors name "file:line", or the layer, and the scratchpad that is too small. */
bool schedule_tilings(const struct network *network, const struct arch *arch,
                      const struct schedule *forced, struct tiling *tilings, struct err *err);

/* Note in a network with values which core computes each channel, for all who want its weights.
 * False when out of memory. */
bool schedule_share(struct network *network, const struct arch *arch, const struct tiling *tilings,
                    struct err *err);

/* Write them in the form above. False where the file cannot be written. */
bool schedule_print(const struct network *network, const struct tiling *tilings, FILE *file);

#endif
