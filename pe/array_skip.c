/* Bit-serial PEs that skip zero digits: steps take as long as the most digits among the weights
 * that move together. */
#include "pe/array_fold.h"

#include <assert.h>
#include <stddef.h>

#include "pe/format.h"

/* Clocks for weights [row][column] .. [row][column + count - 1]: the most digits among them, at
 * least 1. */
static unsigned most_digits(const struct mapping *map, const uint8_t *digits_of_code,
                            uint64_t group, uint64_t row, uint64_t column, uint64_t count)
{
    const struct array_work *work = map->work;
    size_t at = (size_t)((group * work->k + row) * work->n + column);
    unsigned most = 1;
    if (format_host_bytes(work->weight) == 1) {
        const uint8_t *codes = (const uint8_t *)work->weights + at;
        for (uint64_t i = 0; i < count; i++)
            most = digits_of_code[codes[i]] > most ? digits_of_code[codes[i]] : most;
    } else {
        const uint16_t *codes = (const uint16_t *)work->weights + at;
        for (uint64_t i = 0; i < count; i++)
            most = digits_of_code[codes[i]] > most ? digits_of_code[codes[i]] : most;
    }
    return most;
}

/* OS: step kk waits for the slowest column. */
static struct steps skipping_os(const struct mapping *map, const uint8_t *digits,
                                const struct place *place)
{
    struct steps steps = {0};
    for (uint64_t kk = 0; kk < map->work->k; kk++)
        steps.of[most_digits(map, digits, place->group, kk,
                             place->column_block * map->array_columns, place->columns)]++;
    return steps;
}

/* WS: every step waits for the slowest weight of the stationary tile. */
static struct steps skipping_ws(const struct mapping *map, const uint8_t *digits,
                                const struct place *place)
{
    struct steps steps = {0};
    unsigned most = 1;
    for (uint64_t i = 0; i < place->rows; i++) {
        unsigned row =
            most_digits(map, digits, place->group, place->row_block * map->array_rows + i,
                        place->column_block * map->array_columns, place->columns);
        most = row > most ? row : most;
    }
    steps.of[most] = map->steps;
    return steps;
}

/* IS: step n waits for the slowest of the weights that enter the rows. */
static struct steps skipping_is(const struct mapping *map, const uint8_t *digits,
                                const struct place *place)
{
    struct steps steps = {0};
    for (uint64_t n = 0; n < map->work->n; n++) {
        unsigned most = 1;
        for (uint64_t i = 0; i < place->rows; i++) {
            uint64_t row = place->row_block * map->array_rows + i;
            unsigned one = most_digits(map, digits, place->group, row, n, 1);
            most = one > most ? one : most;
        }
        steps.of[most]++;
    }
    return steps;
}

static struct steps skipping_steps(const struct mapping *map, const uint8_t *digits,
                                   const struct place *place)
{
    switch ((enum dataflow)map->core->dataflow) {
    case OUTPUT_STATIONARY:
        return skipping_os(map, digits, place);
    case WEIGHT_STATIONARY:
        return skipping_ws(map, digits, place);
    case INPUT_STATIONARY:
        return skipping_is(map, digits, place);
    case DATAFLOW_COUNT:
        break;
    }
    assert(!"no such dataflow");
    return (struct steps){0};
}

/* Adds one column of folds to `all`; returns the clocks their PEs are held. */
static uint64_t skipping_column(const struct mapping *map, const uint8_t *digits, uint64_t group,
                                uint64_t column_block, struct chain *all)
{
    bool weights_pass_all_rows = map->core->dataflow == OUTPUT_STATIONARY;
    uint64_t held = 0;
    struct steps steps = {0};
    for (uint64_t row_block = 0; row_block < map->row_blocks; row_block++) {
        struct place place = array_place(map, group, row_block, column_block);
        if (!row_block || !weights_pass_all_rows)
            steps = skipping_steps(map, digits, &place);
        struct fold fold = array_fold(map, &place, &steps);
        struct chain chain = array_chain(map->core, &fold);
        *all = array_chain_join(map->core, all, &chain);
        held += place.rows * place.columns * array_step_clocks(&steps, 1);
    }
    return held;
}

uint64_t array_skipping_cycles(const struct mapping *map, uint64_t *held)
{
    const uint8_t *digits = format_grid(map->work->weight)->digits_of_code;
    struct chain all = {0};
    *held = 0;
    for (uint64_t group = 0; group < map->work->groups; group++)
        for (uint64_t block = 0; block < map->column_blocks; block++)
            *held += skipping_column(map, digits, group, block, &all);
    return array_chain_cycles(map->core, &all);
}
