/* Transfers and the time that they take. */
#include "compiler/tile_traffic.h"

/* --- transfers --- */

/* Pieces of `size` that a run touches, in expectation: it begins at any multiple of `unit`. */
static double pieces(double run, double size, double unit)
{
    return 1 + (run - lesser(lesser(unit, size), run)) / size;
}

/* Rows that the block's runs touch, in ascending order: each is opened once. */
static double rows_touched(const struct dram_rates *rates, const struct block *block)
{
    const double size = rates->row_bits;
    double length = block->run, runs = block->rows * block->columns;
    if (block->columns > 1 && block->column_pitch < size) {
        length += (block->columns - 1) * block->column_pitch;
        runs = block->rows;
    }
    if (block->rows > 1 && block->row_pitch < size && runs == block->rows) {
        length += (block->rows - 1) * block->row_pitch;
        runs = 1;
    }
    return runs * pieces(length, size, block->unit);
}

/* Channels that transfer at the same time: those that neighbouring requests lie in. */
static double channels_at_once(const struct dram_rates *rates, const struct block *block)
{
    const double pitch = block->columns > 1 ? block->column_pitch
                         : block->rows > 1  ? block->row_pitch
                                            : block->run;
    return greater(1, lesser(rates->channels, greater(pitch, block->run) / rates->channel_bits));
}

struct traffic traffic_of(const struct dram_rates *rates, const struct block *block)
{
    const double runs = block->rows * block->columns;
    const double bursts = runs * pieces(block->run, rates->burst_bits, block->unit);
    const double requests = runs * pieces(block->run, rates->request_bits, block->unit);
    return (struct traffic){
        .transfers = 1,
        .requests = requests,
        .row_changes = rates->row_change > 0 ? lesser(requests, rows_touched(rates, block)) : 0,
        .data = bursts * rates->cycles_per_burst / channels_at_once(rates, block),
        .bus = bursts * rates->cycles_per_burst / rates->channels,
    };
}

/* --- time --- */

/* Cycles that opening a row shows behind the request before. */
static double exposed(const struct dram_rates *rates, double before)
{
    return greater(0, rates->row_change - before);
}

static double per_request(const struct traffic *traffic)
{
    return traffic->requests > 0 ? traffic->data / traffic->requests : 0;
}

double traffic_alone(const struct dram_rates *rates, enum dram_direction direction,
                     const struct traffic *traffic)
{
    /* the first row's opening is part of a transfer's latency */
    const double changes = greater(0, traffic->row_changes - traffic->transfers);
    return traffic->transfers * rates->latency[direction] + traffic->data +
           changes * exposed(rates, per_request(traffic));
}

/* What the channel is held by requests of a direction, `others` of which follow one of the other
 * direction `turn` cycles later than one of their own. */
static double held(const struct dram_rates *rates, const struct traffic *own,
                   const struct traffic *other, double others, double turn)
{
    if (!(own->requests > 0))
        return 0;
    const double share = others / own->requests;
    const double behind_other = exposed(rates, per_request(other) + turn);
    const double behind_own = exposed(rates, per_request(own));
    return own->bus + others * turn +
           own->row_changes * (share * behind_other + (1 - share) * behind_own);
}

/* A unit waits for what the other one moves, but in the latency of its own transfers, where it asks
 * for nothing. */
static double with_other(const struct dram_rates *rates, enum dram_direction direction,
                         const struct traffic *own, double other_held)
{
    const double alone = traffic_alone(rates, direction, own);
    const double latency = own->transfers * rates->latency[direction];
    return alone > 0 ? alone + other_held * (1 - latency / alone) : other_held;
}

double traffic_shared(const struct dram_rates *rates, const struct traffic *load,
                      const struct traffic *store, bool clash)
{
    const double *turn = clash ? rates->clash : rates->turn;
    const double others = lesser(load->requests, store->requests / rates->writes_together);
    const double loads = held(rates, load, store, others, turn[DRAM_LOADS]);
    const double stores = held(rates, store, load, others, turn[DRAM_STORES]);
    return greater(loads + stores, greater(with_other(rates, DRAM_LOADS, load, stores),
                                           with_other(rates, DRAM_STORES, store, loads)));
}
