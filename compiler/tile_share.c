/* How two cores share the output channels of a tile. */
#include "compiler/tile.h"
#include "pe/array.h"

/* Channels that cannot be parted: those of a group where a tile has several. */
static int share_unit(const struct tile_shape *shape, const struct tiling *tiling)
{
    return tiling->tile_n > shape->group_n ? shape->group_n : 1;
}

/* Cycles of a core for so many channels of one tile, all input channels in one pass. */
static uint64_t core_cycles(const struct tile_shape *shape, const struct arch *arch,
                            const struct tiling *tiling, int core, int channels)
{
    int unit = share_unit(shape, tiling),
        groups = unit > 1 || tiling->tile_n > shape->group_n ? channels / unit : 1;
    struct array_work work = {
        .m = (uint64_t)tiling->tile_h * (unsigned)tiling->tile_w,
        .k = (uint64_t)shape->kernel_h * (unsigned)shape->kernel_w * (unsigned)shape->channels,
        .n = channels ? (unsigned)(channels / groups) : 0,
        .groups = (unsigned)groups,
        .act = shape->act,
        .weight = shape->weight[core],
        .core = (uint8_t)core,
    };
    return channels ? array_cycles(arch, &work, NULL) : 0;
}

/* The least share of the first core with which it takes as long as the second: its time grows with
 * its share, the other's falls. */
static int balanced_share(const struct tile_shape *shape, const struct arch *arch,
                          const struct tiling *tiling)
{
    int unit = share_unit(shape, tiling), low = 0, high = tiling->tile_n / unit;
    while (low < high) {
        int first = low + (high - low) / 2, second = tiling->tile_n / unit - first;
        if (core_cycles(shape, arch, tiling, 0, first * unit) >=
            core_cycles(shape, arch, tiling, 1, second * unit))
            high = first;
        else
            low = first + 1;
    }
    return low * unit;
}

/* Add a share, rounded down to what can be parted, if it is new. */
static int add_share(const struct tile_shape *shape, const struct tiling *tiling, int share,
                     int shares[TILE_MAX_SHARES], int count)
{
    int unit = share_unit(shape, tiling);
    share = share / unit * unit;
    bool is_new = share >= 0 && share <= tiling->tile_n;
    for (int i = 0; i < count; i++)
        is_new = is_new && shares[i] != share;
    if (is_new)
        shares[count++] = share;
    return count;
}

int tile_shares(const struct tile_shape *shape, const struct arch *arch,
                const struct tiling *tiling, int shares[TILE_MAX_SHARES])
{
    int n = tiling->tile_n;
    if (shape->cores == 1) {
        shares[0] = n;
        return 1;
    }
    uint32_t rows, columns[ARCH_MAX_CORES];
    for (int core = 0; core < ARCH_MAX_CORES; core++)
        array_shape(&arch->cores[core], shape->act, shape->weight[core], &rows, &columns[core]);
    int balanced = balanced_share(shape, arch, tiling);
    int whole_first = balanced / (int)columns[0] * (int)columns[0];
    int whole_second = n - (n - balanced) / (int)columns[1] * (int)columns[1];
    const int candidates[] = {balanced,
                              balanced - share_unit(shape, tiling),
                              whole_first,
                              whole_first + (int)columns[0],
                              whole_second,
                              whole_second - (int)columns[1],
                              balanced / 2,
                              balanced + (n - balanced) / 2,
                              n,
                              0};
    int count = 0;
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        count = add_share(shape, tiling, candidates[i], shares, count);
    return count;
}
