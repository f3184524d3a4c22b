/* The published figures of MSD's scheduler (results/published), and its layers as shapes. */
#ifndef MANTIS_TEST_MSD_TABLES_H
#define MANTIS_TEST_MSD_TABLES_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "compiler/lockstep.h"
#include "compiler/quantise.h"
#include "sim/config.h"
#include "workloads/topology.h"

enum { MSD_MAX_ROWS = 400, MSD_CELLS = 20, MSD_CELL_SIZE = 64 };

struct msd_table {
    int rows, columns;
    char header[MSD_CELLS][MSD_CELL_SIZE];
    char cells[MSD_MAX_ROWS][MSD_CELLS][MSD_CELL_SIZE];
};

static int msd_split(char *line, char cells[MSD_CELLS][MSD_CELL_SIZE])
{
    int count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *cell; (cell = strsep(&line, ",")) && count < MSD_CELLS; count++)
        snprintf(cells[count], MSD_CELL_SIZE, "%s", cell);
    return count;
}

static void msd_read(const char *path, struct msd_table *table)
{
    char line[1000];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *table = (struct msd_table){0};
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#')
            continue;
        if (!table->columns)
            table->columns = msd_split(line, table->header);
        else
            msd_split(line, table->cells[table->rows++]);
    }
    fclose(file);
    assert_true(table->rows > 0);
}

__attribute__((unused)) static const char *msd_text(const struct msd_table *table, int row,
                                                    const char *column)
{
    for (int i = 0; i < table->columns; i++)
        if (!strcmp(table->header[i], column))
            return table->cells[row][i];
    fail_msg("no column %s", column);
    return NULL;
}

__attribute__((unused)) static double msd_number(const struct msd_table *table, int row,
                                                 const char *column)
{
    return atof(msd_text(table, row, column));
}

/* --- layers --- */

static struct network *msd_network(const char *name)
{
    char path[400];
    struct err err = {""};
    struct quantise_config scheme;
    snprintf(path, sizeof path, "%s/workloads/topologies/msd/%s.csv", TEST_SOURCE_DIR, name);
    struct topology *topology = topology_read(path, &err);
    if (!topology || !config_read_quantise("int8", &scheme, &err))
        fail_msg("%s", err.text);
    struct network *network = network_from_topology(topology, &scheme, &err);
    if (!network)
        fail_msg("%s", err.text);
    quantise_config_free(&scheme);
    topology_free(topology);
    return network;
}

/* The networks stay until the program ends. */
__attribute__((unused)) static struct tile_shape msd_shape(const char *model, const char *layer)
{
    static struct network *networks[8];
    int i = 0;
    while (networks[i] && strcmp(networks[i]->model, model))
        i++;
    if (!networks[i])
        networks[i] = msd_network(model);
    for (int l = 0; l < networks[i]->layer_count; l++)
        if (!strcmp(networks[i]->layers[l].name, layer))
            return tile_shape(networks[i], &networks[i]->layers[l]);
    fail_msg("%s has no layer %s", model, layer);
    return (struct tile_shape){0};
}

/* --- machines --- */

/* All assumptions of the published model. */
#define MSD_TRUE(field, help) .field = true,
#define MSD_ASSUMPTIONS LOCKSTEP_ASSUMPTIONS(MSD_TRUE)

/* "ultra96" of the scheduler's archs. */
static const struct lockstep msd_ultra96 = {
    .array_count = 2,
    .arrays = {{.rows = 48, .columns = 48, .macs = 1, .is_serial = true, .bram18 = {4, 4, 4}},
               {.rows = 16, .columns = 16, .macs = 2, .bram18 = {4, 4, 4}}},
    .bytes_per_cycle = 16,
    MSD_ASSUMPTIONS};

/* The same as the figures by effectual bits were made: the bit-parallel array of the bitstream,
 * smaller buffers, short loads at full speed, and nothing loaded that the stride skips (the 1 x 1
 * layers of ResNet-18 tell). */
__attribute__((unused)) static struct lockstep msd_by_effectual_bits(void)
{
    struct lockstep machine = msd_ultra96;
    machine.arrays[1].rows = machine.arrays[1].columns = 18;
    for (int i = 0; i < 2; i++)
        machine.arrays[i].bram18 = (struct lockstep_buffers){3, 1, 3};
    machine.short_loads_slow = machine.gaps_loaded = false;
    return machine;
}

/* The tiling of a row. Depthwise layers: `channels` is the column that holds the channels of a
 * tile. */
__attribute__((unused)) static struct lockstep_tiling msd_tiling(const struct msd_table *table,
                                                                 int row,
                                                                 const struct tile_shape *shape,
                                                                 const char *channels)
{
    bool depthwise = lockstep_is_depthwise(shape);
    struct lockstep_tiling tiling = {
        .h = (int)msd_number(table, row, "o_tile"),
        .w = (int)msd_number(table, row, "o_tile"),
        .n = (int)msd_number(table, row, depthwise ? channels : "k_tile"),
        .k = depthwise ? 1 : (int)msd_number(table, row, "c_tile"),
    };
    tiling.first = (int)(msd_number(table, row, "lut_ratio") * tiling.n + 0.5);
    return tiling;
}

#endif
