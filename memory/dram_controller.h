/* DRAM as a machine sees it: requests of a burst each go in, completions come out, clock by clock.
 *
 *     controller = dram_controller_new(&device);
 *     accepted = dram_controller_enqueue(controller, clock, id, address, is_write);
 *     dram_controller_advance(controller, dram_controller_next_event(controller));
 *     while (dram_controller_pop(controller, &completion)) ...
 *
 * Time only moves forward. At clock `now` all clocks before it have run. docs/dram.md. */
#ifndef MANTIS_MEMORY_DRAM_CONTROLLER_H
#define MANTIS_MEMORY_DRAM_CONTROLLER_H

#include "memory/dram_channel.h"

struct dram_controller;

/* NULL when out of memory. `device` is one that dram_device_check accepts; it is copied. */
struct dram_controller *dram_controller_new(const struct dram_device *device);
void dram_controller_free(struct dram_controller *controller);

/* Back to clock 0, without requests and with all rows closed; observer and step stay. */
void dram_controller_reset(struct dram_controller *controller);

/* Ask at `clock`, now or later, for the burst that holds `address` (below dram_capacity); runs the
 * clocks up to it first. `id` comes back in the completion. False where the queue is full: ask
 * again at dram_controller_next_event. */
bool dram_controller_enqueue(struct dram_controller *controller, uint64_t clock, uint64_t id,
                             uint64_t address, bool is_write);

/* Run all clocks before `clock`, which is now or later. */
void dram_controller_advance(struct dram_controller *controller, uint64_t clock);
uint64_t dram_controller_now(const struct dram_controller *controller);

/* The first clock, later than now, at which a completion may be there or a full queue have a place;
 * UINT64_MAX if that never comes by itself. */
uint64_t dram_controller_next_event(const struct dram_controller *controller);

/* Take the earliest completion up to now; false where there is none. */
bool dram_controller_pop(struct dram_controller *controller, struct dram_completion *completion);

/* Run until all requests have had their commands, the writes too that a drain would leave in the
 * buffer. Completions stay to be popped. Returns now. */
uint64_t dram_controller_finish(struct dram_controller *controller);

/* Of all channels, up to now. */
struct dram_command_counts dram_controller_counts(const struct dram_controller *controller);

/* Run every clock instead of jumping to the next at which something happens. Results are the same.
 * */
void dram_controller_step(struct dram_controller *controller, bool every_clock);

/* Tell `observer` every command from now on; NULL ends that. */
void dram_controller_observe(struct dram_controller *controller, dram_observer *observer,
                             void *context);

#endif
