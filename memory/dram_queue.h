/* Requests in order of arrival, and completions in order of time. */
#ifndef MANTIS_MEMORY_DRAM_QUEUE_H
#define MANTIS_MEMORY_DRAM_QUEUE_H

#include <assert.h>
#include <string.h>

#include "memory/dram_channel.h"

/* A window that slides up in a space of twice its size. Who leaves is mostly among the oldest:
 * those before it move up. */
#define DRAM_QUEUE_SPACE(size) (2 * (size_t)(size))
struct dram_queue {
    struct dram_request *entries; /* the oldest, in `space` */
    struct dram_request *space;
    uint32_t count, size;
};

static inline void dram_queue_add(struct dram_queue *queue, const struct dram_request *request)
{
    assert(queue->count < queue->size);
    if (queue->entries + queue->count == queue->space + DRAM_QUEUE_SPACE(queue->size)) {
        memmove(queue->space, queue->entries, queue->count * sizeof *request);
        queue->entries = queue->space;
    }
    queue->entries[queue->count++] = *request;
}

static inline void dram_queue_remove(struct dram_queue *queue, uint32_t index)
{
    struct dram_request *entries = queue->entries++;
    if (index)
        memmove(entries + 1, entries, index * sizeof *entries);
    queue->count--;
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
