#include "memory/dram_activity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- queues --- */

static const uint64_t NEVER = UINT64_MAX;

static inline uint64_t head(const struct dram_clock_queue *queue)
{
    return queue->begin < queue->end ? queue->clocks[queue->begin] : NEVER;
}

static void move_down(struct dram_clock_queue *queue)
{
    queue->end -= queue->begin;
    memmove(queue->clocks, queue->clocks + queue->begin, queue->end * sizeof queue->clocks[0]);
    queue->begin = 0;
}

/* --- activity --- */

bool dram_activity_initialise(struct dram_activity *activity, uint32_t size)
{
    bool ok = true;
    for (int opens = 0; opens < 2; opens++) {
        struct dram_clock_queue *queue = &activity->queues[opens];
        queue->size = size;
        queue->clocks = malloc(size * sizeof queue->clocks[0]);
        ok = queue->clocks && ok;
    }
    return ok;
}

void dram_activity_free(struct dram_activity *activity)
{
    for (int opens = 0; opens < 2; opens++)
        free(activity->queues[opens].clocks);
}

void dram_activity_reset(struct dram_activity *activity)
{
    for (int opens = 0; opens < 2; opens++)
        activity->queues[opens].begin = activity->queues[opens].end = 0;
    activity->open = 0;
    activity->since = activity->active = 0;
}

/* Take what is past out of the queues. Of two at one clock the one that opens comes first. */
static void settle(struct dram_activity *activity, uint64_t now)
{
    struct dram_clock_queue *closing = &activity->queues[false], *opening = &activity->queues[true];
    for (;;) {
        const uint64_t opens = head(opening), closes = head(closing);
        if (opens > now && closes > now)
            return;
        if (opens <= closes) {
            opening->begin++;
            if (!activity->open++)
                activity->since = opens;
        } else {
            closing->begin++;
            assert(activity->open);
            if (!--activity->open)
                activity->active += closes - activity->since;
        }
    }
}

void dram_activity_note(struct dram_activity *activity, bool opens, uint64_t clock, uint64_t now)
{
    struct dram_clock_queue *queue = &activity->queues[opens];
    if (queue->end == queue->size) {
        settle(activity, now);
        move_down(queue);
    }
    assert(queue->end < queue->size);
    assert(queue->begin == queue->end || queue->clocks[queue->end - 1] <= clock);
    queue->clocks[queue->end++] = clock;
}

uint64_t dram_activity_clocks(struct dram_activity *activity, uint64_t now)
{
    settle(activity, now);
    return activity->active + (activity->open ? now - activity->since : 0);
}
