/* Does the machine take what the mapping search estimated, on real networks, accelerators and
 * memories? */
#include "check.h"

#include <math.h>

#include "compiler/lower.h"
#include "compiler/quantise.h"
#include "compiler/schedule.h"
#include "sim/config.h"
#include "sim/machine.h"
#include "workloads/topology.h"

/* Batch 1: a layer alone is estimated, but layers overlap, by up to a twentieth where they are short. */
static const struct {
    const char *arch, *scheme, *dram; /* NULL: the arch's own */
} accelerators[] = {
    {"int8-32x32", "int8", NULL},          {"int8-32x32", "int8", "ddr4-2400"},
    {"int8-32x32", "int8", "lpddr4-2400"}, {"int8-32x32", "int8", "hbm2-2ch"},
    {"int8-32x32", "int8", "hbm2-8ch"},    {"ant-64x64", "ant4", NULL},
    {"ant-64x64-ws", "ant4", NULL},        {"msd-40x40", "rsd8_eb2", NULL},
    {"adafloat-32x28", "adafloat8", NULL}, {"biscaled-32x80", "biscaled6", NULL},
};
static const char *const networks[] = {
    "alexnet",      "bert_base", "inceptionv3", "mobilenetv1", "mobilenetv2",
    "regnetx_600m", "resnet18",  "resnet50",    "vgg16",       "vit_b16",
};

static void set_up(const char *arch_name, const char *scheme_name, const char *dram,
                   struct arch *arch, struct quantise_config *scheme)
{
    struct err err;
    if (!config_read_arch(arch_name, arch, &err) ||
        !config_read_quantise(scheme_name, scheme, &err))
        fail_msg("%s", err.text);
    if (!dram)
        return;
    arch->dram = (struct dram_config){.controller = DRAM_CONTROLLER_IN_ORDER};
    if (!config_read_dram(dram, &arch->dram.device, &err))
        fail_msg("%s", err.text);
}

/* Cycles of the machine over those estimated. */
static double ratio(const char *network_name, int batch, const struct arch *arch,
                    const struct quantise_config *scheme)
{
    char path[512];
    struct err err;
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/workloads/topologies/%s.csv", network_name);
    struct topology *topology = topology_read(path, &err);
    if (!topology || !topology_batch(topology, batch, &err))
        fail_msg("%s", err.text);
    struct network *network = network_from_topology(topology, scheme, &err);
    if (!network)
        fail_msg("%s", err.text);
    struct tiling *tilings = calloc((size_t)network->layer_count, sizeof *tilings);
    struct program *program = NULL;
    if (!schedule_tilings(network, arch, NULL, tilings, &err) ||
        !(program = lower_tiled(network, arch, tilings, &err)))
        fail_msg("%s", err.text);
    double estimate = 0;
    for (int i = 0; i < network->layer_count; i++)
        estimate += (double)tilings[i].estimated_cycles;
    struct machine *machine = machine_new(program, &(struct machine_options){CLOCK_JUMP, false});
    machine_run(machine, NULL);
    double cycles = (double)machine_stats(machine)->cycles;
    machine_free(machine);
    program_free(program);
    free(tilings);
    network_free(network);
    topology_free(topology);
    return cycles / estimate;
}

static void networks_take_what_was_estimated(void **state)
{
    double least = INFINITY, most = 0, squares = 0;
    int count = 0;
    for (size_t a = 0; a < sizeof accelerators / sizeof accelerators[0]; a++) {
        struct arch arch;
        struct quantise_config scheme;
        set_up(accelerators[a].arch, accelerators[a].scheme, accelerators[a].dram, &arch, &scheme);
        for (size_t n = 0; n < sizeof networks / sizeof networks[0]; n++, count++) {
            double part = ratio(networks[n], 1, &arch, &scheme);
            squares += (part - 1) * (part - 1);
            least = fmin(least, part), most = fmax(most, part);
            if (part < 0.93 || part > 1.01)
                fail_msg("%s on %s, %s: %.3f x the estimate", networks[n], accelerators[a].arch,
                         dram_config_name(&arch.dram), part);
        }
        quantise_config_free(&scheme);
    }
    double deviation = sqrt(squares / count);
    printf("%d runs: %.3f .. %.3f x the estimate, root mean square of the difference %.2f %%\n",
           count, least, most, 100 * deviation);
    assert_true(deviation < 0.02);
}

/* Long layers that keep the channel nearly as busy as the array: here a channel that is thought
 * faster than it is lets the search choose tiles that wait for it. */
static void a_nearly_full_channel_is_seen(void **state)
{
    static const char *const names[] = {"ant/vit", "ant/resnet18", "ant/inceptionv3"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct arch arch;
        struct quantise_config scheme;
        set_up("ant-fig13-adafloat", "ant-fig13-adafloat", "hbm2-2ch", &arch, &scheme);
        arch.cores[0].preload = arch.cores[0].fill = arch.cores[0].drain = OVERLAPPED;
        arch.dma_setup = 8;
        double part = ratio(names[n], 16, &arch, &scheme);
        printf("%s, 16 images: %.4f x the estimate\n", names[n], part);
        assert_true(fabs(part - 1) < 0.005);
        quantise_config_free(&scheme);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_take_what_was_estimated),
        cmocka_unit_test(a_nearly_full_channel_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
