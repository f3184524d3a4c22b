/* Could registers do what the array's recursion says, and no faster? The oracle knows no formula:
 * it books every PE, every weight register, every accumulator and every column's way in and
 * out, cycle by cycle, and starts each fold in the first cycle in which nothing is booked twice.
 * docs/machine.md, section Array, describes this hardware. */
#include "test/check.h"

#include <string.h>

#include "pe/array.h"

enum { SIDE = 6, CYCLES = 8192 };

/* What is in use, by place and cycle. */
struct bookings {
    bool pe[SIDE][SIDE][CYCLES];
    bool weight[2][SIDE][SIDE][CYCLES]; /* double-buffered weight registers */
    bool result[SIDE][SIDE][CYCLES];    /* the registers that shift results down */
    bool way_in[SIDE][CYCLES], way_out[SIDE][CYCLES];
    int last_out[SIDE]; /* sums leave in order: a fold may add to those of the fold before */
};

struct shape {
    bool os;
    int R, C, r, c, T;
    int depth; /* rows that preload and results pass */
};

/* Book [from, to) of one row of cycles; false where it is taken. With `dry` only look. */
static bool book(bool *cycles, int from, int to, bool dry)
{
    assert_true(to <= CYCLES);
    if (from < 0)
        return false;
    for (int t = from; t < to; t++) {
        if (cycles[t])
            return false;
        if (!dry)
            cycles[t] = true;
    }
    return true;
}

static bool book_way_out(struct bookings *b, int column, int from, int to, bool dry)
{
    if (from < b->last_out[column] || !book(b->way_out[column], from, to, dry))
        return false;
    if (!dry)
        b->last_out[column] = to;
    return true;
}

/* Weight-stationary: PE (i, j) works on step t in cycle start + t + i + j. Its weight enters column
 * j from the top, the bottom row's first, one a cycle, and hops down; the register is written from
 * the cycle the first weight passes it and kept until the last step has used it. A sum leaves in
 * the cycle in which row depth - 1 has added to it. */
static bool book_stationary(struct bookings *b, const struct shape *s, int start, int fold,
                            bool preload, bool dry)
{
    bool free = true;
    for (int j = 0; j < s->c; j++) {
        if (preload)
            free = free && book(b->way_in[j], start - s->depth + j, start + j, dry);
        int first_out = start + s->depth - 1 + j;
        free = free && book_way_out(b, j, first_out, first_out + s->T, dry);
        for (int i = 0; i < s->r; i++) {
            free = free && book(b->pe[i][j], start + i + j, start + i + j + s->T, dry);
            int written = start - s->depth + 1 + i + j, used = start + i + j;
            if (written > used) /* the top rows' weights pass nobody */
                written = used;
            if (preload)
                free = free && book(b->weight[fold % 2][i][j], written, used + s->T, dry);
        }
    }
    return free;
}

/* Output-stationary: PE (i, j) works until E + i + j, E = start + T; then its sum is in the shadow
 * accumulator, or where drain is exposed still in the accumulator itself. As soon as that of the
 * used bottom row is there the column shifts down, one a cycle: sum i leaves in cycle E + j +
 * 2 depth - 2 - i. The register of row i is in use until the sum of row 0 has passed it. */
static bool book_outputs(struct bookings *b, const struct shape *s, int start,
                         enum visibility drain, bool dry)
{
    bool free = true;
    int end = start + s->T, result = drain == EXPOSED ? start : end;
    for (int j = 0; j < s->c; j++) {
        int first_out = end + s->depth - 1 + j;
        if (drain != HIDDEN)
            free = free && book_way_out(b, j, first_out, first_out + s->depth, dry);
        for (int i = 0; i < s->r; i++) {
            free = free && book(b->pe[i][j], start + i + j, start + i + j + s->T, dry);
            if (drain != HIDDEN)
                free = free && book(b->result[i][j], result + i + j, end + s->depth + i + j, dry);
        }
    }
    return free;
}

static bool book_fold(struct bookings *b, const struct core *core, const struct shape *s, int start,
                      int fold, bool dry)
{
    return s->os ? book_outputs(b, s, start, (enum visibility)core->drain, dry)
                 : book_stationary(b, s, start, fold, core->preload == OVERLAPPED, dry);
}

/* Cycle after the last result is out. */
static int finish_of(const struct core *core, const struct shape *s, int start)
{
    int skew = s->depth - 1 + (core->skew_used ? s->c : s->C) - 1;
    return start + s->T + skew + (s->os && core->drain != HIDDEN ? s->depth : 0);
}

static int schedule(const struct core *core, const struct array_work *work)
{
    static struct bookings bookings;
    memset(&bookings, 0, sizeof bookings);
    bool os = core->dataflow == OUTPUT_STATIONARY, is = core->dataflow == INPUT_STATIONARY;
    int rows = (int)(os ? work->m : work->k), columns = (int)(is ? work->m : work->n);
    int finish = 0, fold = 0, start = 0;
    for (int group = 0; group < (int)work->groups; group++)
        for (int j0 = 0; j0 < columns; j0 += core->columns)
            for (int i0 = 0; i0 < rows; i0 += core->rows, fold++) {
                struct shape s = {.os = os, .R = core->rows, .C = core->columns};
                s.r = rows - i0 < s.R ? rows - i0 : s.R;
                s.c = columns - j0 < s.C ? columns - j0 : s.C;
                s.T = (int)(os ? work->k : is ? work->n : work->m);
                s.depth = core->skew_used ? s.r : s.R;
                int first = !os && core->preload == OVERLAPPED ? s.depth : 0;
                start = fold ? start + 1 : first;
                while (!book_fold(&bookings, core, &s, start, fold, true))
                    start++;
                book_fold(&bookings, core, &s, start, fold, false);
                finish = finish_of(core, &s, start) > finish ? finish_of(core, &s, start) : finish;
            }
    return finish;
}

static void earliest_start_is_the_formula(void **state)
{
    check_seed();
    for (int round = 0; round < 1500; round++) {
        struct arch arch = {.core_count = 1,
                            .cores[0] = {.pe = PE_INT8,
                                         .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                         .preload = (uint8_t)check_between(OVERLAPPED, HIDDEN),
                                         .fill = OVERLAPPED,
                                         .drain = (uint8_t)check_between(EXPOSED, HIDDEN),
                                         .accumulator_bits = 32,
                                         .skew_used = check_between(0, 1),
                                         .rows = (uint16_t)check_between(1, SIDE),
                                         .columns = (uint16_t)check_between(1, SIDE)}};
        for (int pad = 0; pad < PAD_COUNT; pad++)
            arch.pads[pad].banks = arch.pads[pad].bank_bits = 1024;
        struct array_work work = {.m = (uint64_t)check_between(1, 14),
                                  .k = (uint64_t)check_between(1, 14),
                                  .n = (uint64_t)check_between(1, 14),
                                  .groups = (uint64_t)check_between(1, 2),
                                  .act = {FORMAT_INT, 8, true},
                                  .weight = {FORMAT_INT, 8, true}};
        assert_int_equal(array_cycles(&arch, &work, NULL), schedule(&arch.cores[0], &work));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(earliest_start_is_the_formula)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
