/* Inside the machine. machine.c owns the clock and the units, machine_channel.c the DRAM that they
 * share; machine_execute.c, machine_vector.c and machine_window.c are the bodies of the
 * instructions; machine_values.c owns the memory they work on, machine_pads.c the scratchpads of
 * it; machine_weights.c knows where each MATMUL's weights come from. */
#ifndef MANTIS_SIM_MACHINE_STATE_H
#define MANTIS_SIM_MACHINE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pe/gemm.h"
#include "sim/machine.h"
#include "sim/machine_channel.h"
#include "sim/machine_pads.h"

/* A unit executes the instructions of its queue in order. */
struct unit_state {
    const uint32_t *queue; /* instruction indices */
    uint32_t count;
    uint32_t completed; /* tokens given out; also the next instruction's place in the queue */
    bool busy;
    uint64_t free_since; /* where not busy */
    uint64_t start, end; /* where busy; of a transfer, while no end is known, UINT64_MAX */
};

/* A weight tile in the constants of the program, packed for gemm when first used. MATMULs that use
 * the same tile share it. */
struct weight_tile {
    const uint8_t *codes;
    int k, n, groups;
    struct format format;
    struct gemm_weights **packed; /* one per group; NULL until used */
};

enum { NO_TILE = UINT32_MAX };

/* What values need; absent in timing-only runs. */
struct machine_values {
    struct machine_pads pads;
    uint8_t **tensors; /* codes; those of constants are the program's own */
    struct gemm_context *gemm;
    bool copy_weights; /* some MATMUL's weights are not one tile of constants: all come from the
                          scratchpad */
    uint32_t tile_count;
    struct weight_tile *tiles;
    uint32_t *tile_of_instruction; /* NO_TILE where not known */
    uint8_t *window;               /* gathered window rows */
    size_t window_bytes;
    void *row; /* window values of one pixel in the vector unit */
};

struct machine {
    const struct program *program;
    struct machine_options options;
    machine_observer observer;
    void *observer_context;
    uint32_t *queues;
    struct unit_state units[UNIT_COUNT];
    struct machine_channel *channel;
    uint64_t *layer_done; /* completion of each layer's last instruction */
    struct stats stats;
    struct machine_values *values; /* NULL: timing only */
    bool examines;                 /* machine_examine is at work */
};

/* --- machine_execute.c, machine_vector.c: one instruction --- */

/* Move or compute the values, if the program has any. Where `counters` is given also count, and
 * return the cycles the unit is busy (0 for LOAD and STORE, which the DRAM times). */
uint64_t machine_execute(struct machine *machine, uint32_t index, struct counters *counters);

/* Values of a VECTOR; returns its overflows. */
uint64_t machine_vector_values(const struct machine *machine,
                               const struct instruction *instruction);

/* The element at `offset` of a scratchpad, format_host_bytes(format) wide. */
static inline uint8_t *pad_at(const struct machine_values *values, enum scratchpad_id pad,
                              struct format format, uint64_t offset)
{
    return machine_pads_at(&values->pads, pad, format, offset);
}

/* --- machine_window.c: windows over activation patches --- */

#define WINDOW_FIELD(type, name) type name;
struct patch_window {
    WINDOW_FIELDS(WINDOW_FIELD)
};
#undef WINDOW_FIELD

struct patch_window machine_window_matmul(const struct matmul *matmul);
struct patch_window machine_window_vector(const struct vector *vector);

static inline uint64_t window_pixels(const struct patch_window *window)
{
    return (uint64_t)window->out_h * window->out_w;
}

static inline uint64_t window_area(const struct patch_window *window)
{
    return (uint64_t)window->kernel_h * window->kernel_w;
}

/* Where kernel position (ky, kx) of output pixel (oy, ox) begins, in elements after act_offset +
 * channel. */
static inline size_t window_at(const struct patch_window *window, uint64_t oy, uint64_t ox,
                               uint64_t ky, uint64_t kx)
{
    size_t y = oy * window->stride_y + ky * window->dilation_y;
    size_t x = ox * window->stride_x + kx * window->dilation_x;
    return (y * window->patch_w + x) * window->patch_c;
}

/* Rows begin .. begin + count - 1 of the window's matrix: per kernel position `channels` codes.
 * `act` points to channel 0 of the group at output pixel 0. */
void machine_window_gather(const struct patch_window *window, const uint8_t *act, uint64_t channels,
                           uint64_t begin, uint64_t count, uint8_t *rows);

/* --- machine_examine.c --- */

/* Count the zero operands of a MATMUL whose activations are in the scratchpad. `weights`: the codes of
 * its first group. */
void machine_examine_matmul(struct machine *machine, const struct instruction *instruction,
                            const uint8_t *weights);

/* --- machine_values.c --- */

/* NULL when out of memory. */
struct machine_values *machine_values_new(const struct program *program);
void machine_values_free(struct machine_values *values, const struct program *program);

/* --- machine_weights.c --- */

/* False when out of memory. */
bool machine_weights_find(struct machine_values *values, const struct program *program);
void machine_weights_free(struct machine_values *values);

/* The weights of group `group`, packed. */
struct gemm_weights *machine_weights_packed(struct weight_tile *tile, int group);

#endif
