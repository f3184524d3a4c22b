/* What a layer's transfers take of the DRAM channel, by the rules of docs/machine.md, sections DMA
 * and DRAM, in expectation: addresses are not known yet. Cycles are the core's. */
#ifndef MANTIS_COMPILER_TILE_TRAFFIC_H
#define MANTIS_COMPILER_TILE_TRAFFIC_H

#include <stdbool.h>

#include "isa/arch.h"

/* fmax and fmin would look for NaN, too: none comes up. */
static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

enum dram_direction { DRAM_LOADS, DRAM_STORES, DRAM_DIRECTIONS };

struct dram_rates {
    double latency[DRAM_DIRECTIONS]; /* cycles of a transfer before and after its data move: setup,
                                        opening the first row, first data */
    double cycles_per_burst;         /* one after the other in one channel */
    double row_change; /* cycles from a request's first data to the next one's, if a row must be
                          opened for it */
    double turn[DRAM_DIRECTIONS];  /* cycles lost where this direction follows the other */
    double clash[DRAM_DIRECTIONS]; /* the same if both need different rows of one bank */
    double clash_share;            /* of the layer's time, in which that is so */
    double burst_bits, request_bits;
    double row_bits;     /* side by side in one row, or in rows that take turns */
    double channel_bits; /* side by side in one channel */
    double channels;
    double writes_together; /* requests: a queued controller's buffer collects them */
};

/* Of a layer that reads a tensor of in_bits and writes one of out_bits. */
struct dram_rates dram_rates(const struct arch *arch, double in_bits, double out_bits);

/* Of one transfer, or of several together. */
struct traffic {
    double transfers, requests;
    double row_changes; /* requests for which a row must be opened */
    double data;        /* cycles of the bursts themselves */
    double bus;         /* the same, were all channels to share them */
};

/* A block of rows x columns runs of contiguous bits. Lengths, and distances of neighbours, are in
 * bits; all runs begin at multiples of `unit`. */
struct block {
    double rows, columns, run;
    double row_pitch, column_pitch, unit;
};
struct traffic traffic_of(const struct dram_rates *rates, const struct block *block);

static inline struct traffic traffic_times(double count, struct traffic traffic)
{
    return (struct traffic){count * traffic.transfers, count * traffic.requests,
                            count * traffic.row_changes, count * traffic.data, count * traffic.bus};
}

static inline struct traffic traffic_plus(struct traffic a, struct traffic b)
{
    return (struct traffic){a.transfers + b.transfers, a.requests + b.requests,
                            a.row_changes + b.row_changes, a.data + b.data, a.bus + b.bus};
}

/* Cycles of the unit that makes these transfers one after the other, the channel its own. */
double traffic_alone(const struct dram_rates *rates, enum dram_direction direction,
                     const struct traffic *traffic);

/* Cycles of loads and stores that share the channel request by request; whether they clash. */
double traffic_shared(const struct dram_rates *rates, const struct traffic *load,
                      const struct traffic *store, bool clash);

#endif
