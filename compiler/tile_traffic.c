#include "compiler/tile_traffic.h"

#include <math.h>

#include "isa/dram_address.h"

static double greater(double a, double b)
{
    return a > b ? a : b;
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

/* --- rates --- */

/* Bits up to the top of an address field. */
static double bits_up_to(const struct dram_device *device, enum dram_address_field field)
{
    struct dram_mapping mapping;
    dram_mapping_read(&mapping, device->policy.mapping, &device->geometry, NULL);
    double bursts = ldexp((double)mapping.fields[field].mask + 1, mapping.fields[field].shift);
    return bursts * dram_burst_bytes(&device->geometry) * 8;
}

static double bits_below(const struct dram_device *device, enum dram_address_field field)
{
    struct dram_mapping mapping;
    dram_mapping_read(&mapping, device->policy.mapping, &device->geometry, NULL);
    return ldexp(dram_burst_bytes(&device->geometry) * 8.0, mapping.fields[field].shift);
}

/* Clocks from burst to burst of a stream: bank groups that take turns need not wait tCCD_L. */
static double stream_clocks(const struct dram_device *device)
{
    const struct dram_timing *t = &device->timing;
    const bool groups_turn =
        bits_below(device, DRAM_ADDRESS_GROUP) < bits_below(device, DRAM_ADDRESS_COLUMN);
    const double within = (double)t->tCCD_L / (groups_turn ? device->geometry.bank_groups : 1);
    return greater(dram_burst_clocks(&device->geometry), greater(t->tCCD_S, within));
}

/* Time that refreshes leave, over all time. */
static double refresh_factor(const struct dram_device *device)
{
    const struct dram_timing *t = &device->timing;
    if (device->policy.refresh != DRAM_REFRESHES_RANKS)
        return 1;
    return (double)t->tREFI / (t->tREFI - t->tRFC);
}

static struct dram_rates ideal_rates(const struct arch *arch, double clock)
{
    const struct dram_config *dram = &arch->dram;
    const double latency = arch->dma_setup + dram->ideal.latency * clock;
    const double burst = (double)dram->ideal.burst_bytes / dram->ideal.bytes_per_clock;
    return (struct dram_rates){.latency = {latency, latency},
                               .cycles_per_burst = burst * clock,
                               .burst_bits = dram->ideal.burst_bytes * 8.0,
                               .row_bits = INFINITY,
                               .channel_bits = INFINITY,
                               .channels = 1,
                               .writes_together = 1};
}

/* In order: the channel takes a request when the first data of the one before are on their way, so
 * a row that it needs is opened while those are transferred, but in tRP + tRCD at the least. It
 * begins in a whole cycle. */
static void in_order_rates(struct dram_rates *rates, const struct arch *arch, double clock)
{
    const struct dram_timing *t = &arch->dram.device.timing;
    const double burst = dram_burst_clocks(&arch->dram.device.geometry);
    rates->row_change = ceil((t->tRP + t->tRCDRD) * clock);
    rates->latency[DRAM_LOADS] = ceil((t->tRP + t->tRCDRD + t->CL + burst) * clock);
    rates->latency[DRAM_STORES] = ceil((t->tRP + t->tRCDWR + t->CWL + burst) * clock);
    rates->writes_together = 1;
}

/* Queued: rows of requests that wait are opened meanwhile, four in tFAW. Stores end in the write
 * buffer. */
static void queued_rates(struct dram_rates *rates, const struct arch *arch, double clock)
{
    const struct dram_device *device = &arch->dram.device;
    const struct dram_timing *t = &device->timing;
    const double burst = dram_burst_clocks(&device->geometry);
    rates->row_change = greater(t->tRRD_S, t->tFAW / 4.0) * clock;
    rates->latency[DRAM_LOADS] = ceil((t->tRP + t->tRCDRD + t->CL + burst) * clock);
    rates->latency[DRAM_STORES] = 1;
    rates->writes_together = device->policy.drain_high;
}

/* Rows that can be open side by side. */
static double open_rows(const struct dram_device *device)
{
    const struct dram_geometry *geometry = &device->geometry;
    double banks = (double)dram_channel_banks(geometry) * geometry->channels;
    return banks * geometry->columns * geometry->bus_width /
           bits_up_to(device, DRAM_ADDRESS_COLUMN);
}

/* Clocks lost between column commands of the two directions, beyond those of a stream
 * (memory/dram_constraint.c): the bus turns round, and where both need other rows of one bank, that
 * is closed and opened again. tWTR is the longer one in the same bank group. */
static void turn_rates(struct dram_rates *rates, const struct dram_device *device, double stream)
{
    const struct dram_timing *t = &device->timing;
    const double burst = dram_burst_clocks(&device->geometry);
    const double groups = device->geometry.bank_groups;
    const double tWTR = t->tWTR_S + (t->tWTR_L - t->tWTR_S) / groups;
    rates->turn[DRAM_LOADS] = greater(0, t->CWL + burst + tWTR - stream);
    rates->turn[DRAM_STORES] = greater(0, t->CL + burst + t->tRTRS - t->CWL - stream);
    rates->clash[DRAM_LOADS] = t->CWL + burst + t->tWR + t->tRP + t->tRCDRD - stream;
    rates->clash[DRAM_STORES] = greater(t->tRTP, t->tRAS - t->tRCDRD) + t->tRP + t->tRCDWR - stream;
}

/* Whether blocks of two tensors `distance` apart, in bits, are in different rows of one bank, in
 * expectation: rows of `row_bits` each follow each other through `count` banks. */
static double clash_at(double distance, double row_bits, double count)
{
    const double rows = floor(distance / row_bits), rest = distance / row_bits - rows;
    const bool at_rows = rows > 0 && fmod(rows, count) == 0;
    const bool at_next = fmod(rows + 1, count) == 0;
    return (1 - rest) * at_rows + rest * at_next;
}

/* A layer's output mostly lies behind its input, and it gets through both from end to end. */
static double clash_share(const struct dram_device *device, double in_bits, double out_bits)
{
    enum { PLACES = 16 };
    const double row_bits = bits_up_to(device, DRAM_ADDRESS_COLUMN), count = open_rows(device);
    double sum = 0;
    for (int i = 0; i < PLACES; i++)
        sum += clash_at(in_bits + (out_bits - in_bits) * (i + 0.5) / PLACES, row_bits, count);
    return sum / PLACES;
}

struct dram_rates dram_rates(const struct arch *arch, double in_bits, double out_bits)
{
    const double clock = dram_config_clock_ps(&arch->dram) * (arch->clock_khz / 1e9);
    struct dram_rates rates = ideal_rates(arch, clock);
    rates.request_bits = 8 * 4096.0;
    if (arch->dram.is_ideal)
        return rates;
    const struct dram_device *device = &arch->dram.device;
    const double stream = stream_clocks(device), refresh = refresh_factor(device);
    turn_rates(&rates, device, stream);
    if (dram_config_is_queued(&arch->dram))
        queued_rates(&rates, arch, clock);
    else
        in_order_rates(&rates, arch, clock);
    if (!dram_config_is_queued(&arch->dram))
        rates.clash_share = clash_share(device, in_bits, out_bits);
    for (int d = 0; d < DRAM_DIRECTIONS; d++)
        rates.latency[d] += arch->dma_setup - stream * clock;
    rates.row_change *= refresh;
    rates.cycles_per_burst = stream * clock * refresh;
    rates.burst_bits = dram_burst_bytes(&device->geometry) * 8.0;
    for (int d = 0; d < DRAM_DIRECTIONS; d++) {
        rates.turn[d] *= refresh * clock / device->geometry.channels;
        rates.clash[d] *= refresh * clock;
    }
    rates.row_bits = bits_up_to(device, DRAM_ADDRESS_COLUMN);
    rates.channels = device->geometry.channels;
    rates.channel_bits = bits_below(device, DRAM_ADDRESS_CHANNEL);
    return rates;
}

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
