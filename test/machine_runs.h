/* One run of a program by an engine, and whether two runs are the same in everything: tensors,
 * cycles, counters, start and end of every instruction. */
#ifndef MANTIS_TEST_MACHINE_RUNS_H
#define MANTIS_TEST_MACHINE_RUNS_H

#include <string.h>

#include "sim/codes.h"
#include "sim/engine.h"
#include "sim/machine.h"
#include "test/check.h"

/* By instruction index. */
struct run_times {
    uint64_t start, end;
    uint32_t times; /* it was observed: once, one hopes */
};

struct machine_run {
    const struct engine *engine;
    const struct program *program;
    struct machine *machine;
    struct run_times *times;
};

__attribute__((unused)) static void note_times(void *context, const struct instruction *instruction,
                                               uint32_t index, uint64_t start, uint64_t end)
{
    struct run_times *times = (struct run_times *)context + index;
    times->start = start;
    times->end = end;
    times->times++;
}

/* Everything is in a machine of its own. */
__attribute__((unused)) static struct machine_run
run_on(const struct engine *engine, const struct program *program, const void *input)
{
    struct machine_run run = {.engine = engine, .program = program};
    run.machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    run.times = calloc(program->instruction_count + 1, sizeof *run.times);
    assert_non_null(run.machine);
    machine_observe(run.machine, note_times, run.times);
    struct waveform_request waveform = {.path = NULL};
    struct err err;
    if (!engine->run(run.machine, input, &waveform, &err))
        fail_msg("%s: %s", engine->name, err.text);
    return run;
}

__attribute__((unused)) static void run_free(struct machine_run *run)
{
    machine_free(run->machine);
    free(run->times);
}

/* Says what differs; true where nothing does. */
__attribute__((unused)) static bool same_number(const char *what, uint64_t place, const char *name,
                                                uint64_t a, uint64_t b)
{
    if (a != b)
        printf("%s %llu, %s: %llu and %llu\n", what, (unsigned long long)place, name,
               (unsigned long long)a, (unsigned long long)b);
    return a == b;
}

__attribute__((unused)) static bool
same_counters(const char *what, uint64_t place, const struct counters *a, const struct counters *b)
{
    bool same = true;
#define SAME(name, unit, help) same &= same_number(what, place, #name, a->name, b->name);
    COUNTERS(SAME)
#undef SAME
    return same;
}

__attribute__((unused)) static bool same_times(const struct machine_run *a,
                                               const struct machine_run *b)
{
    bool same = true;
    for (uint32_t i = 0; same && i < a->program->instruction_count; i++) {
        same &= same_number("instruction", i, "times observed", a->times[i].times, 1);
        same &= same_number("instruction", i, "times observed", b->times[i].times, 1);
        same &= same_number("instruction", i, "start", a->times[i].start, b->times[i].start);
        same &= same_number("instruction", i, "end", a->times[i].end, b->times[i].end);
    }
    return same;
}

__attribute__((unused)) static bool same_stats(const struct machine_run *a,
                                               const struct machine_run *b)
{
    const struct stats *s = machine_stats(a->machine), *t = machine_stats(b->machine);
    bool same = same_number("program", 0, "cycles", s->cycles, t->cycles);
    same &= same_counters("program", 0, &s->counters, &t->counters);
    same &= same_number("program", 0, "layers", s->layer_count, t->layer_count);
    for (uint32_t l = 0; same && l < s->layer_count; l++) {
        same &= same_number("layer", l, "cycles", s->layers[l].cycles, t->layers[l].cycles);
        same &= same_counters("layer", l, &s->layers[l].counters, &t->layers[l].counters);
    }
    return same;
}

__attribute__((unused)) static bool same_tensors(const struct machine_run *a,
                                                 const struct machine_run *b)
{
    for (uint32_t t = 0; a->program->has_values && t < a->program->tensor_count; t++) {
        const struct dram_tensor *tensor = &a->program->tensors[t];
        const void *left = machine_tensor(a->machine, t), *right = machine_tensor(b->machine, t);
        for (uint64_t i = 0; i < tensor_elements(tensor); i++)
            if (!same_number("tensor", t, "code", code_at(left, tensor->format, i),
                             code_at(right, tensor->format, i)))
                return false;
    }
    return true;
}

__attribute__((unused)) static bool same_runs(const struct machine_run *a,
                                              const struct machine_run *b)
{
    bool times = same_times(a, b), stats = same_stats(a, b), tensors = same_tensors(a, b);
    return times && stats && tensors;
}

#endif
