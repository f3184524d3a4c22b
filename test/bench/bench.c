/* Speed of mantis on one core, for bench.sh. Each command prints one line of figures.
 *   bench images MODEL.onnx ARCH SCHEME SECONDS    images/s, GMAC/s, peak memory MiB (values,
 *                                                  cycles and energy)
 *   bench gemm MODEL.onnx SECONDS                  GMAC/s of oneDNN's own int8 GEMM over the
 *                                                  network's layer shapes
 *   bench timing TOPOLOGY.csv ARCH SCHEME SECONDS  networks/s, compilation and mapping search
 *                                                  included
 *   bench dram TOPOLOGY.csv ARCH SCHEME SECONDS    per memory (ideal, in-order, queued) a line:
 *                                                  seconds per network so, of these the machine's,
 *                                                  cycles
 */
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "compiler/fold.h"
#include "compiler/lower.h"
#include "compiler/quantise.h"
#include "sim/config.h"
#include "sim/energy.h"
#include "sim/machine.h"
#include "workloads/onnx.h"
#include "workloads/topology.h"

static struct err err;

static void require(bool fine)
{
    if (!fine) {
        fprintf(stderr, "bench: %s\n", err.text);
        exit(2);
    }
}

static void require_dnnl(dnnl_status_t status)
{
    err_set(&err, "oneDNN status %d", status);
    require(status == dnnl_success);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of this process: what others do to the core does not show. */
static double cpu_seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double peak_mebibytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static struct graph *read_graph(const char *path)
{
    struct graph *graph = onnx_read(path, &err);
    require(graph && fold(graph, &err));
    return graph;
}

static uint64_t graph_macs(const struct graph *graph)
{
    uint64_t macs = 0;
    for (int i = 0; i < graph->node_count; i++)
        macs += node_macs(graph, &graph->nodes[i]);
    return macs;
}

/* Calibration on noise: speed does not depend on what the images show. */
static bool noise_image(void *context, int index, float *image, struct err *error)
{
    const struct graph *graph = context;
    int64_t count = value_elements(&graph->values[graph->input]);
    uint32_t state = (uint32_t)index * 2654435761u + 1;
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        image[i] = (float)(state >> 8) / (1 << 23) - 1;
    }
    return true;
}

static int bench_images(const char *model, const char *arch_name, const char *scheme,
                        double seconds)
{
    struct graph *graph = read_graph(model);
    struct arch arch;
    struct quantise_config config;
    require(config_read_arch(arch_name, &arch, &err) &&
            config_read_quantise(scheme, &config, &err));
    struct network *network = quantise(graph, &config, noise_image, 4, NULL, graph, &err);
    require(network);
    struct program *program = lower(network, &arch, &err);
    require(program);
    uint64_t macs = graph_macs(graph);
    const struct dram_tensor *input = &program->tensors[program->input];
    size_t elements = (size_t)input->h * input->w * input->c;
    float *image = malloc(elements * sizeof *image);
    uint8_t *codes = malloc(elements * (size_t)format_host_bytes(input->format));
    noise_image(graph, 0, image, NULL);
    network_encode_input(network, image, codes);
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    machine_run(machine, codes);
    int images = 0;
    double start = seconds_now(), elapsed;
    do {
        network_encode_input(network, image, codes);
        machine_run_values(machine, codes);
        images++;
        elapsed = seconds_now() - start;
    } while (elapsed < seconds);
    printf("%.2f %.1f %.0f\n", images / elapsed, (double)macs * images / elapsed * 1e-9,
           peak_mebibytes());
    machine_free(machine);
    program_free(program);
    network_free(network);
    quantise_config_free(&config);
    graph_free(graph);
    free(codes);
    free(image);
    return 0;
}

/* One M x K by K x N product in oneDNN, weights packed beforehand. */
struct product {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[3];
};

static dnnl_memory_t filled_memory(const dnnl_memory_desc_t *desc, dnnl_engine_t engine)
{
    dnnl_memory_t memory;
    void *data;
    require_dnnl(dnnl_memory_create(&memory, desc, engine, DNNL_MEMORY_ALLOCATE));
    require_dnnl(dnnl_memory_get_data_handle(memory, &data));
    memset(data, 3, dnnl_memory_desc_get_size(desc));
    return memory;
}

static struct product make_product(dnnl_engine_t engine, int64_t m, int64_t k, int64_t n)
{
    dnnl_memory_desc_t a, b, c;
    dnnl_dims_t a_dims = {m, k}, b_dims = {k, n}, c_dims = {m, n};
    require_dnnl(dnnl_memory_desc_init_by_tag(&a, 2, a_dims, dnnl_u8, dnnl_ab));
    require_dnnl(dnnl_memory_desc_init_by_tag(&b, 2, b_dims, dnnl_s8, dnnl_format_tag_any));
    require_dnnl(dnnl_memory_desc_init_by_tag(&c, 2, c_dims, dnnl_s32, dnnl_ab));
    dnnl_matmul_desc_t desc;
    dnnl_primitive_desc_t primitive_desc;
    struct product product;
    require_dnnl(dnnl_matmul_desc_init(&desc, &a, &b, NULL, &c));
    require_dnnl(dnnl_primitive_desc_create(&primitive_desc, &desc, NULL, engine, NULL));
    require_dnnl(dnnl_primitive_create(&product.primitive, primitive_desc));
    const dnnl_memory_desc_t *packed =
        dnnl_primitive_desc_query_md(primitive_desc, dnnl_query_weights_md, 0);
    product.arguments[0] = (dnnl_exec_arg_t){DNNL_ARG_SRC, filled_memory(&a, engine)};
    product.arguments[1] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, filled_memory(packed, engine)};
    product.arguments[2] = (dnnl_exec_arg_t){DNNL_ARG_DST, filled_memory(&c, engine)};
    dnnl_primitive_desc_destroy(primitive_desc);
    return product;
}

static int bench_gemm(const char *model, double seconds)
{
    struct graph *graph = read_graph(model);
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    require_dnnl(dnnl_engine_create(&engine, dnnl_cpu, 0));
    require_dnnl(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
    struct product products[256];
    int count = 0;
    uint64_t macs = 0;
    for (int i = 0; i < graph->node_count && count < 256; i++) {
        const struct node *node = &graph->nodes[i];
        uint64_t node_total = node_macs(graph, node);
        if (!node_total || node->window.groups > 1)
            continue;
        const struct value *output = &graph->values[node->output];
        int64_t n = output->dims[1], m = value_elements(output) / n;
        products[count++] = make_product(engine, m, (int64_t)node_total / (m * n), n);
        macs += node_total;
    }
    int rounds = -1; /* the first is a warm-up */
    double start = 0, elapsed = 0;
    do {
        for (int i = 0; i < count; i++)
            require_dnnl(
                dnnl_primitive_execute(products[i].primitive, stream, 3, products[i].arguments));
        require_dnnl(dnnl_stream_wait(stream));
        if (++rounds == 0)
            start = seconds_now();
        elapsed = seconds_now() - start;
    } while (rounds < 1 || elapsed < seconds);
    printf("%.1f\n", (double)macs * rounds / elapsed * 1e-9);
    graph_free(graph);
    return 0;
}

/* CPU seconds of one network, from its table to its cycles, and of these the machine's. */
struct timing {
    double all, machine;
    uint64_t cycles;
};

static struct timing time_network(const struct topology *topology, const struct arch *arch,
                                  const struct dram_config *dram,
                                  const struct quantise_config *config)
{
    double begin = cpu_seconds_now();
    struct network *network = network_from_topology(topology, config, &err);
    require(network);
    struct program *program = lower(network, arch, &err);
    require(program);
    program->arch.dram = *dram;
    double lowered = cpu_seconds_now();
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    machine_run(machine, NULL);
    double end = cpu_seconds_now();
    struct timing timing = {end - begin, end - lowered, machine_stats(machine)->cycles};
    machine_free(machine);
    program_free(program);
    network_free(network);
    return timing;
}

static int bench_timing(const char *csv, const char *arch_name, const char *scheme, double seconds)
{
    struct arch arch;
    struct quantise_config config;
    struct topology *topology = topology_read(csv, &err);
    require(topology && config_read_arch(arch_name, &arch, &err) &&
            config_read_quantise(scheme, &config, &err));
    int runs = 0;
    struct timing timing;
    double start = seconds_now(), elapsed;
    do {
        timing = time_network(topology, &arch, &arch.dram, &config);
        runs++;
        elapsed = seconds_now() - start;
    } while (elapsed < seconds);
    printf("%.1f %llu\n", runs / elapsed, (unsigned long long)timing.cycles);
    topology_free(topology);
    quantise_config_free(&config);
    return 0;
}

/* An ideal memory of the device's bandwidth and first latency. */
static struct dram_config ideal_of(const struct dram_config *dram)
{
    const struct dram_timing *timing = &dram->device.timing;
    return (struct dram_config){
        .is_ideal = true,
        .ideal = {.clock_period_ps = dram_config_clock_ps(dram),
                  .bytes_per_clock = (uint16_t)dram_config_bytes_per_clock(dram),
                  .burst_bytes = (uint16_t)dram_config_burst_bytes(dram),
                  .latency = (uint16_t)(timing->tRCDRD + timing->CL)}};
}

static int compare_times(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* One program on each memory. They take turns, so that noise meets all alike; medians. */
static int bench_dram(const char *csv, const char *arch_name, const char *scheme, double seconds)
{
    enum { MEMORIES = 3, MAX_ROUNDS = 4096 };
    static const char *const names[MEMORIES] = {"ideal", "in-order", "queued"};
    static double all[MEMORIES][MAX_ROUNDS], machine[MEMORIES][MAX_ROUNDS];
    struct arch arch;
    struct dram_config memories[MEMORIES];
    struct quantise_config config;
    struct topology *topology = topology_read(csv, &err);
    require(topology && config_read_arch(arch_name, &arch, &err) &&
            config_read_quantise(scheme, &config, &err));
    memories[0] = ideal_of(&arch.dram);
    memories[1] = memories[2] = arch.dram;
    memories[1].controller = DRAM_CONTROLLER_IN_ORDER;
    memories[2].controller = DRAM_CONTROLLER_QUEUED;
    int rounds = 0;
    uint64_t cycles[MEMORIES];
    for (double start = seconds_now(); seconds_now() - start < seconds && rounds < MAX_ROUNDS;
         rounds++)
        for (int m = 0; m < MEMORIES; m++) {
            struct timing timing = time_network(topology, &arch, &memories[m], &config);
            all[m][rounds] = timing.all;
            machine[m][rounds] = timing.machine;
            cycles[m] = timing.cycles;
        }
    for (int m = 0; m < MEMORIES; m++) {
        qsort(all[m], (size_t)rounds, sizeof all[m][0], compare_times);
        qsort(machine[m], (size_t)rounds, sizeof machine[m][0], compare_times);
        printf("%s %.6f %.6f %llu\n", names[m], all[m][rounds / 2], machine[m][rounds / 2],
               (unsigned long long)cycles[m]);
    }
    topology_free(topology);
    quantise_config_free(&config);
    return 0;
}

int main(int count, char **words)
{
    if (count == 6 && !strcmp(words[1], "images"))
        return bench_images(words[2], words[3], words[4], atof(words[5]));
    if (count == 4 && !strcmp(words[1], "gemm"))
        return bench_gemm(words[2], atof(words[3]));
    if (count == 6 && !strcmp(words[1], "timing"))
        return bench_timing(words[2], words[3], words[4], atof(words[5]));
    if (count == 6 && !strcmp(words[1], "dram"))
        return bench_dram(words[2], words[3], words[4], atof(words[5]));
    fprintf(stderr, "usage: bench images MODEL ARCH SCHEME SECONDS | gemm MODEL SECONDS | "
                    "timing|dram CSV ARCH SCHEME SECONDS\n");
    return 2;
}
