/* Requests in order of arrival, and completions in order of time. */
#ifndef MANTIS_MEMORY_DRAM_QUEUE_H
#define MANTIS_MEMORY_DRAM_QUEUE_H

#include <assert.h>
#include <string.h>

#include "memory/dram_channel.h"

struct dram_queue {
    struct dram_request *entries;
    uint32_t count, size;
};

static inline void dram_queue_add(struct dram_queue *queue, const struct dram_request *request)
{
    assert(queue->count < queue->size);
    queue->entries[queue->count++] = *request;
}

static inline void dram_queue_remove(struct dram_queue *queue, uint32_t index)
{
    struct dram_request *entry = &queue->entries[index];
    memmove(entry, entry + 1, (--queue->count - index) * sizeof *entry);
}

/* A request of this kind to this burst; NULL where none waits. */
static inline const struct dram_request *dram_queue_find(const struct dram_queue *queue,
                                                         uint64_t burst, bool is_write)
{
    for (uint32_t i = 0; i < queue->count; i++)
        if (queue->entries[i].burst == burst && queue->entries[i].is_write == is_write)
            return &queue->entries[i];
    return NULL;
}

/* A ring: who adds sees to it that no more than DRAM_OUTSTANDING are in it. */
struct dram_completions {
    uint32_t first, count;
    struct dram_completion ring[DRAM_OUTSTANDING];
};

static inline void dram_completions_add(struct dram_completions *queue, uint64_t id, uint64_t clock)
{
    assert(queue->count < DRAM_OUTSTANDING);
    queue->ring[(queue->first + queue->count++) % DRAM_OUTSTANDING] =
        (struct dram_completion){id, clock};
}

static inline const struct dram_completion *
dram_completions_first(const struct dram_completions *queue)
{
    return queue->count ? &queue->ring[queue->first] : NULL;
}

static inline void dram_completions_pop(struct dram_completions *queue)
{
    assert(queue->count);
    queue->first = (queue->first + 1) % DRAM_OUTSTANDING;
    queue->count--;
}

#endif
