/* The machine: an arch executing a program. It owns all state and the only clock. */
#ifndef MANTIS_SIM_MACHINE_H
#define MANTIS_SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/program.h"
#include "isa/stats.h"

enum machine_clock {
    CLOCK_JUMP, /* from event to event */
    CLOCK_STEP  /* one cycle at a time; same results, for proof */
};

struct machine_options {
    enum machine_clock clock;
    bool reference_arithmetic; /* term by term instead of packed kernels; same results, for proof */
};

/* What happened to one instruction, for traces. */
typedef void (*machine_observer)(void *context, const struct instruction *instruction,
                                 uint32_t index, uint64_t start, uint64_t end);

/* What program_check cannot know: that formats exist, that the PE takes each MATMUL's pair of them,
 * and that PEs which fuse for them leave at least one row and column. Errors name the instruction.
 */
bool machine_check(const struct program *program, struct err *err);

struct machine;

/* A program file that passes both checks: what may be run without any further one. NULL on error.
 */
struct program *machine_read_program(const char *path, struct err *err);

/* NULL when out of memory. The program must have passed program_check and machine_check, and
 * outlive the machine. Machines of the same program may run in different threads; they share
 * nothing. */
struct machine *machine_new(const struct program *program, const struct machine_options *options);
void machine_free(struct machine *machine);
void machine_observe(struct machine *machine, machine_observer observer, void *context);

/* What the DRAM does (a dram_event_observer of memory/dram.h). The clocked engine has a DRAM of its
 * own, and does not tell. */
struct dram_event;
void machine_observe_dram(struct machine *machine,
                          void (*observer)(void *context, const struct dram_event *event),
                          void *context);

/* Run one input (codes of the input tensor; NULL for a timing-only program) to the end: values and
 * time together, from cycle 0 with cold DRAM. */
void machine_run(struct machine *machine, const void *input);

/* Run one input for its values only, by the same instruction bodies in program order. Cycles and
 * traffic do not depend on activations, so they stay those of the last machine_run; overflows are
 * added to. */
void machine_run_values(struct machine *machine, const void *input);

/* Run one input as machine_run_values does, and look at the operands of every MATMUL: adds to the
 * counters examined_clocks, zero_act_clocks and zero_weight_clocks, of the second core's MATMULs to
 * their array2_ twins, and to no other. */
void machine_examine(struct machine *machine, const void *input);

/* Stats of the last machine_run. */
const struct stats *machine_stats(const struct machine *machine);

/* Codes of any DRAM tensor as the last run left them, h*w*c x format_host_bytes. */
const void *machine_tensor(const struct machine *machine, uint32_t tensor);

#endif
