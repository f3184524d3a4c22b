/* Does --activity count the zero operands that the network has, and price PEs by them? Expected counts
 * come from the network's definition: no tiles, no machine. */
#include <math.h>

#include "check.h"
#include "pe/booth.h"
#include "random_network.h"
#include "sim/config.h"
#include "sim/energy.h"
#include "sim/machine.h"

struct zeros {
    uint64_t examined, act, weight;
};

/* Digits other than zero of the non-adjacent form, which has the fewest (Reitwiesner, 1960). */
static int fewest_digits(int level)
{
    int count = 0;
    for (; level; level /= 2)
        if (level % 2) {
            level -= level % 4 == 1 || level % 4 == -3 ? 1 : -1;
            count++;
        }
    return count;
}

/* Clocks of one weight, and how many of them see a zero. */
static void weight_clocks(int pe, struct format format, uint32_t code, uint64_t *all,
                          uint64_t *zero)
{
    int8_t booth[BOOTH_MAX_DIGITS];
    struct term terms[FORMAT_MAX_TERMS];
    bool is_serial = pe == PE_MSD || pe == PE_MSD_SKIP;
    *all = 1, *zero = format_level(format, code) == 0;
    if (!is_serial)
        return;
    bool is_int = format.family == FORMAT_INT;
    int count = is_int ? booth_recode(format, code, booth)
                       : format_family(format)->decode(format, code, terms);
    int zeros = 0;
    for (int i = 0; i < count; i++)
        zeros += is_int ? booth[i] == 0 : terms[i].mult == 0;
    *all = (uint64_t)count, *zero = (uint64_t)zeros;
    if (pe == PE_MSD_SKIP) {
        int left = is_int ? count - zeros : fewest_digits(format_level(format, code));
        *zero = left == 0;
        *all = left ? (uint64_t)left : 1;
    }
}

/* Whether input channel `c` under kernel position (ky, kx) of output pixel (y, x) is zero; so is what
 * lies outside. */
static bool act_is_zero(const struct network *network, const struct layer *layer,
                        const uint8_t *codes, int y, int x, int ky, int kx, int c)
{
    const struct activation *input = &network->activations[layer->input];
    int row = y * layer->stride_y - layer->pad_top + ky * layer->dilation_y;
    int column = x * layer->stride_x - layer->pad_left + kx * layer->dilation_x;
    if (row < 0 || row >= input->h || column < 0 || column >= input->w)
        return true;
    return format_level(input->format, codes[(row * input->w + column) * input->c + c]) == 0;
}

/* What the core that computes an output channel spends on its weight for one k of its group. */
static void add_weight(const struct layer *layer, const struct arch *arch, int channel,
                       size_t weight, bool act_is_zero, struct zeros zeros[ARCH_MAX_CORES])
{
    const int core = layer->core_of_channel ? layer->core_of_channel[channel] : 0;
    uint64_t all, zero;
    weight_clocks(arch->cores[core].pe, core ? layer->second.format : layer->weight_format,
                  core ? layer->second.codes[weight] : layer->weight_codes[weight], &all, &zero);
    zeros[core].examined += all;
    zeros[core].act += act_is_zero ? all : 0;
    zeros[core].weight += zero;
}

static void layer_zeros(const struct network *network, const struct layer *layer,
                        const struct arch *arch, const uint8_t *codes,
                        struct zeros zeros[ARCH_MAX_CORES])
{
    const int group_n = layer->n / layer->groups;
    const int taps = layer->kernel_h * layer->kernel_w * layer->channels;
    for (int pixel = 0; pixel < layer->out_h * layer->out_w; pixel++)
        for (int i = 0; i < layer->groups * taps; i++) {
            int group = i / taps, tap = i % taps / layer->channels, c = i % layer->channels;
            bool is_zero = act_is_zero(network, layer, codes, pixel / layer->out_w,
                                       pixel % layer->out_w, tap / layer->kernel_w,
                                       tap % layer->kernel_w, group * layer->channels + c);
            for (int j = 0; j < group_n; j++)
                add_weight(layer, arch, group * group_n + j,
                           (size_t)i * (size_t)group_n + (size_t)j, is_zero, zeros);
        }
}

/* Two images' zeros of a layer, each core's under its own name. */
static void compare_layer(const struct counters *found, const struct zeros wanted[ARCH_MAX_CORES])
{
    assert_int_equal(found->examined_clocks, 2 * wanted[0].examined);
    assert_int_equal(found->zero_act_clocks, 2 * wanted[0].act);
    assert_int_equal(found->zero_weight_clocks, 2 * wanted[0].weight);
    assert_int_equal(found->array2_examined_clocks, 2 * wanted[1].examined);
    assert_int_equal(found->array2_zero_act_clocks, 2 * wanted[1].act);
    assert_int_equal(found->array2_zero_weight_clocks, 2 * wanted[1].weight);
}

static void compare(const struct network *network, const struct program *program)
{
    uint8_t *input = random_input(network);
    void *codes[RANDOM_MAX_ACTIVATIONS];
    network_run_reference(network, input, codes);
    struct machine *machine = machine_new(program, &(struct machine_options){0});
    assert_non_null(machine);
    machine_run(machine, input);
    const struct stats *stats = machine_stats(machine);
    const uint64_t cycles = stats->cycles, clocks = stats->counters.pe_clocks;
    const uint64_t overflows = stats->counters.overflows;
    assert_int_equal(stats->counters.examined_clocks, 0);
    assert_int_equal(stats->counters.array2_examined_clocks, 0);
    machine_examine(machine, input);
    machine_examine(machine, input); /* of a second image */
    for (int i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        struct zeros wanted[ARCH_MAX_CORES] = {0};
        if (layer->kind == LAYER_MATMUL)
            layer_zeros(network, layer, &program->arch, codes[layer->input], wanted);
        compare_layer(&stats->layers[i].counters, wanted);
    }
    assert_int_equal(stats->cycles, cycles);
    assert_int_equal(stats->counters.pe_clocks, clocks);
    assert_int_equal(stats->counters.overflows, overflows);
    machine_free(machine);
    for (int i = 0; i < network->activation_count; i++)
        free(codes[i]);
    free(input);
}

static void zeros_are_those_of_the_network(void **state)
{
    int compared[ARCH_MAX_CORES][PE_COUNT] = {0};
    check_seed();
    for (int round = 0; round < 300; round++) {
        struct arch arch = random_arch();
        struct network *network = random_network(arch.cores[0].pe);
        if (round % 2 && random_second_core(&arch))
            random_second_network(network, &arch);
        struct err err = {0};
        struct program *program = lower_with_random_shares(network, &arch, &err);
        if (program) {
            compare(network, program);
            for (int core = 0; core < arch.core_count; core++)
                compared[core][arch.cores[core].pe]++;
        }
        program_free(program);
        network_free(network);
    }
    for (int pe = 0; pe < PE_COUNT; pe++)
        assert_in_range(compared[0][pe], 1, 300);
    static const int second[] = {PE_INT8, PE_MSD, PE_MSD_SKIP, PE_INT8X2};
    for (size_t i = 0; i < sizeof second / sizeof *second; i++)
        assert_in_range(compared[1][second[i]], 1, 300);
}

/* Energy of the PEs of one layer of 1000 clocks, of which these shares are zero. */
static double pe_energy(const struct energy_model *model, double act, double weight)
{
    struct layer_stats stats = {.counters = {.pe_clocks = 1000,
                                             .examined_clocks = 400,
                                             .zero_act_clocks = (uint64_t)(400 * act),
                                             .zero_weight_clocks = (uint64_t)(400 * weight)}};
    struct format int8 = {FORMAT_INT, 8, true};
    return energy_of(model, &stats, &(struct energy_formats){int8, int8, int8, 0})
        .component_j[ENERGY_PE];
}

/* 0.298 pJ a clock at half of the activations zero (45nm.cfg); the table's points are met, the middle of
 * two is their mean: 8x8 MAC 31.9151 pJ without zeros, 24.7057 at the reference, 8.8361 at rest. */
static void prices_follow_the_table(void **state)
{
    struct err err = {0};
    struct arch arch;
    assert_true(config_read_arch("int8-32x32", &arch, &err));
    struct technology *technology = config_read_technology("45nm", &err);
    assert_non_null(technology);
    struct energy_model model = energy_model(&arch, technology);
    const double price = 1000 * 0.298e-12;
    assert_float_equal(pe_energy(&model, 0.5, 0) / price, 1, 1e-12);
    assert_float_equal(pe_energy(&model, 0, 0) / price, 31.9151 / 24.7057, 1e-9);
    assert_float_equal(pe_energy(&model, 1, 1) / price, 8.8361 / 24.7057, 1e-9);
    assert_float_equal(pe_energy(&model, 0.125, 0) / price, (31.9151 + 29.1644) / 2 / 24.7057,
                       1e-9);
    assert_float_equal(pe_energy(&model, 0, 0.625) / price, (24.8496 + 18.6193) / 2 / 24.7057,
                       1e-9);
    technology_free(technology);
}

/* Each core's zeros make its own PE's price, and no other's. */
static void each_core_has_its_own_shares(void **state)
{
    struct err err = {0};
    struct arch arch;
    assert_true(config_read_arch("msd-ultra96", &arch, &err));
    struct technology *technology = config_read_technology("45nm", &err);
    assert_non_null(technology);
    struct energy_model model = energy_model(&arch, technology);
    struct format int8 = {FORMAT_INT, 8, true};
    struct energy_formats formats = {int8, int8, int8, 0.5};
    struct layer_stats stats = {.counters = {.pe_clocks = 1000,
                                             .examined_clocks = 100,
                                             .zero_act_clocks = 50,
                                             .array2_pe_clocks = 3000,
                                             .array2_examined_clocks = 400,
                                             .array2_zero_act_clocks = 400,
                                             .array2_zero_weight_clocks = 400}};
    /* The first at the reference, the second at rest. */
    const double serial = 1000 * 0.164e-12, parallel = 3000 * 0.274e-12;
    assert_float_equal(energy_of(&model, &stats, &formats).component_j[ENERGY_PE] /
                           (serial + parallel * 15.9050 / 46.8959),
                       1, 1e-9);
    stats.counters.array2_examined_clocks = 0; /* nobody looked */
    assert_float_equal(
        energy_of(&model, &stats, &formats).component_j[ENERGY_PE] / (serial + parallel), 1, 1e-9);
    technology_free(technology);
}

static bool reads(const char *text, struct err *err)
{
    struct technology technology = {0};
    return technology_read_activity(&technology, text, &(struct activity_reference){0}, "t.csv",
                                    err);
}

static void damaged_tables_are_refused(void **state)
{
#define HEAD "design,act_zeros_percent,weight_zeros_percent,pj_per_clock\n"
    struct err err = {0};
    assert_false(reads("", &err));
    assert_false(reads("design,energy\n", &err));
    assert_false(reads(HEAD, &err));
    assert_non_null(strstr(err.text, "shares are missing"));
    assert_false(reads(HEAD "like_mac_8x8,0,0,1\nlike_mac_8x8,0,0,1\n", &err));
    assert_non_null(strstr(err.text, "t.csv:3: like_mac_8x8: the same shares twice"));
    const char *const bad[] = {"nothing,0,0,1",        "like_mac_8x8,10,0,1",
                               "like_mac_8x8,0,125,1", "like_mac_8x8,0,0,nan",
                               "like_mac_8x8,0,0,-1",  "like_mac_8x8,0,0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD "%s\n", bad[i]);
        assert_false(reads(text, &err));
        assert_non_null(strstr(err.text, "t.csv:2: "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_are_those_of_the_network),
        cmocka_unit_test(prices_follow_the_table),
        cmocka_unit_test(each_core_has_its_own_shares),
        cmocka_unit_test(damaged_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
