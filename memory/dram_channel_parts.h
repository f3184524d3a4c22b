/* What a channel is made of: for dram_channel.c, dram_schedule.c and dram_controller.c alone. */
#ifndef MANTIS_MEMORY_DRAM_CHANNEL_PARTS_H
#define MANTIS_MEMORY_DRAM_CHANNEL_PARTS_H

#include "memory/dram_queue.h"
#include "memory/dram_refresh.h"

enum { DRAM_NONE = -1 };

/* The requests of one bank, and which of them its open row lets go next: known from the queue and
 * the row alone, so worked out only when one of them changes. */
struct dram_bank_queue {
    struct dram_queue queue;
    int first_read, first_write; /* oldest that hit the open row, or DRAM_NONE */
    bool may_precharge;          /* the oldest wants another row, and its turn has come */
};

/* Requests not yet in a bank's queue, and which banks they are of. */
struct dram_backlog {
    struct dram_queue queue;
    uint64_t banks; /* set of those with a request here */
    uint16_t of_bank[DRAM_MAX_BANKS];
};

enum { DRAM_PENDING_BUCKETS = 256 };

struct dram_channel {
    struct dram_device device;
    uint32_t number, bank_count;
    uint64_t refresh_interval;  /* 0 = no refresh */
    struct dram_request *space; /* of all queues */
    dram_observer *observer;
    void *observer_context;

    /* From here on a reset begins anew. */
    struct dram_state state;
    struct dram_backlog reads, writes;
    struct dram_bank_queue banks[DRAM_MAX_BANKS];
    uint64_t waiting, full; /* sets of banks whose queue holds something, has no place */
    /* Requests in the backlogs and the banks' queues, by the low bits of their burst: where none is
     * counted, no search can find one. */
    uint16_t pending_reads[DRAM_PENDING_BUCKETS], pending_writes[DRAM_PENDING_BUCKETS];
    /* Before it the bank does nothing, and none of them. Constraints only grow, so what was found
     * once stays a lower bound until the bank's queue or row changes. */
    uint64_t not_before[DRAM_MAX_BANKS];
    uint64_t quiet_until;
    uint32_t turn; /* bank that had its turn last */

    uint32_t draining; /* writes that the current drain still takes; 0 = reads go */
    bool flushing;
    bool can_move; /* a request may have a place in a bank's queue since something changed */

    uint64_t refreshes; /* done: refresh number n falls due at clock n x interval, from 1 on */
    uint64_t refresh_due;
    uint64_t next;

    struct dram_queue merged; /* reads that wait for another read of their burst */
    struct dram_completions arrived, acknowledged;
    uint32_t outstanding;
    struct dram_command_counts counts;
};

/* The first clock that dram_channel_tick must run; the ones before it would change nothing. */
static inline uint64_t dram_channel_next(const struct dram_channel *channel)
{
    return channel->next;
}

/* The queue whose first comes first. */
static inline struct dram_completions *dram_channel_earlier(struct dram_channel *channel)
{
    const struct dram_completion *read = dram_completions_first(&channel->arrived);
    const struct dram_completion *other = dram_completions_first(&channel->acknowledged);
    if (!read || (other && other->clock < read->clock))
        return &channel->acknowledged;
    return &channel->arrived;
}

/* The earliest completion; NULL where there is none yet. Then take it. */
static inline const struct dram_completion *dram_channel_completion(struct dram_channel *channel)
{
    return dram_completions_first(dram_channel_earlier(channel));
}

static inline void dram_channel_pop(struct dram_channel *channel)
{
    dram_completions_pop(dram_channel_earlier(channel));
    channel->outstanding--;
}

/* A place of the array above. */
static inline uint16_t *dram_pending(struct dram_channel *channel, uint64_t burst, bool is_write)
{
    uint16_t *pending = is_write ? channel->pending_writes : channel->pending_reads;
    return &pending[burst % DRAM_PENDING_BUCKETS];
}

/* After a change of the bank's queue or row. */
void dram_bank_queue_look(struct dram_channel *channel, uint32_t bank);

/* After a request joined the bank's queue. */
void dram_bank_queue_joined(struct dram_channel *channel, uint32_t bank);

/* When the next refresh falls due, after a change of their number. */
void dram_refresh_plan(struct dram_channel *channel);

/* Issue this clock's commands. Sets quiet_until. */
void dram_schedule(struct dram_channel *channel, uint64_t now);

#endif
