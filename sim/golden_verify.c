/* Does the machine still compute what a golden file says? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/codes.h"
#include "sim/golden.h"
#include "sim/machine.h"
#include "sim/progress.h"

/* An array [images][h][w][c] of the tensor's codes. */
static bool fits(const struct array *array, const struct dram_tensor *tensor, int64_t images)
{
    size_t bytes = tensor_host_bytes(tensor);
    return array->rank == 4 && array->dims[0] == images && array->dims[1] == tensor->h &&
           array->dims[2] == tensor->w && array->dims[3] == tensor->c &&
           array_bytes(array) == (size_t)images * bytes;
}

static bool refuse(const struct array *array, const struct dram_tensor *tensor, struct err *err)
{
    char shape[128] = "";
    for (int i = 0; i < array->rank; i++) {
        size_t length = strlen(shape);
        snprintf(shape + length, sizeof shape - length, "%s%lld", i ? " x " : "",
                 (long long)array->dims[i]);
    }
    return err_set(err, "%s: is %s, but must be images x %u x %u x %u codes of %d bytes",
                   array->name, shape, tensor->h, tensor->w, tensor->c,
                   format_host_bytes(tensor->format));
}

/* Describe the first of the differing elements, and count them. */
static void describe(struct verdict *verdict, const struct dram_tensor *tensor, const char *name,
                     int image, const void *machine, const void *golden)
{
    size_t elements = tensor_elements(tensor), first = elements, differing = 0;
    for (size_t i = 0; i < elements; i++) {
        if (code_at(machine, tensor->format, i) == code_at(golden, tensor->format, i))
            continue;
        differing++;
        first = first < i ? first : i;
    }
    uint32_t c = (uint32_t)(first % tensor->c), pixel = (uint32_t)(first / tensor->c);
    snprintf(verdict->text, sizeof verdict->text,
             "%s: image %d, y %u, x %u, channel %u: machine %u, golden %u (%zu of %zu elements "
             "differ)",
             name, image, pixel / tensor->w, pixel % tensor->w, c,
             code_at(machine, tensor->format, first), code_at(golden, tensor->format, first),
             differing, elements);
    verdict->differs = true;
}

/* The layer's golden output; NULL where the file has none. */
static const struct array *output_array(const struct program *program, const struct npz *golden,
                                        uint32_t layer)
{
    char name[ARRAY_NAME_SIZE];
    golden_array_name(program, layer, "output", name);
    return npz_find(golden, name);
}

/* Every layer's output that the file holds must have the program's shape. */
static bool check_shapes(const struct program *program, const struct npz *golden,
                         const struct array *input, struct verdict *verdict, struct err *err)
{
    if (input->rank != 4 || input->dims[0] < 1 ||
        !fits(input, &program->tensors[program->input], input->dims[0]))
        return refuse(input, &program->tensors[program->input], err);
    verdict->images = (int)input->dims[0];
    for (uint32_t i = 0; i < program->layer_count; i++) {
        const struct array *array = output_array(program, golden, i);
        const struct dram_tensor *tensor = &program->tensors[program->layers[i].output];
        if (!array)
            continue;
        if (!fits(array, tensor, input->dims[0]))
            return refuse(array, tensor, err);
        verdict->layers++;
    }
    return verdict->layers ||
           err_set(err, "no array <layer>/output belongs to a layer of the program");
}

/* A code that no format has must not reach the machine. */
static bool check_codes(const struct array *input, const struct dram_tensor *tensor,
                        struct err *err)
{
    int bits = format_code_bits(tensor->format);
    size_t count = (size_t)array_elements(input);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = code_at(input->data, tensor->format, i);
        if (bits < 32 && code >> bits)
            return err_set(err, "input: element %zu is %u, but codes have %d bits", i, code, bits);
    }
    return true;
}

static void compare_image(const struct program *program, const struct npz *golden,
                          const struct machine *machine, int image, struct verdict *verdict)
{
    for (uint32_t i = 0; i < program->layer_count && !verdict->differs; i++) {
        const struct array *array = output_array(program, golden, i);
        const struct dram_tensor *tensor = &program->tensors[program->layers[i].output];
        size_t bytes = tensor_host_bytes(tensor);
        if (!array)
            continue;
        const void *wanted = (const char *)array->data + (size_t)image * bytes;
        const void *codes = machine_tensor(machine, program->layers[i].output);
        if (memcmp(wanted, codes, bytes))
            describe(verdict, tensor, array->name, image, codes, wanted);
    }
}

bool golden_verify(const struct program *program, const struct npz *golden, struct verdict *verdict,
                   struct err *err)
{
    memset(verdict, 0, sizeof *verdict);
    const struct dram_tensor *tensor = &program->tensors[program->input];
    const struct array *input = npz_find(golden, "input");
    if (!program->has_values)
        return err_set(err, "the program has no weights (timing only): nothing to verify");
    if (!input)
        return err_set(err, "no array \"input\"");
    if (!check_shapes(program, golden, input, verdict, err) || !check_codes(input, tensor, err))
        return false;
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    if (!machine)
        return err_set(err, "not enough memory for the machine");
    for (int image = 0; image < verdict->images && !verdict->differs; image++) {
        if (interrupt_pending())
            break;
        size_t bytes = tensor_host_bytes(tensor);
        machine_run_values(machine, (const char *)input->data + (size_t)image * bytes);
        compare_image(program, golden, machine, image, verdict);
    }
    machine_free(machine);
    return !interrupt_pending() || err_set(err, "interrupted");
}
