/* The in-order controller: requests in order, each as trains of bursts whose commands follow from
 * closed forms. docs/machine.md, section DRAM. Times are DRAM clocks. */
#ifndef MANTIS_MEMORY_DRAM_INORDER_H
#define MANTIS_MEMORY_DRAM_INORDER_H

#include "memory/dram.h"

struct dram_inorder;

/* NULL when out of memory. `device` is one that dram_device_check accepts, with rows left open; it
 * is copied. */
struct dram_inorder *dram_inorder_new(const struct dram_device *device);
void dram_inorder_free(struct dram_inorder *inorder);
void dram_inorder_reset(struct dram_inorder *inorder);

/* As dram_access, which says more. `now` is not before `next` of the request before. */
struct dram_grant dram_inorder_access(struct dram_inorder *inorder, uint64_t now, uint64_t address,
                                      uint32_t bytes, bool is_write);

/* Refresh as due up to clock `now`. */
void dram_inorder_idle(struct dram_inorder *inorder, uint64_t now);

struct dram_counts dram_inorder_counts(struct dram_inorder *inorder);
void dram_inorder_observe(struct dram_inorder *inorder, dram_event_observer observer,
                          void *context);

#endif
