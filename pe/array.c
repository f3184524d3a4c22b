#include "pe/array.h"

#include <assert.h>
#include <stddef.h>

#include "pe/array_fold.h"

static uint64_t ceil_divide(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value > least ? value : least;
}

void array_shape(const struct core *core, struct format act, struct format weight, uint32_t *rows,
                 uint32_t *columns)
{
    const struct pe_descriptor *pe = pe_descriptor(core->pe);
    bool weights_enter_rows = core->dataflow == INPUT_STATIONARY;
    *rows = core->rows / (unsigned)pe->fusion(weights_enter_rows ? weight : act) * pe_pixels(pe);
    *columns = core->columns / (unsigned)pe->fusion(weights_enter_rows ? act : weight);
}

static uint64_t port_bits(const struct arch *arch, enum scratchpad_id pad)
{
    return (uint64_t)arch->pads[pad].banks * arch->pads[pad].bank_bits;
}

static struct mapping map_work(const struct arch *arch, const struct array_work *work)
{
    const struct core *core = &arch->cores[work->core];
    bool weights_enter_rows = core->dataflow == INPUT_STATIONARY;
    uint64_t act_bits = (unsigned)format_code_bits(work->act);
    uint64_t weight_bits = (unsigned)format_code_bits(work->weight);
    uint64_t act_port = port_bits(arch, PAD_ACT), weight_port = port_bits(arch, PAD_WEIGHT);
    struct mapping map = {
        .core = core,
        .row_bits = weights_enter_rows ? weight_bits : act_bits,
        .row_port = weights_enter_rows ? weight_port : act_port,
        .column_bits = weights_enter_rows ? act_bits : weight_bits,
        .column_port = weights_enter_rows ? act_port : weight_port,
        .sum_bits = core->accumulator_bits,
        .sum_port = port_bits(arch, PAD_ACC),
        .pe = pe_descriptor(core->pe),
        .work = work,
    };
    switch ((enum dataflow)core->dataflow) {
    case OUTPUT_STATIONARY:
        map.rows = work->m, map.columns = work->n, map.steps = work->k;
        break;
    case WEIGHT_STATIONARY:
        map.rows = work->k, map.columns = work->n, map.steps = work->m;
        break;
    case INPUT_STATIONARY:
        map.rows = work->k, map.columns = work->m, map.steps = work->n;
        break;
    case DATAFLOW_COUNT:
        assert(!"no such dataflow");
    }
    uint32_t array_rows, array_columns;
    array_shape(core, work->act, work->weight, &array_rows, &array_columns);
    assert(array_rows && array_columns && map.rows && map.columns && map.steps && work->groups);
    map.array_rows = array_rows;
    map.array_columns = array_columns;
    map.row_blocks = ceil_divide(map.rows, array_rows);
    map.column_blocks = ceil_divide(map.columns, array_columns);
    return map;
}

struct place array_place(const struct mapping *map, uint64_t group, uint64_t row_block,
                         uint64_t column_block)
{
    uint64_t rows_left = map->rows - row_block * map->array_rows;
    uint64_t columns_left = map->columns - column_block * map->array_columns;
    return (struct place){
        .group = group,
        .row_block = row_block,
        .column_block = column_block,
        .rows = rows_left < map->array_rows ? rows_left : map->array_rows,
        .columns = columns_left < map->array_columns ? columns_left : map->array_columns,
    };
}

/* sum over steps of max(d, least) */
uint64_t array_step_clocks(const struct steps *steps, uint64_t least)
{
    uint64_t clocks = 0;
    for (uint64_t d = 1; d <= MAX_STEP_CLOCKS; d++)
        clocks += steps->of[d] * at_least(d, least);
    return clocks;
}

/* --- one fold --- */

/* Does the fold add to sums that already lie in the acc scratchpad? */
static bool adds_to_sums(const struct mapping *map, const struct place *place)
{
    bool rows_are_reduction = map->core->dataflow != OUTPUT_STATIONARY;
    return map->work->accumulate || (rows_are_reduction && place->row_block > 0);
}

struct fold array_fold(const struct mapping *map, const struct place *place,
                       const struct steps *steps)
{
    const struct core *core = map->core;
    uint64_t r = core->skew_used ? place->rows : map->array_rows;
    uint64_t hops = ceil_divide(r, pe_pixels(map->pe)); /* rows of PEs */
    uint64_t c = core->skew_used ? place->columns : map->array_columns;
    uint64_t sums = place->columns * map->sum_bits * (adds_to_sums(map, place) ? 2 : 1);
    uint64_t row_clocks = ceil_divide(place->rows * map->row_bits, map->row_port);
    uint64_t column_clocks = ceil_divide(place->columns * map->column_bits, map->column_port);
    uint64_t sum_clocks = ceil_divide(sums, map->sum_port);
    struct fold fold = {
        .skew = hops - 1 + c - 1,
        .latency = core->fold_latency,
        .depth = hops,
    };
    if (place->rows > pe_pixels(map->pe) && place->columns > 1)
        fold.latency += core->corner_latency;
    if (core->dataflow == OUTPUT_STATIONARY) {
        fold.stream = array_step_clocks(steps, at_least(row_clocks, column_clocks));
        fold.drain = r * sum_clocks;
    } else {
        fold.stream = array_step_clocks(steps, at_least(row_clocks, sum_clocks));
        fold.preload = r * column_clocks;
    }
    return fold;
}

/* --- all folds alike but for the edges: closed form --- */

/* The row blocks of one column block: the first (it adds to no earlier block), those between, the
 * last. */
static struct chain uniform_column(const struct mapping *map, uint64_t column_block,
                                   const struct steps *steps)
{
    uint64_t last = map->row_blocks - 1;
    uint64_t counts[] = {1, last > 1 ? last - 1 : 0, last > 0};
    uint64_t blocks[] = {0, last ? 1 : 0, last};
    struct chain column = {0};
    for (int part = 0; part < 3; part++) {
        struct place place = array_place(map, 0, blocks[part], column_block);
        struct fold fold = array_fold(map, &place, steps);
        struct chain chain = array_chain(map->core, &fold);
        chain = array_chain_repeat(map->core, &chain, counts[part]);
        column = array_chain_join(map->core, &column, &chain);
    }
    return column;
}

static uint64_t uniform_cycles(const struct mapping *map, uint64_t clocks_per_mac)
{
    assert(clocks_per_mac <= MAX_STEP_CLOCKS);
    struct steps steps = {0};
    steps.of[clocks_per_mac] = map->steps;
    struct chain full = uniform_column(map, 0, &steps);
    struct chain edge = uniform_column(map, map->column_blocks - 1, &steps);
    full = array_chain_repeat(map->core, &full, map->column_blocks - 1);
    struct chain group = array_chain_join(map->core, &full, &edge);
    struct chain all = array_chain_repeat(map->core, &group, map->work->groups);
    return array_chain_cycles(map->core, &all);
}

/* --- counters --- */

static void count_traffic(const struct mapping *map, struct counters *counters)
{
    const struct array_work *work = map->work;
    bool output_stationary = map->core->dataflow == OUTPUT_STATIONARY;
    uint64_t row_codes = work->groups * map->rows * map->steps * map->column_blocks;
    uint64_t column_codes = work->groups * map->columns *
                            (output_stationary ? map->steps * map->row_blocks : map->rows);
    bool weights_enter_rows = map->core->dataflow == INPUT_STATIONARY;
    uint64_t act_codes = weights_enter_rows ? column_codes : row_codes;
    uint64_t weight_codes = weights_enter_rows ? row_codes : column_codes;
    counters->act_read_bits += act_codes * (unsigned)format_code_bits(work->act);
    counters->weight_read_bits += weight_codes * (unsigned)format_code_bits(work->weight);
    if (map->pe->has_decoders && work->core) {
        counters->array2_act_decodes += act_codes;
        counters->array2_weight_decodes += weight_codes;
    } else if (map->pe->has_decoders) {
        counters->act_decodes += act_codes;
        counters->weight_decodes += weight_codes;
    }
    uint64_t sums = work->groups * work->m * work->n * map->sum_bits;
    uint64_t passes = output_stationary ? 1 : map->row_blocks;
    counters->acc_write_bits += sums * passes;
    counters->acc_read_bits += sums * (passes - 1 + work->accumulate);
}

static void count_clocks(const struct mapping *map, uint64_t held, uint64_t cycles,
                         struct counters *counters)
{
    uint64_t idle = map->array_rows * map->array_columns * cycles - held;
    *(map->work->core ? &counters->array2_pe_clocks : &counters->pe_clocks) += held;
    *(map->work->core ? &counters->array2_idle_pe_clocks : &counters->idle_pe_clocks) += idle;
}

uint64_t array_cycles(const struct arch *arch, const struct array_work *work,
                      struct counters *counters)
{
    struct mapping map = map_work(arch, work);
    uint64_t macs = work->m * work->k * work->n * work->groups;
    uint64_t cycles, held;
    if (map.pe->skips_zero_digits && work->weights) {
        cycles = array_skipping_cycles(&map, &held);
    } else {
        uint64_t clocks = (unsigned)map.pe->clocks_per_mac(work->weight);
        cycles = uniform_cycles(&map, clocks);
        held = macs * clocks;
    }
    if (counters) {
        counters->macs += macs;
        count_clocks(&map, held, cycles, counters);
        count_traffic(&map, counters);
    }
    return cycles;
}
