#include "memory/dram_inorder_parts.h"

#include <assert.h>
#include <stdlib.h>

#include "memory/dram_refresh.h"

/* Commands are placed burst by burst, each at the first clock that the constraints of all commands
 * placed before it allow. That is the order of time too wherever one command makes another wait:
 * precharges of a rank are in order, so are activates and refreshes, and so are column commands of
 * a channel, and commands to a bank wait for all before them. */

/* --- life --- */

static bool allocate_activity(struct dram_inorder *inorder)
{
    const uint32_t bursts = DRAM_REQUEST_BYTES / dram_burst_bytes(&inorder->device.geometry) + 2;
    const uint32_t events = 2 * bursts + DRAM_MAX_BANKS;
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
    inorder->refresh_interval = dram_refresh_interval(device);
    bool ok = dram_mapping_read(&inorder->mapping, device->policy.mapping, &device->geometry, NULL);
    assert(ok);
    for (int is_write = 0; is_write < 2; is_write++)
        inorder->gaps[is_write] = column_gaps_of(device, is_write);
    inorder->shape = train_shape_of(device, &inorder->mapping);
    inorder->quick = inorder->shape.channels == 1;
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

/* Those of the other row policy and the other refresh. */
static unsigned unused_commands(const struct dram_device *device)
{
    const enum dram_command refresh = dram_refresh_command(device);
    return 1u << DRAM_READ_PRECHARGE | 1u << DRAM_WRITE_PRECHARGE |
           1u << (refresh == DRAM_REFRESH ? DRAM_REFRESH_BANK : DRAM_REFRESH);
}

void dram_inorder_reset(struct dram_inorder *inorder)
{
    for (uint32_t c = 0; c < inorder->device.geometry.channels; c++) {
        struct inorder_channel *channel = &inorder->channels[c];
        dram_state_initialise(&channel->state, &inorder->device);
        dram_constraints_leave_out(&channel->state.constraints, unused_commands(&inorder->device));
        channel->number = c;
        for (uint32_t r = 0; r < inorder->device.geometry.ranks; r++) {
            channel->precharged[r] = 0;
            dram_activity_reset(&channel->activity[r]);
        }
    }
    inorder->next_refresh = inorder->refresh_interval ? inorder->refresh_interval : UINT64_MAX;
    inorder->refresh_number = 0;
    inorder->now = inorder->done = 0;
    for (int is_write = 0; is_write < 2; is_write++)
        inorder->block[is_write] = (struct inorder_block){.first = 1, .last = 0};
    inorder->counts = (struct dram_counts){0};
    inorder->bursts[false] = inorder->bursts[true] = 0;
}

/* --- observing --- */

void dram_inorder_observe(struct dram_inorder *inorder, dram_event_observer observer, void *context)
{
    inorder->observer = observer;
    inorder->observer_context = context;
    inorder->quick = inorder->shape.channels == 1 && !observer;
}

/* --- requests --- */

static inline bool are_open(const struct column_bank *bank, uint32_t banks, uint32_t row)
{
    uint32_t i = 0;
    while (bank[i].bank->row == row)
        if (++i == banks)
            return true;
    return false;
}

/* Most requests are of one train in one channel and find its rows open: then there is nothing but
 * column commands, and this is all. The others are inorder_serve's. `is_write` is known when this is
 * compiled. */
static inline __attribute__((always_inline)) struct dram_grant
access(struct dram_inorder *inorder, uint64_t now, uint64_t address, uint32_t bytes, bool is_write)
{
    const struct train_shape *shape = &inorder->shape;
    const struct inorder_block *block = &inorder->block[is_write];
    const uint64_t last = address + bytes - 1;
    if (!inorder->quick || address < block->first || last > block->last ||
        now >= inorder->next_refresh)
        return inorder_serve(inorder, now, address, bytes, is_write);
    const uint64_t burst = address >> inorder->mapping.burst_bits;
    const uint32_t count = (uint32_t)((last >> inorder->mapping.burst_bits) - burst) + 1;
    const struct train train = {.bank = &block->turns[burst & (shape->period - 1)],
                                .rank = block->rank,
                                .count = count,
                                .banks = count < shape->period ? count : shape->period,
                                .is_write = is_write};
    if (!are_open(train.bank, train.banks, block->row))
        return inorder_serve(inorder, now, address, bytes, is_write);
    const struct column_gaps *gaps = &inorder->gaps[is_write];
    const struct train_columns columns =
        train_place(&train, &block->channel->state, shape, gaps, now);
    inorder->now = now;
    inorder->bursts[is_write] += count;
    inorder->done = later(inorder->done, columns.last + gaps->end);
    return (struct dram_grant){columns.first, inorder->done};
}

struct dram_grant dram_inorder_access(struct dram_inorder *inorder, uint64_t now, uint64_t address,
                                      uint32_t bytes, bool is_write)
{
    assert(bytes && bytes <= DRAM_REQUEST_BYTES);
    return is_write ? access(inorder, now, address, bytes, true)
                    : access(inorder, now, address, bytes, false);
}

void dram_inorder_idle(struct dram_inorder *inorder, uint64_t now)
{
    inorder_refresh(inorder, now);
    inorder->now = now;
}

struct dram_counts dram_inorder_counts(struct dram_inorder *inorder)
{
    const struct dram_geometry *geometry = &inorder->device.geometry;
    struct dram_counts counts = inorder->counts;
    counts.read_bursts = inorder->bursts[false];
    counts.write_bursts = inorder->bursts[true];
    for (uint32_t c = 0; c < geometry->channels; c++)
        for (uint32_t r = 0; r < geometry->ranks; r++)
            counts.active_clocks +=
                dram_activity_clocks(&inorder->channels[c].activity[r], inorder->now);
    counts.idle_clocks = geometry->channels * geometry->ranks * inorder->now - counts.active_clocks;
    return counts;
}
