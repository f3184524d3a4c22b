/* What an SRAM macro costs: interpolated in the SRAM table. */
#include <math.h>

#include "sim/technology.h"

/* A quantity of a macro, for interpolation. */
enum quantity { READ_PJ_PER_BIT, WRITE_PJ_PER_BIT, LEAKAGE_MW, AREA_MM2, ACCESS_NS };

static double quantity_of(const struct sram_point *point, enum quantity quantity)
{
    switch (quantity) {
    case READ_PJ_PER_BIT:
        return point->read_pj / point->width_bits;
    case WRITE_PJ_PER_BIT:
        return point->write_pj / point->width_bits;
    case LEAKAGE_MW:
        return point->leakage_mw;
    case AREA_MM2:
        return point->area_mm2;
    case ACCESS_NS:
        return point->access_ns;
    }
    return NAN;
}

/* Whether a macro outside the table has the quantity of the nearest one, or in proportion to its
 * size. */
static bool grows_with_size(enum quantity quantity)
{
    return quantity == LEAKAGE_MW || quantity == AREA_MM2;
}

/* Log-log straight line through (x0, y0) and (x1, y1). */
static double interpolate(double x, double x0, double y0, double x1, double y1)
{
    if (x0 == x1)
        return y0;
    return exp(log(y0) + (log(y1) - log(y0)) * (log(x) - log(x0)) / (log(x1) - log(x0)));
}

/* The points of width `width` around `bytes`, interpolated in size; the nearest where bytes is
 * outside. */
static double at_width(const struct sram_grid *grid, uint32_t width, double bytes,
                       enum quantity quantity, bool *outside)
{
    const struct sram_point *below = NULL, *above = NULL;
    for (int i = 0; i < grid->count; i++) {
        const struct sram_point *point = &grid->points[i];
        if (point->width_bits != width)
            continue;
        if (point->bytes <= bytes && (!below || point->bytes > below->bytes))
            below = point;
        if (point->bytes >= bytes && (!above || point->bytes < above->bytes))
            above = point;
    }
    if (below && above)
        return interpolate(bytes, below->bytes, quantity_of(below, quantity), above->bytes,
                           quantity_of(above, quantity));
    *outside = true;
    const struct sram_point *edge = below ? below : above;
    double value = quantity_of(edge, quantity);
    return grows_with_size(quantity) ? value * bytes / edge->bytes : value;
}

/* One quantity of one flavour at one node: between the two nearest widths, each interpolated in
 * size. */
static double in_grid(const struct sram_grid *grid, double bytes, double width,
                      enum quantity quantity, bool *outside)
{
    uint32_t below = 0, above = 0;
    for (int i = 0; i < grid->count; i++) {
        uint32_t here = grid->points[i].width_bits;
        if (here <= width && here > below)
            below = here;
        if (here >= width && (!above || here < above))
            above = here;
    }
    if (!below || !above) {
        *outside = true;
        return at_width(grid, below ? below : above, bytes, quantity, outside);
    }
    double low = at_width(grid, below, bytes, quantity, outside);
    double high = at_width(grid, above, bytes, quantity, outside);
    return interpolate(width, below, low, above, high);
}

/* At the technology's node: as the table has it, or between the two nodes around it. */
static double in_flavour(const struct technology *technology, const struct sram_flavour *flavour,
                         double bytes, double width, enum quantity quantity, bool *outside)
{
    double above = in_grid(&flavour->grids[0], bytes, width, quantity, outside);
    if (technology->sram_node_count == 1)
        return above;
    double below = in_grid(&flavour->grids[1], bytes, width, quantity, outside);
    return interpolate(technology->node_nm, technology->sram_nodes[1], below,
                       technology->sram_nodes[0], above);
}

static struct bounded over_flavours(const struct technology *technology, double bytes, double width,
                                    enum quantity quantity, bool *outside)
{
    struct bounded result = {0, INFINITY, 0};
    for (int i = 0; i < technology->flavour_count; i++) {
        bool beyond = false;
        double value =
            in_flavour(technology, &technology->flavours[i], bytes, width, quantity, &beyond);
        result.low = fmin(result.low, value);
        result.high = fmax(result.high, value);
        if (i == technology->cell) {
            result.value = value;
            *outside |= beyond;
        }
    }
    return result;
}

static bool is_point(const struct technology *technology, double bytes, double width)
{
    const struct sram_grid *grid = &technology->flavours[technology->cell].grids[0];
    if (technology->sram_node_count > 1)
        return false;
    for (int i = 0; i < grid->count; i++)
        if (grid->points[i].bytes == bytes && grid->points[i].width_bits == width)
            return true;
    return false;
}

struct sram_cost technology_sram(const struct technology *technology, double bytes, double width)
{
    struct sram_cost cost = {.is_point = is_point(technology, bytes, width)};
    cost.read_pj_per_bit = over_flavours(technology, bytes, width, READ_PJ_PER_BIT, &cost.outside);
    cost.write_pj_per_bit =
        over_flavours(technology, bytes, width, WRITE_PJ_PER_BIT, &cost.outside);
    cost.leakage_mw = over_flavours(technology, bytes, width, LEAKAGE_MW, &cost.outside);
    cost.area_mm2 = over_flavours(technology, bytes, width, AREA_MM2, &cost.outside);
    cost.access_ns = over_flavours(technology, bytes, width, ACCESS_NS, &cost.outside);
    return cost;
}
