/* Which operands are zero: what the energy of a PE depends on beside its clocks. docs/energy.md, section
 * Activity. */
#include <stdlib.h>

#include "pe/format.h"
#include "pe/pe.h"
#include "sim/machine_state.h"

/* Clocks that PEs spend on a weight, and those of them on a zero: by its code. */
struct weight_clocks {
    uint32_t all, zero;
};

/* A PE that takes a digit a clock sees a zero in each zero digit of an integer (several signed digits
 * have no zero: they cancel), unless it skips them: then it spends one clock on a weight without
 * digits. Others see the weight whole. */
static struct weight_clocks clocks_of(const struct pe_descriptor *pe, const struct grid *grid,
                                      uint32_t code)
{
    uint32_t clocks = (uint32_t)pe->clocks_per_mac(grid->format);
    uint32_t digits = grid->digits_of_code[code];
    if (pe->skips_zero_digits)
        return (struct weight_clocks){digits ? digits : 1, digits == 0};
    if (clocks > 1)
        return (struct weight_clocks){clocks,
                                      grid->format.family == FORMAT_INT ? clocks - digits : 0};
    return (struct weight_clocks){1, grid->level_of_code[code] == 0};
}

static uint32_t code_at(const uint8_t *codes, size_t index, size_t host_bytes)
{
    return host_bytes == 1 ? codes[index] : codes[2 * index] | (uint32_t)codes[2 * index + 1] << 8;
}

/* One group, at one pixel: clocks of a row of weights for each k; adds all of them, and those that
 * see a zero. */
static void examine_weights(const struct pe_descriptor *pe, const struct matmul *matmul,
                            const uint8_t *weights, uint64_t k, uint64_t *clocks,
                            struct zero_clocks *found)
{
    const struct grid *grid = format_grid(matmul->weight_format);
    const size_t host_bytes = (size_t)format_host_bytes(matmul->weight_format);
    for (uint64_t i = 0; i < k; i++) {
        clocks[i] = 0;
        for (uint64_t j = 0; j < matmul->n; j++) {
            struct weight_clocks spent =
                clocks_of(pe, grid, code_at(weights, i * matmul->n + j, host_bytes));
            clocks[i] += spent.all;
            found->weight += spent.zero;
        }
        found->examined += clocks[i];
    }
}

void machine_examine_matmul(struct machine *machine, const struct instruction *instruction,
                            const uint8_t *weights)
{
    const struct matmul *matmul = &instruction->matmul;
    const struct machine_values *values = machine->values;
    const struct pe_descriptor *pe = pe_descriptor(machine->program->arch.cores[matmul->core].pe);
    const struct patch_window window = machine_window_matmul(matmul);
    const uint64_t pixels = window_pixels(&window), k = window_area(&window) * matmul->channels;
    const struct grid *acts = format_grid(matmul->act_format);
    const size_t group_bytes = k * matmul->n * (size_t)format_host_bytes(matmul->weight_format);
    const uint8_t *act =
        pad_at(values, PAD_ACT, matmul->act_format, matmul->act_offset) + matmul->channel;
    struct counters *counters = &machine->stats.layers[instruction->layer].counters;
    struct zero_clocks found = {0, 0, 0};
    uint64_t *clocks = malloc(k * sizeof *clocks);
    if (!clocks)
        abort(); /* as gemm_pack does */
    for (uint64_t group = 0; group < matmul->groups; group++, act += matmul->channels) {
        examine_weights(pe, matmul, weights + group * group_bytes, k, clocks, &found);
        for (uint64_t pixel = 0; pixel < pixels; pixel++) {
            machine_window_gather(&window, act, matmul->channels, pixel, 1, values->window);
            for (uint64_t i = 0; i < k; i++)
                if (acts->level_of_code[values->window[i]] == 0)
                    found.act += clocks[i];
        }
    }
    free(clocks);
    found.examined *= pixels; /* every pixel meets the same weights */
    found.weight *= pixels;
    counters_add_zeros(counters, matmul->core, &found);
    counters_add_zeros(&machine->stats.counters, matmul->core, &found);
}
