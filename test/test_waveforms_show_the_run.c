/* Do waveforms of the clocked machine show what happened? Random programs: in every cycle each
 * unit's instruction and tokens are those that the observer was told of, the totals are those of
 * the stats, and no cycle outside the window is there. */
#include <dirent.h>
#include <sys/stat.h>

#include "test/machine_program.h"
#include "test/machine_runs.h"
#include "test/vcd.h"

static char path[200];

#define SCOPE(id, name, help) name,
static const char *const unit_scopes[UNIT_COUNT] = {UNITS(SCOPE)};
#undef SCOPE

/* A run with a waveform; the machine and what its observer was told. */
static struct machine_run traced(const struct program *program, const void *input, uint64_t first,
                                 uint64_t last)
{
    struct machine_run run = {.engine = &engine_clocked, .program = program};
    struct waveform_request waveform = {path, first, last};
    struct err err = {""};
    run.machine = machine_new(program, &(struct machine_options){0});
    run.times = calloc(program->instruction_count + 1, sizeof *run.times);
    machine_observe(run.machine, note_times, run.times);
    if (!engine_clocked.run(run.machine, input, &waveform, &err))
        fail_msg("%s", err.text);
    return run;
}

/* The unit's instruction in `cycle` and how many have completed by then. */
static void expect_unit(struct vcd *vcd, const struct machine_run *run, int unit, uint64_t cycle)
{
    uint64_t tokens = 0;
    const struct vcd_variable *instruction = vcd_find(vcd, unit_scopes[unit], "instruction");
    bool is_busy = false;
    for (uint32_t i = 0; i < run->program->instruction_count; i++) {
        const struct run_times *times = &run->times[i];
        if (instruction_unit(&run->program->instructions[i]) != (enum unit)unit)
            continue;
        tokens += times->end <= cycle;
        if (times->start <= cycle && cycle < times->end) {
            is_busy = true;
            assert_true(instruction->is_known);
            assert_int_equal(instruction->value, i);
        }
    }
    assert_int_equal(instruction->is_known, is_busy);
    assert_int_equal(vcd_find(vcd, unit_scopes[unit], "busy")->value, is_busy);
    assert_int_equal(vcd_find(vcd, unit_scopes[unit], "tokens")->value, tokens);
}

/* The rising edge of `cycle` has been read: its time, to the picosecond below. */
static void expect_cycle(struct vcd *vcd, const struct machine_run *run, uint64_t cycle)
{
    assert_int_equal(vcd->time, cycle * 1000000000 / run->program->arch.clock_khz);
    assert_int_equal(vcd_find(vcd, "mantis", "clock")->value, 1);
    assert_int_equal(vcd_find(vcd, "sequencer", "cycle")->value, cycle);
    for (int unit = 0; unit < UNIT_COUNT; unit++)
        if (unit != UNIT_ARRAY2 || run->program->arch.core_count > 1)
            expect_unit(vcd, run, unit, cycle);
}

static void expect_totals(struct vcd *vcd, const struct counters *counters)
{
#define PADS(X)          \
    X(act_write_bits)    \
    X(act_read_bits)     \
    X(weight_write_bits) \
    X(weight_read_bits)  \
    X(param_write_bits)  \
    X(param_read_bits) X(acc_write_bits) X(acc_read_bits) X(out_write_bits) X(out_read_bits)
#define EXPECT(name) assert_int_equal(vcd_find(vcd, "scratchpads", #name)->value, counters->name);
    PADS(EXPECT)
#undef EXPECT
#undef PADS
}

static void expect_waveform(const struct machine_run *run, uint64_t first, uint64_t last)
{
    const struct stats *stats = machine_stats(run->machine);
    static struct vcd vcd;
    uint64_t cycle = first;
    vcd_open(&vcd, path);
    for (; cycle <= last && cycle <= stats->cycles; cycle++) {
        assert_true(vcd_advance(&vcd));
        expect_cycle(&vcd, run, cycle);
        assert_true(vcd_advance(&vcd)); /* the falling edge */
        assert_int_equal(vcd_find(&vcd, "mantis", "clock")->value, 0);
    }
    if (cycle > first) /* where the last cycle ends */
        assert_true(vcd_advance(&vcd));
    assert_false(vcd_advance(&vcd));
    if (cycle > first && cycle > stats->cycles)
        expect_totals(&vcd, &stats->counters);
    vcd_close(&vcd);
}

static void whole_runs(void **state)
{
    check_seed();
    for (int round = 0; round < 25; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        struct machine_run run = traced(program, input, 0, UINT64_MAX);
        expect_waveform(&run, 0, UINT64_MAX);
        run_free(&run);
        free(input);
        program_free(program);
    }
}

static void windows(void **state)
{
    check_seed();
    for (int round = 0; round < 25; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        uint64_t first = (uint64_t)check_between(0, 3000);
        uint64_t last = first + (uint64_t)check_between(0, 500);
        struct machine_run run = traced(program, input, first, last);
        expect_waveform(&run, first, last);
        run_free(&run);
        free(input);
        program_free(program);
    }
}

/* Sums that left the bottom edges of the arrays, over the whole run. */
static uint64_t sums_shown(uint64_t cycles)
{
    static struct vcd vcd;
    uint64_t sums = 0;
    vcd_open(&vcd, path);
    while (vcd_advance(&vcd) && vcd_find(&vcd, "sequencer", "cycle")->value < cycles)
        for (int i = 0; vcd_find(&vcd, "mantis", "clock")->value && i < vcd.variable_count; i++)
            sums += !strncmp(vcd.variables[i].name, "bottom_valid", 12) && vcd.variables[i].value;
    vcd_close(&vcd);
    return sums;
}

/* As many as the scratchpad takes; but each digit of a product leaves on its own where sums move
 * down, and a hidden drain shows nothing. */
static void expect_sums(const struct arch *arch, uint64_t shown, uint64_t written)
{
    bool may_hide = false, may_repeat = false, all_hide = true;
    for (int i = 0; i < arch->core_count; i++) {
        const struct core *core = &arch->cores[i];
        const bool sums_stay = core->dataflow == OUTPUT_STATIONARY;
        const bool is_serial = core->pe == PE_MSD || core->pe == PE_MSD_SKIP;
        const bool hides = sums_stay && core->drain == HIDDEN;
        may_hide |= hides;
        all_hide &= hides;
        may_repeat |= is_serial && !sums_stay;
    }
    assert_true(!all_hide || shown == 0);
    assert_true(may_hide || shown >= written);
    assert_true(may_repeat || shown <= written);
}

/* Of a long edge only the first columns are shown. */
static bool shows_all_columns(const struct arch *arch)
{
    bool all = true;
    for (int i = 0; i < arch->core_count; i++)
        all &= arch->cores[i].columns <= 8;
    return all;
}

static void sums_leave_at_the_bottom(void **state)
{
    check_seed();
    uint64_t shown = 0;
    for (int round = 0; round < 60; round++) {
        struct program *program = random_program(&small_program);
        uint8_t *input = random_input(program);
        const struct arch *arch = &program->arch;
        if (shows_all_columns(arch)) {
            struct machine_run run = traced(program, input, 0, UINT64_MAX);
            const struct stats *stats = machine_stats(run.machine);
            uint64_t sums = sums_shown(stats->cycles);
            uint64_t written = stats->counters.acc_write_bits / arch->cores[0].accumulator_bits;
            expect_sums(arch, sums, written);
            shown += sums;
            run_free(&run);
        }
        free(input);
        program_free(program);
    }
    assert_true(shown > 1000);
}

static void expect_refused(const char *place, const char *what)
{
    struct program *program = random_program(&small_program);
    uint8_t *input = random_input(program);
    struct machine *machine = machine_new(program, &(struct machine_options){0});
    struct waveform_request waveform = {place, 0, UINT64_MAX};
    struct err err = {""};
    assert_false(engine_clocked.run(machine, input, &waveform, &err));
    assert_non_null(strstr(err.text, place));
    assert_non_null(strstr(err.text, what));
    assert_null(strchr(err.text, '\n'));
    machine_free(machine);
    free(input);
    program_free(program);
}

/* And the engine still runs after that. */
static void places_that_cannot_be_written(void **state)
{
    check_seed();
    expect_refused("/nowhere/at/all.vcd", "cannot be written");
    expect_refused("/dev/full", "cannot be written");
    expect_refused(TEST_BINARY_DIR, "cannot be written");
    windows(state);
}

/* Nothing but the waveform itself is left behind. */
static void no_leftovers(void **state)
{
    DIR *directory = opendir(TEST_BINARY_DIR);
    const char *name = strrchr(path, '/') + 1;
    int found = 0;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        if (!strncmp(entry->d_name, name, strlen(name))) {
            assert_string_equal(entry->d_name, name);
            found++;
        }
    closedir(directory);
    assert_int_equal(found, 1);
    unlink(path);
}

int main(void)
{
    snprintf(path, sizeof path, "%s/waveform-%ld.vcd", TEST_BINARY_DIR, (long)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_runs),
        cmocka_unit_test(windows),
        cmocka_unit_test(sums_leave_at_the_bottom),
        cmocka_unit_test(places_that_cannot_be_written),
        cmocka_unit_test(no_leftovers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
