/* What a memory's timing means for transfers: docs/compiler.md, section Estimate. */
#include <math.h>

#include "compiler/tile_traffic.h"
#include "isa/dram_address.h"

/* --- where bits lie --- */

/* Bits below an address field. */
static double bits_below(const struct dram_device *device, const struct dram_mapping *mapping,
                         enum dram_address_field field)
{
    return ldexp(dram_burst_bytes(&device->geometry) * 8.0, mapping->fields[field].shift);
}

/* Rows of all banks, and what takes turns in them: so many bits, and so many of those at once. */
struct open_rows {
    double bits, count;
};

static struct open_rows open_rows(const struct dram_device *device,
                                  const struct dram_mapping *mapping)
{
    const struct dram_geometry *geometry = &device->geometry;
    const double banks = (double)dram_channel_banks(geometry) * geometry->channels;
    const double columns = mapping->fields[DRAM_ADDRESS_COLUMN].mask + 1.0;
    const double bits = columns * bits_below(device, mapping, DRAM_ADDRESS_COLUMN);
    return (struct open_rows){bits, banks * geometry->columns * geometry->bus_width / bits};
}

/* Whether blocks of two tensors `distance` apart, in bits, are in different rows of one bank, in
 * expectation: rows follow each other through the banks. */
static double clash_at(double distance, const struct open_rows *open)
{
    const double rows = floor(distance / open->bits), rest = distance / open->bits - rows;
    const bool at_rows = rows > 0 && fmod(rows, open->count) == 0;
    const bool at_next = fmod(rows + 1, open->count) == 0;
    return (1 - rest) * at_rows + rest * at_next;
}

/* A layer's output mostly lies behind its input, and it gets through both from end to end. */
static double clash_share(const struct open_rows *open, double in_bits, double out_bits)
{
    enum { PLACES = 16 };
    double sum = 0;
    for (int i = 0; i < PLACES; i++)
        sum += clash_at(in_bits + (out_bits - in_bits) * (i + 0.5) / PLACES, open);
    return sum / PLACES;
}

/* --- clocks --- */

/* From burst to burst of a stream: bank groups that take turns need not wait tCCD_L. */
static double stream_clocks(const struct dram_device *device, const struct dram_mapping *mapping)
{
    const struct dram_timing *t = &device->timing;
    const bool groups_turn =
        mapping->fields[DRAM_ADDRESS_GROUP].shift < mapping->fields[DRAM_ADDRESS_COLUMN].shift;
    const double within = (double)t->tCCD_L / (groups_turn ? device->geometry.bank_groups : 1);
    return greater(dram_burst_clocks(&device->geometry), greater(t->tCCD_S, within));
}

/* All time over what refreshes leave of it. */
static double refresh_factor(const struct dram_device *device)
{
    const struct dram_timing *t = &device->timing;
    if (device->policy.refresh != DRAM_REFRESHES_RANKS)
        return 1;
    return (double)t->tREFI / (t->tREFI - t->tRFC);
}

/* Clocks lost between column commands of the two directions, beyond those of a stream
 * (memory/dram_constraint.c): the bus turns round, and where both need other rows of one bank, that
 * is closed and opened again. tWTR is the longer one in the same bank group. */
static void set_turns(struct dram_rates *rates, const struct dram_device *device, double stream)
{
    const struct dram_timing *t = &device->timing;
    const double burst = dram_burst_clocks(&device->geometry);
    const double tWTR = t->tWTR_S + (double)(t->tWTR_L - t->tWTR_S) / device->geometry.bank_groups;
    rates->turn[DRAM_LOADS] = greater(0, t->CWL + burst + tWTR - stream);
    rates->turn[DRAM_STORES] = greater(0, t->CL + burst + t->tRTRS - t->CWL - stream);
    rates->clash[DRAM_LOADS] = t->CWL + burst + t->tWR + t->tRP + t->tRCDRD - stream;
    rates->clash[DRAM_STORES] = greater(t->tRTP, t->tRAS - t->tRCDRD) + t->tRP + t->tRCDWR - stream;
}

/* --- controllers: cycles, one clock being `clock` --- */

/* The channel takes a request when the first data of the one before are on their way, so a row that
 * it needs is opened while those are transferred, but in tRP + tRCD at the least. It begins in a
 * whole cycle. */
static void set_in_order(struct dram_rates *rates, const struct dram_device *device, double clock)
{
    const struct dram_timing *t = &device->timing;
    const double burst = dram_burst_clocks(&device->geometry);
    rates->row_change = ceil((t->tRP + t->tRCDRD) * clock);
    rates->latency[DRAM_LOADS] = ceil((t->tRP + t->tRCDRD + t->CL + burst) * clock);
    rates->latency[DRAM_STORES] = ceil((t->tRP + t->tRCDWR + t->CWL + burst) * clock);
}

/* Rows of requests that wait are opened meanwhile, four in tFAW. Stores end in the write buffer,
 * which is drained as a whole; reordering keeps clashes apart. */
static void set_queued(struct dram_rates *rates, const struct dram_device *device, double clock)
{
    const struct dram_timing *t = &device->timing;
    const double burst = dram_burst_clocks(&device->geometry);
    rates->row_change = greater(t->tRRD_S, t->tFAW / 4.0) * clock;
    rates->latency[DRAM_LOADS] = ceil((t->tRP + t->tRCDRD + t->CL + burst) * clock);
    rates->latency[DRAM_STORES] = 1;
    rates->writes_together = device->policy.drain_high;
    rates->clash_share = 0;
}

static struct dram_rates ideal_rates(const struct arch *arch, double clock)
{
    const double latency = arch->dma_setup + arch->dram.ideal.latency * clock;
    const double bursts = (double)arch->dram.ideal.burst_bytes / arch->dram.ideal.bytes_per_clock;
    return (struct dram_rates){.latency = {latency, latency},
                               .cycles_per_burst = bursts * clock,
                               .burst_bits = arch->dram.ideal.burst_bytes * 8.0,
                               .request_bits = 8.0 * DRAM_REQUEST_BYTES,
                               .row_bits = INFINITY,
                               .channel_bits = INFINITY,
                               .channels = 1,
                               .writes_together = 1};
}

struct dram_rates dram_rates(const struct arch *arch, double in_bits, double out_bits)
{
    const double clock = dram_config_clock_ps(&arch->dram) * (arch->clock_khz / 1e9);
    if (arch->dram.is_ideal)
        return ideal_rates(arch, clock);
    const struct dram_device *device = &arch->dram.device;
    struct dram_mapping mapping;
    dram_mapping_read(&mapping, device->policy.mapping, &device->geometry, NULL);
    const struct open_rows open = open_rows(device, &mapping);
    const double stream = stream_clocks(device, &mapping), refresh = refresh_factor(device);
    struct dram_rates rates = {.cycles_per_burst = stream * clock * refresh,
                               .burst_bits = dram_burst_bytes(&device->geometry) * 8.0,
                               .request_bits = 8.0 * DRAM_REQUEST_BYTES,
                               .row_bits = open.bits,
                               .channel_bits = bits_below(device, &mapping, DRAM_ADDRESS_CHANNEL),
                               .channels = device->geometry.channels,
                               .writes_together = 1,
                               .clash_share = clash_share(&open, in_bits, out_bits)};
    set_turns(&rates, device, stream);
    if (dram_config_is_queued(&arch->dram))
        set_queued(&rates, device, clock);
    else
        set_in_order(&rates, device, clock);
    rates.row_change *= refresh;
    for (int d = 0; d < DRAM_DIRECTIONS; d++) {
        rates.latency[d] += arch->dma_setup - stream * clock;
        rates.turn[d] *= clock * refresh / rates.channels; /* else they are in different ones */
        rates.clash[d] *= clock * refresh;
    }
    return rates;
}
