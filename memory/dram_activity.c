#include "memory/dram_activity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool dram_activity_initialise(struct dram_activity *activity, uint32_t size)
{
    activity->size = size;
    activity->events = calloc(size, sizeof *activity->events);
    return activity->events;
}

void dram_activity_free(struct dram_activity *activity)
{
    free(activity->events);
}

void dram_activity_reset(struct dram_activity *activity)
{
    activity->count = activity->open = 0;
    activity->since = activity->active = 0;
}

void dram_activity_note(struct dram_activity *activity, uint64_t clock, bool opens)
{
    assert(activity->count < activity->size);
    uint32_t at = activity->count++;
    for (; at && activity->events[at - 1].clock > clock; at--)
        activity->events[at] = activity->events[at - 1];
    activity->events[at] = (struct dram_row_event){clock, opens};
}

static void happen(struct dram_activity *activity, const struct dram_row_event *event)
{
    if (event->opens) {
        if (!activity->open++)
            activity->since = event->clock;
        return;
    }
    assert(activity->open);
    if (!--activity->open)
        activity->active += event->clock - activity->since;
}

bool dram_activity_settle(struct dram_activity *activity, uint64_t now)
{
    uint32_t past = 0;
    while (past < activity->count && activity->events[past].clock <= now)
        happen(activity, &activity->events[past++]);
    activity->count -= past;
    if (past)
        memmove(activity->events, activity->events + past,
                activity->count * sizeof *activity->events);
    return activity->count;
}

uint64_t dram_activity_clocks(const struct dram_activity *activity, uint64_t now)
{
    return activity->active + (activity->open ? now - activity->since : 0);
}
