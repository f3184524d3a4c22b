/* Is the array's closed form the recursion of docs/machine.md, fold by fold? The oracle below lists
 * every fold and walks the recursion as it is written there; shapes, options, ports and weights are
 * random. */
#include "test/check.h"

#include <string.h>

#include "pe/array.h"
#include "pe/format.h"
#include "pe/pe.h"

enum { MAX_WEIGHTS = 1 << 14 };

struct one_fold {
    int64_t r, c;         /* used rows and columns */
    int64_t depth, width; /* rows and columns that skew, preload and drain go by */
    int64_t T, S, P, D, L;
};

struct oracle {
    const struct arch *arch;
    const struct array_work *work;
    int64_t R, C, rows, columns, steps;
    int64_t start, end_of_all, held;
    struct one_fold before;
    bool any;
};

static int64_t up(int64_t value, int64_t by)
{
    return (value + by - 1) / by;
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t port(const struct arch *arch, enum scratchpad_id pad)
{
    return (int64_t)arch->pads[pad].banks * arch->pads[pad].bank_bits;
}

static int digits_at(const struct array_work *work, int64_t group, int64_t kk, int64_t j)
{
    size_t at = (size_t)((group * (int64_t)work->k + kk) * (int64_t)work->n + j);
    uint32_t code = format_host_bytes(work->weight) == 1 ? ((const uint8_t *)work->weights)[at]
                                                         : ((const uint16_t *)work->weights)[at];
    return (int)max(1, format_grid(work->weight)->digits_of_code[code]);
}

/* Clocks of step `t` of the fold at (i0, j0): all digits, or the most digits among the weights that
 * move together. */
static int64_t clocks_of_step(const struct oracle *o, int64_t group, int64_t i0, int64_t j0,
                              const struct one_fold *fold, int64_t t)
{
    const struct pe_descriptor *pe = pe_descriptor(o->arch->core.pe);
    if (!pe->skips_zero_digits || !o->work->weights)
        return pe->clocks_per_mac(o->work->weight);
    int64_t most = 1;
    switch ((enum dataflow)o->arch->core.dataflow) {
    case OUTPUT_STATIONARY:
        for (int64_t j = 0; j < fold->c; j++)
            most = max(most, digits_at(o->work, group, t, j0 + j));
        return most;
    case WEIGHT_STATIONARY:
        for (int64_t i = 0; i < fold->r; i++)
            for (int64_t j = 0; j < fold->c; j++)
                most = max(most, digits_at(o->work, group, i0 + i, j0 + j));
        return most;
    case INPUT_STATIONARY:
        for (int64_t i = 0; i < fold->r; i++)
            most = max(most, digits_at(o->work, group, i0 + i, t));
        return most;
    case DATAFLOW_COUNT:
        break;
    }
    return 0;
}

static struct one_fold fold_at(struct oracle *o, int64_t group, int64_t i0, int64_t j0)
{
    const struct core *core = &o->arch->core;
    bool os = core->dataflow == OUTPUT_STATIONARY, is = core->dataflow == INPUT_STATIONARY;
    struct one_fold fold = {.r = o->rows - i0 < o->R ? o->rows - i0 : o->R,
                            .c = o->columns - j0 < o->C ? o->columns - j0 : o->C};
    fold.depth = core->skew_used ? fold.r : o->R;
    fold.width = core->skew_used ? fold.c : o->C;
    int64_t act_bits = format_code_bits(o->work->act),
            weight_bits = format_code_bits(o->work->weight);
    int64_t act = up((is ? fold.c : fold.r) * act_bits, port(o->arch, PAD_ACT));
    int64_t weight = up((is ? fold.r : fold.c) * weight_bits, port(o->arch, PAD_WEIGHT));
    bool adds = o->work->accumulate || (!os && i0 > 0);
    int64_t acc = up(fold.c * core->accumulator_bits * (adds ? 2 : 1), port(o->arch, PAD_ACC));
    for (int64_t t = 0; t < o->steps; t++) {
        int64_t clocks = clocks_of_step(o, group, i0, j0, &fold, t);
        o->held += fold.r * fold.c * clocks;
        fold.T += max(clocks, os ? max(act, weight) : max(is ? weight : act, acc));
    }
    fold.S = fold.depth - 1 + fold.width - 1;
    fold.P = os ? 0 : fold.depth * (is ? act : weight);
    fold.D = os ? fold.depth * acc : 0;
    fold.L = core->fold_latency + (fold.r > 1 && fold.c > 1 ? core->corner_latency : 0);
    return fold;
}

static void next_fold(struct oracle *o, const struct one_fold *fold)
{
    const struct core *core = &o->arch->core;
    const struct one_fold *before = &o->before;
    bool os = core->dataflow == OUTPUT_STATIONARY;
    if (!o->any) {
        o->start = core->preload == HIDDEN ? 0 : fold->P;
    } else {
        int64_t gap = core->fill == HIDDEN ? 0 : max(0, before->depth - fold->depth);
        int64_t end = o->start + before->T + before->L + (core->fill == EXPOSED ? before->S : 0);
        int64_t start = end + (core->preload == EXPOSED ? fold->P : 0) +
                        (core->drain == EXPOSED ? before->D : 0);
        if (core->fill == OVERLAPPED && !os)
            start = max(start, end + gap + (core->preload == EXPOSED ? fold->P : 0));
        if (core->preload == OVERLAPPED)
            start = max(start, o->start + fold->P);
        if (core->drain == OVERLAPPED && os)
            start = max(start, o->start + before->T + before->D + gap - fold->T);
        o->start = start;
    }
    int64_t finish = o->start + fold->T + fold->L + (core->fill == HIDDEN ? 0 : fold->S) +
                     (core->drain == HIDDEN ? 0 : fold->D);
    o->end_of_all = max(o->end_of_all, finish);
    o->before = *fold;
    o->any = true;
}

static struct oracle walk(const struct arch *arch, const struct array_work *work)
{
    const struct pe_descriptor *pe = pe_descriptor(arch->core.pe);
    bool os = arch->core.dataflow == OUTPUT_STATIONARY,
         is = arch->core.dataflow == INPUT_STATIONARY;
    struct oracle o = {.arch = arch, .work = work};
    o.R = arch->core.rows / pe->fusion(is ? work->weight : work->act);
    o.C = arch->core.columns / pe->fusion(is ? work->act : work->weight);
    o.rows = (int64_t)(os ? work->m : work->k);
    o.columns = (int64_t)(is ? work->m : work->n);
    o.steps = (int64_t)(os ? work->k : is ? work->n : work->m);
    for (int64_t group = 0; group < (int64_t)work->groups; group++)
        for (int64_t j0 = 0; j0 < o.columns; j0 += o.C)
            for (int64_t i0 = 0; i0 < o.rows; i0 += o.R) {
                struct one_fold fold = fold_at(&o, group, i0, j0);
                next_fold(&o, &fold);
            }
    return o;
}

static uint8_t weight_memory[2 * MAX_WEIGHTS];

static void random_weights(struct array_work *work)
{
    const struct grid *grid = format_grid(work->weight);
    size_t count = (size_t)(work->groups * work->k * work->n);
    assert_true(count <= MAX_WEIGHTS);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = grid->codes[check_between(0, grid->count - 1)];
        if (format_host_bytes(work->weight) == 1)
            weight_memory[i] = (uint8_t)code;
        else
            ((uint16_t *)(void *)weight_memory)[i] = (uint16_t)code;
    }
    work->weights = weight_memory;
}

static void random_arch(struct arch *arch)
{
    *arch = (struct arch){.core = {.pe = (uint8_t)check_between(0, PE_COUNT - 1),
                                   .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                   .preload = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                   .fill = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                   .drain = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                   .accumulator_bits = (uint8_t)check_between(8, 32),
                                   .skew_used = check_between(0, 1),
                                   .rows = (uint16_t)check_between(2, 9),
                                   .columns = (uint16_t)check_between(2, 9),
                                   .fold_latency = (uint16_t)check_between(0, 3),
                                   .corner_latency = (uint16_t)check_between(0, 2)}};
    for (int pad = 0; pad < PAD_COUNT; pad++) {
        arch->pads[pad].banks = (uint16_t)check_between(1, 8);
        arch->pads[pad].bank_bits = (uint16_t)(check_between(0, 1) ? 1024 : check_between(4, 32));
    }
}

static void random_work(const struct arch *arch, struct array_work *work)
{
    bool serial = arch->core.pe == PE_MSD || arch->core.pe == PE_MSD_SKIP;
    *work = (struct array_work){.m = (uint64_t)check_between(1, 24),
                                .k = (uint64_t)check_between(1, 24),
                                .n = (uint64_t)check_between(1, 24),
                                .groups = (uint64_t)check_between(1, 3),
                                .act = {FORMAT_INT, (uint8_t)check_between(4, 8), true},
                                .weight = {FORMAT_INT, (uint8_t)check_between(4, 8), true},
                                .accumulate = check_between(0, 1)};
    if (serial)
        work->weight =
            (struct format){(uint8_t)check_between(FORMAT_RSD_EB1, FORMAT_RSD_EB4), 8, true};
    if (arch->core.pe == PE_MSD_SKIP && check_between(0, 3))
        random_weights(work);
}

static void closed_form_is_the_recursion(void **state)
{
    check_seed();
    for (int round = 0; round < 20000; round++) {
        struct arch arch;
        struct array_work work;
        random_arch(&arch);
        random_work(&arch, &work);
        struct oracle oracle = walk(&arch, &work);
        struct counters counters = {0};
        uint64_t cycles = array_cycles(&arch, &work, &counters);
        assert_int_equal(cycles, oracle.end_of_all);
        assert_int_equal(counters.macs, work.m * work.k * work.n * work.groups);
        assert_int_equal(counters.pe_clocks, oracle.held);
        assert_int_equal(counters.idle_pe_clocks,
                         oracle.R * oracle.C * (int64_t)cycles - oracle.held);
    }
}

/* Scratchpad traffic and decodes, summed fold by fold. */
static void traffic_is_what_folds_move(void **state)
{
    check_seed();
    for (int round = 0; round < 5000; round++) {
        struct arch arch;
        struct array_work work;
        random_arch(&arch);
        random_work(&arch, &work);
        struct oracle o = walk(&arch, &work);
        bool os = arch.core.dataflow == OUTPUT_STATIONARY,
             is = arch.core.dataflow == INPUT_STATIONARY;
        uint64_t row_codes = 0, column_codes = 0, written = 0, read = 0;
        for (int64_t j0 = 0; j0 < o.columns; j0 += o.C)
            for (int64_t i0 = 0; i0 < o.rows; i0 += o.R) {
                struct one_fold fold = fold_at(&o, 0, i0, j0);
                uint64_t sums = (uint64_t)(os ? fold.r * fold.c : o.steps * fold.c);
                row_codes += (uint64_t)(fold.r * o.steps);
                column_codes += (uint64_t)(os ? fold.c * o.steps : fold.r * fold.c);
                written += sums;
                read += work.accumulate || (!os && i0 > 0) ? sums : 0;
            }
        struct counters counters = {0};
        array_cycles(&arch, &work, &counters);
        uint64_t act = work.groups * (is ? column_codes : row_codes);
        uint64_t weight = work.groups * (is ? row_codes : column_codes);
        bool decodes = pe_descriptor(arch.core.pe)->has_decoders;
        assert_int_equal(counters.act_read_bits, act * (uint64_t)format_code_bits(work.act));
        assert_int_equal(counters.weight_read_bits,
                         weight * (uint64_t)format_code_bits(work.weight));
        assert_int_equal(counters.act_decodes, decodes ? act : 0);
        assert_int_equal(counters.weight_decodes, decodes ? weight : 0);
        assert_int_equal(counters.acc_write_bits,
                         work.groups * written * arch.core.accumulator_bits);
        assert_int_equal(counters.acc_read_bits, work.groups * read * arch.core.accumulator_bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_form_is_the_recursion),
        cmocka_unit_test(traffic_is_what_folds_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
