/* Random MATMULs on random arrays of one or two cores, with what lies in the scratchpads before and
 * after, for all who compare accounts of the array. */
#ifndef MANTIS_TEST_RANDOM_MATMUL_H
#define MANTIS_TEST_RANDOM_MATMUL_H

#include "pe/array.h"
#include "pe/gemm.h"
#include "sim/clocked/array.h"
#include "test/array_oracle.h"
#include "test/machine_instructions.h"

struct matmul_case {
    int core; /* of the arch, that does it */
    struct program_layer layer;
    struct program program; /* its arch and its only layer are all that counts */
    struct instruction instruction;
    const struct matmul *matmul;
    uint64_t m, k, n;
    bool has_values;
    bool wide;           /* sums are int64_t, else int32_t */
    uint8_t *act;        /* codes of the act scratchpad */
    void *weights;       /* codes from weight_offset on, format_host_bytes each */
    uint16_t *act_codes; /* the same for the oracle */
    uint16_t *weight_codes;
    uint64_t sum_count; /* elements of the acc scratchpad */
    void *sums;         /* what lies in it before */
    __int128 *oracle_sums;
    struct array_oracle_counts counts; /* the oracle's */
};

/* Codes of a grid, or any bits: digits also add up to sums that no encoder writes. Often most are
 * zero, so that steps of few digits come up. */
__attribute__((unused)) static uint16_t *random_oracle_codes(struct format format, uint64_t count)
{
    const struct grid *grid = format_grid(format);
    bool any_bits = check_between(0, 1), is_sparse = check_between(0, 2) == 0;
    uint16_t *codes = malloc(count * sizeof *codes);
    for (uint64_t i = 0; i < count; i++) {
        codes[i] = any_bits ? (uint16_t)(check_random() >> (64 - format_code_bits(format)))
                            : (uint16_t)grid->codes[check_between(0, grid->count - 1)];
        if (is_sparse && check_between(0, 4))
            codes[i] = (uint16_t)grid->zero_code;
    }
    return codes;
}

__attribute__((unused)) static void *host_codes(struct format format, const uint16_t *codes,
                                                uint64_t count)
{
    size_t size = (size_t)format_host_bytes(format);
    uint8_t *bytes = malloc(count * size);
    for (uint64_t i = 0; i < count; i++)
        memcpy(bytes + i * size, &codes[i], size);
    return bytes;
}

__attribute__((unused)) static void random_sums(struct matmul_case *c)
{
    int bits = c->program.arch.cores[0].accumulator_bits;
    c->sum_count = (uint64_t)c->program.arch.pads[PAD_ACC].bytes * 8 / (unsigned)bits;
    c->wide = gemm_is_wide(c->matmul->act_format, c->matmul->weight_format,
                           c->k * (unsigned)check_between(1, 1000));
    c->sums = malloc(c->sum_count * (c->wide ? sizeof(int64_t) : sizeof(int32_t)));
    c->oracle_sums = malloc(c->sum_count * sizeof *c->oracle_sums);
    for (uint64_t i = 0; i < c->sum_count; i++) {
        int32_t sum = check_between(-100000, 100000);
        if (c->wide)
            ((int64_t *)c->sums)[i] = sum;
        else
            ((int32_t *)c->sums)[i] = sum;
        c->oracle_sums[i] = sum;
    }
}

/* Formats that the core's PE takes, and a MATMUL in them. */
__attribute__((unused)) static void draw_instruction(struct matmul_case *c)
{
    struct program_layer *layer = &c->layer;
    do
        random_pair(c->program.arch.cores[0].pe, &layer->act_format, &layer->weight_format);
    while (layer->second_weight_format = second_format(&c->program, layer),
           c->core && !layer->second_weight_format.bits);
    do
        c->instruction = (struct instruction){.opcode = OPCODE_MATMUL};
    while (!random_matmul(&c->program, &c->instruction) || c->instruction.matmul.core != c->core);
}

__attribute__((unused)) static void matmul_case_clear(struct matmul_case *c)
{
    free(c->act);
    free(c->weights);
    free(c->act_codes);
    free(c->weight_codes);
    free(c->sums);
    free(c->oracle_sums);
}

/* Another MATMUL on the case's array, and what the oracle says about it. */
__attribute__((unused)) static void matmul_case_draw(struct matmul_case *c)
{
    matmul_case_clear(c);
    draw_instruction(c);
    const struct matmul *m = c->matmul = &c->instruction.matmul;
    c->m = (uint64_t)m->out_h * m->out_w;
    c->k = (uint64_t)m->kernel_h * m->kernel_w * m->channels;
    c->n = m->n;
    uint64_t acts = (uint64_t)c->program.arch.pads[PAD_ACT].bytes * 8 /
                    (unsigned)format_code_bits(m->act_format);
    uint64_t weights = m->groups * c->k * c->n;
    c->has_values = check_between(0, 4);
    c->act_codes = random_oracle_codes(m->act_format, acts);
    c->weight_codes = random_oracle_codes(m->weight_format, weights);
    c->act = host_codes(m->act_format, c->act_codes, acts);
    c->weights = host_codes(m->weight_format, c->weight_codes, weights);
    random_sums(c);
    struct array_oracle_work work = {.arch = &c->program.arch,
                                     .matmul = m,
                                     .act = c->act_codes,
                                     .weights = c->weight_codes,
                                     .weights_known = c->has_values,
                                     .sums = c->oracle_sums + m->acc_offset};
    c->counts = array_oracle_run(&work);
}

/* An array of up to `side` rows and columns, and a first MATMUL. */
__attribute__((unused)) static struct matmul_case *matmul_case_new(int side)
{
    const struct program_size size = {.pad_bytes_min = 4096, .pad_bytes_max = 65536, .rows = side};
    struct matmul_case *c = calloc(1, sizeof *c);
    c->program = (struct program){.arch = random_arch(&size), .layers = &c->layer};
    c->core = check_between(0, c->program.arch.core_count - 1);
    matmul_case_draw(c);
    return c;
}

__attribute__((unused)) static void matmul_case_free(struct matmul_case *c)
{
    matmul_case_clear(c);
    free(c);
}

__attribute__((unused)) static void matmul_case_print(const struct matmul_case *c)
{
    const struct core *core = &c->program.arch.cores[c->core];
    char act[16], weight[16];
    printf("core %d: %s %s %dx%d, preload %s, fill %s, drain %s, skew_used %d, latency %d + %d, "
           "M %d K %d N %d groups %u, %s x %s, accumulate %d, values %d\n",
           c->core, pe_name(core->pe), dataflow_name(core->dataflow), core->rows, core->columns,
           visibility_name(core->preload), visibility_name(core->fill),
           visibility_name(core->drain), core->skew_used, core->fold_latency, core->corner_latency,
           (int)c->m, (int)c->k, (int)c->n, c->matmul->groups,
           format_print(c->matmul->act_format, act), format_print(c->matmul->weight_format, weight),
           c->matmul->accumulate, c->has_values);
}

/* For the clocked array. */
__attribute__((unused)) static struct clocked_array_task matmul_case_task(struct matmul_case *c)
{
    size_t sum_bytes = c->wide ? sizeof(int64_t) : sizeof(int32_t);
    struct clocked_array_task task = {.matmul = c->matmul, .wide = c->wide};
    if (c->has_values) {
        task.act = c->act;
        task.weights = c->weights;
        task.sums = (char *)c->sums + c->matmul->acc_offset * sum_bytes;
    }
    return task;
}

/* For the formulas. */
__attribute__((unused)) static struct array_work matmul_case_work(const struct matmul_case *c)
{
    return (struct array_work){.m = c->m,
                               .k = c->k,
                               .n = c->n,
                               .groups = c->matmul->groups,
                               .act = c->matmul->act_format,
                               .weight = c->matmul->weight_format,
                               .weights = c->has_values ? c->weights : NULL,
                               .accumulate = c->matmul->accumulate,
                               .core = (uint8_t)c->core};
}

/* Whether the whole acc scratchpad holds what the oracle says, what lies around the results
 * included; modulo the width of a sum. */
__attribute__((unused)) static bool matmul_sums_agree(const struct matmul_case *c)
{
    for (uint64_t i = 0; i < c->sum_count; i++) {
        bool same = c->wide ? ((int64_t *)c->sums)[i] == (int64_t)c->oracle_sums[i]
                            : ((int32_t *)c->sums)[i] == (int32_t)c->oracle_sums[i];
        if (!same)
            return false;
    }
    return true;
}

/* Cycles and every counter of the array, under the names of its core. */
__attribute__((unused)) static void
matmul_counts_agree(const struct matmul_case *c, uint64_t cycles, const struct counters *counters)
{
    struct counters counted = *counters;
#define OF_SECOND(name)                             \
    if (c->core) {                                  \
        assert_int_equal(counted.name, 0);          \
        counted.name = counted.array2_##name;       \
    } else {                                        \
        assert_int_equal(counted.array2_##name, 0); \
    }
    OF_SECOND(pe_clocks)
    OF_SECOND(idle_pe_clocks)
    OF_SECOND(act_decodes)
    OF_SECOND(weight_decodes)
#undef OF_SECOND
    assert_int_equal(cycles, c->counts.cycles);
#define SAME(name) assert_int_equal(counted.name, c->counts.name);
    ARRAY_ORACLE_COUNTERS(SAME)
#undef SAME
}

#endif
