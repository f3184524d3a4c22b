/* Do registers, counters and valid bits take the clocks that docs/machine.md has formulas for,
 * count what it counts, and sum what gemm_reference sums? For random MATMULs on random arrays; sums
 * beside those written stay as they were. */
#include "test/check.h"

#include <string.h>

#include "pe/array.h"
#include "pe/gemm.h"
#include "pe/pe.h"
#include "sim/clocked/array.h"
#include "test/operand_formats.h"

#ifdef __SANITIZE_ADDRESS__
enum { ARRAYS = 150, EDGE_ROUNDS = 60 };
#else
enum { ARRAYS = 900, EDGE_ROUNDS = 300 };
#endif
enum { MAX_OPERANDS = 1 << 18, MAX_SUMS = 1 << 16, MAX_PATCH = 1 << 17 };

static uint8_t act_memory[MAX_PATCH], gathered[MAX_OPERANDS];
static uint16_t weight_memory[MAX_OPERANDS];
static int64_t sums[MAX_SUMS], expected[MAX_SUMS];

/* --- random arrays and MATMULs --- */

static void random_ports(struct arch *arch)
{
    for (int pad = 0; pad < PAD_COUNT; pad++) {
        bool is_narrow = check_between(0, 2) == 0;
        arch->pads[pad].banks = (uint16_t)(is_narrow ? check_between(1, 8) : 1024);
        arch->pads[pad].bank_bits = (uint16_t)(is_narrow ? check_between(4, 64) : 4096);
    }
}

/* One that the clocked array has. */
static int random_pe(void)
{
    int pe;
    do
        pe = check_between(0, PE_COUNT - 1);
    while (pe_descriptor(pe)->packs_pixels);
    return pe;
}

static void random_arch(struct arch *arch, int side)
{
    *arch = (struct arch){.core_count = 1,
                          .cores[0] = {.pe = (uint8_t)random_pe(),
                                       .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                       .preload = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                       .fill = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                       .drain = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                       .accumulator_bits = (uint8_t)check_between(8, 32),
                                       .skew_used = check_between(0, 1),
                                       .rows = (uint16_t)check_between(1, side),
                                       .columns = (uint16_t)check_between(1, side)}};
    const struct format widest = {FORMAT_INT, 8, true};
    if (pe_descriptor(arch->cores[0].pe)->fusion(widest) == 2) { /* wide operands take pairs */
        arch->cores[0].rows += arch->cores[0].rows < 2;
        arch->cores[0].columns += arch->cores[0].columns < 2;
    }
    if (check_between(0, 1)) {
        arch->cores[0].fold_latency = (uint16_t)check_between(0, 5);
        arch->cores[0].corner_latency = (uint16_t)check_between(0, 3);
    }
    random_ports(arch);
}

/* One of the formats that can be an operand. */
static struct format random_format(void)
{
    struct format format = {0};
    int count = 0;
    while (next_operand_format(&format))
        count++;
    format = (struct format){0};
    for (int i = check_between(0, count - 1); i >= 0; i--)
        next_operand_format(&format);
    return format;
}

/* --- the slow way --- */

static size_t act_at(const struct matmul *matmul, int oy, int ox, int ky, int kx)
{
    return matmul->act_offset +
           ((size_t)(oy * matmul->stride_y + ky * matmul->dilation_y) * matmul->patch_w +
            (size_t)(ox * matmul->stride_x + kx * matmul->dilation_x)) *
               matmul->patch_c +
           matmul->channel;
}

static size_t highest_act(const struct matmul *matmul)
{
    return act_at(matmul, matmul->out_h - 1, matmul->out_w - 1, matmul->kernel_h - 1,
                  matmul->kernel_w - 1) +
           (size_t)matmul->groups * matmul->channels - 1;
}

/* M x K codes of a group. */
static void gather(const struct matmul *matmul, uint32_t group)
{
    uint8_t *to = gathered;
    for (int oy = 0; oy < matmul->out_h; oy++)
        for (int ox = 0; ox < matmul->out_w; ox++)
            for (int ky = 0; ky < matmul->kernel_h; ky++)
                for (int kx = 0; kx < matmul->kernel_w; kx++)
                    for (uint32_t k = 0; k < matmul->channels; k++)
                        *to++ = act_memory[act_at(matmul, oy, ox, ky, kx) +
                                           (size_t)group * matmul->channels + k];
}

struct shape {
    int m, k, n;
};

static struct shape shape_of(const struct matmul *matmul)
{
    return (struct shape){matmul->out_h * matmul->out_w,
                          matmul->kernel_h * matmul->kernel_w * (int)matmul->channels,
                          (int)matmul->n};
}

/* Shapes 1..70, all in bounds of the buffers above. */
static struct matmul random_matmul(const struct pe_descriptor *pe)
{
    for (;;) {
        bool is_plain = check_between(0, 1);
        struct matmul matmul = {
            .act_offset = (uint32_t)check_between(0, 9),
            .channel = (uint32_t)check_between(0, 3),
            .out_h = (uint16_t)check_between(1, 8),
            .out_w = (uint16_t)check_between(1, 9),
            .kernel_h = (uint16_t)(is_plain ? 1 : check_between(1, 3)),
            .kernel_w = (uint16_t)(is_plain ? 1 : check_between(1, 3)),
            .stride_y = (uint16_t)check_between(1, 2),
            .stride_x = (uint16_t)check_between(1, 3),
            .dilation_y = (uint16_t)check_between(1, 2),
            .dilation_x = (uint16_t)check_between(1, 2),
            .channels = (uint32_t)check_between(1, is_plain ? 70 : 8),
            .groups = (uint32_t)(check_between(0, 3) ? 1 : check_between(2, 4)),
            .n = (uint32_t)check_between(1, 70),
            .acc_offset = (uint32_t)check_between(0, 9),
            .accumulate = (uint8_t)check_between(0, 1),
            .act_format = random_format(),
            .weight_format = random_format(),
        };
        matmul.patch_w =
            (uint32_t)((matmul.out_w - 1) * matmul.stride_x +
                       (matmul.kernel_w - 1) * matmul.dilation_x + 1 + check_between(0, 3));
        matmul.patch_c =
            matmul.channel + matmul.groups * matmul.channels + (uint32_t)check_between(0, 3);
        matmul.acc_pitch = matmul.groups * matmul.n + (uint32_t)check_between(0, 5);
        struct shape shape = shape_of(&matmul);
        size_t most_sums = matmul.acc_offset + (size_t)shape.m * matmul.acc_pitch;
        if (shape.k <= 70 && most_sums <= MAX_SUMS && highest_act(&matmul) < MAX_PATCH &&
            pe->accepts(matmul.act_format, matmul.weight_format, NULL))
            return matmul;
    }
}

static void random_codes(const struct matmul *matmul)
{
    const struct grid *act = format_grid(matmul->act_format);
    const struct grid *weight = format_grid(matmul->weight_format);
    for (size_t i = 0; i <= highest_act(matmul); i++)
        act_memory[i] = (uint8_t)check_between(0, act->code_count - 1);
    struct shape shape = shape_of(matmul);
    size_t count = (size_t)matmul->groups * (size_t)shape.k * (size_t)shape.n;
    assert_true(count <= MAX_OPERANDS);
    bool few_digits = check_between(0, 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = (uint32_t)check_between(0, weight->code_count - 1);
        if (few_digits && check_between(0, 4))
            code = (uint32_t)weight->zero_code;
        if (format_host_bytes(matmul->weight_format) == 1)
            ((uint8_t *)weight_memory)[i] = (uint8_t)code;
        else
            weight_memory[i] = (uint16_t)code;
    }
}

static void random_sums(void)
{
    for (size_t i = 0; i < MAX_SUMS; i++)
        sums[i] = (int64_t)check_random();
    memcpy(expected, sums, sizeof sums);
}

static void expect_sums(const struct matmul *matmul, bool wide)
{
    struct shape shape = shape_of(matmul);
    size_t size = wide ? sizeof(int64_t) : sizeof(int32_t);
    size_t group_weights =
        (size_t)shape.k * (size_t)shape.n * (size_t)format_host_bytes(matmul->weight_format);
    for (uint32_t group = 0; group < matmul->groups; group++) {
        gather(matmul, group);
        size_t first = matmul->acc_offset + (size_t)group * matmul->n;
        gemm_reference(gathered, matmul->act_format, shape.m, (size_t)shape.k,
                       (uint8_t *)weight_memory + group * group_weights, matmul->weight_format,
                       shape.k, shape.n, (char *)expected + first * size, matmul->acc_pitch, wide,
                       matmul->accumulate);
    }
}

/* --- comparison --- */

static void print_case(const struct arch *arch, const struct matmul *matmul)
{
    const struct core *core = &arch->cores[0];
    char act[16], weight[16];
    printf("%s %s %ux%u preload %s fill %s drain %s skew_used %d latency %u + %u, %s x %s\n",
           pe_name(core->pe), dataflow_name(core->dataflow), core->rows, core->columns,
           visibility_name(core->preload), visibility_name(core->fill),
           visibility_name(core->drain), core->skew_used, core->fold_latency, core->corner_latency,
           format_print(matmul->act_format, act), format_print(matmul->weight_format, weight));
    struct shape shape = shape_of(matmul);
    printf("M %d K %d N %d groups %u accumulate %d accumulator_bits %d ports", shape.m, shape.k,
           shape.n, matmul->groups, matmul->accumulate, core->accumulator_bits);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        printf(" %s %d", scratchpad_name(pad), arch->pads[pad].banks * arch->pads[pad].bank_bits);
    printf("\n");
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

/* Clocks until the array says that it is done; 0 if it does not within `most`. */
static uint64_t clock_through(struct clocked_array *array, uint64_t most, struct counters *counters)
{
    for (uint64_t clock = 1; clock <= most; clock++)
        if (clocked_array_clock(array, counters))
            return clock;
    return 0;
}

static bool agrees(const struct arch *arch, struct clocked_array *array,
                   const struct matmul *matmul, bool has_values, bool wide)
{
    struct shape shape = shape_of(matmul);
    struct array_work work = {.m = (uint64_t)shape.m,
                              .k = (uint64_t)shape.k,
                              .n = (uint64_t)shape.n,
                              .groups = matmul->groups,
                              .act = matmul->act_format,
                              .weight = matmul->weight_format,
                              .weights = has_values ? weight_memory : NULL,
                              .accumulate = matmul->accumulate};
    struct counters formula = {0}, counted = {0};
    uint64_t cycles = array_cycles(arch, &work, &formula);
    size_t size = wide ? sizeof(int64_t) : sizeof(int32_t);
    struct clocked_array_task task = {.matmul = matmul, .wide = wide};
    if (has_values) {
        task.act = act_memory;
        task.weights = (const uint8_t *)weight_memory;
        task.sums = (char *)sums + matmul->acc_offset * size;
    }
    assert_true(clocked_array_begin(array, &task));
    uint64_t clocks = clock_through(array, cycles + 1000, &counted);
    if (clocks != cycles) {
        printf("%llu clocks, formula %llu\n", (unsigned long long)clocks,
               (unsigned long long)cycles);
        return false;
    }
    if (!same_counters(&counted, &formula))
        return false;
    if (has_values)
        expect_sums(matmul, wide);
    if (memcmp(sums, expected, sizeof sums) != 0) {
        printf("sums differ\n");
        return false;
    }
    return true;
}

/* Some MATMULs one after the other on each array, as registers must not remember. */
static void random_matmuls_agree(int side)
{
    check_seed();
    for (int round = 0; round < ARRAYS; round++) {
        struct arch arch;
        random_arch(&arch, side);
        struct clocked_array *array = clocked_array_new(&arch);
        assert_non_null(array);
        for (int i = 0; i < 3; i++) {
            struct matmul matmul = random_matmul(pe_descriptor(arch.cores[0].pe));
            bool has_values = check_between(0, 7) != 0;
            bool wide =
                check_between(0, 3) == 0 || gemm_is_wide(matmul.act_format, matmul.weight_format,
                                                         (uint64_t)shape_of(&matmul).k);
            random_codes(&matmul);
            random_sums();
            if (!agrees(&arch, array, &matmul, has_values, wide)) {
                print_case(&arch, &matmul);
                fail_msg("round %d", round);
            }
        }
        clocked_array_free(array);
    }
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

/* Levels of all operands and all sums of the MATMUL. */
static struct flow whole_flow(const struct matmul *matmul, uint64_t *act, uint64_t *weight)
{
    struct shape shape = shape_of(matmul);
    struct flow flow = {0};
    *act = *weight = 0;
    for (uint32_t group = 0; group < matmul->groups; group++) {
        gather(matmul, group);
        for (int i = 0; i < shape.m * shape.k; i++)
            *act += (uint64_t)format_level(matmul->act_format, gathered[i]);
    }
    size_t weights = (size_t)matmul->groups * (size_t)shape.k * (size_t)shape.n;
    for (size_t i = 0; i < weights; i++) {
        bool is_byte = format_host_bytes(matmul->weight_format) == 1;
        uint32_t code = is_byte ? ((uint8_t *)weight_memory)[i] : weight_memory[i];
        *weight += (uint64_t)format_level(matmul->weight_format, code);
    }
    for (int m = 0; m < shape.m; m++)
        for (uint32_t j = 0; j < matmul->groups * matmul->n; j++)
            flow.bottom += (uint64_t)sums[matmul->acc_offset + (size_t)m * matmul->acc_pitch + j];
    return flow;
}

static uint64_t blocks_of(int whole, uint32_t block)
{
    return ((uint64_t)whole + block - 1) / block;
}

/* Everything that is shown to enter and leave does, once: activations for every digit and column
 * block, weights for every column (input-stationary) or row block (output-stationary), and sums. */
static void edges_show_what_passes(void **state)
{
    check_seed();
    for (int round = 0; round < EDGE_ROUNDS; round++) {
        struct arch arch;
        random_arch(&arch, 9);
        struct clocked_array *array = clocked_array_new(&arch);
        const struct pe_descriptor *pe = pe_descriptor(arch.cores[0].pe);
        struct matmul matmul = random_matmul(pe);
        matmul.accumulate = 0;
        struct shape shape = shape_of(&matmul);
        bool os = arch.cores[0].dataflow == OUTPUT_STATIONARY,
             is = arch.cores[0].dataflow == INPUT_STATIONARY;
        uint32_t rows, columns;
        array_shape(&arch.cores[0], matmul.act_format, matmul.weight_format, &rows, &columns);
        uint64_t row_blocks = blocks_of(os ? shape.m : shape.k, rows);
        uint64_t column_blocks = blocks_of(is ? shape.m : shape.n, columns);
        random_codes(&matmul);
        struct clocked_array_task task = {&matmul, act_memory, (const uint8_t *)weight_memory,
                                          sums + matmul.acc_offset, true};
        struct flow flow = add_edges(array, &task);
        uint64_t act, weight;
        struct flow whole = whole_flow(&matmul, &act, &weight);
        if (is)
            assert_int_equal(flow.left, weight * column_blocks);
        else if (!pe->skips_zero_digits)
            assert_int_equal(flow.left, act * column_blocks *
                                            (uint64_t)pe->clocks_per_mac(matmul.weight_format));
        if (os)
            assert_int_equal(flow.top, weight * row_blocks);
        if (!os || arch.cores[0].drain != HIDDEN)
            assert_int_equal(flow.bottom, whole.bottom);
        clocked_array_free(array);
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
