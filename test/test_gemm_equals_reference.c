/* Does gemm give the sums of its term-by-term definition, for all formats, on every backend, and
 * touch nothing else? After the tests the program runs itself once more with the portable backend.
 */
#include "test/check.h"

#include <pthread.h>
#include <string.h>

#include "pe/gemm.h"
#include "pe/gemm_parts.h"
#include "test/operand_formats.h"

enum { GUARD = 64 };

struct product {
    struct format act, weight;
    int m, k, n;
    size_t act_pitch, sum_pitch;
    bool wide, accumulate, depthwise; /* depthwise: k taps, n channels */
};

/* Operands and two copies of the sums; whatever is not a sum is there to be left alone. */
struct operands {
    size_t act_bytes, weight_bytes, sum_bytes;
    uint8_t *act, *act_copy, *weights, *weights_copy, *sums, *expected;
};

/* A quarter at the ends of the grid, the rest any code. */
static uint32_t random_code(const struct grid *grid)
{
    uint64_t random = check_random();
    switch (random % 8) {
    case 0:
        return grid->codes[0];
    case 1:
        return grid->codes[grid->count - 1];
    default:
        return (uint32_t)(random >> 32) & (uint32_t)(grid->code_count - 1);
    }
}

static uint8_t *filled(size_t bytes)
{
    uint8_t *memory = malloc(bytes + 1);
    assert_non_null(memory);
    for (size_t i = 0; i < bytes; i++)
        memory[i] = (uint8_t)check_random();
    return memory;
}

static uint8_t *random_codes(struct format format, size_t count)
{
    int bytes = format_host_bytes(format);
    uint8_t *codes = malloc(count * (size_t)bytes + 1);
    assert_non_null(codes);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = random_code(format_grid(format));
        memcpy(codes + i * (size_t)bytes, &code, (size_t)bytes);
    }
    return codes;
}

static uint8_t *copy_of(const uint8_t *from, size_t bytes)
{
    uint8_t *copy = malloc(bytes + 1);
    assert_non_null(copy);
    return memcpy(copy, from, bytes);
}

static struct operands make_operands(const struct product *product)
{
    struct operands made;
    size_t act_count = (size_t)product->m * product->act_pitch;
    size_t weight_count = (size_t)product->k * (size_t)product->n;
    made.act_bytes = act_count;
    made.weight_bytes = weight_count * (size_t)format_host_bytes(product->weight);
    made.sum_bytes = 2 * GUARD + (size_t)product->m * product->sum_pitch * (product->wide ? 8 : 4);
    made.act = random_codes(product->act, act_count);
    made.weights = random_codes(product->weight, weight_count);
    made.sums = filled(made.sum_bytes);
    made.act_copy = copy_of(made.act, made.act_bytes);
    made.weights_copy = copy_of(made.weights, made.weight_bytes);
    made.expected = copy_of(made.sums, made.sum_bytes);
    return made;
}

static void free_operands(struct operands *operands)
{
    uint8_t *all[] = {operands->act,          operands->act_copy, operands->weights,
                      operands->weights_copy, operands->sums,     operands->expected};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Depthwise by its definition: one product of 1 x taps by taps x 1 for each row and channel. */
static void depthwise_reference(const struct product *p, const struct operands *o, uint8_t *sums)
{
    size_t size = p->wide ? 8 : 4, weight_size = (size_t)format_host_bytes(p->weight);
    uint8_t *taps = malloc((size_t)p->k + 1);
    assert_non_null(taps);
    for (int row = 0; row < p->m; row++)
        for (int c = 0; c < p->n; c++) {
            for (int t = 0; t < p->k; t++)
                taps[t] =
                    o->act[((size_t)row * (size_t)p->k + (size_t)t) * (size_t)p->n + (size_t)c];
            gemm_reference(taps, p->act, 1, (size_t)p->k,
                           o->weights + (size_t)c * (size_t)p->k * weight_size, p->weight, p->k, 1,
                           sums + ((size_t)row * p->sum_pitch + (size_t)c) * size, 1, p->wide,
                           p->accumulate);
        }
    free(taps);
}

static void run_depthwise(struct gemm_context *context, const struct product *p, struct operands *o)
{
    gemm_depthwise(context, o->act, p->act, p->m, p->k, p->n, o->weights, p->weight,
                   o->sums + GUARD, p->sum_pitch, p->wide, p->accumulate);
    depthwise_reference(p, o, o->expected + GUARD);
}

static void run_product(struct gemm_context *context, const struct product *p, struct operands *o)
{
    struct gemm_weights *packed = gemm_pack(o->weights, p->weight, p->k, p->n);
    gemm(context, o->act, p->act, p->m, p->act_pitch, packed, o->sums + GUARD, p->sum_pitch,
         p->wide, p->accumulate);
    assert_true(gemm_weights_bytes(packed) > 0);
    gemm_weights_free(packed);
    gemm_reference(o->act, p->act, p->m, p->act_pitch, o->weights, p->weight, p->k, p->n,
                   o->expected + GUARD, p->sum_pitch, p->wide, p->accumulate);
}

/* Sums, gaps between rows, guards before and after, and both operands. */
static bool all_as_expected(const struct operands *o)
{
    return !memcmp(o->sums, o->expected, o->sum_bytes) &&
           !memcmp(o->act, o->act_copy, o->act_bytes) &&
           !memcmp(o->weights, o->weights_copy, o->weight_bytes);
}

static void check_product(struct gemm_context *context, const struct product *product)
{
    struct operands operands = make_operands(product);
    if (product->depthwise)
        run_depthwise(context, product, &operands);
    else
        run_product(context, product, &operands);
    char act[16], weight[16];
    if (!all_as_expected(&operands))
        fail_msg(
            "%s: %s x %s, m %d k %d n %d, pitches %zu %zu, wide %d, accumulate %d, depthwise %d",
            gemm_backend(), format_print(product->act, act), format_print(product->weight, weight),
            product->m, product->k, product->n, product->act_pitch, product->sum_pitch,
            product->wide, product->accumulate, product->depthwise);
    free_operands(&operands);
}

static struct product random_product(struct format act, struct format weight, int largest)
{
    struct product product = {.act = act, .weight = weight};
    product.m = check_between(1, largest);
    product.k = check_between(1, largest);
    product.n = check_between(1, largest);
    product.act_pitch = (size_t)product.k + (check_random() % 2 ? check_random() % 9 : 0);
    product.sum_pitch = (size_t)product.n + (check_random() % 2 ? check_random() % 9 : 0);
    product.wide = check_random() % 2;
    product.accumulate = check_random() % 2;
    return product;
}

static void as_depthwise(struct product *product)
{
    product->depthwise = true;
    product->act_pitch = (size_t)product->k * (size_t)product->n;
}

static void all_pairs_of_formats(void **state)
{
    (void)state;
    check_seed();
    printf("backend: %s\n", gemm_backend());
    for (struct format act = {0}; next_operand_format(&act);) {
        struct gemm_context *context = gemm_context_new();
        for (struct format weight = {0}; next_operand_format(&weight);) {
            if (format_host_bytes(act) != 1)
                continue;
            struct product product = random_product(act, weight, 12);
            check_product(context, &product);
            as_depthwise(&product);
            check_product(context, &product);
        }
        gemm_context_free(context);
    }
}

/* The formats of real layers, every combination of the flags, shapes up to 70 and the smallest. */
static void common_formats_at_all_sizes(void **state)
{
    (void)state;
    static const struct format pairs[][2] = {
        {{FORMAT_INT, 8, false}, {FORMAT_INT, 8, true}},
        {{FORMAT_INT, 8, true}, {FORMAT_INT, 8, true}},
        {{FORMAT_INT, 4, true}, {FORMAT_INT, 8, false}},
        {{FORMAT_FLINT, 4, false}, {FORMAT_FLINT, 4, true}},
        {{FORMAT_POT, 5, false}, {FORMAT_POT, 6, true}},
        {{FORMAT_FLINT, 8, true}, {FORMAT_FLOAT_E4, 8, true}},
        {{FORMAT_INT, 8, false}, {FORMAT_RSD_EB1, 8, true}},
        {{FORMAT_INT, 8, true}, {FORMAT_RSD_EB4, 8, true}},
    };
    struct gemm_context *context = gemm_context_new();
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int round = 0; round < 24; round++) {
            struct product product = random_product(pairs[i][0], pairs[i][1], round % 3 ? 70 : 3);
            product.wide = round % 2;
            product.accumulate = round / 2 % 2;
            check_product(context, &product);
            as_depthwise(&product);
            check_product(context, &product);
        }
    gemm_context_free(context);
}

static void empty_reductions_clear_or_keep(void **state)
{
    (void)state;
    struct format uint8 = {FORMAT_INT, 8, false}, int8 = {FORMAT_INT, 8, true};
    struct gemm_context *context = gemm_context_new();
    for (int flags = 0; flags < 4; flags++) {
        struct product product = {uint8, int8, 3, 0, 5, 2, 7, flags & 1, flags >> 1, false};
        check_product(context, &product);
        as_depthwise(&product);
        check_product(context, &product);
    }
    gemm_context_free(context);
}

/* Beyond 2^31 / (255 * 128) products no 32-bit sum of limbs holds: the reduction is cut. */
static void reductions_beyond_32_bits(void **state)
{
    (void)state;
    struct format uint8 = {FORMAT_INT, 8, false}, int8 = {FORMAT_INT, 8, true};
    struct gemm_context *context = gemm_context_new();
    for (int flags = 0; flags < 4; flags++) {
        int k = PLANE_MAX_K + 3 - flags;
        struct product product = {uint8, int8, 2, k, 2, (size_t)k, 2, flags & 1, flags >> 1, false};
        struct operands operands = make_operands(&product);
        memset(operands.act, 0xff, operands.act_bytes);
        memset(operands.act_copy, 0xff, operands.act_bytes);
        memset(operands.weights, 0x80, operands.weight_bytes);
        memset(operands.weights_copy, 0x80, operands.weight_bytes);
        run_product(context, &product, &operands);
        assert_true(all_as_expected(&operands));
        free_operands(&operands);
    }
    gemm_context_free(context);
}

static void a_planted_error_is_found(void **state)
{
    (void)state;
    struct format uint8 = {FORMAT_INT, 8, false}, int8 = {FORMAT_INT, 8, true};
    struct product product = {uint8, int8, 5, 9, 7, 9, 8, false, false, false};
    struct gemm_context *context = gemm_context_new();
    struct operands operands = make_operands(&product);
    run_product(context, &product, &operands);
    assert_true(all_as_expected(&operands));
    uint8_t *targets[] = {operands.sums + GUARD + 4 * 11, operands.sums + GUARD - 1,
                          operands.sums + GUARD + 4 * 7, operands.act + 3, operands.weights + 5};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        ++*targets[i];
        assert_false(all_as_expected(&operands));
        --*targets[i];
    }
    free_operands(&operands);
    gemm_context_free(context);
}

/* wide exactly where reduction * max|act| * max|weight| >= 2^31, by long arithmetic. */
static void wide_is_where_32_bits_end(void **state)
{
    (void)state;
    for (struct format act = {0}; next_operand_format(&act);)
        for (struct format weight = {0}; next_operand_format(&weight);) {
            __uint128_t largest[2] = {0, 0};
            const struct grid *grids[2] = {format_grid(act), format_grid(weight)};
            for (int i = 0; i < 2; i++)
                for (int code = 0; code < grids[i]->code_count; code++) {
                    int64_t level = grids[i]->level_of_code[code];
                    __uint128_t size = (__uint128_t)(level < 0 ? -level : level);
                    largest[i] = size > largest[i] ? size : largest[i];
                }
            __uint128_t product = largest[0] * largest[1], limit = (__uint128_t)1 << 31;
            uint64_t first = (uint64_t)((limit + product - 1) / product);
            assert_true(gemm_is_wide(act, weight, first));
            assert_false(gemm_is_wide(act, weight, first - 1));
            assert_true(gemm_is_wide(act, weight, UINT64_MAX));
        }
}

static void table_lookup_is_the_portable_one(void **state)
{
    (void)state;
    uint8_t table[CODE_VALUES], in[300], out[300 + GUARD], expected[300 + GUARD];
    for (size_t count = 0; count <= sizeof in; count++) {
        for (int i = 0; i < CODE_VALUES; i++)
            table[i] = (uint8_t)check_random();
        for (size_t i = 0; i < sizeof in; i++)
            in[i] = (uint8_t)check_random();
        memset(out, 0x5a, sizeof out);
        memset(expected, 0x5a, sizeof expected);
        lookup_bytes(table, in, count, out);
        lookup_bytes_portable(table, in, count, expected);
        assert_memory_equal(out, expected, sizeof out);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(expected[i], table[in[i]]);
    }
}

/* --- threads share packed weights, each with its own context --- */

enum { THREADS = 4, SHARED_M = 37, SHARED_K = 61, SHARED_N = 45 };
struct shared {
    const uint8_t *act;
    const struct gemm_weights *weights;
    int32_t sums[SHARED_M * SHARED_N];
};

static void *multiply_shared(void *argument)
{
    struct shared *shared = argument;
    struct gemm_context *context = gemm_context_new();
    for (int round = 0; round < 20; round++)
        gemm(context, shared->act, (struct format){FORMAT_INT, 8, false}, SHARED_M, SHARED_K,
             shared->weights, shared->sums, SHARED_N, false, false);
    gemm_context_free(context);
    return NULL;
}

static void threads_share_weights(void **state)
{
    (void)state;
    struct format uint8 = {FORMAT_INT, 8, false}, int8 = {FORMAT_INT, 8, true};
    uint8_t *act = random_codes(uint8, SHARED_M * SHARED_K),
            *codes = random_codes(int8, SHARED_K * SHARED_N);
    static struct shared shared[THREADS];
    static int32_t expected[SHARED_M * SHARED_N];
    gemm_reference(act, uint8, SHARED_M, SHARED_K, codes, int8, SHARED_K, SHARED_N, expected,
                   SHARED_N, false, false);
    struct gemm_weights *weights = gemm_pack(codes, int8, SHARED_K, SHARED_N);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        shared[i].act = act;
        shared[i].weights = weights;
        assert_int_equal(pthread_create(&threads[i], NULL, multiply_shared, &shared[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_memory_equal(shared[i].sums, expected, sizeof expected);
    }
    gemm_weights_free(weights);
    free(act);
    free(codes);
}

static void the_backend_is_the_one_asked_for(void **state)
{
    (void)state;
    const char *asked = getenv("MANTIS_GEMM");
    if (asked)
        assert_string_equal(gemm_backend(), asked);
    else
        assert_true(!strcmp(gemm_backend(), "portable") || !strncmp(gemm_backend(), "oneDNN ", 7));
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pairs_of_formats),
        cmocka_unit_test(common_formats_at_all_sizes),
        cmocka_unit_test(empty_reductions_clear_or_keep),
        cmocka_unit_test(reductions_beyond_32_bits),
        cmocka_unit_test(a_planted_error_is_found),
        cmocka_unit_test(wide_is_where_32_bits_end),
        cmocka_unit_test(table_lookup_is_the_portable_one),
        cmocka_unit_test(threads_share_weights),
        cmocka_unit_test(the_backend_is_the_one_asked_for),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    if (failures || getenv("DNNL_MAX_CPU_ISA"))
        return failures;
    if (getenv("MANTIS_GEMM")) {
        unsetenv("MANTIS_GEMM");
        setenv("DNNL_MAX_CPU_ISA", "AVX2", 1);
    } else {
        setenv("MANTIS_GEMM", "portable", 1);
    }
    execv("/proc/self/exe", argv);
    perror("/proc/self/exe");
    return 1;
}
