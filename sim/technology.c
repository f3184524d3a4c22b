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

const struct price *technology_dram(const struct technology *technology, const char *name)
{
    for (int i = 0; i < technology->dram_count; i++)
        if (!strcmp(technology->drams[i].name, name))
            return &technology->drams[i].price;
    return NULL;
}

const struct price *technology_dram_background(const struct technology *technology,
                                               const char *name)
{
    char record[2 * TECHNOLOGY_NAME_SIZE];
    snprintf(record, sizeof record, "background_%s", name);
    return technology_dram(technology, record);
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
