/* The reader of DRAM traces on arbitrary text; what it accepts runs through both controllers of
 * a small device, whose own assertions watch. */
#include <stddef.h>
#include <stdint.h>

#include "sim/dram_replay.h"

enum { MOST_REQUESTS = 4000, MOST_CLOCK = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two ranks of four banks, few rows, short queues: conflicts of all kinds. */
static const struct dram_device device = {
    .name = "fuzz",
    .tCK = 1,
    .geometry = {1, 2, 2, 2, 16, 32, 8, 64, 8},
    .timing = {17, 12, 16, 14, 15, 39, 5, 6, 7, 8, 37, 18, 3, 9, 10, 2, 11, 2400, 131, 47},
    .currents = {1.2, 48, 34, 43, 135, 123, 250, 90},
    .policy = {.mapping = "rochrababgco",
               .dual_command = true,
               .read_queue = 4,
               .write_buffer = 4,
               .bank_queue = 2,
               .row_hit_cap = 4,
               .drain_high = 4,
               .drain_low = 1},
};

static void replay(struct dram_trace *trace)
{
    if (trace->count > MOST_REQUESTS)
        trace->count = MOST_REQUESTS;
    for (size_t i = 0; i < trace->count; i++) {
        trace->requests[i].address %= dram_capacity(&device.geometry);
        trace->requests[i].clock %= MOST_CLOCK;
    }
    for (int kind = 0; kind < DRAM_CONTROLLER_COUNT; kind++) {
        const struct dram_replay_options options = {.controller = (enum dram_controller_kind)kind};
        struct dram_replay result;
        struct err err;
        dram_replay(&result, &device, trace, "fuzz.txt", &options, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dram_trace trace;
    struct err err;
    if (!dram_trace_decode(&trace, (const char *)data, size, "fuzz.txt", &err))
        return 0;
    replay(&trace);
    dram_trace_free(&trace);
    return 0;
}
