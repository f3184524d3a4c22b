/* ANT's Figure 13: does mantis give its cycles under its assumptions, do its formulas hold on the
 * shipped accelerators, and do the published prices give its simulator's energies? */
#include "machine_runs.h"

#include <math.h>
#include <string.h>

#include "compiler/lower.h"
#include "pe/array.h"
#include "sim/config.h"
#include "sim/energy.h"
#include "sim/subject.h"

/* The published model's accelerators: rows x columns of the widest PEs. */
static const struct accelerator {
    const char *name, *arch, *scheme;
    int rows, columns;
    bool is_ws;
    int bits[2]; /* that its layers have */
} accelerators[] = {
    {"ant_os", "ant-fig13-os", "ant-fig13:ant_os", 32, 32, false, {4, 8}},
    {"ant_ws", "ant-fig13-ws", "ant-fig13:ant_ws", 32, 32, true, {4, 8}},
    {"bitfusion", "ant-fig13-bitfusion", "ant-fig13:bitfusion", 32, 32, false, {4, 8}},
    {"olaccel", "ant-fig13-olaccel", "ant-fig13:olaccel", 16, 18, false, {4, 8}},
    {"biscaled", "ant-fig13-biscaled", "ant-fig13:biscaled", 32, 80, false, {6, 6}},
    {"adafloat", "ant-fig13-adafloat", "ant-fig13-adafloat", 32, 28, false, {8, 8}},
};
enum { ACCELERATORS = sizeof accelerators / sizeof accelerators[0], BATCH = 64 };

static struct arch arch_of(const struct accelerator *accelerator)
{
    struct arch arch;
    struct err err;
    if (!config_read_arch(accelerator->arch, &arch, &err))
        fail_msg("%s", err.text);
    return arch;
}

/* --- cycles of networks --- */

static struct program *compile(const struct accelerator *accelerator, const char *network)
{
    char path[300];
    struct err err;
    struct subject subject;
    struct quantise_config scheme;
    struct arch arch = arch_of(accelerator);
    struct network *quantised = NULL;
    struct program *program = NULL;
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/workloads/topologies/ant/%s.csv", network);
    bool ok = config_read_quantise(accelerator->scheme, &scheme, &err) &&
              subject_open(&subject, path, &err) && topology_batch(subject.topology, BATCH, &err);
    if (ok)
        quantised = subject_quantise(&subject, &scheme, NULL, NULL, 0, NULL, &err);
    if (quantised)
        program = lower(quantised, &arch, &err);
    if (!program)
        fail_msg("%s on %s: %s", network, accelerator->name, err.text);
    network_free(quantised);
    subject_close(&subject);
    quantise_config_free(&scheme);
    return program;
}

static double cycles_of(const char *name, const char *network)
{
    for (int i = 0; i < ACCELERATORS; i++) {
        if (strcmp(accelerators[i].name, name))
            continue;
        struct program *program = compile(&accelerators[i], network);
        struct machine_run run = run_on(&engine_fast, program, NULL);
        double cycles = (double)machine_stats(run.machine)->cycles;
        run_free(&run);
        program_free(program);
        return cycles;
    }
    fail_msg("no accelerator %s", name);
    return 0;
}

/* The published figures have two digits; the target is 0.05. */
static void cycles_are_those_published(void **state)
{
    FILE *file = fopen(TEST_SOURCE_DIR "/results/published/ant_fig13.csv", "r");
    char line[512], network[32], name[32], base_network[32] = "";
    double published, base = 0;
    int rows = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%31[^,#],%31[^,],%lf", network, name, &published) != 3)
            continue;
        if (strcmp(network, base_network)) {
            base = cycles_of("adafloat", network);
            snprintf(base_network, sizeof base_network, "%s", network);
        }
        double found = cycles_of(name, network) / base;
        printf("%s %s: published %.2f, found %.4f\n", network, name, published, found);
        assert_true(fabs(found - published) <= 0.05);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 11);
}

/* The committed figures are the reference's. */
static void figures_are_the_reference_s(void **state)
{
    static const char reference[] = SHARED_DIR "/reference/ant_results_normalised.csv";
    char ours[512], theirs[512];
    SKIP_WITHOUT(reference);
    FILE *left = fopen(TEST_SOURCE_DIR "/results/published/ant_fig13.csv", "r");
    FILE *right = fopen(reference, "r");
    assert_non_null(left);
    assert_non_null(right);
    while (fgets(ours, sizeof ours, left)) {
        if (*ours == '#')
            continue;
        assert_non_null(fgets(theirs, sizeof theirs, right));
        theirs[strcspn(theirs, "\r\n")] = ours[strcspn(ours, "\r\n")] = '\0';
        assert_string_equal(ours, theirs);
    }
    assert_null(fgets(theirs, sizeof theirs, right));
    fclose(left);
    fclose(right);
}

/* --- the formulas --- */

static uint64_t up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* os: ceil(M / (R f)) ceil(N / (C f)) K; ws: M ceil(N / (C f)) ceil(K / (R f)), where R x C are the
 * PEs of the widest precision and f = floor(8 / max(bits, 4)). */
static uint64_t published_cycles(const struct accelerator *accelerator, uint64_t m, uint64_t k,
                                 uint64_t n, int bits)
{
    uint64_t f = (uint64_t)(8 / (bits > 4 ? bits : 4));
    uint64_t columns = up(n, (uint64_t)accelerator->columns * f);
    uint64_t rows = (uint64_t)accelerator->rows * f;
    return accelerator->is_ws ? m * columns * up(k, rows) : up(m, rows) * columns * k;
}

static void formulas_hold_exactly(void **state)
{
    struct arch archs[ACCELERATORS];
    check_seed();
    for (int i = 0; i < ACCELERATORS; i++)
        archs[i] = arch_of(&accelerators[i]);
    for (int i = 0; i < 6000; i++) {
        const struct accelerator *accelerator = &accelerators[i % ACCELERATORS];
        const struct arch *arch = &archs[i % ACCELERATORS];
        int bits = accelerator->bits[check_between(0, 1)];
        bool is_float = !strcmp(accelerator->name, "adafloat");
        struct format format = {is_float ? FORMAT_ADAFLOAT_E3 : FORMAT_INT, (uint8_t)bits, true};
        int largest = i % 3 ? 300 : 5000;
        struct array_work work = {.m = (uint64_t)check_between(1, largest),
                                  .k = (uint64_t)check_between(1, largest),
                                  .n = (uint32_t)check_between(1, largest),
                                  .groups = 1,
                                  .act = format,
                                  .weight = format};
        uint64_t published = published_cycles(accelerator, work.m, work.k, work.n, bits);
        if (array_cycles(arch, &work, NULL) != published)
            fail_msg("%s: %llu x %llu x %u at %d bits: not %llu", accelerator->name,
                     (unsigned long long)work.m, (unsigned long long)work.k, (unsigned)work.n, bits,
                     (unsigned long long)published);
    }
}

/* --- the prices --- */

/* Columns of the simulator's results, in the order of the file. */
struct layer_row {
    double bits, macs, total_cycles, compute_cycles, dram_read, dram_write, operand_bits;
    double out_read, out_write;
    double static_nj, dram_nj, buffer_nj, core_nj;
};

static bool next_row(FILE *file, struct layer_row *row)
{
    char line[1024];
    if (!fgets(line, sizeof line, file))
        return false;
    assert_int_equal(
        sscanf(line,
               "%*[^,],%*[^,],%*d,%*d,%*d,%*d,%*d,%*d,%lf,%*d,%lf,%lf,%lf,%*d,%lf,%lf,%*f,%lf,%lf,"
               "%lf,%lf,%lf,%lf,%lf",
               &row->bits, &row->macs, &row->total_cycles, &row->compute_cycles, &row->dram_read,
               &row->dram_write, &row->operand_bits, &row->out_read, &row->out_write,
               &row->static_nj, &row->dram_nj, &row->buffer_nj, &row->core_nj),
        13);
    return true;
}

/* The counts of the simulator as those of the machine: all PEs are charged while the array
 * computes. */
static struct layer_stats stats_of(const struct layer_row *row)
{
    struct layer_stats stats = {.cycles = (uint64_t)row->total_cycles};
    struct counters *counters = &stats.counters;
    double groups = row->bits > 4 ? 1024 : 4096;
    counters->macs = (uint64_t)(row->operand_bits / row->bits); /* it fetches for idle PEs, too */
    counters->pe_clocks = (uint64_t)(row->macs);
    counters->idle_pe_clocks = (uint64_t)(row->compute_cycles * groups - row->macs);
    counters->dram_read_bytes = (uint64_t)row->dram_read / 8;
    counters->dram_write_bytes = (uint64_t)row->dram_write / 8;
    counters->act_write_bits = (uint64_t)row->dram_read;
    counters->acc_read_bits = (uint64_t)row->out_read;
    counters->acc_write_bits = (uint64_t)row->out_write;
    return stats;
}

static void expect_near(const char *what, double found, double published, double tolerance)
{
    if (!(fabs(found / published - 1) <= tolerance))
        fail_msg("%s: %g nJ, published %g", what, found, published);
}

/* Exact but for the digits of the prices: static, DRAM, core. Buffers are a fit within 0.35 %, to
 * which come the digits of its prices and one price for reads and writes of outputs. */
static void prices_give_the_simulator_s_energies(void **state)
{
    static const char reference[] = SHARED_DIR "/reference/peers/ant_sim_resnet18_os_b1.csv";
    SKIP_WITHOUT(reference);
    struct err err;
    struct technology *technology = config_read_technology("ant-published", &err);
    if (!technology)
        fail_msg("%s", err.text);
    struct arch arch = arch_of(&accelerators[0]);
    struct energy_model model = energy_model(&arch, technology);
    FILE *file = fopen(reference, "r");
    char header[1024];
    struct layer_row row;
    int rows = 0;
    assert_non_null(file);
    assert_non_null(fgets(header, sizeof header, file));
    for (; next_row(file, &row); rows++) {
        struct format format = {FORMAT_INT, (uint8_t)row.bits, true};
        struct layer_stats stats = stats_of(&row);
        struct energy energy =
            energy_of(&model, &stats, &(struct energy_formats){format, format, format, 0});
        const double *joules = energy.component_j;
        expect_near("static", 1e9 * joules[ENERGY_STATIC_DRAM], row.static_nj, 1e-3);
        expect_near("dram", 1e9 * joules[ENERGY_DRAM], row.dram_nj, 1e-3);
        expect_near("core", 1e9 * (joules[ENERGY_PE] + joules[ENERGY_STATIC_LOGIC]), row.core_nj,
                    1e-3);
        expect_near("buffer", 1e9 * (joules[ENERGY_SRAM] + joules[ENERGY_STATIC_SRAM]),
                    row.buffer_nj, 0.0055);
    }
    assert_int_equal(rows, 21);
    fclose(file);
    technology_free(technology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycles_are_those_published),
        cmocka_unit_test(figures_are_the_reference_s),
        cmocka_unit_test(formulas_hold_exactly),
        cmocka_unit_test(prices_give_the_simulator_s_energies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
