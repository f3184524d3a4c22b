/* The clocks in which a row of a rank is open, of activates and precharges that are told ahead of
 * time: each kind in the order of time, but not the one with the other. */
#ifndef MANTIS_MEMORY_DRAM_ACTIVITY_H
#define MANTIS_MEMORY_DRAM_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

/* Clocks in order: begin <= i < end. */
struct dram_clock_queue {
    uint64_t *clocks;
    uint32_t begin, end, size;
};

struct dram_activity {
    struct dram_clock_queue queues[2]; /* [opens]: rows that close, rows that open */
    uint32_t open;   /* rows, when those in the queues have yet to open or close */
    uint64_t since;  /* while some are */
    uint64_t active; /* clocks of past times with an open row */
};

/* Room for so many activates ahead of time, and as many precharges. False when out of memory. */
bool dram_activity_initialise(struct dram_activity *activity, uint32_t size);
void dram_activity_free(struct dram_activity *activity);
void dram_activity_reset(struct dram_activity *activity);

/* A row opens or closes at `clock`. None does before clock `now` any more. */
void dram_activity_note(struct dram_activity *activity, bool opens, uint64_t clock, uint64_t now);

/* Clocks before `now` with an open row. No row opens or closes before it any more. */
uint64_t dram_activity_clocks(struct dram_activity *activity, uint64_t now);

#endif
