/* Do registers, counters and valid bits take the clocks that docs/machine.md has formulas for, and
 * count and sum what the formulas and the oracle do, MATMUL after MATMUL on one array? And do the
 * array's edges show what passes them? */
#include "test/random_matmul.h"

#ifdef __SANITIZE_ADDRESS__
enum { ARRAYS = 150, EDGE_ROUNDS = 60 };
#else
enum { ARRAYS = 900, EDGE_ROUNDS = 300 };
#endif
enum { MATMULS = 3 }; /* of an array */

/* Clocks until the array says that it is done; 0 if it does not within `most`. */
static uint64_t clock_through(struct clocked_array *array, uint64_t most, struct counters *counters)
{
    for (uint64_t clock = 1; clock <= most; clock++)
        if (clocked_array_clock(array, counters))
            return clock;
    return 0;
}

static bool same_counters(const struct counters *is, const struct counters *should)
{
    bool same = true;
#define COMPARE(name, unit, help)                                               \
    if (is->name != should->name) {                                             \
        printf("%s: %llu, formula %llu\n", #name, (unsigned long long)is->name, \
               (unsigned long long)should->name);                               \
        same = false;                                                           \
    }
    COUNTERS(COMPARE)
#undef COMPARE
    return same;
}

static bool agrees(struct clocked_array *array, struct matmul_case *c)
{
    struct counters formula = {0}, counted = {0};
    const struct array_work work = matmul_case_work(c);
    const struct clocked_array_task task = matmul_case_task(c);
    uint64_t cycles = array_cycles(&c->program.arch, &work, &formula);
    assert_true(clocked_array_begin(array, &task));
    uint64_t clocks = clock_through(array, cycles + 1000, &counted);
    if (clocks != cycles)
        printf("%llu clocks, formula %llu\n", (unsigned long long)clocks,
               (unsigned long long)cycles);
    if (!matmul_sums_agree(c))
        printf("sums differ\n");
    return clocks == cycles && same_counters(&counted, &formula) && matmul_sums_agree(c);
}

/* Some MATMULs one after the other on each array, as registers must not remember. */
static void random_matmuls_agree(int side)
{
    int second = 0, packed = 0;
    check_seed();
    for (int round = 0; round < ARRAYS; round++) {
        struct matmul_case *c = matmul_case_new(side);
        struct clocked_array *array = clocked_array_new(&c->program.arch, c->core);
        assert_non_null(array);
        for (int i = 0; i < MATMULS; i++) {
            if (!agrees(array, c)) {
                matmul_case_print(c);
                fail_msg("array %d, MATMUL %d", round, i);
            }
            matmul_case_draw(c);
        }
        second += c->core;
        packed += c->program.arch.cores[c->core].pe == PE_INT8X2;
        clocked_array_free(array);
        matmul_case_free(c);
    }
    printf("%d arrays, %d of second cores, %d of packed PEs\n", ARRAYS, second, packed);
    assert_true(second > ARRAYS / 20 && packed > ARRAYS / 20);
}

static void small_arrays_agree(void **state)
{
    random_matmuls_agree(6);
}

static void large_arrays_agree(void **state)
{
    random_matmuls_agree(24);
}

/* --- edges --- */

/* What went in and came out, added up over all clocks, modulo 2^64. */
struct flow {
    uint64_t left, top, bottom;
};

static uint64_t level_of(struct term term)
{
    return (uint64_t)(int64_t)term.mult << term.shift;
}

static struct flow add_edges(struct clocked_array *array, const struct clocked_array_task *task)
{
    struct flow flow = {0};
    struct counters counters = {0};
    bool is_done = false;
    assert_true(clocked_array_begin(array, task));
    while (!is_done) {
        is_done = clocked_array_clock(array, &counters);
        struct clocked_array_signals signals = clocked_array_look(array);
        assert_true(signals.busy);
        for (int i = 0; i < signals.rows; i++)
            flow.left += level_of(signals.left[i]);
        for (int j = 0; j < signals.columns; j++) {
            flow.top += level_of(signals.top[j]);
            flow.bottom += signals.bottom_valid[j] ? (uint64_t)signals.bottom[j] : 0;
        }
    }
    return flow;
}

/* Levels of all operands, and all sums, of the MATMUL. */
struct whole {
    uint64_t act, weight, sums;
};

static struct whole add_whole(const struct matmul_case *c)
{
    const struct matmul *m = c->matmul;
    struct whole whole = {0};
    for (uint64_t g = 0; g < m->groups; g++)
        for (uint64_t i = 0; i < c->m * c->k; i++) {
            uint64_t at = array_oracle_act_element(m, g, i / c->k, i % c->k);
            whole.act += (uint64_t)format_level(m->act_format, c->act_codes[at]);
        }
    for (uint64_t i = 0; i < m->groups * c->k * c->n; i++)
        whole.weight += (uint64_t)format_level(m->weight_format, c->weight_codes[i]);
    for (uint64_t i = 0; i < c->m; i++)
        for (uint64_t j = 0; j < m->groups * c->n; j++)
            whole.sums += (uint64_t)((int64_t *)c->sums)[m->acc_offset + i * m->acc_pitch + j];
    return whole;
}

static uint64_t blocks_of(uint64_t whole, uint32_t block)
{
    return (whole + block - 1) / block;
}

/* Activations enter for every digit and column block, weights for every column (input-stationary)
 * or row block (output-stationary). */
static void expect_flow(const struct matmul_case *c, const struct flow *flow)
{
    const struct core *core = &c->program.arch.cores[c->core];
    const struct pe_descriptor *pe = pe_descriptor(core->pe);
    const bool os = core->dataflow == OUTPUT_STATIONARY, is = core->dataflow == INPUT_STATIONARY;
    const struct whole whole = add_whole(c);
    uint32_t rows, columns;
    array_shape(core, c->matmul->act_format, c->matmul->weight_format, &rows, &columns);
    uint64_t row_blocks = blocks_of(os ? c->m : c->k, rows);
    uint64_t column_blocks = blocks_of(is ? c->m : c->n, columns);
    uint64_t digits = (uint64_t)pe->clocks_per_mac(c->matmul->weight_format);
    if (is)
        assert_int_equal(flow->left, whole.weight * column_blocks);
    else if (!pe->skips_zero_digits)
        assert_int_equal(flow->left, whole.act * column_blocks * digits);
    if (os)
        assert_int_equal(flow->top, whole.weight * row_blocks);
    if (!os || core->drain != HIDDEN)
        assert_int_equal(flow->bottom, whole.sums);
}

/* Everything that is shown to enter and leave does, once. */
static void edges_show_what_passes(void **state)
{
    check_seed();
    for (int round = 0; round < EDGE_ROUNDS; round++) {
        struct matmul_case *c = matmul_case_new(9);
        c->instruction.matmul.accumulate = 0;
        c->has_values = c->wide = true; /* exact sums */
        free(c->sums);
        c->sums = calloc(c->sum_count, sizeof(int64_t));
        struct clocked_array *array = clocked_array_new(&c->program.arch, c->core);
        const struct clocked_array_task task = matmul_case_task(c);
        const struct flow flow = add_edges(array, &task);
        expect_flow(c, &flow);
        clocked_array_free(array);
        matmul_case_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_arrays_agree),
        cmocka_unit_test(large_arrays_agree),
        cmocka_unit_test(edges_show_what_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
