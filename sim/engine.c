#include "sim/engine.h"

#include "sim/machine_state.h"

static bool run(struct machine *machine, const void *input, enum machine_clock clock)
{
    machine->options.clock = clock;
    machine_run(machine, input);
    return true;
}

static bool run_fast(struct machine *machine, const void *input,
                     const struct waveform_request *waveform, struct err *err)
{
    return run(machine, input, CLOCK_JUMP);
}

static bool run_step(struct machine *machine, const void *input,
                     const struct waveform_request *waveform, struct err *err)
{
    return run(machine, input, CLOCK_STEP);
}

const struct engine engine_fast = {.name = "fast", .help = "from event to event", .run = run_fast};

const struct engine engine_step = {
    .name = "step", .help = "one cycle at a time: the same results, for proof", .run = run_step};
