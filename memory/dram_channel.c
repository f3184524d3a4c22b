#include <stddef.h>
#include <stdlib.h>

#include "isa/dram_address.h"
#include "memory/dram_channel_parts.h"

/* Hand out the part of the space from `begin` on. Returns where the next one begins. */
static struct dram_request *lay_out(struct dram_queue *queue, uint32_t size,
                                    struct dram_request *begin)
{
    *queue = (struct dram_queue){.entries = begin, .space = begin, .size = size};
    return begin + DRAM_QUEUE_SPACE(size);
}

static void lay_out_queues(struct dram_channel *channel)
{
    const struct dram_policy *policy = &channel->device.policy;
    struct dram_request *next = channel->space;
    next = lay_out(&channel->reads.queue, policy->read_queue, next);
    next = lay_out(&channel->merged, policy->read_queue, next);
    next = lay_out(&channel->writes.queue, policy->write_buffer, next);
    for (uint32_t b = 0; b < channel->bank_count; b++)
        next = lay_out(&channel->banks[b].queue, policy->bank_queue, next);
}

static size_t space_of_queues(const struct dram_channel *channel)
{
    const struct dram_policy *policy = &channel->device.policy;
    return DRAM_QUEUE_SPACE(2 * policy->read_queue + policy->write_buffer +
                            channel->bank_count * policy->bank_queue);
}

/* Commands that the policies never choose. */
static unsigned unused_commands(const struct dram_policy *policy)
{
    const unsigned never_closed = 1u << DRAM_READ_PRECHARGE | 1u << DRAM_WRITE_PRECHARGE;
    const unsigned always_closed = 1u << DRAM_READ | 1u << DRAM_WRITE;
    unsigned unused = policy->row == DRAM_ROW_OPEN ? never_closed : always_closed;
    if (policy->refresh != DRAM_REFRESHES_RANKS)
        unused |= 1u << DRAM_REFRESH;
    if (policy->refresh != DRAM_REFRESHES_BANKS)
        unused |= 1u << DRAM_REFRESH_BANK;
    return unused;
}

void dram_channel_reset(struct dram_channel *channel)
{
    const size_t kept = offsetof(struct dram_channel, state);
    memset((char *)channel + kept, 0, sizeof *channel - kept);
    lay_out_queues(channel);
    dram_state_initialise(&channel->state, &channel->device);
    dram_constraints_leave_out(&channel->state.constraints,
                               unused_commands(&channel->device.policy));
    dram_refresh_plan(channel);
}

struct dram_channel *dram_channel_new(const struct dram_device *device, uint32_t number)
{
    struct dram_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->device = *device;
    channel->number = number;
    channel->bank_count = dram_channel_banks(&device->geometry);
    channel->refresh_interval = dram_refresh_interval(device);
    channel->space = calloc(space_of_queues(channel), sizeof *channel->space);
    if (channel->space) {
        dram_channel_reset(channel);
        return channel;
    }
    dram_channel_free(channel);
    return NULL;
}

void dram_channel_free(struct dram_channel *channel)
{
    if (channel)
        free(channel->space);
    free(channel);
}

/* --- requests in --- */

/* Whether a request of this kind to the burst has not had its command yet. */
static bool is_pending(struct dram_channel *channel, const struct dram_request *request,
                       bool is_write)
{
    if (!*dram_pending(channel, request->burst, is_write))
        return false;
    const struct dram_backlog *backlog = is_write ? &channel->writes : &channel->reads;
    return dram_queue_find(&backlog->queue, request->burst, is_write) ||
           dram_queue_find(&channel->banks[request->bank].queue, request->burst, is_write);
}

static void join_backlog(struct dram_channel *channel, const struct dram_request *request)
{
    struct dram_backlog *backlog = request->is_write ? &channel->writes : &channel->reads;
    dram_queue_add(&backlog->queue, request);
    backlog->of_bank[request->bank]++;
    backlog->banks |= 1ull << request->bank;
    ++*dram_pending(channel, request->burst, request->is_write);
}

/* Written data are safe in the buffer a clock later; a second write to a burst replaces the first.
 * */
static void enqueue_write(struct dram_channel *channel, uint64_t now,
                          const struct dram_request *request)
{
    dram_completions_add(&channel->acknowledged, request->id, now + 1);
    if (is_pending(channel, request, true))
        channel->counts.merged_writes++;
    else
        join_backlog(channel, request);
}

/* The newest data of a burst are in a write that waits, if there is one. */
static void enqueue_read(struct dram_channel *channel, uint64_t now,
                         const struct dram_request *request)
{
    if (is_pending(channel, request, true)) {
        dram_completions_add(&channel->acknowledged, request->id, now + 1);
        channel->counts.forwarded_reads++;
    } else if (is_pending(channel, request, false)) {
        dram_queue_add(&channel->merged, request);
        channel->counts.merged_reads++;
    } else {
        join_backlog(channel, request);
    }
}

/* A drain starts when the buffer holds drain_high writes, or more than drain_low of them and the
 * banks have nothing else to do. */
static bool drain_starts(const struct dram_channel *channel)
{
    const struct dram_policy *policy = &channel->device.policy;
    uint32_t waiting = channel->writes.queue.count;
    return waiting >= policy->drain_high || (waiting > policy->drain_low && !channel->waiting) ||
           channel->flushing;
}

/* Whether the next clock may move a request, or begin a drain, though nothing else happens. */
static bool may_move_on(const struct dram_channel *channel)
{
    uint64_t banks = channel->reads.banks | channel->writes.banks;
    return (banks & ~channel->full) || (!channel->draining && drain_starts(channel));
}

bool dram_channel_enqueue(struct dram_channel *channel, uint64_t now,
                          const struct dram_request *request)
{
    const struct dram_queue *queue =
        request->is_write ? &channel->writes.queue : &channel->reads.queue;
    if (queue->count == queue->size || channel->outstanding == DRAM_OUTSTANDING ||
        (!request->is_write && channel->merged.count == channel->merged.size))
        return false;
    channel->outstanding++;
    (request->is_write ? enqueue_write : enqueue_read)(channel, now, request);
    if (may_move_on(channel)) {
        channel->can_move = true;
        channel->next = now;
    }
    return true;
}

/* --- requests on to their bank --- */

/* How many writes the drain takes from now on. */
static uint32_t drain_length(const struct dram_channel *channel)
{
    const struct dram_policy *policy = &channel->device.policy;
    uint32_t waiting = channel->writes.queue.count;
    switch ((enum dram_drain)policy->drain) {
    case DRAM_DRAIN_BATCH:
        return channel->draining ? channel->draining : waiting;
    case DRAM_DRAIN_WATERMARK:
        return waiting > policy->drain_low || channel->flushing
                   ? waiting - (channel->flushing ? 0 : policy->drain_low)
                   : 0;
    }
    return 0;
}

static void move(struct dram_channel *channel, struct dram_backlog *backlog, uint32_t index)
{
    uint32_t bank = backlog->queue.entries[index].bank;
    struct dram_queue *queue = &channel->banks[bank].queue;
    dram_queue_add(queue, &backlog->queue.entries[index]);
    channel->waiting |= 1ull << bank;
    if (queue->count == queue->size)
        channel->full |= 1ull << bank;
    dram_queue_remove(&backlog->queue, index);
    if (!--backlog->of_bank[bank])
        backlog->banks &= ~(1ull << bank);
    dram_bank_queue_joined(channel, bank);
}

/* The oldest request whose bank's queue has a place; the queue's length where none has. */
static uint32_t first_movable(const struct dram_channel *channel,
                              const struct dram_backlog *backlog)
{
    if (!(backlog->banks & ~channel->full))
        return backlog->queue.count;
    uint32_t i = 0;
    while (channel->full >> backlog->queue.entries[i].bank & 1)
        i++;
    return i;
}

/* A write never overtakes an older read of its burst: the drain ends there, and reads go on. */
static bool move_write(struct dram_channel *channel)
{
    uint32_t index = first_movable(channel, &channel->writes);
    if (index == channel->writes.queue.count)
        return false;
    if (is_pending(channel, &channel->writes.queue.entries[index], false)) {
        channel->draining = 0;
        return false;
    }
    move(channel, &channel->writes, index);
    channel->draining--;
    channel->flushing = channel->flushing && channel->writes.queue.count;
    return true;
}

static bool move_read(struct dram_channel *channel)
{
    uint32_t index = first_movable(channel, &channel->reads);
    if (index == channel->reads.queue.count)
        return false;
    move(channel, &channel->reads, index);
    return true;
}

/* One request per clock, a write while a drain lasts, else a read. */
static bool move_request(struct dram_channel *channel)
{
    if (channel->draining || drain_starts(channel))
        channel->draining = drain_length(channel);
    bool moved = channel->draining && move_write(channel);
    if (!channel->draining && !moved)
        moved = move_read(channel);
    return moved;
}

/* --- time --- */

void dram_channel_tick(struct dram_channel *channel, uint64_t now)
{
    if (now >= channel->quiet_until)
        dram_schedule(channel, now);
    if (channel->can_move)
        channel->can_move = move_request(channel) && may_move_on(channel);
    bool goes_on = channel->can_move || channel->quiet_until <= now;
    channel->next = goes_on ? now + 1 : channel->quiet_until;
}

void dram_channel_forget(struct dram_channel *channel)
{
    memset(channel->not_before, 0, sizeof channel->not_before);
    channel->quiet_until = 0;
    channel->can_move = true;
}

void dram_channel_flush(struct dram_channel *channel, uint64_t now)
{
    channel->flushing = channel->writes.queue.count;
    channel->can_move = true;
    channel->next = now;
}

bool dram_channel_is_busy(const struct dram_channel *channel)
{
    return channel->reads.queue.count || channel->writes.queue.count || channel->waiting;
}

struct dram_command_counts dram_channel_counts(const struct dram_channel *channel, uint64_t now)
{
    struct dram_command_counts counts = channel->counts;
    for (uint32_t rank = 0; rank < channel->state.ranks; rank++) {
        uint64_t active = dram_state_active_clocks(&channel->state, rank, now);
        counts.active_clocks += active;
        counts.idle_clocks += now - active;
    }
    return counts;
}

void dram_channel_observe(struct dram_channel *channel, dram_observer *observer, void *context)
{
    channel->observer = observer;
    channel->observer_context = context;
}
