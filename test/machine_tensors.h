/* Random accelerators, and tensors and layers in formats that they take, for the tests of the
 * machine. */
#ifndef MANTIS_TEST_MACHINE_TENSORS_H
#define MANTIS_TEST_MACHINE_TENSORS_H

#include <string.h>

#include "isa/program.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "test/check.h"

enum {
    LAYERS = 3,
    ACTIVATIONS = 4, /* tensor 0 is the input; each layer makes one more */
    TENSORS = ACTIVATIONS + 2 * LAYERS,
    WEIGHTS = 700,
    RECORDS = 24
};

__attribute__((unused)) static struct format random_format(void)
{
    for (;;) {
        struct format format = {.family = (uint8_t)check_between(0, FORMAT_FAMILY_COUNT - 1),
                                .bits = (uint8_t)check_between(3, 8),
                                .is_signed = check_between(0, 1)};
        if (format_is_operand(format))
            return format;
    }
}

/* A pair that the PE takes and that leaves it an array. */
__attribute__((unused)) static void random_pair(int pe, struct format *act, struct format *weight)
{
    do {
        *act = random_format();
        *weight = random_format();
    } while (!pe_descriptor(pe)->accepts(*act, *weight, NULL) || format_code_bits(*act) > 8);
}

__attribute__((unused)) static struct dram_config random_dram(void)
{
    if (check_between(0, 2) == 0)
        return (struct dram_config){.clock_period_ps = (uint32_t)check_between(300, 3000),
                                    .bytes_per_clock = 16,
                                    .burst_bytes = 16,
                                    .latency = (uint16_t)check_between(0, 40)};
    return (struct dram_config){.clock_period_ps = (uint32_t)check_between(300, 3000),
                                .bytes_per_clock = 16,
                                .burst_bytes = 64,
                                .banks = 8,
                                .row_bytes = 512,
                                .latency = 17,
                                .tCWL = 12,
                                .tRCD = 17,
                                .tRP = 17,
                                .tRAS = 39,
                                .tCCD = 4,
                                .tRRD = 4,
                                .tFAW = 26,
                                .tWR = 18,
                                .tWTR = 9,
                                .tRTP = 9,
                                .tREFI = 2000,
                                .tRFC = 200};
}

__attribute__((unused)) static struct arch random_arch(void)
{
    struct arch arch = {.name = "random",
                        .technology = "none",
                        .clock_khz = (uint32_t)check_between(100000, 2000000),
                        .core = {.pe = (uint8_t)check_between(0, PE_COUNT - 1),
                                 .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                                 .preload = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .fill = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .drain = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                                 .accumulator_bits = (uint8_t)check_between(8, 32),
                                 .rows = (uint16_t)check_between(2, 12),
                                 .columns = (uint16_t)check_between(2, 12)},
                        .vector_lanes = (uint16_t)check_between(1, 16),
                        .vector_latency = (uint16_t)check_between(0, 5),
                        .dma_setup = (uint16_t)check_between(0, 10),
                        .dram = random_dram()};
    static const uint32_t bytes[PAD_COUNT] = {2048, 2048, 16 * RECORDS, 2048, 1024};
    for (int pad = 0; pad < PAD_COUNT; pad++)
        arch.pads[pad] = (struct scratchpad_config){bytes[pad], 2, 64, check_between(0, 1)};
    return arch;
}

__attribute__((unused)) static uint8_t *random_codes(struct format format, uint32_t count)
{
    size_t size = (size_t)format_host_bytes(format);
    uint8_t *codes = calloc(count, size);
    const struct grid *grid = format_grid(format);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = grid->codes[check_between(0, grid->count - 1)];
        memcpy(codes + i * size, &code, size);
    }
    return codes;
}

__attribute__((unused)) static uint8_t *random_params(void)
{
    int32_t *words = calloc(RECORDS * PARAM_WORDS, sizeof *words);
    for (int i = 0; i < RECORDS; i++) {
        words[PARAM_WORDS * i + 0] = check_between(-300, 300);
        words[PARAM_WORDS * i + 1] = check_between(1, 1 << 20);
        words[PARAM_WORDS * i + 2] = check_between(0, 1 << 20);
        words[PARAM_WORDS * i + 3] = check_between(10, 26);
    }
    return (uint8_t *)words;
}

/* Tensors and layers; tensors lie one after the other in DRAM. */
__attribute__((unused)) static void random_tensors(struct program *program)
{
    for (int l = 0; l < LAYERS; l++) {
        struct program_layer *layer = &program->layers[l];
        random_pair(program->arch.core.pe, &layer->act_format, &layer->weight_format);
        if (l && check_between(0, 2)) { /* so that layers read what others wrote */
            layer->act_format = program->layers[0].act_format;
            layer->weight_format = program->layers[0].weight_format;
        }
        layer->out_format = check_between(0, 1) ? program->layers[0].act_format : random_format();
        if (format_code_bits(layer->out_format) > 8)
            layer->out_format = program->layers[0].act_format;
        layer->reduction = check_between(0, 3) ? 1 << 12 : UINT64_C(1) << 40;
        layer->output = (uint32_t)l + 1;
        program->tensors[l + 1].format = layer->out_format;
        program->tensors[ACTIVATIONS + 2 * l] =
            (struct dram_tensor){.kind = TENSOR_WEIGHTS,
                                 .format = layer->weight_format,
                                 .h = 1,
                                 .w = 1,
                                 .c = WEIGHTS,
                                 .values = random_codes(layer->weight_format, WEIGHTS)};
        program->tensors[ACTIVATIONS + 2 * l + 1] =
            (struct dram_tensor){.kind = TENSOR_PARAMETERS,
                                 .format = {FORMAT_INT, 32, true},
                                 .h = 1,
                                 .w = 1,
                                 .c = RECORDS * PARAM_WORDS,
                                 .values = random_params()};
    }
    program->tensors[0].format = program->layers[0].act_format;
    uint64_t address = 0;
    for (int t = 0; t < TENSORS; t++) {
        struct dram_tensor *tensor = &program->tensors[t];
        if (t < ACTIVATIONS) {
            tensor->kind =
                t ? t == ACTIVATIONS - 1 ? TENSOR_OUTPUT : TENSOR_ACTIVATION : TENSOR_INPUT;
            tensor->h = (uint32_t)check_between(1, 9);
            tensor->w = (uint32_t)check_between(1, 9);
            tensor->c = (uint32_t)check_between(1, 20);
        }
        tensor->scale = 1;
        tensor->address = address;
        address += tensor_bytes(tensor) + (unsigned)check_between(0, 100);
    }
}

#endif
