/* Do two cores share the work of a layer: each its channels, both at once, in the time that the
 * tokens of docs/machine.md give, and to the same values as one network? */
#include "test/check.h"

#include "sim/compiled.h"
#include "sim/machine.h"
#include "test/event_model.h"
#include "test/random_network.h"

#define FASHION_IMAGES "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"

static void note(void *context, const struct instruction *instruction, uint32_t index,
                 uint64_t start, uint64_t end)
{
    ((struct model_times *)context)[index] = (struct model_times){start, end};
}

/* --- one tile, by hand --- */

enum { SIDE = 8, SECOND_ROWS = 4, SECOND_COLUMNS = 6, LANES = 8, VECTOR_LATENCY = 3 };
enum { SETUP = 5, LATENCY = 20, BUS = 16, MAX_INSTRUCTIONS = 16 };

/* A bit-serial array of 8 x 8 beside a bit-parallel one of 4 x 6; everything is exposed. */
static struct arch two_cores(void)
{
    struct arch arch = {.name = "two", .technology = "none", .clock_khz = 1000000};
    arch.core_count = 2;
    arch.cores[0] = (struct core){.pe = PE_MSD, .rows = SIDE, .columns = SIDE};
    arch.cores[1] = (struct core){.pe = PE_INT8, .rows = SECOND_ROWS, .columns = SECOND_COLUMNS};
    for (int core = 0; core < 2; core++) {
        arch.cores[core].dataflow = OUTPUT_STATIONARY;
        arch.cores[core].accumulator_bits = 32;
        arch.cores[core].preload = arch.cores[core].fill = arch.cores[core].drain = EXPOSED;
    }
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad] = (struct scratchpad_config){1 << 16, 1, 1024, true};
    arch.vector_lanes = LANES, arch.vector_latency = VECTOR_LATENCY, arch.dma_setup = SETUP;
    arch.dram = (struct dram_config){.is_ideal = true,
                                     .ideal = {.clock_period_ps = 1000,
                                               .bytes_per_clock = BUS,
                                               .burst_bytes = BUS,
                                               .latency = LATENCY}};
    return arch;
}

/* M x K by K x N in int8, timing only; K x N are weights or activations. */
static struct network *gemm(int m, int k, int n, enum topology_operands operands)
{
    struct topology_layer layer = {"gemm", m, 1, 1, 1, k, n, 1, 1, operands};
    struct topology topology = {"gemm", 1, &layer};
    const struct format_choice int8 = {8, 1, {FORMAT_INT}};
    struct quantise_config config = {
        .name = "int8", .weights = int8, .activations = int8, .second_weights = int8, .cores = 2};
    struct err err;
    struct network *network = network_from_topology(&topology, &config, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

static uint64_t up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

/* Folds x (T + S + D): an 8-bit weight has 4 Booth digits on the serial core. */
static uint64_t hand_array(int core, uint64_t m, uint64_t k, uint64_t n)
{
    uint64_t rows = core ? SECOND_ROWS : SIDE, columns = core ? SECOND_COLUMNS : SIDE;
    return up(m, rows) * up(n, columns) * ((core ? k : 4 * k) + rows - 1 + columns - 1 + rows);
}

/* bytes from an address that is a multiple of the burst: requests follow each other on the bus. */
static uint64_t hand_transfer(uint64_t bytes)
{
    return SETUP + LATENCY + up(bytes, BUS);
}

/* Everything is loaded before both arrays start; the vector unit starts when the later one ends. */
static void check_tile(const struct program *program, int m, int k, int n, int first)
{
    struct model_times times[MAX_INSTRUCTIONS];
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    assert_in_range(program->instruction_count, 1, MAX_INSTRUCTIONS);
    machine_observe(machine, note, times);
    machine_run(machine, NULL);
    const uint64_t shares[] = {(uint64_t)first, (uint64_t)(n - first)};
    uint64_t loads = hand_transfer((uint64_t)n * 16) + hand_transfer((uint64_t)(m * k));
    uint64_t array[2] = {0, 0};
    for (int core = 0; core < 2; core++)
        if (shares[core]) {
            loads += hand_transfer((uint64_t)k * shares[core]);
            array[core] = hand_array(core, (uint64_t)m, (uint64_t)k, shares[core]);
        }
    const uint64_t longer = array[0] > array[1] ? array[0] : array[1];
    const uint64_t vector = up((uint64_t)(m * n), LANES) + VECTOR_LATENCY;
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *in = &program->instructions[i];
        if (in->opcode == OPCODE_MATMUL) {
            assert_int_equal(times[i].start, loads);
            assert_int_equal(times[i].end, loads + array[in->matmul.core]);
        } else if (in->opcode == OPCODE_VECTOR) {
            assert_int_equal(times[i].start, loads + longer);
        }
    }
    const struct stats *stats = machine_stats(machine);
    assert_int_equal(stats->counters.array_busy, array[0]);
    assert_int_equal(stats->counters.array2_busy, array[1]);
    assert_int_equal(stats->counters.macs, m * k * n);
    assert_int_equal(stats->counters.pe_clocks, 4 * m * k * first);
    assert_int_equal(stats->counters.array2_pe_clocks, m * k * (n - first));
    assert_int_equal(stats->cycles, loads + longer + vector + hand_transfer((uint64_t)(m * n)));
    machine_free(machine);
}

static void check_shares(enum topology_operands operands)
{
    const struct arch arch = two_cores();
    const int m = 16, k = 48, n = 32; /* whole bursts of everything, whatever the share */
    struct network *network = gemm(m, k, n, operands);
    for (int first = 0; first <= n; first++) {
        struct tiling tiling = {m, 1, n, k, false, first, 0};
        struct err err;
        struct program *program = lower_tiled(network, &arch, &tiling, &err);
        if (!program)
            fail_msg("%s", err.text);
        assert_int_equal(program->layers[0].second_channels, n - first);
        assert_int_equal(program->layers[0].weights, operands == TOPOLOGY_WEIGHTS ? k * n : 0);
        check_tile(program, m, k, n, first);
        program_free(program);
    }
    network_free(network);
}

static void one_tile_takes_the_longer_array(void **state)
{
    check_shares(TOPOLOGY_WEIGHTS);
}

static void products_of_activations_are_shared(void **state)
{
    check_shares(TOPOLOGY_ACTIVATIONS);
}

/* --- random networks --- */

/* What the arrays count for a layer, MATMUL by MATMUL on its own core. */
struct core_counts {
    uint64_t busy;
    struct counters counters;
};

static void add_matmul(const struct arch *arch, const struct matmul *matmul,
                       struct core_counts cores[ARCH_MAX_CORES])
{
    struct array_work work = model_work(matmul);
    cores[matmul->core].busy += array_cycles(arch, &work, &cores[matmul->core].counters);
}

static void check_layer(const struct network *network, const struct program *program, int index,
                        const struct counters *found)
{
    const struct layer *layer = &network->layers[index];
    struct core_counts cores[ARCH_MAX_CORES] = {0};
    uint64_t macs = 0;
    for (uint32_t i = 0; i < program->instruction_count; i++)
        if (program->instructions[i].layer == index &&
            program->instructions[i].opcode == OPCODE_MATMUL)
            add_matmul(&program->arch, &program->instructions[i].matmul, cores);
    if (layer->kind == LAYER_MATMUL)
        macs = (uint64_t)layer->out_h * (unsigned)layer->out_w * (unsigned)layer->n *
               (unsigned)(layer->kernel_h * layer->kernel_w * layer->channels);
    assert_int_equal(cores[0].counters.macs + cores[1].counters.macs, macs);
    assert_int_equal(found->macs, macs);
    assert_int_equal(found->array_busy, cores[0].busy);
    assert_int_equal(found->array2_busy, cores[1].busy);
    assert_int_equal(found->pe_clocks, cores[0].counters.pe_clocks);
    assert_int_equal(found->idle_pe_clocks, cores[0].counters.idle_pe_clocks);
    assert_int_equal(found->array2_pe_clocks, cores[1].counters.array2_pe_clocks);
    assert_int_equal(found->array2_idle_pe_clocks, cores[1].counters.array2_idle_pe_clocks);
}

/* Cycles in which both arrays work. Returns their sum over all pairs of MATMULs. */
static uint64_t shared_cycles(const struct program *program, const struct model_times *times)
{
    uint64_t shared = 0;
    for (uint32_t i = 0; i < program->instruction_count; i++)
        for (uint32_t j = 0; j < program->instruction_count; j++) {
            const struct instruction *a = &program->instructions[i], *b = &program->instructions[j];
            if (a->opcode != OPCODE_MATMUL || b->opcode != OPCODE_MATMUL || a->matmul.core ||
                !b->matmul.core)
                continue;
            uint64_t start = times[i].start > times[j].start ? times[i].start : times[j].start;
            uint64_t end = times[i].end < times[j].end ? times[i].end : times[j].end;
            shared += start < end ? end - start : 0;
        }
    return shared;
}

/* Start and end of every instruction, cycles, and what both cores count. */
static uint64_t compare_times(const struct network *network, const struct program *program)
{
    struct program bare = *program; /* as if no digit of a weight were zero */
    bare.has_values = false;
    struct event_model model = event_model_run(&bare);
    struct model_times *times = calloc(program->instruction_count + 1, sizeof *times);
    struct machine *machine = machine_new(&bare, &(struct machine_options){.clock = CLOCK_JUMP});
    machine_observe(machine, note, times);
    machine_run(machine, NULL);
    for (uint32_t i = 0; i < bare.instruction_count; i++) {
        assert_int_equal(times[i].start, model.times[i].start);
        assert_int_equal(times[i].end, model.times[i].end);
    }
    const struct stats *stats = machine_stats(machine);
    assert_int_equal(stats->cycles, model.cycles);
    for (int i = 0; i < network->layer_count; i++)
        check_layer(network, &bare, i, &stats->layers[i].counters);
    uint64_t shared = shared_cycles(&bare, times);
    machine_free(machine);
    event_model_free(&model);
    free(times);
    return shared;
}

static void random_networks_take_what_tokens_say(void **state)
{
    int programs = 0, sharing = 0;
    check_seed();
    while (programs < 150) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        struct program *program = NULL;
        struct err err;
        if (random_second_core(&arch)) {
            random_second_network(network, &arch);
            program = lower_with_random_shares(network, &arch, &err);
        }
        if (program && program->instruction_count < 3000) {
            sharing += compare_times(network, program) > 0;
            programs++;
        }
        program_free(program);
        network_free(network);
    }
    printf("%d programs, in %d of them both arrays work at once\n", programs, sharing);
    assert_in_range(sharing, programs / 2, programs);
}

/* --- the shipped network --- */

static struct compiled compile(const char *scheme_name, const char *arch_name, const char *data)
{
    struct quantise_config scheme;
    struct arch arch;
    struct subject subject;
    struct compiled compiled = {0};
    struct data_names names = {.data = data};
    struct err err;
    if (!config_read_quantise(scheme_name, &scheme, &err) ||
        !config_read_arch(arch_name, &arch, &err))
        fail_msg("%s", err.text);
    scheme.calibration_images = 8; /* it is not accuracy that is looked at */
    if (!subject_open(&subject, TEST_SOURCE_DIR "/workloads/models/fashion-resnet.onnx", &err) ||
        !compiled_make(&compiled, &subject, &scheme, &arch, &names, NULL, &err))
        fail_msg("%s", err.text);
    subject_close(&subject);
    quantise_config_free(&scheme);
    return compiled;
}

/* Every activation of one image, as the network's definition has it. */
static void compare_image(const struct compiled *compiled, struct machine *machine,
                          const float *image)
{
    const struct network *network = compiled->network;
    const struct program *program = compiled->program;
    uint8_t *input = malloc(tensor_elements(&program->tensors[program->input]));
    void **expected = calloc((size_t)network->activation_count, sizeof *expected);
    network_encode_input(network, image, input);
    network_run_reference(network, input, expected);
    machine_run(machine, input);
    for (int i = 0; i < network->activation_count; i++) {
        const struct dram_tensor *tensor = &program->tensors[i];
        assert_memory_equal(machine_tensor(machine, (uint32_t)i), expected[i],
                            tensor_elements(tensor) * (unsigned)format_host_bytes(tensor->format));
        free(expected[i]);
    }
    free(expected);
    free(input);
}

/* Both cores compute channels, and the first images come out as the definition says. */
static void compare_values(const char *scheme, const char *arch, int images)
{
    struct compiled compiled = compile(scheme, arch, "fashion-mnist");
    struct machine *machine = machine_new(compiled.program, &(struct machine_options){0});
    struct err err;
    struct dataset *data = data_open("fashion-mnist", &err);
    float image[28 * 28];
    int label;
    if (!data)
        fail_msg("%s", err.text);
    for (int i = 0; i < images; i++) {
        assert_true(dataset_read(data, i, image, &label, &err));
        compare_image(&compiled, machine, image);
    }
    const struct counters *counters = &machine_stats(machine)->counters;
    printf("%s on %s: %llu clocks of the first core's PEs, %llu of the second's\n", scheme, arch,
           (unsigned long long)counters->pe_clocks, (unsigned long long)counters->array2_pe_clocks);
    assert_true(counters->pe_clocks && counters->array2_pe_clocks);
    dataset_free(data);
    machine_free(machine);
    compiled_free(&compiled);
}

static void shipped_network_keeps_its_values(void **state)
{
    SKIP_WITHOUT(FASHION_IMAGES);
    compare_values("msd_eb2", "msd-ultra96-18x18", 2);
    compare_values("msd_eb1", "msd-xc7z020", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_tile_takes_the_longer_array),
        cmocka_unit_test(products_of_activations_are_shared),
        cmocka_unit_test(random_networks_take_what_tokens_say),
        cmocka_unit_test(shipped_network_keeps_its_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
