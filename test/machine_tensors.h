/* Random accelerators, and tensors and layers in formats that they take, for the tests of the
 * machine. */
#ifndef MANTIS_TEST_MACHINE_TENSORS_H
#define MANTIS_TEST_MACHINE_TENSORS_H

#include <string.h>

#include "isa/program.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "test/check.h"
#include "test/random_dram.h"
#include "test/second_core_pe.h"

enum {
    LAYERS = 3,
    ACTIVATIONS = 4, /* tensor 0 is the input; each layer makes one more */
    TENSORS = ACTIVATIONS + 2 * LAYERS,
    MAX_SIDE = 70, /* of a product of matrices: M, K, N */
    RECORDS = MAX_SIDE
};

/* How large random programs are. What does not fit the scratchpads is not drawn, so their size
 * decides over the shapes too: up to MAX_SIDE in each of M, K and N in large ones. */
struct program_size {
    int instructions;
    int pad_bytes_min, pad_bytes_max; /* of act, weight, acc and out */
    int rows;                         /* and columns of the array */
    int weights;                      /* of a constant tensor */
    int tensor_side, tensor_channels; /* of an activation */
};

static const struct program_size small_program = {120, 1024, 2048, 12, 700, 9, 20};
static const struct program_size large_program = {40, 512, 32768, 24, 6000, 12, MAX_SIDE};

/* In 1..most; half of them are in the lowest sixth. */
__attribute__((unused)) static int random_side(int most)
{
    int first = check_between(1, most), second = check_between(1, most);
    return check_between(0, 2) ? (first * second + most - 1) / most : first;
}

__attribute__((unused)) static struct format random_format(void)
{
    for (;;) {
        struct format format = {.family = (uint8_t)check_between(0, FORMAT_FAMILY_COUNT - 1),
                                .bits = (uint8_t)check_between(2, 8),
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

__attribute__((unused)) static struct core random_core(const struct program_size *size)
{
    struct core core = {.pe = (uint8_t)check_between(0, PE_COUNT - 1),
                        .dataflow = (uint8_t)check_between(0, DATAFLOW_COUNT - 1),
                        .preload = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                        .fill = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                        .drain = (uint8_t)check_between(0, VISIBILITY_COUNT - 1),
                        .accumulator_bits = (uint8_t)check_between(8, 32),
                        .skew_used = check_between(0, 1)};
    const int most_rows = size->rows;
    if (core.pe == PE_INT8X2)
        core.dataflow = OUTPUT_STATIONARY;
    const struct format widest = {FORMAT_INT, 8, true};
    int least = pe_descriptor(core.pe)->fusion(widest); /* two fuse */
    core.rows = (uint16_t)check_between(least, most_rows);
    core.columns = (uint16_t)check_between(least, most_rows);
    if (check_between(0, 1))
        core.fold_latency = (uint16_t)check_between(0, 5);
    if (check_between(0, 1))
        core.corner_latency = (uint16_t)check_between(0, 3);
    return core;
}

/* A second core, half of the time, whose PEs take the first's activations: none that fuse or
 * decode. */
__attribute__((unused)) static void random_second_core(const struct program_size *size,
                                                       struct arch *arch)
{
    const int pe = random_second_pe();
    if (check_between(0, 1))
        return;
    if (!takes_integers_alone(arch->cores[0].pe))
        return;
    arch->core_count = 2;
    do
        arch->cores[1] = random_core(size);
    while (arch->cores[1].dataflow != OUTPUT_STATIONARY && pe == PE_INT8X2);
    arch->cores[1].pe = (uint8_t)pe;
    arch->cores[1].accumulator_bits = arch->cores[0].accumulator_bits;
}

/* Half of the ports are wide enough never to stall the array. */
__attribute__((unused)) static void random_port(struct scratchpad_config *pad)
{
    bool is_wide = check_between(0, 1);
    pad->banks = (uint16_t)check_between(1, is_wide ? 4 : 8);
    pad->bank_bits = (uint16_t)(is_wide ? 1024 : check_between(4, 64));
}

__attribute__((unused)) static struct arch random_arch(const struct program_size *size)
{
    struct arch arch = {.name = "random",
                        .technology = "none",
                        .clock_khz = (uint32_t)check_between(100000, 2000000),
                        .core_count = 1,
                        .cores[0] = random_core(size),
                        .vector_lanes = (uint16_t)check_between(1, 16),
                        .vector_latency = (uint16_t)check_between(0, 5),
                        .dma_setup = (uint16_t)check_between(0, 10),
                        .dram = random_dram(30)};
    random_second_core(size, &arch);
    for (int pad = 0; pad < PAD_COUNT; pad++) {
        int most = check_between(size->pad_bytes_min, size->pad_bytes_max);
        int bytes =
            pad == PAD_PARAM ? 4 * PARAM_WORDS * RECORDS : check_between(size->pad_bytes_min, most);
        arch.pads[pad] = (struct scratchpad_config){.bytes = (uint32_t)bytes,
                                                    .double_buffered = check_between(0, 1)};
        random_port(&arch.pads[pad]);
    }
    return arch;
}

/* Codes of levels, or any: digits also add up to sums that no encoder writes. */
__attribute__((unused)) static uint8_t *random_codes(struct format format, uint32_t count)
{
    size_t size = (size_t)format_host_bytes(format);
    uint8_t *codes = calloc(count, size);
    const struct grid *grid = format_grid(format);
    bool any = check_between(0, 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = any ? (uint32_t)check_between(0, grid->code_count - 1)
                            : grid->codes[check_between(0, grid->count - 1)];
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

/* Of codes of up to 8 bits: the layer's own operands, or any; every fourth of signed digits, whose
 * codes also stand for what is no level. */
__attribute__((unused)) static struct format random_output(struct format act)
{
    struct format format = act;
    switch (check_between(0, 3)) {
    case 0:
        return (struct format){(uint8_t)check_between(FORMAT_RSD_EB1, FORMAT_RSD_EB2), 8, true};
    case 1:
        format = random_format();
        return format_code_bits(format) > 8 ? act : format;
    default:
        return act;
    }
}

/* What a second core multiplies the layer's activations by: often what lies in the scratchpad for
 * the first. Where it takes none of these activations there are no MATMULs for it. */
__attribute__((unused)) static struct format second_format(const struct program *program,
                                                           const struct program_layer *layer)
{
    const struct core *core = &program->arch.cores[1];
    struct format format = layer->weight_format;
    if (program->arch.core_count == 1)
        return (struct format){0};
    for (int i = 0; i < 2000; i++, format = random_format())
        if ((i || check_between(0, 1)) &&
            pe_descriptor(core->pe)->accepts(layer->act_format, format, NULL))
            return format;
    return (struct format){0};
}

/* Tensors and layers; tensors lie one after the other in DRAM. */
__attribute__((unused)) static void random_tensors(struct program *program,
                                                   const struct program_size *size)
{
    for (int l = 0; l < LAYERS; l++) {
        struct program_layer *layer = &program->layers[l];
        random_pair(program->arch.cores[0].pe, &layer->act_format, &layer->weight_format);
        if (l && check_between(0, 2)) { /* so that layers read what others wrote */
            layer->act_format = program->layers[0].act_format;
            layer->weight_format = program->layers[0].weight_format;
        }
        layer->second_weight_format = second_format(program, layer);
        layer->out_format = random_output(program->layers[0].act_format);
        layer->reduction = check_between(0, 3) ? 1 << 12 : UINT64_C(1) << 40;
        layer->output = (uint32_t)l + 1;
        program->tensors[l + 1].format = layer->out_format;
        program->tensors[ACTIVATIONS + 2 * l] = (struct dram_tensor){
            .kind = TENSOR_WEIGHTS,
            .format = layer->weight_format,
            .h = 1,
            .w = 1,
            .c = (uint32_t)size->weights,
            .values = random_codes(layer->weight_format, (uint32_t)size->weights)};
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
            tensor->h = (uint32_t)check_between(1, size->tensor_side);
            tensor->w = (uint32_t)check_between(1, size->tensor_side);
            tensor->c = (uint32_t)check_between(1, size->tensor_channels);
        }
        tensor->scale = 1;
        tensor->address = address;
        address += tensor_bytes(tensor) + (unsigned)check_between(0, 100);
    }
}

#endif
