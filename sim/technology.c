#include "sim/technology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(id, name, unit, help) name,
static const char *const names[] = {PRICES(NAME)};
#undef NAME
#define UNIT(id, name, unit, help) unit,
static const char *const units[] = {PRICES(UNIT)};
#undef UNIT

const char *price_name(int price)
{
    return price >= 0 && price < PRICE_COUNT ? names[price] : NULL;
}

const char *price_unit(int price)
{
    return price >= 0 && price < PRICE_COUNT ? units[price] : NULL;
}

#define PREFIX(id, prefix, unit, names, help) prefix,
static const char *const part_prefixes[] = {PART_PRICES(PREFIX)};
#undef PREFIX
#define PART_UNIT(id, prefix, unit, names, help) unit,
static const char *const part_units[] = {PART_PRICES(PART_UNIT)};
#undef PART_UNIT

const char *part_price_prefix(int id)
{
    return id >= 0 && id < PART_PRICE_COUNT ? part_prefixes[id] : NULL;
}

const char *part_price_unit(int id)
{
    return id >= 0 && id < PART_PRICE_COUNT ? part_units[id] : NULL;
}

const struct price *technology_part(const struct technology *technology, enum part_price_id id,
                                    const char *part)
{
    for (int i = 0; i < technology->part_count; i++)
        if (technology->parts[i].id == id && !strcmp(technology->parts[i].part, part))
            return &technology->parts[i].price;
    return NULL;
}

void technology_free(struct technology *technology)
{
    if (!technology)
        return;
    for (int i = 0; i < technology->flavour_count; i++)
        for (int node = 0; node < SRAM_MAX_NODES; node++)
            free(technology->flavours[i].grids[node].points);
    free(technology);
}
