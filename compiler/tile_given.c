/* Tilings that do not come from the search. */
#include <math.h>

#include "compiler/tile.h"

enum { MAX_TILE = 65535 /* the width of the instructions' fields */ };

static bool size_check(const char *name, int size, int most, struct err *err)
{
    most = most < MAX_TILE ? most : MAX_TILE;
    return (size >= 1 && size <= most) || err_set(err, "%s: %d is not in 1..%d", name, size, most);
}

/* A tile of several groups has them whole, with all their input channels. */
static bool groups_check(const struct tile_shape *shape, const struct tiling *tiling,
                         struct err *err)
{
    if (tiling->tile_n <= shape->group_n)
        return true;
    if (tiling->tile_n % shape->group_n)
        return err_set(err, "tile_n: %d is no multiple of the %d channels of a group",
                       tiling->tile_n, shape->group_n);
    return tiling->tile_k == shape->channels ||
           err_set(err, "tile_k: must be %d where a tile has several groups", shape->channels);
}

/* A share is channels of a group, or where a tile has several whole groups. */
static bool share_check(const struct tile_shape *shape, const struct tiling *tiling,
                        struct err *err)
{
    int share = tiling->first_core_channels;
    if (shape->cores == 1)
        return share == tiling->tile_n ||
               err_set(err, "first_core_channels: must be tile_n, %d, as one core computes it all",
                       tiling->tile_n);
    if (share < 0 || share > tiling->tile_n)
        return err_set(err, "first_core_channels: %d is not in 0..%d", share, tiling->tile_n);
    return tiling->tile_n <= shape->group_n || share % shape->group_n == 0 ||
           err_set(err, "first_core_channels: %d is no multiple of the %d channels of a group",
                   share, shape->group_n);
}

static bool fits(const struct tile_shape *shape, const struct arch *arch,
                 const struct tiling *tiling, struct err *err)
{
    enum scratchpad_id pad;
    uint64_t need;
    if (tile_fits(shape, arch, tiling, &pad, &need))
        return true;
    return err_set(err, "scratchpad %s of %u bytes is too small: this tile needs %llu%s",
                   scratchpad_name(pad), arch->pads[pad].bytes, (unsigned long long)need,
                   arch->pads[pad].double_buffered ? " (two buffers)" : "");
}

bool tile_given(const struct tile_shape *shape, const struct arch *arch, struct tiling *tiling,
                struct err *err)
{
    if (!size_check("tile_h", tiling->tile_h, shape->out_h, err) ||
        !size_check("tile_w", tiling->tile_w, shape->out_w, err) ||
        !size_check("tile_n", tiling->tile_n, shape->n, err) ||
        !size_check("tile_k", tiling->tile_k, shape->channels, err) ||
        !groups_check(shape, tiling, err) || !share_check(shape, tiling, err) ||
        !fits(shape, arch, tiling, err))
        return false;
    struct tile_rates rates = tile_rates(shape, arch);
    struct tile_array_cycles array = {0};
    tiling->estimated_cycles =
        (uint64_t)ceil(tile_cost(shape, arch, &rates, tiling, INFINITY, &array));
    return true;
}
