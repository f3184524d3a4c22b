#include "memory/dram.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory/clock.h"

/* All state is "ready from this DRAM clock on", so that a constraint is one maximum.
 * docs/machine.md, section DRAM, gives each rule by the name of its parameter. */

enum { ACTIVATES_PER_WINDOW = 4 }; /* the four-activate window, tFAW */

struct bank {
    bool open;
    uint64_t row;
    uint64_t activate_ready;  /* tRP, tRFC */
    uint64_t column_ready;    /* tRCD */
    uint64_t precharge_ready; /* tRAS, tRTP, tWR */
};

struct dram {
    struct dram_numbers config;
    struct clock_ratio to_dram, to_core;
    uint64_t burst_clocks;   /* data bus clocks of one burst */
    uint64_t column_spacing; /* between column commands: max(tCCD, burst_clocks) */
    uint64_t activate_ready; /* tRRD */
    uint64_t window_ready[ACTIVATES_PER_WINDOW]; /* tFAW, oldest at window_oldest */
    unsigned window_oldest;
    uint64_t column_ready; /* column_spacing */
    uint64_t read_ready;   /* tWTR */
    uint64_t bus_ready;    /* data bus */
    uint64_t next_refresh;
    struct dram_counts counts;
    dram_event_observer observer;
    void *observer_context;
    struct bank banks[];
};

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t ceil_divide(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

struct dram_numbers dram_numbers_of(const struct dram_config *config)
{
    const struct dram_geometry *geometry = &config->device.geometry;
    const struct dram_timing *t = &config->device.timing;
    struct dram_numbers numbers = {
        .clock_period_ps = dram_config_clock_ps(config),
        .bytes_per_clock = (uint16_t)dram_config_bytes_per_clock(config),
        .burst_bytes = (uint16_t)dram_config_burst_bytes(config),
        .latency = config->ideal.latency,
    };
    if (config->is_ideal)
        return numbers;
    numbers.banks = (uint16_t)(geometry->channels * dram_channel_banks(geometry));
    numbers.row_bytes = geometry->columns * (geometry->bus_width / 8);
    numbers.latency = (uint16_t)t->CL;
#define TAKE(field, from) numbers.field = (uint16_t)t->from;
    TAKE(tRCD, tRCDRD)
    TAKE(tRP, tRP)
    TAKE(tRAS, tRAS)
    TAKE(tCCD, tCCD_S) TAKE(tRRD, tRRD_S) TAKE(tFAW, tFAW) TAKE(tWR, tWR) TAKE(tWTR, tWTR_L)
        TAKE(tRTP, tRTP) TAKE(tCWL, CWL)
#undef TAKE
            if (config->device.policy.refresh != DRAM_REFRESHES_NOTHING)
    {
        numbers.tREFI = (uint32_t)t->tREFI;
        numbers.tRFC =
            (uint32_t)(config->device.policy.refresh == DRAM_REFRESHES_BANKS ? t->tRFCpb : t->tRFC);
    }
    return numbers;
}

struct dram *dram_new(const struct dram_config *config, uint32_t clock_khz)
{
    struct dram_numbers numbers = dram_numbers_of(config);
    return dram_new_of_numbers(&numbers, clock_khz);
}

struct dram *dram_new_of_numbers(const struct dram_numbers *config, uint32_t clock_khz)
{
    struct dram *dram = calloc(1, sizeof *dram + config->banks * sizeof dram->banks[0]);
    if (!dram)
        return NULL;
    dram->config = *config;
    dram->to_dram = clock_ratio_from(clock_khz, config->clock_period_ps);
    dram->to_core = clock_ratio_inverse(dram->to_dram);
    dram->burst_clocks = ceil_divide(config->burst_bytes, config->bytes_per_clock);
    dram->column_spacing = later(config->tCCD, dram->burst_clocks);
    dram_reset(dram);
    return dram;
}

void dram_free(struct dram *dram)
{
    free(dram);
}

void dram_reset(struct dram *dram)
{
    dram->activate_ready = dram->column_ready = dram->read_ready = dram->bus_ready = 0;
    memset(dram->window_ready, 0, sizeof dram->window_ready);
    dram->window_oldest = 0;
    dram->next_refresh = dram->config.tREFI;
    memset(&dram->counts, 0, sizeof dram->counts);
    memset(dram->banks, 0, dram->config.banks * sizeof dram->banks[0]);
}

struct dram_counts dram_counts(const struct dram *dram)
{
    return dram->counts;
}

/* --- observing --- */

void dram_observe(struct dram *dram, dram_event_observer observer, void *context)
{
    dram->observer = observer;
    dram->observer_context = context;
}

const char *dram_event_name(enum dram_event_kind kind)
{
#define NAME(id, name) name,
    static const char *const names[] = {DRAM_EVENTS(NAME)};
#undef NAME
    assert(kind < DRAM_EVENT_COUNT);
    return names[kind];
}

static void tell(const struct dram *dram, struct dram_event event)
{
    if (dram->observer)
        dram->observer(dram->observer_context, &event);
}

static void tell_refresh(const struct dram *dram, uint64_t start)
{
    tell(dram, (struct dram_event){
                   .kind = DRAM_EVENT_REFRESH, .begin = start, .end = start + dram->config.tRFC});
}

/* --- commands --- */

/* All-bank refresh, due at clock `due`: precharge what is open, then tRFC. */
static void refresh(struct dram *dram, uint64_t due)
{
    uint64_t start = due;
    for (unsigned b = 0; b < dram->config.banks; b++) {
        const struct bank *bank = &dram->banks[b];
        start = later(start, bank->open ? later(due, bank->precharge_ready) + dram->config.tRP
                                        : bank->activate_ready);
    }
    for (unsigned b = 0; b < dram->config.banks; b++) {
        dram->banks[b].open = false;
        dram->banks[b].activate_ready = start + dram->config.tRFC;
    }
    dram->counts.refreshes++;
    tell_refresh(dram, start);
}

/* `count` refreshes one after the other, the last one due at clock `last`, all banks being closed. As
 * tRFC < tREFI, either they follow the one before them without a gap or the last one starts when due. */
static void refresh_closed(struct dram *dram, uint64_t count, uint64_t last)
{
    if (!count)
        return;
    const uint64_t tRFC = dram->config.tRFC, tREFI = dram->config.tREFI;
    uint64_t start = dram->banks[0].activate_ready; /* as of all banks */
    for (uint64_t i = 1; dram->observer && i <= count; i++, start += tRFC) {
        start = later(start, last - (count - i) * tREFI);
        tell_refresh(dram, start);
    }
    for (unsigned b = 0; b < dram->config.banks; b++) {
        uint64_t *ready = &dram->banks[b].activate_ready;
        *ready = later(*ready + count * tRFC, last + tRFC);
    }
    dram->counts.refreshes += count;
}

/* A refresh falls due every tREFI and comes before the first row segment that would follow it; only the
 * first of several finds banks open. */
static void refresh_until(struct dram *dram, uint64_t now)
{
    const uint64_t interval = dram->config.tREFI;
    if (!interval || now < dram->next_refresh)
        return;
    uint64_t further = (now - dram->next_refresh) / interval;
    refresh(dram, dram->next_refresh);
    dram->next_refresh += further * interval;
    refresh_closed(dram, further, dram->next_refresh);
    dram->next_refresh += interval;
}

/* Open `row`, known of since clock `from`. */
static void activate(struct dram *dram, struct bank *bank, uint64_t row, uint64_t from)
{
    const struct dram_numbers *config = &dram->config;
    const uint32_t index = (uint32_t)(bank - dram->banks);
    if (bank->open) {
        uint64_t precharge = later(from, bank->precharge_ready);
        bank->activate_ready = precharge + config->tRP;
        tell(dram, (struct dram_event){.kind = DRAM_EVENT_PRECHARGE,
                                       .begin = precharge,
                                       .end = bank->activate_ready,
                                       .bank = index});
    }
    uint64_t *window = &dram->window_ready[dram->window_oldest];
    uint64_t at = later(later(from, bank->activate_ready), later(dram->activate_ready, *window));
    *window = at + config->tFAW;
    dram->window_oldest = (dram->window_oldest + 1) % ACTIVATES_PER_WINDOW;
    dram->activate_ready = at + config->tRRD;
    bank->open = true;
    bank->row = row;
    bank->column_ready = at + config->tRCD;
    bank->precharge_ready = at + config->tRAS;
    dram->counts.activates++;
    tell(dram, (struct dram_event){.kind = DRAM_EVENT_ACTIVATE,
                                   .begin = at,
                                   .end = bank->column_ready,
                                   .bank = index,
                                   .row = row});
}

/* `bursts` column commands to the open row. Returns the clock of the first one. */
static uint64_t transfer(struct dram *dram, struct bank *bank, uint64_t bursts, bool write,
                         uint64_t from)
{
    const struct dram_numbers *config = &dram->config;
    uint64_t data_delay = write ? config->tCWL : config->latency;
    uint64_t first = later(later(from, bank->column_ready), dram->column_ready);
    if (!write)
        first = later(first, dram->read_ready);
    if (dram->bus_ready > data_delay)
        first = later(first, dram->bus_ready - data_delay);
    uint64_t last = first + (bursts - 1) * dram->column_spacing;
    dram->column_ready = last + dram->column_spacing;
    dram->bus_ready = last + data_delay + dram->burst_clocks;
    if (write) {
        dram->read_ready = dram->bus_ready + config->tWTR;
        bank->precharge_ready = later(bank->precharge_ready, dram->bus_ready + config->tWR);
        dram->counts.write_bursts += bursts;
    } else {
        bank->precharge_ready = later(bank->precharge_ready, last + config->tRTP);
        dram->counts.read_bursts += bursts;
    }
    return first;
}

/* --- requests --- */

static uint64_t bursts_of(const struct dram *dram, uint64_t address, uint64_t bytes)
{
    uint64_t size = dram->config.burst_bytes;
    return (address + bytes - 1) / size - address / size + 1;
}

/* No rows: a bus and a latency. */
static struct dram_grant access_ideal(struct dram *dram, uint64_t from, uint64_t address,
                                      uint32_t bytes, bool write)
{
    uint64_t bursts = bursts_of(dram, address, bytes);
    uint64_t clocks = ceil_divide(bursts * dram->config.burst_bytes, dram->config.bytes_per_clock);
    uint64_t start = later(from, dram->bus_ready);
    dram->bus_ready = start + clocks;
    *(write ? &dram->counts.write_bursts : &dram->counts.read_bursts) += bursts;
    tell(dram, (struct dram_event){.kind = write ? DRAM_EVENT_WRITE : DRAM_EVENT_READ,
                                   .begin = start,
                                   .end = dram->bus_ready,
                                   .address = address,
                                   .bursts = bursts});
    return (struct dram_grant){.next = start, .done = start + dram->config.latency + clocks};
}

/* The part of a request that lies in one row. Returns the clock of its first column command. */
static uint64_t access_row(struct dram *dram, uint64_t from, uint64_t address, uint64_t bytes,
                           bool write)
{
    refresh_until(dram, later(from, dram->column_ready));
    uint64_t row = address / dram->config.row_bytes;
    struct bank *bank = &dram->banks[row % dram->config.banks];
    row /= dram->config.banks;
    if (bank->open && bank->row == row)
        dram->counts.row_hits++;
    else
        activate(dram, bank, row, from);
    uint64_t bursts = bursts_of(dram, address, bytes);
    uint64_t first = transfer(dram, bank, bursts, write, from);
    tell(dram, (struct dram_event){
                   .kind = write ? DRAM_EVENT_WRITE : DRAM_EVENT_READ,
                   .begin = first + (write ? dram->config.tCWL : dram->config.latency),
                   .end = dram->bus_ready,
                   .bank = (uint32_t)(bank - dram->banks),
                   .row = row,
                   .address = address,
                   .bursts = bursts,
               });
    return first;
}

static struct dram_grant access_rows(struct dram *dram, uint64_t from, uint64_t address,
                                     uint32_t bytes, bool write)
{
    const uint64_t row_bytes = dram->config.row_bytes, end = address + bytes;
    struct dram_grant grant = {0};
    for (uint64_t at = address; at < end;) {
        uint64_t row_end = (at / row_bytes + 1) * row_bytes;
        uint64_t stop = row_end < end ? row_end : end;
        uint64_t first = access_row(dram, from, at, stop - at, write);
        if (at == address)
            grant.next = first;
        at = stop;
    }
    grant.done = dram->bus_ready;
    return grant;
}

struct dram_grant dram_access(struct dram *dram, uint64_t now, uint64_t address, uint32_t bytes,
                              bool write)
{
    assert(bytes);
    uint64_t from = clock_convert_up(dram->to_dram, now);
    struct dram_grant grant = dram->config.banks ? access_rows(dram, from, address, bytes, write)
                                                 : access_ideal(dram, from, address, bytes, write);
    grant.next = clock_convert_up(dram->to_core, grant.next);
    grant.done = clock_convert_up(dram->to_core, grant.done);
    return grant;
}

void dram_idle(struct dram *dram, uint64_t now)
{
    if (dram->config.banks)
        refresh_until(dram, clock_convert_up(dram->to_dram, now));
}
