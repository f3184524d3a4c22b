/* What a channel is made of: for dram_channel.c, dram_schedule.c and dram_accept.c alone. */
#ifndef MANTIS_MEMORY_DRAM_CHANNEL_PARTS_H
#define MANTIS_MEMORY_DRAM_CHANNEL_PARTS_H

#include "memory/dram_queue.h"

enum { DRAM_NONE = -1 };

/* The requests of one bank, and which of them its open row lets go next: known from the queue and
 * the row alone, so worked out only when one of them changes. */
struct dram_bank_queue {
    struct dram_queue queue;
    int first_read, first_write; /* oldest that hit the open row, or DRAM_NONE */
    bool may_precharge;          /* the oldest wants another row, and its turn has come */
};

struct dram_channel {
    struct dram_device device;
    struct dram_state state;
    uint32_t number;

    struct dram_queue reads, writes; /* not yet in a bank's queue */
    struct dram_bank_queue banks[DRAM_MAX_BANKS];
    uint32_t bank_count;
    uint64_t waiting; /* set of the banks whose queue holds something */
    /* Before it the bank does nothing. Constraints only grow, so what was found once stays a lower
     * bound until the bank's queue or row changes. */
    uint64_t not_before[DRAM_MAX_BANKS];
    uint32_t turn; /* bank that had its turn last */

    uint32_t draining; /* writes that the current drain still takes; 0 = reads go */
    bool flushing;
    bool can_move; /* a request may have a place in a bank's queue since something changed */

    uint64_t refresh_interval; /* 0 = no refresh */
    uint64_t refreshes; /* done: refresh number n falls due at clock n x interval, from 1 on */
    uint64_t next;

    struct dram_queue merged; /* reads that wait for another read of their burst */
    struct dram_completions arrived, acknowledged;
    uint32_t outstanding;
    struct dram_command_counts counts;
    dram_observer *observer;
    void *observer_context;
};

/* After a change of the bank's queue or row. */
void dram_bank_queue_look(struct dram_channel *channel, uint32_t bank);

/* Issue this clock's commands; false where none may come. Without, *earliest is the first clock at
 * which one may. */
bool dram_schedule(struct dram_channel *channel, uint64_t now, uint64_t *earliest);

#endif
