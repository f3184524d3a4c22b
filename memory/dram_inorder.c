#include "memory/dram_inorder.h"

#include <assert.h>
#include <stdlib.h>

#include "memory/clock.h"
#include "memory/dram_activity.h"
#include "memory/dram_refresh.h"
#include "memory/dram_train.h"

/* Commands are placed burst by burst, each at the first clock that the constraints of all commands
 * placed before it allow. That is the order of time too wherever one command makes another wait:
 * precharges of a rank are in order, so are activates and refreshes, and so are column commands of
 * a channel, and commands to a bank wait for all before them. */

struct channel {
    struct dram_state state;
    uint64_t column_from; /* column commands are in order, one a clock */
    uint64_t precharged[DRAM_MAX_RANKS];
    struct dram_activity activity[DRAM_MAX_RANKS];
    uint32_t number;
};

struct dram_inorder {
    struct dram_device device;
    struct dram_mapping mapping;
    struct column_gaps gaps[2]; /* [is_write] */
    struct train_shape shape;
    uint64_t burst_clocks;
    uint64_t refresh_interval, next_refresh, refresh_number;
    bool rows_changed;  /* since the last settle, or at a clock still to come */
    uint64_t now, done; /* arrival of the last request, end of its data */
    struct dram_counts counts;
    dram_event_observer observer;
    void *observer_context;
    struct channel channels[];
};

/* --- life --- */

static bool allocate_activity(struct dram_inorder *inorder)
{
    const uint32_t bursts = DRAM_MAX_REQUEST / dram_burst_bytes(&inorder->device.geometry) + 2;
    const uint32_t events = 4 * bursts + 2 * DRAM_MAX_BANKS;
    bool ok = true;
    for (uint32_t c = 0; c < inorder->device.geometry.channels; c++)
        for (uint32_t r = 0; r < inorder->device.geometry.ranks; r++)
            ok = dram_activity_initialise(&inorder->channels[c].activity[r], events) && ok;
    return ok;
}

struct dram_inorder *dram_inorder_new(const struct dram_device *device)
{
    struct dram_inorder *inorder =
        calloc(1, sizeof *inorder + device->geometry.channels * sizeof inorder->channels[0]);
    if (!inorder)
        return NULL;
    assert(device->policy.row == DRAM_ROW_OPEN);
    inorder->device = *device;
    inorder->burst_clocks = dram_burst_clocks(&device->geometry);
    inorder->refresh_interval = dram_refresh_interval(device);
    bool ok = dram_mapping_read(&inorder->mapping, device->policy.mapping, &device->geometry, NULL);
    assert(ok);
    for (int is_write = 0; is_write < 2; is_write++)
        inorder->gaps[is_write] = column_gaps_of(device, is_write);
    inorder->shape = train_shape_of(device, &inorder->mapping);
    ok = allocate_activity(inorder);
    dram_inorder_reset(inorder);
    if (ok)
        return inorder;
    dram_inorder_free(inorder);
    return NULL;
}

void dram_inorder_free(struct dram_inorder *inorder)
{
    for (uint32_t c = 0; inorder && c < inorder->device.geometry.channels; c++)
        for (uint32_t r = 0; r < inorder->device.geometry.ranks; r++)
            dram_activity_free(&inorder->channels[c].activity[r]);
    free(inorder);
}

void dram_inorder_reset(struct dram_inorder *inorder)
{
    for (uint32_t c = 0; c < inorder->device.geometry.channels; c++) {
        struct channel *channel = &inorder->channels[c];
        dram_state_initialise(&channel->state, &inorder->device);
        channel->number = c;
        channel->column_from = 0;
        for (uint32_t r = 0; r < inorder->device.geometry.ranks; r++) {
            channel->precharged[r] = 0;
            dram_activity_reset(&channel->activity[r]);
        }
    }
    inorder->next_refresh = inorder->refresh_interval ? inorder->refresh_interval : UINT64_MAX;
    inorder->refresh_number = 0;
    inorder->now = inorder->done = 0;
    inorder->counts = (struct dram_counts){0};
}

/* --- observing --- */

void dram_inorder_observe(struct dram_inorder *inorder, dram_event_observer observer, void *context)
{
    inorder->observer = observer;
    inorder->observer_context = context;
}

static void tell(const struct dram_inorder *inorder, const struct channel *channel,
                 enum dram_event_kind kind, uint32_t bank, uint32_t row, uint64_t begin,
                 int32_t clocks)
{
    if (!inorder->observer)
        return;
    struct dram_event event = {.kind = kind,
                               .begin = begin,
                               .end = begin + (uint64_t)clocks,
                               .channel = channel->number,
                               .bank = bank,
                               .row = row};
    inorder->observer(inorder->observer_context, &event);
}

/* --- rows --- */

static void precharge(struct dram_inorder *inorder, struct channel *channel, uint32_t bank,
                      uint64_t from)
{
    const uint32_t rank = channel->state.banks[bank].rank;
    uint64_t at = later(from, dram_state_ready(&channel->state, DRAM_PRECHARGE, bank));
    at = channel->precharged[rank] = later(at, channel->precharged[rank]);
    dram_state_issue(&channel->state, DRAM_PRECHARGE, bank, 0, at);
    dram_activity_note(&channel->activity[rank], at, false);
    inorder->rows_changed = true;
    inorder->counts.precharges++;
    tell(inorder, channel, DRAM_EVENT_PRECHARGE, bank, 0, at, inorder->device.timing.tRP);
}

/* Open the row, known of since clock `from`. */
static void activate(struct dram_inorder *inorder, struct channel *channel, uint32_t bank,
                     uint32_t row, uint64_t from)
{
    if (channel->state.banks[bank].open)
        precharge(inorder, channel, bank, from);
    uint64_t at = later(from, dram_state_ready(&channel->state, DRAM_ACTIVATE, bank));
    dram_state_issue(&channel->state, DRAM_ACTIVATE, bank, row, at);
    dram_activity_note(&channel->activity[channel->state.banks[bank].rank], at, true);
    inorder->rows_changed = true;
    inorder->counts.activates++;
    tell(inorder, channel, DRAM_EVENT_ACTIVATE, bank, row, at, inorder->device.timing.tRCDRD);
}

/* Its open banks are precharged, then it comes. */
static void refresh(struct dram_inorder *inorder, struct channel *channel, uint64_t due)
{
    const struct dram_device *device = &inorder->device;
    const uint32_t first = dram_refresh_first(device, inorder->refresh_number);
    const uint32_t end = first + dram_refresh_banks(device);
    const enum dram_command command = dram_refresh_command(device);
    if (channel->state.rank[channel->state.banks[first].rank].open_banks)
        for (uint32_t bank = first; bank < end; bank++)
            if (channel->state.banks[bank].open)
                precharge(inorder, channel, bank, due);
    uint64_t at = later(due, dram_state_ready(&channel->state, command, first));
    dram_state_issue(&channel->state, command, first, 0, at);
    inorder->counts.refreshes++;
    tell(inorder, channel, DRAM_EVENT_REFRESH, first, 0, at,
         command == DRAM_REFRESH ? device->timing.tRFC : device->timing.tRFCpb);
}

static void settle(struct dram_inorder *inorder, uint64_t now)
{
    inorder->rows_changed = false;
    for (uint32_t c = 0; c < inorder->device.geometry.channels; c++)
        for (uint32_t r = 0; r < inorder->device.geometry.ranks; r++)
            inorder->rows_changed |= dram_activity_settle(&inorder->channels[c].activity[r], now);
}

/* Those that fell due come before what is asked for now. */
static void refresh_until(struct dram_inorder *inorder, uint64_t now)
{
    while (inorder->next_refresh <= now) {
        settle(inorder, inorder->next_refresh);
        for (uint32_t c = 0; c < inorder->device.geometry.channels; c++)
            refresh(inorder, &inorder->channels[c], inorder->next_refresh);
        inorder->next_refresh += inorder->refresh_interval;
        inorder->refresh_number++;
    }
}

/* To clock `now`, which mostly finds nothing to do. */
static inline void advance(struct dram_inorder *inorder, uint64_t now)
{
    if (inorder->next_refresh <= now)
        refresh_until(inorder, now);
    if (inorder->rows_changed)
        settle(inorder, now);
    inorder->now = now;
}

/* --- requests --- */

/* A request on its way. */
struct request {
    uint64_t from, burst, end; /* the burst at hand, the one behind the last */
    bool is_write;
    uint32_t begun; /* channels that it has had a column command in */
    struct dram_grant grant;
};

/* A bank of the train, its row open. */
static inline struct dram_bank *open_bank(struct dram_inorder *inorder, struct channel *channel,
                                          uint32_t number, uint32_t row, uint64_t from)
{
    struct dram_bank *bank = &channel->state.banks[number];
    if (!bank->open || bank->row != row)
        activate(inorder, channel, number, row, from);
    return bank;
}

/* The banks that take turns in a train's part in one channel, and its bursts. The train begins at
 * place `at` of its period, the part with the train's burst number `first`; `place` is the one at
 * `at`. */
static void open_banks(struct dram_inorder *inorder, struct train *train, struct channel *channel,
                       uint32_t first, uint32_t at, uint32_t count, const struct dram_place *place)
{
    const struct train_shape *shape = &inorder->shape;
    const uint32_t mask = shape->period - 1;
    const uint8_t turns_channel = shape->channel[(at + first) & mask];
    const uint32_t base = place->bank - shape->bank[at];
    train->banks = train->count = 0;
    for (uint32_t i = first; i < count && i < shape->period; i++) {
        uint32_t turn = (at + i) & mask;
        if (shape->channel[turn] != turns_channel)
            continue;
        train->bank[train->banks++] =
            open_bank(inorder, channel, base + shape->bank[turn], place->row, train->from);
        train->count += ((count - i - 1) >> shape->period_bits) + 1;
    }
}

static void tell_data(const struct dram_inorder *inorder, const struct channel *channel,
                      const struct train *train, uint64_t burst, uint32_t row)
{
    const uint64_t data = train->gaps->data;
    struct dram_event event = {.kind = train->is_write ? DRAM_EVENT_WRITE : DRAM_EVENT_READ,
                               .begin = train->first + data,
                               .end = train->last + data + inorder->burst_clocks,
                               .channel = channel->number,
                               .bank = (uint32_t)(train->bank[0] - channel->state.banks),
                               .row = row,
                               .address = burst << inorder->mapping.burst_bits,
                               .bursts = train->count};
    inorder->observer(inorder->observer_context, &event);
}

/* The train's part in one channel, rows being open: column commands. `burst` is its first. */
static inline void serve_part(struct dram_inorder *inorder, struct request *request,
                              struct train *train, struct channel *channel, uint64_t burst,
                              uint32_t row)
{
    train_place(train, &inorder->shape, channel->column_from);
    channel->column_from = train->last + 1;
    if (!(request->begun >> channel->number & 1))
        request->grant.next = later(request->grant.next, train->first);
    request->begun |= 1u << channel->number;
    request->grant.done = later(request->grant.done, train->last + train->gaps->data);
    if (inorder->observer)
        tell_data(inorder, channel, train, burst, row);
}

/* Channels take turns: one part after the other. */
static void serve_channels(struct dram_inorder *inorder, struct request *request,
                           struct train *train, uint32_t count, const struct dram_place *place)
{
    const struct train_shape *shape = &inorder->shape;
    const uint32_t mask = shape->period - 1, at = (uint32_t)request->burst & mask;
    uint32_t served = 0;
    for (uint32_t first = 0; first < count && first < shape->period; first++) {
        uint32_t turn = shape->channel[(at + first) & mask];
        struct channel *channel = &inorder->channels[place->channel - shape->channel[at] + turn];
        if (served >> turn & 1)
            continue;
        served |= 1u << turn;
        train->state = &channel->state;
        open_banks(inorder, train, channel, first, at, count, place);
        serve_part(inorder, request, train, channel, request->burst + first, place->row);
    }
}

/* All in one channel: no need to search. */
static void serve_channel(struct dram_inorder *inorder, struct request *request,
                          struct train *train, uint32_t count, const struct dram_place *place)
{
    const struct train_shape *shape = &inorder->shape;
    const uint32_t mask = shape->period - 1, at = (uint32_t)request->burst & mask;
    struct channel *channel = &inorder->channels[place->channel];
    const uint32_t base = place->bank - shape->bank[at];
    train->state = &channel->state;
    train->count = count;
    train->banks = count < shape->period ? count : shape->period;
    for (uint32_t i = 0; i < train->banks; i++)
        train->bank[i] = open_bank(inorder, channel, base + shape->bank[(at + i) & mask],
                                   place->row, train->from);
    serve_part(inorder, request, train, channel, request->burst, place->row);
}

/* The train that begins with the burst at hand. */
static void serve(struct dram_inorder *inorder, struct request *request)
{
    const struct train_shape *shape = &inorder->shape;
    const uint64_t block_end = (request->burst | (shape->block - 1)) + 1;
    const uint32_t count = (uint32_t)(earlier(block_end, request->end) - request->burst);
    const struct dram_place place =
        dram_place_of(&inorder->mapping, request->burst, &inorder->device.geometry);
    struct train train;
    train.gaps = &inorder->gaps[request->is_write];
    train.from = request->from;
    train.is_write = request->is_write;
    if (shape->channels == 1)
        serve_channel(inorder, request, &train, count, &place);
    else
        serve_channels(inorder, request, &train, count, &place);
    request->burst += count;
}

struct dram_grant dram_inorder_access(struct dram_inorder *inorder, uint64_t now, uint64_t address,
                                      uint32_t bytes, bool is_write)
{
    assert(bytes && bytes <= DRAM_MAX_REQUEST);
    const uint8_t burst_bits = inorder->mapping.burst_bits;
    const uint64_t first = address >> burst_bits;
    struct request request = {.from = now,
                              .burst = first,
                              .end = ((address + bytes - 1) >> burst_bits) + 1,
                              .is_write = is_write};
    advance(inorder, now);
    while (request.burst < request.end)
        serve(inorder, &request);
    *(is_write ? &inorder->counts.write_bursts : &inorder->counts.read_bursts) +=
        request.end - first;
    inorder->done = later(inorder->done, request.grant.done + inorder->burst_clocks);
    request.grant.done = inorder->done;
    return request.grant;
}

void dram_inorder_idle(struct dram_inorder *inorder, uint64_t now)
{
    advance(inorder, now);
}

struct dram_counts dram_inorder_counts(const struct dram_inorder *inorder)
{
    const struct dram_geometry *geometry = &inorder->device.geometry;
    struct dram_counts counts = inorder->counts;
    for (uint32_t c = 0; c < geometry->channels; c++)
        for (uint32_t r = 0; r < geometry->ranks; r++)
            counts.active_clocks +=
                dram_activity_clocks(&inorder->channels[c].activity[r], inorder->now);
    counts.idle_clocks = geometry->channels * geometry->ranks * inorder->now - counts.active_clocks;
    return counts;
}
