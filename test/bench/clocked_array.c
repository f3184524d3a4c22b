/* Speed of the register-level array on one core: PE-clocks (rows x columns x clocks) per second.
 *   clocked_array SECONDS [SIDE]     SIDE x SIDE effective PEs, 64 by default
 * Prints one line per PE and dataflow: PE, dataflow, formats, millions of PE-clocks/s, clocks/s. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pe/array.h"
#include "pe/format.h"
#include "sim/clocked/array.h"

/* A layer of 28 x 28 pixels, 3 x 3 x 64 to 128 channels. */
enum { OUT = 28, KERNEL = 3, CHANNELS = 64, OUTPUTS = 128, PATCH = OUT + KERNEL - 1 };

static const struct bench_case {
    enum pe_type pe;
    struct format act, weight;
} cases[] = {
    {PE_INT8, {FORMAT_INT, 8, true}, {FORMAT_INT, 8, true}},
    {PE_ANT, {FORMAT_INT, 4, false}, {FORMAT_FLINT, 4, true}},
    {PE_MSD, {FORMAT_INT, 8, true}, {FORMAT_RSD_EB2, 8, true}},
};

/* Of this process: others may share the core. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        exit(2);
    return memory;
}

static struct arch arch_of(enum pe_type pe, enum dataflow dataflow, uint16_t side)
{
    struct arch arch = {.core_count = 1,
                        .cores[0] = {.pe = (uint8_t)pe,
                                     .dataflow = (uint8_t)dataflow,
                                     .preload = OVERLAPPED,
                                     .fill = OVERLAPPED,
                                     .drain = OVERLAPPED,
                                     .accumulator_bits = 32,
                                     .rows = side,
                                     .columns = side}};
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad].banks = 64, arch.pads[pad].bank_bits = 1024;
    return arch;
}

static void random_codes(uint8_t *codes, size_t count, struct format format)
{
    const struct grid *grid = format_grid(format);
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        codes[i] = (uint8_t)grid->codes[(state >> 8) % (uint32_t)grid->count];
    }
}

/* Millions of PE-clocks a second. */
static double measure(const struct bench_case *bench, enum dataflow dataflow, uint16_t side,
                      double seconds)
{
    struct arch arch = arch_of(bench->pe, dataflow, side);
    struct matmul matmul = {.patch_w = PATCH,
                            .patch_c = CHANNELS,
                            .out_h = OUT,
                            .out_w = OUT,
                            .kernel_h = KERNEL,
                            .kernel_w = KERNEL,
                            .stride_y = 1,
                            .stride_x = 1,
                            .dilation_y = 1,
                            .dilation_x = 1,
                            .channels = CHANNELS,
                            .groups = 1,
                            .n = OUTPUTS,
                            .acc_pitch = OUTPUTS,
                            .act_format = bench->act,
                            .weight_format = bench->weight};
    const size_t acts = PATCH * PATCH * CHANNELS, weights = KERNEL * KERNEL * CHANNELS * OUTPUTS;
    uint8_t *act = allocate(acts, 1), *weight = allocate(weights, 1);
    int32_t *sums = allocate((size_t)OUT * OUT * OUTPUTS, sizeof *sums);
    random_codes(act, acts, bench->act);
    random_codes(weight, weights, bench->weight);
    struct clocked_array_task task = {&matmul, act, weight, sums, false};
    struct clocked_array *array = clocked_array_new(&arch, 0);
    struct counters counters = {0};
    uint64_t clocks = 0;
    double start = cpu_seconds(), elapsed;
    do {
        if (!array || !clocked_array_begin(array, &task))
            exit(2);
        do
            clocks++;
        while (!clocked_array_clock(array, &counters));
        elapsed = cpu_seconds() - start;
    } while (elapsed < seconds);
    clocked_array_free(array);
    free(act);
    free(weight);
    free(sums);
    return (double)side * side * (double)clocks / elapsed * 1e-6;
}

int main(int count, char **words)
{
    if (count < 2) {
        fprintf(stderr, "usage: clocked_array SECONDS [SIDE]\n");
        return 2;
    }
    int side = count > 2 ? atoi(words[2]) : 64;
    if (side < 1 || side > ARCH_MAX_ROWS) {
        fprintf(stderr, "clocked_array: SIDE is not in 1..%d\n", ARCH_MAX_ROWS);
        return 2;
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int dataflow = 0; dataflow < DATAFLOW_COUNT; dataflow++) {
            char act[16], weight[16];
            double rate =
                measure(&cases[i], (enum dataflow)dataflow, (uint16_t)side, atof(words[1]));
            printf("%s %s %s x %s %.0f M PE-clocks/s, %.0f clocks/s\n", pe_name(cases[i].pe),
                   dataflow_name(dataflow), format_print(cases[i].act, act),
                   format_print(cases[i].weight, weight), rate, rate * 1e6 / ((double)side * side));
        }
    return 0;
}
