/* The clocks in which a row of a rank is open, of activates and precharges that are told ahead of
 * time and not in the order of time. */
#ifndef MANTIS_MEMORY_DRAM_ACTIVITY_H
#define MANTIS_MEMORY_DRAM_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

struct dram_row_event {
    uint64_t clock;
    bool opens; /* else closes */
};

struct dram_activity {
    struct dram_row_event *events; /* to come, in order of time */
    uint32_t count, size;
    uint32_t open;   /* rows, as of the last call of settle */
    uint64_t since;  /* while some are */
    uint64_t active; /* clocks of past times with an open row */
};

/* Room for so many events between two calls of settle. False when out of memory. */
bool dram_activity_initialise(struct dram_activity *activity, uint32_t size);
void dram_activity_free(struct dram_activity *activity);
void dram_activity_reset(struct dram_activity *activity);

/* A row opens or closes at `clock`, not before the clock settled last. */
void dram_activity_note(struct dram_activity *activity, uint64_t clock, bool opens);

/* No event before clock `now` is to come any more. True where one after it is known. */
bool dram_activity_settle(struct dram_activity *activity, uint64_t now);

/* Clocks before `now`, the one settled last, with an open row. */
uint64_t dram_activity_clocks(const struct dram_activity *activity, uint64_t now);

#endif
