/* Multiplying 8-bit matrices with oneDNN. Its integer path is exact only where the CPU adds
 * products in 32 bits (VNNI and later); elsewhere it saturates sums of two products at 16 bits, or
 * halves weights. So nothing is assumed: the first use compares it with the portable path
 * (onednn_is_exact).
 *
 * Of what oneDNN offers only the plain product of dense matrices is used: its sum post-op adds in
 * float32, which is inexact above 2^24, and rows with gaps fall back to a path a thousand times
 * slower. */
#include <assert.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pe/gemm_parts.h"

enum { BUCKETS = 256, LAYOUT_ROWS = 64 };

/* Past the first trial, calls fail only when out of memory. */
static void must(dnnl_status_t status)
{
    if (status != dnnl_success)
        abort();
}

/* oneDNN runs in the thread that calls it: simulations run beside each other, one per thread. */
static int enter_one_thread(void)
{
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    return threads;
}

static void leave_one_thread(int threads)
{
    omp_set_num_threads(threads);
}

static dnnl_engine_t the_engine;

static void create_engine(void)
{
    if (dnnl_engine_create(&the_engine, dnnl_cpu, 0) != dnnl_success)
        the_engine = NULL;
}

static dnnl_engine_t engine(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, create_engine);
    return the_engine;
}

static dnnl_memory_desc_t matrix(int rows, int columns, dnnl_data_type_t type,
                                 dnnl_format_tag_t layout)
{
    dnnl_memory_desc_t description;
    must(dnnl_memory_desc_init_by_tag(&description, 2, (dnnl_dims_t){rows, columns}, type, layout));
    return description;
}

/* --- kernels: one primitive per shape --- */

struct kernel {
    int m, n, k;
    bool act_is_signed;
    dnnl_primitive_t primitive;
    dnnl_memory_t act, sums, scratch; /* handles are set at each call */
    size_t scratch_bytes;
    struct kernel *next;
};

struct onednn_kernels {
    dnnl_stream_t stream;
    struct kernel *buckets[BUCKETS];
};

static dnnl_primitive_desc_t describe(int m, int n, int k, bool act_is_signed,
                                      const dnnl_memory_desc_t *weights)
{
    dnnl_memory_desc_t act = matrix(m, k, act_is_signed ? dnnl_s8 : dnnl_u8, dnnl_ab);
    dnnl_memory_desc_t sums = matrix(m, n, dnnl_s32, dnnl_ab);
    dnnl_matmul_desc_t product;
    must(dnnl_matmul_desc_init(&product, &act, weights, NULL, &sums));
    dnnl_primitive_attr_t attributes;
    must(dnnl_primitive_attr_create(&attributes));
    must(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
    dnnl_primitive_desc_t description;
    must(dnnl_primitive_desc_create(&description, &product, attributes, engine(), NULL));
    must(dnnl_primitive_attr_destroy(attributes));
    return description;
}

static dnnl_memory_t memory_of(dnnl_primitive_desc_t description, dnnl_query_t what)
{
    dnnl_memory_t memory;
    const dnnl_memory_desc_t *layout = dnnl_primitive_desc_query_md(description, what, 0);
    must(dnnl_memory_create(&memory, layout, engine(), DNNL_MEMORY_NONE));
    return memory;
}

static struct kernel *kernel_new(int m, const struct plane *plane, bool act_is_signed,
                                 const dnnl_memory_desc_t *weights)
{
    struct kernel *kernel = calloc(1, sizeof *kernel);
    if (!kernel)
        abort();
    *kernel = (struct kernel){.m = m, .n = plane->n, .k = plane->k, .act_is_signed = act_is_signed};
    dnnl_primitive_desc_t description = describe(m, plane->n, plane->k, act_is_signed, weights);
    must(dnnl_primitive_create(&kernel->primitive, description));
    kernel->act = memory_of(description, dnnl_query_src_md);
    kernel->sums = memory_of(description, dnnl_query_dst_md);
    kernel->scratch = memory_of(description, dnnl_query_scratchpad_md);
    kernel->scratch_bytes = dnnl_memory_desc_get_size(
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
    must(dnnl_primitive_desc_destroy(description));
    return kernel;
}

static void kernel_free(struct kernel *kernel)
{
    must(dnnl_primitive_destroy(kernel->primitive));
    must(dnnl_memory_destroy(kernel->act));
    must(dnnl_memory_destroy(kernel->sums));
    must(dnnl_memory_destroy(kernel->scratch));
    free(kernel);
}

static struct onednn_kernels *kernels_of(struct gemm_context *context)
{
    if (context->kernels)
        return context->kernels;
    context->kernels = calloc(1, sizeof *context->kernels);
    if (!context->kernels)
        abort();
    must(dnnl_stream_create(&context->kernels->stream, engine(), dnnl_stream_default_flags));
    return context->kernels;
}

static struct kernel *find_kernel(struct onednn_kernels *kernels, int m, const struct plane *plane,
                                  bool act_is_signed, const dnnl_memory_desc_t *weights)
{
    uint32_t hash = (uint32_t)m * 2654435761u ^ (uint32_t)plane->n * 2246822519u ^
                    (uint32_t)plane->k * 3266489917u ^ act_is_signed;
    struct kernel **bucket = &kernels->buckets[(hash >> 16 ^ hash) % BUCKETS];
    for (struct kernel *kernel = *bucket; kernel; kernel = kernel->next)
        if (kernel->m == m && kernel->n == plane->n && kernel->k == plane->k &&
            kernel->act_is_signed == act_is_signed)
            return kernel;
    struct kernel *kernel = kernel_new(m, plane, act_is_signed, weights);
    kernel->next = *bucket;
    return *bucket = kernel;
}

void onednn_kernels_free(struct onednn_kernels *kernels)
{
    if (!kernels)
        return;
    for (int i = 0; i < BUCKETS; i++)
        for (struct kernel *kernel = kernels->buckets[i], *next; kernel; kernel = next) {
            next = kernel->next;
            kernel_free(kernel);
        }
    must(dnnl_stream_destroy(kernels->stream));
    free(kernels);
}

/* --- weights in oneDNN's layout --- */

struct onednn_weights {
    dnnl_memory_t memory;
    dnnl_memory_desc_t layout;
};

/* The layout that oneDNN prefers depends on k, n and the activations' sign, not on m. */
static struct onednn_weights *reorder(struct onednn_kernels *kernels, const struct plane *plane,
                                      bool act_is_signed)
{
    struct onednn_weights *weights = calloc(1, sizeof *weights);
    if (!weights)
        abort();
    dnnl_memory_desc_t any = matrix(plane->k, plane->n, dnnl_s8, dnnl_format_tag_any);
    dnnl_memory_desc_t plain = matrix(plane->k, plane->n, dnnl_s8, dnnl_ab);
    dnnl_primitive_desc_t product = describe(LAYOUT_ROWS, plane->n, plane->k, act_is_signed, &any);
    weights->layout = *dnnl_primitive_desc_query_md(product, dnnl_query_weights_md, 0);
    must(dnnl_primitive_desc_destroy(product));
    must(dnnl_memory_create(&weights->memory, &weights->layout, engine(), DNNL_MEMORY_ALLOCATE));
    dnnl_memory_t from;
    must(dnnl_memory_create(&from, &plain, engine(), plane->limbs));
    dnnl_primitive_desc_t copying;
    dnnl_primitive_t copy;
    must(dnnl_reorder_primitive_desc_create(&copying, &plain, engine(), &weights->layout, engine(),
                                            NULL));
    must(dnnl_primitive_create(&copy, copying));
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, weights->memory}};
    must(dnnl_primitive_execute(copy, kernels->stream, 2, arguments));
    must(dnnl_stream_wait(kernels->stream));
    must(dnnl_primitive_destroy(copy));
    must(dnnl_primitive_desc_destroy(copying));
    must(dnnl_memory_destroy(from));
    return weights;
}

/* Weights may be shared by threads: whoever is first publishes, others drop theirs. */
static const struct onednn_weights *weights_of(struct onednn_kernels *kernels, struct plane *plane,
                                               bool act_is_signed)
{
    struct onednn_weights *weights = atomic_load(&plane->onednn[act_is_signed]);
    if (weights)
        return weights;
    struct onednn_weights *made = reorder(kernels, plane, act_is_signed);
    if (atomic_compare_exchange_strong(&plane->onednn[act_is_signed], &weights, made))
        return made;
    onednn_weights_free(made);
    return weights;
}

size_t onednn_weights_bytes(const struct onednn_weights *weights)
{
    return weights ? sizeof *weights + dnnl_memory_desc_get_size(&weights->layout) : 0;
}

void onednn_weights_free(struct onednn_weights *weights)
{
    if (weights)
        must(dnnl_memory_destroy(weights->memory));
    free(weights);
}

/* --- multiply --- */

void onednn_multiply(struct gemm_context *context, const void *act, bool act_is_signed, int m,
                     struct plane *plane, int32_t *sums)
{
    int threads = enter_one_thread();
    struct onednn_kernels *kernels = kernels_of(context);
    const struct onednn_weights *weights = weights_of(kernels, plane, act_is_signed);
    struct kernel *kernel = find_kernel(kernels, m, plane, act_is_signed, &weights->layout);
    void *scratch = gemm_buffer(context, BUFFER_ONEDNN, kernel->scratch_bytes);
    must(dnnl_memory_set_data_handle(kernel->act, (void *)(uintptr_t)act));
    must(dnnl_memory_set_data_handle(kernel->sums, sums));
    must(dnnl_memory_set_data_handle(kernel->scratch, scratch));
    dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, kernel->act},
        {DNNL_ARG_WEIGHTS, weights->memory},
        {DNNL_ARG_DST, kernel->sums},
        {DNNL_ARG_SCRATCHPAD, kernel->scratch},
    };
    must(dnnl_primitive_execute(kernel->primitive, kernels->stream, 4, arguments));
    must(dnnl_stream_wait(kernels->stream));
    leave_one_thread(threads);
}

/* --- is it exact here? --- */

static char isa[64];

/* "brg:avx512_core_vnni" names implementation and instruction set. */
static void note_isa(void)
{
    dnnl_memory_desc_t any = matrix(LAYOUT_ROWS, LAYOUT_ROWS, dnnl_s8, dnnl_format_tag_any);
    dnnl_primitive_desc_t product = describe(LAYOUT_ROWS, LAYOUT_ROWS, LAYOUT_ROWS, false, &any);
    const char *implementation = "";
    must(dnnl_primitive_desc_query(product, dnnl_query_impl_info_str, 0, &implementation));
    const char *colon = strchr(implementation, ':');
    strncpy(isa, colon ? colon + 1 : implementation, sizeof isa - 1);
    must(dnnl_primitive_desc_destroy(product));
}

/* Every operand at an end of its range: where anything saturates or rounds, this does. */
static void fill_with_ends(uint8_t *bytes, size_t count, uint8_t low, uint8_t high, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u; /* Numerical Recipes' generator */
        bytes[i] = seed >> 24 < 160 ? high : low;
    }
}

static bool agrees(struct gemm_context *context, bool act_is_signed, int m, int n, int k)
{
    size_t count = (size_t)m * (size_t)n;
    uint8_t *act = malloc((size_t)m * (size_t)k);
    int8_t *limbs = malloc((size_t)k * (size_t)n);
    int32_t *sums = malloc(2 * count * sizeof *sums);
    if (!act || !limbs || !sums)
        abort();
    fill_with_ends(act, (size_t)m * (size_t)k, act_is_signed ? 0x80 : 0,
                   act_is_signed ? 0x7f : 0xff, 1);
    fill_with_ends((uint8_t *)limbs, (size_t)k * (size_t)n, 0x80, 0x7f, 2);
    struct plane plane = {.k = k, .n = n, .limbs = limbs};
    onednn_multiply(context, act, act_is_signed, m, &plane, sums);
    portable_multiply(act, act_is_signed, m, &plane, sums + count);
    bool equal = memcmp(sums, sums + count, count * sizeof *sums) == 0;
    onednn_weights_free(atomic_load(&plane.onednn[act_is_signed]));
    free(act);
    free(limbs);
    free(sums);
    return equal;
}

static bool exact;

static void try_onednn(void)
{
    static const int shapes[][3] = {{1, 1, 1}, {5, 3, 7}, {49, 64, 66}, {9, 100, 2305}};
    const char *chosen = getenv("MANTIS_GEMM");
    if ((chosen && !strcmp(chosen, "portable")) || !engine())
        return;
    struct gemm_context *context = gemm_context_new();
    exact = true;
    for (size_t i = 0; i < 2 * sizeof shapes / sizeof *shapes && exact; i++)
        exact = agrees(context, i % 2, shapes[i / 2][0], shapes[i / 2][1], shapes[i / 2][2]);
    gemm_context_free(context);
    note_isa();
}

bool onednn_is_exact(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, try_onednn);
    return exact;
}

const char *onednn_isa(void)
{
    return isa;
}
