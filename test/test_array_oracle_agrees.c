/* Do three accounts of one MATMUL agree: the oracle, which takes the documents word by word; the
 * closed forms and kernels of the fast machine; and the registers of the clocked array? Cycles,
 * counters, values and the memory around them, on random arrays and shapes. */
#include "test/random_matmul.h"

#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 2000, CLOCKED_ROUNDS = 500 };
#else
enum { ROUNDS = 10000, CLOCKED_ROUNDS = 5000 };
#endif

/* The fast machine's kernel, told which codes to multiply by the oracle's reading of the window. */
static void multiply(struct matmul_case *c)
{
    const struct matmul *m = c->matmul;
    uint8_t *rows = malloc(c->m * c->k);
    size_t sum_bytes = c->wide ? sizeof(int64_t) : sizeof(int32_t);
    size_t tile_bytes = c->k * c->n * (size_t)format_host_bytes(m->weight_format);
    for (uint64_t g = 0; g < m->groups; g++) {
        for (uint64_t i = 0; i < c->m; i++)
            for (uint64_t k = 0; k < c->k; k++)
                rows[i * c->k + k] = c->act[array_oracle_act_element(m, g, i, k)];
        gemm_reference(rows, m->act_format, (int)c->m, c->k, (uint8_t *)c->weights + g * tile_bytes,
                       m->weight_format, (int)c->k, (int)c->n,
                       (char *)c->sums + (m->acc_offset + g * c->n) * sum_bytes, m->acc_pitch,
                       c->wide, m->accumulate);
    }
    free(rows);
}

static void formulas_and_kernels(void **state)
{
    check_seed();
    bool seen_m[MAX_SIDE + 1] = {0}, seen_k[MAX_SIDE + 1] = {0}, seen_n[MAX_SIDE + 1] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        struct matmul_case *c = matmul_case_new(24);
        struct array_work work = matmul_case_work(c);
        struct counters counters = {0};
        uint64_t cycles = array_cycles(&c->program.arch, &work, &counters);
        if (c->has_values)
            multiply(c);
        if (cycles != c->counts.cycles || !matmul_sums_agree(c))
            matmul_case_print(c);
        matmul_counts_agree(c, cycles, &counters);
        assert_true(matmul_sums_agree(c));
        seen_m[c->m] = seen_k[c->k] = seen_n[c->n] = true;
        matmul_case_free(c);
    }
    printf("%d MATMULs\n", ROUNDS);
    for (int side = 1; ROUNDS >= 10000 && side <= MAX_SIDE; side++)
        assert_true(seen_m[side] && seen_k[side] && seen_n[side]);
}

/* Clock by clock, the MATMULs of one array one after the other. */
static void registers(void **state)
{
    check_seed();
    for (int round = 0; round < CLOCKED_ROUNDS; round++) {
        struct matmul_case *c = matmul_case_new(24);
        struct clocked_array *array = clocked_array_new(&c->program.arch, c->core);
        struct clocked_array_task task = matmul_case_task(c);
        assert_non_null(array);
        assert_true(clocked_array_begin(array, &task));
        struct counters counters = {0};
        uint64_t cycles = 1;
        while (!clocked_array_clock(array, &counters))
            cycles++;
        if (cycles != c->counts.cycles || !matmul_sums_agree(c))
            matmul_case_print(c);
        matmul_counts_agree(c, cycles, &counters);
        assert_true(matmul_sums_agree(c));
        clocked_array_free(array);
        matmul_case_free(c);
    }
    printf("%d MATMULs\n", CLOCKED_ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_and_kernels),
        cmocka_unit_test(registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
