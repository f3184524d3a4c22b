/* Every tiling that can be best. With whole edges the cost of a given number of tiles only grows
 * with their size, so of all sizes that cut a dimension into so many tiles the least is enough. One
 * thing breaks this: with short_loads_slow a load of 16 cycles takes less time than one of 15. */
#include "compiler/lockstep.h"

#include <math.h>
#include <stdlib.h>

struct search {
    const struct lockstep *machine;
    const struct tile_shape *shape;
    int effectual_bits;
    struct lockstep_tiling best;
    double best_cycles; /* INFINITY until something fits */
};

static int divide_up(int value, int by)
{
    return value / by + (value % by != 0);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int largest(int a, int b)
{
    return a > b ? a : b;
}

/* The next smaller size that cuts `total` into more tiles: the least that makes so many. 0 after
 * 1. */
static int next_size(int total, int size)
{
    return size > 1 ? divide_up(total, divide_up(total, size - 1)) : 0;
}

static void try_tiling(struct search *search, const struct lockstep_tiling *tiling)
{
    double cycles =
        lockstep_cost(search->machine, search->shape, tiling, search->effectual_bits).cycles;
    if (cycles < search->best_cycles) {
        search->best = *tiling;
        search->best_cycles = cycles;
    }
}

static bool first_is_lighter(const struct search *search)
{
    const struct lockstep_array *arrays = search->machine->arrays;
    int bits[LOCKSTEP_ARRAYS];
    for (int i = 0; i < LOCKSTEP_ARRAYS; i++)
        bits[i] = arrays[i].is_serial ? 4 * search->effectual_bits : 8;
    return bits[0] <= bits[1];
}

/* Two arrays of digits round a tile's weights up to bytes twice, or not at all with a channel less
 * on the one and more on the other. */
static void try_split(struct search *search, struct lockstep_tiling tiling, int first, int low,
                      int high)
{
    const struct lockstep_array *arrays = search->machine->arrays;
    int neighbours = arrays[0].is_serial && arrays[1].is_serial;
    for (tiling.first = first - neighbours; tiling.first <= first + neighbours; tiling.first++)
        if (tiling.first >= low && tiling.first <= high)
            try_tiling(search, &tiling);
}

/* Splits of a tile's channels in low..high. Where the first array's weights are no heavier, more
 * channels there are no loss until it needs one more fold; where they are heavier, fewer are none
 * until the second array does. */
static void try_splits(struct search *search, struct lockstep_tiling tiling, int low, int high)
{
    const struct lockstep_array *arrays = search->machine->arrays;
    bool fill_first = first_is_lighter(search);
    int step = arrays[fill_first ? 0 : 1].columns;
    try_split(search, tiling, fill_first ? high : low, low, high);
    int given = fill_first ? low : tiling.n - high; /* the least that the filled array takes */
    for (int folds = divide_up(given, step); folds * (int64_t)step <= tiling.n; folds++)
        try_split(search, tiling, fill_first ? folds * step : tiling.n - folds * step, low, high);
}

/* A bound that no split can beat: with all channels on neither array, i.e. by memory alone. */
static bool is_hopeless(const struct search *search, struct lockstep_tiling tiling)
{
    if (!search->machine->edges_whole || !search->machine->stores_every_pass)
        return false;
    struct lockstep_cost cost =
        lockstep_cost(search->machine, search->shape, &tiling, search->effectual_bits);
    return (double)cost.tiles * cost.store >= search->best_cycles;
}

static void try_size(struct search *search, struct lockstep_tiling tiling)
{
    const struct lockstep *machine = search->machine;
    int room[LOCKSTEP_ARRAYS] = {0};
    for (int i = 0; i < machine->array_count; i++) {
        room[i] = lockstep_room(machine, &machine->arrays[i], search->shape, &tiling,
                                search->effectual_bits);
        if (room[i] < 0)
            return;
    }
    tiling.first = tiling.n;
    if (machine->array_count == 1) {
        if (room[0] == tiling.n)
            try_tiling(search, &tiling);
        return;
    }
    int low = largest(0, tiling.n - room[1]), high = least(tiling.n, room[0]);
    if (low <= high && !is_hopeless(search, tiling))
        try_splits(search, tiling, low, high);
}

static void try_pixels(struct search *search, struct lockstep_tiling tiling)
{
    const struct tile_shape *shape = search->shape;
    for (tiling.h = shape->out_h; tiling.h; tiling.h = next_size(shape->out_h, tiling.h))
        for (tiling.w = shape->out_w; tiling.w; tiling.w = next_size(shape->out_w, tiling.w))
            try_size(search, tiling);
}

/* Squares: sizes that cut the height, and those that cut the width, evenly. */
static void try_squares(struct search *search, struct lockstep_tiling tiling)
{
    const struct tile_shape *shape = search->shape;
    int high = shape->out_h, wide = shape->out_w;
    for (int size = largest(high, wide); size;
         size = size > 1 ? largest(next_size(high, size), next_size(wide, size)) : 0) {
        tiling.h = least(size, high);
        tiling.w = least(size, wide);
        try_size(search, tiling);
    }
}

/* --- loads a little longer than short ones --- */

/* Loads of 14 and 15 cycles take longer than those of 16 and 17, if they count as short. */
enum { LEAST_LONG_LOAD = 16, MOST_WORTHWHILE_LOAD = 17 };

/* Cycles of a load without the factor, with the lightest weights. */
static double plain_load(const struct search *search, struct lockstep_tiling tiling)
{
    struct lockstep plain = *search->machine;
    plain.short_loads_slow = false;
    tiling.first = plain.array_count == 1 || first_is_lighter(search) ? tiling.n : 0;
    return lockstep_cost(&plain, search->shape, &tiling, search->effectual_bits).load;
}

static bool is_long(const struct search *search, const struct lockstep_tiling *tiling)
{
    return plain_load(search, *tiling) > MOST_WORTHWHILE_LOAD;
}

static void try_every_split(struct search *search, struct lockstep_tiling tiling)
{
    bool alone = search->machine->array_count == 1;
    tiling.first = tiling.n;
    struct lockstep_cost cost =
        lockstep_cost(search->machine, search->shape, &tiling, search->effectual_bits);
    double least = cost.store > LEAST_LONG_LOAD ? cost.store : LEAST_LONG_LOAD;
    bool all_store = search->machine->stores_every_pass;
    if ((double)cost.tiles * (all_store ? least : LEAST_LONG_LOAD) >= search->best_cycles)
        return;
    for (tiling.first = alone ? tiling.n : 0; tiling.first <= tiling.n; tiling.first++)
        if (lockstep_fits(search->machine, search->shape, &tiling, search->effectual_bits))
            try_tiling(search, &tiling);
}

static void try_short_pixels(struct search *search, struct lockstep_tiling tiling)
{
    const struct tile_shape *shape = search->shape;
    bool square = search->machine->square_tiles;
    for (tiling.h = 1; tiling.h <= shape->out_h; tiling.h++)
        for (tiling.w = square ? least(tiling.h, shape->out_w) : 1; tiling.w <= shape->out_w;
             tiling.w++) {
            if (is_long(search, &tiling))
                break;
            try_every_split(search, tiling);
            if (square && tiling.h < shape->out_h)
                break;
        }
}

/* All tiles whose load is at most so long. Few are: their weights and patches are small. */
static void try_short_loads(struct search *search, int channels)
{
    struct lockstep_tiling tiling = {.h = 1, .w = 1};
    for (tiling.n = 1; tiling.n <= channels; tiling.n++) {
        for (tiling.k = 1; tiling.k <= search->shape->channels; tiling.k++) {
            if (is_long(search, &tiling))
                break;
            try_short_pixels(search, tiling);
        }
        if (tiling.k == 1)
            break;
    }
}

bool lockstep_search(const struct lockstep *machine, const struct tile_shape *shape,
                     int effectual_bits, struct lockstep_tiling *best)
{
    struct search search = {.machine = machine,
                            .shape = shape,
                            .effectual_bits = effectual_bits,
                            .best_cycles = INFINITY};
    int channels = lockstep_is_depthwise(shape) ? shape->groups : shape->group_n;
    for (int n = channels; n; n = next_size(channels, n))
        for (int k = shape->channels; k; k = next_size(shape->channels, k)) {
            struct lockstep_tiling tiling = {.n = n, .k = k};
            if (machine->square_tiles)
                try_squares(&search, tiling);
            else
                try_pixels(&search, tiling);
        }
    if (machine->short_loads_slow && machine->edges_whole)
        try_short_loads(&search, channels);
    *best = search.best;
    return search.best_cycles < INFINITY;
}
